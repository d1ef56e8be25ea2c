"""What of a tree a run is about: all of it, some targets, some devices."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from podwright.errors import UsageError


class _Rendered(Protocol):
    @property
    def target(self) -> str: ...

    @property
    def device(self) -> str: ...


class Selection(NamedTuple):
    """Names of targets and devices; None is all of them. A file of the whole pod belongs to no device."""

    targets: frozenset[str] | None = None
    devices: frozenset[str] | None = None

    def covers(self, rendered: _Rendered) -> bool:
        """Whether a file (an artifact, or its entry in the manifest) is in the selection."""
        return (self.targets is None or rendered.target in self.targets) and (
            self.devices is None or rendered.device in self.devices
        )


def select(only: Collection[str] | None, device: Collection[str] | None, known: Iterable[_Rendered]) -> Selection:
    """The selection of these names. Raises UsageError for a name that none of `known` bears."""
    files = tuple(known)
    _refuse_unknown("target", only or (), {each.target for each in files})
    _refuse_unknown("device", device or (), {each.device for each in files if each.device})
    return Selection(frozenset(only) if only else None, frozenset(device) if device else None)


def _refuse_unknown(what: str, asked: Collection[str], known: set[str]) -> None:
    for name in sorted(set(asked) - known):
        near = difflib.get_close_matches(name, sorted(known), n=3)
        raise UsageError(
            f"nothing is rendered for a {what} named `{name}`",
            fix=f"Did you mean {_either(near)}?" if near else f"Use one of {_listed(known)}.",
        )


def _either(names: list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _listed(names: set[str], limit: int = 12) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return ", ".join(ordered[:limit]) + more
