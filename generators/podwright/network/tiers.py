"""The proof by tiers: where routes only go up and then down, no buffers wait in a circle, whatever fails.

Let every switch have a rank, and every pausing cable join two ranks. Call a buffer rising if its packets came from below
(or from a server), falling if they came from above. If a packet that came from above never leaves upwards, then
a rising buffer waits for rising ones of a higher rank or for falling ones, and a falling one only for falling ones of
a lower rank. Put the rising ones first, by rank upwards, then the falling ones, by rank downwards: every buffer waits
for later ones only, so none waits for itself (the argument of up*/down* routing, Schroeder et al., Autonet, 1991).

A packet from above leaves upwards only where a switch told one switch above a route that it has from another. So it
is enough that no switch does: its own terms forbid it, or both switches above share an AS and refuse the path. Terms and
AS numbers belong to a switch and hold whoever else is up: the premise, and with it the proof, covers any number of
failures at once. Checking it takes one look at each cable, session, static route and destination.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from podwright.model.network import Network
from podwright.network.graph import Graph, Peer

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
    yield from _static_climbs(graph, rising)
    yield from _nested(graph, ranks)
    for device, ports in rising.items():
        yield from _bounces(graph, device, [peer for peer in graph.peers.get(device, ()) if peer.port in ports])


def _static_climbs(graph: Graph, rising: Mapping[str, set[str]]) -> Iterator[str]:
    for static in graph.network.statics:
        for port in static.ports:
            if port in rising.get(static.device, ()):
                yield f"{static.device} has a static route to {static.destination} upwards over {port}"


def _nested(graph: Graph, ranks: Ranks) -> Iterator[str]:
    """A switch that is sent packets because it told a wide route, and knows a narrow one from above, sends them back up.

    Harmless where those who announce the wide route tell nobody above them, so that nobody ever does, and where both
    are announced by the same devices.
    """
    falls: dict[str, bool] = {}
    for destination in graph.network.destinations:
        for name in destination.within if destination.sought else ():
            wide = graph.destination[name]
            if set(wide.origins) == set(destination.origins):
                continue
            if name not in falls:
                falls[name] = not any(_climbs(graph, ranks, origin, name) for origin in wide.origins)
            if not falls[name]:
                yield f"{destination.name} lies within {name}, which is announced upwards"


def _climbs(graph: Graph, ranks: Ranks, origin: str, name: str) -> bool:
    """Whether a device that announces a destination tells one above."""
    return any(
        ranks[peer.far.device] >= ranks[origin] and (peer.ours.tells is None or name in peer.ours.tells)
        for peer in graph.peers.get(origin, ())
    )


def _bounces(graph: Graph, device: str, above: list[Peer]) -> Iterator[str]:
    """Whether the device may tell one switch above what it has from another."""
    if not above:
        return
    asns = {graph.node[peer.far.device].asn for peer in above}
    refused = len(asns) == 1 and not any(peer.theirs.own_as for peer in above)
    marked = set.intersection(*(set(peer.ours.adds) for peer in above))
    kept_back = marked.intersection(*(peer.ours.withholds for peer in above))
    if refused or kept_back:
        return
    for heard in above:
        for told in above:
            same = graph.node[heard.far.device].asn == graph.node[told.far.device].asn and not told.theirs.own_as
            if not same and set(heard.ours.adds).isdisjoint(told.ours.withholds):
                yield f"{device} may tell {told.far.device} what it has from {heard.far.device}"
                return


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
