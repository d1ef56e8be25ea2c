"""The parser's complaints in words that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import yaml

from podwright.errors import BlueprintError
from podwright.load.source import Span, located
from podwright.load.text import SEE
from podwright.model.report import Finding, Severity


class _Saying(NamedTuple):
    """A piece of the parser's own words, and ours for it. `opened`: the fault is where the construct began."""

    heard: str
    message: str
    fix: str
    opened: bool = False


_SAYINGS = (
    _Saying(
        "mapping values are not allowed",
        "a `key: value` pair cannot begin here",
        "Check the indentation of this line and the one above; put quotes around a value that holds `: `.",
    ),
    _Saying(
        "could not find expected ':'",
        "this line is neither a `key: value` pair nor part of a value",
        "Write a colon and a space after the key, and check the indentation.",
        opened=True,
    ),
    _Saying(
        "end of stream",
        "the quotes opened here are never closed",
        "Close the quotes.",
        opened=True,
    ),
    _Saying(
        "expected ',' or ']'",
        "the list opened here with `[` is not closed, or lacks a comma",
        "Close it with `]`, and put commas between its items.",
        opened=True,
    ),
    _Saying(
        "expected ',' or '}'",
        "the mapping opened here with `{` is not closed, or lacks a comma",
        "Close it with `}`, and put commas between its entries.",
        opened=True,
    ),
    _Saying(
        "block sequence entries are not allowed",
        "a list item cannot begin here",
        "Put each `- ` on a line of its own, indented alike; put quotes around a value that begins with `- `.",
    ),
    _Saying(
        "did not find expected key",
        "this line does not fit the block above it",
        "Indent it like its neighbours, and quote values that hold quotes, `: ` or ` #`.",
    ),
    _Saying(
        "expected <block end>",
        "this line does not fit the block above it",
        "Indent it like its neighbours, and quote values that hold quotes, `: ` or ` #`.",
    ),
    _Saying(
        "did not find expected '-' indicator",
        "this line does not fit the list above it",
        "Begin it with `- `, or indent it like the key it belongs to.",
    ),
    _Saying(
        "cannot start any token",
        "a value cannot begin with this character",
        "Put the value in quotes.",
    ),
    _Saying(
        "did not find expected node content",
        "a key or a value is missing before this character",
        "Write it, or put quotes around a value that begins with this character.",
    ),
    _Saying(
        "unknown escape character",
        "there is no such escape in double quotes",
        "Write a backslash as `\\\\`, or use single quotes.",
    ),
    _Saying(
        "expected <document start>",
        "the document has ended above, and this line is outside of it",
        "Check the indentation of this line, and remove `...` and closing brackets too many.",
    ),
    _Saying(
        "undefined tag handle",
        "tags are not allowed: a blueprint holds plain data only",
        "Put quotes around a value that begins with `!`.",
    ),
)


def explain(problem: yaml.YAMLError, file: str, lines: Sequence[str]) -> Finding:
    """The finding for a text that the YAML parser gave up on."""
    words = str(getattr(problem, "problem", None) or getattr(problem, "reason", None) or "")
    saying = next((one for one in _SAYINGS if one.heard in words), None)
    span = _span(problem, opened=saying is not None and saying.opened)
    if tab := _tab_in_indentation(problem, lines):
        return _finding("SRC002", "this line is indented with a tab", "Indent with spaces.", file, lines, tab)
    if saying is None:
        message = f"this is not YAML: {words}" if words else "this is not YAML"
        return _finding("SRC001", message, "Check this line and the one above.", file, lines, span)
    return _finding("SRC001", saying.message, saying.fix, file, lines, span)


def refuse_directives(file: str, lines: Sequence[str]) -> None:
    """Raise BlueprintError where a line begins with `%`.

    This comes before parsing, since the parser compares every directive with every other.
    """
    for number, line in enumerate(lines):
        if line.startswith("%"):
            message = "a line that begins with `%` is a YAML directive; a blueprint has none"
            span = Span(number, 0, len(line))
            raise BlueprintError([_finding("SRC015", message, "Remove or indent the line.", file, lines, span)])


def _span(problem: yaml.YAMLError, opened: bool) -> Span:
    mark = getattr(problem, "problem_mark", None)
    if opened:
        mark = getattr(problem, "context_mark", None) or mark
    return Span(mark.line, mark.column) if mark is not None else Span(0, 0)


def _tab_in_indentation(problem: yaml.YAMLError, lines: Sequence[str]) -> Span | None:
    mark = getattr(problem, "problem_mark", None)
    if mark is None or mark.line >= len(lines):
        return None
    line = lines[mark.line]
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    return Span(mark.line, indentation.index("\t")) if "\t" in indentation else None


def _finding(code: str, message: str, fix: str, file: str, lines: Sequence[str], span: Span) -> Finding:
    return Finding(code, Severity.ERROR, message, located(file, lines, span), fix=fix, see=SEE)
