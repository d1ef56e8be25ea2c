"""Small words of pages and pictures: counted things, speeds, and text made safe for where it goes."""

from __future__ import annotations

import re
from collections.abc import Sequence

PLURALS = {"leaf": "leaves", "switch": "switches", "outside": "outside"}

_MARKUP = re.compile(r"([\\`*_\[\]|<>~&$])")
_BLOCK = re.compile(r"^(\d*)([-+#=.)])")
"""What begins a list, a heading or a rule where it stands first on a line."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plural(noun: str) -> str:
    return PLURALS.get(noun, f"{noun}s")


def counted(number: int, noun: str) -> str:
    """`1 leaf`, `8 leaves`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def listed(words: Sequence[str]) -> str:
    """`compute, frontend and storage`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def speed(gbps: int) -> str:
    return f"{gbps}G"


def number(value: float) -> str:
    """A whole number without its point, others to three places."""
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def markdown(text: str) -> str:
    """Free text as it reads on one line of Markdown, in a table too: nothing in it is markup or HTML."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return _BLOCK.sub(r"\1\\\2", escaped)


def code(text: str) -> str:
    """A name or a formula as code, in a table too."""
    return f"`{' '.join(text.split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula.

    Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
