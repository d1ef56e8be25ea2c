"""Brings labs of namespaces up and down: starts the keeper, follows its report, records the lab."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from podwright.errors import LabError
from podwright.lab import registry
from podwright.lab.driver import Fabric, Progress
from podwright.lab.fabric import EnteredFabric
from podwright.lab.netns import abilities, wire
from podwright.lab.netns.enter import NamespaceEntrance
from podwright.lab.process import Process, await_end
from podwright.lab.registry import Lab, Mode
from podwright.lab.topology import Topology

_SECONDS_TO_END = 20.0
_LOG_LINES = 5


class NetnsDriver:
    """The embedded driver (a `Driver`): needs no container engine, and no root where user namespaces are allowed."""

    def up(self, topology: Topology, name: str, progress: Progress) -> Lab:
        mode = abilities.choose_mode()
        log = registry.folder_of(name) / "keeper.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as unfinished:
            unfinished.callback(registry.remove, name)
            keeper = _Start(wire.Order(topology, mode), log)
            unfinished.callback(keeper.undo)
            nodes = keeper.follow(progress)
            lab = Lab(name, "netns", topology, mode, keeper.process, nodes, abilities.missing(mode))
            registry.write(lab)
            keeper.release()
            unfinished.pop_all()
        return lab

    def down(self, lab: Lab) -> None:
        everything = [*lab.nodes.values(), *filter(None, [lab.keeper])]
        for number in (signal.SIGTERM, signal.SIGKILL):
            if lab.keeper is not None:
                lab.keeper.signal(number)
            if await_end(everything, _SECONDS_TO_END):
                return
        raise LabError(
            f"Some processes of lab {lab.name!r} do not end: {_alive(everything)}.",
            fix="Look at them with ps, then run this again.",
        )

    def alive(self, lab: Lab) -> bool:
        return lab.keeper is not None and lab.keeper.alive

    def fabric(self, lab: Lab) -> Fabric:
        return EnteredFabric(lab.topology, NamespaceEntrance(lab))


class _Start:
    """A keeper that has been ordered to build a lab, and is not yet left alone."""

    def __init__(self, order: wire.Order, log: Path) -> None:
        self._log = log
        with log.open("w", encoding="utf-8") as errors:
            self._starter = subprocess.Popen(
                _keeper_command(order.mode), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd="/",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
        self._words = self._read()
        self._keeper: Process | None = None
        self._send(order)

    @property
    def process(self) -> Process | None:
        return self._keeper

    def follow(self, progress: Progress) -> dict[str, Process]:
        """Pass the keeper's report on until every node stands. Raises LabError with its words where it fails."""
        for word in self._words:
            match word:
                case wire.Hello(keeper):
                    self._keeper = keeper
                case wire.Step(phase, done, total):
                    progress(phase, done, total)
                case wire.Ready(nodes):
                    return nodes
                case wire.Failed(message):
                    raise self._failure(message)
        raise self._failure("The keeper of the lab ended early.")

    def release(self) -> None:
        """Leave the keeper alone with its lab."""
        self._send(wire.Keep())
        self._close()

    def undo(self) -> None:
        """End the keeper and whatever it has built so far, and wait until nothing of it is left."""
        # Until the keeper has said who it is, there is nobody to end: it says so first of all.
        if self._keeper is None:
            self._keeper = next((word.keeper for word in self._words if isinstance(word, wire.Hello)), None)
        if self._keeper is not None:
            self._keeper.signal(signal.SIGTERM)
            for _ in self._words:
                pass
            await_end([self._keeper], _SECONDS_TO_END)
        self._close()

    def _read(self) -> Iterator[wire.Word]:
        assert self._starter.stdout is not None
        for line in self._starter.stdout:
            yield wire.WORDS.decode(line)

    def _send(self, order: wire.Order | wire.Keep) -> None:
        assert self._starter.stdin is not None
        try:
            self._starter.stdin.write(msgspec.json.encode(order) + b"\n")
            self._starter.stdin.flush()
        except BrokenPipeError as gone:
            raise self._failure("The keeper of the lab did not start.") from gone

    def _close(self) -> None:
        for pipe in (self._starter.stdin, self._starter.stdout):
            if pipe is not None:
                pipe.close()
        self._starter.wait()

    def _failure(self, message: str) -> LabError:
        last = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LOG_LINES:]
        return LabError(" ".join([message, *last]), fix="Mend what it names, and bring the lab up again.")


def _keeper_command(mode: Mode) -> list[str]:
    """setsid forks, so the keeper is nobody's child and outlives the terminal; unshare gives a plain user its root."""
    outer = (
        ["unshare", "--user", "--map-root-user", "--net", "--mount", "--propagation=private"]
        if mode == "rootless"
        else []
    )
    return ["setsid", "--fork", *outer, sys.executable, "-P", "-m", "podwright.lab.netns.keeper"]


def _alive(processes: list[Process]) -> str:
    return ", ".join(str(process.pid) for process in processes if process.alive)
