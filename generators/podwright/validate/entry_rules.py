"""What the schema can't say of an entry of the catalogue: its cages, lanes, names and numbers fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from podwright.catalog import Asic, Cable, PortId, Server, Switch, cages, ports_of
from podwright.catalog.ports import ways
from podwright.load import KeyPath
from podwright.model.prose import shown


class Contradiction(NamedTuple):
    """What stands at `path` contradicts the rest of the entry."""

    path: KeyPath
    message: str
    fix: str


def contradictions(entry: Switch | Server | Cable | Asic) -> list[Contradiction]:
    """Everything in the entry that can't be, the next kind only where the one before it has none."""
    match entry:
        case Switch():
            return list(_of_runs(entry)) or list(_of_cages(entry)) or list(_of_names(entry))
        case Server():
            return [*_of_rails(entry), *_of_addresses(entry), *_of_management(entry)]
        case Cable():
            return []
        case Asic():
            return list(_of_headroom(entry))


def _of_runs(switch: Switch) -> Iterator[Contradiction]:
    for number, run in enumerate(switch.cages):
        path: KeyPath = ("cages", number)
        for place, mode in enumerate(run.modes):
            if run.lanes % ways(mode):
                message = f"a cage of {run.lanes} lanes cannot be split as {shown(mode)}"
                yield Contradiction((*path, "modes", place), message, "Remove the mode, or correct `lanes`.")
        if ways(run.modes[0]) != 1:
            message = f"the first mode is the whole cage, and {shown(run.modes[0])} splits it"
            yield Contradiction((*path, "modes"), message, "Begin with the mode of the whole cage, as 1x400G.")
        if run.first_lanes and len(run.first_lanes) != run.count:
            message = f"`first_lanes` has {len(run.first_lanes)} lanes for {run.count} cages"
            yield Contradiction((*path, "first_lanes"), message, "Write the first lane of each cage, or none.")


def _of_cages(switch: Switch) -> Iterator[Contradiction]:
    numbers: dict[int, int] = {}
    lanes: dict[int, int] = {}
    runs = (number for number, run in enumerate(switch.cages) for _ in range(run.count))
    for number, cage in zip(runs, cages(switch), strict=True):
        if cage.number in numbers:
            yield Contradiction(
                ("cages", number, "first"),
                f"the cage {cage.number} is in the run of `cages[{numbers[cage.number]}]` already",
                "Correct `first` or `count` of one of them.",
            )
            return
        numbers[cage.number] = number
        for lane in range(cage.lane, cage.lane + cage.run.lanes):
            if lane in lanes:
                yield Contradiction(
                    ("cages", number, "first_lanes" if cage.run.first_lanes else "lane"),
                    f"the lane {lane} is that of cage {cage.number} and of cage {lanes[lane]}",
                    "Correct the lanes; each belongs to one cage.",
                )
                return
            lanes[lane] = cage.number


def _of_names(switch: Switch) -> Iterator[Contradiction]:
    for system, naming in switch.nos.items():
        if system == "sonic" and not (naming.platform and naming.hwsku):
            yield Contradiction(
                ("nos", system),
                "SONiC finds its port profile by `platform` and `hwsku`, and one of them is missing",
                "Write both as `show platform summary` prints them.",
            )
        seen: dict[tuple[str, str], PortId] = {}
        for port in ports_of(switch, naming):
            if seen.setdefault((port.mode, port.name.name), port.position) != port.position:
                yield Contradiction(
                    ("nos", system, "sub" if port.position.sub else "whole"),
                    f"{shown(port.name.name)} is the name of two ports in the mode {shown(port.mode)}",
                    "Let the name tell ports apart, by {cage}, {sub} or another field.",
                )
                break


def _of_rails(server: Server) -> Iterator[Contradiction]:
    compute = [nic for nic in server.nics if nic.role == "compute"]
    planes = {nic.plane for nic in compute}
    for plane in sorted(planes):
        rails = sorted(nic.rail for nic in compute if nic.plane == plane)
        if rails != list(range(len(compute) // len(planes))):
            listed = ", ".join(map(str, rails))
            yield Contradiction(
                ("nics",),
                f"the compute ports of plane {plane} have the rails {listed}, and rails count from 0 without a gap",
                "Number them from 0 in the order of the GPUs, alike on every plane.",
            )


def _of_addresses(server: Server) -> Iterator[Contradiction]:
    seen: dict[str, int] = {}
    for number, nic in enumerate(server.nics):
        if nic.pci and nic.pci in seen:
            message = f"the PCI address {nic.pci} is that of `nics[{seen[nic.pci]}]` already"
            yield Contradiction(("nics", number, "pci"), message, "Write the address that `lspci -D` shows.")
        seen.setdefault(nic.pci, number)


def _of_management(server: Server) -> Iterator[Contradiction]:
    for number, nic in enumerate(server.nics):
        if nic.controller and nic.role != "management":
            message = f"the BMC's port has the role {shown(nic.role)}"
            yield Contradiction(("nics", number, "role"), message, "Write `role: management`, or remove `controller`.")


_NEEDED = {
    "spectrum": ("cell_bytes", "pipeline_latency_kib"),
    "broadcom": ("cell_bytes", "fit_bytes", "fit_bytes_per_gbps"),
    "ieee": (),
}
"""The numbers that a formula of headroom can't do without."""


def _of_headroom(asic: Asic) -> Iterator[Contradiction]:
    for number in _NEEDED[asic.headroom]:
        if not getattr(asic, number):
            yield Contradiction(
                ("headroom",),
                f"the formula {shown(asic.headroom)} computes with `{number}`, which is missing",
                f"Add `{number}`, or write `headroom: ieee`, which needs no number of the chip.",
            )
