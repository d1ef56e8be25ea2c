"""The tenants that a switch has, and the end of its tunnels."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from podwright.design import Index
from podwright.design.overlay import FREE_VLANS
from podwright.model.design import Device, Segment, Vrf
from podwright.projection.overlay_records import OverlayConfig, SegmentConfig, VrfConfig

GATEWAY_MAC = "02:70:6f:64:00:01"
"""Locally administered (IEEE 802), and the same on all leaves."""

LINUX_PREFIX = "Vrf"
"""SONiC takes no name of a routing table without it (sonic-vrf.yang); in Linux it keeps them apart from interfaces."""


def linux_vrf(tenant: str) -> str:
    """What a tenant's routing table is called in Linux and SONiC; empty for the switch's own."""
    return f"{LINUX_PREFIX}{tenant}" if tenant else ""


def project_overlay(index: Index, device: Device) -> OverlayConfig | None:
    """None for a device that has no tenant's routing table; a spine carries tunnels without knowing of them."""
    router = index.router.get(device.name)
    members = index.vrf_members.get(device.name, ())
    if router is None or not members:
        return None
    loopback = next(each.name for each in index.interfaces[device.name] if each.kind == "loopback")
    return OverlayConfig(
        address=router.router_id,
        source=loopback,
        gateway_mac=GATEWAY_MAC,
        free_vlan=FREE_VLANS,
        vrfs=tuple(_vrf(index.vrf[each.fabric, each.vrf], router.router_id) for each in members),
        segments=tuple(
            _segment(index.segment[each.fabric, vlan], router.router_id) for each in members for vlan in each.vlans
        ),
    )


def _vrf(vrf: Vrf, router_id: str) -> VrfConfig:
    return VrfConfig(
        name=vrf.name,
        linux=linux_vrf(vrf.name),
        vlan=vrf.vlan,
        vni=vrf.vni,
        distinguisher=f"{router_id}:{vrf.vlan}",
        target=vrf.route_target,
    )


def _segment(segment: Segment, router_id: str) -> SegmentConfig:
    return SegmentConfig(
        vrf=segment.vrf,
        vlan=segment.vlan,
        vni=segment.vni,
        distinguisher=f"{router_id}:{segment.vlan}",
        target=segment.route_target,
        gateways=segment.gateways,
    )


def own_networks(index: Index, device: Device, tenant: str) -> Iterator[str]:
    """What of a tenant's the device has a port in: bridged networks, and its links to routers outside.

    Such a link makes its border reachable by a route that no other border has. FRRouting up to 8.5 needs one: where several
    borders originate the same default, a leaf that learned them one after the other drops the neighbour entry of the first
    (https://github.com/FRRouting/frr/issues/14108), and what it sends there is lost.
    """
    for member in index.vrf_members.get(device.name, ()):
        if member.vrf == tenant:
            for vlan in member.vlans:
                yield from index.segment[member.fabric, vlan].prefixes
    for session in index.sessions_of[device.name]:
        if session.use == "outside" and session.vrf == tenant:
            for address in index.addresses[device.name, session.b_interface]:
                yield str(ip_interface(address).network)
