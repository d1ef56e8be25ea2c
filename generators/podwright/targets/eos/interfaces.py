"""Interfaces: ports with their speed and FEC, loopbacks, the management port, and VLANs with their interfaces.

A port of several lanes is named by its first lane; `speed 400g-4` takes so many lanes, and with them splits its cage:
https://www.arista.com/en/um-eos/eos-ethernet-ports. The `mtu` of EOS is that of IP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from podwright.projection.records import InterfaceConfig, PortConfig, SwitchConfig
from podwright.targets.eos.blocks import Block, section
from podwright.targets.eos.filters import list_name
from podwright.targets.eos.management import management_port
from podwright.targets.eos.qos import profile_name

LANES_SAID_FROM = 50
"""Gb/s from which EOS says how many lanes a speed has."""
FEC_FROM = 25


def interfaces(switch: SwitchConfig) -> Iterator[Block]:
    """VLANs, then interfaces in EOS's order of kinds, each in natural order."""
    bridges = _of_kind(switch, "bridge")
    yield from (section(f"vlan {each.vlan}", (f"name {each.name}",)) for each in bridges)
    routed = {each.name: each for each in _of_kind(switch, "port")}
    attached = _Attached(switch)
    for port in sorted(switch.ports, key=lambda port: natural(port.name)):
        yield section(f"interface {port.name}", _port(port, routed.get(port.name), attached))
    for loopback in _of_kind(switch, "loopback"):
        yield section(f"interface {loopback.name}", (*_description(loopback), *_addresses(loopback)))
    yield from management_port(switch.management)
    for bridge in bridges:
        yield section(f"interface {bridge.name}", (*_description(bridge), f"mtu {bridge.mtu}", *_reached(bridge)))


class _Attached:
    """What the ports of a switch are tied to, by the name of the port."""

    def __init__(self, switch: SwitchConfig) -> None:
        self.lists = {name: list_name(each.name) for each in switch.filters for name in each.interfaces}
        self.profiles = _profiles(switch)
        self.vlans = {
            member: bridge.vlan for bridge in switch.interfaces if bridge.kind == "bridge" for member in bridge.members
        }


def _profiles(switch: SwitchConfig) -> Mapping[str, str]:
    if switch.qos is None:
        return {}
    marking = {each.name: each for each in switch.qos.ecn}
    return {each.name: profile_name(marking[each.ecn]) for each in switch.qos.ports}


def _port(port: PortConfig, routed: InterfaceConfig | None, attached: _Attached) -> Iterator[str]:
    yield f"description {port.description}"
    if not port.peer_device:
        yield "shutdown"
    if routed is not None:
        yield f"mtu {routed.mtu}"
    yield f"speed {_speed(port)}"
    yield from _fec(port)
    if port.linux in attached.vlans:
        yield f"switchport access vlan {attached.vlans[port.linux]}"
        if port.edge:
            yield from ("spanning-tree portfast", "spanning-tree bpduguard enable")
    if routed is not None:
        yield "no switchport"
        yield from _reached(routed)
    if port.name in attached.lists:
        yield f"ip access-group {attached.lists[port.name]} in"
        yield f"ipv6 access-group {attached.lists[port.name]} in"
    if port.name in attached.profiles:
        yield f"service-profile {attached.profiles[port.name]}"


def _description(interface: InterfaceConfig) -> tuple[str, ...]:
    return (f"description {interface.description}",) if interface.description else ()


def _speed(port: PortConfig) -> str:
    return f"{port.gbps}g-{len(port.lanes)}" if port.gbps >= LANES_SAID_FROM else f"{port.gbps}g"


def _fec(port: PortConfig) -> Iterator[str]:
    if port.fec == "rs":
        yield "error-correction encoding reed-solomon"
    elif port.gbps >= FEC_FROM:
        yield "no error-correction encoding"


def _reached(interface: InterfaceConfig) -> Iterator[str]:
    """The tenant's table first, since a change of it takes addresses away."""
    if interface.vrf:
        yield f"vrf {interface.vrf}"
    yield from _shared(interface) if interface.vrf and interface.kind == "bridge" else _addresses(interface)


def _shared(interface: InterfaceConfig) -> Iterator[str]:
    """A tenant's gateway is the same on all leaves, and answers with the shared hardware address."""
    for address in interface.addresses:
        yield f"{'ipv6' if ':' in address else 'ip'} address virtual {address}"
    if any(":" in address for address in interface.addresses):
        yield "ipv6 nd ra disabled"


def _addresses(interface: InterfaceConfig) -> Iterator[str]:
    """Addresses of both families. Routers are announced on unnumbered links only: servers take no route from them."""
    first, *others = [each for each in interface.addresses if ":" not in each] or [""]
    if first:
        yield f"ip address {first}"
    yield from (f"ip address {each} secondary" for each in others)
    if interface.unnumbered:
        yield "ipv6 enable"
    own = [each for each in interface.addresses if ":" in each]
    yield from (f"ipv6 address {each}" for each in own)
    if own and not interface.unnumbered and interface.kind != "loopback":
        yield "ipv6 nd ra disabled"


def _of_kind(switch: SwitchConfig, kind: str) -> list[InterfaceConfig]:
    return sorted((each for each in switch.interfaces if each.kind == kind), key=lambda each: natural(each.name))


def natural(name: str) -> list[tuple[int, str]]:
    """Ethernet2/1 before Ethernet10/1, as EOS lists ports."""
    return [(int(run), "") if run.isdigit() else (-1, run) for run in re.findall(r"\d+|\D+", name)]
