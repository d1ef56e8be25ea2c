"""Tenants of a fabric: their routing tables, bridged rails, and which switches have them (EVPN over VXLAN; RFC 7348, 8365).

VLAN of a tenant's routed traffic:         3000 + id
VLAN of a tenant's rail, where bridged:    20 x id + 10 x (plane - 1) + rail
VNI:                                       base of the fabric + VLAN
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from podwright.design.addressing import RailSpace
from podwright.design.draft import Draft
from podwright.model.blueprint import Fabric, FabricTenant
from podwright.model.design import Address, Interface, Segment, Vrf, VrfMember

VXLAN_BYTES = 50
"""What a tunnel over IPv4 adds to a packet: IP 20, UDP 8, VXLAN 8, inner Ethernet 14 (RFC 7348, section 5)."""

LARGEST_MTU = 9216
"""The largest IP MTU that the blueprint's schema allows, and that SONiC's model of a port does (sonic-port.yang)."""

ROUTED_VLAN = 3000
TENANT, PLANE = 20, 10
PLANES, RAILS = TENANT // PLANE, PLANE
LAST_TENANT = ROUTED_VLAN // TENANT - 1
"""The largest id: the rails of the next would be in the VLANs of routed traffic."""

FREE_VLANS = ROUTED_VLAN + LAST_TENANT + 1
"""The first VLAN above those of tenants."""

ROUTE_TARGET_AS = 64900
"""Of the private range, and the same at both ends: leaves have an AS each, so targets made of it would never meet."""


class Bridge(NamedTuple):
    """A bridged rail on one leaf."""

    leaf: str
    tenant: str
    plane: int
    rail: int


class Overlay:
    """The tenants of one fabric in the making."""

    def __init__(self, draft: Draft, name: str, spec: Fabric) -> None:
        self._draft = draft
        self._fabric = name
        self._spec = spec
        self._tenant_of = {group: tenant for tenant, each in spec.tenants.items() for group in each.servers}
        self._members: dict[Bridge, list[str]] = defaultdict(list)

    @property
    def overhead(self) -> int:
        """Bytes that links between switches carry beyond what servers send."""
        return VXLAN_BYTES if self._spec.tenants else 0

    def refuse_large_packets(self, mtu: int) -> None:
        if mtu + self.overhead > LARGEST_MTU:
            self._draft.refuse(
                "DES315",
                f"fabrics.{self._fabric}.{'mtu' if self._spec.mtu else 'tenants'}",
                f"packets of {mtu} bytes and {self.overhead} of their tunnel (VXLAN over IPv4) exceed the {LARGEST_MTU} of a port",
                f"Write an `mtu` of {LARGEST_MTU - self.overhead} or less for `{self._fabric}`.",
            )

    def tenant_of(self, group: str) -> str:
        """The tenant that a group of servers belongs to; empty where it has none."""
        return self._tenant_of.get(group, "")

    def bridges(self, group: str) -> bool:
        tenant = self._tenant_of.get(group)
        return tenant is not None and self._spec.tenants[tenant].bridged

    def join(self, group: str, leaf: str, port: str, plane: int, rail: int) -> None:
        """Puts a leaf's port into its tenant's bridge of the rail."""
        self._members[Bridge(leaf, self._tenant_of[group], plane, rail)].append(port)

    def build(self, rails: RailSpace | None, mtu: int) -> None:
        """Adds the tables of tenants and the bridges of leaves; the rest of the fabric's interfaces are there."""
        if not self._spec.tenants:
            return
        for name, tenant in sorted(self._spec.tenants.items(), key=lambda each: each[1].id):
            self._draft.vrfs.append(self._vrf(name, tenant))
        if rails is not None:
            self._bridges(rails, mtu)
        self._draft.vrf_members.extend(self._joined())

    def _vrf(self, name: str, tenant: FabricTenant) -> Vrf:
        vlan = ROUTED_VLAN + tenant.id
        return Vrf(
            name=name,
            fabric=self._fabric,
            id=tenant.id,
            vlan=vlan,
            vni=self._vni(vlan),
            route_target=self._route_target(vlan),
            servers=tenant.servers,
            bridged=tenant.bridged,
            origin=f"fabrics.{self._fabric}.tenants.{name}",
        )

    def _bridges(self, rails: RailSpace, mtu: int) -> None:
        segments: dict[int, Segment] = {}
        for bridge, ports in sorted(self._members.items()):
            vlan = segment_vlan(self._spec.tenants[bridge.tenant].id, bridge.plane, bridge.rail)
            if vlan not in segments:
                segments[vlan] = self._segment(bridge, vlan, rails)
            interface = f"Vlan{vlan}"
            self._draft.interfaces.append(
                Interface(
                    device=bridge.leaf,
                    name=interface,
                    kind="bridge",
                    fabric=self._fabric,
                    mtu=mtu,
                    members=tuple(ports),
                    vrf=bridge.tenant,
                )
            )
            for address in segments[vlan].gateways:
                self._draft.addresses.append(
                    Address(device=bridge.leaf, interface=interface, address=address, fabric=self._fabric)
                )
        self._draft.segments.extend(segments[vlan] for vlan in sorted(segments))

    def _segment(self, bridge: Bridge, vlan: int, rails: RailSpace) -> Segment:
        """Its gateway is the last address of unit 0, where no server stands; leaves have loopbacks there, from the first on."""
        offset, bits = rails.rail(bridge.plane, bridge.rail)
        return Segment(
            vrf=bridge.tenant,
            fabric=self._fabric,
            plane=bridge.plane,
            rail=bridge.rail,
            vlan=vlan,
            vni=self._vni(vlan),
            route_target=self._route_target(vlan),
            prefixes=tuple(pool.prefix(offset, bits) for pool in rails.space.pools),
            gateways=tuple(pool.interface(offset + rails.gateway, bits) for pool in rails.space.pools),
            origin=f"fabrics.{self._fabric}.tenants.{bridge.tenant}",
        )

    def _joined(self) -> Iterator[VrfMember]:
        """One a switch and tenant, in the order in which the fabric was built."""
        vlans: dict[tuple[str, str], list[int]] = {}
        for interface in self._draft.interfaces:
            if interface.fabric == self._fabric and interface.vrf:
                mine = vlans.setdefault((interface.device, interface.vrf), [])
                if interface.kind == "bridge":
                    mine.append(int(interface.name.removeprefix("Vlan")))
        catalog = self._draft.catalog
        model = {device.name: device.model for device in self._draft.devices if device.fabric == self._fabric}
        for (device, vrf), listed in vlans.items():
            chip = catalog.asics[catalog.switches[model[device]].asic]
            yield VrfMember(device=device, vrf=vrf, fabric=self._fabric, vlans=tuple(sorted(listed)), vxlan=chip.vxlan)

    def _vni(self, vlan: int) -> int:
        return self._spec.vni_base + vlan

    def _route_target(self, vlan: int) -> str:
        return f"{ROUTE_TARGET_AS}:{self._vni(vlan)}"


def segment_vlan(tenant: int, plane: int, rail: int) -> int:
    return TENANT * tenant + PLANE * (plane - 1) + rail
