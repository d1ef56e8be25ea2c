"""The rows of every import, in NetBox's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_interface, ip_network

from podwright.projection.records import HostConfig, PodConfig, SwitchConfig
from podwright.targets.docs.netbox.forms import Row
from podwright.targets.docs.netbox.hardware import CABLE_TYPES, CONTROLLER, KILOBITS, Interface, Maker, slug

PLANNED = "planned"
COLOURS: Mapping[str, str] = {"server": "607d8b", "switch": "2196f3", "outside": "9e9e9e"}
CONTAINERS = ("pool", "hosts", "rail")
"""Uses of prefixes that others are cut from; NetBox calls them containers."""


def site(pod: PodConfig) -> Iterator[Row]:
    yield {"name": pod.pod, "slug": pod.pod, "status": PLANNED}


def manufacturers(makers: Iterable[Maker]) -> Iterator[Row]:
    for name in sorted({maker.manufacturer for maker in makers}):
        yield {"name": name, "slug": slug(name)}


def roles(pod: PodConfig) -> Iterator[Row]:
    found = {_role(entry.kind, entry.role): entry.kind for entry in pod.entries}
    for name, kind in sorted(found.items()):
        yield {"name": name, "slug": slug(name), "color": COLOURS[kind], "vm_role": "false"}


def _role(kind: str, role: str) -> str:
    return {"server": f"{role} server", "switch": f"{role} switch"}.get(kind, "router outside")


def platforms(pod: PodConfig) -> Iterator[Row]:
    for name in sorted({entry.nos for entry in pod.entries if entry.kind != "outside"}):
        yield {"name": name, "slug": slug(name)}


def racks(pod: PodConfig) -> Iterator[Row]:
    for rack in pod.racks:
        yield {"site": pod.pod, "name": rack.name, "status": PLANNED, "width": "19", "u_height": str(rack.height)}


def devices(pod: PodConfig, makers: Mapping[str, Maker]) -> Iterator[Row]:
    places = {each.device: each for each in pod.placements}
    for entry in pod.entries:
        maker, place = makers[entry.model], places.get(entry.name)
        yield {
            "name": entry.name,
            "role": _role(entry.kind, entry.role),
            "manufacturer": maker.manufacturer,
            "device_type": maker.model,
            "platform": entry.nos if entry.kind != "outside" else "",
            "serial": entry.serial,
            "status": PLANNED,
            "site": pod.pod,
            "rack": place.rack if place else "",
            "position": str(place.position) if place else "",
            "face": "front" if place else "",
        }


def interfaces(found: Iterable[Interface], brought: Mapping[str, frozenset[tuple[str, str, bool]]]) -> Iterator[Row]:
    """`brought` are, by device, those that its type brings."""
    for each in found:
        if each.template not in brought[each.device]:
            yield {
                "device": each.device,
                "name": each.name,
                "type": each.kind,
                "speed": str(each.gbps * KILOBITS) if each.gbps else "",
                "mtu": str(each.mtu or ""),
                "mgmt_only": "true" if each.management else "false",
                "description": each.description,
            }


def cables(pod: PodConfig) -> Iterator[Row]:
    for cable in pod.cables:
        yield {
            "side_a_device": cable.a_device,
            "side_a_type": "dcim.interface",
            "side_a_name": cable.a_port,
            "side_b_device": cable.b_device,
            "side_b_type": "dcim.interface",
            "side_b_name": cable.b_port,
            "type": CABLE_TYPES.get(cable.medium, ""),
            "status": PLANNED,
            "label": cable.label if len(cable.label) <= LONGEST_LABEL else "",
            "length": str(cable.metres or ""),
            "length_unit": "m" if cable.metres else "",
        }


LONGEST_LABEL = 100
"""Of a cable, in NetBox's model; a longer one would be refused."""


def vlans(pod: PodConfig) -> Iterator[Row]:
    for vid, name in sorted(
        {(each.vlan, each.name) for switch in pod.switches for each in switch.interfaces if each.vlan}
    ):
        yield {"site": pod.pod, "vid": str(vid), "name": name, "status": "active"}


def prefixes(pod: PodConfig) -> Iterator[Row]:
    """Each prefix once, with the VLAN whose gateway is in it."""
    vids = {
        ip_interface(address).network: each.vlan
        for switch in pod.switches
        for each in switch.interfaces
        if each.vlan
        for address in each.addresses
    }
    seen: set[str] = set()
    for each in pod.prefixes:
        if each.prefix in seen:
            continue
        seen.add(each.prefix)
        vid = vids.get(ip_network(each.prefix))
        use = f"{each.use} {each.rail}" if each.use == "rail" else each.use
        yield {
            "prefix": each.prefix,
            "status": "container" if each.use in CONTAINERS else "active",
            "vlan_site": pod.pod if vid else "",
            "vlan": str(vid or ""),
            "description": f"{each.fabric} {use} {each.device}".rstrip(),
        }


def addresses(pod: PodConfig) -> Iterator[Row]:
    """Every address of every device but those of baseboard controllers; the one it is reached at is primary."""
    reached = {entry.name: ip_address(entry.address) for entry in pod.entries if entry.address}
    for device, interface, address, role in _held(pod):
        row = {"address": address, "status": "active", "role": role, "device": device, "interface": interface}
        if reached.get(device) == ip_interface(address).ip:
            row |= {"is_primary": "true", "dns_name": f"{device}.{pod.domain}"}
        yield row


def _held(pod: PodConfig) -> Iterator[tuple[str, str, str, str]]:
    """(device, interface, address, role) of every address that a device holds, each once."""
    for host in pod.hosts:
        yield from ((host.name, "lo", address, "loopback") for address in host.loopbacks)
        yield from ((host.name, each.name, address, "") for each in host.interfaces for address in each.addresses)
    for switch in (*pod.switches, *pod.outsides):
        held = {
            (each.name, address): "loopback" if each.kind == "loopback" else ""
            for each in switch.interfaces
            for address in each.addresses
        }
        if switch.management:
            held.setdefault((switch.management.interface, _with_length(switch, switch.management.address)), "")
        yield from ((switch.name, interface, address, role) for (interface, address), role in held.items())


def _with_length(device: SwitchConfig | HostConfig, address: str) -> str:
    """The address with the length of the management network; alone where nothing says what that is."""
    if "/" in address or not device.management or "/" not in device.management.address:
        return address
    return f"{address}/{device.management.address.split('/', 1)[1]}"


def controllers(pod: PodConfig) -> Iterator[Row]:
    for host in pod.hosts:
        if host.bmc:
            yield {
                "address": str(ip_interface(_with_length(host, host.bmc))),
                "status": "active",
                "device": host.name,
                "interface": CONTROLLER,
                "is_oob": "true",
            }
