"""The documents of a pod: a page, a picture, and lists of its cables and addresses."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets.docs.page import page
from podwright.targets.docs.picture import picture
from podwright.targets.docs.tables import addresses, cabling


def render(pod: PodConfig) -> Iterator[Artifact]:
    """docs/README.md and what it refers to."""
    yield _artifact("README.md", page(pod))
    yield _artifact("cabling.csv", cabling(pod))
    yield _artifact("addresses.csv", addresses(pod))
    yield _artifact("topology.svg", picture(pod))


def _artifact(name: str, text: str) -> Artifact:
    return Artifact(path=f"docs/{name}", text=text, target="docs")


__all__ = ["render"]
