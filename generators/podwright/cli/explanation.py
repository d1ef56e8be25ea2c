"""A device or a port in full: what it is, where it stands, its cables and addresses, and which line says so."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.cli.explanation_of_buffers import headroom_of_port, lossless_of_port
from podwright.cli.explanation_of_zones import flows_of_server
from podwright.cli.table import table
from podwright.cli.tenant_tables import table_of_port, tenants_of
from podwright.errors import UsageError
from podwright.model.design import Design, Device, Link, Port
from podwright.model.near import likely_meant
from podwright.pipeline import Pod


def explain_device(pod: Pod, name: str) -> str:
    """Raises UsageError where the pod has no device `name`."""
    device = _device(pod.design, name)
    flows = flows_of_server(pod, device)
    return "\n\n".join(
        [
            "\n".join([f"{name}: {_kind(device)}", *(f"  {line}" for line in _facts(pod, device))]),
            table("Cables", ("port", "speed", "to", "at", "fabric", "use"), _cables(pod.design, name)),
            table("Addresses", ("interface", "address", "fabric"), _addresses(pod.design, name)),
            table("BGP sessions", ("interface", "to", "AS", "use", "BFD"), _sessions(pod.design, name)),
            *([flows] if flows else []),
        ]
    )


def explain_port(pod: Pod, name: str, port: str) -> str:
    """Raises UsageError where there is no such device or port."""
    design = pod.design
    _device(design, name)
    ports = {each.name: each for each in design.ports if each.device == name}
    if port not in ports:
        raise UsageError(f"{name} has no port `{port}` in use", fix=_near(port, list(ports)))
    lines = list(_port_facts(pod, ports[port]))
    lines += [
        f"cable to {peer}:{far}, {link.gbps}G, MTU {link.mtu}, fabric {link.fabric}"
        for near, link, peer, far in _ends(design, name)
        if near == port
    ]
    lines += [f"address {each.address}" for each in design.addresses if each.device == name and each.interface == port]
    lines += [
        f"BGP to {peer} (AS {asn}), {use}{'' if bfd == 'yes' else ', not watched by BFD'}"
        for interface, peer, asn, use, bfd in _sessions(design, name)
        if interface == port
    ]
    lines += table_of_port(design, name, port)
    lines += lossless_of_port(design, name, port)
    facts = "\n".join([f"{name}:{port}", *(f"  {line}" for line in lines)])
    return "\n\n".join(filter(None, [facts, headroom_of_port(design, name, port)]))


def _device(design: Design, name: str) -> Device:
    devices = {device.name: device for device in design.devices}
    if name not in devices:
        raise UsageError(f"the pod {design.pod.name} has no device `{name}`", fix=_near(name, list(devices)))
    return devices[name]


def _near(name: str, known: list[str]) -> str:
    if near := likely_meant(name, known):
        return f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
    return f"Use one of {', '.join(sorted(known)[:8])}{', ...' if len(known) > 8 else ''}."


def _kind(device: Device) -> str:
    if device.kind == "server":
        return f"server of group {device.group}, {device.model}, unit {device.unit}, slot {device.slot}"
    if device.kind == "outside":
        return f"router outside the pod, on fabric {device.fabric}"
    place = f"unit {device.unit}" if device.unit else "the network row"
    rail = f", rail {device.rail}" if device.rail >= 0 else ""
    return f"{device.tier} of fabric {device.fabric}, {device.model} with {device.nos}, {place}{rail}"


def _facts(pod: Pod, device: Device) -> Iterator[str]:
    yield f"decided by {_origin(pod, device.origin)}"
    yield f"fails together with {device.failure_domain}"
    for place in pod.design.placements:
        if place.device == device.name:
            top = place.position + place.height - 1
            yield f"stands in {place.rack}, U{place.position}" + (f" to U{top}" if top > place.position else "")
    for each in pod.design.management:
        if each.device == device.name:
            yield f"managed at {each.address}" + (f", BMC at {each.bmc}" if each.bmc else "")
    for access in pod.design.accesses:
        if access.device == device.name:
            yield f"configured as {access.user}, decided by {_origin(pod, access.user_origin)}"
            yield f"configured with {access.python}, decided by {_origin(pod, access.python_origin)}"
    for described in pod.design.descriptions:
        if described.device == device.name:
            yield f"{described.interface} is called `{described.text}`, decided by {_origin(pod, described.origin)}"
    for router in pod.design.routers:
        if router.device == device.name:
            yield f"AS {router.asn}, router id {router.router_id}, up to {router.max_paths} equal paths"
    yield from tenants_of(pod.design, device)


def _port_facts(pod: Pod, port: Port) -> Iterator[str]:
    yield f"decided by {_origin(pod, port.origin)}"
    yield f"{port.use} port at {port.gbps}G"
    yield from _size_facts(pod, port)
    if port.cage:
        part = f", sub-port {port.sub}" if port.sub else ""
        lanes = f", lanes {', '.join(map(str, port.lanes))}" if port.lanes else ""
        yield f"cage {port.cage}{part}{lanes}"
    if port.pci:
        yield f"PCI address {port.pci}" + (f", NUMA node {port.numa}" if port.numa >= 0 else "")


def _size_facts(pod: Pod, port: Port) -> Iterator[str]:
    """The override that decided the MTU of the port's cable, where one did."""
    overrides = pod.blueprint.overrides.devices
    for link in pod.design.links:
        ends = ((link.a_device, link.a_port), (link.b_device, link.b_port))
        if (port.device, port.name) in ends:
            paths = [
                f"overrides.devices.{device}.interfaces.{name}.mtu"
                for device, name in ends
                if device in overrides
                and name in overrides[device].interfaces
                and overrides[device].interfaces[name].mtu is not None
            ]
            yield from (f"MTU {link.mtu} decided by {_origin(pod, path)}" for path in paths[:1])


def _origin(pod: Pod, path: str) -> str:
    place = pod.source.place(tuple(path.split(".")), key=True)
    return f"{path} ({place})"


def _ends(design: Design, name: str) -> Iterator[tuple[str, Link, str, str]]:
    """The cables of a device: its own port, the cable, the device and the port at the other end."""
    for link in design.links:
        if link.a_device == name:
            yield link.a_port, link, link.b_device, link.b_port
        elif link.b_device == name:
            yield link.b_port, link, link.a_device, link.a_port


def _cables(design: Design, name: str) -> Iterator[tuple[object, ...]]:
    for near, link, peer, far in _ends(design, name):
        yield near, f"{link.gbps}G", peer, far, link.fabric, link.use


def _addresses(design: Design, name: str) -> Iterator[tuple[object, ...]]:
    for each in design.addresses:
        if each.device == name:
            yield each.interface, each.address, each.fabric


def _sessions(design: Design, name: str) -> Iterator[tuple[str, str, int, str, str]]:
    for each in design.sessions:
        if each.a_device == name:
            yield each.a_interface, each.b_device, each.b_asn, each.use, _yes(each.bfd)
        elif each.b_device == name:
            yield each.b_interface, each.a_device, each.a_asn, each.use, _yes(each.bfd)


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"
