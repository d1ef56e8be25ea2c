"""Tenants of a fabric as a switch has them."""

from __future__ import annotations

import msgspec


class VrfConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's routing table. `linux` is its name where that must be a Linux interface, and SONiC's (`Vrf...`).

    `vlan` stands for the tenant's routed traffic on platforms that need one, and `vni` in the tunnel (L3 VNI).
    `distinguisher` makes its routes this switch's own, `target` lets other switches take them.
    """

    name: str
    linux: str
    vlan: int
    vni: int
    distinguisher: str
    target: str


class SegmentConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A bridged network of the tenant `vrf`; its VLAN interface is among the switch's. `gateways` have their prefix length."""

    vrf: str
    vlan: int
    vni: int
    distinguisher: str
    target: str
    gateways: tuple[str, ...]


class OverlayConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the tunnels of a switch: `address` (without a length) of the loopback `source`.

    `gateway_mac` is the hardware address of every leaf in bridged networks, so that servers keep it wherever their packets go.
    From `free_vlan` up no VLAN is a tenant's.
    """

    address: str
    source: str
    gateway_mac: str
    free_vlan: int
    vrfs: tuple[VrfConfig, ...]
    segments: tuple[SegmentConfig, ...]
