"""Tenants of fabrics for people: a table of all, and what of them a device has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from podwright.cli.table import table
from podwright.model.design import Design, Device, Vrf

_HEADINGS = (
    "fabric",
    "name",
    "id",
    "VRF",
    "VLAN",
    "L3 VNI",
    "route target",
    "servers",
    "bridged rails: VLAN (L2 VNI)",
    "switches",
)


def tenant_tables(design: Design) -> Iterator[str]:
    """Nothing where no fabric has tenants."""
    if design.vrfs:
        yield table("Tenants of fabrics", _HEADINGS, _rows(design))


def tenants_of(design: Design, device: Device) -> Iterator[str]:
    """A line for each tenant that a server is in, or whose routing table a switch has."""
    vrfs = {(vrf.fabric, vrf.name): vrf for vrf in design.vrfs}
    if device.kind == "server":
        mine = [vrf for vrf in design.vrfs if device.group in vrf.servers]
        yield from (f"in the tenant {vrf.name} on {vrf.fabric}, {_numbers(vrf)}" for vrf in mine)
    for member in design.vrf_members:
        if member.device == device.name:
            vrf = vrfs[member.fabric, member.vrf]
            bridged = f", bridges VLANs {', '.join(map(str, member.vlans))}" if member.vlans else ""
            yield f"has a routing table of the tenant {vrf.name}, {_numbers(vrf)}{bridged}"


def table_of_port(design: Design, device: str, port: str) -> Iterator[str]:
    """Which tenant's routing table or bridge a port is in."""
    for each in design.interfaces:
        if each.device == device and each.vrf:
            if each.port == port:
                yield f"routed in the table of the tenant {each.vrf}"
            elif port in each.members:
                yield f"bridged in {each.name} of the tenant {each.vrf}"


def _rows(design: Design) -> Iterator[tuple[object, ...]]:
    switches = Counter((member.fabric, member.vrf) for member in design.vrf_members)
    for vrf in design.vrfs:
        mine = (vrf.fabric, vrf.name)
        rails = tuple(f"{each.vlan} ({each.vni})" for each in design.segments if (each.fabric, each.vrf) == mine)
        numbers = (vrf.id, vrf.name, vrf.vlan, vrf.vni, vrf.route_target)
        yield (vrf.fabric, vrf.name, *numbers, vrf.servers, rails, switches[mine])


def _numbers(vrf: Vrf) -> str:
    return f"VRF {vrf.name}, VLAN {vrf.vlan}, VNI {vrf.vni}"
