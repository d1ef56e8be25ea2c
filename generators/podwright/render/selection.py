"""What of a tree a run is about: all of it, some targets, some devices."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from podwright.errors import UsageError
from podwright.model.near import likely_meant


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
    """The selection of these names. Raises UsageError for a name that none of `known` bears, and for no file at all."""
    files = tuple(known)
    _refuse_unknown("target", only or (), {each.target for each in files})
    _refuse_unknown("device", device or (), {each.device for each in files if each.device})
    selection = Selection(frozenset(only) if only else None, frozenset(device) if device else None)
    if only and device and not any(map(selection.covers, files)):
        raise _nothing_selected(only, device, files)
    return selection


def _nothing_selected(only: Collection[str], device: Collection[str], files: Iterable[_Rendered]) -> UsageError:
    targets, devices = (" or ".join(f"`{name}`" for name in sorted(set(names))) for names in (only, device))
    has = {each.target for each in files if each.device in device}
    return UsageError(
        f"nothing is rendered by the target {targets} for the device {devices}",
        fix=f"For {devices} there is {_listed(has)}.",
    )


def _refuse_unknown(what: str, asked: Collection[str], known: set[str]) -> None:
    for name in sorted(set(asked) - known):
        near = likely_meant(name, sorted(known))
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
