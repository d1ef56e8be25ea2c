"""Tenants of a fabric: VRFs, the end of the tunnels (`Vxlan1`), and how their routes are marked in EVPN.

DSCP and ECN of a server's packet are on the packet around it too, and sort that at the other end, so that a class keeps its
queue and its marks through the tunnel (RFC 6040). EOS does so when told, of bridged packets apart:
https://www.arista.com/en/support/toi/tag/dscp. The words are those of Arista Validated Designs:
https://avd.arista.com/stable/ansible_collections/arista/avd/roles/eos_cli_config_gen/docs/data-models/
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.projection.overlay_records import OverlayConfig
from podwright.targets.eos.blocks import Block, section

VXLAN_PORT = 4789
"""RFC 7348, section 5."""

LAST_VLAN = 4094


def internal_vlans(overlay: OverlayConfig | None) -> Iterator[Block]:
    """EOS takes a VLAN for every routed port and every tenant's VNI, from 1006 unless told: here above those of tenants."""
    if overlay is not None:
        yield (f"vlan internal order ascending range {overlay.free_vlan} {LAST_VLAN}",)


def tenants(overlay: OverlayConfig | None) -> Iterator[Block]:
    if overlay is not None:
        yield from ((f"vrf instance {each.name}",) for each in overlay.vrfs)


def tunnel(overlay: OverlayConfig | None) -> Iterator[Block]:
    if overlay is not None:
        yield section(
            "interface Vxlan1",
            (
                f"vxlan source-interface {overlay.source}",
                f"vxlan udp-port {VXLAN_PORT}",
                *(f"vxlan vlan {each.vlan} vni {each.vni}" for each in overlay.segments),
                *(f"vxlan vrf {each.name} vni {each.vni}" for each in overlay.vrfs),
                "vxlan qos ecn propagation",
                # Packets that are bridged into the tunnel would have no ECN on the outside, and a mark that is not theirs.
                *(("vxlan qos dscp ecn rewrite bridged enabled",) if overlay.segments else ()),
                "vxlan qos dscp propagation encapsulation",
                "vxlan qos map dscp to traffic-class decapsulation",
            ),
        )


def shared_gateway(overlay: OverlayConfig | None) -> Iterator[Block]:
    if overlay is not None and overlay.segments:
        yield (f"ip virtual-router mac-address {overlay.gateway_mac}",)


def bridged_networks(overlay: OverlayConfig | None) -> Iterator[tuple[str, ...]]:
    """What BGP says of them: the hardware addresses that the switch learns, marked with the network's target."""
    for each in overlay.segments if overlay else ():
        yield (
            f"vlan {each.vlan}",
            f"   rd {each.distinguisher}",
            f"   route-target both {each.target}",
            "   redistribute learned",
        )


def tenant_tables(overlay: OverlayConfig | None) -> Iterator[tuple[str, ...]]:
    """How BGP marks each tenant's routes, and whose it takes."""
    for each in overlay.vrfs if overlay else ():
        yield (
            f"vrf {each.name}",
            f"   rd {each.distinguisher}",
            f"   route-target import evpn {each.target}",
            f"   route-target export evpn {each.target}",
        )
