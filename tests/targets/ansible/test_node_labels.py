"""What a node says of its place: the rendered file, and the role that delivers it, run for real into a folder of the test's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import reference
from playing import play
from podwright.targets.nfd import render

# NFD refuses other lines; the lengths and characters of keys and values are those of Kubernetes labels.
LINE = re.compile(r"([a-z0-9.-]+/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?=[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return {artifact.device: artifact.text for artifact in render(reference.pod("hgx-h100-32"))}


def test_every_node_and_nothing_else_has_a_file(files: dict[str, str]) -> None:
    groups = {entry.name: entry.group for entry in reference.pod("hgx-h100-32").entries}
    assert set(files) == {name for name, group in groups.items() if group in ("gpu", "control")}


def test_a_node_says_where_it_stands(files: dict[str, str]) -> None:
    lines = files["gpu-u001-s05"].splitlines()
    assert lines[0].startswith("# ")
    assert lines[1:] == [
        "feature.node.kubernetes.io/pod-rack=u001-rack-02",
        "feature.node.kubernetes.io/pod-unit=u001",
        "network.topology.nvidia.com/accelerator=gpu-u001-s05",
        "network.topology.nvidia.com/leaf=backend-leaf-u001-r0",
        "network.topology.nvidia.com/spine=backend",
    ]


def test_every_line_is_a_label(files: dict[str, str]) -> None:
    assert all(LINE.fullmatch(line) for text in files.values() for line in text.splitlines()[1:])


class Node:
    """This machine as a server, with a feature folder of the test's own."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.source = tree / "configs" / "node-labels"
        self.delivered = tree / "features.d" / "podwright"
        self.source.parent.mkdir()
        self.variables = {
            "podwright_config": str(self.source.parent),
            "node_labels_folder": str(self.delivered.parent),
        }

    def play(self, *words: str) -> int:
        """How many tasks of a run changed something."""
        return play(self.tree, "node_labels", self.variables, *words)


def test_the_role_delivers_once_mends_and_takes_away(tmp_path: Path, files: dict[str, str]) -> None:
    node = Node(tmp_path)
    node.source.write_text(files["gpu-u001-s05"])
    assert node.play("--check") == 2
    assert not node.delivered.parent.exists()
    assert node.play() == 2
    assert node.delivered.read_text() == files["gpu-u001-s05"]
    assert node.play() == 0

    other = node.delivered.with_name("somebody-elses")
    other.write_text("example.net/mine=1\n")
    node.delivered.write_text("feature.node.kubernetes.io/pod-unit=u999\n")
    assert node.play() == 1
    assert node.delivered.read_text() == files["gpu-u001-s05"]

    node.source.unlink()
    assert node.play() == 1
    assert not node.delivered.exists()
    assert other.exists()
    assert node.play() == 0
