"""What a picture of a pod shows, before anything has a place: fabrics, their tiers, and the cables between them.

Devices that are many stand together in one block, as a run; cables between the same two blocks are one bundle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import msgspec

from podwright.model.design import FabricPlan
from podwright.projection.records import Cable, DeviceEntry, PodConfig
from podwright.targets.docs.words import counted, plural, speed

MOST_BLOCKS = 16
"""Of a tier, side by side; more of them stand together in runs."""

TIERS = ("outside", "root", "spine", "leaf", "attached")
"""From the top. What is cabled to a fabric from without is attached: servers, and on a management fabric switches."""

Key = Callable[[DeviceEntry], tuple[object, ...]]

SWITCH_RUNS: tuple[Key, ...] = (
    lambda entry: (entry.name,),
    lambda entry: (entry.plane, entry.unit),
    lambda entry: (entry.plane,),
    lambda entry: (),
)
ATTACHED_RUNS: tuple[Key, ...] = (
    lambda entry: (entry.name,),
    lambda entry: (entry.kind, entry.group, entry.unit) if entry.kind == "server" else (entry.fabric, entry.tier),
    lambda entry: (entry.kind, entry.group) if entry.kind == "server" else (entry.fabric, entry.tier),
    lambda entry: (entry.kind,),
)


class Block(msgspec.Struct, frozen=True):
    """One box: a device, or a run of equal ones from `first` to `last`. `kind` is its look."""

    first: str
    last: str
    count: int
    noun: str
    kind: str


class Bundle(msgspec.Struct, frozen=True):
    """Cables between a block of a tier and a block of a lower one; blocks by their place in their tier."""

    upper: int
    lower: int
    cables: int


class Join(msgspec.Struct, frozen=True):
    """All cables between two tiers. `caption` counts them by speed."""

    upper: str
    lower: str
    bundles: tuple[Bundle, ...]
    caption: tuple[str, ...]


class Tier(msgspec.Struct, frozen=True):
    name: str
    title: str
    models: str
    blocks: tuple[Block, ...]


class Panel(msgspec.Struct, frozen=True):
    """One fabric. `tiers` and each tier's blocks are in the order they are drawn."""

    fabric: str
    facts: str
    tiers: tuple[Tier, ...]
    joins: tuple[Join, ...]


class Drawing(msgspec.Struct, frozen=True):
    title: str
    subtitle: str
    panels: tuple[Panel, ...]


def draw(pod: PodConfig) -> Drawing:
    """The whole pod, a panel a fabric, fabrics in the order of the design."""
    kinds = Counter(entry.kind for entry in pod.entries)
    things = [counted(kinds["server"], "server"), counted(kinds["switch"], "switch"), counted(len(pod.cables), "cable")]
    return Drawing(
        title=f"{pod.pod}: {', '.join(things)}",
        subtitle=" ".join(pod.description.split()),
        panels=tuple(_panel(pod, fabric) for fabric in pod.fabrics),
    )


def describe(drawing: Drawing) -> str:
    """The picture in words, for those who don't see it."""
    return " ".join(_sentence(panel) for panel in drawing.panels)


def _sentence(panel: Panel) -> str:
    tiers = ", ".join(f"{tier.title} ({tier.models})" for tier in panel.tiers)
    titles = {tier.name: tier.title for tier in panel.tiers}
    joins = "; ".join(f"{' '.join(join.caption)} between {titles[join.upper]} and {titles[join.lower]}" for join in panel.joins)
    return f"Fabric {panel.fabric}: {tiers}. {joins}." if joins else f"Fabric {panel.fabric}: {tiers}."


def _panel(pod: PodConfig, fabric: FabricPlan) -> Panel:
    cables = [cable for cable in pod.cables if cable.fabric == fabric.name]
    cabled = {end for cable in cables for end in (cable.a_device, cable.b_device)}
    entries = [entry for entry in pod.entries if entry.name in cabled or entry.fabric == fabric.name]
    rows = {name: [entry for entry in entries if _tier(entry, fabric.name) == name] for name in TIERS}
    runs = {name: _runs(row, ATTACHED_RUNS if name == "attached" else SWITCH_RUNS) for name, row in rows.items() if row}
    return Panel(
        fabric=fabric.name,
        facts=_facts(fabric),
        tiers=tuple(_draw_tier(name, runs[name]) for name in runs),
        joins=tuple(_joins(runs, cables)),
    )


def _facts(fabric: FabricPlan) -> str:
    facts = [" and ".join(fabric.carries), fabric.topology, f"{fabric.underlay} links", f"IP MTU {fabric.mtu}"]
    return " · ".join([*facts, " ".join(fabric.pools)])


def _tier(entry: DeviceEntry, fabric: str) -> str:
    if entry.kind == "outside":
        return "outside"
    return entry.tier if entry.fabric == fabric else "attached"


def _runs(row: Sequence[DeviceEntry], levels: Sequence[Key]) -> list[list[DeviceEntry]]:
    """The row cut into runs, each as small as lets the whole row be drawn."""
    for key in levels:
        runs = [list(run) for _, run in groupby(sorted(row, key=lambda entry: _place(entry, key)), key=key)]
        if len(runs) <= MOST_BLOCKS:
            return runs
    return [list(row)]


def _place(entry: DeviceEntry, key: Key) -> tuple[object, ...]:
    """Servers before switches, each in the order they stand in; runs of a key hold together."""
    where = (entry.kind != "server", entry.plane, entry.unit, entry.slot, entry.rail, entry.number, entry.name)
    return where if key(entry) == (entry.name,) else (entry.kind != "server", *map(str, key(entry)), *where)


def _draw_tier(name: str, runs: Sequence[Sequence[DeviceEntry]]) -> Tier:
    entries = [entry for run in runs for entry in run]
    models = Counter(entry.model for entry in entries)
    return Tier(
        name=name,
        title=_title(name, entries),
        models=", ".join(f"{count} × {model}" for model, count in sorted(models.items()) if model),
        blocks=tuple(_block(run) for run in runs),
    )


def _title(name: str, entries: Sequence[DeviceEntry]) -> str:
    if name != "attached":
        return plural(name)
    kinds = {entry.kind for entry in entries}
    return " and ".join(plural(kind) for kind in ("server", "switch") if kind in kinds)


def _block(run: Sequence[DeviceEntry]) -> Block:
    noun = "server" if run[0].kind == "server" else run[0].tier
    return Block(first=run[0].name, last=run[-1].name, count=len(run), noun=noun, kind=run[0].kind)


def _joins(runs: dict[str, list[list[DeviceEntry]]], cables: Iterable[Cable]) -> Iterable[Join]:
    home = {entry.name: (name, place) for name, row in runs.items() for place, run in enumerate(row) for entry in run}
    order = {name: place for place, name in enumerate(runs)}
    between: dict[tuple[str, str], list[tuple[Cable, int, int]]] = {}
    for cable in cables:
        ends = sorted((home[cable.a_device], home[cable.b_device]), key=lambda end: order[end[0]])
        (upper, upper_place), (lower, lower_place) = ends
        between.setdefault((upper, lower), []).append((cable, upper_place, lower_place))
    for (upper, lower), found in sorted(between.items(), key=lambda item: (order[item[0][0]], order[item[0][1]])):
        counts = Counter((upper_place, lower_place) for _, upper_place, lower_place in found)
        bundles = tuple(Bundle(*places, cables=count) for places, count in sorted(counts.items()))
        yield Join(upper, lower, bundles, _caption([cable for cable, _, _ in found], bundles))


def _caption(cables: Sequence[Cable], bundles: Sequence[Bundle]) -> tuple[str, ...]:
    speeds = Counter(cable.gbps for cable in cables)
    lines = [f"{count} × {speed(gbps)}" for gbps, count in sorted(speeds.items(), reverse=True)]
    sizes = {bundle.cables for bundle in bundles}
    if sizes == {1}:
        return tuple(lines)
    few, many = min(sizes), max(sizes)
    return (*lines, f"{few} a line" if few == many else f"{few} to {many} a line")
