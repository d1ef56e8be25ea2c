"""A topology file is read exactly: what a lab can't honour is refused with its key, file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.errors import LabError
from podwright.lab.topology import Endpoint, Link, read

GOOD = """\
name: atlas
prefix: ""
mgmt: {network: atlas, external-access: false}
topology:
  defaults:
    kind: linux
    image: podwright/node:1
    sysctls: {net.ipv4.ip_forward: 1, net.ipv4.fib_multipath_hash_policy: 1}
  nodes:
    leaf1: {group: leaf, labels: {tier: leaf}}
    gpu1: {group: server, sysctls: {net.ipv4.ip_forward: 0}}
  links:
    - {endpoints: ["gpu1:rail0", "leaf1:Ethernet0"], mtu: 9000}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "atlas.clab.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nodes_take_the_defaults_and_may_change_single_sysctls(tmp_path: Path) -> None:
    topology = read(write(tmp_path, GOOD))
    leaf, server = topology.nodes
    assert (leaf.name, leaf.group, leaf.labels) == ("leaf1", "leaf", {"tier": "leaf"})
    assert leaf.sysctls["net.ipv4.ip_forward"] == "1"
    assert server.sysctls == {"net.ipv4.ip_forward": "0", "net.ipv4.fib_multipath_hash_policy": "1"}


def test_links_keep_their_ends_and_their_mtu(tmp_path: Path) -> None:
    topology = read(write(tmp_path, GOOD))
    assert topology.links == (Link(Endpoint("gpu1", "rail0"), Endpoint("leaf1", "Ethernet0"), 9000),)
    assert topology.interfaces_of("leaf1") == ("Ethernet0",)


def test_a_link_without_an_mtu_has_the_one_of_containerlab(tmp_path: Path) -> None:
    assert read(write(tmp_path, GOOD.replace(", mtu: 9000", ""))).links[0].mtu == 9500


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("group: leaf,", "grupp: leaf,", 10, "'grupp' of topology.nodes.leaf1"),
        ("prefix:", "privileged:", 2, "'privileged' of the file"),
        ("    image:", "    binds: [x]\n    image:", 7, "'binds' of topology.defaults"),
        ("mtu: 9000", "vars: {}", 13, "'vars' of topology.links"),
        ("mtu: 9000", "mtu: big", 13, "the MTU 'big'"),
        ("mtu: 9000", "mtu: 67", 13, "the MTU '67'"),
        ("gpu1:rail0", "gpu9:rail0", 13, "'gpu9:rail0' names a node that the file does not have"),
        ("gpu1:rail0", "gpu1:a-name-of-sixteen", 13, "at most 15 characters"),
        ("kind: linux", "kind: sonic-vs", 6, "kind 'sonic-vs'"),
        ("net.ipv4.ip_forward: 0", "vm.swappiness: 0", 11, "the sysctl 'vm.swappiness'"),
        ("    gpu1:", "    leaf1:", 10, "'leaf1' of topology.nodes is written twice"),
        ("leaf1:Ethernet0", "gpu1:rail0", 13, "gpu1:rail0 has two cables"),
        ("name: atlas", "name: ../up", 1, "'../up' is not the name of a lab"),
        ('["gpu1:rail0", "leaf1:Ethernet0"]', "gpu1", 13, "endpoints must be a list"),
    ],
)
def test_what_a_lab_cannot_honour_is_refused(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(LabError) as caught:
        read(path)
    assert words in caught.value.message
    assert f"{path}:{line} " in caught.value.message


def test_a_missing_file_and_a_broken_one_are_lab_errors(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="can't be read"):
        read(tmp_path / "absent.yml")
    with pytest.raises(LabError, match="is not YAML"):
        read(write(tmp_path, "name: [atlas"))
    with pytest.raises(LabError, match="is empty"):
        read(write(tmp_path, ""))
