"""What a switch's database says of the devices at the far ends of its cables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.projection.records import DeviceEntry, PodConfig

Row = dict[str, str]

DEVICE_TYPES: Mapping[str, str] = {"leaf": "ToRRouter", "spine": "LeafRouter", "root": "LeafRouter", "host": "Server"}
"""SONiC's word for a tier. It counts from the rack: what servers are cabled to is a ToR, and above it stand leaves.

The words are more than names: by a switch's own and its neighbours' SONiC picks buffer defaults (T0 of a ToR, T1 of a
leaf), cable lengths and the services that run.
"""


def neighbourhood(pod: PodConfig) -> Mapping[str, Row]:
    """DEVICE_NEIGHBOR_METADATA's row of every device of the pod, by its name."""
    skus = {switch.name: switch.hwsku for switch in pod.switches}
    return {entry.name: dict(_facts(entry, skus.get(entry.name, ""))) for entry in pod.entries}


def _facts(entry: DeviceEntry, hwsku: str) -> Iterator[tuple[str, str]]:
    facts = {
        "hwsku": hwsku or entry.model,
        "lo_addr": next((address for address in entry.loopbacks if ":" not in address), ""),
        "lo_addr_v6": next((address for address in entry.loopbacks if ":" in address), ""),
        "mgmt_addr": entry.address if ":" not in entry.address else "",
        "mgmt_addr_v6": entry.address if ":" in entry.address else "",
        "type": DEVICE_TYPES.get(entry.tier, ""),
    }
    return ((name, text) for name, text in facts.items() if text)
