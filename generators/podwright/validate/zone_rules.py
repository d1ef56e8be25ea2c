"""What the schema can't say of the section `security`: members, zones and services that rules name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from podwright.load import KeyPath
from podwright.model.blueprint import ZonePart
from podwright.model.prose import shown
from podwright.model.services import SERVICES
from podwright.validate.fault import Fault, Rule, strangers
from podwright.validate.shape import listed, nearest
from podwright.validate.sound import Parts


def members_of_zones_exist(parts: Parts) -> Iterator[Fault]:
    """A member is a group, a fabric, a router outside, or a network outside; a zone holds parts of the pod, or what is outside."""
    if parts.security is None:
        return
    inside = {*parts.server_names, *parts.fabric_names}
    known = sorted({*inside, *parts.router_names})
    for zone, members in parts.security.zones.items():
        names = [member for member in members if isinstance(member, str)]
        kinds = {"inside" if not isinstance(member, str) or member in inside else "outside" for member in members}
        if len(kinds) > 1 and all(name in known or "/" in name for name in names):
            yield Fault(
                "SCH046",
                ("security", "zones", zone),
                f"the zone {shown(zone)} mixes servers of the pod with what is outside it",
                "Make two zones of it; both may be named in the same rules.",
            )
        for number, member in enumerate(members):
            path: KeyPath = ("security", "zones", zone, number)
            if isinstance(member, ZonePart):
                yield from _parts_exist(parts, path, member)
            elif member not in known and "/" not in member:
                near = nearest(member, known)
                yield Fault(
                    "SCH044",
                    path,
                    f"there is no group of servers, no fabric and no router outside called {shown(member)}",
                    f"Did you mean {shown(near)}?" if near else f"Write one of {listed(known, 'or')}.",
                    value=True,
                )


def _parts_exist(parts: Parts, path: KeyPath, member: ZonePart) -> Iterator[Fault]:
    groups = [((*path, "groups", place), name, True) for place, name in enumerate(member.groups or ())]
    fabrics = [((*path, "fabrics", place), name, True) for place, name in enumerate(member.fabrics or ())]
    otherwise = "Write one that the blueprint has, or remove it."
    yield from strangers("SCH044", "group of servers", groups, parts.server_names, otherwise)
    yield from strangers("SCH044", "fabric", fabrics, parts.fabric_names, otherwise)


def members_mean_one_thing(parts: Parts) -> Iterator[Fault]:
    """A name alone is that of a group, of a fabric or of a router outside, and not of two."""
    if parts.security is None:
        return
    for zone, members in parts.security.zones.items():
        for number, member in enumerate(members):
            meant = _meanings(parts, member) if isinstance(member, str) else []
            if len(meant) > 1:
                forms = [each.form for each in meant if each.form]
                yield Fault(
                    "SCH049",
                    ("security", "zones", zone, number),
                    f"{shown(str(member))} is {' and '.join(each.noun for each in meant)}",
                    f"Write {' or '.join(forms)}"
                    + (", or give the router another name." if len(forms) < len(meant) else "."),
                    value=True,
                )


class _Meaning(NamedTuple):
    """What a name may stand for, and the longer form that says so; there is none for a router."""

    noun: str
    form: str


def _meanings(parts: Parts, name: str) -> list[_Meaning]:
    possible = (
        (parts.server_names, _Meaning("a group of servers", f"`{{groups: [{name}]}}`")),
        (parts.fabric_names, _Meaning("a fabric", f"`{{fabrics: [{name}]}}`")),
        (parts.router_names, _Meaning("a router outside", "")),
    )
    return [meaning for names, meaning in possible if name in names]


def members_are_in_one_zone(parts: Parts) -> Iterator[Fault]:
    """Nothing is in two zones by members that are equally narrow: of two others the narrower decides."""
    if parts.security is None:
        return
    places: dict[tuple[str, str], KeyPath] = {}
    for zone, members in parts.security.zones.items():
        for number, member in enumerate(members):
            path: KeyPath = ("security", "zones", zone, number)
            for claim in _claims(parts, member):
                first = places.setdefault(claim, path)
                if first != path:
                    yield Fault(
                        "SCH045",
                        path,
                        f"{_spelt(claim)} is in the zone {shown(str(first[2]))} already",
                        "Remove it from one of the two; a member is in one zone.",
                        value=isinstance(member, str),
                    )


def _claims(parts: Parts, member: str | ZonePart) -> list[tuple[str, str]]:
    """What a member says as (group or what is outside, fabric), either of which may be empty for all."""
    if isinstance(member, str):
        return [("", member)] if member in parts.fabric_names and member not in parts.server_names else [(member, "")]
    return [(group, fabric) for group in member.groups or ("",) for fabric in member.fabrics or ("",)]


def _spelt(claim: tuple[str, str]) -> str:
    group, fabric = claim
    if group and fabric:
        return f"{shown(group)} on {shown(fabric)}"
    return shown(group or fabric)


def rules_name_zones_and_services(parts: Parts) -> Iterator[Fault]:
    """Zones and services that rules name are written, or built in."""
    if parts.security is None:
        return
    zones = sorted(parts.security.zones)
    services = sorted({*SERVICES, *parts.security.services})
    named: list[tuple[KeyPath, str]] = [
        (("security", "isolated", number), zone) for number, zone in enumerate(parts.security.isolated)
    ]
    for number, allow in enumerate(parts.security.allow):
        path: KeyPath = ("security", "allow", number)
        named += [((*path, "from"), allow.from_), ((*path, "to"), allow.to)]
        spots = [(*path, "service")] if isinstance(allow.service, str) else []
        spots = spots or [(*path, "service", place) for place in range(len(allow.services))]
        for spot, service in zip(spots, allow.services, strict=True):
            if service not in services:
                near = nearest(service, services)
                yield Fault(
                    "SCH048",
                    spot,
                    f"there is no service {shown(service)}",
                    f"Did you mean {shown(near)}?"
                    if near
                    else "Write its ports in `security.services`; the built-in ones are in docs/stages/security.md.",
                    value=True,
                )
    for path, zone in named:
        if zone not in zones:
            near = nearest(zone, zones)
            yield Fault(
                "SCH047",
                path,
                f"there is no zone {shown(zone)}",
                f"Did you mean {shown(near)}?" if near else f"Write one of {listed(zones, 'or')}.",
                value=True,
            )


ZONE_RULES: tuple[Rule, ...] = (
    members_of_zones_exist,
    members_mean_one_thing,
    members_are_in_one_zone,
    rules_name_zones_and_services,
)
