"""The twin: a subset of a design, never a redesign. Names, addresses, AS numbers and port names stay production's own."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from podwright.model.design import Design, Device

CI_NODES = 14
SPINES_KEPT = 2
CONTROLLER = "bmc"


def scale(design: Design, nodes: int | None) -> Design:
    """The twin of `design` with about `nodes` devices; None keeps all, 0 as few as show every rail, role and tier.

    Kept at least: of each group the first and the last server, their leaves, two spines of each plane, the roots and
    the routers outside. Baseboard controllers have no operating system to run, and are left out. Switches run FRR.
    """
    servers = _server_order(design)
    everything = len(design.devices)
    kept = _minimal(design, servers)
    devices = _closure(design, kept, everything if nodes is None else nodes)
    for server in servers:
        if nodes is not None and len(devices) >= nodes:
            break
        kept.add(server.name)
        devices = _closure(design, kept, everything if nodes is None else nodes)
    return _restrict(design, devices)


def _server_order(design: Design) -> list[Device]:
    """Servers from both ends of the grid inward, so that a larger twin still spans the pod."""
    servers = sorted((device for device in design.devices if device.kind == "server"), key=lambda each: (each.unit, each.slot))
    ordered = []
    while servers:
        ordered.append(servers.pop(0))
        if servers:
            ordered.append(servers.pop())
    return ordered


def _minimal(design: Design, servers: list[Device]) -> set[str]:
    """Of a group with GPUs two servers, as far apart as can be; of any other one."""
    groups: dict[str, list[Device]] = defaultdict(list)
    for server in servers:
        groups[server.group].append(server)
    kept = set()
    for group in groups.values():
        ordered = sorted(group, key=lambda each: (each.unit, each.slot))
        kept.add(ordered[0].name)
        if ordered[0].role == "compute" or len(groups) == 1:
            kept.add(ordered[-1].name)
    return kept


def _closure(design: Design, servers: set[str], nodes: int) -> set[str]:
    """The servers with all switches above them; spines are more than two only where the budget has room."""
    leaves = {attachment.leaf for attachment in design.attachments if attachment.device in servers and _real(attachment.interface)}
    kept = servers | leaves
    kept |= {device.name for device in design.devices if device.tier in ("root", "outside")}
    spines = [device for device in design.devices if device.tier == "spine"]
    kept |= {spine.name for spine in spines if spine.number <= SPINES_KEPT}
    if nodes >= len(design.devices):
        kept |= {spine.name for spine in spines}
    return kept | {
        link.b_device for link in design.links if link.use == "management" and link.a_device in kept and _real(link.a_port)
    }


def _real(port: str) -> bool:
    return port != CONTROLLER


def _restrict(design: Design, devices: set[str]) -> Design:
    links = tuple(
        link for link in design.links if link.a_device in devices and link.b_device in devices and _real(link.a_port)
    )
    ends = {(link.a_device, link.a_port) for link in links} | {(link.b_device, link.b_port) for link in links}
    interfaces = []
    for interface in design.interfaces:
        if interface.device not in devices:
            continue
        if interface.kind == "bridge":
            members = tuple(member for member in interface.members if (interface.device, member) in ends)
            if members:
                interfaces.append(replace(interface, members=members))
        elif interface.kind == "loopback" or (interface.device, interface.port) in ends:
            interfaces.append(interface)
    present = {(interface.device, interface.name) for interface in interfaces}
    return replace(
        design,
        pod=replace(design.pod, init="none"),
        devices=tuple(
            replace(device, nos="frr") if device.kind == "switch" else device
            for device in design.devices
            if device.name in devices
        ),
        ports=tuple(port for port in design.ports if (port.device, port.name) in ends),
        breakouts=(),
        links=links,
        prefixes=tuple(prefix for prefix in design.prefixes if not prefix.device or prefix.device in devices),
        interfaces=tuple(interfaces),
        addresses=tuple(address for address in design.addresses if (address.device, address.interface) in present),
        attachments=tuple(each for each in design.attachments if (each.device, each.interface) in ends),
        host_routes=tuple(route for route in design.host_routes if (route.device, route.interface) in present),
        source_rules=tuple(rule for rule in design.source_rules if rule.device in devices),
        routers=tuple(router for router in design.routers if router.device in devices),
        sessions=tuple(
            session
            for session in design.sessions
            if (session.a_device, session.a_interface) in ends and (session.b_device, session.b_interface) in ends
        ),
        bindings=tuple(binding for binding in design.bindings if (binding.device, binding.interface) in ends),
        management=tuple(each for each in design.management if each.device in devices),
        assets=tuple(asset for asset in design.assets if asset.device in devices),
    )
