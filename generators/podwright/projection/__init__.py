"""Projections: what a target reads of the design, for one device or for the whole pod, in no vendor's words."""

from __future__ import annotations

from podwright.catalog import Catalog
from podwright.design import Index
from podwright.model.design import Design, Device, Link
from podwright.projection.devices import project_host, project_switch
from podwright.projection.records import Cable, DeviceEntry, PodConfig
from podwright.projection.spelling import linux_name


def project(design: Design, catalog: Catalog) -> PodConfig:
    """The whole pod, devices in order of name."""
    index = Index(design)
    devices = sorted(design.devices, key=lambda device: device.name)
    pod = design.pod
    return PodConfig(
        pod=pod.name,
        description=pod.description,
        domain=pod.domain,
        user=pod.management_user,
        python=pod.python,
        port=pod.management_port,
        init=pod.init,
        entries=tuple(_entry(index, device) for device in devices),
        switches=tuple(project_switch(index, catalog, device) for device in devices if device.kind == "switch"),
        hosts=tuple(project_host(index, device) for device in devices if device.kind == "server"),
        outsides=tuple(project_switch(index, catalog, device) for device in devices if device.kind == "outside"),
        cables=tuple(
            _cable(link) for link in sorted(design.links, key=lambda link: (link.fabric, link.a_device, link.a_port))
        ),
        fabrics=design.fabrics,
        sizings=design.sizings,
        prefixes=design.prefixes,
    )


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
    )


def _cable(link: Link) -> Cable:
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
