"""What the page of a pod says, as rows of its tables; the template spells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_interface

import msgspec

from podwright.model.design import FabricPlan, LinkClass, Prefix
from podwright.projection.records import DeviceEntry, PodConfig
from podwright.targets.docs.matrix import Matrix, matrix
from podwright.targets.docs.parts import Part
from podwright.targets.docs.templates import fill
from podwright.targets.docs.words import counted, listed, plural, speed

MEGAWATT = 1_000_000


class Devices(msgspec.Struct, frozen=True):
    """Devices that are alike. `what` is `backend leaves` or `gpu servers`."""

    what: str
    model: str
    nos: str
    count: int


class Shape(msgspec.Struct, frozen=True):
    """One fabric's line, texts ready to read."""

    name: str
    carries: str
    topology: str
    leaves: int
    spines: int
    uplinks: str
    underlay: str
    mtu: int
    lossless: str


class Span(msgspec.Struct, frozen=True):
    """Numbers of devices that are alike: how many, the least and the greatest."""

    what: str
    count: int
    least: str
    greatest: str


class Domain(msgspec.Struct, frozen=True):
    name: str
    switches: int
    servers: int


class StoreRow(msgspec.Struct, frozen=True):
    """A store: who serves it at which addresses, over which fabric, and which groups mount it."""

    name: str
    served_by: str
    addresses: tuple[str, ...]
    fabric: str
    path: str
    groups: tuple[str, ...]


class TenantRow(msgspec.Struct, frozen=True):
    """A tenant of a fabric. `rails` are the VLANs and VNIs of its bridged rails, `40 (10040)`, none where it is routed."""

    fabric: str
    name: str
    id: int
    vlan: int
    vni: int
    route_target: str
    servers: tuple[str, ...]
    rails: tuple[str, ...]
    switches: int


class Facts(msgspec.Struct, frozen=True):
    """Everything that both pages of a pod say, ready to be spelled."""

    summary: str
    figures: tuple[tuple[str, str], ...]
    devices: tuple[Devices, ...]
    shapes: tuple[Shape, ...]
    pools: tuple[FabricPlan, ...]
    rails: tuple[Prefix, ...]
    ranges: tuple[Prefix, ...]
    leaf_ranges: int
    loopbacks: tuple[Span, ...]
    asns: tuple[Span, ...]
    domains: tuple[Domain, ...]
    managed: tuple[DeviceEntry, ...]
    cables: tuple[tuple[LinkClass, int], ...]
    parts: tuple[Part, ...]
    stores: tuple[StoreRow, ...]
    tenants: tuple[TenantRow, ...]
    matrix: Matrix


def facts(pod: PodConfig, parts: Sequence[Part]) -> Facts:
    """What the pod has, counted; `parts` is its bill of materials."""
    return Facts(
        summary=_summary(pod),
        figures=tuple(_figures(pod)),
        devices=tuple(_devices(pod.entries)),
        shapes=tuple(_shape(fabric) for fabric in pod.fabrics),
        pools=tuple(fabric for fabric in pod.fabrics if fabric.pools),
        rails=tuple(prefix for prefix in pod.prefixes if prefix.use == "rail"),
        ranges=tuple(_ranges(pod.prefixes)),
        leaf_ranges=sum(prefix.use == "leaf" for prefix in pod.prefixes),
        loopbacks=tuple(_loopbacks(pod.entries)),
        asns=tuple(_asns(pod.entries)),
        domains=tuple(_domains(pod.entries)),
        managed=tuple(entry for entry in pod.entries if entry.address),
        cables=tuple(_cables(pod)),
        parts=tuple(parts),
        stores=tuple(_stores(pod)),
        tenants=tuple(_tenants(pod)),
        matrix=matrix(pod),
    )


def page(pod: PodConfig, facts: Facts) -> str:
    """README.md of a pod."""
    return fill("page.md.j2", pod=pod, **{name: getattr(facts, name) for name in Facts.__struct_fields__})


def _figures(pod: PodConfig) -> Iterator[tuple[str, str]]:
    """The numbers that a reader looks for first, each with what it counts."""
    kinds = Counter(entry.kind for entry in pod.entries)
    models = {model.name: model for model in pod.models}
    placed = [models[entry.model] for entry in pod.entries if entry.model in models]
    yield f"{kinds['server']:,}", "server" if kinds["server"] == 1 else "servers"
    yield f"{sum(model.gpus for model in placed):,}", "GPUs"
    yield f"{kinds['switch']:,}", "switch" if kinds["switch"] == 1 else "switches"
    yield f"{len(pod.cables):,}", "cables"
    yield f"{len(pod.racks):,}", "rack" if len(pod.racks) == 1 else "racks"
    unstated = sum(not model.max_watts for model in placed)
    watts = sum(model.max_watts for model in placed)
    if watts:
        yield _power(watts), "at most" if not unstated else f"at most, {unstated:,} devices unpublished"


def _power(watts: int) -> str:
    return f"{watts / 1e6:.2f} MW" if watts >= MEGAWATT else f"{watts / 1000:.1f} kW"


def _stores(pod: PodConfig) -> Iterator[StoreRow]:
    for store in pod.stores:
        yield StoreRow(
            name=store.name,
            served_by=store.group or "a filer outside",
            addresses=tuple(export.address for export in pod.exports if export.store == store.name),
            fabric=store.fabric,
            path=store.path,
            groups=store.groups,
        )


def _tenants(pod: PodConfig) -> Iterator[TenantRow]:
    switches = Counter((member.fabric, member.vrf) for member in pod.vrf_members)
    for vrf in pod.vrfs:
        rails = [each for each in pod.segments if (each.fabric, each.vrf) == (vrf.fabric, vrf.name)]
        yield TenantRow(
            fabric=vrf.fabric,
            name=vrf.name,
            id=vrf.id,
            vlan=vrf.vlan,
            vni=vrf.vni,
            route_target=vrf.route_target,
            servers=vrf.servers,
            rails=tuple(f"{each.vlan} ({each.vni})" for each in rails),
            switches=switches[vrf.fabric, vrf.name],
        )


def _cables(pod: PodConfig) -> Iterator[tuple[LinkClass, int]]:
    """Every kind of cable with its count; kinds that differ only in the speed of a lane count together."""
    counts = Counter((cable.fabric, cable.use, cable.gbps, cable.medium) for cable in pod.cables)
    seen: set[tuple[str, str, int, str]] = set()
    for each in pod.link_classes:
        key = (each.fabric, each.use, each.gbps, each.medium)
        if key not in seen and counts[key]:
            seen.add(key)
            yield each, counts[key]


def _summary(pod: PodConfig) -> str:
    kinds = Counter(entry.kind for entry in pod.entries)
    things = [counted(kinds["server"], "server"), counted(kinds["switch"], "switch")]
    if kinds["outside"]:
        things.append(counted(kinds["outside"], "router") + " outside")
    return f"{listed(things)}, joined by {counted(len(pod.cables), 'cable')} on {counted(len(pod.fabrics), 'fabric')}"


def _what(entry: DeviceEntry) -> str:
    match entry.kind:
        case "server":
            return f"{entry.group} servers"
        case "outside":
            return f"routers outside {entry.fabric}".rstrip()
        case "switch":
            return f"{entry.fabric} {plural(entry.tier)}"


def _devices(entries: Sequence[DeviceEntry]) -> list[Devices]:
    alike = Counter((_what(entry), entry.model, entry.nos) for entry in entries)
    return [Devices(*what, count=count) for what, count in sorted(alike.items())]


def _shape(fabric: FabricPlan) -> Shape:
    return Shape(
        name=fabric.name,
        carries=listed(fabric.carries),
        topology=fabric.topology,
        leaves=fabric.leaves,
        spines=fabric.spines,
        uplinks=f"{fabric.uplinks} of {speed(fabric.uplink_gbps)}" if fabric.uplinks else "none",
        underlay=fabric.underlay,
        mtu=fabric.mtu,
        lossless=fabric.lossless or "none",
    )


def _ranges(prefixes: Iterable[Prefix]) -> list[Prefix]:
    """What is few: rails have a table, and the aggregates of leaves are too many for a page."""
    return [prefix for prefix in prefixes if prefix.use not in ("rail", "leaf")]


def _loopbacks(entries: Iterable[DeviceEntry]) -> list[Span]:
    found = [(_what(entry), ip_interface(text).ip) for entry in entries for text in entry.loopbacks]
    return _spans((what if ip.version == 4 else f"{what}, IPv6", int(ip), str(ip)) for what, ip in found)


def _asns(entries: Iterable[DeviceEntry]) -> list[Span]:
    return _spans((_what(entry), entry.asn, str(entry.asn)) for entry in entries if entry.asn)


def _spans(numbers: Iterable[tuple[str, int, str]]) -> list[Span]:
    """Spans of (of what, number, its text), in order of what."""
    alike: dict[str, list[tuple[int, str]]] = {}
    for what, value, text in numbers:
        alike.setdefault(what, []).append((value, text))
    return [Span(what, len(found), min(found)[1], max(found)[1]) for what, found in sorted(alike.items())]


def _domains(entries: Sequence[DeviceEntry]) -> list[Domain]:
    inside = [entry for entry in entries if entry.kind != "outside"]
    kinds = Counter((entry.failure_domain, entry.kind) for entry in inside)
    names = sorted({entry.failure_domain for entry in inside})
    return [Domain(name, kinds[name, "switch"], kinds[name, "server"]) for name in names]
