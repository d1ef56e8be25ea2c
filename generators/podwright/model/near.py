"""Names near to a word that is none. Light: the command line needs it before it knows of any verb."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def likely_meant(word: str, known: Iterable[str], most: int = 3, least: float = 0.6) -> list[str]:
    """Names that `word` was likely meant to be, the likeliest first: the same but for case and the padding of numbers,
    else the ones that look most like it, by `difflib`'s ratio no less than `least`; of those first the ones that begin
    with it, in the order of `known`.
    """
    names, plain = list(known), _unpadded(word)
    same = [name for name in names if _unpadded(name) == plain]
    return (
        same[:most] or _begun_first(plain, names, difflib.get_close_matches(word, names, len(names) or 1, least))[:most]
    )


def _begun_first(plain: str, names: list[str], alike: list[str]) -> list[str]:
    """A number that ends the word is a whole one: `Ethernet1` begins `Ethernet1/1`, and no `Ethernet10`."""
    begun = re.compile(rf"{re.escape(plain)}(?!(?<=[0-9])[0-9])")
    beginning = {name for name in alike if begun.match(_unpadded(name))}
    return [name for name in names if name in beginning] + [name for name in alike if name not in beginning]


def _unpadded(name: str) -> str:
    return re.sub("0*([0-9]+)", r"\1", name.lower())
