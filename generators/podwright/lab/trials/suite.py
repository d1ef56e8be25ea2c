"""All families of trials, in the order in which one makes the next worth trying."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, get_args

from podwright.lab.driver import Fabric
from podwright.lab.registry import Lab
from podwright.lab.trials import congestion, faults, marking, mtu, multipath, reachability, storage, zones
from podwright.lab.trials.probing import reader
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.verify import neighbours, routes, sessions
from podwright.verify.asking import skip

Family = Literal[
    "neighbours",
    "sessions",
    "routes",
    "reachability",
    "mtu",
    "multipath",
    "marking",
    "congestion",
    "zones",
    "storage",
    "faults",
]
FAMILIES: tuple[Family, ...] = get_args(Family)
_CONVERGENCE = 60.0
"""Seconds a fabric gets, from its configuration on, to come to rest."""


def run_trials(
    design: Design,
    lab: Lab,
    fabric: Fabric,
    *,
    families: Collection[str] = FAMILIES,
    extent: faults.Extent = "sample",
    tell: faults.Tell = faults.untold,
) -> Iterator[Trial]:
    """Put the chosen families to the test on a configured lab, one trial after the other. `tell` hears of each fault
    before it is made.

    Raises LabError where the lab is no longer there.
    """
    for family in FAMILIES:
        if family in families:
            yield from _trials(family, design, lab, fabric, extent, tell)


def _trials(
    family: Family, design: Design, lab: Lab, fabric: Fabric, extent: faults.Extent, tell: faults.Tell
) -> Iterator[Trial]:
    run = reader(fabric)
    match family:
        case "neighbours":
            if "lldp" in lab.missing:
                yield skip(neighbours.GROUP, "Cables meet the designed neighbours", "A rootless lab runs no LLDP.")
            else:
                yield from neighbours.check_neighbours(design, run, patience=_CONVERGENCE)
        case "sessions":
            yield from sessions.check_sessions(design, run, patience=_CONVERGENCE)
        case "routes":
            yield from routes.check_routes(design, run, patience=_CONVERGENCE)
        case "reachability":
            yield from reachability.try_reachability(design, fabric)
        case "mtu":
            yield from mtu.try_mtu(design, fabric)
        case "multipath":
            yield from multipath.try_multipath(design, fabric)
        case "marking":
            if "nftables" in lab.missing:
                yield skip(marking.GROUP, "Servers mark RoCE packets", "This kernel has no nftables.")
            else:
                yield from marking.try_marking(design, fabric)
        case "congestion":
            yield from _of_congestion(design, lab, fabric)
        case "zones":
            if design.zones and "nftables" in lab.missing:
                yield skip(zones.GROUP, "Zones hold", "This kernel has no nftables.")
            else:
                yield from zones.try_zones(design, fabric)
        case "storage":
            yield from _of_storage(design, lab, fabric)
        case "faults":
            yield from faults.try_faults(design, fabric, faults.faults(design, extent), tell)


def _of_congestion(design: Design, lab: Lab, fabric: Fabric) -> Iterator[Trial]:
    lacking = [each for each in ("htb", "nftables") if each in lab.missing]
    if lacking and any(congestion.courses(design)):
        reason = f"This kernel has no {' and no '.join(lacking)}, which queues are sorted by."
        yield skip(congestion.GROUP, "A congested port marks packets of the lossless class", reason)
    elif not lacking:
        yield from congestion.try_congestion(design, fabric)


def _of_storage(design: Design, lab: Lab, fabric: Fabric) -> Iterator[Trial]:
    if not storage.courses(design):
        return
    claim = "Files reach those that mount them, and nobody else"
    if lab.mode == "rootless":
        yield skip(storage.GROUP, claim, "An NFS server opens files by handle, which takes root of the machine.")
    elif lacking := storage.missing_programs(design, fabric):
        reason = f"{', '.join(lacking)} is not installed (packages nfs-ganesha, nfs-ganesha-vfs and libnfs-utils)."
        yield skip(storage.GROUP, claim, reason)
    else:
        yield from storage.try_storage(design, fabric)
