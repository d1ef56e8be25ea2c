"""Pods of this folder as running, configured twins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from podwright.lab import labs
from podwright.lab.driver import Fabric

PODS = Path(__file__).with_name("pods")


class Twin(NamedTuple):
    """A running lab, what it was rendered into, and which abilities it does without."""

    name: str
    build: Path
    fabric: Fabric
    missing: tuple[str, ...]

    def inside(self, node: str, *argv: str) -> str:
        """What `argv` says in `node`, which it must do without an error. Ten minutes are enough for any emulation."""
        done = self.fabric.run(node, argv, timeout=600)
        assert done.status == 0, f"{node}: {' '.join(argv)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def nodes(self, group: str) -> list[str]:
        return [node.name for node in self.fabric.topology.nodes if node.group == group]

    def far_end(self, node: str, interface: str) -> tuple[str, str]:
        """Node and interface at the other end of a cable."""
        for link in self.fabric.topology.links_of(node):
            for near, far in (link.ends, link.ends[::-1]):
                if (near.node, near.interface) == (node, interface):
                    return far.node, far.interface
        raise KeyError(f"{node}:{interface} has no cable")


@contextmanager
def configured(pod: str, folder: Path) -> Iterator[Twin]:
    """All of the pod `pod`, as a lab of that name; it is gone afterwards."""
    podwright("render", str(PODS / pod), "--output", str(folder), "--quiet")
    said = podwright("lab", "up", str(PODS / pod), "--scale", "full", "--name", pod, "--format", "json", "--quiet")
    try:
        podwright("apply", str(folder), "--lab", pod, "--quiet")
        yield Twin(pod, folder, labs.fabric(pod), tuple(json.loads(said)["missing"]))
    finally:
        podwright("lab", "down", pod)


def podwright(*words: str) -> str:
    """What the command prints; it must end well."""
    return outside("podwright", *words)


def tried(twin: Twin) -> list[dict[str, Any]]:
    """Every trial of `lab test`, whatever came of it."""
    done = subprocess.run(
        ["podwright", "lab", "test", twin.name, "--format", "json", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    return list(json.loads(done.stdout)["trials"])


def failures(trials: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Of trials that did not pass: the claim, what came of it and why."""
    return [(each["claim"], each["outcome"], each["detail"]) for each in trials if each["outcome"] != "passed"]


def outside(*argv: str, stdin: str = "") -> str:
    """What `argv` prints on the machine that the twin runs on; it must end well."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def lossless_queue(twin: Twin, switch: str, port: str) -> dict[str, Any]:
    """What `red`, which is the queue of the lossless class on a port, has counted: `packets`, `bytes`, `marked`, `drops`."""
    shown = json.loads(twin.inside(switch, "tc", "-s", "-j", "qdisc", "show", "dev", port))
    [counted] = [each for each in shown if each["kind"] == "red"]
    return dict(counted)
