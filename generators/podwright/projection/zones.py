"""Filters from zones and flows: who may send what, in the order in which a filter asks.

A filter goes from the particular to the general: first what is allowed to and from addresses that are named, then
a refusal of all such addresses, then what is allowed to and from the rest of the world. So a network in a zone of its
own is never judged as a part of "outside", and a server never as one either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from podwright.model.design import Design, Flow
from podwright.projection.records import Family, FilterRule

ANYONE, LINKS, BORDERS, SPACE = "anyone", "pod.links", "pod.borders", "pod.space"
FAMILIES: tuple[Family, ...] = (4, 6)

Network = IPv4Network | IPv6Network

Prefixes = tuple[str, ...]


class Zoning:
    """The zones and flows of a design, asked for one filter after the other; each is compiled once."""

    def __init__(self, design: Design) -> None:
        self._zones = {zone.name: zone for zone in design.zones}
        self._flows = design.flows
        self._named = [zone for zone in design.zones if zone.kind == "networks"]
        self._of_switches: dict[tuple[str, bool], tuple[FilterRule, ...]] = {}

    def from_servers(self, zone: str) -> tuple[FilterRule, ...]:
        """What comes in by a switch port from servers of `zone` (empty: of none)."""
        return self._once(zone, outside=False)

    def from_outside(self, zone: str) -> tuple[FilterRule, ...]:
        """What comes in by a switch port from a router of `zone` (empty: of none) and all that is behind it."""
        return self._once(zone, outside=True)

    def to_server(self, zone: str, own: Iterable[str]) -> tuple[FilterRule, ...]:
        """What may come in to a server of `zone` with the addresses `own`; answers are left to the connection."""
        mine = self._memberships(zone, own)
        named, rest = self._parted((flow for flow in self._flows if flow.target in mine), end="source")
        rules = [rule for flow in named for rule in _permit(flow, sources=self._prefixes(flow.source))]
        rules += self._inside(zone, sources=True)
        if rest:
            rules += _deny(self._all_named(), sources=True)
            rules += [rule for flow in rest for rule in _permit(flow)]
        return tuple(rules)

    def of_server(self, zone: str, own: Iterable[str]) -> tuple[FilterRule, ...]:
        """What a server of `zone` with the addresses `own` may send, answers aside."""
        mine = self._memberships(zone, own)
        named, rest = self._parted((flow for flow in self._flows if flow.source in mine), end="target")
        rules = [rule for flow in named for rule in _permit(flow, targets=self._prefixes(flow.target))]
        rules += self._inside(zone, sources=False)
        if rest:
            rules += _deny(self._all_named(), sources=False)
            rules += [rule for flow in rest for rule in _permit(flow)]
        return tuple(rules)

    def _once(self, zone: str, *, outside: bool) -> tuple[FilterRule, ...]:
        key = (zone, outside)
        if key not in self._of_switches:
            rules = self._from_outside(zone) if outside else self._from_servers(zone)
            self._of_switches[key] = tuple(rules)
        return self._of_switches[key]

    def _from_servers(self, name: str) -> Iterator[FilterRule]:
        """Flows that begin here, flows that are answered from here; first to named addresses, then to all others."""
        zone = self._zones.get(name)
        own = zone.prefixes if zone else ()
        senders = {ANYONE: (), LINKS: self._prefixes(LINKS)} | ({name: own} if zone else {})
        for each in self._zones.values():
            if each.kind == "pod" and each.name not in (LINKS, BORDERS, SPACE):
                inside = _within(each.prefixes, own)
                if inside:
                    senders[each.name] = inside
        open_ended: list[FilterRule] = []
        for flow in self._flows:
            for rules, peer in self._both_ways(flow, senders):
                if self._is_world(peer):
                    open_ended += rules
                else:
                    yield from rules
        yield from self._inside(name, sources=True, targets=True)
        if open_ended:
            yield from _deny(self._all_named(), sources=False)
            yield from open_ended

    def _from_outside(self, name: str) -> Iterator[FilterRule]:
        """Nobody out there has an address of the pod; then networks in zones of their own, then everybody else."""
        yield from self._ways({ANYONE: (), BORDERS: self._prefixes(BORDERS)})
        yield from _deny(self._prefixes(SPACE), sources=True)
        space = self._prefixes(SPACE)
        site = {
            zone.name: beyond
            for zone in self._zones.values()
            if zone.kind == "pod"
            and zone.name not in (LINKS, BORDERS, SPACE)
            and (beyond := tuple(each for each in zone.prefixes if not _within((each,), space)))
        }
        yield from self._ways(site)
        yield from self._ways({zone.name: zone.prefixes for zone in self._named})
        if name and self._zones[name].kind == "outside":
            yield from _deny([prefix for zone in self._named for prefix in zone.prefixes], sources=True)
            yield from self._ways({name: ()})

    def _ways(self, senders: dict[str, Prefixes]) -> Iterator[FilterRule]:
        """What `senders` may begin and answer, except towards the world outside: the pod passes nothing on."""
        for flow in self._flows:
            for rules, peer in self._both_ways(flow, senders):
                if self._zones[peer].kind not in ("outside", "networks"):
                    yield from rules

    def _both_ways(self, flow: Flow, senders: dict[str, Prefixes]) -> Iterator[tuple[list[FilterRule], str]]:
        """The rules for packets of a flow that senders send, as its beginners and as those who answer; with the peer."""
        if flow.source in senders:
            targets = self._reach(flow.target)
            yield list(_permit(flow, sources=senders[flow.source], targets=targets)), flow.target
        if flow.target in senders and flow.protocol in ("tcp", "udp", "ping"):
            targets = self._reach(flow.source)
            yield list(_permit(flow, sources=senders[flow.target], targets=targets, answer=True)), flow.source

    def _reach(self, name: str) -> Prefixes:
        """Prefixes to match for a zone as the far end; the world and anyone need none."""
        zone = self._zones[name]
        return () if zone.kind in ("outside", "anyone") else zone.prefixes

    def _inside(self, name: str, *, sources: bool, targets: bool = False) -> list[FilterRule]:
        """Everything inside a zone, unless it is isolated."""
        zone = self._zones.get(name)
        if zone is None or zone.isolated:
            return []
        note = f"inside {name}"
        targets = targets or not sources
        return [
            FilterRule(
                action="permit",
                family=family,
                sources=own if sources else (),
                targets=own if targets else (),
                note=note,
            )
            for family in FAMILIES
            if (own := _of_family(zone.prefixes, family))
        ]

    def _memberships(self, zone: str, own: Iterable[str]) -> set[str]:
        """The zones that a server with these addresses is in, by name, by its links or by its addresses."""
        addresses = [ip_address(each) for each in own]
        mine = {ANYONE, LINKS} | ({zone} if zone else set())
        for each in self._zones.values():
            networks = [ip_network(prefix) for prefix in each.prefixes] if each.kind == "pod" else []
            if each.name not in (BORDERS, SPACE) and any(
                address in network for network in networks for address in addresses
            ):
                mine.add(each.name)
        return mine

    def _parted(self, flows: Iterable[Flow], *, end: str) -> tuple[list[Flow], list[Flow]]:
        """Flows whose other end has named addresses, and those whose other end is the rest of the world."""
        named: list[Flow] = []
        rest: list[Flow] = []
        for flow in flows:
            peer = flow.source if end == "source" else flow.target
            (rest if self._is_world(peer) else named).append(flow)
        return named, rest

    def _is_world(self, name: str) -> bool:
        return self._zones[name].kind == "outside"

    def _prefixes(self, name: str) -> Prefixes:
        zone = self._zones[name]
        return () if zone.kind == "anyone" else zone.prefixes

    def _all_named(self) -> list[str]:
        """All addresses that are somebody's: the pod's own, and networks in zones."""
        return [*self._prefixes(SPACE), *(prefix for zone in self._named for prefix in zone.prefixes)]


def _permit(
    flow: Flow, *, sources: Prefixes = (), targets: Prefixes = (), answer: bool = False
) -> Iterator[FilterRule]:
    """The rules of a flow, one a family in which both of its ends have addresses."""
    for family in FAMILIES:
        ours, theirs = _of_family(sources, family), _of_family(targets, family)
        if (sources and not ours) or (targets and not theirs) or (flow.protocol == "neighbours" and family == 4):
            continue
        yield FilterRule(
            action="permit",
            family=family,
            sources=ours,
            targets=theirs,
            protocol=flow.protocol,
            ports=flow.ports,
            answer=answer,
            note=f"{flow.source} to {flow.target}: {flow.service}" + (", answers" if answer else ""),
        )


def _deny(prefixes: Iterable[str], *, sources: bool) -> Iterator[FilterRule]:
    listed = tuple(prefixes)
    for family in FAMILIES:
        own = _of_family(listed, family)
        if own:
            yield FilterRule(
                action="deny",
                family=family,
                sources=own if sources else (),
                targets=() if sources else own,
                note="addresses that are somebody's",
            )


def _of_family(prefixes: Iterable[str], family: int) -> Prefixes:
    return tuple(prefix for prefix in prefixes if (":" in prefix) == (family == 6))


def _within(inner: Iterable[str], outer: Iterable[str]) -> Prefixes:
    """Those of `inner` that lie in one of `outer`."""
    networks = [ip_network(prefix) for prefix in outer]
    return tuple(prefix for prefix in inner if any(_holds(network, ip_network(prefix)) for network in networks))


def _holds(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and other.subnet_of(network)
    return isinstance(other, IPv6Network) and other.subnet_of(network)
