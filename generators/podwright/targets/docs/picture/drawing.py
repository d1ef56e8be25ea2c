"""What a picture of a pod shows, before anything has a place: fabrics, their tiers, and the cables between them.

Devices that are many stand together in one block, as a run; cables between the same two blocks are one bundle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from podwright.model.design import FabricPlan
from podwright.projection.records import Cable, DeviceEntry, PodConfig
from podwright.targets.docs.words import counted, listed, plural, speed

MOST_BLOCKS = 10
"""Of a tier, side by side; more of them stand together in runs."""

TIMES = "\N{MULTIPLICATION SIGN}"

TIERS = ("outside", "root", "spine", "leaf", "attached")
"""From the top. What is cabled to a fabric from without is attached: servers, and on a management fabric switches."""

Key = Callable[[DeviceEntry], tuple[object, ...]]

SWITCH_RUNS: tuple[Key, ...] = (
    lambda entry: (entry.name,),
    lambda entry: (entry.plane, entry.unit),
    lambda entry: (entry.plane,),
    lambda entry: (entry.kind,),
)
ATTACHED_RUNS: tuple[Key, ...] = (
    lambda entry: (entry.name,),
    lambda entry: (entry.kind, entry.group, entry.unit) if entry.kind == "server" else (entry.fabric, entry.tier),
    lambda entry: (entry.kind, entry.group) if entry.kind == "server" else (entry.fabric, entry.tier),
    lambda entry: (entry.kind,),
)


class Block(msgspec.Struct, frozen=True):
    """One box: a device, or a run of equal ones.

    `name` is the device's, or `gpu-u001-s01…s32`; `count` is empty for one device, or `32 servers`. `kind` is its look,
    `fabric` whose colour it has, empty where it belongs to none.
    """

    name: str
    count: str
    kind: str
    fabric: str


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
    """A row of blocks. `models` counts its devices by model, a line each."""

    name: str
    title: str
    models: tuple[str, ...]
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
    titles = {tier.name: tier.title for tier in panel.tiers}
    tiers = [tier.title + (f" ({', '.join(tier.models)})" if tier.models else "") for tier in panel.tiers]
    joins = [f"{', '.join(join.caption)} between {titles[join.upper]} and {titles[join.lower]}" for join in panel.joins]
    return f"Fabric {panel.fabric}: {'; '.join([', '.join(tiers), *joins])}."


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
    facts = [listed(fabric.carries), fabric.topology, f"{fabric.underlay} links", f"IP MTU {fabric.mtu}"]
    more = f" and {counted(len(fabric.pools) - 1, 'more pool')}" if len(fabric.pools) > 1 else ""
    return " · ".join([*facts, f"{fabric.pools[0]}{more}"] if fabric.pools else facts)


def _tier(entry: DeviceEntry, fabric: str) -> str:
    if entry.kind == "outside":
        return "outside"
    return entry.tier if entry.fabric == fabric else "attached"


def _runs(row: Sequence[DeviceEntry], levels: Sequence[Key]) -> list[list[DeviceEntry]]:
    """The row cut into runs, each as small as lets the whole row be drawn, in the order their first devices stand."""
    runs: list[list[DeviceEntry]] = []
    for key in levels:
        together: dict[tuple[object, ...], list[DeviceEntry]] = {}
        for entry in sorted(row, key=_place):
            together.setdefault(key(entry), []).append(entry)
        runs = list(together.values())
        if len(runs) <= MOST_BLOCKS:
            break
    return runs


def _place(entry: DeviceEntry) -> tuple[object, ...]:
    """Servers first, by unit and slot; then switches, fabric by fabric, from the leaves up."""
    level = -TIERS.index(entry.tier) if entry.tier in TIERS else 0
    ahead = (entry.kind != "server", entry.fabric, level)
    return (*ahead, entry.plane, entry.unit, entry.slot, entry.rail, entry.number, entry.name)


def _draw_tier(name: str, runs: Sequence[Sequence[DeviceEntry]]) -> Tier:
    entries = [entry for run in runs for entry in run]
    models = Counter(entry.model for entry in entries)
    return Tier(
        name=name,
        title=_title(name, entries),
        models=tuple(f"{count} {TIMES} {model}" for model, count in models.items() if model),
        blocks=tuple(_block(run) for run in runs),
    )


def _title(name: str, entries: Sequence[DeviceEntry]) -> str:
    if name != "attached":
        return plural(name)
    kinds = {entry.kind for entry in entries}
    return " and ".join(plural(kind) for kind in ("server", "switch") if kind in kinds)


def _block(run: Sequence[DeviceEntry]) -> Block:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return Block(name=first.name, count="", kind=first.kind, fabric=first.fabric)
    noun = "server" if first.kind == "server" else first.tier
    name = _run_name(first.name, last.name)
    return Block(name=name, count=counted(len(run), noun), kind=first.kind, fabric=first.fabric)


def _run_name(first: str, last: str) -> str:
    """`gpu-u001-s01…s32`: the last name says only what is not the first's."""
    head, tail = first.split("-"), last.split("-")
    same = 0
    while same < min(len(head), len(tail)) - 1 and head[same] == tail[same]:
        same += 1
    return f"{first}…{'-'.join(tail[same:])}"


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
    lines = [f"{count} {TIMES} {speed(gbps)}" for gbps, count in sorted(speeds.items(), reverse=True)]
    sizes = {bundle.cables for bundle in bundles}
    if sizes == {1}:
        return tuple(lines)
    few, many = min(sizes), max(sizes)
    return (*lines, f"{few} on each line" if few == many else f"{few} to {many} on a line")
