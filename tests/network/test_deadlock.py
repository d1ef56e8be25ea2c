"""Circles of pauses: the classic ones are found hop by hop, with the failure that makes them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from podwright.model.network import DeadlockProof, Destination, Network, Static, Terms
from podwright.network import prove_free_of_deadlock

from .nets import ROCE, VALLEY_FREE, network

RING = "s1-s2 s2-s3 s3-s4 s4-s1"
LEAVES = ("leaf1", "leaf2", "leaf3", "leaf4")
HALF_HOMED = "leaf1-spine1 leaf1-spine2 leaf2-spine1 leaf2-spine2 leaf3-spine1 leaf3-spine2 leaf4-spine1"
"""leaf4 has one uplink. Once leaf1 has lost its cable to spine1, packets between the two bounce off a leaf."""


def circles(proof: DeadlockProof) -> dict[str, list[str]]:
    """The buffers of each circle, by the failure that makes it."""
    return {each.failure: [f"{wait.device}:{wait.port}" for wait in each.cycle] for each in proof.deadlocks}


def proved(net: Network) -> DeadlockProof:
    return prove_free_of_deadlock(net, ROCE)


def test_four_switches_in_a_ring_wait_for_each_other() -> None:
    assert circles(proved(network(RING, "s1 s2 s3 s4"))) == {"": ["s1:s2", "s4:s1", "s3:s4", "s2:s3"]}


def test_three_switches_in_a_ring_are_free() -> None:
    """They reach each other directly: only packets fresh from servers wait for a next switch."""
    proof = proved(network("s1-s2 s2-s3 s3-s1", "s1 s2 s3"))
    assert (proof.by, proof.free, proof.dependencies) == ("search", True, 6)
    assert (proof.buffers, proof.links, proof.switches) == (9, 6, 3)


def test_a_ring_with_a_chord_is_free_until_the_chord_is_cut() -> None:
    found = circles(proved(network(f"{RING} s1-s3", "s1 s2 s3 s4")))
    assert found == {"the cable from s1:s3 to s3:s1 is cut": ["s1:s2", "s4:s1", "s3:s4", "s2:s3"]}


def test_a_bounce_after_a_failure_closes_the_circle_of_four_switches() -> None:
    """The figure of Hu et al. 2016: up, down, up again at a leaf, down; two spines and two leaves wait in a circle."""
    proof = proved(network(HALF_HOMED, " ".join(LEAVES)))
    failure = "the cable from leaf1:spine1 to spine1:leaf1 is cut"
    assert circles(proof)[failure] == ["leaf2:spine1", "spine2:leaf2", "leaf3:spine2", "spine1:leaf3"]
    (deadlock,) = [each for each in proof.deadlocks if each.failure == failure]
    bounce = deadlock.cycle[0]
    assert (bounce.out, bounce.to_device, bounce.to_port) == ("spine2", "spine2", "leaf2")
    assert (bounce.source, bounce.destination) == ("h:leaf4", "at leaf1")


@pytest.mark.parametrize(
    "how",
    [
        {"asns": {"spine1": 65100, "spine2": 65100}},
        {"terms": {(leaf, f"spine{number}"): VALLEY_FREE for leaf in LEAVES for number in (1, 2)}},
    ],
    ids=["one AS a tier", "marks"],
)
def test_the_same_network_is_free_where_no_leaf_passes_a_route_back_up(how: dict) -> None:
    proof = proved(network(HALF_HOMED, " ".join(LEAVES), **how))
    assert (proof.by, proof.free) == ("tiers", True)


def test_one_leaf_that_leaks_is_not_enough_and_two_are() -> None:
    marked = {(leaf, f"spine{number}"): VALLEY_FREE for leaf in LEAVES for number in (1, 2)}
    leak = {("leaf2", "spine1"): Terms(), ("leaf2", "spine2"): Terms()}
    proof = proved(network(HALF_HOMED, " ".join(LEAVES), terms=marked | leak))
    assert (proof.by, proof.free, proof.reason) == ("search", True, "leaf2 may tell spine2 what it has from spine1")
    leak |= {("leaf3", "spine1"): Terms(), ("leaf3", "spine2"): Terms()}
    assert not proved(network(HALF_HOMED, " ".join(LEAVES), terms=marked | leak)).free


def test_static_routes_that_lead_round_a_ring_make_a_circle() -> None:
    """Packets to s1 go s2, s3, s4 and on; nothing but the static routes sends them that way."""
    statics = [
        Static(near, f"at {to}", (far,))
        for to, near, far in [("s4", "s2", "s3"), ("s1", "s3", "s4"), ("s2", "s4", "s1"), ("s3", "s1", "s2")]
    ]
    one_way = {("s1", "s4"), ("s2", "s1"), ("s3", "s2"), ("s4", "s3")}
    terms = {pair: Terms(takes=frozenset()) for pair in one_way}
    assert proved(network(RING, "s1 s2 s3 s4", terms=terms, statics=statics)).deadlocks


def test_two_switches_that_send_a_packet_to_each_other_wait_for_each_other() -> None:
    statics = [Static("s1", "at s3", ("s2",)), Static("s2", "at s3", ("s1",))]
    found = circles(proved(network("s1-s2 s2-s3", "s1 s2 s3", statics=statics)))
    assert found == {"": ["s1:s2", "s2:s1"]}


def test_a_circle_ends_where_a_port_does_not_pause() -> None:
    assert proved(network(RING, "s1 s2 s3 s4", lossy=["s3-s4"])).free


def test_another_class_has_circles_of_its_own() -> None:
    proof = prove_free_of_deadlock(network(RING, "s1 s2 s3 s4"), "storage")
    assert (proof.free, proof.buffers, proof.dependencies) == (True, 0, 0)


def test_one_server_alone_makes_nothing_wait() -> None:
    assert proved(network(RING, "s1")).dependencies == 0


ROUND = [Static(near, "everywhere", (far,)) for near, far in [("s1", "s2"), ("s2", "s3"), ("s3", "s4"), ("s4", "s1")]]
STAR = f"{RING} s1-t s2-t s3-t s4-t"


def test_when_a_switch_is_gone_packets_to_it_take_the_wide_route() -> None:
    """All reach t directly; once it is down, the static routes to everywhere lead its packets round the ring."""
    proof = proved(network(STAR, "s1 t", statics=ROUND))
    assert list(circles(proof)) == ["t is down"]


def test_destinations_of_one_switch_differ_by_their_static_routes_covers_and_filters() -> None:
    """A second destination at t is like the first, but for one thing that leads its packets round the ring."""
    direct = Terms(takes=frozenset({"at t", "at s1"}))
    blocked = {(f"s{number}", "t"): direct for number in range(1, 5)}
    round_the_ring = [Static(static.device, "second", static.ports) for static in ROUND]
    for net, wide in [
        (network(STAR, "s1 t", statics=round_the_ring), ()),
        (network(STAR, "s1 t", statics=ROUND, terms=blocked), ("everywhere",)),
    ]:
        second = Destination("second", ("t",), wide)
        both = replace(net, destinations=(*net.destinations, second))
        assert proved(replace(net, statics=())).free
        assert "" in circles(proved(both)), net


def test_of_two_destinations_of_one_switch_the_one_within_a_wide_route_follows_it() -> None:
    """Nobody takes a route to t; packets to the first are dropped, those to the second go round the ring."""
    deaf = {(f"s{number}", "t"): Terms(takes=frozenset()) for number in range(1, 5)}
    net = network(STAR, "s1 t", statics=ROUND, terms=deaf)
    first = Destination("first", ("t",))
    rest = tuple(each for each in net.destinations if each.name != "at t")
    alone = replace(net, destinations=(*(replace(each, sought=False) for each in rest), first))
    second = Destination("second", ("t",), ("everywhere",))
    assert proved(alone).free
    assert "" in circles(proved(replace(alone, destinations=(*alone.destinations, second))))
