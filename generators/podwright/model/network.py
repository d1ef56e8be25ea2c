"""A network as routing and pauses see it, whoever described it: the design of a pod, or configurations of others.

Irregular networks are welcome: cables between switches of one tier, spines with AS numbers of their own, routes that are
passed on where they should not be, static routes. Names refer, rows do not; a port is named within its device.
"""

from __future__ import annotations

from typing import Literal

import msgspec

By = Literal["tiers", "search", "nothing"]


class Node(msgspec.Struct, frozen=True):
    """A device. Only one that `forwards` passes packets and routes on; servers send and receive.

    `rank` is the tier from below (servers 0, leaves 1, ...), -1 where nobody knows. `asn` 0 speaks no BGP.
    """

    name: str
    asn: int = 0
    rank: int = -1
    forwards: bool = True


class Wire(msgspec.Struct, frozen=True):
    """A cable (or a bundle of cables that fails as one). The classes of an end are those that are lossless there: the
    port pauses its peer for them, and stops where its peer pauses. `gbps` and `mtu` (IP, bytes) are 0 where unknown.
    """

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    gbps: int = 0
    mtu: int = 0
    a_classes: tuple[str, ...] = ()
    b_classes: tuple[str, ...] = ()


class Terms(msgspec.Struct, frozen=True):
    """What one end of a BGP session does to routes.

    Of what it hears it takes the destinations `takes` (None: all) and marks them `adds` (communities); it refuses paths
    with its own AS unless `own_as` (so, too, where the other end takes AS numbers off its paths). It tells the
    destinations `tells` (None: all) but those with a mark of `withholds`.
    """

    adds: tuple[str, ...] = ()
    withholds: tuple[str, ...] = ()
    takes: frozenset[str] | None = None
    tells: frozenset[str] | None = None
    own_as: bool = False


class Peering(msgspec.Struct, frozen=True):
    """A BGP session over a cable, with the terms of both ends. It ends with the cable."""

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    a: Terms = Terms()
    b: Terms = Terms()


class Static(msgspec.Struct, frozen=True):
    """A static route: packets to `destination` leave by those of `ports` that are up. Preferred to what BGP tells, which
    takes over where none is up. Without ports, packets are dropped.
    """

    device: str
    destination: str
    ports: tuple[str, ...] = ()


class Destination(msgspec.Struct, frozen=True):
    """A prefix in a routing table. `origins` announce it, and deliver or drop what arrives there.

    `within` names the less specific destinations that hold it, the nearest first: what a device without a route to this
    one uses. `sought`: servers send packets of lossless classes there.
    """

    name: str
    origins: tuple[str, ...]
    within: tuple[str, ...] = ()
    sought: bool = True


class Network(msgspec.Struct, frozen=True):
    """All of it. Devices choose the shortest AS paths and share packets among all that are equally short."""

    name: str
    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    peerings: tuple[Peering, ...]
    destinations: tuple[Destination, ...]
    statics: tuple[Static, ...] = ()


class Wait(msgspec.Struct, frozen=True):
    """The ingress buffer of `port` waits: a packet in it, from `source` to `destination`, leaves by `out` to the buffer
    `to_port` of `to_device`, and may not while that one pauses.
    """

    device: str
    port: str
    out: str
    to_device: str
    to_port: str
    source: str
    destination: str


class Deadlock(msgspec.Struct, frozen=True):
    """Buffers that wait for each other in a circle, once `failure` has happened (empty: as the network is built)."""

    failure: str
    cycle: tuple[Wait, ...]


class DeadlockProof(msgspec.Struct, frozen=True):
    """What is known of deadlocks of one class on one network.

    `by` is `tiers` where a premise that no failure can break rules them out for any failures at once; `search` where
    every single failure was tried, since `reason` breaks the premise; `nothing` where neither could be done, for `reason`.
    `dependencies` are those possible (`tiers`), or those of the network without failures (`search`). `failures` counts
    the links and the switches that may fail, one at a time.
    """

    network: str
    lossless: str
    by: By
    buffers: int
    dependencies: int
    links: int
    switches: int
    reason: str = ""
    deadlocks: tuple[Deadlock, ...] = ()

    @property
    def free(self) -> bool:
        return self.by != "nothing" and not self.deadlocks
