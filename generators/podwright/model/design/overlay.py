"""Tenants of a fabric: routing tables of their own on the leaves that serve them, joined by EVPN over VXLAN."""

from __future__ import annotations

import msgspec


class Vrf(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's routing table: `vni` is that of its routed traffic (L3 VNI), and `vlan` stands for it on a switch.

    `servers` are groups of servers. `route_target` is what its routes are marked with and taken by, `64900:13001`.
    """

    name: str
    fabric: str
    id: int
    vlan: int
    vni: int
    route_target: str
    servers: tuple[str, ...]
    bridged: bool
    origin: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A bridged network of a tenant: the NICs of one rail in one plane, on whatever leaf (VLAN and L2 VNI).

    `prefixes` are its subnets and `gateways` the address of every leaf in each (an anycast gateway), one a family.
    """

    vrf: str
    fabric: str
    plane: int
    rail: int
    vlan: int
    vni: int
    route_target: str
    prefixes: tuple[str, ...]
    gateways: tuple[str, ...]
    origin: str


class VrfMember(msgspec.Struct, frozen=True, kw_only=True):
    """A switch that has a tenant's routing table, since it serves servers or a router of the tenant.

    `vlans` are those of the segments that it has ports in. `vxlan` says whether its chip is known to end tunnels.
    """

    device: str
    vrf: str
    fabric: str
    vlans: tuple[int, ...]
    vxlan: bool
