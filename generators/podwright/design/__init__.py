"""From intent to decisions: `design(blueprint, catalog)` fills every table of a pod, and says what can't be built."""

from __future__ import annotations

from typing import NamedTuple

from podwright.catalog import Catalog
from podwright.design.addressing import plan_addresses, refuse_overlapping_pools
from podwright.design.cabling import cable_fabric
from podwright.design.claims import Claim, claim_ports
from podwright.design.draft import Draft
from podwright.design.fit import fits_layout
from podwright.design.grid import place_servers, record_assets
from podwright.design.index import Index
from podwright.design.outofband import build_management
from podwright.design.scale import CI_NODES, restrict, scale
from podwright.design.shape import shape_fabric
from podwright.design.underlay import Underlay, record_classes
from podwright.model.blueprint import Blueprint
from podwright.model.design import Design, Management, PodFacts
from podwright.model.design.fabric import FabricPlan
from podwright.model.report import Finding

DEFAULT_MTU = 9000


class Designed(NamedTuple):
    """The tables, and what was found on the way. Where a finding is an error, tables are as far as they went."""

    design: Design
    findings: tuple[Finding, ...]


def design(blueprint: Blueprint, catalog: Catalog) -> Designed:
    """Decide everything about a pod. Never raises for what a blueprint says: every infeasibility is a finding."""
    draft = Draft(blueprint, catalog)
    seats = place_servers(draft)
    refuse_overlapping_pools(draft)
    claims = claim_ports(draft, seats)
    record_classes(draft)
    for name, fabric in sorted(blueprint.fabrics.items()):
        if "management" not in fabric.carries:
            _build_fabric(draft, name, claims[name])
    for name, fabric in sorted(blueprint.fabrics.items()):
        if "management" in fabric.carries:
            plan = build_management(draft, name, claims[name])
            if plan:
                draft.fabrics.append(plan)
    _refuse_equal_names(draft)
    _manage_in_band(draft)
    record_assets(draft)
    return Designed(_tables(draft), tuple(draft.findings))


def _build_fabric(draft: Draft, name: str, claims: list[Claim]) -> None:
    spec = draft.blueprint.fabrics[name]
    plan = plan_addresses(draft, name, spec)
    shape = shape_fabric(draft, name, claims)
    if plan is None or shape is None or not fits_layout(draft, shape, plan, claims):
        return
    mtu = spec.mtu or DEFAULT_MTU
    fitting = cable_fabric(draft, shape, claims, mtu)
    Underlay(draft, shape, plan, fitting, mtu).build(claims)
    draft.fabrics.append(
        FabricPlan(
            name=name,
            carries=spec.carries,
            topology=spec.topology,
            planes=spec.planes,
            rails=shape.rails,
            homes=shape.homes,
            rows=shape.rows,
            planned_units=shape.planned_units,
            leaves=len(fitting.leaves),
            spines=shape.spines,
            uplinks=shape.cut.uplinks,
            uplink_gbps=shape.uplink_gbps,
            underlay=spec.underlay,
            mtu=mtu,
            asn=spec.asn,
            layout="; ".join(space.layout.spell for space in plan.spaces),
            pools=tuple(str(pool.network) for space in plan.spaces for pool in space.pools),
            bfd_interval_ms=spec.bfd.interval_ms,
            bfd_multiplier=spec.bfd.multiplier,
            lossless=spec.lossless or "",
            origin=f"fabrics.{name}",
        )
    )


def _refuse_equal_names(draft: Draft) -> None:
    """Two devices of one name would share files and records; RFC 1123 compares without case."""
    seen: dict[str, str] = {}
    for device in draft.devices:
        key = device.name.lower()
        if key in seen:
            draft.refuse(
                "DES105",
                "names" if _templated(draft) else device.origin,
                f"two devices would be called `{device.name}`",
                "Make the name template tell them apart: it lacks one of {fabric}, {group}, {unit}, {slot}, {rail}, {plane}, {number}.",
            )
            return
        seen[key] = device.name
        if len(key) > 63:
            draft.refuse(
                "DES106",
                "names" if _templated(draft) else device.origin,
                f"`{device.name}` has {len(key)} characters, and a host name has 63 at most (RFC 1123)",
                "Shorten the name template, or the name of the group or fabric.",
            )
            return


def _templated(draft: Draft) -> bool:
    names = draft.blueprint.names
    return any((names.leaf, names.rail_leaf, names.spine, names.server, names.outside))


def _manage_in_band(draft: Draft) -> None:
    """Devices without an out-of-band port are reached by their loopback."""
    managed = {management.device for management in draft.management if management.address}
    loopbacks: dict[str, str] = {}
    for interface, address in _loopback_addresses(draft):
        loopbacks.setdefault(interface, address)
    for device in draft.devices:
        if device.name not in managed and device.kind != "outside":
            draft.management.append(Management(device=device.name, address=loopbacks.get(device.name, "")))


def _loopback_addresses(draft: Draft) -> list[tuple[str, str]]:
    names = {(interface.device, interface.name) for interface in draft.interfaces if interface.kind == "loopback"}
    return [
        (address.device, address.address.split("/", 1)[0])
        for address in draft.addresses
        if (address.device, address.interface) in names
    ]


def _tables(draft: Draft) -> Design:
    """The draft's tables, each in the order of its keys, so that equal blueprints give equal bytes."""
    blueprint = draft.blueprint
    return Design(
        pod=PodFacts(
            name=blueprint.name,
            description=blueprint.description,
            domain=blueprint.site.domain,
            dns=blueprint.site.dns,
            ntp=blueprint.site.ntp,
            slots=blueprint.units.slots,
            management_user=blueprint.management.user,
            management_port=blueprint.management.port,
            python=blueprint.management.python,
        ),
        fabrics=tuple(draft.fabrics),
        sizings=tuple(draft.sizings),
        devices=tuple(draft.devices),
        ports=tuple(draft.ports),
        breakouts=tuple(draft.breakouts),
        links=tuple(draft.links),
        prefixes=tuple(draft.prefixes),
        interfaces=tuple(draft.interfaces),
        addresses=tuple(draft.addresses),
        attachments=tuple(draft.attachments),
        host_routes=tuple(draft.host_routes),
        source_rules=tuple(draft.source_rules),
        routers=tuple(draft.routers),
        sessions=tuple(draft.sessions),
        classes=tuple(draft.classes),
        bindings=tuple(draft.bindings),
        management=tuple(draft.management),
        assets=tuple(draft.assets),
    )


__all__ = ["CI_NODES", "Designed", "Index", "design", "restrict", "scale"]
