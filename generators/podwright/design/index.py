"""Lookups over the tables, built once and passed along; the tables themselves stay flat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from podwright.model.design import Address, Design

_Record = TypeVar("_Record")


class Index:
    """Records of a design by the names that refer to them."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.device = {device.name: device for device in design.devices}
        self.fabric = {fabric.name: fabric for fabric in design.fabrics}
        self.router = {router.device: router for router in design.routers}
        self.traffic_class = {each.name: each for each in design.classes}
        self.buffer = {each.name: each for each in design.buffers}
        self.ecn_profile = {each.name: each for each in design.ecn_profiles}
        self.buffer_budget = {(each.fabric, each.tier, each.model): each for each in design.buffer_budgets}
        self.management = {management.device: management for management in design.management}
        self.access = {access.device: access for access in design.accesses}
        self.described = {(each.device, each.interface): each.text for each in design.descriptions}
        self.asset = {asset.device: asset for asset in design.assets}
        self.zone = {zone.name: zone for zone in design.zones}
        self.zone_at = {(each.group, each.fabric): each.zone for each in design.memberships}
        """(group, fabric) -> the zone of those servers by their addresses there."""
        self.filter_points = _group(design.filter_points, lambda point: point.device)
        self.vrf = {(vrf.fabric, vrf.name): vrf for vrf in design.vrfs}
        self.segment = {(segment.fabric, segment.vlan): segment for segment in design.segments}
        self.vrf_members = _group(design.vrf_members, lambda member: member.device)
        self.ports = _group(design.ports, lambda port: port.device)
        self.breakouts = _group(design.breakouts, lambda breakout: breakout.device)
        self.interfaces = _group(design.interfaces, lambda interface: interface.device)
        self.attachments = _group(design.attachments, lambda attachment: attachment.device)
        self.host_routes = _group(design.host_routes, lambda route: route.device)
        self.exports = _group(design.exports, lambda export: export.server)
        self.mounts = _group(design.mounts, lambda mount: mount.group)
        self.store = {store.name: store for store in design.stores}
        self.node_labels = _group(design.node_labels, lambda label: label.device)
        self.quotas = _group(design.quotas, lambda quota: quota.tenant)
        self.volumes = _group(design.volumes, lambda volume: volume.tenant)
        self.grants = _group(design.grants, lambda grant: grant.tenant)
        self.source_rules = _group(design.source_rules, lambda rule: rule.device)
        self.bindings = _group(design.bindings, lambda binding: binding.device)
        self.announced = _group(design.prefixes, lambda prefix: prefix.device)
        self.prefixes_of_fabric = _group(design.prefixes, lambda prefix: prefix.fabric)
        self.addresses: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.given_away = {(each.device, each.interface) for each in design.attachments if each.addressed_by == "ipam"}
        """NIC ports that a cluster addresses: the system of the server sets nothing on them."""
        self.given_addresses: dict[str, set[str]] = defaultdict(set)
        self._loopbacks: dict[str, list[Address]] = defaultdict(list)
        loopbacks = {(each.device, each.name) for each in design.interfaces if each.kind == "loopback"}
        for address in design.addresses:
            self.addresses[address.device, address.interface].append(address.address)
            if (address.device, address.interface) in self.given_away:
                self.given_addresses[address.device].add(address.address.split("/")[0])
            if (address.device, address.interface) in loopbacks:
                self._loopbacks[address.device].append(address)
        self.far_end = {(link.a_device, link.a_port): (link.b_device, link.b_port) for link in design.links}
        self.far_end |= {(link.b_device, link.b_port): (link.a_device, link.a_port) for link in design.links}
        self.sessions_of = defaultdict(list)
        for session in design.sessions:
            self.sessions_of[session.a_device].append(session)
            self.sessions_of[session.b_device].append(session)

    def loopbacks(self, device: str, fabric: str = "") -> list[str]:
        """The loopback addresses of a device (in `fabric`) with their prefix lengths, those of its router's fabric first."""
        listed = [each for each in self._loopbacks.get(device, ()) if fabric in ("", each.fabric)]
        home = self.router[device].fabric if device in self.router else ""
        return [each.address for each in sorted(listed, key=lambda each: each.fabric != home)]


def _group(records: Iterable[_Record], key: Callable[[_Record], str]) -> dict[str, list[_Record]]:
    groups: dict[str, list[_Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups
