"""Who learns a route from whom: BGP over the sessions of a design, with the policies that keep paths valley-free.

A route travels up (server, leaf, spine, outside) as long as it came from below, then down; nobody passes a route up
that came from above. So two spines of a tier never learn of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from podwright.model.design import Design, Session
from podwright.model.network import Destination, Network, Node, Peering, Terms
from podwright.network.forwarding import Routes
from podwright.network.from_design import RANK
from podwright.network.graph import End, Failure, Graph

_LOW = Terms(adds=("from above",), withholds=("from above",))


class Hop(NamedTuple):
    """A session seen from one end: the interface it leaves by, and who is at the other end."""

    interface: str
    neighbour: str


class Learned(NamedTuple):
    """What a device knows of a route: how many sessions away it originates, and the equally near next hops."""

    distance: int
    hops: frozenset[Hop]


class Sessions:
    """The sessions of a design as a graph of devices; `without` leaves devices or single sessions out (faults)."""

    def __init__(self, design: Design, sessions: Iterable[Session], devices_down: frozenset[str] = frozenset()) -> None:
        self._ranks = {device.name: RANK[device.tier] for device in design.devices}
        self._peerings = tuple(self._peering(each) for each in sessions)
        self._neighbour = {End(each.a_device, each.a_port): each.b_device for each in self._peerings}
        self._neighbour |= {End(each.b_device, each.b_port): each.a_device for each in self._peerings}
        self._failure = Failure(devices=devices_down)
        self._graphs: dict[bool, Graph] = {}

    def learned(self, origin: str, *, through_outside: bool = False) -> Mapping[str, Learned]:
        """Every other device that learns a route of `origin`, with its next hops.

        Routers outside the pod tell it only a default route; packets still find their way through one that has a
        more specific route, which `through_outside` counts in.
        """
        if through_outside not in self._graphs:
            self._graphs[through_outside] = self._graph(through_outside)
        routes = Routes(self._graphs[through_outside], self._failure)
        return {
            device: Learned(length, frozenset(Hop(port, self._neighbour[End(device, port)]) for port in ports))
            for device, (length, ports) in routes.learned(Destination(origin, (origin,))).items()
        }

    def _graph(self, through_outside: bool) -> Graph:
        """Every device has an AS of its own here: policies alone keep paths valley-free."""
        passing = {RANK["leaf"], RANK["spine"]} | ({RANK["outside"]} if through_outside else set())
        nodes = (
            Node(name, number, rank, forwards=rank in passing)
            for number, (name, rank) in enumerate(self._ranks.items(), 1)
        )
        return Graph(Network("sessions", tuple(nodes), (), self._peerings, ()))

    def _peering(self, session: Session) -> Peering:
        upwards = self._ranks[session.b_device] > self._ranks[session.a_device]
        a, b = (_LOW, Terms()) if upwards else (Terms(), _LOW)
        return Peering(session.a_device, session.a_interface, session.b_device, session.b_interface, a, b)
