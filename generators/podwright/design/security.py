"""Zones, the flows between them, and the ports where they are enforced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from podwright.design.addressing import overlap
from podwright.design.draft import Draft
from podwright.design.implied import (
    ADMINISTRATORS,
    ANYONE,
    BORDERS,
    CLOCKS,
    IMPLIED,
    LINKS,
    MANAGEMENT,
    RESOLVERS,
    SPACE,
    SWITCHES,
    Needs,
)
from podwright.design.membership import bridged_fabrics, memberships, owned_addresses, spelt
from podwright.design.prefixes import collapse, separate
from podwright.model.blueprint import Security, Service, ZonePart
from podwright.model.design import FilterPoint, Flow, SecurityPlan, Zone
from podwright.model.design.security import Protocol, ZoneKind
from podwright.model.services import SERVICES, KnownService

ENFORCING = frozenset({"sonic", "cumulus", "eos", "frr", "linux"})
"""Network operating systems whose port filters are rendered. On the others only the servers' own firewalls hold."""
EVERYTHING = ("0.0.0.0/0", "::/0")
LINK_LOCAL = "fe80::/10"


def plan_security(draft: Draft) -> None:
    """Fill the tables of the section `security`; without it they stay empty, and nothing is filtered."""
    spec = draft.blueprint.security
    if spec is None:
        return
    _refuse_networks_of_the_pod(draft, spec)
    _refuse_a_pod_without_a_way_in(draft, spec)
    if draft.failed:
        return
    ssh = spec.ssh
    draft.security_plans.append(
        SecurityPlan(
            rollback_seconds=spec.rollback_seconds,
            trusted_ca=ssh.trusted_ca.file if ssh and ssh.trusted_ca else "",
            authorized_keys=tuple(each.file for each in ssh.authorized_keys) if ssh else (),
            origin="security",
        )
    )
    draft.memberships += memberships(draft, spec)
    draft.zones += _zones(draft, spec)
    draft.flows += _written(spec)
    servers = tuple(zone for zone in draft.zones if zone.kind == "servers")
    needs = Needs(draft, servers)
    draft.flows += (flow for implied in IMPLIED for flow in implied(needs))
    draft.filter_points += _points(draft)


def _refuse_networks_of_the_pod(draft: Draft, spec: Security) -> None:
    """A network beyond the pod shares no address with its pools; host bits are refused as everywhere."""
    pools = [ip_network(prefix.prefix) for prefix in draft.prefixes if prefix.use in ("pool", "hosts")]
    for zone, members in spec.zones.items():
        for text in _networks(members):
            path = f"security.zones.{zone}"
            network = ip_network(text, strict=False)
            if text.split("/", 1)[0].lower() != str(network.network_address):
                draft.refuse("DES701", path, f"`{text}` has host bits set", f"Write {network}.")
            for pool in pools:
                if overlap(network, pool):
                    draft.refuse(
                        "DES702",
                        path,
                        f"the network {network} overlaps {pool}, which is a pool of the pod",
                        "Name groups of servers instead; a network in a zone lies beyond the pod.",
                    )


def _refuse_a_pod_without_a_way_in(draft: Draft, spec: Security) -> None:
    """Rules that let nobody configure the servers again are never right."""
    if not spec.administrators and not any("management" in plan.carries for plan in draft.fabrics):
        draft.refuse(
            "DES703",
            "security",
            "nobody could reach the servers any more: no fabric carries management, and no administrators are written",
            "Write the networks that Ansible and people come from, as `administrators: [10.99.0.0/24]`.",
        )


def _networks(members: Iterable[str | ZonePart]) -> list[str]:
    return [member for member in members if isinstance(member, str) and "/" in member]


def _zones(draft: Draft, spec: Security) -> Iterator[Zone]:
    prefixes = _prefixes_of_devices(draft, spec)
    routers = {device.group for device in draft.devices if device.kind == "outside"}
    for name, members in sorted(spec.zones.items()):
        networks = _networks(members)
        leads_outside = any(member in routers for member in members)
        kind: ZoneKind = "outside" if leads_outside else "networks" if networks else "servers"
        found = EVERYTHING if leads_outside else collapse(str(ip_network(each, strict=False)) for each in networks)
        yield Zone(
            name=name,
            kind=kind,
            members=tuple(spelt(member, draft.blueprint.fabrics) for member in members),
            prefixes=found if kind != "servers" else prefixes[name],
            isolated=name in spec.isolated or kind != "servers",
            origin=f"security.zones.{name}",
        )
    yield from _zones_of_the_pod(draft, spec, prefixes[SWITCHES])


def _prefixes_of_devices(draft: Draft, spec: Security) -> Mapping[str, tuple[str, ...]]:
    """Prefixes of each zone that has addresses of the pod, and of the switches, over all fabrics that route."""
    zone_at = {(each.group, each.fabric): each.zone for each in draft.memberships}
    bridged = bridged_fabrics(draft)
    loopbacks = {(each.device, each.name) for each in draft.interfaces if each.kind == "loopback"}
    switches = {device.name for device in draft.devices if device.kind == "switch"}
    addresses: dict[str, list[str]] = {name: [] for name in (*spec.zones, "", SWITCHES)}
    for group, fabric, address in owned_addresses(draft):
        addresses[zone_at.get((group, fabric), "")].append(address)
    for each in draft.addresses:
        if each.device in switches and each.fabric not in bridged and (each.device, each.interface) in loopbacks:
            addresses[SWITCHES].append(each.address.split("/", 1)[0])
    pools = (each.prefix for each in draft.prefixes if each.use in ("pool", "hosts"))
    return separate(addresses, pools)


def _zones_of_the_pod(draft: Draft, spec: Security, switches: tuple[str, ...]) -> Iterator[Zone]:
    """What implied flows are between, and all of the pod's own addresses, which nobody outside may send from."""
    bridged = bridged_fabrics(draft)
    pools = [each for each in draft.prefixes if each.use in ("pool", "hosts")]
    management = collapse(each.prefix for each in pools if each.fabric in bridged)
    site = draft.blueprint.site
    yield _pod_zone(LINKS, (LINK_LOCAL,), "fabrics")
    yield _pod_zone(BORDERS, collapse(each.prefix for each in draft.prefixes if each.use == "outside"), "fabrics")
    yield _pod_zone(SWITCHES, switches, "fabrics")
    yield _pod_zone(SPACE, collapse(each.prefix for each in pools), "fabrics")
    yield _pod_zone(MANAGEMENT, management, "fabrics")
    yield _pod_zone(ADMINISTRATORS, collapse(spec.administrators) or management, "security")
    yield _pod_zone(RESOLVERS, collapse(site.dns), "site")
    yield _pod_zone(CLOCKS, collapse(site.ntp), "site")
    yield Zone(name=ANYONE, kind="anyone", prefixes=EVERYTHING, origin="security")


def _pod_zone(name: str, prefixes: tuple[str, ...], origin: str) -> Zone:
    return Zone(name=name, kind="pod", prefixes=prefixes, origin=origin)


def _written(spec: Security) -> Iterator[Flow]:
    known: Mapping[str, Service | KnownService] = {**SERVICES, **spec.services}
    for number, allow in enumerate(spec.allow):
        for name in allow.services:
            for protocol, ports in _protocols(known[name]):
                yield Flow(
                    source=allow.from_,
                    target=allow.to,
                    service=name,
                    protocol=protocol,
                    ports=ports,
                    origin=f"security.allow.{number}",
                )


def _protocols(service: Service | KnownService) -> Iterator[tuple[Protocol, tuple[int, ...]]]:
    if service.tcp:
        yield "tcp", tuple(sorted(service.tcp))
    if service.udp:
        yield "udp", tuple(sorted(service.udp))
    if service.ping:
        yield "ping", ()


def _points(draft: Draft) -> Iterator[FilterPoint]:
    """Every port of an enforcing switch that a server or a router outside is cabled to, and every server."""
    zone_at = {(each.group, each.fabric): each.zone for each in draft.memberships}
    zone_of_router = {member: zone.name for zone in draft.zones if zone.kind == "outside" for member in zone.members}
    devices = {device.name: device for device in draft.devices}
    for each in draft.attachments:
        if each.mode != "access" and devices[each.leaf].nos in ENFORCING:
            zone = zone_at.get((devices[each.device].group, each.fabric), "")
            yield FilterPoint(device=each.leaf, interface=each.leaf_port, side="switch", zone=zone)
    for link in draft.links:
        if link.use == "outside" and devices[link.b_device].nos in ENFORCING:
            zone = zone_of_router.get(devices[link.a_device].group, "")
            yield FilterPoint(device=link.b_device, interface=link.b_port, side="switch", zone=zone)
    zones_of: dict[str, dict[str, None]] = {}
    for membership in draft.memberships:
        zones_of.setdefault(membership.group, {})[membership.zone] = None
    for device in draft.devices:
        if device.kind == "server":
            for zone in zones_of.get(device.group) or ("",):
                yield FilterPoint(device=device.name, interface="", side="host", zone=zone)
