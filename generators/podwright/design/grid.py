"""Where servers stand: runs of slots over the grid of scalable units, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from podwright.catalog import Server
from podwright.design.draft import Draft
from podwright.model.blueprint import Servers
from podwright.model.design import Asset, Device
from podwright.model.near import likely_meant

MOST_LISTED = 12


class Seat(NamedTuple):
    """One server in its slot."""

    device: str
    group: str
    unit: int
    slot: int
    model: Server
    origin: str


class Run(NamedTuple):
    """A group's stretch of the grid, counted in slots from the first of unit 1; `end` is exclusive."""

    group: str
    begin: int
    end: int


def place_servers(draft: Draft) -> list[Seat]:
    """Adds a Device and an Asset for each server; refuses overlapping runs and unknown models."""
    slots = draft.blueprint.units.slots
    runs = [_run(name, servers, slots) for name, servers in draft.blueprint.servers.items()]
    _refuse_overlaps(draft, runs, slots)
    seats = [seat for name, servers in draft.blueprint.servers.items() for seat in _seats(draft, name, servers, slots)]
    seats.sort(key=lambda seat: (seat.unit, seat.slot, seat.group))
    draft.devices += [_device(draft, seat) for seat in seats]
    return seats


def nearest(word: str, known: Collection[str]) -> str:
    """`Did you mean ...?`, or the list of what there is."""
    if close := likely_meant(word, known, most=1):
        return f"Did you mean `{close[0]}`?"
    listed = sorted(known)[:MOST_LISTED]
    return f"Known are{', among others' if len(known) > MOST_LISTED else ''}: {', '.join(listed)}."


def _run(name: str, servers: Servers, slots: int) -> Run:
    begin = (servers.at.unit - 1) * slots + servers.at.slot - 1
    end = begin + servers.count
    for hole in sorted((place.unit - 1) * slots + place.slot - 1 for place in servers.absent):
        if begin <= hole <= end:
            end += 1
    return Run(name, begin, end)


def _spell(index: int, slots: int) -> str:
    return f"unit {index // slots + 1} slot {index % slots + 1}"


def _refuse_overlaps(draft: Draft, runs: list[Run], slots: int) -> None:
    """Compares each run with the one that reaches furthest among those that begin before it."""
    ordered = sorted(runs, key=lambda run: (run.begin, run.end, run.group))
    furthest = ordered[0]
    for second in ordered[1:]:
        first, furthest = furthest, max(furthest, second, key=lambda run: run.end)
        shared = min(first.end, second.end) - second.begin
        if shared <= 0:
            continue
        length = second.end - second.begin
        free = _next_free(ordered, second, length)
        draft.refuse(
            "DES101",
            f"servers.{second.group}.at",
            f"the run of `{first.group}` takes {first.end - first.begin} slots from {_spell(first.begin, slots)} to "
            f"{_spell(first.end - 1, slots)}, and `{second.group}` begins at {_spell(second.begin, slots)}: "
            f"{shared} slot{'s are' if shared > 1 else ' is'} claimed twice",
            f"Move `{second.group}`: the next free run of {length} slot{'s' if length > 1 else ''} begins at {_spell(free, slots)}.",
        )


def _next_free(runs: list[Run], moved: Run, length: int) -> int:
    candidate = moved.begin
    others = sorted((run for run in runs if run.group != moved.group), key=lambda run: run.begin)
    for run in others:
        if run.end <= candidate:
            continue
        if candidate + length <= run.begin:
            return candidate
        candidate = run.end
    return candidate


def _seats(draft: Draft, name: str, servers: Servers, slots: int) -> list[Seat]:
    model = draft.catalog.servers.get(servers.model)
    if model is None:
        draft.refuse(
            "DES102",
            f"servers.{name}.model",
            f"the catalogue has no server model `{servers.model}`",
            nearest(servers.model, draft.catalog.servers.keys()),
        )
        return []
    holes = {(place.unit, place.slot) for place in servers.absent}
    origin = f"servers.{name}"
    run = _run(name, servers, slots)
    seats = []
    for index in range(run.begin, run.end):
        unit, slot = index // slots + 1, index % slots + 1
        if (unit, slot) in holes:
            continue
        device = draft.namer.server(name, unit, slot)
        seats.append(Seat(device, name, unit, slot, model, origin))
    return seats


def _device(draft: Draft, seat: Seat) -> Device:
    servers = draft.blueprint.servers[seat.group]
    return Device(
        name=seat.device,
        kind="server",
        tier="host",
        role=servers.purpose or seat.model.purpose,
        group=seat.group,
        unit=seat.unit,
        slot=seat.slot,
        model=servers.model,
        nos="linux",
        failure_domain=f"u{seat.unit:03}",
        origin=seat.origin,
    )


def record_assets(draft: Draft) -> None:
    """Adds what the delivery notes say; refuses devices that the design does not have, and values used twice.

    Where something else was refused before, devices may be missing for that reason, and names are not looked up.
    """
    known = {device.name for device in draft.devices}
    seen = _designed_addresses(draft)
    for name, asset in sorted(draft.blueprint.assets.items()):
        if name not in known and not draft.failed:
            draft.refuse("DES103", f"assets.{name}", f"the pod has no device `{name}`", nearest(name, known))
        for field in ("serial", "mac", "bmc_mac", "bmc_address"):
            value = getattr(asset, field)
            if value is None:
                continue
            kind = field.removeprefix("bmc_").replace("_", " ")
            other, first = seen.setdefault(f"{kind} {value.lower()}", (name, field))
            if (other, first) != (name, field):
                draft.refuse(
                    "DES104",
                    f"assets.{name}.{field}",
                    f"`{value}` is already {'an' if kind == 'address' else 'the'} {kind} of `{other}`",
                    "Each device has its own; correct one of them.",
                )
        draft.assets.append(
            Asset(
                device=name,
                serial=asset.serial or "",
                mac=(asset.mac or "").lower(),
                bmc_mac=(asset.bmc_mac or "").lower(),
            )
        )


def _designed_addresses(draft: Draft) -> dict[str, tuple[str, str]]:
    """Who has an address by design, for the addresses of BMCs that assets give by hand."""
    if not any(asset.bmc_address for asset in draft.blueprint.assets.values()):
        return {}
    owners = {f"address {each.address.split('/', 1)[0]}": (each.device, "") for each in draft.addresses}
    for each in draft.management:
        asset = draft.blueprint.assets.get(each.device)
        if each.bmc and not (asset and asset.bmc_address):
            owners[f"address {each.bmc}"] = (each.device, "")
    return owners
