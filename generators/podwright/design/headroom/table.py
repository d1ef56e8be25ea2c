"""A platform's own table of headroom: SONiC's pg_profile_lookup.ini, and what it says of a speed and a cable.

SONiC's traditional buffer model finds a profile by the speed and the cable length that are configured, and knows no row
between two. Columns: speed in Mb/s, cable, size, xon, xoff, threshold, and on some chips xon_offset.

Source: https://github.com/sonic-net/sonic-swss/blob/master/cfgmgr/buffermgr.cpp
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import msgspec

from podwright.catalog import Asic
from podwright.design.headroom.broadcom import slope
from podwright.design.headroom.records import Question, exactly

_CABLE = re.compile(r"\d{1,6}(\.\d{1,3})?m")
_BYTES = re.compile(r"\d{1,12}")
_THRESHOLD = re.compile(r"-?\d{1,12}")
_COLUMNS = ("speed", "cable", "size", "xon", "xoff", "threshold", "xon_offset")
_NEEDED = 6
_GROWS = 1024
"""Bytes on a cable that a table rounded to KiB must show."""
_NS_PER_M = 5


class Row(msgspec.Struct, frozen=True):
    """A row: `line` of the file, speed in Mb/s, metres, and bytes."""

    line: int
    mbps: int
    metres: float
    size_bytes: int
    xon_bytes: int
    xoff_bytes: int
    xon_offset_bytes: int = 0


class Parsed(NamedTuple):
    """The rows in the order of the file, and a sentence for each line that is none."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


class Lookup(msgspec.Struct, frozen=True):
    """What a table says of a port.

    `row` is that of its speed and cable, `longer` the shortest longer one of its speed, `below` the longest shorter one.
    `need_bytes` is `below` and the cable beyond it by the slope of Broadcom's chips, 0 where that is not known.
    `placeholder` are the lines of two rows whose xoff does not grow with the cable, empty where it does.
    """

    row: Row | None
    longer: Row | None
    below: Row | None
    need_bytes: int
    placeholder: tuple[int, ...]

    @property
    def taken(self) -> Row | None:
        """The row that SONiC can use for the port: its own, or the next longer one where the length is written so."""
        return self.row or self.longer


def parse(text: str) -> Parsed:
    """The rows of a pg_profile_lookup.ini. A file without a row, and two rows of one speed and cable, are problems too."""
    rows: dict[tuple[int, float], Row] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.partition("#")[0].split()
        if not cells:
            continue
        if wrong := next(_wrong(cells), ""):
            problems.append(f"line {number}: {wrong}")
            continue
        row = _row(number, cells)
        known = rows.setdefault((row.mbps, row.metres), row)
        if known is not row:
            problems.append(f"line {number}: {row.mbps} and {cells[1]} are in line {known.line} already")
    if not rows and not problems:
        problems.append("it has no rows")
    return Parsed(tuple(rows.values()), tuple(problems))


def look_up(rows: tuple[Row, ...], asic: Asic, question: Question) -> Lookup:
    """What these rows say of the port."""
    own = sorted((row for row in rows if row.mbps == question.mbps), key=lambda row: row.metres)
    shorter = [row for row in own if row.metres < question.metres]
    below = shorter[-1] if shorter else None
    return Lookup(
        row=next((row for row in own if row.metres == question.metres), None),
        longer=next((row for row in own if row.metres > question.metres), None),
        below=below,
        need_bytes=_need(below, asic, question) if below and asic.headroom == "broadcom" else 0,
        placeholder=_placeholder(own),
    )


def _wrong(cells: list[str]) -> Iterator[str]:
    if not _NEEDED <= len(cells) <= len(_COLUMNS):
        yield f"it has {len(cells)} columns, and a row has {_NEEDED} or {len(_COLUMNS)}: {' '.join(_COLUMNS)}"
        return
    for name, cell in zip(_COLUMNS, cells, strict=False):
        shape = {"cable": _CABLE, "threshold": _THRESHOLD}.get(name, _BYTES)
        if not shape.fullmatch(cell):
            like = {"cable": "metres, as 40m", "speed": "a speed in Mb/s, as 400000"}.get(name, "a whole number")
            yield f"{name} is `{cell[:40]}`, and must be {like}"


def _row(number: int, cells: list[str]) -> Row:
    speed, size, xon, xoff = (int(cells[place]) for place in (0, 2, 3, 4))
    offset = int(cells[_NEEDED]) if len(cells) > _NEEDED else 0
    return Row(number, speed, float(cells[1].removesuffix("m")), size, xon, xoff, offset)


def _need(below: Row, asic: Asic, question: Question) -> int:
    return ceil(below.xoff_bytes + slope(asic, question.mbps) * (exactly(question.metres) - exactly(below.metres)))


def _placeholder(own: list[Row]) -> tuple[int, ...]:
    """Two rows that differ by a length of cable which holds more than rounding hides, and not in xoff."""
    pairs = ((short, long) for place, short in enumerate(own) for long in own[place + 1 :])
    flat = (
        (short.line, long.line)
        for short, long in pairs
        if long.xoff_bytes <= short.xoff_bytes and _on_cable(short.mbps, long.metres - short.metres) > _GROWS
    )
    return next(flat, ())


def _on_cable(mbps: int, metres: float) -> Fraction:
    """Bytes on so much cable, both ways."""
    return 2 * exactly(metres) * _NS_PER_M * mbps / 8000
