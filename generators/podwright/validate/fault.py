"""What a rule says where it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from podwright.load import KeyPath
from podwright.model.prose import shown
from podwright.validate.shape import listed, nearest
from podwright.validate.sound import Parts


class Fault(NamedTuple):
    """A broken rule: what stands at `path` contradicts the rest of the file. `value`: show the value, not its key."""

    code: str
    path: KeyPath
    message: str
    fix: str
    value: bool = False


Rule = Callable[[Parts], Iterator[Fault]]


def strangers(
    code: str, noun: str, named: Iterable[tuple[KeyPath, str, bool]], known: Iterable[str], otherwise: str
) -> Iterator[Fault]:
    """A fault for each name that is not known: which there are, the nearest, or what to do `otherwise`.

    `named` has the path of each name, the name, and whether it is the value there, and not the key.
    """
    names = sorted(known)
    for path, name, is_value in named:
        if name not in names:
            near = nearest(name, names)
            others = f"; there is {listed(names)}" if names else ", nor any other"
            yield Fault(
                code,
                path,
                f"there is no {noun} {shown(name)}{others}",
                f"Did you mean {shown(near)}?" if near else otherwise,
                value=is_value,
            )
