"""What the policies achieve, shown on a reference BGP: reachability, no valleys, no leaks, and one cable less."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_interface, ip_network

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pods import Document, backend, built, catalog, changed, converged, front, oob, pod, pods, without
from podwright.projection import project
from podwright.projection.records import HostConfig, PodConfig
from podwright.projection.routing import SPINE_COMMUNITY

from .bgp import Network, permitted

SAMPLES = settings(max_examples=25, deadline=None)


def projected(document: Document) -> PodConfig:
    return project(built(document), catalog())


def loopbacks(host: HostConfig) -> list[str]:
    return [str(ip_interface(each).ip) for each in host.loopbacks]


def rails(host: HostConfig) -> Iterator[tuple[str, int, str]]:
    """(interface, plane, address) of each rail port."""
    for each in host.interfaces:
        if each.role == "compute":
            yield from ((each.name, each.plane, str(ip_interface(address).ip)) for address in each.addresses)


def unreached(network: Network, pod: PodConfig, most: int) -> list[object]:
    """Pairs of the first `most` hosts that are not reached over every equal path: by loopback in a pool that both are in,
    and from each rail port to each of its plane."""
    lost: list[object] = []
    hosts = pod.hosts[:most]
    pools = [ip_network(pool) for fabric in pod.fabrics for pool in fabric.pools]
    of_host = {
        host.name: {pool for pool in pools for address in loopbacks(host) if ip_address(address) in pool}
        for host in hosts
    }
    for source in hosts:
        for target in hosts:
            if source is target:
                continue
            for address in loopbacks(target) if source.bgp else ():
                if not any(ip_address(address) in pool for pool in of_host[source.name]):
                    continue
                walk = network.walk(source.name, address)
                if walk.lost or walk.delivered != {target.name}:
                    lost.append((source.name, address, walk))
            for out, plane, own in rails(source):
                for _, other_plane, address in rails(target):
                    if plane != other_plane or (":" in own) != (":" in address):
                        continue
                    walk = network.walk(source.name, address, out)
                    if walk.lost or walk.delivered != {target.name}:
                        lost.append((source.name, out, address, walk))
    return lost


@SAMPLES
@given(pods())
def test_hosts_of_a_fabric_reach_each_other(document: Document) -> None:
    pod = projected(document)
    assert not unreached(Network(pod), pod, 6)


@SAMPLES
@given(st.data())
def test_one_fabric_cable_less_parts_nobody(data: st.DataObject) -> None:
    document = data.draw(pods())
    pod = projected(document)
    plans = {fabric.name: fabric for fabric in pod.fabrics}
    cables = [cable for cable in pod.cables if cable.use == "fabric" and plans[cable.fabric].uplinks > 1]
    assume(cables)
    cut = data.draw(st.sampled_from(cables))
    assert not unreached(Network(pod, frozenset({(cut.a_device, cut.a_port)})), pod, 4)


def test_one_host_cable_less_parts_nobody_with_two_homes() -> None:
    pod = projected(TWO_UNITS)
    for cable in pod.cables:
        if cable.fabric == "front" and cable.use == "host":
            network = Network(pod, frozenset({(cable.a_device, cable.a_port)}))
            for source in pod.hosts:
                for target in pod.hosts:
                    for address in loopbacks(target) if source is not target else ():
                        assert network.walk(source.name, address).delivered == {target.name}


@SAMPLES
@given(pods())
def test_no_leaf_carries_traffic_from_spine_to_spine(document: Document) -> None:
    """By policy alone: without the AS loop check, too, a leaf tells no spine what a spine told it."""
    pod = projected(document)
    tiers = {entry.name: entry.tier for entry in pod.entries}
    for (sender, receiver), routes in Network(pod, loop_check=False).told.items():
        if (tiers[sender], tiers[receiver]) == ("leaf", "spine"):
            assert not [route for route in routes if SPINE_COMMUNITY in route.communities]


@SAMPLES
@given(pods())
def test_spines_do_not_learn_each_other(document: Document) -> None:
    pod = projected(document)
    network = Network(pod)
    spines = {
        entry.name: {ip_interface(each).network for each in entry.loopbacks}
        for entry in pod.entries
        if entry.tier == "spine"
    }
    for name in spines:
        others = {prefix for other, prefixes in spines.items() if other != name for prefix in prefixes}
        assert not others & set(network.known[name])


@SAMPLES
@given(pods())
def test_no_route_leaves_its_fabric(document: Document) -> None:
    pod = projected(document)
    plans = {fabric.name: fabric for fabric in pod.fabrics}
    network = Network(pod)
    fabric_of = {switch.name: switch.fabric for switch in (*pod.switches, *pod.outsides)}
    for name, routes in network.known.items():
        if name not in fabric_of:
            continue
        pools = [ip_network(pool) for pool in plans[fabric_of[name]].pools]
        for prefix in routes:
            covered = any(prefix.version == pool.version and prefix.subnet_of(pool) for pool in pools)
            assert covered or prefix.prefixlen == 0


@SAMPLES
@given(pods())
def test_servers_know_little_and_tell_only_themselves(document: Document) -> None:
    """Tables of a server do not grow with the pod: itself, the pool of hosts, the default."""
    pod = projected(document)
    network = Network(pod)
    for host in pod.hosts:
        if host.bgp is None:
            continue
        own = {ip_interface(each).network for each in host.loopbacks}
        pools = len(own)
        assert len(network.known[host.name]) <= 3 * pools
        for neighbor in host.bgp.neighbors:
            for routes in network.known[host.name].values():
                for route in routes.values():
                    sent = permitted(host.bgp, neighbor.export_policy, route)
                    assert sent is None or sent.prefix in own


TWO_UNITS = pod(("gpu", "r2p1f2m1", 10, 1, 1), backend=backend(), front=front(), oob=oob())


@pytest.mark.parametrize(
    "document",
    [
        TWO_UNITS,
        changed(TWO_UNITS, "fabrics", "front", "pool6", "fd10:16::/64"),
        pod(("gpu", "r4p1f2m1", 10, 1, 1), all=converged(rails=4), oob=oob()),
        without(
            pod(("gpu", "r4p1f2m1", 4, 1, 1), all=converged(rails=4, topology="single"), oob=oob()),
            "fabrics",
            "all",
            "spine",
        ),
    ],
    ids=["apart", "both families", "converged", "one switch"],
)
def test_servers_reach_the_outside_and_are_reached_from_it(document: Document) -> None:
    pod = projected(document)
    network = Network(pod)
    (outside,) = pod.outsides
    for host in pod.hosts:
        beyond = network.walk(host.name, "198.51.100.7")
        assert beyond.lost == {f"no route at {outside.name}"}
        assert not beyond.delivered
        for address in loopbacks(host):
            if ":" not in address:
                assert network.walk(outside.name, address).delivered == {host.name}


def test_a_server_that_lies_is_not_believed() -> None:
    """A host that announces another's address, the pool or a default is not heard by its leaf."""
    pod = projected(TWO_UNITS)
    network = Network(pod)
    liar, victim = pod.hosts[0], pod.hosts[1]
    (home, *_) = (each.peer_device for each in liar.interfaces if each.role == "frontend")
    leaf = next(switch for switch in pod.switches if switch.name == home)
    assert leaf.bgp is not None
    session = next(each for each in leaf.bgp.neighbors if each.device == liar.name)
    own, *_ = (routes[""] for routes in network.known[liar.name].values() if "" in routes)
    assert permitted(leaf.bgp, session.import_policy, own) is not None
    for lie in (*victim.loopbacks, "0.0.0.0/0", "10.16.0.0/14"):
        assert permitted(leaf.bgp, session.import_policy, own._replace(prefix=ip_network(lie))) is None


def test_the_reference_sees_a_valley_where_a_policy_lacks() -> None:
    """The measure itself: with policies that let everything pass, spines learn each other through a leaf."""
    pod = projected(TWO_UNITS)
    network = Network(_careless(pod), loop_check=False)
    told = [
        route
        for (sender, receiver), routes in network.told.items()
        if "leaf" in sender and "spine" in receiver
        for route in routes
        if SPINE_COMMUNITY in route.communities
    ]
    assert told


def _careless(pod: PodConfig) -> PodConfig:
    switches = []
    for switch in pod.switches:
        if switch.bgp is None or not switch.bgp.communities:
            switches.append(switch)
            continue
        policies = tuple(
            replace(policy, statements=tuple(each for each in policy.statements if each.action == "permit"))
            for policy in switch.bgp.policies
        )
        switches.append(replace(switch, bgp=replace(switch.bgp, policies=policies)))
    return replace(pod, switches=tuple(switches))
