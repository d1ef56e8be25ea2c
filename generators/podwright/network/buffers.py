"""Which ingress buffer waits for which: the dependencies of a lossless class over the routes in use.

A packet that came in at port p of A and leaves for port q of B can't move while B's buffer at q pauses A: (A, p) waits
for (B, q). Buffers that wait in a circle can stop for ever (Hu et al., Deadlocks in Datacenter Networks, HotNets 2016).
Servers take what arrives; a port that does not pause ends the wait.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from podwright.model.network import Destination
from podwright.network.forwarding import Routes, Table
from podwright.network.graph import End


class Packet(NamedTuple):
    """A packet that makes one buffer wait for another: the port it waits at, where it is from, where it goes."""

    out: str
    source: str
    destination: str


Dependencies = dict[End, dict[End, Packet]]
"""Buffer -> the buffers it waits for, each with one packet for which it does."""


def dependencies_of(routes: Routes, destination: Destination, lossless: str) -> Dependencies:
    """The dependencies that packets to one destination make, wherever servers send them from. Buffers that servers fill
    are left out: they wait for others, and no buffer waits for them.
    """
    graph, failure = routes.graph, routes.failure
    table = routes.toward(destination)
    waits: Dependencies = {}
    entered: dict[End, str] = {}
    frontier: deque[tuple[str, str, End | None]] = deque(
        (device, server, None) for device, server in _sources(routes, table).items()
    )
    while frontier:
        device, server, buffer = frontier.popleft()
        for port in table.get(device, ()):
            near = End(device, port)
            far = graph.far[near]
            if not graph.node[far.device].forwards or not failure.spares(near, far):
                continue
            if buffer and graph.paused(near, lossless) and graph.lossless(buffer, lossless):
                waits.setdefault(buffer, {}).setdefault(far, Packet(port, server, destination.name))
            if far not in entered:
                entered[far] = server
                frontier.append((far.device, server, far))
    return waits


def _sources(routes: Routes, table: Table) -> dict[str, str]:
    """The switches where packets enter the network, each with a server that sends some."""
    return {
        near.device: server
        for near, server in routes.graph.entries()
        if near.device in table and routes.failure.spares(near, routes.graph.far[near])
    }


def first_hops(routes: Routes, destinations: Iterable[Destination], lossless: str) -> int:
    """How many dependencies the buffers that servers fill have."""
    graph = routes.graph
    outs: dict[str, set[str]] = defaultdict(set)
    for destination in destinations:
        table = routes.toward(destination)
        for device in _sources(routes, table):
            outs[device].update(port for port in table[device] if graph.paused(End(device, port), lossless))
    return sum(len(outs[near.device]) for near, _ in graph.entries() if graph.lossless(near, lossless))


def joined(parts: Iterable[Dependencies]) -> Dependencies:
    """The dependencies of several destinations as one."""
    whole: Dependencies = {}
    for part in parts:
        for buffer, others in part.items():
            mine = whole.setdefault(buffer, {})
            for other, packet in others.items():
                mine.setdefault(other, packet)
    return whole


def shortest_cycle(waits: Mapping[End, Mapping[End, Packet]]) -> Sequence[End]:
    """The shortest circle of buffers, none where there is none; of equally short ones that of the first buffer."""
    best: Sequence[End] = ()
    stuck = _stuck(waits)
    for start in sorted(stuck):
        found = _back_to(start, waits, stuck)
        if found and (not best or len(found) < len(best)):
            best = found
    return best


def closes(waits: Dependencies, further: Dependencies) -> bool:
    """Whether further dependencies close a circle in what has none."""
    return any(
        other not in waits.get(buffer, ()) and _reaches(other, buffer, waits, further)
        for buffer, others in further.items()
        for other in others
    )


def _reaches(start: End, end: End, *waits: Dependencies) -> bool:
    reached = {start}
    frontier = [start]
    while frontier:
        buffer = frontier.pop()
        if buffer == end:
            return True
        new = {other for each in waits for other in each.get(buffer, ())} - reached
        reached |= new
        frontier += new
    return False


def _stuck(waits: Mapping[End, Mapping[End, Packet]]) -> set[End]:
    """What is left once buffers that wait for none are emptied, over and over: those that reach a circle."""
    waiting: dict[End, list[End]] = defaultdict(list)
    for buffer, others in waits.items():
        for other in others:
            waiting[other].append(buffer)
    left = {buffer: len(others) for buffer, others in waits.items() if others}
    free = [buffer for buffer in waiting if buffer not in left]
    while free:
        for buffer in waiting[free.pop()]:
            left[buffer] -= 1
            if not left[buffer]:
                del left[buffer]
                free.append(buffer)
    return set(left)


def _back_to(start: End, waits: Mapping[End, Mapping[End, Packet]], within: set[End]) -> Sequence[End]:
    """The shortest way from a buffer to itself."""
    came: dict[End, End] = {}
    frontier = deque([start])
    while frontier:
        buffer = frontier.popleft()
        for other in sorted(waits.get(buffer, ())):
            if other == start:
                return _traced(start, buffer, came)
            if other in within and other not in came:
                came[other] = buffer
                frontier.append(other)
    return ()


def _traced(start: End, last: End, came: Mapping[End, End]) -> Sequence[End]:
    way = [last]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]
