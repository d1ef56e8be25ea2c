"""Rows of SONiC's tables with their types: fields are text or lists of text, and numbers are spelt as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Spot

_MOST = 63
"""No chip that SONiC runs on has more queues or groups a port; the rules know how many there are."""
_FIX = "Write it as SONiC's YANG model of the table has it."


class Row:
    """The fields of one row. A field that is not there is empty text, None or (); one of a wrong type is a problem, too."""

    def __init__(self, spot: Spot, fields: Mapping[str, Any], problems: Problems) -> None:
        self.spot = spot
        self.fields = fields
        self._problems = problems

    def text(self, name: str) -> str:
        value = self.fields.get(name, "")
        if isinstance(value, bool | dict | list) or value is None:
            self._wrong(name, value, "text")
            return ""
        return str(value).strip()

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        return self._whole(name, text)

    def items(self, name: str) -> tuple[str, ...]:
        """A list, or text with commas."""
        value = self.fields.get(name, "")
        listed = value if isinstance(value, list) else str(value).split(",")
        if isinstance(value, bool | dict) or any(isinstance(each, dict | list | bool) for each in listed):
            self._wrong(name, value, "text or a list")
            return ()
        return tuple(text for each in listed for text in [str(each).strip()] if text)

    def numbers(self, name: str) -> tuple[int, ...]:
        found = (self._whole(name, each) for each in self.items(name))
        return tuple(each for each in found if each is not None)

    def reference(self, name: str) -> str:
        """The row that a field names; older releases wrote it as `[TABLE|row]`."""
        return self.text(name).strip("[]").rpartition("|")[2]

    def _whole(self, name: str, text: str) -> int | None:
        try:
            return int(text)
        except ValueError:
            self._wrong(name, text, "a whole number")
            return None

    def _wrong(self, name: str, value: object, wanted: str) -> None:
        self._problems.wrong(self.spot.at(name), f"`{name}` is `{str(value)[:40]}`, and must be {wanted}", _FIX)


class Tables:
    """A config_db.json. Tables and rows that are no objects are problems."""

    def __init__(self, file: str, data: Mapping[str, Any], problems: Problems) -> None:
        self.spot = Spot(file)
        self._data = data
        self._problems = problems

    def __contains__(self, table: str) -> bool:
        return table in self._data

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        data = self._data.get(table, {})
        if not isinstance(data, dict):
            self._problems.wrong(self.spot.at(table), f"`{table}` must be a table of rows", _FIX)
            return
        for key, fields in data.items():
            spot = self.spot.at(table, key)
            if isinstance(fields, dict):
                yield key, Row(spot, fields, self._problems)
            elif fields not in ("", None):
                self._problems.wrong(spot, f"row `{key}` of {table} must be an object of fields", _FIX)

    def row(self, table: str, key: str) -> Row:
        """One row, without fields where it is not there."""
        empty = Row(self.spot.at(table, key), {}, self._problems)
        return next((row for name, row in self.rows(table) if name == key), empty)

    def of_ports(self, table: str) -> Iterator[tuple[str, int, Row]]:
        """(port, number, row) of rows with keys as `Ethernet0,Ethernet4|3-4`."""
        for key, row in self.rows(table):
            ports, _, numbers = key.rpartition("|")
            for number in self.span(numbers, row.spot) if ports else ():
                for port in ports.split(","):
                    yield port.strip().rpartition("|")[2], number, row

    def span(self, text: str, spot: Spot) -> range:
        """`3-4` or `3`."""
        first, _, last = text.partition("-")
        try:
            found = range(int(first), int(last or first) + 1)
        except ValueError:
            self._problems.wrong(spot, f"`{text[:40]}` must be a number, or two with a hyphen", _FIX)
            return range(0)
        if found.stop - 1 > _MOST:
            self._problems.wrong(spot, f"`{text[:40]}` goes beyond {_MOST}, which no group or queue does", _FIX)
            return range(0)
        return found
