"""PFC headroom: what a port must still take in after it has told its peer to pause, in bytes, with every term of the sum.

`headroom(asic, question)` is a pure function. The catalogue's entry of the chip says by which formula: SONiC's for NVIDIA
Spectrum, a fit with an exact slope for Broadcom Tomahawk 4 and 5, the delays of IEEE 802.1Qbb for any other.
"""

from __future__ import annotations

from collections.abc import Callable

from podwright.catalog import Asic
from podwright.design.headroom.broadcom import broadcom, slope
from podwright.design.headroom.ieee import ieee
from podwright.design.headroom.records import LOSSLESS_MTU, PORT_MTU, SMALL_PACKETS, Headroom, Question
from podwright.design.headroom.spectrum import current, published, spectrum
from podwright.design.headroom.table import Lookup, Parsed, Row, Tabled, look_up, parse, tabled
from podwright.model.design.lossless import Term

__all__ = [
    "LOSSLESS_MTU",
    "PORT_MTU",
    "SMALL_PACKETS",
    "Headroom",
    "Lookup",
    "Parsed",
    "Question",
    "Row",
    "Tabled",
    "Term",
    "current",
    "headroom",
    "lanes_of",
    "look_up",
    "parse",
    "published",
    "slope",
    "tabled",
]

_FORMULAS: dict[str, Callable[[Asic, Question, int], Headroom]] = {
    "spectrum": spectrum,
    "broadcom": broadcom,
    "ieee": ieee,
}


def headroom(asic: Asic, question: Question) -> Headroom:
    """The headroom of a lossless priority group of a port of this chip. Bytes; never raises for a sound entry."""
    return _FORMULAS[asic.headroom](asic, question, question.lanes or lanes_of(asic, question.mbps))


def lanes_of(asic: Asic, mbps: int) -> int:
    """The fewest lanes that carry this speed on the chip: 400 Gb/s take 8 on Spectrum-3, 4 on Spectrum-4.

    A port may have more: a whole cage that runs slower than it could keeps its lanes.
    """
    return 1 << max(-(-mbps // (asic.lane * 1000)) - 1, 0).bit_length()
