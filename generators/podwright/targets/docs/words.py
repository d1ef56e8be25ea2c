"""Small words of pages and pictures: counted things, speeds, and text made safe for where it goes."""

from __future__ import annotations

import re

PLURALS = {"leaf": "leaves", "switch": "switches", "outside": "outside"}

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$:@-])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plural(noun: str) -> str:
    return PLURALS.get(noun, f"{noun}s")


def counted(number: int, noun: str) -> str:
    """`1 leaf`, `8 leaves`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def speed(gbps: int) -> str:
    return f"{gbps}G"


def number(value: float) -> str:
    """A whole number without its point, others to three places."""
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def markdown(text: str) -> str:
    """Free text as it reads on one line of Markdown, in a table too: nothing in it is markup, a link or HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula.

    Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
