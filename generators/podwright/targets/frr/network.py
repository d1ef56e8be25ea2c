"""Interfaces, addresses, routes and rules of a device, as the data that one fixed program puts into the kernel.

    {"interfaces": [{"name", "kind", "mtu", "addresses", "members", "description", "present"}],
     "routes": [{"table", "prefix", "via", "interface", "source"}],
     "rules": [{"source", "table"}]}

`kind` is `port`, `bridge` or `loopback`; `mtu` 0 leaves the kernel's own; `table` 254 is the main table; an interface
with `present` false may be absent (a cluster's IPAM gave it to a pod).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from podwright.projection.records import HostConfig, ManagementConfig, SwitchConfig

MAIN_TABLE = 254
MANAGEMENT_MTU = 1500


class NetworkInterface(TypedDict):
    name: str
    kind: str
    mtu: int
    addresses: list[str]
    members: list[str]
    description: str
    present: bool


class NetworkRoute(TypedDict):
    table: int
    prefix: str
    via: str
    interface: str
    source: str


class NetworkRule(TypedDict):
    source: str
    table: int


class Network(TypedDict):
    interfaces: list[NetworkInterface]
    routes: list[NetworkRoute]
    rules: list[NetworkRule]


def switch_network(switch: SwitchConfig) -> Network:
    """A switch: its routed ports, loopback, bridges and their ports, and the management port with its one route."""
    interfaces = [
        _interface(
            each.linux,
            "port" if each.kind == "management" else each.kind,
            mtu=0 if each.kind == "loopback" else each.mtu,
            addresses=each.addresses,
            members=each.members,
            description=each.description,
        )
        for each in switch.interfaces
    ]
    return Network(
        interfaces=_with_management(_with_members(interfaces), switch.management),
        routes=_management_routes(switch.management),
        rules=[],
    )


def host_network(host: HostConfig) -> Network:
    """A server: its NICs, loopback addresses, routes of both kinds of table, and the rules that choose between them."""
    interfaces = [
        _interface(
            each.name,
            "port",
            mtu=each.mtu,
            addresses=each.addresses if each.configured else (),
            description=each.description,
            present=each.configured,
        )
        for each in host.interfaces
    ]
    if host.loopbacks:
        interfaces.insert(0, _interface("lo", "loopback", mtu=0, addresses=host.loopbacks))
    routes = [
        NetworkRoute(
            table=route.table or MAIN_TABLE,
            prefix=route.prefix,
            via=route.via,
            interface=route.interface,
            source=route.source,
        )
        for route in host.routes
    ]
    return Network(
        interfaces=_with_management(interfaces, host.management),
        routes=routes + [route for route in _management_routes(host.management) if route not in routes],
        rules=[NetworkRule(source=rule.source, table=rule.table) for rule in host.rules],
    )


def _interface(
    name: str,
    kind: str,
    *,
    mtu: int,
    addresses: Iterable[str] = (),
    members: Iterable[str] = (),
    description: str = "",
    present: bool = True,
) -> NetworkInterface:
    return NetworkInterface(
        name=name,
        kind=kind,
        mtu=mtu,
        addresses=list(addresses),
        members=list(members),
        description=description,
        present=present,
    )


def _with_members(interfaces: list[NetworkInterface]) -> list[NetworkInterface]:
    """Ports of a bridge have no interface record: they share its MTU, and stand before it, as they must exist first."""
    known = {each["name"] for each in interfaces}
    members = [
        _interface(member, "port", mtu=bridge["mtu"])
        for bridge in interfaces
        for member in bridge["members"]
        if member not in known
    ]
    return members + interfaces


def _with_management(interfaces: list[NetworkInterface], management: ManagementConfig | None) -> list[NetworkInterface]:
    """The management address sits on an interface that is there already, or on a port of its own."""
    if management is None:
        return interfaces
    for each in interfaces:
        if each["name"] == management.interface:
            if management.address not in each["addresses"]:
                each["addresses"].append(management.address)
            return interfaces
    return [*interfaces, _interface(management.interface, "port", mtu=MANAGEMENT_MTU, addresses=[management.address])]


def _management_routes(management: ManagementConfig | None) -> list[NetworkRoute]:
    """All of the management pool lies behind the gateway; the default route never does."""
    if management is None or not management.gateway or not management.pool:
        return []
    return [
        NetworkRoute(
            table=MAIN_TABLE, prefix=management.pool, via=management.gateway, interface=management.interface, source=""
        )
    ]
