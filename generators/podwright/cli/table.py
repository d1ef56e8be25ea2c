"""Plain tables: a title, a row of headings, rows below, columns as wide as they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as text without a trailing newline; numbers stand on the right. A table without rows says so."""
    cells = [[_spelt(cell) for cell in row] for row in rows]
    heading = click.style(title, bold=True)
    if not cells:
        return f"{heading}\n  none"
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    numeric = [all(cell.replace(".", "", 1).isdigit() for cell in column) for column in zip(*cells, strict=True)]
    lines = [_line(row, widths, numeric) for row in (headings, *cells)]
    return "\n".join([heading, click.style(lines[0], dim=True), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(row, widths, numeric, strict=True)
    )
    return "  " + "  ".join(cells).rstrip()


def _spelt(cell: object) -> str:
    match cell:
        case float():
            return f"{cell:g}"
        case tuple() | list():
            return ", ".join(map(_spelt, cell)) or "-"
        case "" | None:
            return "-"
        case _:
            return str(cell)
