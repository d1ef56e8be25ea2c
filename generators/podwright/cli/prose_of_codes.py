"""What the documentation says of a finding's code: the page of a check, or its section in the page of a stage."""

from __future__ import annotations

import re

from podwright.errors import UsageError
from podwright.model.near import likely_meant
from podwright.resources import folder

CODE = re.compile(r"[A-Z]{3}[0-9]{3}")
_SECTION = re.compile(r"^### ([A-Z]{3}[0-9]{3}): (.*?)(?=^#{1,3} |\Z)", flags=re.MULTILINE | re.DOTALL)


def as_code(text: str) -> str:
    """The code that `text` spells, in any case; empty where it spells none. Of lower-case words, only known codes count:
    a device may be called so.
    """
    code = text.upper()
    if not CODE.fullmatch(code):
        return ""
    return code if text == code or code in _pages() else ""


def codes() -> list[str]:
    """Every code that something is written about, sorted."""
    return sorted(_pages())


def prose_of(code: str) -> str:
    """The Markdown about `code`. Raises UsageError for a code that no stage and no check has."""
    pages = _pages()
    if code not in pages:
        near = likely_meant(code, pages)
        raise UsageError(
            f"no finding has the code {code}",
            fix=f"Did you mean {' or '.join(near)}?" if near else "Take the code from a finding, as SCH002.",
            see="docs/stages/check.md",
        )
    return pages[code].strip()


def _pages() -> dict[str, str]:
    """Everything that is written about codes, by code."""
    docs = folder("docs")
    checks = {path.stem: path.read_text(encoding="utf-8") for path in sorted((docs / "checks").glob("???[0-9]*.md"))}
    stages = {
        code: f"# {code}: {text}"
        for path in sorted((docs / "stages").glob("*.md"))
        for code, text in _SECTION.findall(path.read_text(encoding="utf-8"))
    }
    return {**stages, **checks}
