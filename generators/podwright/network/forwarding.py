"""Which way packets go: the next hops of every device to a destination, by the rules of BGP.

The shortest AS path wins, and all that are equally short share the packets (RFC 4271, 9.1.2.2; multipath-relax). A path
that holds the hearer's own AS is refused (RFC 4271, 9.1.2). Of equal paths a device passes only one on, and which one is
left to chance or to router ids. Where the choice decides whether a neighbour refuses it, every choice is followed, each
by itself: the next hops are no fewer than those that are possible, so what is proved of them holds however ties are broken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
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
        self._spreads: dict[str, _Spread] = {}
        self._own: dict[str, Table] = {}

    def toward(self, destination: Destination) -> Table:
        """The next hops to a destination, less specific routes included where a device knows no better."""
        table = dict(self.own(destination))
        for wider in self._wider(destination):
            for device, ports in self.own(wider).items():
                table.setdefault(device, ports)
        return table

    def own(self, destination: Destination) -> Table:
        """The next hops to exactly this prefix."""
        if destination.name not in self._own:
            table = {device: tuple(heard) for device, heard in self._spread(destination).heard.items()}
            for static in self.graph.statics.get(destination.name, ()):
                ports = self._standing(static)
                if static.device not in self.failure.devices and (ports or not static.ports):
                    table[static.device] = ports
            table |= {origin: () for origin in destination.origins if origin not in self.failure.devices}
            self._own[destination.name] = table
        return self._own[destination.name]

    def learned(self, destination: Destination) -> Mapping[str, tuple[int, tuple[str, ...]]]:
        """What BGP alone tells devices of a prefix that they don't announce: how many AS away it is, and the ports there."""
        spread = self._spread(destination)
        return {device: (spread.length[device], tuple(heard)) for device, heard in spread.heard.items()}

    def only_loses(self, destination: Destination, silent: Mapping[str, set[str]], down: frozenset[str]) -> bool:
        """Whether all that a further failure does to routes to a destination is to take next hops away: each device that
        loses one keeps others, with all that it may pass on. `silent` names the ports of each device that hear nothing.
        """
        return all(
            self._spread(each).holds(silent, down) and self._statics_stand(each, silent)
            for each in (destination, *self._wider(destination))
        )

    def _wider(self, destination: Destination) -> list[Destination]:
        return [self.graph.destination[name] for name in destination.within]

    def _standing(self, static: Static) -> tuple[str, ...]:
        ends = [End(static.device, port) for port in static.ports]
        far = self.graph.far
        return tuple(end.port for end in ends if end in far and self.failure.spares(end, far[end]))

    def _statics_stand(self, destination: Destination, silent: Mapping[str, set[str]]) -> bool:
        statics = self.graph.statics.get(destination.name, ())
        return all(silent.get(static.device, set()).isdisjoint(static.ports) for static in statics)

    def _spread(self, destination: Destination) -> _Spread:
        """AS numbers that only one device has are left out of paths, since no shortest path meets one twice. It may where
        ties leave a device in doubt; then the spread is made again with the numbers of such devices.
        """
        followed = self._shared
        while destination.name not in self._spreads:
            spread = _Spread(self.graph, self.failure, destination, followed)
            doubted = {self.graph.node[device].asn for device in spread.doubtful} - followed
            if doubted:
                followed |= doubted
            else:
                self._spreads[destination.name] = spread
        return self._spreads[destination.name]


class _Spread:
    """A route on its way through the network, one AS further at a time.

    `heard` holds, for each device and port, the paths that may have come there and are as short as its best, which is
    `length` AS long (the shortest that it may be). `possible` is what its best path may be like, `settled` the devices that
    certainly know one by now: they take no longer one. `doubtful` devices heard of one that may not have been passed on to
    them.
    """

    def __init__(self, graph: Graph, failure: Failure, destination: Destination, followed: frozenset[int]) -> None:
        self._graph = graph
        self._failure = failure
        self._destination = destination
        self._followed = followed
        self._origins = frozenset(each for each in destination.origins if each not in failure.devices)
        self.heard: dict[str, dict[str, set[_Path]]] = {}
        self.length: dict[str, int] = {}
        standing = [each for each in destination.origins if each in self._origins]
        self.possible = {origin: {_Path(frozenset(), frozenset())} for origin in standing}
        self.settled = set(self._origins)
        self.doubtful: set[str] = set()
        frontier = {origin: set(paths) for origin, paths in self.possible.items()}
        steps = 0
        while frontier:
            frontier, steps = self._step(frontier), steps + 1
            for device in frontier:
                self.length.setdefault(device, steps)

    def holds(self, silent: Mapping[str, set[str]], down: frozenset[str]) -> bool:
        """Whether each device that hears nothing at some ports may still tell what it might before."""
        if self.doubtful or not self._origins.isdisjoint(down):
            return False
        for device, ports in silent.items():
            heard = self.heard.get(device, {})
            if device in down or heard.keys().isdisjoint(ports):
                continue
            kept: set[_Path] = set()
            kept.update(*(paths for port, paths in heard.items() if port not in ports))
            if kept != self.possible[device]:
                return False
        return True

    def _step(self, frontier: Mapping[str, set[_Path]]) -> dict[str, set[_Path]]:
        arrivals: dict[str, set[_Path]] = defaultdict(set)
        certain: set[str] = set()
        for device, paths in frontier.items():
            if not self._graph.node[device].forwards and device not in self._origins:
                continue
            for peer in self._graph.peers.get(device, ()):
                hearer = peer.far.device
                if hearer in self.settled or not self._failure.spares(End(device, peer.port), peer.far):
                    continue
                passing = self._passing(device, peer, paths)
                if not passing:
                    continue
                taken = self._as_held(device, peer, passing)
                arrivals[hearer] |= taken
                self.heard.setdefault(hearer, {}).setdefault(peer.far.port, set()).update(taken)
                if device in self.settled and len(passing) == len(paths):  # the paths are all that it may tell
                    certain.add(hearer)
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

    def _passing(self, device: str, peer: Peer, paths: set[_Path]) -> list[_Path]:
        """The paths that the device tells the peer, and that the peer takes."""
        if not self._names(peer.ours.tells) or not self._names(peer.theirs.takes):
            return []
        hearer = self._graph.node[peer.far.device].asn
        if hearer == self._graph.node[device].asn and not peer.theirs.own_as:
            return []
        withheld = peer.ours.withholds
        return [
            path
            for path in paths
            if not (withheld and path.marks.intersection(withheld))
            and (peer.theirs.own_as or hearer not in path.through)
        ]

    def _as_held(self, device: str, peer: Peer, paths: Iterable[_Path]) -> set[_Path]:
        """The paths as the peer knows them: one AS longer, and marked."""
        asn, adds = self._graph.node[device].asn, peer.theirs.adds
        met = frozenset({asn}) & self._followed
        if not met and not adds:
            return set(paths)
        return {_Path(path.through | met, path.marks.union(adds)) for path in paths}

    def _names(self, filtered: frozenset[str] | None) -> bool:
        return filtered is None or self._destination.name in filtered
