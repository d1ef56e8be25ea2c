"""A flow is told hop by hop: one path or every one, whole or after failures, in words or as JSON."""

from __future__ import annotations

import json
import shutil

import pytest

from .conftest import ROOT, Run

HGX = str(ROOT / "blueprints" / "hgx-h100-32")
RAG = str(ROOT / "blueprints" / "rag-16")


def hops(said: str) -> list[list[str]]:
    """The table of hops, cell by cell."""
    block = said.split("Hops\n", 1)[1].split("\n\n", 1)[0]
    return [line.split() for line in block.splitlines()[1:]]


def test_a_flow_within_a_rail_stays_on_its_leaf(run: Run) -> None:
    said = run("trace", "gpu-u001-s01:3", "gpu-u001-s32:3", HGX)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(
        "gpu-u001-s01:rail3 (10.140.2.1) to gpu-u001-s32:rail3 (10.140.2.249) on backend, class rocev2: DSCP 26, priority 3\n"
    )
    assert hops(said.out) == [
        ["1", "gpu-u001-s01", "-", "rail3", "400G", "9000", "rocev2", "only", "way"],
        ["2", "backend-leaf-u001-r3", "Ethernet0", "Ethernet124", "400G", "9000", "rocev2", "only", "way"],
        ["3", "gpu-u001-s32", "rail3", "-", "-", "-", "-", "arrived"],
    ]
    assert "equal next hops" not in said.out


def test_between_rails_one_of_equal_ways_is_shown_and_what_decides(run: Run) -> None:
    said = run("trace", "gpu-u001-s01:rail3", "gpu-u001-s32:rail5", HGX).out
    assert [row[-4:] for row in hops(said)[1:3]] == [["1", "of", "32", "equal"], ["1", "of", "4", "equal"]]
    assert "Of equal next hops a hash of addresses, protocol and UDP ports decides" in said
    assert said.endswith("--all lists every way.\n")


def test_all_ways_are_grouped_by_the_device_that_is_next(run: Run) -> None:
    rows = hops(run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX, "--all").out)
    assert [row[0] for row in rows] == ["1", *"2" * 8, *"3" * 8, "4", "5"]
    assert rows[1][3:] == [
        "Ethernet504,", "Ethernet440,", "Ethernet376,", "Ethernet312", "800G", "9000", "rocev2", "backend-spine-001",
    ]  # fmt: skip
    assert rows[-2][2:5] == ["32", "ports", "Ethernet124"]


@pytest.mark.parametrize(
    ("failing", "after", "ways"),
    [
        (["backend-spine-001"], "after backend-spine-001 is down", 28),
        (
            ["backend-leaf-u001-r3:Ethernet504"],
            "after the cable from backend-leaf-u001-r3:Ethernet504 to backend-spine-001:Ethernet96 is cut",
            31,
        ),
        (
            ["backend-spine-001:Ethernet96-backend-leaf-u001-r3:Ethernet504", "backend-spine-002"],
            "after the cable from backend-leaf-u001-r3:Ethernet504 to backend-spine-001:Ethernet96 is cut and "
            "backend-spine-002 is down",
            27,
        ),
    ],
)
def test_what_fails_is_gone_round(run: Run, failing: list[str], after: str, ways: int) -> None:
    options = [word for each in failing for word in ("--fail", each)]
    said = run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX, *options)
    assert said.code == 0
    assert said.out.splitlines()[1] == after
    assert hops(said.out)[1][-4:] == ["1", "of", str(ways), "equal"]


def test_what_cannot_arrive_is_lost_and_the_exit_code_says_so(run: Run) -> None:
    said = run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX, "--fail", "gpu-u001-s32:rail5")
    assert said.code == 1
    assert hops(said.out)[-1][1:] == ["backend-leaf-u001-r5", "Ethernet504", "-", "-", "-", "-", "lost"]
    assert said.out.count("backend-leaf-u001-r5 knows no way to 10.148.2.249: packets end there.") == 1
    said = run("trace", "gpu-u001-s01:front0", "nfs-u001-s57", HGX, "--fail", "front-leaf-u001-1")
    assert said.code == 1
    assert "gpu-u001-s01 can't send by front0: nothing is at its other end." in said.out


def test_servers_that_speak_bgp_use_every_leaf_unless_told(run: Run) -> None:
    said = run("trace", "gpu-u001-s01", "nfs-u001-s57", HGX).out
    assert said.startswith("gpu-u001-s01 (10.16.1.0) to nfs-u001-s57 (10.16.1.224) on front\n")
    assert hops(said)[0] == ["1", "gpu-u001-s01", "-", "front0", "200G", "9000", "-", "1", "of", "2", "equal"]
    told = run("trace", "gpu-u001-s01:front1", "nfs-u001-s57:front0", HGX).out
    assert hops(told)[0][3:] == ["front1", "200G", "9000", "-", "only", "way"]


def test_switches_are_reached_at_their_loopbacks(run: Run) -> None:
    said = run("trace", "gpu-u001-s01:3", "backend-spine-001", HGX)
    assert said.code == 0
    assert hops(said.out)[-1][1] == "backend-spine-001"


def test_each_hop_tells_what_becomes_of_the_class(run: Run) -> None:
    """DSCP, class and group, headroom of the port in; queue, PFC and ECN of the port out."""
    said = run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX).out
    block = said.split("Class rocev2\n", 1)[1].split("\n\n", 1)[0]
    rows = [line.split() for line in block.splitlines()[1:]]
    assert rows[0][2:] == ["26", "-", "-", "-", "-", "-", "-", "3", "-"]
    for row, device, arriving, leaving in [
        (rows[1], "backend-leaf-u001-r3", "Ethernet0", "Ethernet504"),
        (rows[2], "backend-spine-001", "Ethernet96", "Ethernet160"),
    ]:
        into, out = (run("explain", f"{device}:{port}", HGX).out for port in (arriving, leaving))
        assert row[1:5] == [device, "26", "3", "3"]
        assert f"headroom (xoff) {row[5]} B, xon {row[6]} B, size {row[7]} B" in into
        assert row[8:10] == ["3", "3"]
        assert f"ECN marks from {row[10]} B, all of {row[14]} % from {row[12]} B" in out


def test_json_has_every_hop_with_its_ways(run: Run) -> None:
    said = json.loads(run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX, "--format", "json").out)
    assert (said["fabric"], said["arrives"], said["failure"], said["class"]["dscp"]) == ("backend", True, "", 26)
    server, leaf, *_ = said["hops"]
    assert (leaf["hop"], leaf["device"], leaf["equal"]) == (2, "backend-leaf-u001-r3", 32)
    ((arrival,), (way,)) = (leaf["in"], leaf["ways"])
    assert {key: arrival[key] for key in ("port", "dscp", "traffic_class", "priority_group", "pfc_priority")} == {
        "port": "Ethernet0",
        "dscp": 26,
        "traffic_class": 3,
        "priority_group": 3,
        "pfc_priority": 3,
    }
    assert 0 < arrival["xon_bytes"] < arrival["xoff_bytes"] < arrival["size_bytes"]
    assert {key: way[key] for key in ("out", "to", "gbps", "mtu", "lossless", "queue", "pfc_priority")} == {
        "out": "Ethernet504",
        "to": {"device": "backend-spine-001", "port": "Ethernet96"},
        "gbps": 800,
        "mtu": 9000,
        "lossless": True,
        "queue": 3,
        "pfc_priority": 3,
    }
    assert 0 < way["ecn"]["min_bytes"] < way["ecn"]["max_bytes"]
    assert server["ways"][0]["pfc_priority"] == 3
    assert "queue" not in server["ways"][0]
    every = json.loads(run("trace", "gpu-u001-s01:3", "gpu-u001-s32:5", HGX, "--format", "json", "--all").out)
    assert len(every["hops"][1]["ways"]) == 32
    assert len(every["hops"]) == 12


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        (
            ("gpu-u1-s01:3", "gpu-u001-s32:3"),
            "the pod atlas has no device `gpu-u1-s01`",
            "Did you mean `gpu-u001-s01`?",
        ),
        (
            ("gpu-u001-s01:9", "gpu-u001-s32:3"),
            "gpu-u001-s01 has no port or rail `9`",
            "gpu-u001-s01 has rail0, rail1, rail2, rail3, rail4, rail5, rail6, rail7, front0, front1.",
        ),
        (
            ("gpu-u001-s01:mgmt0", "gpu-u001-s32:3"),
            "gpu-u001-s01:mgmt0 is on oob, which bridges and has no routes to trace",
            "gpu-u001-s01 has rail0,",
        ),
        (
            ("gpu-u001-s01:3", "gpu-u001-s32:front0"),
            "gpu-u001-s01:rail3 is on backend and gpu-u001-s32 on front; packets don't pass between fabrics",
            "Name two ends on one fabric.",
        ),
        (
            ("gpu-u001-s01:3", "gpu-u001-s01:4"),
            "`gpu-u001-s01:3` and `gpu-u001-s01:4` are on one device, and a flow has two",
            "Name two devices.",
        ),
        (
            ("gpu-u001-s01:3", "front-edge"),
            "front-edge has no address of its own that others route to",
            "Name a server with one of its ports, or a switch that routes.",
        ),
        (
            ("gpu-u001-s01:3", "gpu-u001-s32:3", "--fail", "backend-spine-01"),
            "backend has no device or cable `backend-spine-01` that could fail",
            "Did you mean `backend-spine-001`",
        ),
        (
            ("gpu-u001-s01:3", "gpu-u001-s32:3", "--fail", "backend-leaf-u001-r3:Ethernet1"),
            "no cable of backend ends at `backend-leaf-u001-r3:Ethernet1`",
            "Did you mean `backend-leaf-u001-r3:Ethernet1",
        ),
    ],
)
def test_ends_and_failures_that_there_are_not(run: Run, words: tuple[str, ...], message: str, fix: str) -> None:
    said = run("trace", *words[:2], HGX, *words[2:])
    assert said.code == 2
    assert said.err.startswith(f"error: {message}\n  fix: {fix}")


def test_the_pod_is_that_of_this_folder_unless_named(run: Run) -> None:
    said = run("trace", "gpu-u001-s01:3", "gpu-u001-s02:3")
    assert said.code == 2
    assert "flows are traced in a pod, and there is no pod.yaml here" in said.err
    shutil.copy(f"{RAG}/pod.yaml", "pod.yaml")
    assert run("trace", "gpu-u001-s01", "gpu-u001-s02").code == 0
    assert run("trace", "gpu-u001-s01", "gpu-u001-s02", "--in", RAG).code == 0
