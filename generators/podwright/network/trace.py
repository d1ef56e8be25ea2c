"""The way of a flow, hop by hop, over every equal path at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from podwright.model.network import Destination
from podwright.network.forwarding import Routes, Table
from podwright.network.graph import INTACT, End, Failure, Graph


class Out(NamedTuple):
    """One of the equal next hops: the port that packets leave by, and the end of the cable where they arrive."""

    port: str
    far: End


class Step(NamedTuple):
    """A device on the way: the port packets came in by (empty at the source), and the equal ways on. None: they end here."""

    device: str
    port: str
    outs: tuple[Out, ...]


class Aim(NamedTuple):
    """Where a flow goes: the device, the destination that routes know it by, and the port of the device that has the
    address; empty where the address belongs to no port (a loopback) and any way in will do.
    """

    device: str
    port: str
    destination: str


class Way(NamedTuple):
    """All that a flow may take, in the order in which packets may come by: `steps` begin at the source."""

    steps: tuple[Step, ...]
    aim: Aim

    def chosen(self) -> Iterator[Step]:
        """One path: the first of equal next hops each time, up to where packets end or come by again."""
        by_arrival = {End(step.device, step.port): step for step in self.steps}
        step = self.steps[0]
        seen: set[End] = set()
        while True:
            yield step
            arrival = step.outs[0].far if step.outs else None
            if arrival is None or arrival in seen:
                return
            seen.add(arrival)
            step = by_arrival[arrival]

    @property
    def lost(self) -> tuple[Step, ...]:
        """Where packets end that have not arrived."""
        return tuple(step for step in self.steps if not step.outs and step.device != self.aim.device)

    @property
    def circles(self) -> bool:
        """Whether packets may come by a port again."""
        onward = {End(step.device, step.port): [out.far for out in step.outs] for step in self.steps}
        return _circles(onward)


def route(graph: Graph, source: str, ports: tuple[str, ...], aim: Aim, failure: Failure = INTACT) -> Way:
    """The way from `source`, which sends by `ports` (those of them that work; none: as its own routes say).

    A pure function of the network: what routes are like once they have settled after the failure.
    """
    routes = Routes(graph, failure)
    destination = graph.destination[aim.destination]
    table = routes.toward(destination)
    leaving = ports or table.get(source, ())
    steps = [Step(source, "", _outs(graph, failure, source, leaving) if source not in failure.devices else ())]
    known = {End(source, "")}
    frontier = deque(out.far for out in steps[0].outs)
    while frontier:
        arrival = frontier.popleft()
        if arrival in known:
            continue
        known.add(arrival)
        step = Step(arrival.device, arrival.port, _onward(graph, failure, arrival.device, table, destination, aim))
        steps.append(step)
        frontier += [out.far for out in step.outs]
    return Way(tuple(steps), aim)


def _onward(
    graph: Graph,
    failure: Failure,
    device: str,
    table: Table,
    destination: Destination,
    aim: Aim,
) -> tuple[Out, ...]:
    if device == aim.device or not graph.node[device].forwards:
        return ()
    last = graph.far.get(End(aim.device, aim.port))
    if device in destination.origins and last and last.device == device:
        return _outs(graph, failure, device, (last.port,))
    return _outs(graph, failure, device, table.get(device, ()))


def _outs(graph: Graph, failure: Failure, device: str, ports: tuple[str, ...]) -> tuple[Out, ...]:
    """The ports that work, each with where it leads, in the order of the device's cables."""
    return tuple(
        Out(end.port, graph.far[end])
        for end in graph.ends.get(device, ())
        if end.port in ports and failure.spares(end, graph.far[end])
    )


def _circles(onward: dict[End, list[End]]) -> bool:
    """Whether any chain of arrivals leads back into itself: those that lead nowhere are taken away, over and over."""
    left = dict(onward)
    while True:
        ended = [arrival for arrival, others in left.items() if not any(other in left for other in others)]
        if not ended:
            return bool(left)
        for arrival in ended:
            del left[arrival]
