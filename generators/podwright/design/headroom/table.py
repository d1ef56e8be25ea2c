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
from msgspec.structs import replace

from podwright.catalog import Asic
from podwright.design.headroom.broadcom import slope
from podwright.design.headroom.records import Headroom, Question, exactly

_CABLE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?m")
_BYTES = re.compile(r"[0-9]{1,12}")
_THRESHOLD = re.compile(r"-?[0-9]{1,12}")
_COLUMNS = ("speed", "cable", "size", "xon", "xoff", "threshold", "xon_offset")
_NEEDED = 6
_GROWS = 1024
"""Bytes on a cable that a table rounded to KiB must show."""
_NS_PER_M = 5


class Row(msgspec.Struct, frozen=True):
    """A row: `line` of the file, speed in Mb/s, metres, and bytes. `instead_of` is the line of an earlier row of the same speed
    and cable that has other numbers, 0 where there is none.
    """

    line: int
    mbps: int
    metres: float
    size_bytes: int
    xon_bytes: int
    xoff_bytes: int
    xon_offset_bytes: int = 0
    instead_of: int = 0


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


class Tabled(msgspec.Struct, frozen=True):
    """The answer of a table, in bytes as Headroom has them. `source` says which line, `notes` what speaks against it."""

    xoff_bytes: int
    xon_bytes: int
    xon_offset_bytes: int
    size_bytes: int
    source: str
    notes: tuple[str, ...]
    lookup: Lookup


def parse(text: str) -> Parsed:
    """The rows of a pg_profile_lookup.ini. A file without a row is a problem too.

    Of two rows of one speed and cable the last holds, as SONiC reads them.
    """
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
        known = rows.pop((row.mbps, row.metres), row)
        rows[row.mbps, row.metres] = replace(row, instead_of=_overruled(known, row))
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


def tabled(lookup: Lookup, computed: Headroom, question: Question, name: str) -> Tabled:
    """What holds for the port: its row, else the next longer one, else what is computed from the row below or the formula.

    `name` is that of the file. A table that gives less than the formula, or does not grow with the cable, is said to.
    """
    row = lookup.row or lookup.longer
    notes = [*_absence(lookup, question), *_placeholders(lookup), *_twice(row)]
    if row is None:
        xoff = lookup.need_bytes or computed.xoff_bytes
        source = (
            f"{name} line {lookup.below.line} and the cable beyond it" if lookup.need_bytes and lookup.below else ""
        )
        return _as_computed(
            computed, xoff, source or f"the formula, for {name} has no row that is long enough", notes, lookup
        )
    if row.xoff_bytes < computed.xoff_bytes:
        short = computed.xoff_bytes - row.xoff_bytes
        notes.append(
            f"the table is shorter than the formula: xoff {row.xoff_bytes} is {short} bytes below {computed.xoff_bytes}"
        )
    if lookup.row is None and lookup.need_bytes and lookup.below:
        notes.append(f"the row of {_metres(lookup.below)} and the cable beyond it need {lookup.need_bytes} bytes")
    source = f"{name} line {row.line}" + ("" if lookup.row else f", the next longer row: {_metres(row)}")
    return Tabled(row.xoff_bytes, row.xon_bytes, row.xon_offset_bytes, row.size_bytes, source, tuple(notes), lookup)


def _as_computed(computed: Headroom, xoff: int, source: str, notes: list[str], lookup: Lookup) -> Tabled:
    """The formula's answer with another xoff; of a size that holds xoff, the rest stays."""
    below = lookup.below if lookup.need_bytes else None
    return Tabled(
        xoff,
        below.xon_bytes if below else computed.xon_bytes,
        below.xon_offset_bytes if below else computed.xon_offset_bytes,
        below.size_bytes if below else computed.size_bytes,
        source,
        tuple(notes),
        lookup,
    )


def _absence(lookup: Lookup, question: Question) -> list[str]:
    if lookup.row:
        return []
    missing = f"the table has no row for {question.mbps} Mb/s and {question.metres:g} m"
    if lookup.longer:
        return [
            f"{missing}, so SONiC's traditional buffer model makes no lossless profile for that length: "
            f"write the cable as {_metres(lookup.longer).replace(' ', '')}, the next longer row, or add a row"
        ]
    return [
        f"{missing} or longer, so SONiC's traditional buffer model makes no lossless profile and the port has no headroom: "
        "add a row"
    ]


def _placeholders(lookup: Lookup) -> list[str]:
    if not lookup.placeholder:
        return []
    first, second = lookup.placeholder
    return [f"the table is a placeholder: in lines {first} and {second} the cable gets longer and xoff does not grow"]


def _twice(row: Row | None) -> list[str]:
    if row is None or not row.instead_of:
        return []
    return [
        f"the table has {row.mbps} Mb/s and {_metres(row)} twice with other numbers, in lines {row.instead_of} and {row.line}:"
        " SONiC takes the last"
    ]


def _metres(row: Row) -> str:
    return f"{row.metres:g} m"


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


def _overruled(known: Row, row: Row) -> int:
    """The line of the earlier row that the later one differs from."""
    same = replace(known, line=row.line, instead_of=0) == row
    return known.instead_of if same else known.line


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
