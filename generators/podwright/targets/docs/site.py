"""index.html: one file with everything on it, which opens from disk and asks no network for anything."""

from __future__ import annotations

from collections.abc import Sequence

from podwright.projection.records import PodConfig
from podwright.targets.docs.page import Facts
from podwright.targets.docs.racks import Run
from podwright.targets.docs.templates import fill

MOST_ROWS = 10_000
"""Of a table on the page; a longer one is in its CSV file only, so that the page of a large pod still opens."""


def site(pod: PodConfig, facts: Facts, runs: Sequence[tuple[Run, int]], topology: str, racks: str) -> str:
    """The page; `runs` are the cables from rack to rack, `topology` and `racks` are the pictures as SVG, which become part of it."""
    return fill(
        "index.html.j2",
        pod=pod,
        facts=facts,
        runs=runs,
        topology=topology,
        racks=racks,
        places={each.device: each for each in pod.placements},
        most=MOST_ROWS,
    )
