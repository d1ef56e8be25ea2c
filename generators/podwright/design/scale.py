"""The twin: a subset of a design, never a redesign. Names, addresses, AS numbers and port names stay production's own."""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest

from msgspec.structs import replace

from podwright.model.design import Design, Device

CI_NODES = 14
SPINES_KEPT = 2
CONTROLLER = "bmc"


def scale(design: Design, nodes: int | None) -> Design:
    """The twin of `design` with at most `nodes` devices, or as few as show every rail, role and tier; None keeps all.

    Kept at least: of each group with GPUs the first and the last server, of any other the first, their leaves, two
    spines of each plane, the roots and the routers outside. Baseboard controllers have no operating system to run, and
    are left out. Switches run FRR.
    """
    if nodes is None or nodes >= len(design.devices):
        return restrict(design, {device.name for device in design.devices})
    servers = _server_order(design)
    above = _switches_above(design)
    kept = {device.name for device in design.devices if device.tier == "root"}
    kept |= _ways_out(design)
    kept |= {device.name for device in design.devices if device.tier == "spine" and device.number <= SPINES_KEPT}
    kept |= {switch for each in kept for switch in above.get(each, ())}
    for name in _minimal(servers):
        kept |= {name} | above[name]
    for server in servers:
        grown = kept | {server.name} | above[server.name]
        if len(grown) <= nodes:
            kept = grown
    return restrict(design, kept)


def _ways_out(design: Design) -> set[str]:
    """Each router outside, and the switch at the end of its first link."""
    kept: set[str] = set()
    for link in design.links:
        if link.use == "outside" and link.a_device not in kept:
            kept |= {link.a_device, link.b_device}
    return kept


def _server_order(design: Design) -> list[Device]:
    """Servers from both ends of the grid inward, so that a larger twin still spans the pod."""
    servers = sorted(
        (each for each in design.devices if each.kind == "server"), key=lambda each: (each.unit, each.slot)
    )
    half = (len(servers) + 1) // 2
    inward = zip_longest(servers[:half], reversed(servers[half:]))
    return [server for pair in inward for server in pair if server is not None]


def _minimal(servers: list[Device]) -> set[str]:
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


def _switches_above(design: Design) -> dict[str, set[str]]:
    """Of each device the switches it needs: its leaves, and for each of them the switch of its management port."""
    above: dict[str, set[str]] = defaultdict(set)
    for link in design.links:
        if link.use == "management" and _real(link.a_port):
            above[link.a_device].add(link.b_device)
    for attachment in design.attachments:
        if _real(attachment.interface) and attachment.mode != "access":
            above[attachment.device] |= {attachment.leaf} | above[attachment.leaf]
    return above


def _real(port: str) -> bool:
    return port != CONTROLLER


def restrict(design: Design, devices: set[str]) -> Design:
    """Only `devices`, and the records that name no other; what is between two of them stays as designed.

    A twin stands in no room: racks and lengths of cables go.
    """
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
    bindings = tuple(binding for binding in design.bindings if (binding.device, binding.interface) in ends)
    profiles = {name for binding in bindings for name in (binding.buffer, binding.ecn)}
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
        attachments=tuple(
            # No cluster runs in a twin: what its IPAM would address is addressed by the node.
            replace(each, addressed_by="host")
            for each in design.attachments
            if (each.device, each.interface) in ends
        ),
        host_routes=tuple(route for route in design.host_routes if (route.device, route.interface) in present),
        source_rules=tuple(rule for rule in design.source_rules if rule.device in devices),
        routers=tuple(router for router in design.routers if router.device in devices),
        sessions=tuple(
            session
            for session in design.sessions
            if (session.a_device, session.a_interface) in ends and (session.b_device, session.b_interface) in ends
        ),
        vrf_members=tuple(
            replace(each, vlans=tuple(vlan for vlan in each.vlans if (each.device, f"Vlan{vlan}") in present))
            for each in design.vrf_members
            if each.device in devices
        ),
        bindings=bindings,
        buffers=tuple(each for each in design.buffers if each.name in profiles),
        ecn_profiles=tuple(each for each in design.ecn_profiles if each.name in profiles),
        buffer_budgets=tuple(each for each in design.buffer_budgets if each.device in devices),
        management=tuple(each for each in design.management if each.device in devices),
        accesses=tuple(each for each in design.accesses if each.device in devices),
        descriptions=tuple(each for each in design.descriptions if each.device in devices),
        node_labels=tuple(each for each in design.node_labels if each.device in devices),
        exports=tuple(each for each in design.exports if not each.server or each.server in devices),
        mounts=tuple(each for each in design.mounts if {each.server, each.device} - {""} <= devices),
        assets=tuple(asset for asset in design.assets if asset.device in devices),
        filter_points=tuple(
            point
            for point in design.filter_points
            if point.device in devices and (point.side == "host" or (point.device, point.interface) in ends)
        ),
        racks=(),
        placements=(),
        link_classes=(),
    )
