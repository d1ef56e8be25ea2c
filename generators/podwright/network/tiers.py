"""The proof by tiers: where routes only go up and then down, no buffers wait in a circle, whatever fails.

Let every switch have a rank, and every pausing cable join two ranks. Call a buffer rising if its packets came from below
(or from a server), falling if they came from above. If a packet that came from above never leaves upwards, then
a rising buffer waits for rising ones of a higher rank or for falling ones, and a falling one only for falling ones of
a lower rank. Put the rising ones first, by rank upwards, then the falling ones, by rank downwards: every buffer waits
for later ones only, so none waits for itself (the argument of up*/down* routing, Schroeder et al., Autonet, 1991).

A packet from above leaves upwards only where a switch told one switch above a route that it has from another, where it
told a wide route and has a narrow one within it from above, or where a static route sent the packet. So it is enough that
no switch does: its own terms forbid it, or both switches above share an AS and refuse the path. Terms and AS numbers
belong to a switch and hold whoever else is up: the premise, and with it the proof, covers any number of failures at
once. Checking it takes one look at each cable, session, static route and destination.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from podwright.model.network import Destination, Network
from podwright.network.graph import End, Graph, Peer

Ranks = Mapping[str, int]


class Tally(NamedTuple):
    """How many buffers of a class there are, and how many dependencies between them tiers allow."""

    buffers: int
    dependencies: int


def ranks_of(network: Network) -> Ranks:
    """The rank of each device: as written; where any switch has none, all are counted from the servers upwards."""
    if all(node.rank >= 0 for node in network.nodes if node.forwards):
        return {node.name: node.rank for node in network.nodes}
    beside: dict[str, list[str]] = defaultdict(list)
    for wire in network.wires:
        beside[wire.a_device].append(wire.b_device)
        beside[wire.b_device].append(wire.a_device)
    ranks = {node.name: 0 for node in network.nodes if not node.forwards}
    frontier = deque(ranks)
    while frontier:
        device = frontier.popleft()
        for other in beside[device]:
            if other not in ranks:
                ranks[other] = ranks[device] + 1
                frontier.append(other)
    return {node.name: ranks.get(node.name, -1) for node in network.nodes}


def obstacle(graph: Graph, ranks: Ranks, lossless: str) -> str:
    """What breaks the premise, as a clause; empty where it holds."""
    return next(_obstacles(graph, ranks, lossless), "")


def _obstacles(graph: Graph, ranks: Ranks, lossless: str) -> Iterator[str]:
    rising: dict[str, set[str]] = defaultdict(set)
    for near, far, _ in graph.cables:
        if not graph.paused(near, lossless):
            continue
        if ranks[near.device] == ranks[far.device]:
            yield f"{near} and {far} are joined, and of one tier"
        low = near if ranks[near.device] < ranks[far.device] else far
        rising[low.device].add(low.port)
    yield from _steered(graph, lossless)
    yield from _nested(graph, ranks)
    for device, ports in rising.items():
        above = [peer for peer in graph.peers.get(device, ()) if peer.port in ports]
        bounce = _bounce(graph, above, above)
        if bounce:
            heard, told = bounce
            yield f"{device} may tell {told.far.device} what it has from {heard.far.device}"


def _steered(graph: Graph, lossless: str) -> Iterator[str]:
    """Static routes send packets to switches that never asked for them, and upwards where no route would go."""
    for static in graph.network.statics:
        for port in static.ports:
            end = End(static.device, port)
            if end in graph.far and graph.paused(end, lossless):
                yield f"{static.device} has a static route to {static.destination} over {port}"


def _nested(graph: Graph, ranks: Ranks) -> Iterator[str]:
    """A switch that is sent packets because it told a wide route, and knows a narrow one from above, sends them back up.

    Harmless where nobody tells the wide route upwards, and where the same devices announce both and no filter parts them.
    """
    climbers: dict[str, str] = {}
    for destination in graph.network.destinations:
        for name in destination.within if destination.sought else ():
            wide = graph.destination[name]
            if set(wide.origins) == set(destination.origins) and graph.filters(wide) == graph.filters(destination):
                continue
            if name not in climbers:
                climbers[name] = next(_telling_upwards(graph, ranks, wide), "")
            if climbers[name]:
                yield f"{destination.name} lies within {name}, which {climbers[name]} may tell upwards"


def _telling_upwards(graph: Graph, ranks: Ranks, wide: Destination) -> Iterator[str]:
    """Who may tell a destination to a switch of its own rank or above: those who announce it, or have it from there."""
    for device, peers in graph.peers.items():
        if not graph.node[device].forwards:
            continue
        level = [peer for peer in peers if ranks[peer.far.device] >= ranks[device]]
        told = [peer for peer in level if _names(peer.ours.tells, wide) and _names(peer.theirs.takes, wide)]
        heard = [peer for peer in level if _names(peer.theirs.tells, wide) and _names(peer.ours.takes, wide)]
        if told and (device in wide.origins or _bounce(graph, heard, told)):
            yield device


def _names(filtered: frozenset[str] | None, destination: Destination) -> bool:
    return filtered is None or destination.name in filtered


def _bounce(graph: Graph, heard: Sequence[Peer], told: Sequence[Peer]) -> tuple[Peer, Peer] | None:
    """Two neighbours of which one may be told what the other one told; nothing where marks or AS numbers forbid it."""
    if not heard or not told:
        return None
    asns = {graph.node[peer.far.device].asn for peer in (*heard, *told)}
    refused = len(asns) == 1 and not any(peer.theirs.own_as for peer in told)
    marked = set.intersection(*(set(peer.ours.adds) for peer in heard))
    if refused or marked.intersection(*(peer.ours.withholds for peer in told)):
        return None
    for one in heard:
        for other in told:
            same = graph.node[one.far.device].asn == graph.node[other.far.device].asn and not other.theirs.own_as
            if not same and set(one.ours.adds).isdisjoint(other.ours.withholds):
                return one, other
    return None


def tally(graph: Graph, ranks: Ranks, lossless: str) -> Tally:
    """Counts for each switch what tiers allow: from below to everywhere but back, from above downwards."""
    below: Counter[str] = Counter()
    above: Counter[str] = Counter()
    rising: Counter[str] = Counter()
    falling: Counter[str] = Counter()
    for a, b, wire in graph.cables:
        paused = graph.paused(a, lossless)
        for near, far, classes in ((a, b, wire.a_classes), (b, a, wire.b_classes)):
            if lossless in classes and graph.node[near.device].forwards:
                up = ranks[far.device] > ranks[near.device]
                (above if up else below)[near.device] += 1
                if paused:
                    (rising if up else falling)[near.device] += 1
    return Tally(
        buffers=below.total() + above.total(),
        dependencies=sum(
            below[each] * (rising[each] + falling[each]) - falling[each] + above[each] * falling[each]
            for each in below | above
        ),
    )
