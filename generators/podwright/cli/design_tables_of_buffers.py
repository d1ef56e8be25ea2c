"""Tables of the lossless classes for `podwright design`: headroom, thresholds, and what the fullest switches set aside."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.cli.table import table
from podwright.model.design import Design


def lossless_tables(design: Design) -> Iterator[str]:
    """None where no port of a switch carries a lossless class."""
    if not design.buffers:
        return
    yield table(
        "Headroom of lossless ports",
        ("class", "ASIC", "Gb/s", "lanes", "metres", "MTU", "xoff B", "xon B", "size B", "from"),
        (
            (
                each.traffic_class,
                each.asic,
                each.gbps,
                each.lanes,
                each.metres,
                each.mtu,
                each.xoff_bytes,
                each.xon_bytes,
                each.size_bytes,
                "measured" if each.measured else "computed",
            )
            for each in design.buffers
        ),
    )
    yield table(
        "ECN of lossless queues",
        (
            "class",
            "fabric",
            "tier",
            "model",
            "Gb/s",
            "from B",
            "in full B",
            "%",
            "pauses at B",
            "groups congested",
            "from",
        ),
        (
            (
                each.traffic_class,
                each.fabric,
                each.tier,
                each.model,
                each.gbps,
                each.min_bytes,
                each.max_bytes,
                each.probability,
                each.xoff_threshold_bytes or "unknown",
                each.congested_groups,
                "written" if each.written else "computed",
            )
            for each in design.ecn_profiles
        ),
    )
    yield table(
        "Buffers of the fullest switches",
        ("switch", "model", "ASIC", "lossless groups", "set aside B", "of B"),
        (
            (each.device, each.model, each.asic, each.groups, each.reserved_bytes, each.pool_bytes or "unknown")
            for each in design.buffer_budgets
        ),
    )
