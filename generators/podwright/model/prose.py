"""Findings as plain text: what, where with the line and a caret, what to do, where to read."""

from __future__ import annotations

import unicodedata

from podwright.model.report import Finding, Place

_TAB = "    "
_WINDOW = 100  # columns of a source line that are shown
_LEAD = 30  # columns kept before the caret where a line is cut


def spell(finding: Finding) -> str:
    """The finding as lines of text without colour and without a trailing newline."""
    where = f"{finding.place}: " if finding.place else ""
    parts = [f"{finding.severity.word}[{finding.code}] {where}{finding.message}"]
    if finding.place is not None and finding.place.text.strip():
        parts += _excerpt(finding.place)
    if finding.fix:
        parts.append(f"  fix: {finding.fix}")
    if finding.see:
        parts.append(f"  read: {finding.see}")
    return "\n".join(parts)


def shown(text: str, limit: int = 60) -> str:
    """A user's own text inside a sentence: in backticks, on one line, harmless, at most about `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "`" + "".join(_harmless(character) for character in cut) + "`"


def _excerpt(place: Place) -> list[str]:
    """The source line and a line of carets under the words meant."""
    start = place.column - 1
    before, meant, after = _cut(place.text, start, place.width)
    number = str(place.line).rjust(6)
    carets = "^" * max(1, _columns(meant))
    return [f"{number} | {before}{meant}{after}".rstrip(), f"{' ' * 6} | {' ' * _columns(before)}{carets}"]


def _cut(text: str, start: int, width: int) -> tuple[str, str, str]:
    """What is shown of a line before, at and behind the caret: all of a short line, a window of a long one."""
    before, meant, after = text[:start], text[start : start + width], text[start + width :]
    if len(text) <= _WINDOW:
        return _visible(before), _visible(meant), _visible(after)
    if len(before) > _LEAD:
        before = "…" + before[-_LEAD:]
    room = _WINDOW - len(before)
    if len(meant) > room:
        return _visible(before), _visible(meant[: room - 1]) + "…", ""
    room -= len(meant)
    if len(after) > room:
        after = after[:room] + "…"
    return _visible(before), _visible(meant), _visible(after)


def _visible(text: str) -> str:
    return "".join(_TAB if character == "\t" else _harmless(character) for character in text)


def _harmless(character: str) -> str:
    """The character itself, or its number where a terminal would act on it, reorder the line or show nothing."""
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character, f"<U+{ord(character):04X}>")


def _columns(text: str) -> int:
    """How many terminal columns the text takes."""
    return sum(_column_width(character) for character in text)


def _column_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
