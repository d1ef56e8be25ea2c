"""A second opinion on random networks: BGP by message passing with dice for ties, dependencies by walking every packet."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from podwright.model.network import Network, Static, Terms
from podwright.network import INTACT, End, Failure, Graph, search_deadlocks
from podwright.network.buffers import dependencies_of, joined, shortest_cycle
from podwright.network.forwarding import Routes
from podwright.network.graph import single_failures

from .nets import ROCE, VALLEY_FREE, WIDE, has_circle, network, simulated

MOST = 6


@st.composite
def networks(draw: st.DrawFn, *, shared: bool) -> Network:
    """Up to six switches joined anyhow, some cables lossy, some doubled; `shared` draws AS numbers and policies as well."""
    size = draw(st.integers(2, MOST))
    names = [f"s{number}" for number in range(1, size + 1)]
    pairs = [f"{a}-{b}" for place, a in enumerate(names) for b in names[place + 1 :]]
    cables = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=9, unique=True))
    doubled = [f"{each}'" for each in cables if draw(st.integers(0, 5)) == 0]
    servers = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    asns = {name: draw(st.integers(1, 3)) for name in names if shared and draw(st.booleans())}
    kinds = (Terms(), VALLEY_FREE, Terms(own_as=True), Terms(withholds=("from-above",)), Terms(adds=("from-above",)))
    terms = {
        pair: draw(st.sampled_from(kinds))
        for each in cables
        for pair in [tuple(each.split("-")), tuple(reversed(each.split("-")))]
        if shared and draw(st.booleans())
    }
    lossy = [each for each in cables if draw(st.integers(0, 5)) == 0]
    used = sorted({name for each in cables for name in each.split("-")})
    spots = [(each.split("-")[::way]) for each in cables for way in (1, -1)]
    goals = st.sampled_from([*WIDE, *(f"at {name}" for name in servers)])
    statics = [
        Static(near, draw(goals), (far,))
        for near, far in draw(st.lists(st.sampled_from(spots), max_size=3 if shared else 0))
    ]
    return network(
        " ".join(cables + doubled),
        " ".join(servers),
        asns=asns,
        terms=terms,
        lossy=lossy,
        statics=statics,
        wide=draw(st.lists(st.sampled_from(used), max_size=2 if shared else 0, unique=True)),
    )


def tables(net: Network, failure: Failure) -> dict[str, dict[str, frozenset[str]]]:
    """What BGP tells, static routes aside."""
    routes = Routes(Graph(replace(net, statics=())), failure)
    return {
        each.name: {device: frozenset(ports) for device, ports in routes.own(each).items() if ports}
        for each in net.destinations
    }


def failures(net: Network) -> list[Failure]:
    return [INTACT, *single_failures(Graph(net))]


@settings(max_examples=150, deadline=None)
@given(networks(shared=False), st.data())
def test_shortest_paths_do_not_depend_on_dice(net: Network, data: st.DataObject) -> None:
    failure = data.draw(st.sampled_from(failures(net)))
    dice = random.Random(1)
    assert tables(net, failure) == {each.name: simulated(net, each, failure, dice) for each in net.destinations}


@settings(max_examples=300, deadline=None)
@given(networks(shared=True), st.data())
def test_whatever_the_dice_say_is_among_the_possible_next_hops(net: Network, data: st.DataObject) -> None:
    failure = data.draw(st.sampled_from(failures(net)))
    possible = tables(net, failure)
    for seed in range(5):
        for each in net.destinations:
            for device, ports in simulated(net, each, failure, random.Random(seed)).items():
                assert ports <= possible[each.name].get(device, frozenset()), (each.name, device)


def test_where_a_tie_decides_what_a_neighbour_refuses_both_ways_are_followed() -> None:
    """n has two equal paths, one through x, and passes one on; r is in the AS of x, and refuses that one for a longer."""
    net = network("d-x d-y x-n y-n n-r r-z z-w w-v v-d", "d", asns={"x": 1, "r": 1})
    assert tables(net, INTACT)["at d"]["r"] == {"n", "z"}
    thrown = {simulated(net, each, INTACT, random.Random(seed))["r"] for seed in range(20) for each in net.destinations}
    assert thrown == {frozenset({"n"}), frozenset({"z"})}


def test_a_route_in_doubt_does_not_come_back_to_who_passed_it_on() -> None:
    net = network("d-x d-y x-n y-n n-r r-q q-p", "d", asns={"x": 1, "r": 1})
    assert {device: tables(net, INTACT)["at d"][device] for device in "rqp"} == {"r": {"n"}, "q": {"r"}, "p": {"q"}}


def walked(net: Network, failure: Failure) -> dict[End, set[End]]:
    """Dependencies by following every packet of every server hop by hop over the simulated tables."""
    graph = Graph(net)
    waits: dict[End, set[End]] = defaultdict(set)
    for each in net.destinations:
        table = simulated(net, each, failure, random.Random(1))
        packets = {
            near
            for near, server in graph.entries()
            if failure.spares(near, graph.far[near]) and (near.device in table or near.device in each.origins)
        }
        seen: set[End] = set()
        while packets - seen:
            buffer = (packets - seen).pop()
            seen.add(buffer)
            for port in table.get(buffer.device, ()):
                near = End(buffer.device, port)
                far = graph.far[near]
                packets.add(far)
                pausing = graph.lossless(near, ROCE) and graph.lossless(far, ROCE) and graph.lossless(buffer, ROCE)
                from_switch = graph.node[graph.far[buffer].device].forwards
                if pausing and from_switch and graph.node[far.device].forwards:
                    waits[buffer].add(far)
    return waits


@settings(max_examples=150, deadline=None)
@given(networks(shared=False))
def test_circles_are_those_that_a_walk_of_every_packet_finds(net: Network) -> None:
    proof = search_deadlocks(net, ROCE)
    found = {each.failure for each in proof.deadlocks}
    for failure in failures(net):
        waits = walked(net, failure)
        if failure is INTACT or "" not in found:
            assert (failure.what in found) == has_circle(waits), failure
    for deadlock in proof.deadlocks:
        failure = next(each for each in failures(net) if each.what == deadlock.failure)
        waits = walked(net, failure)
        for wait in deadlock.cycle:
            assert End(wait.to_device, wait.to_port) in waits[End(wait.device, wait.port)]
        ends = [(wait.to_device, wait.to_port) for wait in deadlock.cycle]
        assert [(wait.device, wait.port) for wait in deadlock.cycle] == [ends[-1], *ends[:-1]]


@settings(max_examples=300, deadline=None)
@given(networks(shared=True))
def test_a_failure_is_judged_as_if_the_network_were_built_so(net: Network) -> None:
    """The search looks only at what a failure changes; all of it, worked out anew, has the same circles."""
    graph = Graph(net)
    found = {each.failure: each.cycle for each in search_deadlocks(net, ROCE).deadlocks}
    for failure in failures(net):
        routes = Routes(graph, failure)
        waits = joined(dependencies_of(routes, each, ROCE) for each in net.destinations if each.sought)
        if failure is INTACT or "" not in found:
            assert bool(shortest_cycle(waits)) == (failure.what in found) == has_circle(waits)


@settings(max_examples=150, deadline=None)
@given(networks(shared=False), st.data())
def test_the_dependencies_are_those_of_every_packet(net: Network, data: st.DataObject) -> None:
    failure = data.draw(st.sampled_from(failures(net)))
    routes = Routes(Graph(net), failure)
    ours: dict[End, set[End]] = defaultdict(set)
    for each in net.destinations:
        for buffer, others in dependencies_of(routes, each, ROCE).items():
            ours[buffer] |= set(others)
    assert ours == walked(net, failure)
