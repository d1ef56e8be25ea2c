"""Headroom on Broadcom Tomahawk 4 and 5: how it grows with the cable is exact, what it is without one is a fit.

A byte on the cable is a byte of 64-byte frames with preamble and gap (84 bytes), each of which takes a cell of its own. That
slope reproduces published tables within 0.1 percent. Where a platform has a table, its rows are the better start.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from podwright.catalog import Asic
from podwright.design.headroom.records import PORT_MTU, Headroom, Question, exactly, spelt, term

TABLES = "read from tables of SONiC, https://github.com/sonic-net/sonic-buildimage/tree/master/device/dell"
CABLE_NS_PER_M = 5
SMALLEST_ON_THE_WIRE = 84
"""Bytes: a frame of 64, its preamble and the gap behind it."""

FITTED_FROM = 100
"""Gb/s; tables share rows between slower speeds."""


def slope(asic: Asic, mbps: int) -> Fraction:
    """Bytes of headroom for each metre of cable."""
    return 2 * CABLE_NS_PER_M * Fraction(mbps, 1000) / 8 * Fraction(asic.cell_bytes, SMALLEST_ON_THE_WIRE)


def broadcom(asic: Asic, question: Question, lanes: int) -> Headroom:
    """xoff from the fit and the slope, xon and the reserved size as platforms set them, all in bytes."""
    gbps, metres = Fraction(question.mbps, 1000), exactly(question.metres)
    percent = asic.fit_percent if gbps > asic.fit_above else 0
    start = (asic.fit_bytes + asic.fit_bytes_per_gbps * gbps) * (1 + Fraction(percent, 100))
    each = slope(asic, question.mbps)
    xoff = ceil(start + each * metres)
    higher = f" + {percent}%" if percent else ""
    terms = (
        term(
            "xoff without a cable",
            start,
            "B",
            f"{asic.fit_bytes} + {asic.fit_bytes_per_gbps} x {spelt(gbps)} Gb/s{higher}",
            TABLES,
        ),
        term(
            "xoff for each metre",
            each,
            "B/m",
            f"2 x {CABLE_NS_PER_M} ns/m x {spelt(gbps)} Gb/s / 8 x {asic.cell_bytes} / {SMALLEST_ON_THE_WIRE}",
            TABLES,
        ),
        term("xoff", xoff, "B", f"{spelt(start)} + {spelt(each)} x {spelt(metres)} m, rounded up", TABLES),
        term("xon", asic.xon_bytes, "B", str(asic.xon_bytes), TABLES),
        term("xon offset", asic.xon_offset_bytes, "B", str(asic.xon_offset_bytes), TABLES),
        term(
            "size",
            asic.reserved_bytes,
            "B",
            f"{asic.reserved_bytes} reserved; xoff is taken from the headroom pool",
            TABLES,
        ),
    )
    return Headroom(
        xoff,
        asic.xon_bytes,
        asic.xon_offset_bytes,
        asic.reserved_bytes,
        "broadcom",
        lanes,
        terms,
        _notes(question, gbps),
    )


def _notes(question: Question, gbps: Fraction) -> tuple[str, ...]:
    notes = ["a fit to published tables: a table of the platform itself goes before it (--table)"]
    if gbps < FITTED_FROM:
        notes.append(f"it was read from {FITTED_FROM} Gb/s on; below, platforms share rows between speeds")
    if question.port_mtu > PORT_MTU:
        notes.append(f"it was read from tables for frames of {PORT_MTU} bytes, and larger ones need more")
    if question.peer_response_bytes is not None or question.gearbox_ns:
        notes.append("it has no term for the peer's response and gearboxes, so what was asked of them is not in it")
    return tuple(notes)
