"""What a switch is called, and its way to the site: the management port and what is reached by it.

Where the switch has a management port, that is in a VRF of its own, and name and time servers are asked by it. A switch
that is managed through a VLAN has one routing table.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.projection.records import ManagementConfig, SwitchConfig
from podwright.targets.eos.blocks import Block, section

VRF, DEFAULT = "MGMT", "default"
MANAGEMENT_PORT = "Management"


def managed_apart(management: ManagementConfig | None) -> bool:
    return management is not None and management.interface.startswith(MANAGEMENT_PORT)


def control(switch: SwitchConfig) -> Iterator[Block]:
    if switch.bgp is not None:
        yield ("service routing protocols model multi-agent",)


def identity(switch: SwitchConfig) -> Iterator[Block]:
    yield (f"hostname {switch.name}",)


def name_servers(switch: SwitchConfig) -> Iterator[Block]:
    table = VRF if managed_apart(switch.management) else DEFAULT
    lines = [f"ip name-server vrf {table} {address}" for address in switch.dns]
    domain = [f"dns domain {switch.domain}"] if switch.domain else []
    if lines or domain:
        yield (*lines, *domain)


def vrf(switch: SwitchConfig) -> Iterator[Block]:
    if managed_apart(switch.management):
        yield (f"vrf instance {VRF}",)


def management_port(management: ManagementConfig | None) -> Iterator[Block]:
    if management is not None and managed_apart(management):
        keyword = "ipv6" if ":" in management.address else "ip"
        yield section(f"interface {management.interface}", (f"vrf {VRF}", f"{keyword} address {management.address}"))


def way_out(management: ManagementConfig | None, version: int) -> Iterator[str]:
    """The default route of the management network, in its own table."""
    if management is None or not management.gateway or (version == 6) != (":" in management.gateway):
        return
    keyword, everything = ("ipv6", "::/0") if version == 6 else ("ip", "0.0.0.0/0")
    table = f"vrf {VRF} " if managed_apart(management) else ""
    yield f"{keyword} route {table}{everything} {management.gateway}"


def time_servers(switch: SwitchConfig) -> Iterator[Block]:
    table = f"vrf {VRF} " if managed_apart(switch.management) else ""
    if switch.ntp:
        yield tuple(f"ntp server {table}{address} iburst" for address in switch.ntp)


def ssh(switch: SwitchConfig) -> Iterator[Block]:
    """EOS answers SSH in its default table only, unless told."""
    if managed_apart(switch.management):
        yield ("management ssh", "   !", f"   vrf {VRF}", "      no shutdown")
