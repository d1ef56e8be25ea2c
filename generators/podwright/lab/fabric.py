"""A running lab worked on from outside, the same for both drivers: they only differ in how a node is entered."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from typing import Protocol

from podwright.errors import EngineError, LabError
from podwright.lab import cabling
from podwright.lab.driver import Completed
from podwright.lab.topology import Link, Topology


class Entrance(Protocol):
    """How a driver's nodes are entered."""

    def inside(self, node: str) -> list[str]:
        """What to put before a command to run it as root in `node`. Raises LabError where the node is gone."""

    def outside(self) -> list[str]:
        """What to put before `ip` so that it may make interfaces in any node."""

    def pid(self, node: str) -> int:
        """A process of `node`, as this host counts."""


class EnteredFabric:
    """A running lab (the `Fabric` of driver.py) whose nodes are entered through an `Entrance`."""

    def __init__(self, topology: Topology, entrance: Entrance) -> None:
        self._topology = topology
        self._entrance = entrance

    @property
    def topology(self) -> Topology:
        return self._topology

    def run(self, node: str, argv: Sequence[str], *, stdin: str = "", timeout: float = 60.0) -> Completed:
        return execute([*self._entrance.inside(node), *argv], stdin=stdin, timeout=timeout)

    def cut(self, link: Link) -> None:
        end = cabling.cut_end(self._topology, link)
        # Without keep_addr_on_down the kernel drops the IPv6 addresses of an interface that is set down.
        keep = f"/proc/sys/net/ipv6/conf/{end.interface}/keep_addr_on_down"
        script = f"if [ -e {keep} ]; then echo 1 > {keep}; fi; ip link set {end.interface} down"
        self._insist(end.node, ["sh", "-c", script])

    def mend(self, link: Link) -> None:
        end = cabling.cut_end(self._topology, link)
        self._insist(end.node, ["ip", "link", "set", end.interface, "up"])

    def stop(self, node: str) -> None:
        for link in self._topology.links_of(node):
            self.cut(link)

    def start(self, node: str) -> None:
        for link in self._topology.links_of(node):
            self.mend(link)

    def swap(self, first: Link, second: Link) -> tuple[Link, Link]:
        crossed = Link(first.a, second.b, first.mtu), Link(second.a, first.b, second.mtu)
        for link in (first, second):
            self._insist(link.a.node, ["ip", "link", "delete", link.a.interface])
        done = execute(
            [*self._entrance.outside(), "ip", "-batch", "-"], stdin=cabling.laying(crossed, self._entrance.pid)
        )
        _succeeded(done, "lay the swapped cables")
        for end in (end for link in crossed for end in link.ends):
            self._insist(end.node, ["ip", "link", "set", end.interface, "up"])
        return crossed

    def _insist(self, node: str, argv: Sequence[str]) -> None:
        _succeeded(self.run(node, argv), f"run {' '.join(argv)} in {node}")


def execute(argv: Sequence[str], *, stdin: str = "", timeout: float = 60.0) -> Completed:
    """Run a command of this host to its end.

    Raises LabError after `timeout` seconds (the command and its children are killed), EngineError where the program
    is missing.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            process_group=0,
        )
    except FileNotFoundError as missing:
        raise EngineError(f"The program {argv[0]} is missing.", fix=f"Install {argv[0]}.") from missing
    with process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            raise LabError(
                f"The command {' '.join(argv)} did not end within {timeout:g} seconds.",
                fix="Look into the node with podwright lab exec.",
            ) from late
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Completed(process.returncode, out, err)


def _succeeded(done: Completed, what: str) -> None:
    if done.status != 0:
        raise LabError(f"The lab could not {what}: {done.stderr.strip()}", fix="Take the lab down and up again.")
