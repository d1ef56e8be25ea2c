"""Tables of the configuration database of one switch.

Every value is text, as SONiC's own writer stores it: speeds in Mb/s, MTUs in bytes of IP (SONiC adds the Ethernet
header on the way to the ASIC). A row without fields is `{}`, a key of several parts is joined by `|`. Tables and fields
are those of SONiC's YANG models, https://github.com/sonic-net/sonic-buildimage/tree/master/src/sonic-yang-models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from podwright.projection.records import InterfaceConfig, ManagementConfig, PortConfig, SwitchConfig
from podwright.targets.sonic.balancing import balancing_tables
from podwright.targets.sonic.filters import filter_tables
from podwright.targets.sonic.neighbours import DEVICE_TYPES
from podwright.targets.sonic.observability import login_tables, monitoring_tables
from podwright.targets.sonic.overlay import overlay_tables, tenant_fields, tenant_vlan_interfaces, tenant_vlans
from podwright.targets.sonic.qos import qos_tables

Field = str | list[str]
Row = Mapping[str, Field]
Table = dict[str, Row]

MANAGEMENT_PORT = re.compile(r"eth\d+")
DEFAULT_ROUTES = {4: "0.0.0.0/0", 6: "::/0"}


def database(switch: SwitchConfig, others: Mapping[str, Row]) -> dict[str, Table]:
    """All tables of a switch that have rows, tables and rows in natural order.

    `others` gives DEVICE_NEIGHBOR_METADATA's row of any device of the pod.
    """
    tables: dict[str, Table] = {
        **filter_tables(switch.filters),
        **qos_tables(switch.qos),
        **balancing_tables(switch.qos),
        **monitoring_tables(switch),
        **login_tables(switch.login),
        **overlay_tables(switch),
        "BREAKOUT_CFG": {each.port: {"brkout_mode": each.platform_mode or each.mode} for each in switch.breakouts},
        "DEVICE_METADATA": {"localhost": _metadata(switch)},
        "DEVICE_NEIGHBOR": _neighbours(switch),
        "DEVICE_NEIGHBOR_METADATA": {each.peer_device: others[each.peer_device] for each in _cabled(switch)},
        "DNS_NAMESERVER": {address: {} for address in switch.dns},
        "INTERFACE": _addressed(switch, _of_kind(switch, "port")),
        "LLDP": {"GLOBAL": {"enabled": "true"}},
        "LOOPBACK_INTERFACE": _addressed(switch, _of_kind(switch, "loopback")),
        **_management(switch.management),
        "NTP_SERVER": {address: _time_server(address) for address in switch.ntp},
        "PORT": _ports(switch.ports),
        "VLAN": {each.name: _vlan(each) for each in _of_kind(switch, "bridge")} | tenant_vlans(switch),
        "VLAN_INTERFACE": {
            **_addressed(switch, (each for each in _of_kind(switch, "bridge") if each.addresses)),
            **tenant_vlan_interfaces(switch),
        },
        "VLAN_MEMBER": _members(switch),
    }
    return {name: _in_order(tables[name]) for name in sorted(tables) if tables[name]}


def _metadata(switch: SwitchConfig) -> Row:
    identity = {
        "hostname": switch.name,
        "hwsku": switch.hwsku,
        "platform": switch.platform,
        "mac": switch.mac.lower(),
        "type": DEVICE_TYPES[switch.role],
    }
    routing = {"docker_routing_config_mode": "unified"}
    if switch.bgp is not None:
        routing = {"bgp_asn": str(switch.bgp.asn), "docker_routing_config_mode": "split-unified"}
    # Explicit, because a switch that was configured by the management framework before would keep `true`.
    buffers = {"buffer_model": "traditional"} if switch.qos is not None else {}
    fields = identity | routing | buffers | {"frr_mgmt_framework_config": "false"}
    return {name: text for name, text in sorted(fields.items()) if text}


def _ports(ports: Iterable[PortConfig]) -> Table:
    """PORT. Sub-ports of a cage are told apart by `subport`, from 1; a whole cage is 0."""
    table: Table = {}
    for _, sharing in groupby(sorted(ports, key=lambda port: (port.cage, port.lanes)), key=lambda port: port.cage):
        cage = list(sharing)
        for number, port in enumerate(cage, start=1):
            table[port.name] = _port(port, subport=number if len(cage) > 1 else 0)
    return table


def _port(port: PortConfig, *, subport: int) -> Row:
    return {
        "admin_status": "up" if port.peer_device else "down",
        "alias": port.alias,
        "description": port.description,
        "fec": port.fec,
        "index": str(port.cage),
        "lanes": ",".join(str(lane) for lane in port.lanes),
        "mtu": str(port.mtu),
        "speed": str(port.gbps * 1000),
        "subport": str(subport),
    }


def _addressed(switch: SwitchConfig, interfaces: Iterable[InterfaceConfig]) -> Table:
    """A row for the interface itself, and one a prefix. Link-local only is what an unnumbered BGP session needs."""
    table: Table = {}
    for interface in interfaces:
        session = {"ipv6_use_link_local_only": "enable"} if interface.unnumbered else {}
        table[interface.name] = session | tenant_fields(interface, switch.overlay)
        table |= {f"{interface.name}|{address}": {} for address in interface.addresses}
    return table


def _management(management: ManagementConfig | None) -> dict[str, Table]:
    """The management port, or where the switch is managed through a VLAN, only the way out of that."""
    if management is None:
        return {}
    if not MANAGEMENT_PORT.fullmatch(management.interface):
        return {"STATIC_ROUTE": _default_route(management)}
    row: dict[str, Field] = {}
    if management.gateway:
        row["gwaddr"] = management.gateway
    if management.gateway and management.pool:
        # Else replies to the rest of the management network would follow the routes of the fabric.
        row["forced_mgmt_routes"] = [management.pool]
    return {
        "MGMT_INTERFACE": {f"{management.interface}|{management.address}": row},
        "MGMT_PORT": {management.interface: {"admin_status": "up", "alias": management.interface}},
    }


def _default_route(management: ManagementConfig) -> Table:
    if not management.gateway:
        return {}
    prefix = DEFAULT_ROUTES[6 if ":" in management.gateway else 4]
    return {f"default|{prefix}": {"ifname": management.interface, "nexthop": management.gateway}}


def _time_server(address: str) -> Row:
    return {"association_type": "server", "iburst": "on", "resolve_as": address}


def _vlan(bridge: InterfaceConfig) -> Row:
    return {"admin_status": "up", "mtu": str(bridge.mtu), "vlanid": str(bridge.vlan)}


def _members(switch: SwitchConfig) -> Table:
    names = {port.linux: port.name for port in switch.ports}
    return {
        f"{bridge.name}|{names[member]}": {"tagging_mode": "untagged"}
        for bridge in _of_kind(switch, "bridge")
        for member in bridge.members
    }


def _neighbours(switch: SwitchConfig) -> Table:
    """What `show interfaces neighbor expected` holds against what LLDP sees."""
    return {port.name: {"name": port.peer_device, "port": port.peer_port} for port in _cabled(switch)}


def _cabled(switch: SwitchConfig) -> list[PortConfig]:
    return [port for port in switch.ports if port.peer_device]


def _of_kind(switch: SwitchConfig, kind: str) -> list[InterfaceConfig]:
    return [interface for interface in switch.interfaces if interface.kind == kind]


def _in_order(table: Table) -> Table:
    return {key: table[key] for key in sorted(table, key=_natural)}


def _natural(key: str) -> list[tuple[int, str]]:
    """Ethernet8 before Ethernet16, as SONiC lists ports."""
    return [(int(run), "") if run.isdigit() else (-1, run) for run in re.findall(r"\d+|\D+", key)]
