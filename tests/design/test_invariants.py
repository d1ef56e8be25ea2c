"""What holds in every design, whatever the pod: ports and cables, addresses, AS numbers, sessions, references."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings

from pods import TABLES, Document, as_document, blueprint, built, catalog, pods
from podwright.catalog import Catalog, cages, load
from podwright.design import Index, design
from podwright.model.design import Design
from podwright.model.report import Severity

BLUEPRINTS = Path(__file__).resolve().parents[2] / "blueprints"

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LINK = 2
"""Addresses of a link between a NIC and its leaf; a bridged rail has more."""
KEYS = {
    "fabrics": ("name",),
    "devices": ("name",),
    "ports": ("device", "name"),
    "breakouts": ("device", "cage"),
    "links": ("a_device", "a_port"),
    "prefixes": ("prefix", "device"),
    "interfaces": ("device", "name"),
    "addresses": ("device", "interface", "address"),
    "attachments": ("device", "interface"),
    "host_routes": ("device", "table", "prefix"),
    "source_rules": ("device", "source"),
    "routers": ("device",),
    "sessions": ("a_device", "a_interface"),
    "vrfs": ("fabric", "name"),
    "segments": ("fabric", "vlan"),
    "vrf_members": ("device", "vrf"),
    "classes": ("name",),
    "bindings": ("device", "interface", "name"),
    "management": ("device",),
    "accesses": ("device",),
    "assets": ("device",),
    "racks": ("name",),
    "placements": ("device",),
    "link_classes": ("fabric", "use", "gbps", "lane_gbps"),
    "clusters": ("origin",),
    "priority_classes": ("name",),
    "tenants": ("name",),
    "quotas": ("tenant", "resource"),
    "volumes": ("tenant", "store", "server"),
    "grants": ("tenant", "kind", "subject"),
    "node_labels": ("device", "key"),
    "stores": ("name",),
    "exports": ("store", "address"),
    "mounts": ("store", "group", "device", "address"),
    "store_loads": ("store",),
}


class Case(NamedTuple):
    """What a design was made of."""

    document: Document
    catalog: Catalog


def key_of(table: str, record: msgspec.Struct) -> tuple[object, ...]:
    """The identity of a record in its table."""
    return tuple(getattr(record, field) for field in KEYS[table])


def one_record_an_identity(design: Design, _case: Case) -> Iterator[object]:
    for table in KEYS:
        counts = Counter(key_of(table, record) for record in getattr(design, table))
        yield from ((table, key) for key, count in counts.items() if count > 1)


def no_address_is_in_two_places(design: Design, _case: Case) -> Iterator[object]:
    """Apart from gateways of bridged rails, which every leaf has, and nobody else."""
    everywhere = {gateway for segment in design.segments for gateway in segment.gateways}
    owners = Counter(each.address.split("/")[0] for each in design.addresses if each.address not in everywhere)
    owners.update(gateway.split("/")[0] for gateway in everywhere)
    owners.update(each.bmc for each in design.management if each.bmc)
    yield from (address for address, count in owners.items() if count > 1)


def a_port_has_one_cable(design: Design, _case: Case) -> Iterator[object]:
    ends = Counter(end for link in design.links for end in ((link.a_device, link.a_port), (link.b_device, link.b_port)))
    known = {(port.device, port.name) for port in design.ports}
    yield from (end for end, count in ends.items() if count > 1 or end not in known)


def lanes_are_disjoint(design: Design, _case: Case) -> Iterator[object]:
    lanes = Counter((port.device, lane) for port in design.ports for lane in port.lanes)
    yield from (lane for lane, count in lanes.items() if count > 1)


def breakouts_are_of_their_cage(design: Design, case: Case) -> Iterator[object]:
    """A breakout's mode is listed for the cage, its ports share the cage's lanes, and each runs at a speed it may."""
    index = Index(design)
    for breakout in design.breakouts:
        model = case.catalog.switches[index.device[breakout.device].model]
        cage = next(cage for cage in cages(model) if cage.number == breakout.cage)
        run = cage.run
        ports = [port for port in index.ports[breakout.device] if port.cage == breakout.cage]
        count, speed = breakout.mode.split("x")
        listed = {*run.slower, *(mode.split("x")[1] for mode in run.modes)}
        legal = {int(each[:-1]) for each in listed if int(each[:-1]) <= int(speed[:-1])}
        lanes = sorted(lane for port in ports for lane in port.lanes)
        if (
            breakout.mode not in run.modes
            or len(ports) != int(count)
            or lanes != list(range(cage.lane, cage.lane + run.lanes))
            or any(port.gbps not in legal for port in ports)
        ):
            yield breakout


def uplinks_are_even(design: Design, _case: Case) -> Iterator[object]:
    index = Index(design)
    reached: dict[str, Counter[str]] = defaultdict(Counter)
    for link in design.links:
        if link.use == "fabric" and "management" not in index.fabric[link.fabric].carries:
            reached[link.a_device][link.b_device] += 1
    for leaf, spines in reached.items():
        device = index.device[leaf]
        plan = index.fabric[device.fabric]
        planes = {index.device[spine].plane for spine in spines}
        if len(spines) != plan.spines or len(set(spines.values())) != 1 or planes != {device.plane}:
            yield leaf, spines


def both_ends_agree(design: Design, _case: Case) -> Iterator[object]:
    speeds = {(port.device, port.name): port.gbps for port in design.ports}
    mtus = {(interface.device, interface.port): interface.mtu for interface in design.interfaces if interface.port}
    for link in design.links:
        ends = ((link.a_device, link.a_port), (link.b_device, link.b_port))
        if any(speeds[end] != link.gbps or mtus.get(end, link.mtu) != link.mtu for end in ends):
            yield link


def rails_have_leaves_of_their_own(design: Design, _case: Case) -> Iterator[object]:
    index = Index(design)
    leaves: Counter[tuple[str, str]] = Counter()
    for each in design.attachments:
        if index.fabric[each.fabric].topology == "rail-optimised":
            leaves[each.device, each.leaf] += 1
            leaf = index.device[each.leaf]
            if (leaf.rail, leaf.plane) != (each.rail, each.plane):
                yield each
    yield from (pair for pair, count in leaves.items() if count > 1)


def a_session_lies_on_one_link(design: Design, _case: Case) -> Iterator[object]:
    links = {(link.a_device, link.a_port): (link.b_device, link.b_port) for link in design.links}
    asns = {router.device: router.asn for router in design.routers}
    addresses = {(each.device, each.interface, each.address.split("/")[0]) for each in design.addresses}
    for each in design.sessions:
        written = [
            (device, interface, address)
            for device, interface, addresses_of in (
                (each.a_device, each.a_interface, (each.a_address, each.a_address6)),
                (each.b_device, each.b_interface, (each.b_address, each.b_address6)),
            )
            for address in addresses_of
            if address
        ]
        if (
            links.get((each.a_device, each.a_interface)) != (each.b_device, each.b_interface)
            or asns[each.a_device] != each.a_asn
            or asns[each.b_device] != each.b_asn
            or not addresses.issuperset(written)
        ):
            yield each


def as_numbers_forbid_valleys(design: Design, _case: Case) -> Iterator[object]:
    """Spines of a plane share one AS, all other speakers of a fabric have their own; router ids are unique and IPv4."""
    index = Index(design)
    for fabric in design.fabrics:
        routers = [router for router in design.routers if router.fabric == fabric.name]
        spines: dict[int, set[int]] = defaultdict(set)
        others: list[int] = []
        for router in routers:
            device = index.device[router.device]
            if device.tier == "spine":
                spines[device.plane].add(router.asn)
            else:
                others.append(router.asn)
        shared = [asn for asns in spines.values() for asn in asns]
        if any(len(asns) != 1 for asns in spines.values()) or len(set(shared + others)) != len(shared + others):
            yield fabric.name
        ids = [router.router_id for router in routers]
        if len(set(ids)) != len(ids) or any(ip_interface(each).version != 4 for each in ids):
            yield fabric.name, ids


def origins_lead_into_the_blueprint(design: Design, case: Case) -> Iterator[object]:
    for table in TABLES:
        for record in getattr(design, table):
            spot: object = case.document
            for step in getattr(record, "origin", "").split(".") if getattr(record, "origin", "") else ():
                here = dict(enumerate(spot)) if isinstance(spot, list) else spot
                key = int(step) if isinstance(spot, list) and step.isdecimal() else step
                if not isinstance(here, dict) or key not in here:
                    yield table, record
                    break
                spot = here[key]


def names_are_host_names(design: Design, _case: Case) -> Iterator[object]:
    yield from (device.name for device in design.devices if not HOST_NAME.fullmatch(device.name))


def references_lead_somewhere(design: Design, _case: Case) -> Iterator[object]:
    yield from dangling(design)


def dangling(design: Design) -> Iterator[object]:
    """Records that name a device, port, interface, fabric or class which the design lacks."""
    devices = {device.name for device in design.devices}
    ports = {(port.device, port.name) for port in design.ports}
    interfaces = {(interface.device, interface.name) for interface in design.interfaces}
    fabrics = {fabric.name for fabric in design.fabrics}
    for table in TABLES:
        for record in getattr(design, table):
            named = [getattr(record, field, "") for field in ("device", "a_device", "b_device", "leaf", "parent")]
            if any(name and name not in devices for name in named) or getattr(record, "fabric", "") not in fabrics | {
                ""
            }:
                yield table, record
    for interface in design.interfaces:
        for port in (interface.port, *interface.members):
            if port and (interface.device, port) not in ports:
                yield interface, port
    for each in (*design.addresses, *design.host_routes):
        if (each.device, each.interface) not in interfaces:
            yield each
    yield from (binding for binding in design.bindings if (binding.device, binding.interface) not in ports)
    for link in design.links:
        if not ports.issuperset(((link.a_device, link.a_port), (link.b_device, link.b_port))):
            yield link
    for attachment in design.attachments:
        if not ports.issuperset(((attachment.device, attachment.interface), (attachment.leaf, attachment.leaf_port))):
            yield attachment
    for session in design.sessions:
        if not interfaces.issuperset(
            ((session.a_device, session.a_interface), (session.b_device, session.b_interface))
        ):
            yield session
    classes = {each.name for each in design.classes}
    yield from (binding for binding in design.bindings if binding.name not in classes)
    addresses = {(each.device, each.address.split("/")[0]) for each in design.addresses}
    for managed in design.management:
        if managed.address and (managed.device, managed.address) not in addresses:
            yield managed


def nics_of_a_server_share_no_subnet(design: Design, _case: Case) -> Iterator[object]:
    """Public reports: eight NICs in one /24 answer ARP for each other, and one carries all traffic."""
    seen: dict[tuple[str, str], str] = {}
    for each in design.addresses:
        network = str(ip_interface(each.address).network)
        first = seen.setdefault((each.device, network), each.interface)
        if first != each.interface:
            yield each


def rails_leave_by_their_own_nic(design: Design, _case: Case) -> Iterator[object]:
    """Every rail address has a rule, the rule's table has a route through that NIC, and gateways are on the NIC's link.

    Of a bridged rail the main table knows by the address itself.
    """
    index = Index(design)
    for each in design.attachments:
        if each.mode != "routed":
            continue
        addresses = index.addresses[each.device, each.interface]
        for address in addresses:
            own = ip_interface(address)
            rules = [rule for rule in index.source_rules[each.device] if ip_network(rule.source)[0] == own.ip]
            tables = {rule.table for rule in rules}
            routes = [
                route
                for route in index.host_routes[each.device]
                if route.interface == each.interface and ip_network(route.prefix).version == own.version
            ]
            rail = own.network.num_addresses > LINK
            ways = [ip_interface(route.via).ip for route in routes if route.via]
            if (
                len(rules) != 1
                or {route.table for route in routes} != tables | ({0} if not rail else set())
                or not ways
                or any(way not in own.network for way in ways)
            ):
                yield each


INVARIANTS = [
    one_record_an_identity,
    no_address_is_in_two_places,
    a_port_has_one_cable,
    lanes_are_disjoint,
    breakouts_are_of_their_cage,
    uplinks_are_even,
    both_ends_agree,
    rails_have_leaves_of_their_own,
    a_session_lies_on_one_link,
    as_numbers_forbid_valleys,
    origins_lead_into_the_blueprint,
    names_are_host_names,
    references_lead_somewhere,
    nics_of_a_server_share_no_subnet,
    rails_leave_by_their_own_nic,
]


def broken(design: Design, case: Case) -> dict[str, list[object]]:
    return {each.__name__: found for each in INVARIANTS if (found := list(each(design, case)))}


@settings(max_examples=150, deadline=None)
@given(pods(shared=True))
def test_every_design_is_sound(document: Document) -> None:
    assert not broken(built(document), Case(document, catalog()))


@pytest.mark.parametrize("path", sorted(BLUEPRINTS.glob("*/pod.yaml")), ids=lambda path: path.parent.name)
def test_the_reference_blueprints_are_sound(path: Path) -> None:
    document = as_document(path.read_text("utf-8"))
    product = design(blueprint(document), load())
    assert not [finding for finding in product.findings if finding.severity > Severity.NOTE]
    assert not broken(product.design, Case(document, load()))
