"""What a server's NICs and libraries are told of the lossless class.

After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/roce && git diff tests/golden/roce
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.projection.records import HostConfig, PodConfig
from podwright.targets.roce import render, settings
from podwright.targets.roce.libraries import nccl, nvshmem, ucx

GOLDEN = Path(reference.__file__).parents[1] / "golden" / "roce"
SERVER = "gpu-u001-s01"


def files(pod: PodConfig) -> dict[str, dict[str, str]]:
    """Device -> name of a file -> its text."""
    found: dict[str, dict[str, str]] = {}
    for artifact in render(pod):
        found.setdefault(artifact.device, {})[artifact.path.rpartition("/")[2]] = artifact.text
    return found


def host(pod: PodConfig, name: str) -> HostConfig:
    return next(each for each in pod.hosts if each.name == name)


@pytest.mark.parametrize(("pod", "device"), [("hgx-h100-32", SERVER), ("rag-16", "gpu-u001-s01")])
def test_golden(pod: str, device: str) -> None:
    rendered = files(reference.pod(pod))[device]
    folder = GOLDEN / pod / device
    if os.environ.get("PODWRIGHT_FREEZE"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in rendered.items():
            (folder / name).write_text(text)
    assert {path.name: path.read_text() for path in folder.iterdir()} == rendered


def test_servers_without_a_lossless_fabric_have_no_files() -> None:
    pod = reference.pod("hgx-h100-32")
    assert set(files(pod)) == {each.name for each in pod.hosts if each.group == "gpu"}


def test_a_node_of_the_twin_gets_nothing_of_the_machine_it_shares() -> None:
    rendered = files(reference.twin("hgx-h100-32"))[SERVER]
    assert set(rendered) == {"roce.json"}
    asked = json.loads(rendered["roce.json"])
    assert asked["machine"] == {}
    assert {each["rdma_device"] for each in asked["interfaces"]} == {""}


@pytest.mark.parametrize("name", ["starter-4", "hgx-h100-32", "rag-16"])
def test_the_nic_has_the_tables_of_its_switch(name: str) -> None:
    """One class on both ends of a cable: what a switch makes of a DSCP is what the NIC makes of it."""
    pod = reference.pod(name)
    leaves = {each.name: each.qos for each in pod.switches if each.qos is not None}
    compared = 0
    for server in pod.hosts:
        peers = {each.name: each.peer_device for each in server.interfaces}
        for qos in server.qos:
            for nic in qos.nics:
                leaf = leaves[peers[nic.name]]
                lossless = {dscp for dscp, tc in enumerate(leaf.dscp_to_tc) if tc == leaf.traffic_class.traffic_class}
                assert {dscp for dscp, each in enumerate(qos.dscp_to_priority) if qos.pfc[each]} == lossless
                assert leaf.dscp_to_tc[qos.cnp_dscp] == qos.cnp_priority
                assert list(leaf.priority_to_group) == [each for each in range(8) if qos.pfc[each]]
                assert qos.traffic_byte >> 2 == leaf.traffic_class.dscp
                (metres,) = {
                    each.metres for each in leaf.ports if each.buffer and each.name == leaf_port(server, nic.name)
                }
                assert nic.metres == metres
                compared += 1
    assert compared


def leaf_port(server: HostConfig, interface: str) -> str:
    return next(each.peer_port for each in server.interfaces if each.name == interface)


def test_priorities_of_a_class_of_ones_own() -> None:
    """A class on DSCP 34 and priority 4 carries through to every file."""
    server = host(reference.pod("hgx-h100-32"), SERVER)
    (qos,) = server.qos
    own = replace(qos, traffic_byte=34 << 2 | 2)
    assert settings(replace(server, qos=(own,)), in_twin=False)["classes"]["rocev2"]["traffic_class"] == 138
    assert server.collectives is not None
    told = replace(server.collectives, traffic_byte=138)
    assert {line for line in nccl(told).splitlines() if "_TC=" in line} == {
        "NCCL_IB_TC=138",
        "NCCL_IB_FIFO_TC=138",
        "NCCL_GIN_IB_TC=138",
    }
    assert "NVSHMEM_IB_TRAFFIC_CLASS=138" in nvshmem(told)
    assert "UCX_IB_TRAFFIC_CLASS=138" in ucx(replace(server, collectives=told))


def variables(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))


def test_devices_are_named_only_where_the_design_names_them() -> None:
    """Without PCI addresses the names of NICs are the server's own, and a list of them would be a guess."""
    server = host(reference.pod("hgx-h100-32"), SERVER)
    assert server.collectives is not None
    told = variables(nccl(replace(server.collectives, devices=(), bootstrap="")))
    assert not {"NCCL_IB_HCA", "NCCL_SOCKET_IFNAME"} & set(told)
    assert told["NCCL_IB_ADDR_RANGE"] == "10.128.0.0/10"


def test_no_file_has_an_index_of_addresses() -> None:
    """The index of a GID is another one on the next server; the family and the prefix are not."""
    everything = [text for each in files(reference.pod("hgx-h100-32")).values() for text in each.values()]
    assert not any("GID_INDEX" in text for text in everything)


def test_amd_has_a_file_of_its_own_library() -> None:
    server = host(reference.pod("hgx-h100-32"), SERVER)
    pod = reference.pod("hgx-h100-32")
    assert server.collectives is not None
    amd: Any = replace(server, collectives=replace(server.collectives, library="rccl"))
    rendered = files(replace(pod, hosts=(amd,)))[SERVER]
    assert "rccl.conf" in rendered
    assert "nccl.conf" not in rendered
    assert "NCCL_GIN_IB_TC" not in variables(rendered["rccl.conf"])


def test_a_dpu_is_asked_to_be_what_the_catalogue_says() -> None:
    server = host(reference.pod("hgx-h100-32"), SERVER)
    (qos,) = server.qos
    rail = replace(qos.nics[0], dpu="nic")
    told = settings(replace(server, qos=(replace(qos, nics=(rail, *qos.nics[1:])),)), in_twin=False)
    assert [each.get("dpu") for each in told["interfaces"]] == ["nic", *[None] * 7]
