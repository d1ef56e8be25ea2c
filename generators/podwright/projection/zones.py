"""Filters from zones and flows: who may send what, in the order in which a filter asks.

A filter goes from the particular to the general: first what is allowed to and from addresses that are named, then
a refusal of all such addresses, then what is allowed to and from the rest of the world. So a network in a zone of its
own is never judged as a part of "outside", and a server never as one either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from podwright.model.design import Design, Flow
from podwright.projection.records import Family, FilterRule

ANYONE, LINKS, BORDERS, SPACE = "anyone", "pod.links", "pod.borders", "pod.space"
ANSWERED = ("tcp", "udp", "ping")
FAMILIES: tuple[Family, ...] = (4, 6)

ICMP_TYPES: Mapping[tuple[str, Family], tuple[int, ...]] = {
    ("ping", 4): (8,),
    ("ping", 6): (128,),
    ("errors", 4): (3, 11, 12),
    ("errors", 6): (1, 2, 3, 4),
    ("neighbours", 6): (130, 131, 132, 133, 134, 135, 136, 143),
}
"""Echo requests; unreachable, too big, time exceeded, parameter problem (RFC 792, RFC 4443); listeners of groups (RFC 2710,
RFC 3810), then neighbour discovery (RFC 4861)."""
ECHO_REPLY: Mapping[Family, tuple[int, ...]] = {4: (0,), 6: (129,)}

Network = IPv4Network | IPv6Network

Prefixes = tuple[str, ...]
Ends = Prefixes | None
"""Addresses to match; None matches all, and an empty tuple nothing, so that there is no rule."""


class Zoning:
    """The zones and flows of a design, asked for one filter after the other; each is compiled once."""

    def __init__(self, design: Design) -> None:
        self._zones = {zone.name: zone for zone in design.zones}
        self._flows = design.flows
        self._networks = [zone for zone in design.zones if zone.kind == "networks"]
        self._space = self._zones[SPACE].prefixes if SPACE in self._zones else ()
        self._of_switches: dict[tuple[str, Prefixes, Prefixes], tuple[FilterRule, ...]] = {}
        self._of_borders: dict[str, tuple[FilterRule, ...]] = {}

    def from_servers(self, zone: str, behind: Prefixes, fabric: Prefixes) -> tuple[FilterRule, ...]:
        """What comes in by a switch port from servers of `zone` (empty: of none).

        `behind` holds all addresses that such a port may have behind it, `fabric` all that the fabric leads to; what lies
        beyond the pod is led to by every fabric that has a way there.
        """
        key = (zone, behind, fabric)
        if key not in self._of_switches:
            self._of_switches[key] = tuple(self._from_servers(zone, behind, fabric))
        return self._of_switches[key]

    def from_outside(self, zone: str) -> tuple[FilterRule, ...]:
        """What comes in by a switch port from a router of `zone` (empty: of none) and all that is behind it."""
        if zone not in self._of_borders:
            self._of_borders[zone] = tuple(self._from_outside(zone))
        return self._of_borders[zone]

    def to_server(self, zones: Sequence[str], own: Sequence[str], *, whole: bool) -> tuple[FilterRule, ...]:
        """What may come in to a server of `zones` with the addresses `own`; answers are left to the connection.

        `whole` says that it is in one zone by all that routes, so that rules need not tell its addresses apart.
        """
        homes = self._homes(zones, own, whole=whole)
        mine = self._memberships(own) | homes.keys()
        permitted = (
            (flow.source, list(_permit(flow, self._ends(flow.source), homes.get(flow.target))))
            for flow in self._flows
            if flow.target in mine
        )
        inside = [
            rule
            for zone, home in homes.items()
            for rule in self._inside(zone, targets=home is not None, clip_targets=home)
        ]
        return tuple(self._in_order(permitted, inside, sources=True))

    def of_server(self, zones: Sequence[str], own: Sequence[str], *, whole: bool) -> tuple[FilterRule, ...]:
        """What a server of `zones` with the addresses `own` may send, answers aside; `whole` as in `to_server`."""
        homes = self._homes(zones, own, whole=whole)
        mine = self._memberships(own) | homes.keys()
        permitted = (
            (flow.target, list(_permit(flow, homes.get(flow.source), self._ends(flow.target))))
            for flow in self._flows
            if flow.source in mine
        )
        inside = [
            rule
            for zone, home in homes.items()
            for rule in self._inside(zone, sources=home is not None, clip_sources=home)
        ]
        return tuple(self._in_order(permitted, inside, sources=False))

    def _homes(self, zones: Sequence[str], own: Sequence[str], *, whole: bool) -> dict[str, Ends]:
        """Zone -> the prefixes of it that a server's own addresses lie in, or None where all of the server is meant."""
        hosts = [ip_network(each) for each in own]
        return {
            zone: None
            if whole
            else tuple(each for each in self._zones[zone].prefixes if any(_holds(ip_network(each), it) for it in hosts))
            for zone in zones
        }

    def _from_servers(self, name: str, behind: Prefixes, fabric: Prefixes) -> Iterator[FilterRule]:
        """Flows that begin here, and flows that are answered from here."""
        zone = self._zones.get(name)
        own = _within(zone.prefixes, behind) if zone else ()
        senders: dict[str, Ends] = {ANYONE: None, LINKS: self._zones[LINKS].prefixes, name: own}
        for each in self._zones.values():
            if each.kind == "pod" and each.name not in (LINKS, BORDERS, SPACE):
                senders[each.name] = _within(each.prefixes, own)
        permitted = self._both_ways(senders, fabric)
        inside = self._inside(name, clip_sources=behind, clip_targets=fabric)
        yield from self._in_order(permitted, inside, sources=False)

    def _from_outside(self, name: str) -> Iterator[FilterRule]:
        """Nobody out there has an address of the pod; then networks in zones of their own, then everybody else."""
        yield from self._inbound({ANYONE: None, BORDERS: self._zones[BORDERS].prefixes})
        yield from _deny(self._space, sources=True)
        of_the_site: dict[str, Ends] = {
            zone.name: tuple(prefix for prefix in zone.prefixes if not _within((prefix,), self._space))
            for zone in self._zones.values()
            if zone.kind == "pod" and zone.name not in (LINKS, BORDERS, SPACE)
        }
        yield from self._inbound(of_the_site)
        yield from self._inbound({zone.name: zone.prefixes for zone in self._networks})
        if name and self._zones[name].kind == "outside":
            yield from _deny((prefix for zone in self._networks for prefix in zone.prefixes), sources=True)
            yield from self._inbound({name: None})

    def _inbound(self, senders: dict[str, Ends]) -> Iterator[FilterRule]:
        """What `senders` may begin and answer, except towards what is outside too: the pod passes nothing on."""
        for peer, rules in self._both_ways(senders, self._space):
            if self._zones[peer].kind not in ("outside", "networks"):
                yield from rules

    def _both_ways(self, senders: dict[str, Ends], fabric: Prefixes) -> Iterator[tuple[str, list[FilterRule]]]:
        """The rules for packets of a flow that senders send, as who begins it and as who answers; with the other end."""
        for flow in self._flows:
            if flow.source in senders:
                ends = senders[flow.source], self._ends(flow.target, fabric)
                yield flow.target, list(_permit(flow, *ends))
            if flow.target in senders and flow.protocol in ANSWERED:
                ends = senders[flow.target], self._ends(flow.source, fabric)
                yield flow.source, list(_permit(flow, *ends, answer=True))

    def _in_order(
        self, permitted: Iterable[tuple[str, list[FilterRule]]], inside: list[FilterRule], *, sources: bool
    ) -> Iterator[FilterRule]:
        """From the particular to the general; `sources` says on which side the others are."""
        general: list[FilterRule] = []
        for peer, rules in permitted:
            if self._zones[peer].kind == "outside":
                general += rules
            else:
                yield from rules
        yield from inside
        if general:
            somebodys = [*self._space, *(prefix for zone in self._networks for prefix in zone.prefixes)]
            yield from _deny(somebodys, sources=sources)
            yield from general

    def _ends(self, name: str, fabric: Prefixes | None = None) -> Ends:
        """Prefixes to match for the other end: of the pod's addresses only those that the fabric leads to."""
        zone = self._zones[name]
        if zone.kind in ("outside", "anyone"):
            return None
        if fabric is None:
            return zone.prefixes
        return tuple(
            prefix for prefix in zone.prefixes if _within((prefix,), fabric) or not _within((prefix,), self._space)
        )

    def _inside(
        self,
        name: str,
        *,
        sources: bool = True,
        targets: bool = True,
        clip_sources: Prefixes | None = None,
        clip_targets: Prefixes | None = None,
    ) -> list[FilterRule]:
        """Everything inside a zone, unless it is isolated."""
        zone = self._zones.get(name)
        if zone is None or zone.isolated:
            return []
        ours = zone.prefixes if clip_sources is None else _within(zone.prefixes, clip_sources)
        theirs = zone.prefixes if clip_targets is None else _within(zone.prefixes, clip_targets)
        return [
            FilterRule(
                action="permit",
                family=family,
                sources=_of_family(ours, family) if sources else (),
                targets=_of_family(theirs, family) if targets else (),
                note=f"inside {name}",
            )
            for family in FAMILIES
            if _of_family(ours, family) and _of_family(theirs, family)
        ]

    def _memberships(self, own: Iterable[str]) -> set[str]:
        """The parts of the pod that a server with these addresses is in, by its links or by its addresses."""
        addresses = [ip_address(each) for each in own]
        mine = {ANYONE, LINKS}
        for each in self._zones.values():
            networks = [ip_network(prefix) for prefix in each.prefixes] if each.kind == "pod" else []
            is_part = any(address in network for network in networks for address in addresses)
            if is_part and each.name not in (BORDERS, SPACE):
                mine.add(each.name)
        return mine


def _permit(flow: Flow, sources: Ends, targets: Ends, *, answer: bool = False) -> Iterator[FilterRule]:
    """The rules of a flow, one a family in which both of its ends have addresses."""
    for family in FAMILIES:
        if flow.protocol == "neighbours" and family == 4:
            continue
        if _lacks(sources, family) or _lacks(targets, family):
            continue
        yield FilterRule(
            action="permit",
            family=family,
            sources=_of_family(sources or (), family),
            targets=_of_family(targets or (), family),
            **_what(flow, family, answer=answer),
            note=f"{flow.source} to {flow.target}: {flow.service}" + (", answers" if answer else ""),
        )


def _what(flow: Flow, family: Family, *, answer: bool) -> dict[str, Any]:
    """What packets of a flow, or its answers, are beside their addresses."""
    if flow.protocol in ("tcp", "udp"):
        return {"protocol": flow.protocol, "ports": flow.ports, "answer": answer}
    types = ECHO_REPLY[family] if answer else ICMP_TYPES[flow.protocol, family]
    return {"protocol": "icmp", "icmp_types": types, "answer": answer}


def _lacks(ends: Ends, family: int) -> bool:
    return ends is not None and not _of_family(ends, family)


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
