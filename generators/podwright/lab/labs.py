"""The way in: bring a lab up, take it down, list the labs, work on a running one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from podwright.errors import LabError
from podwright.lab import registry
from podwright.lab.containerlab import ContainerlabDriver
from podwright.lab.driver import Driver, Fabric, Progress
from podwright.lab.netns import abilities
from podwright.lab.netns.driver import NetnsDriver
from podwright.lab.registry import DriverName, Lab
from podwright.lab.topology import read


class Listed(msgspec.Struct, frozen=True):
    """A line of `podwright lab list`."""

    lab: Lab
    running: bool


def up(path: Path, *, name: str = "", driver: DriverName = "netns", progress: Progress | None = None) -> Lab:
    """Bring up the topology file at `path` as lab `name` (the file's own name unless written).

    A dead lab of that name is swept first. Raises LabError where one runs, where the file can't be honoured or the
    lab can't be built; EngineError where a program is missing.
    """
    topology = read(path)
    name = name or topology.name
    with registry.reserved(name):
        refuse_running(name)
        _sweep(name)
        return _driver(driver).up(topology, name, progress or _silence)


def down(name: str) -> None:
    """Take down lab `name`, running or dead. Raises LabError where there is none."""
    with registry.reserved(name):
        lab = registry.find(name)
        _sweep(name)
    if lab is None:
        raise _unknown(name)


def listing() -> tuple[Listed, ...]:
    """Every recorded lab, sorted by name, and whether it runs."""
    return tuple(Listed(lab, _driver(lab.driver).alive(lab)) for lab in registry.recorded())


def running(name: str) -> Lab:
    """The record of lab `name`. Raises LabError where there is none, or where it has died."""
    lab = registry.find(name)
    if lab is None:
        raise _unknown(name)
    if not _driver(lab.driver).alive(lab):
        raise LabError(f"Lab {name!r} has died.", fix=f"Run: podwright lab down {name}, and bring it up again.")
    return lab


def fabric(name: str) -> Fabric:
    """The running lab `name`, to be worked on. Raises LabError as `running` does."""
    lab = running(name)
    return _driver(lab.driver).fabric(lab)


def refuse_lacking(driver: DriverName, needed: Iterable[str], purpose: str) -> None:
    """Raises LabError where this kernel lacks something that the nodes can't be configured without.

    What a container engine's nodes have is known when they run.
    """
    if driver != "netns":
        return
    absent = abilities.missing(abilities.choose_mode())
    lacking = [each for each in needed if each in absent]
    if lacking:
        raise LabError(
            f"This kernel has no {' and no '.join(lacking)}, needed for {purpose}.",
            fix="Take a machine with a distribution's own kernel; from a checkout, tools/vm.sh runs any command under one.",
        )


def refuse_running(name: str) -> None:
    """Raises LabError where lab `name` runs already."""
    lab = registry.find(name)
    if lab is not None and _driver(lab.driver).alive(lab):
        raise LabError(
            f"A lab named {name!r} runs already (from {lab.topology.path}).",
            fix=f"Run: podwright lab down {name}, or give this one another name with --name.",
        )


def _sweep(name: str) -> None:
    lab = registry.find(name)
    if lab is not None:
        _driver(lab.driver).down(lab)
    registry.remove(name)


def _driver(name: DriverName) -> Driver:
    drivers: dict[DriverName, Driver] = {"netns": NetnsDriver(), "containerlab": ContainerlabDriver()}
    return drivers[name]


def _unknown(name: str) -> LabError:
    known = ", ".join(lab.name for lab in registry.recorded()) or "none"
    return LabError(f"There is no lab named {name!r}. Labs: {known}.", fix="Run: podwright lab list.")


def _silence(_phase: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""
