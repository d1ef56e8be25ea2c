"""One fault of many devices, told once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

from podwright.lint.framework import Fault

_SHOWN = 5
_Told = TypeVar("_Told")


def merged_faults(faults: Iterable[Fault], devices: Collection[str]) -> Iterator[Fault]:
    """Faults that differ in nothing but the device become one, at the first place, which names the others."""
    for alike, others in _alike(faults, devices, lambda fault: (fault.message, fault.fix)):
        if others:
            yield alike[0]._replace(message=f"{alike[0].message}; the same on {others}")
        else:
            yield from alike


def merged_sentences(sentences: Iterable[str], devices: Collection[str]) -> Iterator[str]:
    """The same for sentences."""
    for alike, others in _alike(dict.fromkeys(sentences), devices, lambda sentence: (sentence,)):
        yield f"{alike[0]}; the same on {others}" if others else alike[0]


def _alike(
    told: Iterable[_Told], devices: Collection[str], words: Callable[[_Told], tuple[str, ...]]
) -> Iterator[tuple[list[_Told], str]]:
    """What is told alike, with the names of the further devices; empty where there are none."""
    longest_first = sorted(devices, key=len, reverse=True)
    known = re.compile("|".join(rf"(?<![\w-]){re.escape(each)}(?![\w-])" for each in longest_first) or "$^")
    groups: dict[tuple[str, ...], list[tuple[_Told, str]]] = defaultdict(list)
    for each in told:
        texts = words(each)
        found = known.search(texts[0])
        groups[tuple(known.sub("*", text) for text in texts)].append((each, found[0] if found else ""))
    for group in groups.values():
        others = [name for name in dict.fromkeys(name for _, name in group) if name not in ("", group[0][1])]
        more = len(others) - _SHOWN
        yield [each for each, _ in group], ", ".join(others[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
