"""What zones allow the pods of tenants: a pod is in the zones that the workers it runs on are in where they route.

Flows that the design implies are those of the servers themselves, and open nothing to pods. Nor do those of tunnels between
nodes: a pod that could send to the end of one could send as any other pod. Ranges of pods and services are never a part of a
zone's addresses, so that no zone joins two tenants.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network
from typing import Literal

from podwright.design import Index
from podwright.model.design import Cluster, Flow
from podwright.model.services import TUNNEL_PORTS
from podwright.projection.cluster_records import BlockConfig, FlowConfig, PeerConfig, PolicyConfig, PortRange

SPOKEN: dict[str, Literal["TCP", "UDP"]] = {"tcp": "TCP", "udp": "UDP"}
"""What a network policy can say; it knows no ICMP."""


def zone_policies(index: Index, cluster: Cluster) -> Iterator[PolicyConfig]:
    """One policy, where zones are written and some flow begins or ends at the workers."""
    home = {
        each.zone
        for each in index.design.memberships
        if each.group in cluster.workers and index.fabric[each.fabric].underlay != "bridged"
    }
    flows = tuple(_flows(index, cluster, home))
    if flows:
        yield PolicyConfig(name="zones", flows=flows)


def _flows(index: Index, cluster: Cluster, home: set[str]) -> Iterator[FlowConfig]:
    prefixes = {zone.name: zone.prefixes for zone in index.design.zones}
    for flow in index.design.flows:
        if flow.implied_by or flow.protocol not in SPOKEN or (flow.source in home) == (flow.target in home):
            continue
        outward = flow.source in home
        blocks = tuple(_blocks(cluster, prefixes[flow.target if outward else flow.source]))
        ports = _ports(flow)
        if blocks and ports:
            yield FlowConfig(direction="out" if outward else "in", peer=PeerConfig(blocks=blocks), ports=ports)


def _ports(flow: Flow) -> tuple[PortRange, ...]:
    of_nodes = TUNNEL_PORTS if flow.protocol == "udp" else frozenset()
    return tuple(PortRange(protocol=SPOKEN[flow.protocol], port=port) for port in flow.ports if port not in of_nodes)


def _blocks(cluster: Cluster, prefixes: tuple[str, ...]) -> Iterator[BlockConfig]:
    own = (IPv4Network(cluster.pods), IPv4Network(cluster.services))
    for prefix in prefixes:
        network = ip_network(prefix)
        if not isinstance(network, IPv4Network):
            yield BlockConfig(prefix=prefix)
        elif not any(network.subnet_of(each) for each in own):
            yield BlockConfig(prefix=prefix, without=tuple(str(each) for each in own if each.subnet_of(network)))
