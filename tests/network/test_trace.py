"""Every equal path of a flow, before and after failures: each hop with its way in and its ways on."""

from __future__ import annotations

from podwright.model.network import Network, Static
from podwright.network import INTACT, End, Failure, Graph
from podwright.network.graph import cut, down
from podwright.network.trace import Aim, Way, route

from .nets import network

LEAVES = "leaf1 leaf2 leaf3"
CLOS = "leaf1-spine1 leaf1-spine1' leaf1-spine2 leaf2-spine1 leaf2-spine2 leaf3-spine1 leaf3-spine2"
ONE_AS = {"spine1": 65100, "spine2": 65100}


def way(net: Network, source: str, target: str, failure: Failure = INTACT) -> Way:
    return route(Graph(net), f"h:{source}", ("nic",), Aim(f"h:{target}", "nic", f"at {target}"), failure)


def hops(traced: Way) -> list[tuple[str, str, list[str]]]:
    return [(step.device, step.port, [out.port for out in step.outs]) for step in traced.steps]


def test_every_equal_next_hop_is_followed_and_parallel_cables_count() -> None:
    traced = way(network(CLOS, LEAVES, asns=ONE_AS), "leaf1", "leaf2")
    assert hops(traced) == [
        ("h:leaf1", "", ["nic"]),
        ("leaf1", "host", ["spine1", "spine1'", "spine2"]),
        ("spine1", "leaf1", ["leaf2"]),
        ("spine1", "leaf1'", ["leaf2"]),
        ("spine2", "leaf1", ["leaf2"]),
        ("leaf2", "spine1", ["host"]),
        ("leaf2", "spine2", ["host"]),
        ("h:leaf2", "nic", []),
    ]
    assert [step.device for step in traced.chosen()] == ["h:leaf1", "leaf1", "spine1", "leaf2", "h:leaf2"]
    assert not traced.lost
    assert not traced.circles


def test_a_cut_cable_is_gone_round() -> None:
    net = network(CLOS, LEAVES, asns=ONE_AS)
    (wire,) = [each for each in net.wires if {each.a_device, each.b_device} == {"leaf2", "spine1"}]
    traced = way(net, "leaf1", "leaf2", cut(wire))
    assert hops(traced)[1] == ("leaf1", "host", ["spine2"])
    assert not traced.lost


def test_what_has_no_way_left_is_lost_where_the_routes_end() -> None:
    net = network(CLOS, LEAVES, asns=ONE_AS)
    spines = Failure(devices=frozenset({"spine1", "spine2"}))
    assert [step.device for step in way(net, "leaf1", "leaf2", spines).lost] == ["leaf1"]
    (wire,) = [each for each in net.wires if each.a_device == "h:leaf2"]
    assert {step.device for step in way(net, "leaf1", "leaf2", cut(wire)).lost} == {"leaf2"}
    assert [step.device for step in way(net, "leaf1", "leaf2", down("h:leaf1")).lost] == ["h:leaf1"]


def test_routes_that_lead_round_are_told_from_those_that_arrive() -> None:
    statics = [Static("s1", "at s3", ("s2",)), Static("s2", "at s3", ("s1",))]
    traced = way(network("s1-s2 s2-s3", "s1 s2 s3", statics=statics), "s1", "s3")
    assert traced.circles
    assert [(step.device, step.port) for step in traced.chosen()][-1] == End("s1", "s2")


def test_a_device_without_a_port_sends_as_its_routes_say() -> None:
    traced = route(Graph(network(CLOS, LEAVES, asns=ONE_AS)), "leaf1", (), Aim("h:leaf3", "nic", "at leaf3"))
    assert hops(traced)[0] == ("leaf1", "", ["spine1", "spine1'", "spine2"])
