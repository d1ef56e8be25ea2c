"""From intent to decisions: `design(blueprint, catalog)` fills every table of a pod, and says what can't be built."""

from __future__ import annotations

from typing import NamedTuple

from podwright.catalog import Catalog
from podwright.design.addressing import plan_addresses, refuse_overlapping_pools
from podwright.design.cabling import cable_fabric
from podwright.design.claims import Claim, claim_ports
from podwright.design.cluster import design_cluster
from podwright.design.draft import Draft
from podwright.design.facility import class_links, place_devices
from podwright.design.fit import fits_layout
from podwright.design.grid import place_servers, record_assets
from podwright.design.index import Index
from podwright.design.lossless import bind_classes, note_dpus, record_classes
from podwright.design.names import FIELDS
from podwright.design.observability import plan_observability
from podwright.design.outofband import build_management
from podwright.design.overlay import Overlay
from podwright.design.overrides import record_overrides
from podwright.design.scale import CI_NODES, restrict, scale
from podwright.design.secrets import record_secrets
from podwright.design.security import plan_security
from podwright.design.shape import shape_fabric
from podwright.design.storage import design_storage
from podwright.design.underlay import Underlay
from podwright.model.blueprint import Bfd, Blueprint
from podwright.model.design import Design, Device, Management, PodFacts
from podwright.model.design.fabric import FabricPlan
from podwright.model.report import Finding

DEFAULT_MTU = 9000
LONGEST_NAME = 63


class Designed(NamedTuple):
    """The tables, and what was found on the way. Where a finding is an error, tables are as far as they went."""

    design: Design
    findings: tuple[Finding, ...]


def design(blueprint: Blueprint, catalog: Catalog) -> Designed:
    """Decide everything about a pod. Never raises for what a blueprint says: every infeasibility is a finding."""
    draft = Draft(blueprint, catalog)
    _refuse_strange_fields(draft)
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
    if not any(draft.namer.strange_fields()):
        _refuse_equal_names(draft)
    _manage_in_band(draft)
    record_overrides(draft)
    plan_observability(draft)
    plan_security(draft)
    record_secrets(draft)
    record_assets(draft)
    place_devices(draft)
    class_links(draft)
    bind_classes(draft)
    note_dpus(draft)
    design_storage(draft)
    design_cluster(draft)
    return Designed(_tables(draft), tuple(draft.findings))


def _build_fabric(draft: Draft, name: str, claims: list[Claim]) -> None:
    spec = draft.blueprint.fabrics[name]
    plan = plan_addresses(draft, name, spec)
    shape = shape_fabric(draft, name, claims)
    if plan is None or shape is None or not fits_layout(draft, shape, plan, claims):
        return
    defaults = draft.blueprint.defaults
    mtu = spec.mtu or defaults.mtu or DEFAULT_MTU
    bfd = spec.bfd or defaults.bfd or Bfd()
    overlay = Overlay(draft, name, spec)
    overlay.refuse_large_packets(mtu)
    fitting = cable_fabric(draft, shape, claims, mtu, overlay.overhead)
    Underlay(draft, shape, plan, fitting, mtu, overlay).build(claims)
    overlay.build(plan.rails, mtu)
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
            overhead=overlay.overhead,
            asn=spec.asn,
            layout="; ".join(space.layout.spell for space in plan.spaces),
            pools=tuple(str(pool.network) for space in plan.spaces for pool in space.pools),
            bfd_interval_ms=bfd.interval_ms,
            bfd_multiplier=bfd.multiplier,
            lossless=spec.lossless or "",
            shared=not spec.tenants or any(not overlay.tenant_of(claim.seat.group) for claim in claims),
            origin=f"fabrics.{name}",
        )
    )


def _refuse_strange_fields(draft: Draft) -> None:
    for which, field in draft.namer.strange_fields():
        known = ", ".join(f"{{{each}}}" for each in FIELDS[which])
        draft.refuse(
            "DES107",
            f"names.{which}",
            f"the template has {{{field}}}, which a {which.replace('_', ' ')} lacks",
            f"Use {known}.",
        )


def _refuse_equal_names(draft: Draft) -> None:
    """Two devices of one name would share files and records; RFC 1123 compares without case. The first fault tells all."""
    seen: dict[str, Device] = {}
    for device in draft.devices:
        path = "names" if _templated(draft) else device.origin
        key = device.name.lower()
        if key in seen:
            draft.refuse("DES105", path, f"two devices would be called `{device.name}`", _tell_apart(seen[key], device))
            return
        seen[key] = device
        if len(key) > LONGEST_NAME:
            draft.refuse(
                "DES106",
                path,
                f"`{device.name}` has {len(key)} characters, and a host name has {LONGEST_NAME} at most (RFC 1123)",
                "Shorten the name template, or the name of the group or fabric.",
            )
            return


def _tell_apart(first: Device, second: Device) -> str:
    """What to change: a field of the template in which the two differ, or one of two templates."""
    if first.tier != second.tier:
        return f"One is a {_kind(first)} and one a {_kind(second)}; change the template of either under `names`."
    for field in ("fabric", "group", "unit", "slot", "rail", "plane", "number"):
        if getattr(first, field) != getattr(second, field):
            template = {"host": "server", "leaf": "rail_leaf" if first.rail >= 0 else "leaf"}.get(
                first.tier, first.tier
            )
            return f"They differ in {field}; put {{{field}}} into the template `{template}` under `names`."
    return "Two runs claim one slot; move one of the groups."


def _kind(device: Device) -> str:
    return {"outside": "router outside", "host": "server"}.get(device.tier, device.tier)


def _templated(draft: Draft) -> bool:
    names = draft.blueprint.names
    return any((names.leaf, names.rail_leaf, names.spine, names.server, names.outside))


def _manage_in_band(draft: Draft) -> None:
    """Devices without an out-of-band port are reached by their loopback, which gave them their router id."""
    managed = {management.device for management in draft.management if management.address}
    router_ids = {router.device: router.router_id for router in draft.routers}
    for device in draft.devices:
        if device.name not in managed and device.kind != "outside":
            draft.management.append(Management(device=device.name, address=router_ids.get(device.name, "")))


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
        vrfs=tuple(draft.vrfs),
        segments=tuple(draft.segments),
        vrf_members=tuple(draft.vrf_members),
        classes=tuple(draft.classes),
        bindings=tuple(draft.bindings),
        buffers=tuple(draft.buffers),
        ecn_profiles=tuple(draft.ecn_profiles),
        buffer_budgets=tuple(draft.buffer_budgets),
        management=tuple(draft.management),
        accesses=tuple(draft.accesses),
        monitorings=tuple(draft.monitorings),
        logins=tuple(draft.logins),
        descriptions=tuple(draft.descriptions),
        assets=tuple(draft.assets),
        security_plans=tuple(draft.security_plans),
        zones=tuple(draft.zones),
        memberships=tuple(draft.memberships),
        flows=tuple(draft.flows),
        filter_points=tuple(draft.filter_points),
        secrets=tuple(draft.secrets),
        racks=tuple(draft.racks),
        placements=tuple(draft.placements),
        link_classes=tuple(draft.link_classes),
        clusters=tuple(draft.clusters),
        nic_operators=tuple(draft.nic_operators),
        priority_classes=tuple(draft.priority_classes),
        tenants=tuple(draft.tenants),
        quotas=tuple(draft.quotas),
        grants=tuple(draft.grants),
        volumes=tuple(draft.volumes),
        node_labels=tuple(draft.node_labels),
        stores=tuple(draft.stores),
        exports=tuple(draft.exports),
        mounts=tuple(draft.mounts),
        store_loads=tuple(draft.store_loads),
    )


__all__ = ["CI_NODES", "Designed", "Index", "design", "restrict", "scale"]
