"""Counts of uplinks and spines: pure arithmetic, no records.

The rule for spines is the one behind the published reference designs (NVIDIA DGX SuperPOD RA-11333-001, table 4): the
smallest number that has ports enough and divides a leaf's uplinks, so that every leaf reaches every spine by equally
many links.
"""

from __future__ import annotations

from math import ceil


def gbps(speed: str) -> int:
    """`400G` -> 400."""
    return int(speed.removesuffix("G"))


def uplinks(down_gbps: int, uplink_gbps: int, oversubscription: float, spines: int | None) -> int:
    """Uplinks of one leaf: enough for its down capacity over the oversubscription, in a number that splits evenly.

    With the number of spines written it is a multiple of that, else even, so that two spines can share it.
    """
    least = max(1, ceil(round(down_gbps / (oversubscription * uplink_gbps), 9)))
    step = spines or 2
    return ceil(least / step) * step


def spine_count(uplinks_per_leaf: int, leaves: int, ports_per_spine: int, at_least: int = 2) -> int | None:
    """The smallest divisor of `uplinks_per_leaf` whose spines together have a port for every uplink; None if none has."""
    for count in range(min(at_least, uplinks_per_leaf), uplinks_per_leaf + 1):
        if uplinks_per_leaf % count == 0 and leaves * uplinks_per_leaf <= count * ports_per_spine:
            return count
    return None
