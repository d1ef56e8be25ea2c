"""LLDP is held against the cabling; a swap of two cables is told as one thing, not as four."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lab.tiny import tiny_design
from podwright.errors import PodwrightError
from podwright.model.report import Trial
from podwright.verify.neighbours import Cabling, End, check_neighbours, expected_cabling, neighbours_of, swapped


def heard(cabling: Cabling, device: str) -> str:
    """What `lldpcli -f json0 show neighbors` prints on a device."""
    interfaces = [
        {
            "name": end.interface,
            "via": "LLDP",
            "chassis": [{"id": [{"type": "mac", "value": "x"}], "name": [{"value": other.device}]}],
            "port": [{"id": [{"type": "ifname", "value": other.interface}]}],
        }
        for end, other in cabling.items()
        if end.device == device
    ]
    return json.dumps({"lldp": [{"interface": interfaces}] if interfaces else [{}]})


def check(cabling: Cabling, *, silent: str = "") -> tuple[Trial, dict[str, Trial]]:
    def run(device: str, _argv: Sequence[str]) -> str:
        if device == silent:
            raise PodwrightError(f"{device} runs no LLDP.")
        return heard(cabling, device)

    swaps, *rest = check_neighbours(tiny_design(), run)
    return swaps, {trial.claim.split()[0]: trial for trial in rest}


def connect(cabling: Cabling, a: End, b: End) -> Cabling:
    return cabling | {a: b, b: a}


def test_cables_as_designed_pass() -> None:
    swaps, rest = check(expected_cabling(tiny_design()))
    assert swaps.outcome == "passed"
    assert {trial.outcome for trial in rest.values()} == {"passed"}


def test_two_swapped_cables_are_one_complaint_that_names_both() -> None:
    design = expected_cabling(tiny_design())
    first, second = End("g1", "rail0"), End("g2", "rail0")
    seen = connect(connect(design, first, design[second]), second, design[first])
    swaps, rest = check(seen)
    assert swaps.detail == (
        "The cables of bl1:Ethernet0 and bl2:Ethernet0 are swapped: "
        "bl1:Ethernet0 meets g2:rail0, bl2:Ethernet0 meets g1:rail0",
    )
    assert {trial.outcome for trial in rest.values()} == {"passed"}


def test_two_swaps_are_told_apart() -> None:
    design = expected_cabling(tiny_design())
    seen = dict(design)
    for port in ("rail0", "front0"):
        first, second = End("g1", port), End("g2", port)
        seen = connect(connect(seen, first, design[second]), second, design[first])
    assert len(list(swapped(design, seen))) == 2


def test_a_cable_that_is_not_there_is_named_at_both_ends() -> None:
    seen = expected_cabling(tiny_design())
    del seen[seen.pop(End("bl1", "Ethernet44"))]
    swaps, rest = check(seen)
    assert swaps.outcome == "passed"
    assert rest["bl1"].detail == ("bl1:Ethernet44 meets nobody, designed bs1:Ethernet4",)
    assert rest["bs1"].detail == ("bs1:Ethernet4 meets nobody, designed bl1:Ethernet44",)


def test_what_nobody_told_of_is_not_claimed() -> None:
    def mute(device: str, _argv: Sequence[str]) -> str:
        raise PodwrightError(f"{device} is unreachable.")

    def deaf(_device: str, _argv: Sequence[str]) -> str:
        return json.dumps({"lldp": [{}]})

    for run, reason in (
        (mute, "No device could be asked for its neighbours."),
        (deaf, "No device has heard from a neighbour."),
    ):
        swaps, *rest = check_neighbours(tiny_design(), run)
        assert (swaps.outcome, swaps.detail) == ("skipped", (reason,))
        assert {trial.outcome for trial in rest} == {"failed"}


def test_a_part_that_answers_counts_itself_only() -> None:
    expected = expected_cabling(tiny_design())
    own = [end for end in expected if end.device == "bl1"]

    def run(device: str, _argv: Sequence[str]) -> str:
        if device != "bl1":
            raise PodwrightError(f"{device} is unreachable.")
        return heard(expected, device)

    swaps, *_ = check_neighbours(tiny_design(), run)
    assert swaps.claim == f"No two of the {len(own)} cables that devices tell of, of {len(expected) // 2}, are swapped"
    assert (swaps.outcome, swaps.facts) == ("passed", {"cables": len(own)})


def test_a_device_without_lldp_fails_with_its_own_words() -> None:
    _, rest = check(expected_cabling(tiny_design()), silent="bl1")
    assert rest["bl1"].detail == ("bl1 runs no LLDP.",)


def test_a_domain_name_behind_the_neighbour_is_no_difference() -> None:
    answer = heard({End("a", "eth0"): End("b.example.net", "eth1")}, "a")
    assert neighbours_of(lambda _device, _argv: answer, "a") == {End("a", "eth0"): End("b", "eth1")}
