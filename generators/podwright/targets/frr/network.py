"""Interfaces, addresses, routes and rules of a device, as the data that one fixed program puts into the kernel.

    {"interfaces": [{"name", "kind", "mtu", "addresses", "members", "description", "present"}],
     "routes": [{"table", "prefix", "via", "interface", "source"}],
     "rules": [{"source", "table"}]}

`kind` is `port`, `bridge`, `loopback`, `vrf` or `tunnel`; `mtu` 0 leaves the kernel's own; `table` 254 is the main table; an
interface with `present` false may be absent (a cluster's IPAM gave it to a pod). Where tenants are, an interface may have
`vrf` (whose routing table it is in) and `mac`, a `vrf` its `table`, and a `tunnel` its `vni` and the address `local`. A route
without `via` leads to what is on the link itself, and one without `interface` nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NotRequired, TypedDict

from podwright.projection.overlay import linux_vrf
from podwright.projection.overlay_records import OverlayConfig
from podwright.projection.records import HostConfig, InterfaceConfig, ManagementConfig, SwitchConfig

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
    vrf: NotRequired[str]
    mac: NotRequired[str]
    table: NotRequired[int]
    vni: NotRequired[int]
    local: NotRequired[str]


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
    """A switch: its routed ports, loopback, bridges and their ports, tenants, and the management port with its one route."""
    interfaces = [_interface_of_switch(each, switch.overlay) for each in switch.interfaces]
    if switch.overlay is not None:
        mtu = max(each.mtu for each in switch.interfaces if each.vrf)
        interfaces = [
            *_tenants(switch.overlay),
            *_tunnels(switch.overlay, mtu),
            *interfaces,
            *_crossings(switch.overlay, mtu),
        ]
    return Network(
        interfaces=_with_management(_with_members(interfaces), switch.management),
        routes=[*_management_routes(switch.management), *_ends_of_tables(switch.overlay)],
        rules=[],
    )


def _interface_of_switch(each: InterfaceConfig, overlay: OverlayConfig | None) -> NetworkInterface:
    """A bridge of a tenant has a tunnel beside its ports, and the same hardware address on every leaf."""
    interface = _interface(
        each.linux,
        "port" if each.kind == "management" else each.kind,
        mtu=0 if each.kind == "loopback" else each.mtu,
        addresses=each.addresses,
        members=each.members,
        description=each.description,
    )
    if each.vrf:
        interface["vrf"] = linux_vrf(each.vrf)
    if overlay is not None:
        for segment in overlay.segments:
            if each.kind == "bridge" and segment.vlan == each.vlan:
                interface["members"].append(_tunnel_name(segment.vni))
                interface["mac"] = overlay.gateway_mac
    return interface


def _tenants(overlay: OverlayConfig) -> Iterator[NetworkInterface]:
    for vrf in overlay.vrfs:
        tenant = _interface(vrf.linux, "vrf", mtu=0)
        tenant["table"] = vrf.vlan
        yield tenant


def _tunnels(overlay: OverlayConfig, mtu: int) -> Iterator[NetworkInterface]:
    for vni in [*(each.vni for each in overlay.vrfs), *(each.vni for each in overlay.segments)]:
        tunnel = _interface(_tunnel_name(vni), "tunnel", mtu=mtu)
        tunnel["vni"], tunnel["local"] = vni, overlay.address
        yield tunnel


def _crossings(overlay: OverlayConfig, mtu: int) -> Iterator[NetworkInterface]:
    """Of each tenant a bridge that only its tunnel is in: packets cross it between a table and the tunnel."""
    for vrf in overlay.vrfs:
        bridge = _interface(f"Vlan{vrf.vlan}", "bridge", mtu=mtu, members=[_tunnel_name(vrf.vni)])
        bridge["vrf"] = vrf.linux
        yield bridge


def _tunnel_name(vni: int) -> str:
    return f"vni{vni}"


def _ends_of_tables(overlay: OverlayConfig | None) -> Iterator[NetworkRoute]:
    """What a tenant's table does not know must not be looked up in the switch's own, as Linux would."""
    for vrf in overlay.vrfs if overlay else ():
        for everything in ("0.0.0.0/0", "::/0"):
            yield NetworkRoute(table=vrf.vlan, prefix=everything, via="", interface="", source="")


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
