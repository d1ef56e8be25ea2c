"""What the page of a pod says, as rows of its tables; the template spells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_interface

import msgspec

from podwright.model.design import FabricPlan, Prefix
from podwright.projection.records import DeviceEntry, PodConfig
from podwright.targets.docs.templates import fill
from podwright.targets.docs.words import counted, listed, plural, speed


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


def page(pod: PodConfig) -> str:
    """README.md of a pod."""
    return fill(
        "page.md.j2",
        pod=pod,
        summary=_summary(pod),
        devices=_devices(pod.entries),
        shapes=[_shape(fabric) for fabric in pod.fabrics],
        pools=[fabric for fabric in pod.fabrics if fabric.pools],
        rails=[prefix for prefix in pod.prefixes if prefix.use == "rail"],
        ranges=_ranges(pod.prefixes),
        leaf_ranges=sum(prefix.use == "leaf" for prefix in pod.prefixes),
        loopbacks=_loopbacks(pod.entries),
        asns=_asns(pod.entries),
        domains=_domains(pod.entries),
        managed=[entry for entry in pod.entries if entry.address],
    )


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
