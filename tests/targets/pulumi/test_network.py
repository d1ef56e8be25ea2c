"""What NVIDIA's network operator is told: the class of the switches, and the addresses that leaves have at the other end.

After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/pulumi && git diff tests/golden/pulumi
"""

from __future__ import annotations

import json
import os
from ipaddress import IPv4Network, ip_interface
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_program import GOLDEN, REFERENCE, Resource, declared, of, rendered

from podwright.catalog import load
from podwright.design import Index
from podwright.errors import BlueprintError
from podwright.model.design import Design
from podwright.pipeline import design_pod
from podwright.projection import project
from podwright.projection.records import HostConfig, PodConfig
from podwright.targets.roce.libraries import nccl

OPERATOR = {"repository": "registry.example.net/mellanox", "version": "network-operator-v26.1.0"}


def blueprint() -> str:
    document = yaml.safe_load((REFERENCE / "pod.yaml").read_text("utf-8"))
    document["kubernetes"]["nic_operator"] = OPERATOR
    return json.dumps(document)


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    return declared(rendered(blueprint(), tmp_path_factory.mktemp("atlas")))


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Design:
    path = tmp_path_factory.mktemp("atlas") / "pod.yaml"
    path.write_text(blueprint())
    return design_pod(path).design


@pytest.fixture(scope="module")
def pod(design: Design) -> PodConfig:
    return project(design, load())


@pytest.fixture(scope="module")
def bare() -> PodConfig:
    """The same pod without the operator."""
    return project(design_pod(REFERENCE / "pod.yaml").design, load())


def test_every_resource_of_the_layer_has_the_frozen_inputs(resources: list[Resource]) -> None:
    """Of the pools one, and of its allocations the first: the others differ in numbers only."""
    layer = [each for each in resources if each["parent"] == "network"]
    for each in layer:
        each["inputs"].get("spec", {}).get("staticAllocations", [])[1:] = []
        del each["aliases"]
    text = json.dumps(layer, indent=1, sort_keys=True) + "\n"
    frozen = GOLDEN / "hgx-h100-32-network.json"
    if os.environ.get("PODWRIGHT_FREEZE"):
        frozen.write_text(text, encoding="utf-8")
    assert text == frozen.read_text("utf-8")


def specs(resources: list[Resource], kind: str) -> dict[str, Any]:
    return {
        name.removeprefix(f"{kind}/"): each["spec"]
        for name, each in of(resources, kind).items()
        if name.startswith(f"{kind}/")
    }


def test_pools_have_the_addresses_of_the_design(design: Design, tmp_path: Path) -> None:
    """Both ends of every rail, from the leaf's side of the design and from the operator's: nothing is left to chance."""
    index = Index(design)
    pools = specs(declared(rendered(blueprint(), tmp_path)), "CIDRPool")
    rails = [each for each in design.attachments if each.role == "compute"]
    given = {(each["nodeName"], pool): each for pool, spec in pools.items() for each in spec["staticAllocations"]}
    assert len(given) == len(rails) == 32 * 8
    for rail in rails:
        allocation = given[rail.device, rail.interface]
        (leaf,) = index.addresses[rail.leaf, rail.leaf_port]
        (own,) = index.addresses[rail.device, rail.interface]
        link = IPv4Network(allocation["prefix"])
        assert allocation["gateway"] == leaf.partition("/")[0]
        assert {str(each) for each in link} == {allocation["gateway"], own.partition("/")[0]}
        assert link.prefixlen == pools[rail.interface]["perNodeNetworkPrefix"] == ip_interface(own).network.prefixlen
        assert link.subnet_of(IPv4Network(pools[rail.interface]["cidr"]))


def test_notifications_do_not_keep_the_operators_default(resources: list[Resource], pod: PodConfig) -> None:
    """Left alone, `roceOptimized` sends them with DSCP 4, which no switch of the pod expects."""
    (template,) = specs(resources, "NicConfigurationTemplate").values()
    written = {each["name"]: each["value"] for each in template["template"]["rawNvConfig"]}
    leaf = next(each.qos for each in pod.switches if each.name == "backend-leaf-u001-r0")
    assert leaf is not None
    assert written == {
        "CNP_DSCP_P1": str(leaf.traffic_class.cnp_dscp),
        "CNP_802P_PRIO_P1": str(leaf.traffic_class.cnp_traffic_class),
    }
    qos = template["template"]["roceOptimized"]["qos"]
    assert int(qos["tos"]) >> 2 == leaf.traffic_class.dscp
    assert qos["pfc"].split(",").index("1") == leaf.traffic_class.priority


def test_a_policy_finds_its_nic_by_place(resources: list[Resource], pod: PodConfig) -> None:
    policies = specs(resources, "SriovNetworkNodePolicy")
    server = worker(pod)
    places = {each.name: each.pci for each in server.interfaces if each.role == "compute"}
    assert {each["resourceName"]: each["nicSelector"]["rootDevices"] for each in policies.values()} == {
        name: [pci] for name, pci in places.items()
    }
    labels = {tuple(each["nodeSelector"].items()) for each in policies.values()}
    assert labels == {(("feature.node.kubernetes.io/pod-group", "gpu"),)}
    assert server.labels["feature.node.kubernetes.io/pod-group"] == "gpu"


def worker(pod: PodConfig) -> HostConfig:
    return next(each for each in pod.hosts if each.name == "gpu-u001-s01")


def test_pods_and_servers_are_told_the_same(resources: list[Resource], bare: PodConfig) -> None:
    """But for names: a pod has names of its own."""
    told = worker(bare).collectives
    assert told is not None
    server = dict(line.split("=", 1) for line in nccl(told).splitlines() if not line.startswith("#"))
    for space in ("research", "serving"):
        inside = of(resources, "ConfigMap")[f"{space}/collectives"]["data"]
        names = {"NCCL_IB_HCA", "NCCL_SOCKET_IFNAME", "NCCL_SOCKET_FAMILY"}
        assert {key: value for key, value in server.items() if key not in names}.items() <= inside.items()
        assert not any("GID_INDEX" in key for key in inside)


def test_the_server_leaves_the_rails_of_pods_alone(pod: PodConfig, bare: PodConfig) -> None:
    rails = [each for each in worker(pod).interfaces if each.role == "compute"]
    assert rails
    assert not any(each.configured for each in rails)
    names = {each.name for each in rails}
    assert not any(each.interface in names for each in worker(pod).routes)
    assert worker(pod).rules == ()
    assert worker(pod).collectives is not None
    assert worker(bare).rules != ()


def test_the_leaf_does_not_know_who_addresses_the_other_end(pod: PodConfig, bare: PodConfig) -> None:
    assert pod.switches == bare.switches


def test_a_server_outside_the_cluster_keeps_its_rails(tmp_path: Path) -> None:
    document = json.loads(blueprint())
    document["servers"]["lab"] = {"model": "hgx-h100", "count": 1, "at": {"unit": 2, "slot": 1}}
    (tmp_path / "pod.yaml").write_text(json.dumps(document))
    found = project(design_pod(tmp_path / "pod.yaml").design, load())
    rails = {each.group: {nic.configured for nic in each.interfaces if nic.role == "compute"} for each in found.hosts}
    assert (rails["gpu"], rails["lab"]) == ({False}, {True})


def test_rails_without_a_place_are_refused(tmp_path: Path) -> None:
    """By their numbers, as nobody else can say which NIC leads to which rail."""
    document = json.loads(blueprint())
    document["servers"]["gpu"]["model"] = "mi300x-8"
    (tmp_path / "pod.yaml").write_text(json.dumps(document))
    with pytest.raises(BlueprintError) as refused:
        design_pod(tmp_path / "pod.yaml")
    (finding,) = refused.value.findings
    assert (finding.code, finding.path) == ("DES807", "kubernetes.workers.0")
    assert "the catalogue has no PCI address of rail 0, 1, 2, 3, 4, 5, 6, 7" in finding.message
