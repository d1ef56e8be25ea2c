"""Ports, breakouts, loopbacks, and bridges: VLANs of one VLAN-aware bridge, with an SVI where the switch has an address.

A cage that is split is `swp3`, which says into what, and its ports are `swp3s0` and on. MTUs are bytes of IP, as here:
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/Layer-1-and-Switch-Ports/Interface-Configuration-and-Management/Switch-Port-Attributes/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.projection.overlay_records import OverlayConfig
from podwright.projection.records import InterfaceConfig, PortConfig, SwitchConfig
from podwright.targets.nvue.spelling import Node, Value, members

BRIDGE = "br_default"
FEC_FROM = 25
"""Gb/s from which on there is forward error correction to be chosen at all (IEEE 802.3by)."""
FEC = {"rs": "rs", "none": "off"}


def interfaces(switch: SwitchConfig) -> Node:
    """Every interface but the management port, by name."""
    vrfs = {each.name: each.linux for each in switch.overlay.vrfs} if switch.overlay is not None else {}
    routed = {each.name: each for each in switch.interfaces if each.kind == "port"}
    vlans = {member: bridge.vlan for bridge in _bridges(switch) for member in bridge.members}
    return {
        **dict(_loopbacks(switch)),
        **_breakouts(switch),
        **{port.name: _port(port, routed.get(port.name), vlans.get(port.linux, 0), vrfs) for port in switch.ports},
        **{f"vlan{each.vlan}": _svi(each, switch.overlay, vrfs) for each in _bridges(switch) if each.addresses},
    }


def bridges(switch: SwitchConfig) -> Node:
    """The bridge, where the switch bridges: ports are untagged in their VLANs, none in a default one."""
    segments = switch.overlay.segments if switch.overlay is not None else ()
    vnis = {each.vlan: each.vni for each in segments}
    vlans: Node = {
        str(each.vlan): {"vni": members([str(vnis[each.vlan])])} if each.vlan in vnis else {}
        for each in _bridges(switch)
    }
    return {"domain": {BRIDGE: {"type": "vlan-aware", "untagged": "none", "vlan": vlans}}} if vlans else {}


def _bridges(switch: SwitchConfig) -> list[InterfaceConfig]:
    return [each for each in switch.interfaces if each.kind == "bridge"]


def _loopbacks(switch: SwitchConfig) -> Iterator[tuple[str, Node]]:
    addresses = members(address for each in switch.interfaces if each.kind == "loopback" for address in each.addresses)
    if addresses:
        yield "lo", {"ip": {"address": addresses}, "type": "loopback"}


def _breakouts(switch: SwitchConfig) -> dict[str, Node]:
    """Cages that are split; one that is whole needs no word."""
    first = {port.name: port for port in switch.ports}
    split: dict[str, Node] = {}
    for each in switch.breakouts:
        count = each.mode.partition("x")[0]
        if count != "1":
            lanes = str(len(first[each.port].lanes))
            cage = each.port.rpartition("s")[0]
            split[cage] = {"link": {"breakout": {f"{count}x": {"lanes-per-port": lanes}}}, "type": "swp"}
    return split


def _port(port: PortConfig, routed: InterfaceConfig | None, vlan: int, vrfs: Mapping[str, str]) -> Node:
    fec = {"fec": FEC[port.fec]} if port.gbps >= FEC_FROM else {}
    node: dict[str, Value] = {}
    if vlan:
        edge = {"stp": {"admin-edge": "on", "bpdu-guard": "on"}} if port.edge else {}
        node["bridge"] = {"domain": {BRIDGE: {"access": vlan, **edge}}}
    node["description"] = port.description
    if routed is not None and (routed.addresses or routed.vrf):
        node["ip"] = _internet(routed, vrfs)
    node["link"] = {
        **fec,
        "mtu": port.mtu,
        "speed": f"{port.gbps}G",
        "state": members(["up" if port.peer_device else "down"]),
    }
    if port.adaptive:
        node["router"] = {"adaptive-routing": {"enable": "on"}}
    node["type"] = "swp"
    return node


def _svi(bridge: InterfaceConfig, overlay: OverlayConfig | None, vrfs: Mapping[str, str]) -> Node:
    """Its MTU is the lowest of the bridge's ports, and is not said. In a tenant's network it is that of every leaf."""
    shared = {"link": {"mac-address": overlay.gateway_mac}} if overlay is not None and bridge.vrf else {}
    return {
        "ip": _internet(bridge, vrfs),
        **shared,
        "type": "svi",
        "vlan": bridge.vlan,
    }


def _internet(interface: InterfaceConfig, vrfs: Mapping[str, str]) -> Node:
    address: Node = {"address": members(interface.addresses)} if interface.addresses else {}
    return {**address, **({"vrf": vrfs[interface.vrf]} if interface.vrf else {})}
