"""The tenant that a flow is in, and the tunnel that carries it between switches."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Literal, NamedTuple

from podwright.model.design import Design, Segment
from podwright.network.endpoints import Endpoint, Flow
from podwright.network.graph import End, Graph
from podwright.network.trace import Way

SWITCH_RANKS = (1, 2)
"""Leaves and spines."""


class Tunnel(NamedTuple):
    """VXLAN between the switches of a tenant. `vlan` and `vni` are its bridged rail's where `layer` is `bridged`, else those of
    its routing table `vrf`; `overhead` is in bytes.
    """

    tenant: str
    vrf: str
    layer: Literal["bridged", "routed"]
    vlan: int
    vni: int
    overhead: int


class Outer(NamedTuple):
    """The addresses of a packet's outer header: loopbacks of the switches where it goes into the tunnel and comes out."""

    source: str
    target: str


def tunnel_of(design: Design, flow: Flow) -> Tunnel | None:
    """None outside of tenants."""
    fabric = flow.source.fabric
    plan = next(each for each in design.fabrics if each.name == fabric)
    for vrf in design.vrfs:
        if (vrf.fabric, vrf.name) == (fabric, flow.source.tenant):
            segment = _common(design, flow)
            if segment is not None:
                return Tunnel(vrf.name, vrf.name, "bridged", segment.vlan, segment.vni, plan.overhead)
            return Tunnel(vrf.name, vrf.name, "routed", vrf.vlan, vrf.vni, plan.overhead)
    return None


def tunnelled(graph: Graph, end: End) -> bool:
    """Whether the cable at a port joins two switches of the fabric: packets of tenants cross it in a tunnel."""
    return all(graph.node[each.device].rank in SWITCH_RANKS for each in (end, graph.far[end]))


def outer_of(design: Design, graph: Graph, way: Way) -> Outer | None:
    """Of the path that is shown; None where no two switches are on it."""
    switches = [step.device for step in way.chosen() if graph.node[step.device].rank in SWITCH_RANKS]
    if len(switches) < 2:
        return None
    addresses = {router.device: router.router_id for router in design.routers}
    return Outer(addresses[switches[0]], addresses[switches[-1]])


def _common(design: Design, flow: Flow) -> Segment | None:
    """The bridged rail that both ends are in."""
    place = (flow.source.fabric, flow.source.tenant)
    mine = (each for each in design.segments if (each.fabric, each.vrf) == place)
    return next((each for each in mine if _is_in(each, flow.source) and _is_in(each, flow.target)), None)


def _is_in(segment: Segment, end: Endpoint) -> bool:
    address = ip_address(end.address)
    return any(address in ip_network(prefix) for prefix in segment.prefixes)
