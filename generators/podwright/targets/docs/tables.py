"""The lists that people and spreadsheets read, as CSV with one header line and `\\n` line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from podwright.projection.records import Cable, PodConfig
from podwright.targets.docs.words import cell, speed

CABLING = ("a_device", "a_port", "b_device", "b_port", "speed", "fabric", "use", "label")
ADDRESSES = ("device", "model", "serial", "management", "bmc", "loopbacks", "asn")


def cabling(pod: PodConfig) -> str:
    """Every cable once, the lower end first, in the order of the design."""
    return _csv(CABLING, (_cable(cable) for cable in pod.cables))


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


def _cable(cable: Cable) -> Mapping[str, str]:
    return {
        "a_device": cable.a_device,
        "a_port": cable.a_port,
        "b_device": cable.b_device,
        "b_port": cable.b_port,
        "speed": speed(cable.gbps),
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
