"""Who learns a route from whom: BGP over the sessions of a design, with the policies that keep paths valley-free.

A route travels up (server, leaf, spine, outside) as long as it came from below, then down; nobody passes a route up
that came from above. So two spines of a tier never learn of each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from podwright.model.design import Design, Session
from podwright.model.design.identity import Tier

_RANK: dict[Tier, int] = {"host": 0, "leaf": 1, "spine": 2, "root": 2, "outside": 3}


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
        self.rank = {device.name: _RANK[device.tier] for device in design.devices}
        self._hops: dict[str, list[Hop]] = defaultdict(list)
        for session in sessions:
            if session.a_device in devices_down or session.b_device in devices_down:
                continue
            self._hops[session.a_device].append(Hop(session.a_interface, session.b_device))
            self._hops[session.b_device].append(Hop(session.b_interface, session.a_device))

    def learned(self, origin: str, *, through_outside: bool = False) -> Mapping[str, Learned]:
        """Every other device that learns a route of `origin`, with its next hops.

        Routers outside the pod tell it only a default route; packets still find their way through one that has a
        more specific route, which `through_outside` counts in.
        """
        known: dict[str, Learned] = {}
        frontier = {origin: True}
        distance = 0
        while frontier:
            distance += 1
            arrivals: dict[str, dict[Hop, bool]] = defaultdict(dict)
            for device, came_from_below in frontier.items():
                if device != origin and self.rank[device] == _RANK["outside"] and not through_outside:
                    continue
                for hop in self._hops[device]:
                    upward = self.rank[hop.neighbour] > self.rank[device]
                    new = hop.neighbour != origin and hop.neighbour not in known
                    if new and (came_from_below or not upward):
                        for back in self._back(hop.neighbour, device):
                            arrivals[hop.neighbour][back] = upward
            known |= {device: Learned(distance, frozenset(hops)) for device, hops in arrivals.items()}
            frontier = {device: any(hops.values()) for device, hops in arrivals.items()}
        return known

    def _back(self, device: str, neighbour: str) -> list[Hop]:
        return [hop for hop in self._hops[device] if hop.neighbour == neighbour]
