"""Being written."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig


def render(pod: PodConfig) -> Iterator[Artifact]:
    yield from ()
