"""What is asked of the arithmetic of PFC headroom, and what it answers: bytes, and every term that they are the sum of."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from podwright.model.design.lossless import Term

PORT_MTU = 9216
"""Bytes. The largest frame that a port sends; published tables are computed with it."""

LOSSLESS_MTU = 1024
"""Bytes. SONiC's LOSSLESS_TRAFFIC_PATTERN; RoCE with a path MTU of 4096 has frames of about 4150."""

SMALL_PACKETS = 50
"""Percent of packets that have 64 bytes, SONiC's LOSSLESS_TRAFFIC_PATTERN."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A port: `mbps` in Mb/s as SONiC counts, `metres` of cable to its peer, sizes in bytes, small packets in percent.

    `pause_quanta` takes the peer's response from IEEE 802.3 by speed, else it is SONiC's 3.8 KiB; `peer_response_bytes`
    overrides both. `gearbox_ns` is the delay of one gearbox, `lanes` 0 those that the chip needs for the speed.

    With `shared_headroom_pool` xoff comes from a pool, so that the size of the priority group is its xon alone. The rest
    tells apart what has computed a value: `ceil_worst_case` and `compensation` as SONiC does since 2024 and 2026, and
    `size_rounded_once` as published tables do, whose sizes are not sums of rounded values.
    """

    mbps: int
    metres: float
    port_mtu: int = PORT_MTU
    lossless_mtu: int = LOSSLESS_MTU
    small_packets: float = SMALL_PACKETS
    pause_quanta: bool = True
    peer_response_bytes: int | None = None
    gearbox_ns: float = 0
    lanes: int = 0
    shared_headroom_pool: bool = False
    ceil_worst_case: bool = True
    compensation: bool = True
    size_rounded_once: bool = False


class Headroom(msgspec.Struct, frozen=True):
    """Bytes of one lossless priority group: what still arrives after it paused the sender (`xoff_bytes`), the threshold
    below which it resumes (`xon_bytes`, or `xon_offset_bytes` below the pause threshold), and what it reserves in all
    (`size_bytes`, as SONiC's buffer profiles have it). `notes` are limits of the answer."""

    xoff_bytes: int
    xon_bytes: int
    xon_offset_bytes: int
    size_bytes: int
    formula: str
    lanes: int
    terms: tuple[Term, ...]
    notes: tuple[str, ...] = ()


def exactly(number: float) -> Fraction:
    """The decimal that a person wrote, not the binary number next to it: 0.8 is 4/5."""
    return Fraction(str(number))


def spelt(value: Fraction | int) -> str:
    """A number in a formula: whole as it is, else with at most four decimals."""
    exact = Fraction(value)
    return str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.4f}".rstrip("0")


def term(name: str, value: Fraction | int, unit: str, formula: str, source: str) -> Term:
    """A term whose value is a whole number where it is one."""
    exact = Fraction(value)
    return Term(name, exact.numerator if exact.denominator == 1 else round(float(exact), 4), unit, formula, source)
