"""The proof by tiers against the search: where the premise holds, no failure makes a circle, nor do several at once."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from podwright.model.network import Network, Static, Terms
from podwright.network import Failure, Graph, prove_free_of_deadlock, search_deadlocks
from podwright.network.buffers import dependencies_of, joined, shortest_cycle
from podwright.network.forwarding import Routes
from podwright.network.graph import ends_of
from podwright.network.tiers import obstacle, ranks_of, tally

from .nets import ROCE, VALLEY_FREE, WIDE, network

LEAVES, SPINES = ("leaf1", "leaf2", "leaf3"), ("spine1", "spine2")
CLOS = " ".join(f"{leaf}-{spine}" for leaf in LEAVES for spine in SPINES)
PODS = "t1-l1 t1-l2 t2-l1 t2-l2 t3-l3 t3-l4 t4-l3 t4-l4 l1-c1 l3-c1 l2-c2 l4-c2"
ONE_AS = {"spine1": 65100, "spine2": 65100}
MARKED = {(leaf, spine): VALLEY_FREE for leaf in LEAVES for spine in SPINES}


def premise(net: Network) -> str:
    return obstacle(Graph(net), ranks_of(net), ROCE)


@pytest.mark.parametrize("how", [{"asns": ONE_AS}, {"terms": MARKED}], ids=["one AS a tier", "marks"])
def test_either_an_as_or_a_mark_keeps_routes_from_bouncing(how: dict) -> None:
    proof = prove_free_of_deadlock(network(CLOS, " ".join(LEAVES), **how), ROCE)
    assert (proof.by, proof.free, proof.reason) == ("tiers", True, "")
    assert (proof.buffers, proof.links, proof.switches) == (3 + 6 + 6, 9, 5)
    assert proof.dependencies == search_deadlocks(network(CLOS, " ".join(LEAVES), **how), ROCE).dependencies


def without(pair: tuple[str, str], terms: Terms) -> Network:
    return network(CLOS, " ".join(LEAVES), terms=MARKED | {pair: terms})


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (network(CLOS, " ".join(LEAVES)), "leaf1 may tell spine2 what it has from spine1"),
        (
            without(("leaf2", "spine2"), Terms(adds=("from-above",))),
            "leaf2 may tell spine2 what it has from spine1",
        ),
        (
            without(("leaf2", "spine1"), Terms(withholds=("from-above",))),
            "leaf2 may tell spine2 what it has from spine1",
        ),
        (
            network(CLOS, " ".join(LEAVES), asns=ONE_AS, terms={("spine2", "leaf3"): Terms(own_as=True)}),
            "leaf3 may tell spine2 what it has from spine1",
        ),
        (
            network(f"{CLOS} leaf1-leaf2", " ".join(LEAVES), terms=MARKED),
            "leaf1:leaf2 and leaf2:leaf1 are joined, and of one tier",
        ),
        (
            network(CLOS, " ".join(LEAVES), terms=MARKED, statics=[Static("leaf1", "at leaf3", ("spine1",))]),
            "leaf1 has a static route to at leaf3 over spine1",
        ),
        (
            network(CLOS, " ".join(LEAVES), terms=MARKED, statics=[Static("spine1", "at leaf3", ("leaf2",))]),
            "spine1 has a static route to at leaf3 over leaf2",
        ),
    ],
    ids=["nothing", "not kept back", "not marked", "own AS taken", "leaves joined", "static route up", "and down"],
)
def test_what_breaks_the_premise_is_named_and_the_search_takes_over(net: Network, reason: str) -> None:
    proof = prove_free_of_deadlock(net, ROCE)
    assert (proof.by, proof.reason) == ("search", reason)


def test_what_does_not_pause_breaks_nothing() -> None:
    net = network(f"{CLOS} leaf1-leaf2", " ".join(LEAVES), terms=MARKED, lossy=["leaf1-leaf2"])
    assert premise(net) == ""


def test_a_wide_route_from_below_breaks_the_premise_and_bounces() -> None:
    """leaf1 announces the wide route, and packets to leaf3's narrow one come back down to it where the spine lost that."""
    net = network(CLOS, " ".join(LEAVES), asns=ONE_AS, wide=["leaf1"])
    assert premise(net) == "at leaf2 lies within everywhere, which leaf1 may tell upwards"
    (wire,) = [each for each in net.wires if {each.a_device, each.b_device} == {"leaf3", "spine1"}]
    narrow = next(each for each in net.destinations if each.name == "at leaf3")
    table = Routes(Graph(net), Failure(ends=frozenset(ends_of(wire)))).toward(narrow)
    assert (table["spine1"], table["leaf1"]) == (("leaf1",), ("spine2",))


def test_a_wide_route_from_the_top_breaks_nothing() -> None:
    assert premise(network(CLOS, " ".join(LEAVES), asns=ONE_AS, wide=["spine1"])) == ""
    net = network(CLOS, " ".join(LEAVES), asns=ONE_AS, wide=["leaf1"], terms=kept_from_spines())
    assert premise(net) == ""


def kept_from_spines() -> dict[tuple[str, str], Terms]:
    told = Terms(tells=frozenset(f"at {leaf}" for leaf in LEAVES))
    return {(leaf, spine): told for leaf in LEAVES for spine in SPINES}


def test_a_wide_route_that_a_switch_of_the_same_tier_passes_up_breaks_the_premise() -> None:
    """The cable between the leaves pauses nothing, and what is told over it goes up all the same."""
    net = network(
        f"{CLOS} leaf1-leaf2",
        " ".join(LEAVES),
        terms=kept_from_spines() | {("leaf2", spine): Terms() for spine in SPINES},
        asns=ONE_AS,
        lossy=["leaf1-leaf2"],
        wide=["leaf1"],
    )
    assert premise(net) == "at leaf1 lies within everywhere, which leaf1 may tell upwards"


def test_two_routes_of_the_same_switches_nest_harmlessly_unless_a_filter_parts_them() -> None:
    ranks = dict.fromkeys(LEAVES, 1) | dict.fromkeys(SPINES, 2)
    assert premise(network(CLOS, "leaf1", asns=ONE_AS, ranks=ranks, wide=["leaf1"])) == ""
    parted = {("spine1", "leaf1"): Terms(takes=frozenset({"everywhere"}))}
    net = network(CLOS, "leaf1", asns=ONE_AS, ranks=ranks, wide=["leaf1"], terms=parted)
    assert premise(net) == "at leaf1 lies within everywhere, which leaf1 may tell upwards"


def test_ranks_are_counted_from_the_servers_where_none_are_written() -> None:
    ranks = ranks_of(network(PODS, "t1 t2 t3 t4"))
    assert {name: rank for name, rank in ranks.items() if name[0] != "h"} == {
        **{f"t{number}": 1 for number in range(1, 5)},
        **{f"l{number}": 2 for number in range(1, 5)},
        "c1": 3,
        "c2": 3,
    }


def test_nothing_is_said_where_no_server_is_known_or_routes_are_internal() -> None:
    proof = prove_free_of_deadlock(network(CLOS, ""), ROCE)
    assert (proof.by, proof.free) == ("nothing", False)
    assert proof.reason == "no server is known, nor where packets come from"
    proof = prove_free_of_deadlock(network(CLOS, "leaf1", asns=ONE_AS | {"leaf2": 65100}), ROCE)
    assert (proof.by, proof.free) == ("nothing", False)
    assert (
        proof.reason == "leaf2 and spine1 have a session inside one AS, and routes over such sessions are not followed"
    )


@st.composite
def tiered(draw: st.DrawFn) -> Network:
    """Three tiers, cabled anyhow, cables within a tier lossy; AS numbers, policies, wide and static routes anyhow."""
    tiers = [[f"{letter}{number}" for number in range(1, draw(st.integers(1, 3)) + 1)] for letter in "tlc"]
    ranks = {name: rank for rank, tier in enumerate(tiers, 1) for name in tier}
    pairs = [f"{a}-{b}" for a in ranks for b in ranks if ranks[a] < ranks[b] or (ranks[a] == ranks[b] and a < b)]
    cables = draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=10, unique=True))
    ends = {each: tuple(each.split("-")) for each in cables}
    used = sorted({name for pair in ends.values() for name in pair})
    level = [each for each, (a, b) in ends.items() if ranks[a] == ranks[b]]
    asns = {name: 65100 + ranks[name] for name in ranks if ranks[name] > 1 and draw(st.booleans())}
    free = draw(st.integers(0, 9))
    terms = {pair: VALLEY_FREE for pair in ends.values() if draw(st.integers(0, 9)) < free}
    servers = sorted({*used} & {*tiers[0], *draw(st.sets(st.sampled_from(sorted(ranks)), max_size=2))})
    spots = [pair[::way] for pair in ends.values() for way in (1, -1)]
    statics = [
        Static(near, draw(st.sampled_from([*WIDE, *(f"at {name}" for name in servers)])), (far,))
        for near, far in draw(st.lists(st.sampled_from(spots), max_size=1))
    ]
    return network(
        " ".join(cables),
        " ".join(servers),
        asns=asns,
        ranks=ranks,
        terms=terms,
        lossy=[*level, *draw(st.sets(st.sampled_from(cables), max_size=2))],
        statics=statics,
        wide=draw(st.sets(st.sampled_from(used), max_size=2)),
    )


@settings(max_examples=300, deadline=None)
@given(tiered(), st.integers(0, 1000))
def test_where_the_premise_holds_no_failures_make_a_circle(net: Network, seed: int) -> None:
    assume(premise(net) == "")
    proof = search_deadlocks(net, ROCE)
    assert proof.deadlocks == ()
    assert proof.dependencies <= tally(Graph(net), ranks_of(net), ROCE).dependencies
    dice = random.Random(seed)
    for _ in range(5):
        cuts = [end for wire in net.wires if dice.random() < 0.3 for end in ends_of(wire)]
        downs = [node.name for node in net.nodes if node.forwards and dice.random() < 0.2]
        routes = Routes(Graph(net), Failure(frozenset(downs), frozenset(cuts)))
        assert not shortest_cycle(joined(dependencies_of(routes, each, ROCE) for each in net.destinations))
