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
from msgspec.structs import replace
from test_program import GOLDEN, REFERENCE, Resource, declared, of, rendered

import podwright.catalog
from podwright.catalog import Catalog, load
from podwright.design import Index
from podwright.errors import BlueprintError
from podwright.model.design import Design
from podwright.pipeline import design_pod
from podwright.projection import project
from podwright.projection.records import HostConfig, PodConfig
from podwright.targets.roce.libraries import nccl, nvshmem, ucx

SERVERS = Path(podwright.catalog.__file__).parent / "servers"
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


def two_ports_a_nic(folder: Path) -> str:
    """The blueprint with a catalogue of its own: a server whose rails have a NIC of two ports each, one to a plane."""
    entry = yaml.safe_load((SERVERS / "dual-plane-8.yaml").read_text("utf-8"))
    for nic in entry["nics"]:
        if nic["role"] == "compute":
            nic["pci"] = f"0000:{16 + nic['rail']:02x}:00.{nic['plane'] - 1}"
    (folder / "own" / "servers").mkdir(parents=True)
    (folder / "own" / "servers" / "two-ports.yaml").write_text(json.dumps(entry))
    document = json.loads(blueprint())
    document["catalog"] = "own"
    document["servers"]["gpu"] = {"model": "two-ports", "count": 4, "at": {"unit": 1, "slot": 1}}
    document["fabrics"]["backend"] |= {"planes": 2}
    return json.dumps(document)


def settings(template: Any) -> list[tuple[str, str]]:
    return [(each["name"], each["value"]) for each in template["template"]["rawNvConfig"]]


def test_notifications_of_a_second_port_do_not_keep_it_either(tmp_path: Path) -> None:
    """`roceOptimized` sets DSCP 4 on every port of a NIC; each plane has the notifications of the switches."""
    found = declared(rendered(two_ports_a_nic(tmp_path), tmp_path))
    (template,) = specs(found, "NicConfigurationTemplate").values()
    assert {each.rpartition(".")[2] for each in template["nicSelector"]["pciAddresses"]} == {"0", "1"}
    assert settings(template) == [
        ("CNP_DSCP_P1", "48"),
        ("CNP_802P_PRIO_P1", "6"),
        ("CNP_DSCP_P2", "48"),
        ("CNP_802P_PRIO_P2", "6"),
    ]


def test_a_nic_of_one_port_is_asked_for_nothing_of_a_second(resources: list[Resource]) -> None:
    (template,) = specs(resources, "NicConfigurationTemplate").values()
    assert settings(template) == [("CNP_DSCP_P1", "48"), ("CNP_802P_PRIO_P1", "6")]


def test_a_port_that_pods_do_not_get_counts_where_it_shares_a_nic(design: Design) -> None:
    """The operator selects a NIC by one port, and sets all."""
    first, *others = [each for each in design.attachments if each.device == "gpu-u001-s01"]
    beside = {each.role: each for each in others}["frontend"]
    moved = tuple(
        replace(each, pci=first.pci.replace(".0", ".1")) if each == beside else each for each in design.attachments
    )
    assert first.role == "compute"
    cluster = project(replace(design, attachments=moved), load()).cluster
    assert cluster is not None
    assert cluster.nics is not None
    assert [each.ports for each in cluster.nics.templates] == [2]


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
    """All that stands in a server's files, but for names: a pod has names of its own."""
    told = worker(bare).collectives
    assert told is not None
    files = nccl(told) + nvshmem(told) + ucx(worker(bare))
    lines = [line.removeprefix("export ") for line in files.splitlines() if not line.startswith("#")]
    server = dict(line.split("=", 1) for line in lines)
    unnamed = {key: value for key, value in server.items() if key not in ("NCCL_IB_HCA", "NVSHMEM_HCA_LIST")}
    for space in ("research", "serving"):
        inside = of(resources, "ConfigMap")[f"{space}/collectives"]["data"]
        assert inside == unnamed | {"NCCL_SOCKET_IFNAME": "=eth0"}


def with_gpus_of_amd(catalog: Catalog) -> Catalog:
    """The catalogue, with the server that has them under a name of its own."""
    return replace(
        catalog,
        servers={**catalog.servers, "hgx-amd": replace(catalog.servers["hgx-h100"], gpu_resource="amd.com/gpu")},
    )


def pods_told(design: Design, *amd: str) -> dict[str, str]:
    """What pods are told where the GPUs of these groups are AMD's."""
    devices = tuple(replace(each, model="hgx-amd") if each.group in amd else each for each in design.devices)
    cluster = project(replace(design, devices=devices), with_gpus_of_amd(load())).cluster
    assert cluster is not None
    assert cluster.nics is not None
    return cluster.nics.collectives


def test_pods_are_told_what_their_own_library_knows(design: Design) -> None:
    """RCCL has no GPU-initiated transport to mark."""
    assert set(pods_told(design)) - set(pods_told(design, "gpu")) == {"NCCL_GIN_IB_TC"}


def test_a_cluster_of_both_vendors_tells_all_that_either_knows(tmp_path: Path) -> None:
    document = json.loads(blueprint())
    document["servers"]["amd"] = {"model": "hgx-h100", "count": 1, "at": {"unit": 2, "slot": 1}}
    document["kubernetes"]["workers"] = ["amd", "gpu"]
    (tmp_path / "pod.yaml").write_text(json.dumps(document))
    assert "NCCL_GIN_IB_TC" in pods_told(design_pod(tmp_path / "pod.yaml").design, "amd")


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
