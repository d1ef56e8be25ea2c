"""index.html: one file with everything on it, which opens from disk and asks no network for anything."""

from __future__ import annotations

from podwright.projection.records import PodConfig
from podwright.targets.docs.page import Facts
from podwright.targets.docs.templates import fill

MOST_ROWS = 10_000
"""Of a table on the page; a longer one is in its CSV file only, so that the page of a large pod still opens."""


def site(pod: PodConfig, facts: Facts, topology: str, racks: str) -> str:
    """The page; `topology` and `racks` are the pictures as SVG, which become part of it."""
    return fill(
        "index.html.j2",
        pod=pod,
        facts=facts,
        topology=topology,
        racks=racks,
        places={each.device: each for each in pod.placements},
        most=MOST_ROWS,
    )
