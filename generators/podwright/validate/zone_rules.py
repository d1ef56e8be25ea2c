"""What the schema can't say of the section `security`: members, zones and services that rules name."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.load import KeyPath
from podwright.model.prose import shown
from podwright.model.services import SERVICES
from podwright.validate.fault import Fault, Rule
from podwright.validate.shape import listed, nearest
from podwright.validate.sound import Parts


def members_of_zones_exist(parts: Parts) -> Iterator[Fault]:
    """A member is a group, a router outside, or a network outside; a zone holds either servers or what is outside."""
    if parts.security is None:
        return
    known = sorted({*parts.server_names, *parts.router_names})
    for zone, members in parts.security.zones.items():
        kinds = {"servers" if member in parts.server_names else "what is outside" for member in members}
        if len(kinds) > 1 and all(member in known or "/" in member for member in members):
            yield Fault(
                "SCH046",
                ("security", "zones", zone),
                f"the zone {shown(zone)} mixes servers of the pod with what is outside it",
                "Make two zones of it; both may be named in the same rules.",
            )
        for number, member in enumerate(members):
            if member not in known and "/" not in member:
                near = nearest(member, known)
                yield Fault(
                    "SCH044",
                    ("security", "zones", zone, number),
                    f"there is no group of servers and no router outside called {shown(member)}",
                    f"Did you mean {shown(near)}?" if near else f"Write one of {listed(known, 'or')}.",
                    value=True,
                )


def members_are_in_one_zone(parts: Parts) -> Iterator[Fault]:
    """No group, router or network is in two zones."""
    if parts.security is not None:
        places: dict[str, KeyPath] = {}
        for zone, members in parts.security.zones.items():
            for number, member in enumerate(members):
                path: KeyPath = ("security", "zones", zone, number)
                first = places.setdefault(member, path)
                if first != path:
                    yield Fault(
                        "SCH045",
                        path,
                        f"{shown(member)} is in the zone {shown(str(first[2]))} already",
                        "Remove it from one of the two; a member is in one zone.",
                        value=True,
                    )


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


ZONE_RULES: tuple[Rule, ...] = (members_of_zones_exist, members_are_in_one_zone, rules_name_zones_and_services)
