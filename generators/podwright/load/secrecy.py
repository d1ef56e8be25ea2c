"""Lines that may hold a secret, told by their words alone: where the text is no YAML there is nothing else to tell them by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

REFERENCE = (
    "Write `{env: NAME}`, `{file: PATH}`, `{vault: {path: PATH, key: KEY}}` or `{sops: {file: PATH, key: KEY}}`; "
    "and take a secret that stood in this file for known."
)
"""What to do about a secret that may stand in a blueprint."""

_WORD = re.compile(r"pass(?:word|wd|wort|phrase|code)|secret|credential|token|psk", re.IGNORECASE)
_KEY = re.compile(r"""[ \t]*["']?[\w.-]+["']?[ \t]*:(?:[ \t]|\Z)""")
_START = re.compile(r"[ \t%]*")


def names_a_secret(key: str) -> bool:
    """Whether a key of this name has a secret for its value, or is what people call such a key by mistake."""
    return _WORD.search(key) is not None


def kept_back(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines that may be shown to anybody: of others, what they begin with is left, blanks and `%`.

    Kept back are a line with a word for a secret anywhere in it, and what is below it up to a key that is indented no deeper.
    """
    return tuple(_blanked(lines))


def _blanked(lines: Sequence[str]) -> Iterator[str]:
    depth: int | None = None
    for line in lines:
        start = _START.match(line)
        indentation = start.end() if start else 0
        if names_a_secret(line):
            depth = indentation if depth is None else min(depth, indentation)
        elif depth is not None and indentation <= depth and _KEY.match(line):
            depth = None
        yield line if depth is None else line[:indentation]
