"""The network of a fabric as it was designed: devices, cables, sessions with their policies, and who announces what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_interface, ip_network
from typing import NamedTuple

from podwright.model.design import Design, Device, FabricPlan, Session
from podwright.model.design.identity import Tier
from podwright.model.network import Destination, Network, Node, Peering, Terms, Wire

RANK: Mapping[Tier, int] = {"host": 0, "leaf": 1, "spine": 2, "root": 2, "outside": 3}
FROM_SPINE = "FROM-SPINE"
DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}


class _Parts(NamedTuple):
    """What of a design belongs to one fabric."""

    plan: FabricPlan
    devices: Mapping[str, Device]
    sessions: tuple[Session, ...]


def lossless_networks(design: Design) -> Iterator[tuple[Network, str]]:
    """Each fabric that has a lossless class, with the name of the class."""
    for plan in design.fabrics:
        if plan.lossless:
            yield network_of(design, plan.name), plan.lossless


def network_of(design: Design, fabric: str) -> Network:
    """The network of a fabric that routes. Leaves mark what spines tell them and keep it from spines, as configured."""
    (plan,) = (each for each in design.fabrics if each.name == fabric)
    links = [link for link in design.links if link.fabric == fabric]
    cabled = {device for link in links for device in (link.a_device, link.b_device)}
    devices = {each.name: each for each in design.devices if each.name in cabled or each.fabric == fabric}
    parts = _Parts(plan, devices, tuple(each for each in design.sessions if each.fabric == fabric))
    destinations = tuple(_destinations(design, parts))
    asns = {router.device: router.asn for router in design.routers}
    bound: dict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for binding in design.bindings:
        if binding.device in devices:
            bound[binding.device, binding.interface] += (binding.name,)
    return Network(
        name=fabric,
        nodes=tuple(
            Node(each.name, asns.get(each.name, 0), RANK[each.tier], each.tier != "host") for each in devices.values()
        ),
        wires=tuple(
            Wire(
                link.a_device,
                link.a_port,
                link.b_device,
                link.b_port,
                link.gbps,
                link.mtu,
                bound.get((link.a_device, link.a_port), ()),
                bound.get((link.b_device, link.b_port), ()),
            )
            for link in links
        ),
        peerings=tuple(_peerings(parts, destinations, _host_pools(design, parts))),
        destinations=destinations,
    )


def _destinations(design: Design, parts: _Parts) -> Iterator[Destination]:
    """Leaves announce what they serve of rails, servers and switches their loopbacks, routers outside a default; to servers,
    leaves announce the pool instead.
    """
    pools = _host_pools(design, parts)
    speaking = tuple(dict.fromkeys(each.b_device for each in parts.sessions if each.use == "host"))
    defaults = tuple(_defaults(parts))
    for prefix in design.prefixes:
        if prefix.fabric == parts.plan.name and prefix.use == "leaf":
            yield Destination(prefix.prefix, (prefix.device,), _of_family(prefix.prefix, (), defaults))
    yield from _loopbacks(design, parts, pools if speaking else (), defaults)
    if speaking:
        for pool in pools:
            yield Destination(pool, speaking, _of_family(pool, (), defaults), sought=False)
    yield from defaults


def _loopbacks(
    design: Design, parts: _Parts, pools: tuple[str, ...], defaults: tuple[Destination, ...]
) -> Iterator[Destination]:
    loopbacks = {(each.device, each.name) for each in design.interfaces if each.kind == "loopback"}
    for address in design.addresses:
        if address.fabric == parts.plan.name and (address.device, address.interface) in loopbacks:
            server = parts.devices[address.device].tier == "host"
            holding = pools if server else tuple(pool for pool in pools if _holds(pool, address.address))
            yield Destination(
                address.address, (address.device,), _of_family(address.address, holding, defaults), sought=server
            )


def _holds(pool: str, address: str) -> bool:
    network, plain = ip_network(pool), ip_interface(address).ip
    return plain.version == network.version and plain in network


def _of_family(prefix: str, pools: Iterable[str], defaults: Iterable[Destination]) -> tuple[str, ...]:
    wide = (*pools, *(each.name for each in defaults))
    return tuple(each for each in wide if (":" in each) == (":" in prefix))


def _defaults(parts: _Parts) -> Iterator[Destination]:
    for family, name in DEFAULTS.items():
        origins = dict.fromkeys(
            each.a_device
            for each in parts.sessions
            if each.use == "outside" and (each.a_address6 if family == 6 else each.a_address)
        )
        if origins:
            yield Destination(name, tuple(origins), sought=False)


def _host_pools(design: Design, parts: _Parts) -> tuple[str, ...]:
    """Where servers have their loopbacks: the fabric's pools of hosts, or its only pool."""
    mine = [each for each in design.prefixes if each.fabric == parts.plan.name]
    hosts = tuple(each.prefix for each in mine if each.use == "hosts")
    return hosts or tuple(each.prefix for each in mine if each.use == "pool")


def _peerings(parts: _Parts, destinations: Iterable[Destination], pools: Iterable[str]) -> Iterator[Peering]:
    defaults = frozenset(DEFAULTS.values())
    known = frozenset(each.name for each in destinations)
    upwards = known.difference(pools)
    leaf = Terms(adds=(FROM_SPINE,), withholds=(FROM_SPINE,), tells=upwards)
    terms = {
        "fabric": (leaf, Terms()),
        "host": (Terms(), Terms(tells=defaults.union(pools))),
        "outside": (Terms(tells=defaults), Terms(takes=defaults, tells=known - defaults)),
    }
    for session in parts.sessions:
        a, b = terms[session.use]
        yield Peering(session.a_device, session.a_interface, session.b_device, session.b_interface, a, b)
