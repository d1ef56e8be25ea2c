"""Tenants of a switch: routing tables, and the VXLAN tunnels between switches that have the same ones.

EVPN itself is FRR's. SONiC's tables say which VLAN is which VNI: a bridged network has its VLAN already, and a tenant's routed
traffic (L3 VNI) is given one that no port is in. Leaves are one gateway by a static anycast gateway (SAG), which images that are
older than its model, of 2025, refuse. The mark of a packet is copied to the tunnel's header and back by SAI's defaults, uniform
DSCP and standard ECN, and ARP is not suppressed: SONiC's models have no table for either.
https://github.com/sonic-net/SONiC/blob/master/doc/vxlan/EVPN/EVPN_VXLAN_HLD.md,
https://github.com/sonic-net/SONiC/blob/master/doc/sag/sag-HLD.md,
https://github.com/opencomputeproject/SAI/blob/master/inc/saitunnel.h
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.projection.overlay_records import OverlayConfig, SegmentConfig, VrfConfig
from podwright.projection.records import InterfaceConfig, SwitchConfig

Row = Mapping[str, str | list[str]]
Table = dict[str, Row]

TUNNEL, EVPN = "vtep", "nvo"
"""A switch has one tunnel and one overlay, whatever they are called."""


def overlay_tables(switch: SwitchConfig) -> dict[str, Table]:
    """Every table that only tenants need; none where the switch has no tenant's routing table."""
    overlay = switch.overlay
    if overlay is None:
        return {}
    mapped: tuple[VrfConfig | SegmentConfig, ...] = (*overlay.vrfs, *overlay.segments)
    return {
        "SAG": {"GLOBAL": {"gateway_mac": overlay.gateway_mac}} if overlay.segments else {},
        "VRF": {each.linux: {"vni": str(each.vni)} for each in overlay.vrfs},
        "VXLAN_EVPN_NVO": {EVPN: {"source_vtep": TUNNEL}},
        "VXLAN_TUNNEL": {TUNNEL: {"src_ip": overlay.address}},
        "VXLAN_TUNNEL_MAP": {
            f"{TUNNEL}|map_{each.vni}_{vlan_name(each.vlan)}": {"vlan": vlan_name(each.vlan), "vni": str(each.vni)}
            for each in mapped
        },
    }


def tenant_vlans(switch: SwitchConfig) -> Table:
    """VLAN's rows of routed traffic, one a tenant. Packets into the tunnel are as long as the tenant's interfaces take."""
    mtus = {each.name: max(port.mtu for port in switch.interfaces if port.vrf == each.name) for each in _vrfs(switch)}
    return {
        vlan_name(each.vlan): {"admin_status": "up", "mtu": str(mtus[each.name]), "vlanid": str(each.vlan)}
        for each in _vrfs(switch)
    }


def tenant_vlan_interfaces(switch: SwitchConfig) -> Table:
    """VLAN_INTERFACE's rows of the same. They have no address, so where IPv6 is routed they are asked for a link-local one."""
    ipv6 = {"ipv6_use_link_local_only": "enable"} if switch.bgp is not None and switch.bgp.ipv6 else {}
    return {vlan_name(each.vlan): {**ipv6, "vrf_name": each.linux} for each in _vrfs(switch)}


def tenant_fields(interface: InterfaceConfig, overlay: OverlayConfig | None) -> dict[str, str]:
    """What the row of an interface says of its tenant: the routing table, and that its address is that of all leaves."""
    if overlay is None or not interface.vrf:
        return {}
    tables = {each.name: each.linux for each in overlay.vrfs}
    bridged = {each.vlan for each in overlay.segments}
    anycast = {"static_anycast_gateway": "true"} if interface.vlan in bridged else {}
    return {**anycast, "vrf_name": tables[interface.vrf]}


def vlan_name(vlan: int) -> str:
    return f"Vlan{vlan}"


def _vrfs(switch: SwitchConfig) -> tuple[VrfConfig, ...]:
    return switch.overlay.vrfs if switch.overlay is not None else ()
