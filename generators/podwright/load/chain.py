"""Blueprints that extend one another: which file is next, and what they say together.

The rule of merging is that of JSON Merge Patch (RFC 7396): mappings merge key by key, anything else is replaced as a
whole, and `null` removes a key. Nothing of one file's text is read otherwise because another file extends it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NoReturn

from podwright.errors import BlueprintError, UsageError
from podwright.load.source import KeyPath, Replaced, Source, Spot, Value, dotted
from podwright.load.text import SEE, fetch, find, likely_neighbour
from podwright.load.tree import EXTENDS, MOST_FINDINGS, MOST_VALUES, Sheet, extended_by
from podwright.model.near import likely_meant
from podwright.model.prose import shown
from podwright.model.report import Finding, Place, Severity

LONGEST = 8


class Written(NamedTuple):
    """One file of a chain, and what it holds."""

    file: Path
    sheet: Sheet

    @property
    def place(self) -> Place:
        """Where it says what it extends."""
        return Source(str(self.file), self.sheet.data, self.sheet.top).place((EXTENDS,))


def parent_of(chain: Sequence[Written]) -> Path | None:
    """The file that the last of `chain` extends; None where it extends none, or says so in no way that can be followed.

    Raises BlueprintError where that file can't be read or the chain would have no end.
    """
    last = chain[-1]
    extended = extended_by(last.sheet.data)
    if not extended:
        return None
    place = last.place
    file = _beside(last.file, extended, place)
    _refuse_circle(chain, file, place)
    if len(chain) >= LONGEST:
        _refuse(
            "SRC033",
            f"{LONGEST} blueprints extend one another, from {chain[0].file} to this one, and no more may",
            place,
            "Extend a blueprint that extends fewer others.",
        )
    return file


def _beside(file: Path, extended: str, place: Place) -> Path:
    """The blueprint that `file` names by `extended`, in a spelling that people would use."""
    if Path(extended).is_absolute():
        _refuse(
            "SRC031",
            f"{shown(extended)} is an absolute path, which leads to another file on another machine",
            place,
            f"Write the path from the folder of {file.name} on, as ../base/pod.yaml.",
        )
    try:
        found = find(file.parent / extended)
        fetch(found)
        plain = Path(os.path.normpath(found))  # leads elsewhere where a folder on the way is a link
        return plain if plain.exists() and plain.samefile(found) else found
    except UsageError as problem:
        _refuse("SRC031", f"nothing to extend: {problem.message}", place, _hint(file.parent / extended))
    except OSError as problem:
        _refuse("SRC031", f"nothing to extend: {shown(extended)}: {problem.strerror}", place, _hint(file))


def _hint(wanted: Path) -> str:
    near = likely_neighbour(wanted)
    return f"Did you mean {shown(near)}?" if near else "Write the path of a blueprint, from the folder of this one on."


def _refuse_circle(chain: Sequence[Written], file: Path, place: Place) -> None:
    for number, each in enumerate(chain):
        if not each.file.samefile(file):
            continue
        if number == len(chain) - 1:
            _refuse("SRC032", "a blueprint cannot extend itself", place, "Name another blueprint, or remove the key.")
        steps = ", ".join(f"{low.place} extends {high.file}" for low, high in pairwise(chain[number:]))
        _refuse(
            "SRC032",
            f"these blueprints extend one another in a circle: {steps}, and here {chain[-1].file} extends {file} again",
            place,
            "Remove `extends` from the one that is to be the base.",
        )


def merged(chain: Sequence[Written]) -> Source:
    """What the files of `chain` say together, each over the next. Raises BlueprintError where they can't be joined."""
    first = chain[0]
    if sum(each.sheet.values for each in chain) > MOST_VALUES:
        _refuse(
            "SRC005",
            f"{first.file} and the blueprints it extends have more than {MOST_VALUES} values",
            first.place,
            "Check that these are blueprints.",
        )
    merging = _Merging()
    whole = _Held(chain[-1].sheet.data, chain[-1].sheet.top)
    if extended_by(chain[-1].sheet.data):  # what it extends was not followed, so that it can have removed nothing
        whole = merging.laid(whole, _Held({}, whole.spot))
    for each in reversed(chain[:-1]):
        whole = merging.laid(_Held(each.sheet.data, each.sheet.top), whole)
    if merging.findings or not isinstance(whole.value, dict):
        raise BlueprintError(merging.findings[:MOST_FINDINGS])
    return Source(str(first.file), whole.value, whole.spot, tuple(merging.replaced))


class _Held(NamedTuple):
    """A value and its spot."""

    value: Value
    spot: Spot


class _Merging:
    """One file laid over another, and what is found on the way."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.replaced: list[Replaced] = []

    def laid(self, over: _Held, under: _Held, path: KeyPath = ()) -> _Held:
        """`over` laid over `under`. Of a key that both have, the spot is that of `over`."""
        if not isinstance(over.value, dict):
            return over
        kept: Mapping[str, Value] = under.value if isinstance(under.value, dict) else {}
        data, inside = dict(kept), dict(under.spot.inside or {}) if kept else {}
        spots = over.spot.inside or {}
        for key, value in over.value.items():
            here = (*path, key)
            if key in data and not (isinstance(value, dict) and isinstance(data[key], dict)):
                self.replaced.append(Replaced(here, data[key], inside[key]))
            if value is not None:
                below = _Held(data.get(key), inside.get(key, spots[key]))
                data[key], inside[key] = self.laid(_Held(value, spots[key]), below, here)
            elif key in data:
                del data[key], inside[key]
            else:
                self.findings.append(_nothing_to_remove(here, spots[key], list(kept)))
        return _Held(data, Spot(over.spot.page, over.spot.value, over.spot.key, inside))


def _nothing_to_remove(path: KeyPath, spot: Spot, known: Sequence[str]) -> Finding:
    near = likely_meant(str(path[-1]), known, most=1)
    return Finding(
        "SRC034",
        Severity.ERROR,
        f"`null` removes a key of the blueprint that is extended, and that has no {shown(dotted(path), 80)}",
        spot.at(path, key=True),
        fix=f"Did you mean {shown(near[0])}?" if near else "Remove this key.",
        see=SEE,
        path=dotted(path),
    )


def _refuse(code: str, message: str, place: Place, fix: str) -> NoReturn:
    raise BlueprintError([Finding(code, Severity.ERROR, message, place, fix=fix, see=SEE)])
