"""The kernel's routes are compared next hop by next hop."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lab.tiny import HOSTS, tiny_design
from podwright.errors import PodwrightError
from podwright.verify.routes import check_routes, expected_routes, kernel_routes
from podwright.verify.tenancy import OWN


def test_a_leaf_must_have_loopbacks_and_aggregates_over_all_spines() -> None:
    table = expected_routes(tiny_design())["bl1", OWN]
    assert table == {
        "10.128.255.1/32": {"Ethernet44"},
        "10.128.255.2/32": {"Ethernet48"},
        "10.128.0.2/32": {"Ethernet44", "Ethernet48"},
        "10.128.4.0/24": {"Ethernet44", "Ethernet48"},
    }


def test_a_server_is_told_its_pool_only_over_both_leaves() -> None:
    assert expected_routes(tiny_design())["g1", OWN] == {HOSTS: {"front0", "front1"}}


def test_a_remote_leaf_has_a_server_over_one_spine_and_its_own_leaf_directly() -> None:
    tables = expected_routes(tiny_design())
    assert tables["fl1", OWN]["10.16.1.1/32"] == {"Ethernet4"}
    assert tables["fs1", OWN]["10.16.1.1/32"] == {"Ethernet4", "Ethernet8"}


def test_the_kernels_spelling_is_understood() -> None:
    routes = [
        {"dst": "default", "dev": "eth0"},
        {"dst": "10.0.0.1", "nexthops": [{"dev": "a"}, {"dev": "b"}]},
        {"dst": "10.0.1.0/24", "type": "blackhole"},
    ]
    table = kernel_routes(lambda _device, _argv: json.dumps(routes), "x", ipv6=False)
    assert table == {"0.0.0.0/0": {"eth0"}, "10.0.0.1/32": {"a", "b"}, "10.0.1.0/24": {""}}


def test_a_missing_next_hop_and_a_silent_device_are_named() -> None:
    def run(device: str, _argv: Sequence[str]) -> str:
        if device == "bl2":
            raise PodwrightError("bl2 does not answer.")
        expected = expected_routes(tiny_design())[device, OWN]
        routes = [{"dst": prefix, "nexthops": [{"dev": hop} for hop in hops]} for prefix, hops in expected.items()]
        if device == "bl1":
            routes = [
                route | {"nexthops": [{"dev": "Ethernet44"}]} for route in routes if route["dst"] != "10.128.255.2/32"
            ]
        return json.dumps(routes)

    trials = {trial.claim.split()[3]: trial for trial in check_routes(tiny_design(), run)}
    assert trials["bl1"].detail == (
        "bl1 reaches 10.128.0.2/32 over Ethernet44, designed Ethernet44, Ethernet48",
        "bl1 reaches 10.128.255.2/32 over nothing, designed Ethernet48",
        "bl1 reaches 10.128.4.0/24 over Ethernet44, designed Ethernet44, Ethernet48",
    )
    assert trials["bl2"].detail == ("bl2 does not answer.",)
    assert trials["g1"].outcome == "passed"


def test_a_router_that_nobody_asks_is_skipped_and_one_that_was_asked_in_vain_fails() -> None:
    def run(device: str, _argv: Sequence[str]) -> str:
        assert device != "fl1"
        raise PodwrightError(f"{device} does not answer.")

    trials = {
        trial.claim.split()[3]: trial for trial in check_routes(tiny_design(), run, unasked={"fl1": "Not asked."})
    }
    assert (trials["fl1"].outcome, trials["fl1"].detail) == ("skipped", ("Not asked.",))
    assert {trial.outcome for name, trial in trials.items() if name != "fl1"} == {"failed"}
