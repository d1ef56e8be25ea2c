"""docs/targets/fields.md says of every field of a switch's projection what it becomes on every system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from podwright.projection.records import SwitchConfig

PAGE = Path(__file__).parents[3] / "docs" / "targets" / "fields.md"
SYSTEMS = ["SONiC", "FRR", "EOS", "NVUE", "NX-OS", "Junos"]

Record = type[msgspec.Struct]
Rows = dict[str, list[str]]


def records(root: Record) -> Iterator[Record]:
    """The record and every record that its fields hold, each once."""
    seen: set[Record] = set()
    waiting: list[Record] = [root]
    while waiting:
        record = waiting.pop()
        if record not in seen:
            seen.add(record)
            yield record
            waiting += [held for hint in get_type_hints(record).values() for held in _within(hint)]


def _within(hint: Any) -> Iterator[Record]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for argument in get_args(hint):
        yield from _within(argument)


def tables(text: str) -> dict[str, Rows]:
    """Heading -> field -> its cells."""
    found: dict[str, Rows] = {}
    for section in text.split("\n## ")[1:]:
        heading = section.splitlines()[0].strip()
        lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
        header, _, *rows = ([cell.strip() for cell in line] for line in lines)
        assert header == ["field", *SYSTEMS], heading
        found[heading] = {row[0].strip("`"): row[1:] for row in rows}
    return found


@pytest.fixture(scope="module")
def described() -> dict[str, Rows]:
    return tables(PAGE.read_text(encoding="utf-8"))


def test_every_record_has_a_table_and_every_table_a_record(described: dict[str, Rows]) -> None:
    assert set(described) == {record.__name__ for record in records(SwitchConfig)}


@pytest.mark.parametrize("record", list(records(SwitchConfig)), ids=lambda record: record.__name__)
def test_every_field_has_a_statement_on_every_system(record: Record, described: dict[str, Rows]) -> None:
    rows = described[record.__name__]
    assert list(rows) == [field.name for field in msgspec.structs.fields(record)]
    for field, cells in rows.items():
        assert len(cells) == len(SYSTEMS), field
        assert all(cells), field


def test_a_missing_field_would_be_noticed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("| `router_id` |"))
    assert "router_id" not in tables(text.replace(line + "\n", ""))["Bgp"]
