"""From a path to clean text: the right file, a sane size, UTF-8, and no character that hides or deceives."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from podwright.errors import BlueprintError, UsageError
from podwright.load.secrecy import kept_back
from podwright.load.source import Span, located
from podwright.model.near import likely_meant
from podwright.model.report import Finding, Severity

SEE = "docs/stages/load.md"
LARGEST = 8 * 1024 * 1024
MOST_LINES = 500_000
BLUEPRINT_NAME = "pod.yaml"

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_FORBIDDEN = re.compile(
    # Whatever YAML refuses in a stream; the breaks only some readers know; what is invisible or reorders its line.
    r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    r"|[\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\U000e0000-\U000e007f]"
)
_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def find(path: Path) -> Path:
    """The blueprint's file: `path` itself, or pod.yaml in the folder `path`.

    Raises UsageError where there is none.
    """
    if path.is_dir():
        inside = path / BLUEPRINT_NAME
        if inside.is_file():
            return inside
        raise UsageError(
            f"the folder {path} holds no {BLUEPRINT_NAME}",
            fix="Name the blueprint's file, or a folder that holds pod.yaml.",
            see=SEE,
        )
    if path.is_file():
        return path
    if path.exists():
        raise UsageError(f"{path} is not a regular file", fix="Name a YAML file or its folder.", see=SEE)
    raise UsageError(f"there is no file {path}", fix="Check the path of the blueprint.", see=SEE)


def likely_neighbour(wanted: Path) -> str:
    """The name of the folder or YAML file that the last part of a path was likely meant to be; empty where none is near."""
    try:
        names = [each.name for each in wanted.parent.iterdir() if each.is_dir() or each.suffix in (".yaml", ".yml")]
    except OSError:
        return ""
    return next(iter(likely_meant(wanted.name, names, most=1)), "")


def fetch(file: Path) -> bytes:
    """The file's bytes, at most one more than LARGEST. Raises UsageError where it can't be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as problem:
        raise UsageError(
            f"{file} cannot be read: {problem.strerror}", fix="Check that you may read the file.", see=SEE
        ) from problem


def decode(raw: bytes, file: str) -> str:
    """The text of a blueprint without its byte order mark.

    Raises BlueprintError for a file that is too large, not UTF-8, or holds characters no blueprint needs.
    """
    if len(raw) > LARGEST:
        raise BlueprintError([_too_large(file, f"{LARGEST // 1024 // 1024} MiB")])
    if max(raw.count(b"\n"), raw.count(b"\r")) > MOST_LINES:
        raise BlueprintError([_too_large(file, f"{MOST_LINES} lines")])
    for mark, encoding in _FOREIGN_MARKS:
        if raw.startswith(mark):
            raise BlueprintError([_foreign(file, encoding)])
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise BlueprintError([_undecodable(raw, problem.start, file)]) from problem
    if hidden := _hidden(text, file):
        raise BlueprintError(hidden)
    return text


def split(text: str) -> tuple[str, ...]:
    """The lines as YAML and editors count them: broken at LF, CR LF and CR only."""
    return tuple(_LINE_BREAK.split(text))


def forbidden(text: str) -> str | None:
    """The first character of `text` that a blueprint may not hold, spelt for a person; None where all are fine."""
    match = _FORBIDDEN.search(text)
    return match and _spelt(match.group())


def _too_large(file: str, limit: str) -> Finding:
    return Finding(
        "SRC005",
        Severity.ERROR,
        f"{file} is larger than {limit}, the most a blueprint may have",
        fix="Check that this is the blueprint.",
        see=SEE,
    )


def _foreign(file: str, encoding: str) -> Finding:
    return Finding(
        "SRC003", Severity.ERROR, f"{file} is stored as {encoding}, not as UTF-8", fix="Save it as UTF-8.", see=SEE
    )


def _undecodable(raw: bytes, offset: int, file: str) -> Finding:
    before = raw[:offset].decode("utf-8")
    lines = split(before)
    span = Span(len(lines) - 1, len(lines[-1]))
    whole = kept_back(split(raw.decode("utf-8", errors="replace")))
    return Finding(
        "SRC003",
        Severity.ERROR,
        f"the byte 0x{raw[offset]:02x} here is not UTF-8 text",
        located(file, whole, span),
        fix="Save the file as UTF-8.",
        see=SEE,
    )


def _hidden(text: str, file: str) -> list[Finding]:
    """One finding for every different forbidden character, at the first place it has."""
    firsts: dict[str, int] = {}
    for match in _FORBIDDEN.finditer(text):
        firsts.setdefault(match.group(), match.start())
    if not firsts:
        return []
    lines = kept_back(split(text))
    return [_hidden_one(text, character, start, lines, file) for character, start in list(firsts.items())[:20]]


def _hidden_one(text: str, character: str, start: int, lines: tuple[str, ...], file: str) -> Finding:
    before = split(text[:start])
    times = text.count(character)
    repeated = f"; it occurs {times} times" if times > 1 else ""
    return Finding(
        "SRC004",
        Severity.ERROR,
        f"the character {_spelt(character)} is not allowed in a blueprint{repeated}",
        located(file, lines, Span(len(before) - 1, len(before[-1]))),
        fix="Delete it; it is invisible or changes how the line is shown.",
        see=SEE,
    )


def _spelt(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else " (a control character)")
