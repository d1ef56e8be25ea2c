"""The object tree of one switch, from its projection: https://docs.nvidia.com/networking-ethernet-software/nvue-reference/"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

from podwright.projection.records import ManagementConfig, SwitchConfig
from podwright.targets.nvue.filters import access_lists, bound_lists
from podwright.targets.nvue.interfaces import bridges, interfaces
from podwright.targets.nvue.observability import login_objects, monitoring_objects
from podwright.targets.nvue.overlay import evpn, tenant_vrfs, tunnels
from podwright.targets.nvue.qos import port_profiles, profiles
from podwright.targets.nvue.routing import default_vrf, frr_snippet, router
from podwright.targets.nvue.spelling import Node, Value, members

MANAGEMENT_PORT = re.compile(r"eth\d+")
MANAGEMENT_VRF, DEFAULT_VRF = "mgmt", "default"
DEFAULT_ROUTES = {4: "0.0.0.0/0", 6: "::/0"}


def configuration(switch: SwitchConfig) -> Node:
    """Everything that a switch is told, in the order in which NVUE writes it itself."""
    by_port = switch.management if _by_port(switch) else None
    tree = {
        "acl": access_lists(switch.filters),
        "bridge": bridges(switch),
        "evpn": evpn(switch.bgp, switch.overlay),
        "interface": joined(
            interfaces(switch), _management(by_port), bound_lists(switch.filters), port_profiles(switch.qos)
        ),
        "nve": tunnels(switch.overlay),
        "qos": profiles(switch.qos),
        "router": router(switch.bgp) if switch.bgp is not None else {},
        "service": _services(switch),
        "system": _system(switch),
        "vrf": _vrfs(switch),
    }
    return {name: branch for name, branch in tree.items() if branch}


def joined(*trees: Node) -> Node:
    """The trees as one; where two have a branch, theirs are joined."""
    whole: dict[str, Value] = {}
    for tree in trees:
        for key, branch in tree.items():
            present = whole.get(key)
            whole[key] = (
                joined(present, branch) if isinstance(present, Mapping) and isinstance(branch, Mapping) else branch
            )
    return whole


def _by_port(switch: SwitchConfig) -> bool:
    """Whether the switch is managed by a port of its own, which Cumulus Linux keeps in a VRF; else it is by an SVI."""
    return switch.management is None or MANAGEMENT_PORT.fullmatch(switch.management.interface) is not None


def _managing_vrf(switch: SwitchConfig) -> str:
    return MANAGEMENT_VRF if _by_port(switch) else DEFAULT_VRF


def _management(management: ManagementConfig | None) -> Node:
    if management is None:
        return {}
    gateway: Node = {"gateway": members([management.gateway])} if management.gateway else {}
    internet: Node = {"address": members([management.address]), **gateway, "vrf": MANAGEMENT_VRF}
    return {management.interface: {"ip": internet, "type": "eth"}}


def _services(switch: SwitchConfig) -> Node:
    """DNS and time are asked for by the way that the switch is managed by."""
    vrf = _managing_vrf(switch)
    names: Node = {
        **({"search": members([switch.domain])} if switch.domain else {}),
        **({"server": members(switch.dns)} if switch.dns else {}),
    }
    services: dict[str, Node] = {"dns": {vrf: names}} if names else {}
    services["lldp"] = {"state": "enabled"}
    if switch.ntp:
        services["ntp"] = {vrf: {"server": {address: {"iburst": "on"} for address in switch.ntp}}}
    return services


def _system(switch: SwitchConfig) -> Node:
    snippet = frr_snippet(switch.bgp) if switch.bgp is not None else ""
    vrf = _managing_vrf(switch)
    return {
        **login_objects(switch.login, vrf),
        **({"config": {"snippet": {"frr.conf": snippet}}} if snippet else {}),
        "hostname": switch.name,
        **monitoring_objects(switch.monitoring, vrf),
    }


def _vrfs(switch: SwitchConfig) -> Node:
    speaker = default_vrf(switch.bgp) if switch.bgp is not None else {}
    whole = joined(speaker, {} if _by_port(switch) else _way_out(switch))
    return {**tenant_vrfs(switch.bgp, switch.overlay), **({DEFAULT_VRF: whole} if whole else {})}


def _way_out(switch: SwitchConfig) -> Node:
    """The route to those who manage the switch: of a router to their pool alone, as its default route is the fabric's."""
    management = switch.management
    if management is None or not management.gateway:
        return {}
    version = ip_address(management.gateway).version
    prefix = management.pool if switch.bgp is not None and management.pool else DEFAULT_ROUTES[version]
    return {
        "router": {
            "static": {
                prefix: {
                    "address-family": f"ipv{version}-unicast",
                    "via": {management.gateway: {"type": f"ipv{version}-address"}},
                }
            }
        }
    }
