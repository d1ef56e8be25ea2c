"""Racks as they are drawn and listed: racks that hold the same in the same places are one elevation with a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from podwright.model.design import Placement, Rack
from podwright.projection.records import DeviceEntry, PodConfig
from podwright.targets.docs.words import counted, plural

OUTSIDE = "outside"

MOST_KINDS = 15
"""Of racks that differ, drawn; more are in racks.csv."""


class Unit(msgspec.Struct, frozen=True):
    """A device in an elevation: `position` is its lowest rack unit. `fabric` is empty for a server."""

    position: int
    height: int
    what: str
    model: str
    fabric: str


class Elevation(msgspec.Struct, frozen=True):
    """Racks that are alike. `labels` are the names of the devices where there is one rack, else what stands there."""

    names: tuple[str, ...]
    height: int
    units: tuple[Unit, ...]
    labels: tuple[str, ...]
    watts: int
    unstated: int

    @property
    def title(self) -> str:
        return self.names[0]

    @property
    def facts(self) -> tuple[str, ...]:
        """How many are alike, how full each is, and what power the makers of its devices state at most."""
        used = sum(unit.height for unit in self.units)
        more = len(self.names) - 1
        alike = f"and {counted(more, 'rack')} alike" if more else "one rack"
        return (alike, f"{used} of {self.height} U in use", power(self.watts, self.unstated))


class RackRoom(msgspec.Struct, frozen=True):
    """All elevations in the order of their first racks; `hidden` racks are of kinds too many to draw."""

    elevations: tuple[Elevation, ...]
    racks: int
    hidden: int


def power(watts: int, unstated: int) -> str:
    """`at most 40.8 kW`; devices whose power is not published are counted beside it."""
    kilowatts = f"{watts / 1000:.1f} kW"
    if not unstated:
        return f"at most {kilowatts}"
    return f"{kilowatts} + {unstated} unpublished" if watts else "power not published"


def room(pod: PodConfig) -> RackRoom:
    """The racks of the pod. Work grows as devices do."""
    entries = {entry.name: entry for entry in pod.entries}
    watts = {model.name: model.max_watts for model in pod.models}
    inside: dict[str, list[Placement]] = {rack.name: [] for rack in pod.racks}
    for placement in pod.placements:
        inside[placement.rack].append(placement)
    alike: dict[tuple[int, tuple[Unit, ...]], list[Rack]] = {}
    for rack in sorted(pod.racks, key=_servers_first):
        units = tuple(_unit(entries[each.device], each) for each in sorted(inside[rack.name], key=_from_the_top))
        alike.setdefault((rack.height, units), []).append(rack)
    elevations = [_elevation(racks, units, inside[racks[0].name], watts) for (_, units), racks in alike.items()]
    drawn = tuple(elevations[:MOST_KINDS])
    return RackRoom(drawn, len(pod.racks), len(pod.racks) - sum(len(each.names) for each in drawn))


def _servers_first(rack: Rack) -> tuple[bool, bool, str]:
    return rack.use == "network", rack.unit == 0, rack.name


def _from_the_top(placement: Placement) -> int:
    return -placement.position


def _unit(entry: DeviceEntry, placement: Placement) -> Unit:
    what = f"{entry.group} server" if entry.kind == "server" else f"{entry.fabric} {entry.tier}"
    return Unit(placement.position, placement.height, what, entry.model, entry.fabric)


def _elevation(
    racks: Sequence[Rack], units: tuple[Unit, ...], first: Sequence[Placement], watts: Mapping[str, int]
) -> Elevation:
    names = tuple(each.device for each in sorted(first, key=_from_the_top))
    one = len(racks) == 1
    return Elevation(
        names=tuple(rack.name for rack in racks),
        height=racks[0].height,
        units=units,
        labels=names if one else tuple(f"{unit.what} · {unit.model}" for unit in units),
        watts=sum(watts[unit.model] for unit in units),
        unstated=sum(not watts[unit.model] for unit in units),
    )


class Run(msgspec.Struct, frozen=True, order=True):
    """Cables of one kind between two racks, or within one. A router outside stands in no rack: its side is `outside`."""

    a_rack: str
    b_rack: str
    fabric: str
    use: str
    gbps: int
    medium: str
    metres: int


def runs(pod: PodConfig) -> list[tuple[Run, int]]:
    """What is pulled between racks, with the number of cables, in order of the racks."""
    rack = {each.device: each.rack for each in pod.placements}
    counts = Counter(
        Run(
            rack.get(cable.a_device, OUTSIDE),
            rack.get(cable.b_device, OUTSIDE),
            cable.fabric,
            cable.use,
            cable.gbps,
            cable.medium,
            cable.metres,
        )
        for cable in pod.cables
    )
    return sorted(counts.items())


def describe(room: RackRoom) -> str:
    """The elevations in words, for those who don't see them."""
    sentences = [f"{each.title}: {', '.join(each.facts)}; {_holds(each)}." for each in room.elevations]
    return " ".join(sentences)


def _holds(elevation: Elevation) -> str:
    kinds: dict[str, int] = {}
    for unit in elevation.units:
        kinds[unit.what] = kinds.get(unit.what, 0) + 1
    return ", ".join(f"{count} {what if count == 1 else _plural(what)}" for what, count in kinds.items())


def _plural(what: str) -> str:
    *head, noun = what.split(" ")
    return " ".join([*head, plural(noun)])
