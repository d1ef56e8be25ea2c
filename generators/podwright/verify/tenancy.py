"""Whose routing table is where: the tenants of a design, as checks of running devices need them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from podwright.model.design import Design, Vrf

OWN = ""
"""The name of a switch's own routing table, and of that of a server."""


class Tenancy:
    """Tenants by fabric and device."""

    def __init__(self, design: Design) -> None:
        vrfs_of: dict[str, list[Vrf]] = defaultdict(list)
        for vrf in design.vrfs:
            for group in vrf.servers:
                vrfs_of[group].append(vrf)
        self._of = {
            (device.name, vrf.fabric): vrf.name
            for device in design.devices
            if device.tier == "host"
            for vrf in vrfs_of.get(device.group, ())
        }
        self._of |= {
            (session.a_device, session.fabric): session.vrf
            for session in design.sessions
            if session.use == "outside" and session.vrf
        }
        self._interfaces = {(each.device, each.name): each.vrf for each in design.interfaces if each.vrf}
        self._vlan = {(vrf.fabric, vrf.name): vrf.vlan for vrf in design.vrfs}
        self._subnets: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        segments = {(segment.fabric, segment.vlan): segment for segment in design.segments}
        self.members: dict[tuple[str, str], str] = {}
        for member in design.vrf_members:
            self.members[member.device, member.vrf] = member.fabric
            for vlan in member.vlans:
                for prefix in segments[member.fabric, vlan].prefixes:
                    self._subnets[member.fabric, member.vrf][prefix][member.device] = f"Vlan{vlan}"

    def of(self, device: str, fabric: str) -> str:
        """The tenant that a server or a router outside belongs to in a fabric; OWN for all others."""
        return self._of.get((device, fabric), OWN)

    def table(self, fabric: str, tenant: str) -> int:
        """The number of a tenant's table in the kernel of a switch, and of the VLAN that leads to other switches of it."""
        return self._vlan[fabric, tenant]

    def way(self, device: str, interface: str, fabric: str, tenant: str) -> str:
        """By what a tenant's table at `device` reaches what is learned over an interface: itself, or the tunnel."""
        inside = tenant == OWN or self._interfaces.get((device, interface)) == tenant
        return interface if inside else f"Vlan{self.table(fabric, tenant)}"

    def bridges(self, fabric: str, tenant: str, prefix: str) -> Mapping[str, str]:
        """The bridge of a network by switch; none for what is routed."""
        return self._subnets.get((fabric, tenant), {}).get(prefix, {})

    def subnets(self) -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
        """(fabric, tenant, prefix, the bridge by switch) of every bridged network."""
        for (fabric, tenant), prefixes in self._subnets.items():
            for prefix, bridges in prefixes.items():
                yield fabric, tenant, prefix, bridges
