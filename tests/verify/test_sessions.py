"""BGP summaries are held against the design: missing, down, wrong and surplus sessions each have their sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from lab.tiny import ASNS, tiny_design
from podwright.model.design import Prefix
from podwright.model.report import Trial
from podwright.verify.sessions import Family, Peer, check_sessions, expected_peers

Peers = dict[str, dict[str, Any]]


def summary_of(device: str) -> dict[str, Any]:
    peers = {
        family.name: {"peers": {peer.key: {"state": "Established", "remoteAs": peer.asn} for peer in of_family}}
        for family, of_family in expected_peers(tiny_design())[device].items()
    }
    return {**peers, "ipv6Unicast": {}}


def check_bl1(peers: Peers) -> Trial:
    def run(device: str, _argv: Sequence[str]) -> str:
        summary = summary_of(device)
        if device == "bl1":
            summary["ipv4Unicast"] = {"peers": peers}
        return json.dumps({"default": summary})

    trials = list(check_sessions(tiny_design(), run))
    assert [trial.outcome for trial in trials if "bl1" not in trial.claim] == ["passed"] * (len(ASNS) - 1)
    return next(trial for trial in trials if "bl1" in trial.claim)


def good_peers() -> Peers:
    peers: Peers = summary_of("bl1")["ipv4Unicast"]["peers"]
    return peers


def test_all_sessions_up_passes() -> None:
    trial = check_bl1(good_peers())
    assert trial.outcome == "passed"
    assert trial.facts == {"sessions": 2}


def test_a_missing_session_is_named_with_its_neighbour() -> None:
    peers = good_peers()
    del peers["Ethernet44"]
    assert check_bl1(peers).detail == ("bl1 has no ipv4Unicast session with bs1 (Ethernet44)",)


def test_a_session_that_is_down_tells_its_state() -> None:
    peers = good_peers() | {"Ethernet44": {"state": "Active", "remoteAs": ASNS["bs1"]}}
    assert check_bl1(peers).detail == ("bl1 has the ipv4Unicast session with bs1 (Ethernet44) in state Active",)


def test_a_wrong_neighbour_tells_its_as() -> None:
    peers = good_peers() | {"Ethernet44": {"state": "Established", "remoteAs": 65000}}
    assert check_bl1(peers).detail == ("bl1 meets AS 65000 at Ethernet44, designed 4220001000 (bs1)",)


def test_a_session_that_nobody_designed_is_named() -> None:
    peers = good_peers() | {"192.0.2.1": {"state": "Established", "remoteAs": 65000}}
    assert check_bl1(peers).detail == ("bl1 has a ipv4Unicast session that is not designed, with 192.0.2.1",)


def test_an_unnumbered_session_of_a_fabric_with_ipv6_carries_both_families() -> None:
    design = tiny_design()
    pool6 = Prefix(prefix="fd00::/32", use="pool", fabric="backend")
    peers = expected_peers(replace(design, prefixes=(*design.prefixes, pool6)))
    assert peers["bl1"][Family("ipv6Unicast")] == peers["bl1"][Family("ipv4Unicast")]
    assert Family("ipv6Unicast") not in peers["fl1"]


def test_a_numbered_session_is_known_by_the_address_of_the_other_end() -> None:
    design = tiny_design()
    numbered = [
        replace(session, a_address="10.1.0.0", b_address="10.1.0.1") if session.a_device == "fl1" else session
        for session in design.sessions
    ]
    peers = expected_peers(replace(design, sessions=tuple(numbered)))
    assert Peer("10.1.0.1", ASNS["fs1"], "fs1") in peers["fl1"][Family("ipv4Unicast")]
    assert Peer("10.1.0.0", ASNS["fl1"], "fl1") in peers["fs1"][Family("ipv4Unicast")]


def test_a_router_that_nobody_asks_is_skipped_and_its_sessions_are_told_of_from_the_other_end() -> None:
    def run(device: str, _argv: Sequence[str]) -> str:
        assert device != "fl1"
        summary = summary_of(device)
        if device == "g1":
            summary["ipv4Unicast"]["peers"]["front0"]["state"] = "Active"
        return json.dumps({"default": summary})

    trials = list(check_sessions(tiny_design(), run, unasked={"fl1": "It runs another system."}))
    wrong = {trial.claim.split()[5]: (trial.outcome, trial.detail) for trial in trials if trial.outcome != "passed"}
    assert wrong == {
        "fl1": ("skipped", ("It runs another system.",)),
        "g1": ("failed", ("g1 has the ipv4Unicast session with fl1 (front0) in state Active",)),
    }
