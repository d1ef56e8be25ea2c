"""A blueprint as plain data that still knows where each of its values was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from podwright.model.report import Place

KeyPath = tuple[str | int, ...]
Value = str | int | float | bool | None | dict[str, "Value"] | list["Value"]


class Span(NamedTuple):
    """A stretch of one line; `line` and `column` count from 0, `width` is in characters."""

    line: int
    column: int
    width: int = 1


class Page(NamedTuple):
    """One file: its name as the user spelt it, its lines, and what a file of its kind is called."""

    file: str
    lines: Sequence[str]
    noun: str = "blueprint"


@dataclass(slots=True)
class Spot:
    """Where one value is written, where its key is (None for list items and the top), and the spots inside it.

    Scalars have nothing inside: None, since a document has very many of them.
    """

    page: Page
    value: Span
    key: Span | None = None
    inside: dict[str | int, Spot] | None = None

    def at(self, path: Sequence[str | int], key: bool = False) -> Place:
        """The value's place, or its key's where it has one; `path` is what the place is to be called by."""
        span = self.key if key and self.key is not None else self.value
        return located(self.page.file, self.page.lines, span, tuple(path))


class Replaced(NamedTuple):
    """What a base says and the blueprint over it does not: a value that was replaced or removed."""

    path: KeyPath
    value: Value
    spot: Spot


@dataclass(frozen=True, slots=True)
class Source:
    """A blueprint: its file as the user spelt it, its data, and the spot of every value.

    Of a blueprint that extends others the data is the merged whole, and each value has its spot in its own file;
    `replaced` is what has no part in it.
    """

    file: str
    data: dict[str, Value]
    top: Spot
    replaced: tuple[Replaced, ...] = ()

    def place(self, path: Sequence[str | int], key: bool = False) -> Place:
        """The place of the value at `path`, or of its key. An item of a list may be named by its number as text, too.

        A path that is not in the document gives the place of its nearest ancestor: of the ancestor's key where it
        has one, since a block mapping itself begins only at its first entry.
        """
        spot, depth = self.top, 0
        for written in path:
            step = _as_written(written, spot)
            if spot.inside is None or step not in spot.inside:
                break
            spot, depth = spot.inside[step], depth + 1
        return spot.at(path, key=key or depth < len(path))


def _as_written(step: str | int, spot: Spot) -> str | int:
    is_number = isinstance(step, str) and step.isdecimal() and spot.inside is not None and step not in spot.inside
    return int(step) if is_number else step


def located(file: str, lines: Sequence[str], span: Span, path: KeyPath = ()) -> Place:
    """The span as a Place, with the text of its line; a span behind the end falls on the last line."""
    line = max(0, min(span.line, len(lines) - 1))
    text = lines[line] if lines else ""
    column = span.column if span.line == line else len(text)
    width = max(1, min(span.width, len(text) - column))
    return Place(file, line + 1, column + 1, text=text, path=dotted(path), width=width)


def dotted(path: Sequence[str | int]) -> str:
    """The path as people write it: `servers.gpu.absent[2].slot`; list items count from 0, as in JSON."""
    spelt = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return spelt.removeprefix(".")
