"""The documents of a pod: pages, pictures, lists of cables, addresses, racks and parts, and files for NetBox."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets.docs.netbox import netbox
from podwright.targets.docs.page import facts, page
from podwright.targets.docs.parts import bill
from podwright.targets.docs.picture import rack_room, topology
from podwright.targets.docs.racks import runs
from podwright.targets.docs.site import site
from podwright.targets.docs.tables import addresses, bill_of_materials, cabling, places, rack_cabling


def render(pod: PodConfig) -> Iterator[Artifact]:
    """docs/README.md, docs/index.html and what they refer to."""
    parts = bill(pod)
    told = facts(pod, parts)
    pulled = runs(pod)
    pictures = topology(pod), rack_room(pod)
    yield _artifact("README.md", page(pod, told))
    yield _artifact("index.html", site(pod, told, pulled, *pictures))
    yield _artifact("cabling.csv", cabling(pod))
    yield _artifact("addresses.csv", addresses(pod))
    yield _artifact("racks.csv", places(pod))
    yield _artifact("rack-cabling.csv", rack_cabling(pulled))
    yield _artifact("bill-of-materials.csv", bill_of_materials(parts))
    yield _artifact("topology.svg", pictures[0])
    yield _artifact("racks.svg", pictures[1])
    for name, text in netbox(pod):
        yield _artifact(f"netbox/{name}", text)


def _artifact(name: str, text: str) -> Artifact:
    return Artifact(path=f"docs/{name}", text=text, target="docs")


__all__ = ["render"]
