"""What a person reads of a proof: a line where a network is free of deadlock, else the circle, hop by hop."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from network.nets import ROCE, network
from pods import backend, blueprint, catalog, pod
from podwright.check import deadlock_findings, proof_in_a_line, prove_deadlocks
from podwright.design import design
from podwright.model.design import Design, Link, Session
from podwright.model.report import Severity
from podwright.network import prove_free_of_deadlock
from podwright.pipeline import check_pod

ROOT = Path(__file__).resolve().parents[2]
RING, EACH = "s1-s2 s2-s3 s3-s4 s4-s1", "s1 s2 s3 s4"


def test_a_pod_says_in_a_line_what_was_proved() -> None:
    (proof,) = check_pod(ROOT / "blueprints" / "hgx-h100-32").proofs
    assert proof_in_a_line(proof) == (
        "rocev2 on backend can't deadlock, whatever fails: every route goes up the tiers and then down "
        "(768 buffers, up to 16,128 dependencies)"
    )
    assert list(deadlock_findings(proof)) == []


def test_one_switch_has_nobody_to_wait_for() -> None:
    (proof,) = check_pod(ROOT / "blueprints" / "starter-4").proofs
    assert "can't deadlock, whatever fails: no switch waits for another (" in proof_in_a_line(proof)


def test_a_searched_network_says_what_was_tried() -> None:
    proof = prove_free_of_deadlock(network("s1-s2 s2-s3 s3-s1", "s1 s2 s3"), ROCE)
    assert proof_in_a_line(proof) == (
        "roce on net can't deadlock, nor after a failure of any of 6 cables and 3 switches, each of them tried "
        "(9 buffers, 6 dependencies)"
    )


def test_a_circle_is_an_error_with_every_hop_of_it() -> None:
    (finding,) = deadlock_findings(prove_free_of_deadlock(network(RING, EACH), ROCE), "fabrics.net.lossless")
    assert (finding.code, finding.severity, finding.path) == ("DLK001", Severity.ERROR, "fabrics.net.lossless")
    assert finding.message == (
        "`roce` on `net` can deadlock as it is built: "
        "s1:s2 waits for s4:s1 (packets from h:s2 to at s4, out by s4); "
        "s4:s1 waits for s3:s4 (packets from h:s1 to at s3, out by s3); "
        "s3:s4 waits for s2:s3 (packets from h:s4 to at s2, out by s2); "
        "s2:s3 waits for s1:s2 (packets from h:s3 to at s1, out by s1)"
    )


def test_the_failure_that_makes_it_is_named_and_others_are_counted() -> None:
    (finding,) = deadlock_findings(prove_free_of_deadlock(network(f"{RING} s1-s3", EACH), ROCE))
    assert "can deadlock once the cable from s1:s3 to s3:s1 is cut: s1:s2 waits for" in finding.message
    bouncing = "l1-x l1-y l2-x l2-y l3-x l3-y l4-x"
    (finding,) = deadlock_findings(prove_free_of_deadlock(network(bouncing, "l1 l2 l3 l4"), ROCE))
    assert "is cut, as well as after 2 other failures: " in finding.message


def test_what_nobody_knows_is_a_warning() -> None:
    (finding,) = deadlock_findings(prove_free_of_deadlock(network(RING, ""), ROCE))
    assert (finding.code, finding.severity) == ("DLK002", Severity.WARNING)
    assert finding.message == (
        "nobody knows whether `roce` on `net` can deadlock: no server is known, nor where packets come from"
    )


def with_a_cable(small: Design, a: str, b: str, port: str = "extra") -> Design:
    """The design with a lossless cable and a session between two switches of its backend."""
    cable = Link(
        a_device=a, a_port=port, b_device=b, b_port=port, fabric="backend", use="fabric", gbps=400, mtu=9000, origin=""
    )  # fmt: skip
    asns = {router.device: router.asn for router in small.routers}
    session = Session(
        a_device=a,
        a_interface=port,
        a_asn=asns[a],
        b_device=b,
        b_interface=port,
        b_asn=asns[b],
        fabric="backend",
        use="fabric",
    )
    bindings = [replace(small.bindings[0], device=device, interface=port) for device in (a, b)]
    return replace(
        small,
        links=(*small.links, cable),
        sessions=(*small.sessions, session),
        bindings=(*small.bindings, *bindings),
    )


@pytest.fixture(scope="module")
def small() -> Design:
    return design(blueprint(pod(("gpu", "r2p1f0m0", 4, 1, 1), slots=2, backend=backend())), catalog()).design


def test_a_design_with_a_cable_between_leaves_is_searched(small: Design) -> None:
    leaves = [device.name for device in small.devices if device.tier == "leaf"]
    (proof,) = prove_deadlocks(with_a_cable(small, *leaves[:2]))
    assert (proof.by, proof.free) == ("search", True)
    assert proof.reason == f"{leaves[0]}:extra and {leaves[1]}:extra are joined, and of one tier"


def test_a_ring_of_leaves_beside_spines_that_are_gone_can_deadlock(small: Design) -> None:
    leaves = [device.name for device in small.devices if device.tier == "leaf"]
    assert len(leaves) == 4
    ring = replace(
        small,
        devices=tuple(device for device in small.devices if device.tier != "spine"),
        links=tuple(link for link in small.links if link.use == "host"),
        sessions=(),
        addresses=tuple(address for address in small.addresses if address.device in leaves),
        routers=tuple(router for router in small.routers if router.device in leaves),
    )
    for number, leaf in enumerate(leaves):
        ring = with_a_cable(ring, leaf, leaves[(number + 1) % 4], f"to{number}")
    (finding,) = [each for proof in prove_deadlocks(ring) for each in deadlock_findings(proof)]
    assert "can deadlock as it is built" in finding.message
