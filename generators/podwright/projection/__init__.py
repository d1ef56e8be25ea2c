"""Projections: what a target reads of the design, for one device or for the whole pod, in no vendor's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.catalog import Catalog
from podwright.design import Index
from podwright.design.facility import lane_gbps
from podwright.model.design import Design, Device, Link, LinkClass
from podwright.projection.agreement import hold_together
from podwright.projection.cluster import project_cluster
from podwright.projection.devices import project_host, project_ssh, project_switch
from podwright.projection.records import Cable, DeviceEntry, ModelEntry, PodConfig
from podwright.projection.spelling import linux_name
from podwright.projection.zones import Zoning


def project(design: Design, catalog: Catalog) -> PodConfig:
    """The whole pod, devices in order of name. Raises ClassDisagreementError where its parts differ about a lossless class."""
    index = Index(design)
    zones = Zoning(design)
    devices = sorted(design.devices, key=lambda device: device.name)
    lanes = {(port.device, port.name): lane_gbps(port) for port in design.ports if port.cage}
    classes: dict[tuple[str, str, int, int], LinkClass] = {
        (each.fabric, each.use, each.gbps, each.lane_gbps): each for each in design.link_classes
    }
    pod = design.pod
    projected = PodConfig(
        pod=pod.name,
        description=pod.description,
        domain=pod.domain,
        user=pod.management_user,
        python=pod.python,
        port=pod.management_port,
        init=pod.init,
        entries=tuple(_entry(index, device) for device in devices),
        switches=tuple(project_switch(index, catalog, zones, device) for device in devices if device.kind == "switch"),
        hosts=tuple(project_host(index, catalog, zones, device) for device in devices if device.kind == "server"),
        outsides=tuple(project_switch(index, catalog, zones, device) for device in devices if device.kind == "outside"),
        cables=tuple(
            _cable(link, classes.get(_class_key(link, lanes)))
            for link in sorted(design.links, key=lambda link: (link.fabric, link.a_device, link.a_port))
        ),
        fabrics=design.fabrics,
        sizings=design.sizings,
        prefixes=design.prefixes,
        ssh=project_ssh(design),
        security=next(iter(design.security_plans), None),
        zones=design.zones,
        flows=design.flows,
        secrets=design.secrets,
        breakouts=design.breakouts,
        racks=design.racks,
        placements=design.placements,
        link_classes=design.link_classes,
        stores=design.stores,
        exports=design.exports,
        vrfs=design.vrfs,
        segments=design.segments,
        vrf_members=design.vrf_members,
        models=tuple(_models(design, catalog)),
        media={
            name: catalog.cables[name].title for name in sorted({each.medium for each in design.link_classes} - {""})
        },
        cluster=project_cluster(index, catalog),
    )
    hold_together(projected)
    return projected


def _entry(index: Index, device: Device) -> DeviceEntry:
    management = index.management.get(device.name)
    router = index.router.get(device.name)
    asset = index.asset.get(device.name)
    return DeviceEntry(
        name=device.name,
        kind=device.kind,
        tier=device.tier,
        role=device.role,
        group=device.group,
        fabric=device.fabric,
        plane=device.plane,
        unit=device.unit,
        slot=device.slot,
        rail=device.rail,
        number=device.number,
        model=device.model,
        nos=device.nos,
        failure_domain=device.failure_domain,
        address=management.address if management else "",
        bmc=management.bmc if management else "",
        loopbacks=tuple(index.loopbacks(device.name)),
        asn=router.asn if router else 0,
        serial=asset.serial if asset else "",
        groups=_groups(device),
        access=index.access.get(device.name),
    )


def _models(design: Design, catalog: Catalog) -> Iterator[ModelEntry]:
    """Servers, then switches, each in order of name."""
    used = {device.model for device in design.devices}
    for name in sorted(used & set(catalog.servers)):
        server = catalog.servers[name]
        yield ModelEntry(
            name=name,
            kind="server",
            title=server.title,
            vendor=server.vendor,
            rack_units=server.rack_units,
            max_watts=server.max_watts,
            gpus=server.gpus,
            gpu_model=server.gpu_model,
        )
    for name in sorted(used & set(catalog.switches)):
        switch = catalog.switches[name]
        yield ModelEntry(
            name=name,
            kind="switch",
            title=switch.title,
            vendor=switch.vendor,
            rack_units=switch.rack_units,
            max_watts=switch.max_watts,
            gpus=0,
            gpu_model="",
        )


def _class_key(link: Link, lanes: Mapping[tuple[str, str], int]) -> tuple[str, str, int, int]:
    return link.fabric, link.use, link.gbps, lanes.get((link.b_device, link.b_port), 0)


def _cable(link: Link, kind: LinkClass | None) -> Cable:
    return Cable(
        a_device=link.a_device,
        a_port=link.a_port,
        a_linux=linux_name(link.a_port),
        b_device=link.b_device,
        b_port=link.b_port,
        b_linux=linux_name(link.b_port),
        fabric=link.fabric,
        use=link.use,
        gbps=link.gbps,
        mtu=link.mtu,
        label=f"{link.a_device}:{link.a_port} -> {link.b_device}:{link.b_port}",
        medium=kind.medium if kind else "",
        metres=kind.metres if kind else 0,
    )


def _groups(device: Device) -> tuple[str, ...]:
    """Inventory groups, with `_` for `-`: by kind and OS, by tier and fabric, by role, by failure domain; rails hold only leaves."""
    groups = [f"nos_{device.nos}", f"domain_{device.failure_domain}"]
    match device.kind:
        case "switch":
            groups += ["switches", f"{device.tier}s", f"fabric_{device.fabric}"]
            if device.tier == "leaf" and device.rail >= 0:
                groups.append(f"rail_{device.rail}")
        case "server":
            groups += ["servers", f"group_{device.group}", f"purpose_{device.role}"]
        case "outside":
            groups += ["outside"]
    return tuple(sorted(group.replace("-", "_") for group in groups))


__all__ = ["project"]
