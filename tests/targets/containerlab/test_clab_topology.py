"""The topology of the twin: containerlab takes it, the lab's own reader takes it, and it says what the pod says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from conformance import reference
from podwright.lab.topology import read
from podwright.projection.records import PodConfig
from podwright.targets.containerlab import render

SCHEMA = json.loads((Path(reference.__file__).parent / "containerlab" / "clab.schema.json").read_text())

SIZES = {"twin": reference.twin, "whole": reference.pod}

pods = pytest.mark.parametrize(
    "pod", [pytest.param(SIZES[size](name), id=f"{name}-{size}") for name in reference.NAMES for size in SIZES]
)


def text(pod: PodConfig) -> str:
    (topology,) = (artifact.text for artifact in render(pod) if artifact.path.endswith(".clab.yml"))
    return topology


def document(pod: PodConfig) -> dict[str, Any]:
    return dict(yaml.safe_load(text(pod)))


@pods
def test_containerlab_takes_the_file(pod: PodConfig) -> None:
    Draft7Validator(SCHEMA).validate(document(pod))


def test_a_misspelt_key_would_be_noticed() -> None:
    topology = document(reference.twin("starter-4"))
    topology["topology"]["defaults"]["capadd"] = ["NET_ADMIN"]
    assert not Draft7Validator(SCHEMA).is_valid(topology)


@pods
def test_the_lab_reads_back_the_pods_own_devices_and_cables(pod: PodConfig, tmp_path: Path) -> None:
    path = tmp_path / f"{pod.pod}.clab.yml"
    path.write_text(text(pod))
    topology = read(path)
    assert [node.name for node in topology.nodes] == [entry.name for entry in pod.entries]
    assert [(str(link.a), str(link.b), link.mtu) for link in topology.links] == [
        (f"{cable.a_device}:{cable.a_linux}", f"{cable.b_device}:{cable.b_linux}", cable.mtu) for cable in pod.cables
    ]


@pods
def test_routers_forward_and_servers_do_not(pod: PodConfig) -> None:
    nodes = document(pod)["topology"]["nodes"]
    routers = {switch.name for switch in (*pod.switches, *pod.outsides) if switch.routed}
    forwarding = {name for name, node in nodes.items() if node["sysctls"]["net.ipv4.ip_forward"]}
    assert forwarding == routers
    assert all(node["sysctls"]["net.ipv6.conf.all.forwarding"] == int(name in routers) for name, node in nodes.items())
    assert not forwarding & {host.name for host in pod.hosts}


def test_one_file_named_after_the_pod() -> None:
    artifact = next(each for each in render(reference.twin("hgx-h100-32")) if "/" not in each.path)
    assert artifact.path == "atlas.clab.yml"
    assert artifact.keep == "owned"


def test_nodes_are_bare() -> None:
    topology = document(reference.twin("hgx-h100-32"))["topology"]
    assert set(topology["defaults"]) == {"kind", "image", "network-mode", "cap-add", "sysctls"}
    assert all(set(node) == {"group", "labels", "sysctls"} for node in topology["nodes"].values())


def test_the_image_has_what_labs_need() -> None:
    """The same packages as tools/system.sh installs; what a slim Debian has anyway is not named."""
    (dockerfile,) = (each.text for each in render(reference.twin("starter-4")) if each.path == "node/Dockerfile")
    script = (Path(__file__).parents[3] / "tools" / "system.sh").read_text()
    needed = {line.split()[1] for line in script.splitlines() if line.startswith("need ")}
    assert needed - {"openssh-client", "util-linux", "hostname", "git"} <= set(dockerfile.split())
    assert "podwright/node:1" in dockerfile
