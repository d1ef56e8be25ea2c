"""Which zone each address of the pod is in.

Members of zones overlap by intent: a group is a zone's, and one of its fabrics another's. The narrower member decides: a
group on a fabric, then a fabric, then a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from podwright.design.draft import Draft
from podwright.model.blueprint import Security, ZonePart
from podwright.model.design import Membership

ALL = ""


class Claim(NamedTuple):
    """What a member of a zone says: `group` on `fabric`, either of which may be all."""

    zone: str
    group: str
    fabric: str
    origin: str


def claims(spec: Security, fabrics: Iterable[str]) -> Iterator[Claim]:
    """The members that are parts of the pod, or may be: names of routers and networks are among the groups."""
    for zone, members in spec.zones.items():
        for number, member in enumerate(members):
            origin = f"security.zones.{zone}.{number}"
            part = member if isinstance(member, ZonePart) else _named(member, fabrics)
            for group in part.groups or (ALL,):
                for fabric in part.fabrics or (ALL,):
                    yield Claim(zone, group, fabric, origin)


def spelt(member: str | ZonePart, fabrics: Iterable[str]) -> str:
    """A member in words: `gpu`, `fabric storage`, `gpu and files on front`."""
    part = member if isinstance(member, ZonePart) else _named(member, fabrics)
    groups, places = " and ".join(part.groups or ()), " and ".join(part.fabrics or ())
    if groups and places:
        return f"{groups} on {places}"
    return groups or f"fabric {places}"


def _named(member: str, fabrics: Iterable[str]) -> ZonePart:
    return ZonePart(fabrics=(member,)) if member in fabrics else ZonePart(groups=(member,))


def memberships(draft: Draft, spec: Security) -> Iterator[Membership]:
    """One for each group and fabric that a zone has; a group alone is its servers wherever the pod routes, else out of band."""
    said = {(claim.group, claim.fabric): claim for claim in claims(spec, draft.blueprint.fabrics)}
    bridged = bridged_fabrics(draft)
    places = _places(draft)
    routes = {group for group, fabric in places if fabric not in bridged}
    for group, fabric in places:
        claim = said.get((group, fabric)) or said.get((ALL, fabric))
        if claim is None and (fabric not in bridged or group not in routes):
            claim = said.get((group, ALL)) if group else None
        if claim is not None:
            yield Membership(zone=claim.zone, group=group, fabric=fabric, origin=claim.origin)


def bridged_fabrics(draft: Draft) -> frozenset[str]:
    """Out-of-band networks: nothing filters what their switches pass on."""
    return frozenset(plan.name for plan in draft.fabrics if plan.underlay == "bridged")


def _places(draft: Draft) -> list[tuple[str, str]]:
    """(group, fabric) of everything that is attached, in the order of the cabling; what is no server comes last."""
    groups = {device.name: device.group for device in draft.devices}
    servers = dict.fromkeys((groups[each.device], each.fabric) for each in draft.attachments)
    return [*servers, *((ALL, fabric) for fabric in sorted(bridged_fabrics(draft)))]


def owned_addresses(draft: Draft) -> Iterator[tuple[str, str, str]]:
    """(group, fabric, address) of servers, their baseboard controllers, and what else is on fabrics that bridge."""
    groups = {device.name: device.group for device in draft.devices if device.kind == "server"}
    bridged = bridged_fabrics(draft)
    for each in draft.addresses:
        if each.device in groups or each.fabric in bridged:
            yield groups.get(each.device, ALL), each.fabric, each.address.split("/", 1)[0]
    yield from _controllers(draft, groups)


def _controllers(draft: Draft, groups: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Those with an address of the network's own; one that an asset gives may lie anywhere."""
    fabric_of = {each.prefix: each.fabric for each in draft.prefixes if each.use == "pool"}
    for each in draft.management:
        fabric = fabric_of.get(each.prefix)
        if fabric and each.bmc and ip_address(each.bmc) in ip_network(each.prefix):
            yield groups.get(each.device, ALL), fabric, each.bmc
