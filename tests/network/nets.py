"""Small networks by their cables, `leaf1-spine1 leaf1-spine2`, and a second opinion on where packets go in them.

A server `h:leaf1` hangs on every switch that is to have one. A port is called after the device at its other end; the
second cable between two devices is `leaf1-spine1'`. Everything is lossless, in the class `roce`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from podwright.model.network import Destination, Network, Node, Peering, Static, Terms, Wire
from podwright.network import End, Failure

ROCE = "roce"
WIDE = ("everywhere",)
VALLEY_FREE = Terms(adds=("from-above",), withholds=("from-above",))


def network(
    cables: str,
    servers: str,
    *,
    asns: Mapping[str, int] | None = None,
    ranks: Mapping[str, int] | None = None,
    terms: Mapping[tuple[str, str], Terms] | None = None,
    statics: Iterable[Static] = (),
    lossy: Iterable[str] = (),
    wide: Iterable[str] = (),
) -> Network:
    """`servers` names switches with a server; `lossy` cables pause nothing; `terms[device, peer]` is what device does
    towards peer. AS numbers are unique where not given. Switches in `wide` announce a route that holds those to all servers.
    """
    pairs = [tuple(each.removesuffix("'").split("-")) for each in cables.split()]
    primes = ["'" if each.endswith("'") else "" for each in cables.split()]
    switches = sorted({name for pair in pairs for name in pair} | set(servers.split()))
    numbers = count(65001)
    own = {name: (asns or {}).get(name) or next(numbers) for name in switches}
    terms, lossy = terms or {}, set(lossy)
    wires = [
        Wire(a, b + prime, b, a + prime, a_classes=classes, b_classes=classes)
        for (a, b), prime, text in zip(pairs, primes, cables.split(), strict=True)
        for classes in [() if text in lossy else (ROCE,)]
    ]
    peerings = [
        Peering(
            wire.a_device,
            wire.a_port,
            wire.b_device,
            wire.b_port,
            terms.get((wire.a_device, wire.b_device), Terms()),
            terms.get((wire.b_device, wire.a_device), Terms()),
        )
        for wire in wires
    ]
    hosts = servers.split()
    statics = tuple(statics)
    steered = any(static.destination in WIDE for static in statics)
    return Network(
        name="net",
        nodes=(
            *(Node(name, own[name], (ranks or {}).get(name, -1)) for name in switches),
            *(Node(f"h:{name}", rank=0, forwards=False) for name in hosts),
        ),
        wires=(*wires, *(Wire(f"h:{name}", "nic", name, "host", b_classes=(ROCE,)) for name in hosts)),
        peerings=tuple(peerings),
        destinations=(
            *(Destination(f"at {name}", (name,), WIDE if wide or steered else ()) for name in hosts),
            *(Destination(name, tuple(wide), sought=False) for name in WIDE if wide or steered),
        ),
        statics=statics,
    )


def simulated(
    net: Network, destination: Destination, failure: Failure, dice: random.Random
) -> Mapping[str, frozenset[str]]:
    """Next hops by message passing: every device keeps what each session last told it, whole AS paths and all, and ties are
    broken by the dice. It runs until nothing changes.
    """
    nodes = {node.name: node for node in net.nodes}
    sessions = []
    for each in net.peerings:
        a, b = End(each.a_device, each.a_port), End(each.b_device, each.b_port)
        if failure.spares(a, b):
            sessions += [(a, b, each.a, each.b), (b, a, each.b, each.a)]
    heard: dict[End, tuple[tuple[int, ...], frozenset[str]]] = {}
    taste = {end: dice.random() for session in sessions for end in session[:2]}
    origins = set(destination.origins) - failure.devices

    def best(device: str) -> tuple[tuple[int, ...], frozenset[str]] | None:
        if device in origins:
            return (), frozenset()
        offers = [(len(path), taste[end], path, marks) for end, (path, marks) in heard.items() if end.device == device]
        return min(offers)[2:] if offers else None

    for _ in range(len(nodes) * 4):
        told = {}
        for near, far, ours, theirs in sessions:
            chosen = best(near.device)
            if chosen is None or not (nodes[near.device].forwards or near.device in origins):
                continue
            path, marks = (nodes[near.device].asn, *chosen[0]), chosen[1]
            named = all(each is None or destination.name in each for each in (ours.tells, theirs.takes))
            loop = nodes[far.device].asn in path and not theirs.own_as
            if named and not loop and marks.isdisjoint(ours.withholds):
                told[far] = (path, marks | set(theirs.adds))
        if told == heard:
            break
        heard = told
    else:
        raise AssertionError("the routes do not settle")
    table: dict[str, frozenset[str]] = {}
    for device in nodes:
        mine = {end.port: len(path) for end, (path, _) in heard.items() if end.device == device}
        if device not in origins and mine:
            table[device] = frozenset(port for port, length in mine.items() if length == min(mine.values()))
    return table


def has_circle(waits: Mapping[End, Iterable[End]]) -> bool:
    """Whether any buffer reaches itself: every buffer is followed as far as it goes."""
    for start in waits:
        reached: set[End] = set()
        frontier: Sequence[End] = list(waits[start])
        while frontier:
            reached |= set(frontier)
            frontier = [other for each in frontier for other in waits.get(each, ()) if other not in reached]
        if start in reached:
            return True
    return False
