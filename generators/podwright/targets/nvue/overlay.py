"""Tenants: their VRFs, the VNIs of their networks, and the tunnels.

A VRF's VLAN for routed traffic is NVUE's to make, `evpn vlan` only says which. VRR is not used for the gateways of bridged
networks, since it wants an address of each switch's own beside the shared one: the SVI has the shared address, and by
`link mac-address` the shared hardware address. Marks are copied to the tunnel's header and back, where the default derives
them from the switch's priorities; ECN goes by RFC 6040 at any rate.
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/Network-Virtualization/
"""

from __future__ import annotations

from podwright.projection.overlay_records import OverlayConfig, SegmentConfig, VrfConfig
from podwright.projection.records import Bgp
from podwright.targets.nvue.routing import tenant_router
from podwright.targets.nvue.spelling import Node, members

COPIED: Node = {"dscp": {"action": "copy"}}


def evpn(bgp: Bgp | None, overlay: OverlayConfig | None) -> Node:
    """EVPN is spoken by spines too, which have no VNI: they pass on what leaves tell."""
    if bgp is None or not any(each.evpn_import for each in bgp.neighbors):
        return {}
    segments = overlay.segments if overlay is not None else ()
    vnis: Node = {str(each.vni): _told(each) for each in segments}
    return {"enable": "on", **({"vni": vnis} if vnis else {})}


def _told(segment: SegmentConfig) -> Node:
    target = members([segment.target])
    return {"rd": segment.distinguisher, "route-target": {"export": target, "import": target}}


def tunnels(overlay: OverlayConfig | None) -> Node:
    if overlay is None:
        return {}
    return {
        "vxlan": {
            "arp-nd-suppress": "on",
            "decapsulation": COPIED,
            "enable": "on",
            "encapsulation": COPIED,
            "source": {"address": overlay.address},
        }
    }


def tenant_vrfs(bgp: Bgp | None, overlay: OverlayConfig | None) -> Node:
    """The VRFs by their names in Linux."""
    if bgp is None or overlay is None:
        return {}
    return {each.linux: _vrf(bgp, each) for each in overlay.vrfs}


def _vrf(bgp: Bgp, vrf: VrfConfig) -> Node:
    return {
        "evpn": {"enable": "on", "vlan": vrf.vlan, "vni": members([str(vrf.vni)])},
        "router": tenant_router(bgp, vrf),
    }
