"""What a rule says where it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from podwright.load import KeyPath
from podwright.validate.sound import Parts


class Fault(NamedTuple):
    """A broken rule: what stands at `path` contradicts the rest of the file. `value`: show the value, not its key."""

    code: str
    path: KeyPath
    message: str
    fix: str
    value: bool = False


Rule = Callable[[Parts], Iterator[Fault]]
