"""Racks and lengths of cables. A place follows from an identity, never from a count, so that growth moves no device.

A rack of servers holds a fixed number of consecutive slots of a unit, and each slot has an equal share of its height.
Switches of a unit stand in network racks of their own, those of the network row likewise. A network rack is divided by
role: compute has the lower half, frontend the next quarter, storage and management an eighth each; what overflows goes
to the same part of the next network rack. docs/decisions/011-racks-and-lengths.md gives the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from podwright.catalog import Cable, Reach
from podwright.design.draft import Draft
from podwright.design.outofband import first_role, switch_number
from podwright.model.blueprint import Lengths, Racks, Role
from podwright.model.design import Device, Link, LinkClass, Placement, Port, Rack
from podwright.model.design.facility import LinkUse

BANDS: Mapping[Role, tuple[int, int]] = {"compute": (0, 4), "frontend": (4, 6), "storage": (6, 7), "management": (7, 8)}
"""Eighths of a network rack, from the bottom."""

LANE_RATES = (1, 10, 25, 50, 100)
"""Gb/s of a lane, as IEEE 802.3 has them up to 802.3df."""
LANE_COUNTS = (1, 2, 4, 8)
"""How many lanes those links have."""


def place_devices(draft: Draft) -> None:
    """Adds a Placement for each server and switch of a known model, and the racks; refuses what is higher than its share."""
    racks: dict[str, Rack] = {}
    refused: set[str] = set()
    for device in draft.devices:
        placement = _server(draft, device) if device.kind == "server" else _switch(draft, device)
        if placement is None:
            continue
        share = _share(draft, device)
        if placement.height > share and device.model not in refused:
            refused.add(device.model)
            _refuse_height(draft, device, placement.height, share)
        draft.placements.append(placement)
        rack = Rack(
            name=placement.rack,
            unit=device.unit,
            use="servers" if device.kind == "server" else "network",
            height=draft.blueprint.facility.racks.height,
        )
        racks.setdefault(rack.name, rack)
    draft.racks += [racks[name] for name in sorted(racks)]


def _share(draft: Draft, device: Device) -> int:
    """Rack units that a slot, or the switches of a role, have in a rack."""
    racks = draft.blueprint.facility.racks
    if device.kind == "server":
        return racks.height // racks.slots
    begin, end = _band(draft, device)
    return end - begin


def _server(draft: Draft, device: Device) -> Placement | None:
    model = draft.catalog.servers.get(device.model)
    if model is None:
        return None
    racks = draft.blueprint.facility.racks
    number, place = divmod(device.slot - 1, racks.slots)
    return Placement(
        device=device.name,
        rack=f"u{device.unit:03}-rack-{number + 1:02}",
        position=place * (racks.height // racks.slots) + 1,
        height=model.rack_units,
    )


def _switch(draft: Draft, device: Device) -> Placement | None:
    model = draft.catalog.switches.get(device.model)
    if model is None:
        return None
    begin, end = _band(draft, device)
    pitch = _pitch(draft, device)
    number, place = divmod(_ordinal(draft, device), max((end - begin) // pitch, 1))
    return Placement(
        device=device.name,
        rack=f"u{device.unit:03}-net-{number + 1:02}" if device.unit else f"net-{number + 1:02}",
        position=begin + place * pitch + 1,
        height=model.rack_units,
    )


def _band(draft: Draft, device: Device) -> tuple[int, int]:
    """Where in a network rack the device's fabric begins and ends, in rack units from the bottom."""
    height = draft.blueprint.facility.racks.height
    begin, end = BANDS[first_role(draft.blueprint.fabrics[device.fabric])]
    return begin * height // 8, end * height // 8


def _pitch(draft: Draft, device: Device) -> int:
    """Switches of a fabric stand as far apart as its highest model there needs; in a unit there are only leaves."""
    spec = draft.blueprint.fabrics[device.fabric]
    named = [spec.leaf.model] + ([spec.spine.model] if spec.spine and device.unit == 0 else [])
    models = [draft.catalog.switches.get(name) for name in named]
    return max(model.rack_units for model in models if model)


def _ordinal(draft: Draft, device: Device) -> int:
    """A switch's place among those of its fabric in its row; in the network row leaves come after the root."""
    behind_the_root = device.tier == "leaf" and device.unit == 0
    return switch_number(device, draft.blueprint.fabrics[device.fabric]) + behind_the_root


def _refuse_height(draft: Draft, device: Device, height: int, share: int) -> None:
    racks = draft.blueprint.facility.racks
    what = f"each of its {racks.slots} slots" if device.kind == "server" else f"the switches of `{device.fabric}`"
    fix = (
        "Write fewer `slots` or more `height` under `facility: {racks: ...}`."
        if device.kind == "server"
        else "Write more `height` under `facility: {racks: ...}`."
    )
    draft.refuse(
        "DES601",
        device.origin if racks == Racks() else "facility.racks",
        f"{device.model} is {height} rack units high, and a rack of {racks.height} has {share} for {what}",
        fix,
    )


def class_links(draft: Draft) -> None:
    """Adds a LinkClass for every kind of cable; refuses lengths that no cable of the catalogue reaches at its speed."""
    ports = {(port.device, port.name): port for port in draft.ports if port.cage}
    forms = {(each.device, each.cage): each.form for each in draft.breakouts}
    classes: dict[tuple[str, str, int, int], LinkClass] = {}
    refused: set[str] = set()
    for link in draft.links:
        port = ports.get((link.b_device, link.b_port))
        if port is None:
            continue
        key = (link.fabric, link.use, link.gbps, lane_gbps(port))
        if key not in classes:
            fits = Fit(
                form=forms.get((port.device, port.cage), ""),
                gbps=link.gbps,
                lane=lane_gbps(port),
                equal=_equal_lanes(ports.get((link.a_device, link.a_port)), port),
            )
            classes[key] = _classed(draft, link, fits)
            if draft.catalog.cables and not classes[key].medium and link.use not in refused:
                refused.add(link.use)
                _refuse_length(draft, classes[key])
    draft.link_classes += [classes[key] for key in sorted(classes)]


def lane_gbps(port: Port) -> int:
    """What one lane of a switch's port carries, in Gb/s. A cage that runs slower need not use all its lanes."""
    return _lane_gbps(port.gbps, max(len(port.lanes), 1))


@cache
def _lane_gbps(gbps: int, lanes: int) -> int:
    """The slowest lane rate of which no more than `lanes` make the speed; an even share of it, rounded up, where none does."""
    rates = (rate for rate in LANE_RATES if any(rate * count == gbps for count in LANE_COUNTS if count <= lanes))
    return next(rates, -(-gbps // lanes))


class Fit(NamedTuple):
    """What a cable must fit: the form of the upper end's cage, the speed in all and of its lanes, and whether the other
    end has equal ones.
    """

    form: str
    gbps: int
    lane: int
    equal: bool


def _equal_lanes(lower: Port | None, upper: Port) -> bool:
    """Servers and routers outside don't say which lanes they have, and are taken to have those of the switch."""
    return lower is None or lane_gbps(lower) == lane_gbps(upper)


def _classed(draft: Draft, link: Link, fit: Fit) -> LinkClass:
    metres = length_of(draft.blueprint.facility.lengths, link.use)
    name, cable, reach = next(_media(draft.catalog.cables, fit, metres), ("", None, None))
    return LinkClass(
        fabric=link.fabric,
        use=link.use,
        gbps=link.gbps,
        lane_gbps=fit.lane,
        metres=metres,
        medium=name,
        ends=cable.ends if cable else "",
        reach=reach.metres if reach else 0,
        standard=_standard(reach, link.gbps) if reach else "",
        origin=f"fabrics.{link.fabric}",
    )


def _standard(reach: Reach, gbps: int) -> str:
    """The standard of a link of this speed; where none is known, the one that its lanes are as fast as those of."""
    named = (each.standard for each in reach.speeds if each.gbps == gbps)
    return next(named, f"lanes as {reach.standard}")


def _refuse_length(draft: Draft, kind: LinkClass) -> None:
    key = LENGTH_KEYS[kind.use]
    draft.refuse(
        "DES602",
        f"facility.lengths.{key}",
        f"no cable of the catalogue carries {kind.gbps}G at {kind.lane_gbps}G a lane over {kind.metres} m",
        f"Write a shorter `{key}` under `facility: {{lengths: ...}}`.",
    )


LENGTH_KEYS: Mapping[LinkUse, str] = {
    "host": "server",
    "fabric": "uplink",
    "outside": "outside",
    "management": "management",
}


def length_of(lengths: Lengths, use: LinkUse) -> int:
    """The length in metres that cables of a use are bought in."""
    return int(getattr(lengths, LENGTH_KEYS[use]))


def _media(cables: Mapping[str, Cable], fit: Fit, metres: int) -> Iterator[tuple[str, Cable, Reach]]:
    """Cables that fit the cage and go far enough, those of the shortest reach first: copper, multimode, single-mode."""
    claimed = {each for cable in cables.values() for each in cable.forms}
    fitting = [
        (name, cable, reach)
        for name, cable in cables.items()
        if (fit.form in cable.forms if fit.form in claimed else not cable.forms)
        for reach in [_reach(cable, fit)]
        if reach and reach.metres >= metres
    ]
    yield from sorted(fitting, key=lambda each: (each[2].metres, each[0]))


def _reach(cable: Cable, fit: Fit) -> Reach | None:
    """What the cable is good for at the next lane rate that its standards have; where ends differ, at the fastest that
    the link can have.
    """
    rates = sorted((each for each in cable.reach if each.lane_gbps >= fit.lane), key=lambda each: each.lane_gbps)
    if fit.equal:
        return next(iter(rates), None)
    possible = [each for each in rates if each.lane_gbps <= fit.gbps]
    return possible[-1] if possible and cable.relanes else None
