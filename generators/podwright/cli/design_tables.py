"""The design as tables for people: what there is, why there is so much of it, and which numbers it got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from podwright.cli.design_tables_of_buffers import lossless_tables
from podwright.cli.table import table
from podwright.cli.tenant_tables import tenant_tables
from podwright.model.design import Design, Device


def design_tables(design: Design) -> str:
    """Fabrics, the arithmetic behind their counts, pools and address layouts, cables, devices."""
    return "\n\n".join(
        [
            f"{design.pod.name}: {_counts(design)}",
            table("Fabrics", _FABRIC_HEADINGS, _fabrics(design)),
            table("Arithmetic", ("of", "what", "value", "unit", "formula"), _sizings(design)),
            table("Addresses", ("fabric", "pools", "layout, most significant first", "first AS"), _pools(design)),
            table(
                "Cables", ("fabric", "use", "Gb/s", "Gb/s a lane", "metres", "medium", "reach", "by"), _cables(design)
            ),
            *tenant_tables(design),
            *lossless_tables(design),
            *_cluster(design),
            *_storage(design),
            table("Devices", ("name", "role", "model", "system", "management", "AS", "loopback"), _devices(design)),
        ]
    )


_FABRIC_HEADINGS = (
    "name",
    "topology",
    "carries",
    "planes",
    "rails",
    "leaves",
    "spines",
    "uplinks a leaf",
    "uplink Gb/s",
    "planned units",
    "MTU",
    "lossless",
)


def _cluster(design: Design) -> Iterator[str]:
    """The tenants of the cluster, where the pod has one."""
    if design.tenants:
        yield table("Tenants", ("name", "id", "namespace", "pod security", "quotas", "roles"), _tenants(design))


def _tenants(design: Design) -> Iterator[tuple[object, ...]]:
    for each in design.tenants:
        quotas = [f"{quota.resource} {quota.most}" for quota in design.quotas if quota.tenant == each.name]
        roles = [f"{grant.subject}: {grant.role}" for grant in design.grants if grant.tenant == each.name]
        yield each.name, each.id, each.namespace, each.pod_security, tuple(quotas), tuple(roles)


_KINDS = {
    "server": ("server", "servers"),
    "switch": ("switch", "switches"),
    "outside": ("outside router", "outside routers"),
}


def _counts(design: Design) -> str:
    kinds = Counter[str](device.kind for device in design.devices)
    parts = [f"{kinds[kind]} {names[kinds[kind] != 1]}" for kind, names in _KINDS.items() if kinds[kind]]
    return ", ".join([*parts, f"{len(design.links)} cables"])


def _fabrics(design: Design) -> Iterator[tuple[object, ...]]:
    for each in design.fabrics:
        yield (
            each.name,
            each.topology,
            each.carries,
            each.planes,
            each.rails,
            each.leaves,
            each.spines,
            each.uplinks,
            each.uplink_gbps if each.uplinks else "",
            each.planned_units,
            each.mtu,
            each.lossless,
        )


def _sizings(design: Design) -> Iterator[tuple[object, ...]]:
    for each in design.sizings:
        source = f" [{each.source}]" if each.source else ""
        yield each.subject, each.name, each.value, each.unit, f"{each.formula}{source}"


def _cables(design: Design) -> Iterator[tuple[object, ...]]:
    for each in design.link_classes:
        medium = each.medium or "none known"
        yield (each.fabric, each.use, each.gbps, each.lane_gbps, each.metres, medium, each.reach or "", each.standard)


def _storage(design: Design) -> Iterator[str]:
    """Who exports what to whom, and where it is mounted; nothing where the pod has no stores."""
    if design.stores:
        fabrics = {store.name: store.fabric for store in design.stores}
        exports = [
            (e.store, e.server or "outside", e.address, fabrics[e.store], e.path, e.clients) for e in design.exports
        ]
        yield table("Exports", ("store", "server", "address", "fabric", "folder", "clients"), exports)
        mounts = [(m.store, m.device or m.group, f"{m.address}:{m.export}", m.path) for m in design.mounts]
        yield table("Mounts", ("store", "on", "what", "where"), mounts)


def _pools(design: Design) -> Iterator[tuple[object, ...]]:
    for each in design.fabrics:
        yield each.name, each.pools, each.layout, each.asn or "-"


def _devices(design: Design) -> Iterator[tuple[object, ...]]:
    managed = {each.device: each.address for each in design.management}
    routers = {router.device: router for router in design.routers}
    for device in sorted(design.devices, key=_order):
        router = routers.get(device.name)
        yield (
            device.name,
            device.role,
            device.model,
            device.nos,
            managed.get(device.name, ""),
            router.asn if router else "",
            router.router_id if router else "",
        )


def _order(device: Device) -> tuple[object, ...]:
    return device.kind, device.fabric, device.tier, device.plane, device.unit, device.slot, device.rail, device.name
