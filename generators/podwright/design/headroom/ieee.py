"""Headroom from the delays that IEEE 802.1Qbb counts, for chips whose own arithmetic is not published.

All of them are bit times at the port's speed: the frame that the pause frame has to wait for, the pause frame, the cable
both ways, both interfaces, the peer's response, and the frame that it has begun.

Source: IEEE 802.1Q, annex on PFC (802.1Qbb); numbers as in "Detecting, Troubleshooting, and Preventing Congestion in Storage
Networks" (Cisco Press), chapter 7.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from podwright.catalog import Asic
from podwright.design.headroom.quanta import PAUSE_QUANTA, QUANTA_SOURCE, QUANTUM_BITS
from podwright.design.headroom.records import Headroom, Question, exactly, spelt, term
from podwright.model.design.lossless import Term

BOOK = (
    "IEEE 802.1Qbb by Cisco Press, "
    "https://www.besthub.dev/articles/how-to-compute-headroom-for-lossless-ethernet-links-part-2-6f1dc894e989"
)
WRITTEN = "as asked"

GAP_BITS = 96 + 64
"""The gap between frames, and the preamble."""

PAUSE_FRAME_BITS = 512 + GAP_BITS

CABLE_NS_PER_M = 5

INTERFACE_BITS = {10_000: 8192, 25_000: 6144, 40_000: 24576, 100_000: 122880}
"""Delay of one interface by speed in Mb/s, IEEE 802.3."""

SLOWEST_INTERFACE_NS = Fraction(INTERFACE_BITS[100_000], 100)
"""The longest of them as time, for speeds that the book does not name."""

RESPONSE_BITS = {speed: quanta * QUANTUM_BITS for speed, quanta in PAUSE_QUANTA.items()} | {10_000: 30720}
"""The book's numbers are the pause quanta but for 10 Gb/s, where the standard has 60."""


def ieee(asic: Asic, question: Question, lanes: int) -> Headroom:
    """xoff in bytes; a resume threshold is none of the standard's business, and stays 0."""
    parts = _parts(question)
    xoff = ceil(sum((bits for _, bits in parts), Fraction(0)) / 8)
    terms = (
        *(part for part, _ in parts),
        term("xoff", xoff, "B", f"({' + '.join(spelt(bits) for _, bits in parts)}) / 8, rounded up", BOOK),
        term("size", xoff, "B", f"xoff, {xoff}", BOOK),
    )
    return Headroom(xoff, 0, 0, xoff, "ieee", lanes, terms, tuple(_notes(asic, question)))


def _parts(question: Question) -> list[tuple[Term, Fraction]]:
    """The delays, with the exact bits of each."""
    gbps = Fraction(question.mbps, 1000)
    metres, gearbox = exactly(question.metres), exactly(question.gearbox_ns)
    interface, source = _interface(question.mbps, gbps)
    response, formula, origin = _response(question, gbps)
    cable = 2 * metres * CABLE_NS_PER_M * gbps
    named = [
        ("largest frame", Fraction(_frame(question.port_mtu)), f"{question.port_mtu} x 8 + {GAP_BITS}", BOOK),
        ("pause frame", Fraction(PAUSE_FRAME_BITS), f"64 x 8 + {GAP_BITS}", BOOK),
        ("cable, both ways", cable, f"2 x {spelt(metres)} m x {CABLE_NS_PER_M} ns/m x {spelt(gbps)} Gb/s", BOOK),
        ("interfaces, both", 2 * interface, f"2 x {spelt(interface)}{source}", BOOK),
        ("gearboxes, both", 2 * gearbox * gbps, f"2 x {spelt(gearbox)} ns x {spelt(gbps)} Gb/s", WRITTEN),
        ("response of the peer", response, formula, origin),
        (
            "largest lossless frame",
            Fraction(_frame(question.lossless_mtu)),
            f"{question.lossless_mtu} x 8 + {GAP_BITS}",
            BOOK,
        ),
    ]
    return [(term(name, bits, "bit", formula, source), bits) for name, bits, formula, source in named if bits]


def _frame(size: int) -> int:
    return size * 8 + GAP_BITS


def _interface(mbps: int, gbps: Fraction) -> tuple[Fraction, str]:
    if mbps in INTERFACE_BITS:
        return Fraction(INTERFACE_BITS[mbps]), ""
    return SLOWEST_INTERFACE_NS * gbps, f" ({float(SLOWEST_INTERFACE_NS):g} ns as at 100 Gb/s)"


def _response(question: Question, gbps: Fraction) -> tuple[Fraction, str, str]:
    if question.peer_response_bytes is not None:
        return Fraction(question.peer_response_bytes * 8), f"{question.peer_response_bytes} x 8", WRITTEN
    if question.mbps in RESPONSE_BITS:
        bits = RESPONSE_BITS[question.mbps]
        return Fraction(bits), f"{bits // QUANTUM_BITS} quanta x {QUANTUM_BITS}", QUANTA_SOURCE
    fastest = max(RESPONSE_BITS)
    return (
        RESPONSE_BITS[fastest] * gbps * 1000 / fastest,
        f"{RESPONSE_BITS[fastest]} x {question.mbps} / {fastest}",
        QUANTA_SOURCE,
    )


def _notes(asic: Asic, question: Question) -> list[str]:
    notes = [f"the arithmetic of {asic.title} is not published: these are the standard's delays, in bytes on the wire"]
    if not asic.cell_bytes:
        notes.append("its cell is not known: packets smaller than a cell take more of the buffer than these bytes")
    if question.mbps not in INTERFACE_BITS:
        notes.append(
            f"no interface delay is published for {question.mbps} Mb/s: the longest known one stands in for it"
        )
    notes.append("the standard sets no xon: take the platform's own")
    return notes
