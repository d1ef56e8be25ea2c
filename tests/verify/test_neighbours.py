"""LLDP is held against the cabling; a swap of two cables is told as one thing, not as four."""

from __future__ import annotations

import json
from collections.abc import Sequence

from msgspec.structs import replace

from lab.tiny import tiny_design
from podwright.errors import PodwrightError
from podwright.model.design import Design, Port
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


def check_without(unasked: dict[str, str], design: Design, seen: Cabling) -> dict[str, Trial]:
    """The trials by device, or `No` for that about swaps, where nobody may ask those `unasked`."""

    def run(device: str, _argv: Sequence[str]) -> str:
        assert device not in unasked
        return heard(seen, device)

    return {trial.claim.split()[0]: trial for trial in check_neighbours(design, run, unasked=unasked)}


def with_slashes(device: str) -> Design:
    """The tiny design, with ports of a device as EOS spells them."""
    design = tiny_design()
    return replace(
        design,
        links=tuple(
            replace(link, b_port=link.b_port.replace("Ethernet", "Ethernet1/")) if link.b_device == device else link
            for link in design.links
        ),
    )


def with_a_router_outside(device: str) -> Design:
    design = tiny_design()
    return replace(
        design,
        devices=tuple(replace(each, kind="outside") if each.name == device else each for each in design.devices),
    )


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


def test_a_device_that_nobody_asks_is_skipped_and_its_cables_are_told_of_from_the_other_end() -> None:
    design = with_slashes("fl1")
    announced = {End("g1", "front0"): End("fl1", "Ethernet1/4"), End("g2", "front0"): End("fl1", "Ethernet1/8")}
    unasked = dict.fromkeys(("fl1", "fs1"), "It runs another system.")
    trials = check_without(unasked, design, expected_cabling(design) | announced)
    assert {(trials[name].outcome, trials[name].detail) for name in unasked} == {
        ("skipped", ("It runs another system.",))
    }
    assert {trial.outcome for name, trial in trials.items() if name not in unasked} == {"passed"}
    assert trials["No"].claim == "No two of the 13 cables that devices tell of, of 14, are swapped"


def test_a_wrong_cable_of_a_device_that_nobody_asks_fails_at_the_other_end() -> None:
    design = with_slashes("fl1")
    wrong = {End("g1", "front0"): End("fl1", "Ethernet1/12")}
    trials = check_without({"fl1": "It runs another system."}, design, expected_cabling(design) | wrong)
    assert trials["g1"].detail == ("g1:front0 meets fl1:Ethernet1_12, designed fl1:Ethernet1_4",)
    assert trials["fl1"].outcome == "skipped"


def test_what_a_router_outside_calls_itself_is_claimed_only_where_it_is_asked() -> None:
    design = with_a_router_outside("fs1")
    theirs = {End("fl1", "Ethernet40"): End("core-7", "xe-0/0/1")}
    seen = expected_cabling(design) | theirs
    asked = check_without({}, design, seen)
    unasked = check_without({"fs1": "Somebody else's."}, design, seen)
    assert asked["fl1"].detail == ("fl1:Ethernet40 meets core-7:xe-0_0_1, designed fs1:Ethernet4",)
    assert (asked["fl1"].facts, unasked["fl1"].facts) == ({"cables": 3}, {"cables": 2})
    assert unasked["fs1"].outcome == "skipped"
    assert {trial.outcome for name, trial in unasked.items() if name != "fs1"} == {"passed"}


def test_the_cable_of_a_baseboard_controller_is_nobodys_claim() -> None:
    design = tiny_design()
    controllers = tuple(
        replace(link, a_port="bmc", b_port=f"{link.b_port}9") for link in design.links if link.a_port == "mgmt0"
    )
    assert len(controllers) == 2
    assert expected_cabling(replace(design, links=(*design.links, *controllers))) == expected_cabling(design)


def test_a_port_is_known_by_its_alias_too_as_sonic_announces_it() -> None:
    alias = Port(device="bl1", name="Ethernet0", alias="etp1", use="host", gbps=400, origin="")
    design = replace(tiny_design(), ports=(alias,))
    announced = {End("g1", "rail0"): End("bl1", "etp1"), End("g2", "rail0"): End("bl2", "etp1")}
    trials = check_without({}, design, expected_cabling(design) | announced)
    assert trials["g1"].outcome == "passed"
    assert trials["g2"].detail == ("g2:rail0 meets bl2:etp1, designed bl2:Ethernet0",)
