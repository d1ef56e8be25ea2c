"""What the two drivers have in common: how a lab is brought up and taken down, and what a running one allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from podwright.lab.registry import Lab
from podwright.lab.topology import Link, Topology

Progress = Callable[[str, int, int], None]
"""Called with (phase, done, total) while a lab comes up; phases are `nodes` and `links`."""


class Completed(msgspec.Struct, frozen=True):
    """A command that ran in a node. `status` is its exit status, negative for the signal that ended it."""

    status: int
    stdout: str
    stderr: str


class Fabric(Protocol):
    """A running lab, to be worked on from outside. Every method raises LabError where the lab is no longer there."""

    @property
    def topology(self) -> Topology:
        """What the lab was built from; a `swap` is not written back."""

    def run(self, node: str, argv: Sequence[str], *, stdin: str = "", timeout: float = 60.0) -> Completed:
        """Run `argv` as root in `node`. After `timeout` seconds it is killed and LabError raised."""

    def cut(self, link: Link) -> None:
        """Take the carrier from both ends of a cable; addresses and configuration of the interfaces stay."""

    def mend(self, link: Link) -> None:
        """Give it back."""

    def stop(self, node: str) -> None:
        """Cut every cable of a node, as a power failure would; its processes keep running."""

    def start(self, node: str) -> None:
        """Mend them."""

    def swap(self, first: Link, second: Link) -> tuple[Link, Link]:
        """Exchange the far ends of two cables, as a mistaken hand would; returns the cables that result.

        The interfaces are made anew (same names, MACs and MTU, up): addresses set by hand on them are gone.
        """


class Driver(Protocol):
    """A way to build labs."""

    def up(self, topology: Topology, name: str, progress: Progress) -> Lab:
        """Bring up `topology` as lab `name`, bare: interfaces, MTUs, sysctls, links up, nothing configured.

        Raises LabError where it can't be built, EngineError where a program is missing; nothing stays then.
        """

    def down(self, lab: Lab) -> None:
        """Take `lab` down: no process, interface or mount of it stays. A lab that is gone already is no error."""

    def alive(self, lab: Lab) -> bool:
        """Whether `lab` runs."""

    def fabric(self, lab: Lab) -> Fabric:
        """The running lab, to be worked on."""
