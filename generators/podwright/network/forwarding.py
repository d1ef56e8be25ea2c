"""Which way packets go: the next hops of every device to a destination, by the rules of BGP.

The shortest AS path wins, and all that are equally short share the packets (RFC 4271, 9.1.2.2; multipath-relax). A path
that holds the hearer's own AS is refused (RFC 4271, 9.1.2). Of equal paths a device passes only one on, and which one is
left to chance or to router ids. Where the choice decides whether a neighbour refuses it, every choice is followed: the
next hops are all that are possible, so what is proved of them holds however ties are broken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from podwright.model.network import Destination, Static
from podwright.network.graph import INTACT, End, Failure, Graph, Peer

Table = Mapping[str, tuple[str, ...]]
"""Device -> the ports that packets leave by; no port where they end (delivered or dropped). Others know no way."""


class _Path(NamedTuple):
    """What of a path decides who takes it: the AS numbers on it that may meet again, and the marks of its route."""

    through: frozenset[int]
    marks: frozenset[str]


class Routes:
    """The routes of a network under one failure, worked out as they are asked for."""

    def __init__(self, graph: Graph, failure: Failure = INTACT) -> None:
        self.graph = graph
        self.failure = failure
        numbers = Counter(node.asn for node in graph.network.nodes)
        self._shared = frozenset(asn for asn, count in numbers.items() if count > 1)
        self._own: dict[str, Table] = {}

    def toward(self, destination: Destination) -> Table:
        """The next hops to a destination, less specific routes included where a device knows no better."""
        table = dict(self.own(destination))
        for name in destination.within:
            for device, ports in self.own(self.graph.destination[name]).items():
                table.setdefault(device, ports)
        return table

    def own(self, destination: Destination) -> Table:
        """The next hops to exactly this prefix."""
        if destination.name not in self._own:
            table = {device: tuple(ports) for device, ports in self._learned(destination).items()}
            for static in self.graph.statics.get(destination.name, ()):
                ports = self._standing(static)
                if static.device not in self.failure.devices and (ports or not static.ports):
                    table[static.device] = ports
            table |= {origin: () for origin in destination.origins if origin not in self.failure.devices}
            self._own[destination.name] = table
        return self._own[destination.name]

    def _standing(self, static: Static) -> tuple[str, ...]:
        ends = [End(static.device, port) for port in static.ports]
        far = self.graph.far
        return tuple(end.port for end in ends if end in far and self.failure.spares(end, far[end]))

    def _learned(self, destination: Destination) -> Mapping[str, list[str]]:
        """AS numbers that only one device has are left out of paths, since no shortest path meets one twice. It may where
        ties leave a device in doubt; then the spread is made again with the numbers of such devices.
        """
        followed = self._shared
        while True:
            spread = _Spread(self, destination, followed)
            doubted = {self.graph.node[device].asn for device in spread.doubtful} - followed
            if not doubted:
                return spread.hops
            followed |= doubted


class _Spread:
    """A route on its way through the network, one AS further at a time.

    `possible` holds what a device's best path may be like, `settled` the devices that certainly know one by now: they
    take no longer one. `doubtful` devices heard of one that may not have been passed on to them.
    """

    def __init__(self, routes: Routes, destination: Destination, followed: frozenset[int]) -> None:
        self.routes = routes
        self.destination = destination
        self.followed = followed
        origins = [each for each in destination.origins if each not in routes.failure.devices]
        self.origins = frozenset(origins)
        self.possible = {origin: {_Path(frozenset(), frozenset())} for origin in origins}
        self.settled = set(origins)
        self.doubtful: set[str] = set()
        self.hops: dict[str, list[str]] = defaultdict(list)
        frontier = {origin: set(paths) for origin, paths in self.possible.items()}
        while frontier:
            frontier = self._step(frontier)

    def _step(self, frontier: Mapping[str, set[_Path]]) -> dict[str, set[_Path]]:
        arrivals: dict[str, set[_Path]] = defaultdict(set)
        certain: set[str] = set()
        for device, paths in frontier.items():
            if not self.routes.graph.node[device].forwards and device not in self.origins:
                continue
            for peer in self.routes.graph.peers.get(device, ()):
                if peer.far.device in self.settled or not self.routes.failure.spares(End(device, peer.port), peer.far):
                    continue
                taken = self._taken(device, peer, paths)
                if not taken:
                    continue
                arrivals[peer.far.device] |= taken
                if peer.far.port not in self.hops[peer.far.device]:
                    self.hops[peer.far.device].append(peer.far.port)
                if device in self.settled and self._all_taken(device, peer):
                    certain.add(peer.far.device)
        return self._advance(arrivals, certain)

    def _advance(self, arrivals: Mapping[str, set[_Path]], certain: set[str]) -> dict[str, set[_Path]]:
        frontier = {}
        for device, paths in arrivals.items():
            known = self.possible.setdefault(device, set())
            if paths - known or device in certain:
                known |= paths
                frontier[device] = set(known) if device in certain else paths
        self.settled |= certain
        self.doubtful |= set(arrivals) - certain
        return frontier

    def _all_taken(self, device: str, peer: Peer) -> bool:
        return all(self._taken(device, peer, {path}) for path in self.possible[device])

    def _taken(self, device: str, peer: Peer, paths: set[_Path]) -> set[_Path]:
        """The paths as the peer holds them, without those that are not told or not taken."""
        asn, hearer = self.routes.graph.node[device].asn, self.routes.graph.node[peer.far.device].asn
        if not self._names(peer.ours.tells) or not self._names(peer.theirs.takes):
            return set()
        return {
            _Path((path.through | {asn}) & self.followed, path.marks.union(peer.theirs.adds))
            for path in paths
            if path.marks.isdisjoint(peer.ours.withholds)
            and (peer.theirs.own_as or (hearer != asn and hearer not in path.through))
        }

    def _names(self, filtered: frozenset[str] | None) -> bool:
        return filtered is None or self.destination.name in filtered
