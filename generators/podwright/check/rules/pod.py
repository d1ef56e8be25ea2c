"""Checks of the pod as a whole: its surroundings, and the room it has to grow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from podwright.catalog import CONFIGURED_SYSTEMS
from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.report import Severity

UNIT_BITS = re.compile(r"\bunit (\d+)")


@check("POD001", "the pod has a time server")
def clocks_agree(index: Index) -> Iterator[Fault]:
    """Looks for `ntp` under `site`.

    Why: Certificates, logs of one event on many devices, and Kubernetes leases all compare clocks. Without a common source
    they drift apart by seconds a week.

    Fix: Write the addresses of your time servers under `site: {ntp: [...]}`.
    """
    if not index.design.pod.ntp:
        yield Fault("site", "the pod has no time server", "Add `ntp` with the addresses of your time servers.")


@check("POD002", "half of the units of a pool are free", severity=Severity.NOTE)
def pools_have_room(index: Index) -> Iterator[Fault]:
    """Compares the highest unit in use on a fabric with the units that its address layout has room for.

    Why: A pool cannot be moved without renumbering, so it is cheap to make it larger while the pod is small.

    Fix: Write a wider `pool` that begins at the same address; where `unit` is the layout's top field that renumbers nothing.
    """
    highest: dict[str, int] = defaultdict(int)
    for attachment in index.design.attachments:
        highest[attachment.fabric] = max(highest[attachment.fabric], index.device[attachment.device].unit)
    for fabric in index.design.fabrics:
        rooms = [(1 << int(bits)) - 1 for bits in UNIT_BITS.findall(fabric.layout)]
        if rooms and 2 * highest[fabric.name] > min(rooms):
            yield Fault(
                f"{fabric.origin}.pool",
                f"servers of `{fabric.name}` stand up to unit {highest[fabric.name]}, and its addresses have room for {min(rooms)} units",
                "Write a wider pool before the pod grows.",
            )


@check("POD003", "every switch gets a configuration")
def switches_are_configured(index: Index) -> Iterator[Fault]:
    """Looks for switches whose operating system no target of Podwright writes for.

    Why: The design counts and cables them, and the twin runs FRRouting in their place, so everything looks done. What is
    rendered has no configuration for them, and the playbook passes them by.

    Fix: Write a system that is configured, or configure these switches by your own means from design.json.
    """
    fabrics = {fabric.name: fabric for fabric in index.design.fabrics}
    unwritten: dict[tuple[str, str, str], int] = defaultdict(int)
    for device in index.design.devices:
        if device.kind == "switch" and device.nos not in CONFIGURED_SYSTEMS:
            unwritten[device.fabric, "leaf" if device.tier == "leaf" else "spine", device.nos] += 1
    for (fabric, tier, nos), count in unwritten.items():
        yield Fault(
            f"{fabrics[fabric].origin}.{tier}.nos",
            f"nothing is rendered for {count} {tier} switches of `{fabric}`: Podwright writes no configuration for `{nos}` yet",
            f"Write one of {', '.join(sorted(CONFIGURED_SYSTEMS))}, or configure them from design.json yourself.",
        )
