"""Projections of switches, servers and routers outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.catalog import Catalog
from podwright.design import Index
from podwright.model.design import Design, Device, Interface, Port
from podwright.projection.host_qos import project_collectives, project_host_qos
from podwright.projection.overlay import project_overlay
from podwright.projection.qos import project_qos
from podwright.projection.records import (
    BreakoutConfig,
    ExportConfig,
    HostConfig,
    HostFilter,
    HostInterface,
    InterfaceConfig,
    ManagementConfig,
    MarkClass,
    MountConfig,
    PortConfig,
    PortFilter,
    RouteConfig,
    RuleConfig,
    SshConfig,
    SwitchConfig,
    SwitchQos,
)
from podwright.projection.routing import project_bgp
from podwright.projection.spelling import linux_name
from podwright.projection.zones import Zoning

RS_FEC_FROM = 100
DEFAULT_MTU = 1500
FABRIC_USES = frozenset({"down", "uplink"})
"""Uses of ports at whose other end is a switch of the same fabric."""
UNZONED, UNZONED_OUTSIDE = "no.zone", "no.zone.outside"
"""Names of the filters of ports behind which nothing is in a zone; written names hold no dots."""


def project_switch(index: Index, catalog: Catalog, zones: Zoning, device: Device) -> SwitchConfig:
    """All that a switch's target reads (also a router outside, which the twin runs)."""
    model = catalog.switches.get(device.model)
    nos = model.nos.get(device.nos) if model else None
    pod = index.design.pod
    asset = index.asset.get(device.name)
    bgp = project_bgp(index, device)
    interfaces = index.interfaces.get(device.name, [])
    bridged = any(index.addresses[device.name, each.name] for each in interfaces if each.kind == "bridge")
    gateway = any(prefix.gateway for prefix in index.announced.get(device.name, ()))
    qos = project_qos(index, catalog, device)
    return SwitchConfig(
        name=device.name,
        domain=pod.domain,
        role=device.role,
        fabric=device.fabric,
        failure_domain=device.failure_domain,
        model=device.model,
        nos=device.nos,
        platform=nos.platform if nos else "",
        hwsku=nos.hwsku if nos else "",
        mac=asset.mac if asset else "",
        serial=asset.serial if asset else "",
        dns=pod.dns,
        ntp=pod.ntp,
        management=_management(index, device),
        ports=_ports(index, device, _adaptive_speeds(catalog, qos)),
        breakouts=_breakouts(index, device, nos.breakout_modes if nos else {}),
        interfaces=tuple(_interface(index, each) for each in interfaces if each.kind != "management"),
        bgp=bgp,
        overlay=project_overlay(index, device),
        qos=qos,
        load_balancing="dynamic" if qos is not None and catalog.asics[qos.asic].dynamic_load_balancing else "hash",
        monitoring=next(iter(index.design.monitorings), None),
        login=next(iter(index.design.logins), None),
        filters=tuple(_port_filters(index, zones, device)),
        routed=bgp is not None or (bridged and gateway),
    )


def _breakouts(index: Index, device: Device, spelt: Mapping[str, str]) -> tuple[BreakoutConfig, ...]:
    return tuple(
        BreakoutConfig(port=each.port, mode=each.mode, platform_mode=spelt.get(each.mode, ""))
        for each in index.breakouts.get(device.name, ())
    )


def _front_panel(index: Index, device: Device) -> list[Port]:
    return [port for port in index.ports.get(device.name, ()) if port.use != "management" or port.cage]


def _adaptive_speeds(catalog: Catalog, qos: SwitchQos | None) -> frozenset[int]:
    """Speeds in Gb/s at which the ASIC can balance the lossless class by load; none without such a class."""
    return frozenset(catalog.asics[qos.asic].adaptive_routing) if qos else frozenset()


def _port(index: Index, port: Port, mtu: int, adaptive: frozenset[int]) -> PortConfig:
    peer_device, peer_port = index.far_end.get((port.device, port.name), ("", ""))
    edge = peer_device not in index.device or index.device[peer_device].fabric != index.device[port.device].fabric
    return PortConfig(
        name=port.name,
        linux=linux_name(port.name),
        alias=port.alias or port.name,
        cage=port.cage,
        lanes=port.lanes,
        gbps=port.gbps,
        fec="rs" if port.gbps >= RS_FEC_FROM else "none",
        mtu=mtu,
        description=_described(index, port.device, port.name, "unused"),
        peer_device=peer_device,
        peer_port=peer_port,
        edge=edge,
        adaptive=port.use in FABRIC_USES and port.gbps in adaptive,
    )


def _ports(index: Index, device: Device, adaptive: frozenset[int]) -> tuple[PortConfig, ...]:
    """The front panel; a port has the MTU of its interface or bridge, an unused one that of the fabric."""
    mtus: dict[str, int] = {}
    for interface in index.interfaces.get(device.name, ()):
        for port in (interface.port, *interface.members):
            mtus.setdefault(port, interface.mtu)
    unused = index.fabric[device.fabric].mtu if device.fabric in index.fabric else DEFAULT_MTU
    return tuple(_port(index, port, mtus.get(port.name, unused), adaptive) for port in _front_panel(index, device))


def _described(index: Index, device: str, interface: str, alone: str) -> str:
    """What an override calls an interface, else what it is cabled to, else `alone`. A port and its interface share a name."""
    if (device, interface) in index.described:
        return index.described[device, interface]
    peer_device, peer_port = index.far_end.get((device, interface), ("", ""))
    return f"{peer_device}:{peer_port}" if peer_device else alone


def _interface(index: Index, interface: Interface) -> InterfaceConfig:
    vlan = int(interface.name.removeprefix("Vlan")) if interface.kind == "bridge" else 0
    return InterfaceConfig(
        name=interface.name,
        linux=linux_name(interface.name, interface.kind),
        kind=interface.kind,
        mtu=interface.mtu,
        addresses=tuple(index.addresses[interface.device, interface.name]),
        unnumbered=interface.unnumbered,
        description=_described(index, interface.device, interface.name, ""),
        members=tuple(linux_name(member) for member in interface.members),
        vlan=vlan,
        vrf=interface.vrf,
    )


def _management(index: Index, device: Device) -> ManagementConfig | None:
    """The management port; None where the device is reached by an address it has anyway."""
    management = index.management.get(device.name)
    if management is None or not management.interface or not management.address:
        return None
    addresses = index.addresses[device.name, management.interface]
    return ManagementConfig(
        interface=management.interface,
        address=addresses[0] if addresses else management.address,
        gateway=management.gateway,
        pool=management.prefix,
    )


def _classes(index: Index, device: Device) -> tuple[MarkClass, ...]:
    bound: dict[str, list[str]] = {}
    for binding in index.bindings.get(device.name, ()):
        bound.setdefault(binding.name, []).append(linux_name(binding.interface))
    return tuple(
        MarkClass(
            name=name,
            dscp=index.traffic_class[name].dscp,
            priority=index.traffic_class[name].priority,
            udp_port=index.traffic_class[name].udp_port,
            interfaces=tuple(interfaces),
        )
        for name, interfaces in bound.items()
    )


def project_host(index: Index, catalog: Catalog, zones: Zoning, device: Device) -> HostConfig:
    """All that a server's target reads."""
    pod = index.design.pod
    asset = index.asset.get(device.name)
    management = index.management.get(device.name)
    qos = project_host_qos(index, catalog, device)
    return HostConfig(
        name=device.name,
        domain=pod.domain,
        group=device.group,
        purpose=device.role,
        failure_domain=device.failure_domain,
        model=device.model,
        nos=device.nos,
        serial=asset.serial if asset else "",
        dns=pod.dns,
        ntp=pod.ntp,
        management=_management(index, device),
        bmc=management.bmc if management else "",
        interfaces=_host_interfaces(index, device),
        loopbacks=tuple(index.loopbacks(device.name)),
        routes=tuple(
            RouteConfig(
                table=route.table, prefix=route.prefix, via=route.via, interface=route.interface, source=route.source
            )
            for route in index.host_routes.get(device.name, ())
            if (device.name, route.interface) not in index.given_away
        ),
        rules=tuple(
            RuleConfig(source=rule.source, table=rule.table)
            for rule in index.source_rules.get(device.name, ())
            if rule.source.split("/")[0] not in index.given_addresses.get(device.name, ())
        ),
        bgp=project_bgp(index, device),
        classes=_classes(index, device),
        qos=qos,
        collectives=project_collectives(index, catalog, device),
        peer_to_peer=bool(qos) and device.model in catalog.servers and catalog.servers[device.model].gpus > 0,
        cluster_node=_is_node(index, device),
        exports=_exports(index, device),
        mounts=_mounts(index, device),
        labels={label.key: label.value for label in index.node_labels.get(device.name, ())},
        filter=_host_filter(index, zones, device),
        ssh=project_ssh(index.design),
    )


def _is_node(index: Index, device: Device) -> bool:
    """Whether the server is one of the Kubernetes cluster's, worker or control plane."""
    return any(device.group in cluster.groups for cluster in index.design.clusters)


def _exports(index: Index, device: Device) -> tuple[ExportConfig, ...]:
    return tuple(
        ExportConfig(path=export.path, address=export.address, clients=export.clients)
        for export in index.exports.get(device.name, ())
    )


def _mounts(index: Index, device: Device) -> tuple[MountConfig, ...]:
    """Those of the server's group, and of what is outside its own."""
    return tuple(
        MountConfig(
            address=mount.address,
            export=mount.export,
            path=mount.path,
            version=index.store[mount.store].version,
            connections=index.store[mount.store].connections,
        )
        for mount in index.mounts.get(device.group, ())
        if mount.device in ("", device.name)
    )


def _host_interfaces(index: Index, device: Device) -> tuple[HostInterface, ...]:
    ports = {port.name: port for port in index.ports.get(device.name, ())}
    asset = index.asset.get(device.name)
    mtus = {interface.name: interface.mtu for interface in index.interfaces.get(device.name, ())}
    interfaces = []
    for attachment in index.attachments.get(device.name, ()):
        if attachment.interface not in mtus:
            continue  # a baseboard controller: it has a port, and no interface of this OS
        interfaces.append(
            HostInterface(
                name=attachment.interface,
                pci=attachment.pci,
                mac=asset.mac if asset and attachment.role == "management" else "",
                role=attachment.role,
                rail=attachment.rail,
                plane=attachment.plane,
                mtu=mtus[attachment.interface],
                addresses=tuple(index.addresses[device.name, attachment.interface]),
                configured=attachment.addressed_by == "host",
                gbps=ports[attachment.interface].gbps,
                peer_device=attachment.leaf,
                peer_port=attachment.leaf_port,
                description=_described(index, device.name, attachment.interface, ""),
                nic=attachment.nic,
            )
        )
    return tuple(interfaces)


def _port_filters(index: Index, zones: Zoning, device: Device) -> Iterator[PortFilter]:
    """One filter a zone; a server's and a router's ports never share one, as no zone holds both."""
    ports: dict[tuple[str, bool], list[str]] = {}
    uses = {port.name: port.use for port in index.ports.get(device.name, ())}
    for point in index.filter_points.get(device.name, ()):
        if point.side == "switch":
            ports.setdefault((point.zone, uses[point.interface] == "outside"), []).append(point.interface)
    prefixes = index.prefixes_of_fabric.get(device.fabric, [])
    fabric = tuple(each.prefix for each in prefixes if each.use in ("pool", "hosts"))
    rails = tuple(each.prefix for each in prefixes if each.use == "rail" and each.rail == device.rail)
    behind = rails if device.rail >= 0 else fabric
    for (zone, leads_outside), interfaces in sorted(ports.items()):
        yield PortFilter(
            name=zone or (UNZONED_OUTSIDE if leads_outside else UNZONED),
            interfaces=tuple(interfaces),
            linux=tuple(linux_name(each) for each in interfaces),
            rules=zones.from_outside(zone) if leads_outside else zones.from_servers(zone, behind, fabric),
        )


def project_ssh(design: Design) -> SshConfig | None:
    """How SSH of every server knows people; None where the blueprint leaves that to the servers."""
    for plan in design.security_plans:
        if plan.trusted_ca or plan.authorized_keys:
            return SshConfig(
                user=design.pod.management_user, trusted_ca=plan.trusted_ca, authorized_keys=plan.authorized_keys
            )
    return None


def _host_filter(index: Index, zones: Zoning, device: Device) -> HostFilter | None:
    points = [point for point in index.filter_points.get(device.name, ()) if point.side == "host"]
    if not points:
        return None
    interfaces = [each.name for each in index.interfaces.get(device.name, ()) if each.kind == "port"]
    management = _management(index, device)
    if management is not None and management.interface not in interfaces:
        interfaces.append(management.interface)
    own = [
        address.split("/", 1)[0]
        for name in {each.name for each in index.interfaces.get(device.name, ())}
        | {management.interface if management else ""}
        for address in index.addresses.get((device.name, name), ())
    ]
    zones_here = tuple(point.zone for point in points if point.zone)
    routed = {
        index.zone_at.get((device.group, each.fabric))
        for each in index.attachments.get(device.name, ())
        if each.mode != "access"
    }
    whole = len(zones_here) == 1 and routed <= set(zones_here)
    return HostFilter(
        zones=zones_here,
        interfaces=tuple(interfaces),
        incoming=zones.to_server(zones_here, own, whole=whole),
        outgoing=zones.of_server(zones_here, own, whole=whole),
    )
