"""The keeper: the one process of a lab, parent of all its nodes. Run as `python -m podwright.lab.netns.keeper`.

It reads an Order from stdin, reports on stdout (wire.py), and stays once it has read Keep. SIGTERM ends it and the
lab; so does SIGKILL, through the parent-death signal of the nodes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec

from podwright.errors import LabError
from podwright.lab import cabling
from podwright.lab.netns import wire
from podwright.lab.process import Process, myself
from podwright.lab.topology import Node, Topology

_NODE_SCRIPT = Path(__file__).with_name("node.sh")
_SPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--propagation=private")
_LINKS_A_BATCH = 64


def main() -> None:
    """Build the lab that stdin orders, and keep it."""
    signal.signal(signal.SIGTERM, _leave)
    _say(wire.Hello(myself()))
    order = wire.ORDERS.decode(sys.stdin.buffer.readline())
    keeper = _Keeper(order)
    try:
        keeper.build()
        if sys.stdin.buffer.readline():
            _let_go_of_the_terminal()
            keeper.wait()
    except LabError as problem:
        _say(wire.Failed(problem.message))
    except BrokenPipeError:
        # Whoever ordered the lab is gone; so is the lab, then. Closing stdout at exit must not complain again.
        _let_go_of_the_terminal()
    finally:
        keeper.end()


class _Keeper:
    """The nodes of one lab. Nodes are started by the main thread: the parent-death signal follows the thread."""

    def __init__(self, order: wire.Order) -> None:
        self._order = order
        self._starters: dict[str, subprocess.Popen[str]] = {}
        self._nodes: dict[str, Process] = {}

    def build(self) -> None:
        """Start all nodes side by side, then lay the cables. Raises LabError where the kernel refuses."""
        topology = self._order.topology
        for node in topology.nodes:
            self._start(node)
        for done, node in enumerate(topology.nodes, start=1):
            self._nodes[node.name] = self._answer_of(node.name)
            _say(wire.Step("nodes", done, len(topology.nodes)))
        self._lay(topology)
        for node in topology.nodes:
            _ip(cabling.raising(topology.interfaces_of(node.name)), netns_of=self._nodes[node.name])
        _say(wire.Ready(self._nodes))

    def wait(self) -> None:
        """Reap nodes that end, until none is left."""
        while self._starters:
            pid, _ = os.wait()
            self._starters = {name: starter for name, starter in self._starters.items() if starter.pid != pid}

    def end(self) -> None:
        """End all nodes and everything in them."""
        for node in self._nodes.values():
            node.signal(signal.SIGKILL)
        for name, starter in self._starters.items():
            if name not in self._nodes:
                starter.kill()
        for starter in self._starters.values():
            starter.wait()

    def _start(self, node: Node) -> None:
        settings = [f"/proc/sys/{name.replace('.', '/')} {value}" for name, value in node.sysctls.items()]
        starter = subprocess.Popen(
            [
                "setpriv",
                "--pdeathsig=KILL",
                "unshare",
                *_SPACES,
                "--fork",
                "--kill-child=KILL",
                "sh",
                str(_NODE_SCRIPT),
                self._order.mode,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd="/",
        )
        self._starters[node.name] = starter
        assert starter.stdin is not None
        with starter.stdin as stdin:
            stdin.write("\n".join([node.name, *settings, ""]))

    def _answer_of(self, name: str) -> Process:
        starter = self._starters[name]
        assert starter.stdout is not None
        with starter.stdout as stdout:
            answer = stdout.readline().split()
        if len(answer) != 2:
            raise LabError(f"The node {name!r} did not start.")
        return Process(int(answer[0]), int(answer[1]))

    def _lay(self, topology: Topology) -> None:
        links = topology.links
        for first in range(0, len(links), _LINKS_A_BATCH):
            batch = links[first : first + _LINKS_A_BATCH]
            _ip(cabling.laying(batch, lambda name: self._nodes[name].pid))
            _say(wire.Step("links", first + len(batch), len(links)))


def _ip(batch: str, netns_of: Process | None = None) -> None:
    """Run commands through `ip -batch`, in the network namespace of a node where one is given."""
    where = ["nsenter", "--target", str(netns_of.pid), "--net", "--"] if netns_of else []
    done = subprocess.run(
        [*where, "ip", "-batch", "-"], input=batch, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise LabError(f"The kernel refused a cable: {' '.join(done.stderr.split())}")


def _say(word: wire.Word) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


def _let_go_of_the_terminal() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
