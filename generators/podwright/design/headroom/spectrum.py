"""Headroom on NVIDIA Spectrum as SONiC's dynamic buffer model computes it.

Computed with fractions, not with the floating point of SONiC's script: the two differ at most where the exact sum is a
multiple of 1024 bytes.

Source: sonic-swss, cfgmgr/buffer_headroom_mellanox.lua; sonic-buildimage, platform/mellanox/asic_table.j2.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

from msgspec.structs import replace

from podwright.catalog import Asic
from podwright.design.headroom.quanta import PAUSE_QUANTA, QUANTA_SOURCE, QUANTUM_BITS
from podwright.design.headroom.records import Headroom, Question, exactly, spelt, term
from podwright.model.design.lossless import Term

SCRIPT = "SONiC, https://github.com/sonic-net/sonic-swss/blob/master/cfgmgr/buffer_headroom_mellanox.lua"
ASIC_TABLE = "SONiC, https://github.com/sonic-net/sonic-buildimage/blob/master/platform/mellanox/asic_table.j2"
COMPENSATED = "SONiC, https://github.com/sonic-net/sonic-swss/pull/4757"
EXTRA = "SONiC, https://github.com/sonic-net/sonic-swss/pull/4797"
WRITTEN = "as asked"

KIB = 1024
"""Bytes; xoff, xon and size are rounded up to whole KiB."""

LIGHT_M_S = 198_000_000
"""Metres a second in fibre."""

SMALLEST_PACKET = 64
"""Bytes."""

COMPENSATION_BYTES = 2048
"""Added where few small packets leave less than the worst case would, and there is no pool to take from."""

MAC_PHY_KIB = Fraction("0.8")
"""What is held in MAC and PHY when the pause frame is made."""

PEER_RESPONSE_KIB = Fraction("3.8")
"""What the peer still sends where no pause quanta are known."""

EIGHT_LANES = 8

ARITHMETICS = {
    "published": "the arithmetic of the tables that SONiC ships for NVIDIA's platforms",
    "current": "the dynamic buffer model of current SONiC",
}


class _Sum(NamedTuple):
    """The terms of xoff, exact: `worst` and `occupancy` are ratios, `share` is in percent, the rest bytes."""

    worst: Fraction
    share: Fraction
    occupancy: Fraction
    parts: list[tuple[Term, Fraction]]
    propagation: Fraction
    xoff: Fraction


def spectrum(asic: Asic, question: Question, lanes: int) -> Headroom:
    """xoff, xon and size of a lossless priority group, in bytes."""
    eight = lanes >= EIGHT_LANES
    exact = _sum(asic, question)
    added, extra = _compensation(question, exact), asic.extra_xoff_bytes
    xoff = _whole_kib(exact.xoff) + added + extra
    latency, xon = _latency(asic, question, eight)
    overhead = question.port_mtu if eight else 0
    unrounded = exact.xoff + added + extra + latency + overhead
    size = xon if question.shared_headroom_pool else _size(question, xoff + xon + overhead, unrounded)
    terms = (
        *_terms_of_xoff(asic, question, exact),
        *_terms_added(asic, question, exact, added),
        term("xoff", xoff, "B", _plus(f"{spelt(exact.xoff)} rounded up to {KIB}", added, extra), SCRIPT),
        term("xon", xon, "B", _formula_of_xon(asic, question, eight), ASIC_TABLE),
        term("size", size, "B", _formula_of_size(question, xoff, xon, overhead, unrounded), SCRIPT),
    )
    return Headroom(xoff, xon, 0, size, "spectrum", lanes, terms, tuple(_notes(asic, question, xoff)))


def _sum(asic: Asic, question: Question) -> _Sum:
    worst, share = _worst_case(asic, question), _share_of_small(question)
    occupancy = (100 - share + share * worst) / 100
    parts = _propagation(asic, question)
    propagation = sum((part for _, part in parts), Fraction(0))
    return _Sum(worst, share, occupancy, parts, propagation, question.lossless_mtu + propagation * occupancy)


def published(asic: Asic, question: Question) -> Question:
    """Asked as the tables of NVIDIA's platforms answer: sums rounded once, no compensation, and on chips with cells of more
    than two packets that are no multiple of one (144 bytes) cells in fractions.
    """
    whole = asic.cell_bytes <= 2 * SMALLEST_PACKET or asic.cell_bytes % SMALLEST_PACKET == 0
    return replace(question, ceil_worst_case=whole, compensation=False, size_rounded_once=True)


def current(question: Question) -> Question:
    """Asked as the dynamic buffer model of current SONiC answers: cells and terms rounded up, and the compensation."""
    return replace(question, ceil_worst_case=True, compensation=True, size_rounded_once=False)


def _worst_case(asic: Asic, question: Question) -> Fraction:
    """How many times its own size the smallest packet takes in cells.

    Up to two packets long, a cell is compared with the packet that just does not fit it; that ratio was always rounded.
    """
    cell = asic.cell_bytes
    if cell > 2 * SMALLEST_PACKET:
        exact = Fraction(cell, SMALLEST_PACKET)
        return Fraction(ceil(exact)) if question.ceil_worst_case else exact
    return Fraction(ceil(Fraction(2 * cell, 1 + cell)))


def _share_of_small(question: Question) -> Fraction:
    """Small packets in percent of the bytes, from their percentage of the packets."""
    small = exactly(question.small_packets)
    mean = (small * SMALLEST_PACKET + (100 - small) * question.lossless_mtu) / 100
    return 100 * SMALLEST_PACKET / mean


def _propagation(asic: Asic, question: Question) -> list[tuple[Term, Fraction]]:
    """What the peer still sends, part by part, with the exact bytes of each."""
    metres, mbps = exactly(question.metres), question.mbps
    cable = 2 * metres * mbps * 1_000_000 / Fraction(LIGHT_M_S) / 8
    gearbox = 2 * mbps * exactly(question.gearbox_ns) / (8 * KIB)
    tile = Fraction(mbps, 1000) * asic.tile_delay_ns / 8
    named = [
        ("port MTU", Fraction(question.port_mtu), str(question.port_mtu), WRITTEN),
        ("cable, both ways", cable, f"2 x {spelt(metres)} m x {mbps} Mb/s / {LIGHT_M_S // 10**6} m/us / 8", SCRIPT),
        (
            "gearboxes, both",
            gearbox,
            f"2 x {mbps} Mb/s x {spelt(exactly(question.gearbox_ns))} ns / (8 x {KIB})",
            SCRIPT,
        ),
        ("MAC and PHY", MAC_PHY_KIB * KIB, f"{float(MAC_PHY_KIB)} x {KIB}", ASIC_TABLE),
        ("response of the peer", *_response(question)),
        ("tiles", tile, f"{spelt(Fraction(mbps, 1000))} Gb/s x {asic.tile_delay_ns} ns / 8", SCRIPT),
    ]
    return [(term(name, value, "B", formula, source), value) for name, value, formula, source in named if value]


def _response(question: Question) -> tuple[Fraction, str, str]:
    if question.peer_response_bytes is not None:
        return Fraction(question.peer_response_bytes), str(question.peer_response_bytes), WRITTEN
    if question.pause_quanta and question.mbps in PAUSE_QUANTA:
        quanta = PAUSE_QUANTA[question.mbps]
        return Fraction(quanta * QUANTUM_BITS, 8), f"{quanta} quanta x {QUANTUM_BITS} bit / 8", QUANTA_SOURCE
    return PEER_RESPONSE_KIB * KIB, f"{float(PEER_RESPONSE_KIB)} x {KIB}", ASIC_TABLE


def _compensation(question: Question, exact: _Sum) -> int:
    """2 KiB where even with them xoff stays below what small packets alone would need."""
    if not question.compensation or question.shared_headroom_pool or question.small_packets == 100:
        return 0
    return COMPENSATION_BYTES if _whole_kib(exact.xoff) + COMPENSATION_BYTES < _of_small_alone(question, exact) else 0


def _of_small_alone(question: Question, exact: _Sum) -> int:
    return _whole_kib(question.lossless_mtu + exact.propagation * exact.worst)


def _latency(asic: Asic, question: Question, eight: bool) -> tuple[Fraction, int]:
    """The latency of the pipeline before it is rounded, and xon; a port of eight lanes has two pipelines' worth."""
    pipelines = 2 if eight else 1
    exact = Fraction(asic.pipeline_latency_bytes or asic.pipeline_latency_kib * KIB)
    return exact * pipelines, asic.pipeline_latency_kib * KIB * pipelines - _less(question, eight)


def _less(question: Question, eight: bool) -> int:
    """Before 2024 xon of eight lanes was 1 KiB less, and cells were counted in fractions."""
    return KIB if eight and not question.ceil_worst_case else 0


def _size(question: Question, rounded: int, unrounded: Fraction) -> int:
    return _whole_kib(unrounded if question.size_rounded_once else Fraction(rounded))


def _whole_kib(value: Fraction) -> int:
    return ceil(value / KIB) * KIB


def _terms_of_xoff(asic: Asic, question: Question, exact: _Sum) -> list[Term]:
    cell, small = asic.cell_bytes, spelt(exactly(question.small_packets))
    ratio = f"{cell} / {SMALLEST_PACKET}" if cell > 2 * SMALLEST_PACKET else f"2 x {cell} / (1 + {cell})"
    rounded = " rounded up" if cell <= 2 * SMALLEST_PACKET or question.ceil_worst_case else ""
    mean = f"({small} x {SMALLEST_PACKET} + (100 - {small}) x {question.lossless_mtu}) / 100"
    share, occupancy, propagation = spelt(exact.share), spelt(exact.occupancy), spelt(exact.propagation)
    return [
        term("cells to bytes of the smallest packet", exact.worst, "", f"{ratio}{rounded}", SCRIPT),
        term("small packets by bytes", exact.share, "%", f"100 x {SMALLEST_PACKET} / ({mean})", SCRIPT),
        term(
            "buffer to bytes on the wire",
            exact.occupancy,
            "",
            f"(100 - {share} + {share} x {spelt(exact.worst)}) / 100",
            SCRIPT,
        ),
        *(part for part, _ in exact.parts),
        term("propagation", exact.propagation, "B", " + ".join(spelt(part) for _, part in exact.parts), SCRIPT),
        term("lossless MTU", question.lossless_mtu, "B", str(question.lossless_mtu), WRITTEN),
        term("xoff before rounding", exact.xoff, "B", f"{question.lossless_mtu} + {propagation} x {occupancy}", SCRIPT),
    ]


def _terms_added(asic: Asic, question: Question, exact: _Sum, added: int) -> list[Term]:
    terms = []
    if added:
        most = _of_small_alone(question, exact)
        formula = f"{added}, for {_whole_kib(exact.xoff)} + {added} < {most} of small packets alone"
        terms.append(term("compensation", added, "B", formula, COMPENSATED))
    if asic.extra_xoff_bytes:
        terms.append(term("extra of the chip", asic.extra_xoff_bytes, "B", str(asic.extra_xoff_bytes), EXTRA))
    return terms


def _plus(formula: str, *summands: int) -> str:
    return " + ".join([formula, *(str(each) for each in summands if each)])


def _formula_of_xon(asic: Asic, question: Question, eight: bool) -> str:
    formula = f"{asic.pipeline_latency_kib} x {KIB}" + (" x 2 for eight lanes" if eight else "")
    return f"{formula} - {KIB}" if _less(question, eight) else formula


def _formula_of_size(question: Question, xoff: int, xon: int, overhead: int, unrounded: Fraction) -> str:
    if question.shared_headroom_pool:
        return f"xon, {xon}: xoff is taken from the shared headroom pool"
    if question.size_rounded_once:
        return f"{spelt(unrounded)}, the sum before rounding, rounded up to {KIB}"
    return f"{_plus(f'{xoff} + {xon}', overhead)} rounded up to {KIB}"


def _notes(asic: Asic, question: Question, xoff: int) -> list[str]:
    notes = []
    if question.pause_quanta and question.peer_response_bytes is None and question.mbps not in PAUSE_QUANTA:
        notes.append(
            f"no pause quanta are known for {question.mbps} Mb/s, so the peer's response is SONiC's {float(PEER_RESPONSE_KIB)} KiB;"
            " faster ports have more under way: give --peer-response where the peer's document states it"
        )
    for name, other in (("published", published(asic, question)), ("current", current(question))):
        value = _whole_kib(_sum(asic, other).xoff) + _compensation(other, _sum(asic, other)) + asic.extra_xoff_bytes
        if value != xoff and other != question:
            notes.append(f"{ARITHMETICS[name]} has xoff {value} (--arithmetic {name})")
    limit = asic.port_headroom_limit_kib * KIB
    if limit and xoff > limit:
        notes.append(f"xoff of one priority exceeds the {limit} bytes of headroom that a port of this chip may have")
    return notes
