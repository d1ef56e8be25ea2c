"""The trials on a living pod: all hold on the fabric as designed, and each fails where the fabric is not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from podwright.errors import PodwrightError
from podwright.lab import labs
from podwright.lab.driver import Fabric
from podwright.lab.netns import abilities
from podwright.lab.registry import Lab
from podwright.lab.trials import congestion, faults, marking, mtu, multipath, reachability
from podwright.lab.trials.probing import reader
from podwright.lab.trials.suite import FAMILIES, run_trials
from podwright.model.report import Trial
from podwright.verify import neighbours, routes, sessions

from .tiny import DSCP, MTU, configure, tiny_design, tiny_topology

pytestmark = pytest.mark.lab
DESIGN = tiny_design()


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The tiny pod, up, configured and at rest. Tests that break it mend it again."""
    try:
        if abilities.choose_mode() != "root":
            pytest.skip("LLDP needs root")
    except PodwrightError as problem:
        pytest.skip(f"no labs here: {problem.message} {problem.fix}")
    folder = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PODWRIGHT_STATE", str(folder / "state"))
        lab = labs.up(tiny_topology(DESIGN, folder))
        try:
            configure(labs.fabric("tiny"), DESIGN, lldp=True)
            assert failures(sessions.check_sessions(DESIGN, reader(labs.fabric("tiny")), patience=30)) == []
            assert failures(routes.check_routes(DESIGN, reader(labs.fabric("tiny")), patience=30)) == []
            yield lab
        finally:
            labs.down("tiny")


@pytest.fixture
def fabric(pod: Lab) -> Fabric:
    return labs.fabric(pod.name)


def failures(trials: Iterator[Trial]) -> list[str]:
    return [line for trial in trials if trial.outcome == "failed" for line in trial.detail]


def on(fabric: Fabric, node: str, script: str) -> str:
    done = fabric.run(node, ["sh", "-ec", script])
    assert done.status == 0, done.stderr
    return done.stdout


def test_every_family_but_faults_holds_on_the_pod_as_designed(pod: Lab, fabric: Fabric) -> None:
    calm = [
        family for family in FAMILIES if family not in ("faults", "zones", "storage")
    ]  # this pod has neither zones nor stores
    trials = list(run_trials(DESIGN, pod, fabric, families=calm))
    assert {trial.group for trial in trials} == set(calm)
    assert [(trial.claim, trial.detail) for trial in trials if trial.outcome != "passed"] == []


@pytest.mark.parametrize(
    ("what", "lost"),
    [
        ("the cable from bl1:Ethernet44 to bs1:Ethernet4 is cut", {"bs1"}),
        ("the cable from g1:front0 to fl1:Ethernet4 is cut", set()),
        ("the spine bs1 is down", {"bs1"}),
    ],
)
def test_what_is_redundant_survives_and_convergence_is_measured(fabric: Fabric, what: str, lost: set[str]) -> None:
    chosen = [fault for fault in faults.faults(DESIGN, "all") if fault.what == what]
    (trial,) = faults.try_faults(DESIGN, fabric, chosen)
    assert trial.outcome == "passed", trial.detail
    assert isinstance(trial.facts["convergence_ms"], int)
    assert trial.facts["convergence_ms"] < 3000
    assert all(device in trial.detail[0] for device in lost)


def _only_names_the_swap(found: list[str]) -> bool:
    """LLDP needs a moment: until then an end meets nobody, or still the neighbour it had."""
    return len(found) == 1 and found[0].startswith("The cables of g1:mgmt0 and g2:mgmt0 are swapped")


def test_swapped_cables_are_named_by_lldp(fabric: Fabric) -> None:
    first, second = (link for link in fabric.topology.links if link.a.interface == "mgmt0")
    crossed = fabric.swap(first, second)
    try:
        deadline = time.monotonic() + 30
        while not _only_names_the_swap(found := failures(neighbours.check_neighbours(DESIGN, reader(fabric)))):
            assert time.monotonic() < deadline, found
            time.sleep(0.3)
    finally:
        fabric.swap(*crossed)
        for node, number in (("g1", 1), ("g2", 2)):
            on(fabric, node, f"ip addr add 10.0.0.{number}/24 dev mgmt0")
            on(fabric, "oob1", f"ip link set swp{number} master Vlan1001")


def test_a_session_that_is_shut_down_is_found(fabric: Fabric) -> None:
    shut = "vtysh -c 'conf t' -c 'router bgp 4210001001' -c '{} neighbor Ethernet44 shutdown'"
    on(fabric, "bl1", shut.format(""))
    try:
        found = failures(sessions.check_sessions(DESIGN, reader(fabric)))
        assert any(line.startswith("bl1 has the ipv4Unicast session with bs1") for line in found)
        assert any(
            "bl1 reaches 10.128.0.2/32 over Ethernet48" in line
            for line in failures(routes.check_routes(DESIGN, reader(fabric)))
        )
    finally:
        on(fabric, "bl1", shut.format("no"))
        assert failures(routes.check_routes(DESIGN, reader(fabric), patience=20)) == []


def test_a_black_hole_and_a_back_door_are_both_found(fabric: Fabric) -> None:
    on(fabric, "bl1", "ip route add blackhole 10.128.4.1/32")
    for spine, other in (("bs1", "10.128.255.2"), ("bs2", "10.128.255.1")):
        gateway = "$(ip -6 neigh show dev Ethernet4 | awk '/^fe80/ {print $1; exit}')"
        on(fabric, spine, f"ip route add {other}/32 via inet6 {gateway} dev Ethernet4")
    try:
        found = failures(reachability.try_reachability(DESIGN, fabric, patience=0))
        assert "g1 (10.128.2.1) to g2 (10.128.4.1): does not answer" in found
        assert "bs1 (10.128.255.1) to bs2 (10.128.255.2): answers" in found
    finally:
        on(fabric, "bl1", "ip route del blackhole 10.128.4.1/32")
        on(fabric, "bs1", "ip route del 10.128.255.2/32")
        on(fabric, "bs2", "ip route del 10.128.255.1/32")


@pytest.mark.parametrize(
    ("size", "verdict"), [(MTU["backend"] - 100, "loses them"), (MTU["backend"] + 100, "passes them")]
)
def test_an_mtu_that_is_not_the_designed_one_is_found(fabric: Fabric, size: int, verdict: str) -> None:
    ports = [
        (end.node, end.interface) for link in fabric.topology.links for end in link.ends if link.a.interface != "mgmt0"
    ]
    for node, interface in ports:
        on(fabric, node, f"ip link set {interface} mtu {size}")
    try:
        found = failures(mtu.try_mtu(DESIGN, fabric, patience=0))
        assert f"g1 (10.128.2.1) to g2 (10.128.4.1): {verdict}" in found
    finally:
        for node, interface in ports:
            on(fabric, node, f"ip link set {interface} mtu {MTU['backend']}")


def test_a_host_that_does_not_mark_and_one_that_marks_too_much_are_found(fabric: Fabric) -> None:
    on(fabric, "g1", "nft flush table inet podwright")
    on(fabric, "g2", f"nft add rule inet podwright output udp dport 4792 ip dscp set {DSCP}")
    try:
        found = failures(marking.try_marking(DESIGN, fabric))
        assert "g1 (10.128.2.1) to g2 (10.128.4.1): UDP 4791 arrives with DSCP 0, designed 26" in found
        assert "g2 (10.128.4.1) to g1 (10.128.2.1): UDP 4792 arrives with DSCP 26, designed 0" in found
    finally:
        for node in ("g1", "g2"):
            on(fabric, node, "nft flush ruleset; nft -f /etc/nftables.conf")


CLEAR_ECN = (
    "nft add table inet wrong; nft add chain inet wrong out '{ type filter hook postrouting priority 0; }'; "
    + (f"nft add rule inet wrong out ip dscp {DSCP} ip ecn set not-ect")
)


def test_a_spine_that_clears_ecn_is_found(fabric: Fabric) -> None:
    for spine in ("bs1", "bs2"):
        on(fabric, spine, CLEAR_ECN)
    try:
        found = failures(marking.try_marking(DESIGN, fabric))
        lost = [line.partition(": sent with ")[2] for line in found]
        assert [line.partition(",")[0] for line in lost] == [f"DSCP 26 and {ecn}" for ecn in ("ECT(1)", "ECT(0)", "CE")]
        assert all(line.endswith("arrive with DSCP 26 and Not-ECT") for line in lost)
    finally:
        for spine in ("bs1", "bs2"):
            on(fabric, spine, "nft delete table inet wrong")


RELOAD = "nft delete table inet podwright_qos; nft -f /etc/qos.nft"
SPEED = "tc class show dev Ethernet0; nft list table inet podwright_qos"


@pytest.mark.parametrize(
    ("wrong", "mended", "said"),
    [
        (
            CLEAR_ECN,
            "nft delete table inet wrong",
            [
                r"bl1:Ethernet0: \d+ of \d+ packets arrive with Not-ECT, sent with ECT\(0\)",
                r"bl1:Ethernet0: none of \d+ packets of the class arrive with CE",
            ],
        ),
        (
            "nft flush chain inet podwright_qos congested",
            RELOAD,
            [r"bl1:Ethernet0: none of \d+ packets of the class arrive with CE"],
        ),
        (
            "nft delete table inet podwright_qos; sed s/504f:16/504f:13/ /etc/qos.nft | nft -f -",
            RELOAD,
            [
                r"bl1:Ethernet0: \d+ of \d+ notifications arrive with CE",
                r"bl1:Ethernet0: of \d+ notifications \d+ are lost and \d+ more than 200 ms late",
            ],
        ),
        (
            "nft insert rule inet podwright_qos egress ip dscp 26 ip ecn not-ect ip ecn set ect0",
            RELOAD,
            [r"bl1:Ethernet0: \d+ of \d+ packets arrive with (ECT\(0\)|CE), sent with Not-ECT"],
        ),
        (
            "nft add rule inet podwright_qos egress ip dscp 26 ip ecn ect0 ip ecn set ce",
            RELOAD,
            [r"bl1:Ethernet0: \d+ of \d+ packets arrive with CE, sent with ECT\(0\)"],
        ),
        (
            "tc qdisc del dev Ethernet0 root",
            "tc -batch /etc/qos.tc",
            [r"tc shows no class 504f:1 on Ethernet0 of bl1"],
        ),
    ],
    ids=["ECN cleared", "nothing marked", "one queue for both", "ECT added", "marked too early", "no queues"],
)
def test_a_port_that_does_not_tell_congestion_is_found(
    fabric: Fabric, wrong: str, mended: str, said: list[str]
) -> None:
    before = on(fabric, "bl1", SPEED)
    on(fabric, "bl1", wrong)
    try:
        found = failures(congestion.try_congestion(DESIGN, fabric))
    finally:
        on(fabric, "bl1", mended)
    assert len(set(found)) >= len(said)
    assert all(any(re.fullmatch(pattern, line) for pattern in said) for line in found), found
    assert all(any(re.fullmatch(pattern, line) for line in found) for pattern in said), found
    assert on(fabric, "bl1", SPEED) == before


def test_a_port_has_its_speed_again_whatever_ends_the_trial(fabric: Fabric, monkeypatch: pytest.MonkeyPatch) -> None:
    before = on(fabric, "bl1", SPEED)
    slowed: list[str] = []

    def leave(*_: object) -> None:
        slowed.append(on(fabric, "bl1", SPEED))
        raise SystemExit(143)  # what SIGTERM does to the command line

    monkeypatch.setattr(congestion, "ask_node", leave)
    with pytest.raises(SystemExit):
        list(congestion.try_congestion(DESIGN, fabric))
    assert all("rate 20Mbit ceil 20Mbit" in each and "1250000 bytes/second" in each for each in slowed)
    assert slowed
    assert on(fabric, "bl1", SPEED) == before


def test_a_leaf_that_puts_all_flows_on_one_uplink_is_found(fabric: Fabric) -> None:
    on(fabric, "bl1", "echo 0 > /proc/sys/net/ipv4/fib_multipath_hash_policy")
    try:
        (found,) = failures(multipath.try_multipath(DESIGN, fabric))
        assert found.endswith("of 128 flows")
        assert found.startswith("bl1:Ethernet4")
    finally:
        on(fabric, "bl1", "echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy")


def test_what_a_lab_lacks_is_skipped_with_the_reason(pod: Lab, fabric: Fabric) -> None:
    lacking = replace(pod, missing=("htb", "lldp", "nftables"))
    trials = list(run_trials(DESIGN, lacking, fabric, families=["neighbours", "marking", "congestion"]))
    assert [(trial.group, trial.outcome) for trial in trials] == [
        ("neighbours", "skipped"),
        ("marking", "skipped"),
        ("congestion", "skipped"),
    ]
    assert trials[-1].detail == ("This kernel has no htb and no nftables, which queues are sorted by.",)
