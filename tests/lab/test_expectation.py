"""What the design promises about reachability, whole and broken, as a pure function of its tables."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from podwright.errors import LabError
from podwright.lab.trials import faults, marking, multipath
from podwright.lab.trials.expectation import Broken, Endpoint, Expectation, Pair
from podwright.model.design import Address, Attachment, Design, Prefix

from .tiny import tiny_design


def endpoint(expectation: Expectation, device: str, interface: str = "lo") -> Endpoint:
    return next(end for end in expectation.endpoints if (end.device, end.interface) == (device, interface))


def connects(expectation: Expectation, source: tuple[str, str], target: tuple[str, str]) -> bool:
    return expectation.reachable(Pair(endpoint(expectation, *source), endpoint(expectation, *target)))


def cut(design: Design, device: str, port: str) -> Broken:
    return Broken(frozenset(link for link in design.links if (link.a_device, link.a_port) == (device, port)))


def test_rails_and_leaves_meet_and_spines_of_a_tier_do_not() -> None:
    whole = Expectation(tiny_design())
    assert connects(whole, ("g1", "rail0"), ("g2", "rail0"))
    assert connects(whole, ("g1", "rail0"), ("bs2", "lo"))
    assert connects(whole, ("bl1", "lo"), ("bl2", "lo"))
    spines = Pair(endpoint(whole, "bs1"), endpoint(whole, "bs2"))
    assert not whole.reachable(spines)
    assert whole.kept_apart(spines)


def test_only_addresses_of_one_space_are_compared() -> None:
    whole = Expectation(tiny_design())
    assert all(pair.source.spaces & pair.target.spaces for pair in whole.pairs())
    fabrics = {(pair.source.fabric, pair.target.fabric) for pair in whole.pairs()}
    assert fabrics == {("backend", "backend"), ("front", "front"), ("oob", "oob")}


def test_an_uplink_is_redundant_where_there_are_two_spines_and_not_where_there_is_one() -> None:
    design = tiny_design()
    assert connects(Expectation(design, cut(design, "bl1", "Ethernet44")), ("g1", "rail0"), ("g2", "rail0"))
    assert not connects(Expectation(design, cut(design, "fl1", "Ethernet40")), ("fl1", "lo"), ("fl2", "lo"))


def test_a_rail_hangs_on_its_one_cable_and_a_server_on_either_of_two() -> None:
    design = tiny_design()
    assert not connects(Expectation(design, cut(design, "g1", "rail0")), ("g1", "rail0"), ("g2", "rail0"))
    assert connects(Expectation(design, cut(design, "g1", "front0")), ("g1", "lo"), ("g2", "lo"))


def test_a_path_that_is_there_by_luck_only_is_neither_promised_nor_forbidden() -> None:
    """Without a spine a server may hand a packet for one leaf to the other, which knows no way."""
    design = tiny_design()
    spineless = replace(design, sessions=tuple(each for each in design.sessions if each.b_device != "fs1"))
    expectation = Expectation(spineless)
    lucky = Pair(endpoint(expectation, "g1"), endpoint(expectation, "fl2"))
    assert not expectation.reachable(lucky)
    assert not expectation.kept_apart(lucky)


def test_bridged_devices_meet_while_their_bridge_stands() -> None:
    design = tiny_design()
    assert connects(Expectation(design), ("g1", "mgmt0"), ("g2", "mgmt0"))
    assert not connects(Expectation(design, cut(design, "g1", "mgmt0")), ("g1", "mgmt0"), ("g2", "mgmt0"))
    assert not connects(Expectation(design, Broken(devices=frozenset({"oob1"}))), ("g1", "mgmt0"), ("g2", "mgmt0"))


def test_a_sample_of_faults_has_one_of_each_kind_and_all_has_every_cable_and_switch() -> None:
    design = tiny_design()
    sample = [fault.what for fault in faults.faults(design, "sample")]
    assert len(sample) == 8
    assert "the spine bs1 is down" in sample
    routed = [link for link in design.links if link.fabric != "oob"]
    switches = [device for device in design.devices if device.kind == "switch" and device.fabric != "oob"]
    assert len(list(faults.faults(design, "all"))) == len(routed) + len(switches)


def test_pairs_watched_during_a_fault_start_next_to_it() -> None:
    design = tiny_design()
    broken = cut(design, "bl1", "Ethernet44")
    damaged = Expectation(design, broken)
    redundant = [pair for pair in damaged.pairs() if damaged.reachable(pair)]
    watched = faults.watched_pairs(design, redundant, broken)
    assert watched
    assert all(pair.source.homes & {"bl1", "bs1"} for pair in watched)


def test_courses_cover_every_leaf_with_several_ways_and_every_marking_server() -> None:
    design = tiny_design()
    assert {course.leaf: course.uplinks for course in multipath.courses(design)} == {
        "bl1": ("Ethernet44", "Ethernet48"),
        "bl2": ("Ethernet44", "Ethernet48"),
    }
    assert [(course.sender, course.receiver) for course in marking.courses(design)] == [("g1", "g2"), ("g2", "g1")]


def test_flows_between_two_rails_never_stay_on_one_server() -> None:
    """Both rails of a server are its own addresses: packets between them would never see a cable."""
    design = tiny_design()
    second = Attachment(
        device="g1",
        interface="rail1",
        nic="x",
        pci="",
        fabric="backend",
        plane=1,
        rail=1,
        role="",
        mode="routed",
        addressed_by="host",
        leaf="bl2",
        leaf_port="Ethernet8",
        origin="",
    )
    address = Address(device="g1", interface="rail1", address="10.128.4.3/31", fabric="backend")
    wider = replace(design, attachments=(*design.attachments, second), addresses=(address, *design.addresses))
    assert all(course.pair.source.device != course.pair.target.device for course in multipath.courses(wider))


def test_a_fault_is_told_before_it_is_made() -> None:
    class Gone:
        def __getattr__(self, _name: str) -> object:
            raise LabError("the lab is gone")

    fabric: Any = Gone()
    told: list[str] = []
    chosen = next(iter(faults.faults(tiny_design(), "sample")))
    with pytest.raises(LabError):
        next(faults.try_faults(tiny_design(), fabric, [chosen], told.append))
    assert told == [f"faults: 0 done, now {chosen.what}"]


def with_router_outside(*, speaks_ipv6: bool) -> Design:
    """The tiny pod with both families in its backend, whose two spines one router outside joins."""
    design = tiny_design()
    plan = next(each for each in design.fabrics if each.name == "backend")
    template = next(each for each in design.sessions if each.fabric == "backend")
    sessions = tuple(
        replace(
            template,
            a_device="edge",
            a_interface=f"eth{number}",
            a_asn=64999,
            b_device=f"bs{number}",
            b_interface="Ethernet508",
            b_asn=4220001000,
            use="outside",
            a_address=f"192.0.2.{2 * number}",
            b_address=f"192.0.2.{2 * number + 1}",
            a_address6=f"fd00::{2 * number}" if speaks_ipv6 else "",
            b_address6=f"fd00::{2 * number + 1}" if speaks_ipv6 else "",
        )
        for number in (1, 2)
    )
    switch = next(each for each in design.devices if each.name == "bs1")
    loopbacks = {each.device: each.interface for each in design.addresses if each.device in ("bs1", "bs2", "bl1")}
    names = {each.device: each.name for each in design.interfaces if each.kind == "loopback"}
    assert set(loopbacks) <= set(names)
    addresses = tuple(
        Address(device=name, interface=names[name], address=f"fd10:128::{number}/128", fabric="backend")
        for number, name in enumerate(("bs1", "bs2", "bl1"), 1)
    )
    return replace(
        design,
        devices=(*design.devices, replace(switch, name="edge", kind="outside", tier="outside", role="outside")),
        prefixes=(*design.prefixes, Prefix(prefix="fd10:128::/48", use="pool", fabric=plan.name)),
        addresses=(*design.addresses, *addresses),
        sessions=(*design.sessions, *sessions),
    )


def loopback_pair(expectation: Expectation, source: str, target: str, *, ipv6: bool) -> Pair:
    ends = {end.device: end for end in expectation.endpoints if (":" in end.address) == ipv6 and end.interface == "lo"}
    return Pair(ends[source], ends[target])


def test_a_router_outside_joins_spines_in_the_families_that_it_speaks() -> None:
    """Spines of a plane refuse each other's routes, and meet through a router outside that has learned both."""
    both, old = (Expectation(with_router_outside(speaks_ipv6=speaks)) for speaks in (True, False))
    for expectation in (both, old):
        assert expectation.reachable(loopback_pair(expectation, "bs1", "bs2", ipv6=False))
        assert expectation.reachable(loopback_pair(expectation, "bs1", "bl1", ipv6=True))
    assert both.reachable(loopback_pair(both, "bs1", "bs2", ipv6=True))
    spines = loopback_pair(old, "bs1", "bs2", ipv6=True)
    assert not old.reachable(spines)
    assert old.kept_apart(spines)
