"""Lookups over a network, built once and passed along, and what of it a failure takes away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from podwright.model.network import Destination, Network, Node, Static, Terms, Wire


class End(NamedTuple):
    """A port of a device: one end of a cable, and the ingress buffer there."""

    device: str
    port: str

    def __str__(self) -> str:
        return f"{self.device}:{self.port}"


class Peer(NamedTuple):
    """A BGP session seen from one end: our port, who is at the other end, and the terms of both."""

    port: str
    far: End
    ours: Terms
    theirs: Terms


class Failure(NamedTuple):
    """Devices that are down and cables that are cut (each named by both its ends), and how people say it."""

    devices: frozenset[str] = frozenset()
    ends: frozenset[End] = frozenset()
    what: str = ""

    def spares(self, near: End, far: End) -> bool:
        """Whether the cable between two ends still carries something."""
        return near not in self.ends and near.device not in self.devices and far.device not in self.devices


INTACT = Failure()


def ends_of(wire: Wire) -> tuple[End, End]:
    return End(wire.a_device, wire.a_port), End(wire.b_device, wire.b_port)


class Graph:
    """A network by the names that refer to its parts."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.node: dict[str, Node] = {node.name: node for node in network.nodes}
        self.servers = [node.name for node in network.nodes if not node.forwards]
        self.destination: dict[str, Destination] = {each.name: each for each in network.destinations}
        self.cables = [(*ends_of(wire), wire) for wire in network.wires]
        self.far: dict[End, End] = {}
        self.wire: dict[End, Wire] = {}
        self.ends: dict[str, list[End]] = defaultdict(list)
        for a, b, wire in self.cables:
            self.far[a], self.far[b] = b, a
            self.ends[a.device].append(a)
            self.ends[b.device].append(b)
            self.wire[a] = self.wire[b] = wire
        self.peers: dict[str, list[Peer]] = defaultdict(list)
        for peering in network.peerings:
            a, b = End(peering.a_device, peering.a_port), End(peering.b_device, peering.b_port)
            self.peers[a.device].append(Peer(a.port, b, peering.a, peering.b))
            self.peers[b.device].append(Peer(b.port, a, peering.b, peering.a))
        self.statics: dict[str, list[Static]] = defaultdict(list)
        for static in network.statics:
            self.statics[static.destination].append(static)

    def lossless(self, end: End, name: str) -> bool:
        """Whether the class is lossless at this end of a cable."""
        wire = self.wire[end]
        return name in (wire.a_classes if end == (wire.a_device, wire.a_port) else wire.b_classes)

    def paused(self, near: End, name: str) -> bool:
        """Whether packets of the class wait at `near` while the buffer at the far end is full: both switch, both pause."""
        wire = self.wire[near]
        return (
            name in wire.a_classes
            and name in wire.b_classes
            and self.node[wire.a_device].forwards
            and self.node[wire.b_device].forwards
        )

    def silent(self, failure: Failure) -> dict[str, set[str]]:
        """The ports of each device that hear nothing after a failure."""
        ports: dict[str, set[str]] = defaultdict(set)
        for end in failure.ends:
            ports[end.device].add(end.port)
        for device in failure.devices:
            for near in self.ends[device]:
                ports[self.far[near].device].add(self.far[near].port)
        return ports

    @cached_property
    def _filtering(self) -> dict[str, tuple[int, ...]]:
        terms = (each for peers in self.peers.values() for peer in peers for each in (peer.ours.takes, peer.ours.tells))
        naming: dict[str, list[int]] = defaultdict(list)
        for number, filtered in enumerate({id(each): each for each in terms if each is not None}.values()):
            for name in filtered:
                naming[name].append(number)
        return {name: tuple(numbers) for name, numbers in naming.items()}

    def filters(self, destination: Destination) -> tuple[int, ...]:
        """Which of the network's filters let a destination pass; equal where no session tells two destinations apart."""
        return self._filtering.get(destination.name, ())

    def entries(self) -> Iterator[tuple[End, str]]:
        """Where packets enter: the port of a switch, and the server at its other end."""
        for device in self.servers:
            for far in self.ends[device]:
                near = self.far[far]
                if self.node[near.device].forwards:
                    yield near, device


def single_failures(graph: Graph) -> Iterator[Failure]:
    """Each cable and each switch whose failure can change a route. A cable to a server without a session only takes
    packets away, and every dependency that is left was there before.
    """
    spoken = {peer.far for peers in graph.peers.values() for peer in peers}
    spoken |= {
        End(static.device, port) for statics in graph.statics.values() for static in statics for port in static.ports
    }
    for a, b, wire in graph.cables:
        if a in spoken or b in spoken:
            yield cut(wire)
    for node in graph.network.nodes:
        if node.forwards:
            yield down(node.name)


def cut(wire: Wire) -> Failure:
    a, b = ends_of(wire)
    return Failure(ends=frozenset({a, b}), what=f"the cable from {a} to {b} is cut")


def down(device: str) -> Failure:
    return Failure(devices=frozenset({device}), what=f"{device} is down")
