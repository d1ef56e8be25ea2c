"""The labs of this user: one folder a lab, with what is needed to find its processes again.

$PODWRIGHT_STATE, else $XDG_STATE_HOME/podwright, else ~/.local/state/podwright
└── labs/<name>/lab.json    the record below
                keeper.log  what the keeper and the nodes had to say
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from podwright.errors import LabError
from podwright.lab.process import Process
from podwright.lab.topology import Topology, is_name

DriverName = Literal["netns", "containerlab"]
Mode = Literal["root", "rootless"]


class Lab(msgspec.Struct, frozen=True):
    """A lab as it was brought up.

    `topology` is what it was built from, so that a file rendered anew never changes a running lab. `keeper` and
    `nodes` are processes of this host (netns driver only); `missing` names what this mode leaves out (lldp, sshd).
    """

    name: str
    driver: DriverName
    topology: Topology
    mode: Mode = "root"
    keeper: Process | None = None
    nodes: dict[str, Process] = {}
    missing: tuple[str, ...] = ()


def state_folder() -> Path:
    """Where this user's labs are recorded."""
    if written := os.environ.get("PODWRIGHT_STATE"):
        return Path(written)
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "podwright"


def folder_of(name: str) -> Path:
    """The folder of lab `name`. Raises LabError where that can't be the name of a lab."""
    if not is_name(name):
        raise LabError(
            f"{name!r} can't be the name of a lab.",
            fix="Use at most 63 letters, digits, dots, hyphens and underscores, a letter or digit first.",
        )
    return state_folder() / "labs" / name


def write(lab: Lab) -> None:
    """Record `lab`, replacing the record of that name in one step."""
    folder = folder_of(lab.name)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "lab.json.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(lab), indent=1))
    fresh.replace(folder / "lab.json")


def find(name: str) -> Lab | None:
    """The record of lab `name`, or None. Raises LabError where the record can't be read."""
    path = folder_of(name) / "lab.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Lab)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as problem:
        raise LabError(f"The record {path} can't be read: {problem}.", fix=f"Remove {path.parent}.") from problem


def recorded() -> tuple[Lab, ...]:
    """The record of every lab, sorted by name."""
    records = sorted((state_folder() / "labs").glob("*/lab.json"))
    return tuple(lab for path in records if (lab := find(path.parent.name)) is not None)


def remove(name: str) -> None:
    """Forget lab `name` and its files."""
    shutil.rmtree(folder_of(name), ignore_errors=True)


@contextmanager
def reserved(name: str) -> Iterator[None]:
    """Hold the name of a lab for one process at a time.

    Raises LabError where another one brings that lab up or takes it down right now.
    """
    folder = folder_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f".{name}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise LabError(f"Another process works on lab {name!r} right now.", fix="Wait for it to end.") from busy
        yield
