"""What the twin leaves out on a small kernel is there on a full one, and every claim holds on it too."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from podwright.lab import labs
from podwright.lab.driver import Fabric

POD = Path(__file__).parent
LAB = "vm"


def podwright(*words: str) -> str:
    done = subprocess.run(["podwright", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"podwright {' '.join(words)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pod") / "build"
    podwright("render", str(POD), "--output", str(folder), "--quiet")
    return folder


@pytest.fixture(scope="module")
def came_up(build: Path) -> Iterator[dict[str, object]]:
    """The whole pod as a twin, configured; what `lab up` said of it."""
    said = json.loads(podwright("lab", "up", str(POD), "--scale", "full", "--name", LAB, "--format", "json", "--quiet"))
    podwright("apply", str(build), "--lab", LAB, "--quiet")
    yield said
    podwright("lab", "down", LAB)


@pytest.fixture(scope="module")
def fabric(came_up: dict[str, object]) -> Fabric:
    return labs.fabric(str(came_up["name"]))


def test_a_full_kernel_leaves_nothing_out(came_up: dict[str, object]) -> None:
    assert came_up["missing"] == []


def test_every_claim_holds(came_up: dict[str, object]) -> None:
    podwright("lab", "test", str(came_up["name"]))


def test_a_queue_marks_by_the_designed_thresholds(fabric: Fabric) -> None:
    """The kernel has `red`, which marks ECT packets between two lengths of the queue instead of dropping them."""
    done = fabric.run(
        "converged-spine-001",
        ["sh", "-ec", "tc qdisc add dev lo root red limit 4000000 min 89185 max 891854 avpkt 4096 probability 1 ecn"],
    )
    assert done.status == 0, done.stderr
    assert "ecn" in fabric.run("converged-spine-001", ["tc", "qdisc", "show", "dev", "lo"]).stdout
