"""Can the pauses of a lossless class stop a network for ever? Proved by tiers, else searched failure by failure."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.network import By, Deadlock, DeadlockProof, Destination, Network, Wait
from podwright.network.buffers import Dependencies, closes, dependencies_of, first_hops, joined, shortest_cycle
from podwright.network.forwarding import Routes
from podwright.network.graph import INTACT, End, Failure, Graph, single_failures
from podwright.network.tiers import obstacle, ranks_of, tally

MOST_TO_SEARCH = 20_000_000
"""Cables times what may fail of them and of devices: a network of 4,000 cables, searched in minutes."""


def prove_free_of_deadlock(network: Network, lossless: str) -> DeadlockProof:
    """What can be said of deadlocks of the class, with every circle that a single failure makes.

    Linear where tiers prove it; else every failure costs a look at all routes.
    """
    graph = Graph(network)
    ranks = ranks_of(network)
    broken = obstacle(graph, ranks, lossless)
    unknown = _unknown(graph, broken)
    if unknown or not broken:
        by: By = "nothing" if unknown else "tiers"
        return _proof(graph, lossless, by, *tally(graph, ranks, lossless), reason=unknown)
    return search_deadlocks(network, lossless, reason=broken)


def why_unprovable(network: Network, lossless: str) -> str:
    """Why `prove_free_of_deadlock` would say nothing, as a clause; empty where it says something. Linear."""
    graph = Graph(network)
    return _unknown(graph, obstacle(graph, ranks_of(network), lossless))


def _unknown(graph: Graph, broken: str) -> str:
    internal = _internal_session(graph)
    if internal or not broken:
        return internal
    if not any(graph.entries()):
        return "no server is known, nor where packets come from"
    cables, failures = len(graph.cables), len(graph.cables) + len(graph.node)
    return f"{broken}, and {cables} cables are too many to search" if cables * failures > MOST_TO_SEARCH else ""


def _internal_session(graph: Graph) -> str:
    """A session inside an AS (IBGP), where other rules hold, as a clause; empty where there is none."""
    for peering in graph.network.peerings:
        a, b = peering.a_device, peering.b_device
        if graph.node[a].asn == graph.node[b].asn:
            return f"{a} and {b} have a session inside one AS, and routes over such sessions are not followed"
    return ""


def search_deadlocks(network: Network, lossless: str, *, reason: str = "") -> DeadlockProof:
    """Try the network as it is, then every single failure. Exact on any graph; a network that has a circle anyway is
    not tried further.
    """
    graph = Graph(network)
    search = _Search(graph, lossless)
    buffers = sum(graph.node[end.device].forwards and graph.lossless(end, lossless) for end in graph.far)
    found = tuple(search.found())
    return _proof(graph, lossless, "search", buffers, search.dependencies(), reason=reason, found=found)


def _proof(
    graph: Graph,
    lossless: str,
    by: By,
    buffers: int,
    dependencies: int,
    *,
    reason: str = "",
    found: tuple[Deadlock, ...] = (),
) -> DeadlockProof:
    return DeadlockProof(
        network=graph.network.name,
        lossless=lossless,
        by=by,
        buffers=buffers,
        dependencies=dependencies,
        links=len(graph.network.wires),
        switches=sum(node.forwards for node in graph.network.nodes),
        reason=reason,
        deadlocks=found,
    )


class _Search:
    """The dependencies of the whole network, by destination, and those that one failure changes.

    A failure that only takes next hops away from routes to a destination adds no dependency there. So the others are
    worked out first; where they close no circle in what was there before, there is none.
    """

    def __init__(self, graph: Graph, lossless: str) -> None:
        self.graph = graph
        self.lossless = lossless
        self.sought = tuple(_different(graph))
        self.routes = Routes(graph)
        self.whole = joined(dependencies_of(self.routes, each, lossless) for each in self.sought)

    def dependencies(self) -> int:
        between = sum(len(others) for others in self.whole.values())
        return between + first_hops(self.routes, self.sought, self.lossless)

    def found(self) -> Iterator[Deadlock]:
        deadlock = self._deadlock(INTACT, self.whole)
        if deadlock:
            yield deadlock
            return
        for failure in single_failures(self.graph):
            deadlock = self._after(failure)
            if deadlock:
                yield deadlock

    def _after(self, failure: Failure) -> Deadlock | None:
        silent = self.graph.silent(failure)
        routes = Routes(self.graph, failure)
        changed = [each for each in self.sought if not self.routes.only_loses(each, silent, failure.devices)]
        further = joined(dependencies_of(routes, each, self.lossless) for each in changed)
        if not closes(self.whole, further):
            return None
        return self._deadlock(failure, joined(dependencies_of(routes, each, self.lossless) for each in self.sought))

    def _deadlock(self, failure: Failure, waits: Dependencies) -> Deadlock | None:
        cycle = shortest_cycle(waits)
        if not cycle:
            return None
        return Deadlock(
            failure=failure.what,
            cycle=tuple(
                _wait(waits, buffer, other) for buffer, other in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            ),
        )


def _wait(waits: Dependencies, buffer: End, other: End) -> Wait:
    packet = waits[buffer][other]
    return Wait(
        device=buffer.device,
        port=buffer.port,
        out=packet.out,
        to_device=other.device,
        to_port=other.port,
        source=packet.source,
        destination=packet.destination,
    )


def _different(graph: Graph) -> Iterator[Destination]:
    """The destinations that servers seek, one of each kind: equal origins, covers, filters and static routes make equal
    routes.
    """
    seen = set()
    for each in graph.network.destinations:
        statics = tuple((static.device, static.ports) for static in graph.statics.get(each.name, ()))
        kind = (each.origins, each.within, graph.filters(each), statics)
        if each.sought and kind not in seen:
            seen.add(kind)
            yield each
