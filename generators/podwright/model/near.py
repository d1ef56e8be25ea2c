"""Names near to a word that is none. Light: the command line needs it before it knows of any verb."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def likely_meant(word: str, known: Iterable[str], most: int = 3, least: float = 0.6) -> list[str]:
    """Names that `word` was likely meant to be, the likeliest first: the same but for case and the padding of numbers,
    else the ones that look most like it, by `difflib`'s ratio no less than `least`.
    """
    names, plain = list(known), _unpadded(word)
    same = [name for name in names if _unpadded(name) == plain]
    return same[:most] or difflib.get_close_matches(word, names, n=most, cutoff=least)


def _unpadded(name: str) -> str:
    return re.sub("0*([0-9]+)", r"\1", name.lower())
