"""Cables are cut and switches stopped: what the design calls redundant stays reachable, and how fast is measured."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

from msgspec.structs import replace

from podwright.lab.driver import Fabric
from podwright.lab.topology import Endpoint as CableEnd
from podwright.lab.topology import Link as Cable
from podwright.lab.trials.expectation import Broken, Expectation, Pair
from podwright.lab.trials.probing import ask_node, reader
from podwright.lab.trials.reachability import name, still_mute
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import judge
from podwright.verify.routes import check_routes

GROUP = "faults"
Extent = Literal["sample", "all"]
Tell = Callable[[str], None]

_INTERVAL = 0.01
_BEFORE, _WATCHED = 1.0, 6.0
"""Seconds of probes before the fault, and in all."""
_SOURCES, _TARGETS = 3, 8
"""Streams watched during a fault: enough that some cross what breaks, few enough to keep their pace."""
_PATIENCE = 30.0


class Fault(NamedTuple):
    """One thing that breaks, as people call it."""

    what: str
    broken: Broken


def untold(_what: str) -> None:
    """Nobody hears of it."""


def try_faults(design: Design, fabric: Fabric, chosen: Iterable[Fault], tell: Tell = untold) -> Iterator[Trial]:
    """One trial a fault, with everything mended before the next; `tell` hears of each before it is made."""
    whole = Expectation(design)
    connected = [pair for pair in whole.pairs() if whole.reachable(pair)]
    for number, fault in enumerate(chosen):
        tell(f"{GROUP}: {number} done, now {fault.what}")
        yield _run(design, fabric, connected, fault)


def faults(design: Design, extent: Extent) -> Iterator[Fault]:
    """Every cable and every switch of the fabrics that route (`all`), or the first of each kind (`sample`)."""
    routed = {fabric.name for fabric in design.fabrics if fabric.underlay != "bridged"}
    seen: set[tuple[str, ...]] = set()
    for kind, fault in _every_fault(design, routed):
        if extent == "all" or kind not in seen:
            seen.add(kind)
            yield fault


def _every_fault(design: Design, routed: set[str]) -> Iterator[tuple[tuple[str, ...], Fault]]:
    attachments = {(each.device, each.interface): each for each in design.attachments}
    for link in design.links:
        if link.fabric in routed:
            attachment = attachments.get((link.a_device, link.a_port))
            kind = ("cable", link.fabric, link.use, attachment.mode if attachment else "")
            what = f"the cable from {link.a_device}:{link.a_port} to {link.b_device}:{link.b_port} is cut"
            yield kind, Fault(what, Broken(links=frozenset({link})))
    for device in design.devices:
        if device.kind == "switch" and device.fabric in routed:
            what = f"the {device.tier} {device.name} is down"
            yield ("switch", device.fabric, device.tier), Fault(what, Broken(devices=frozenset({device.name})))


def _run(design: Design, fabric: Fabric, connected: Sequence[Pair], fault: Fault) -> Trial:
    since = time.monotonic()
    damaged = Expectation(design, fault.broken)
    redundant = [pair for pair in connected if damaged.reachable(pair)]
    lost = [pair for pair in connected if not damaged.reachable(pair)]
    watched = watched_pairs(design, redundant, fault.broken)
    wrong_before = _wrong_routes(design, fabric, 0.0)
    try:
        gaps = _break_while_watching(design, fabric, fault, watched)
        mute = still_mute(fabric, redundant, _PATIENCE)
    finally:
        _mend(design, fabric, fault)
    mute_after = still_mute(fabric, connected, _PATIENCE)
    wrong_after = _wrong_routes(design, fabric, 0.0 if wrong_before else _PATIENCE)
    complaints = [
        *name(mute, "is redundant, and no longer answers"),
        *name(mute_after, "does not answer after the repair"),
        *(f"after the repair {complaint}" for complaint in wrong_after if complaint not in wrong_before),
    ]
    claim = f"While {fault.what}, every redundant pair of addresses stays reachable"
    facts = {"redundant": len(redundant), "lost": len(lost), "streams": len(watched), **_convergence(gaps)}
    trial = judge(GROUP, claim, complaints, since, facts)
    return trial if complaints else replace(trial, detail=tuple(_named_losses(lost)))


def _wrong_routes(design: Design, fabric: Fabric, patience: float) -> list[str]:
    """Routes that are not the designed ones: a fabric that answers again may still miss a path."""
    return [line for trial in check_routes(design, reader(fabric), patience=patience) for line in trial.detail]


def watched_pairs(design: Design, redundant: Sequence[Pair], broken: Broken) -> list[Pair]:
    """Pairs to watch: those that start next to what breaks, from a few sources to many targets."""
    near = set(broken.devices) | {device for link in broken.links for device in (link.a_device, link.b_device)}
    near |= {link.a_device for link in design.links if link.b_device in broken.devices}
    chosen: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in redundant:
        if near & (pair.source.homes | {pair.source.device}):
            of_source = chosen[pair.source.device, pair.source.address]
            if not any(pair.target.device == other.target.device for other in of_source):
                of_source.append(pair)
    widest = sorted(chosen.values(), key=len, reverse=True)[:_SOURCES]
    return [pair for pairs in widest for pair in pairs[:_TARGETS]]


def _break_while_watching(
    design: Design, fabric: Fabric, fault: Fault, watched: Sequence[Pair]
) -> list[tuple[Pair, dict[str, float]]]:
    """Break it one second into a stream of probes; what each stream saw."""
    sources: dict[str, list[Pair]] = defaultdict(list)
    for pair in watched:
        sources[pair.source.device].append(pair)

    def watch(node: str) -> list[tuple[Pair, dict[str, float]]]:
        targets = [[pair.source.address, pair.target.address] for pair in sources[node]]
        job = {"do": "stream", "targets": targets, "interval": _INTERVAL, "seconds": _WATCHED}
        return list(zip(sources[node], ask_node(fabric, node, job), strict=True))

    with ThreadPoolExecutor(max(len(sources), 1)) as pool:
        watching = [pool.submit(watch, node) for node in sources]
        time.sleep(_BEFORE)
        for cable in _cables(design, fabric, fault):
            fabric.cut(cable)
        for device in fault.broken.devices:
            fabric.stop(device)
        return [seen for each in watching for seen in each.result()]


def _mend(design: Design, fabric: Fabric, fault: Fault) -> None:
    for cable in _cables(design, fabric, fault):
        fabric.mend(cable)
    for device in fault.broken.devices:
        fabric.start(device)


def _cables(design: Design, fabric: Fabric, fault: Fault) -> list[Cable]:
    """The lab's cables for those of the design that are cut."""
    ends = {CableEnd(link.a_device, linux_name(link.a_port)) for link in design.links if link in fault.broken.links}
    return [cable for cable in fabric.topology.links if ends & set(cable.ends)]


def _convergence(gaps: Sequence[tuple[Pair, dict[str, float]]]) -> dict[str, float | int | str]:
    """The longest time without an answer, over all streams, in milliseconds; one interval of it is the probes' own."""
    if not gaps:
        return {}
    worst = max(max(seen["longest"], seen["silent"] - _INTERVAL, 0.0) for _, seen in gaps)
    lost = sum(seen["sent"] - seen["answered"] for _, seen in gaps)
    return {"convergence_ms": round(worst * 1000), "probes_lost": int(lost)}


def _named_losses(lost: Sequence[Pair]) -> list[str]:
    """What is not redundant, by device: the design promises nothing about it, and the report says so."""
    alone: dict[str, set[str]] = defaultdict(set)
    for pair in lost:
        alone[pair.target.device].add(pair.source.device)
    worst = max((len(sources) for sources in alone.values()), default=0)
    cut_off = sorted(device for device, sources in alone.items() if len(sources) == worst)
    return [f"{len(lost)} pairs are not redundant, most of them with {', '.join(cut_off)}"] if lost else []
