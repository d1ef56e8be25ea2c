"""The lists that people and spreadsheets read, as CSV with one header line and `\\n` line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from podwright.projection.records import Cable, PodConfig
from podwright.targets.docs.parts import Part
from podwright.targets.docs.racks import Run
from podwright.targets.docs.words import cell, speed

CABLING = (
    "a_device",
    "a_port",
    "a_rack",
    "b_device",
    "b_port",
    "b_rack",
    "speed",
    "medium",
    "metres",
    "fabric",
    "use",
    "label",
)
PLACES = ("rack", "position", "height", "device", "model", "serial")
RUNS = ("a_rack", "b_rack", "fabric", "use", "speed", "medium", "metres", "cables")
BILL = ("part", "item", "description", "speed", "metres", "count", "ports")
ADDRESSES = ("device", "model", "serial", "management", "bmc", "loopbacks", "asn")


def cabling(pod: PodConfig) -> str:
    """Every cable once, the lower end first, in the order of the design."""
    racks = {each.device: each.rack for each in pod.placements}
    return _csv(CABLING, (_cable(cable, racks) for cable in pod.cables))


def places(pod: PodConfig) -> str:
    """Every device that has a place, rack by rack from the bottom; `position` is the lowest of `height` rack units."""
    entries = {entry.name: entry for entry in pod.entries}
    rows = (
        {
            "rack": each.rack,
            "position": str(each.position),
            "height": str(each.height),
            "device": each.device,
            "model": entries[each.device].model,
            "serial": entries[each.device].serial,
        }
        for each in sorted(pod.placements, key=lambda each: (each.rack, each.position))
    )
    return _csv(PLACES, rows)


def rack_cabling(runs: Iterable[tuple[Run, int]]) -> str:
    """How many cables of each kind go from rack to rack."""
    rows = (
        {
            "a_rack": run.a_rack,
            "b_rack": run.b_rack,
            "fabric": run.fabric,
            "use": run.use,
            "speed": speed(run.gbps),
            "medium": run.medium,
            "metres": str(run.metres or ""),
            "cables": str(count),
        }
        for run, count in runs
    )
    return _csv(RUNS, rows)


def bill_of_materials(parts: Iterable[Part]) -> str:
    """A line a kind of part. `ports`: ends of cables, and ports that transceivers serve."""
    rows = (
        {
            "part": part.kind,
            "item": part.item,
            "description": part.description,
            "speed": part.speed,
            "metres": str(part.metres or ""),
            "count": str(part.count),
            "ports": str(part.ports or ""),
        }
        for part in parts
    )
    return _csv(BILL, rows)


def addresses(pod: PodConfig) -> str:
    """Every device, in order of name; several loopbacks stand in one cell with a space between."""
    loaded = (
        {
            "device": entry.name,
            "model": entry.model,
            "serial": entry.serial,
            "management": entry.address,
            "bmc": entry.bmc,
            "loopbacks": " ".join(entry.loopbacks),
            "asn": str(entry.asn) if entry.asn else "",
        }
        for entry in pod.entries
    )
    return _csv(ADDRESSES, loaded)


def _cable(cable: Cable, racks: Mapping[str, str]) -> Mapping[str, str]:
    return {
        "a_device": cable.a_device,
        "a_port": cable.a_port,
        "a_rack": racks.get(cable.a_device, ""),
        "b_device": cable.b_device,
        "b_port": cable.b_port,
        "b_rack": racks.get(cable.b_device, ""),
        "speed": speed(cable.gbps),
        "medium": cable.medium,
        "metres": str(cable.metres or ""),
        "fabric": cable.fabric,
        "use": cable.use,
        "label": cable.label,
    }


def _csv(header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()
