"""A small reference of BGP and of forwarding, over projections only: path vectors, policies, communities, longest match.

It is what the twin is compared with in thought: it knows no vendor, and reads nothing of a design but SwitchConfig and
HostConfig. `Network(pod, cut)` converges at once; `walk` follows a packet over every equal path.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network
from typing import NamedTuple

from podwright.projection.records import Bgp, Cable, HostConfig, Neighbor, PodConfig, Policy, SwitchConfig

Prefix = IPv4Network | IPv6Network
End = tuple[str, str]
MOST_ROUNDS = 32
MOST_HOPS = 12
HERE = ""


class Route(NamedTuple):
    """A route as a speaker holds it: `via` is its own port, empty for what it originates itself."""

    prefix: Prefix
    path: tuple[int, ...]
    communities: frozenset[str]
    via: str


class Walk(NamedTuple):
    """Where a packet ends, over all equal paths: devices that took it in, and why it was lost elsewhere."""

    delivered: set[str]
    lost: set[str]


network_of = lru_cache(maxsize=None)(ip_network)


def permitted(bgp: Bgp, policy: str, route: Route) -> Route | None:
    """The route as the policy lets it through; None where it does not."""
    named: dict[str, Policy] = {each.name: each for each in bgp.policies}
    communities = dict(bgp.communities)
    for statement in named[policy].statements:
        sets = [name for name in (statement.prefix_set, statement.prefix_set6) if name]
        if sets and not any(_in_set(bgp, name, route.prefix) for name in sets):
            continue
        if statement.community and communities[statement.community] not in route.communities:
            continue
        if statement.action == "deny":
            return None
        added = {communities[statement.add_community]} if statement.add_community else set()
        return route._replace(communities=route.communities | added)
    return None


def _in_set(bgp: Bgp, name: str, prefix: Prefix) -> bool:
    chosen = next(each for each in bgp.prefix_sets if each.name == name)
    if (chosen.family == 6) != (prefix.version == 6):
        return False
    for entry in chosen.entries:
        covering = network_of(entry.prefix)
        least = entry.min_length or covering.prefixlen
        most = entry.max_length or covering.prefixlen
        if _covers(covering, prefix) and least <= prefix.prefixlen <= most:
            return True
    return False


def _covers(covering: Prefix, prefix: Prefix) -> bool:
    """Both are of one family."""
    shift = covering.max_prefixlen - covering.prefixlen
    first, other = int(covering.network_address), int(prefix.network_address)
    return prefix.prefixlen >= covering.prefixlen and first >> shift == other >> shift


class Network:
    """All speakers of a pod, converged, without the cables in `cut` (each named by its lower end)."""

    def __init__(self, pod: PodConfig, cut: frozenset[End] = frozenset(), loop_check: bool = True) -> None:
        self.devices: dict[str, SwitchConfig | HostConfig] = {
            each.name: each for each in (*pod.switches, *pod.hosts, *pod.outsides)
        }
        self.speakers: dict[str, Bgp] = {name: each.bgp for name, each in self.devices.items() if each.bgp}
        self.loop_check = loop_check
        self.far: dict[End, End] = {}
        for cable in pod.cables:
            if (cable.a_device, cable.a_port) not in cut:
                self._join(cable)
        self.known: dict[str, dict[Prefix, dict[str, Route]]] = {name: self._originated(name) for name in self.speakers}
        self.told: dict[tuple[str, str], list[Route]] = {}
        self._converge()
        self.found: dict[End, tuple[str, ...]] = {}
        self.tables = {name: dict(self._table(name)) for name in self.devices}

    def _join(self, cable: Cable) -> None:
        first, second = (cable.a_device, cable.a_port), (cable.b_device, cable.b_port)
        self.far[first], self.far[second] = second, first

    def _originated(self, name: str) -> dict[Prefix, dict[str, Route]]:
        bgp = self.speakers[name]
        prefixes = [ip_interface(each).network for each in bgp.networks] + [ip_network(each) for each in bgp.aggregates]
        return {prefix: {HERE: Route(prefix, (), frozenset(), HERE)} for prefix in prefixes}

    def _converge(self) -> None:
        for _ in range(MOST_ROUNDS):
            heard = {name: self._originated(name) for name in self.speakers}
            self.told = {}
            for name, bgp in self.speakers.items():
                for neighbor in bgp.neighbors:
                    self._tell(name, bgp, neighbor, heard)
            if heard == self.known:
                return
            self.known = heard
        raise AssertionError("BGP did not converge")

    def _tell(self, name: str, bgp: Bgp, neighbor: Neighbor, heard: dict[str, dict[Prefix, dict[str, Route]]]) -> None:
        """What a speaker sends over one session, and what of it the other side takes."""
        if (name, neighbor.interface) not in self.far:
            return
        other, port = self.far[name, neighbor.interface]
        receiver = self.speakers[other]
        session = next(each for each in receiver.neighbors if each.interface == port)
        assert (session.remote_asn, neighbor.remote_asn) == (bgp.asn, receiver.asn)
        for routes in self.known[name].values():
            sent = permitted(bgp, neighbor.export_policy, best(routes))
            if sent is None:
                continue
            self.told.setdefault((name, other), []).append(sent)
            path = (bgp.asn, *sent.path)
            if self.loop_check and receiver.asn in path:
                continue
            taken = permitted(receiver, session.import_policy, sent._replace(path=path, via=port))
            if taken is not None:
                heard[other].setdefault(taken.prefix, {})[port] = taken

    def _table(self, name: str) -> Iterator[tuple[Prefix, tuple[str, ...]]]:
        """Prefixes with their ports; no port means that the packet is dropped here."""
        for prefix, routes in self.known.get(name, {}).items():
            shortest = len(best(routes).path)
            equal = [route.via for route in routes.values() if len(route.path) == shortest]
            yield prefix, tuple(port for port in equal if port)
        for interface in self.devices[name].interfaces:
            for address in interface.addresses:
                if (name, interface.name) in self.far:
                    yield ip_interface(address).network, (interface.name,)

    def addresses(self, name: str) -> set[str]:
        """A device's own addresses."""
        device = self.devices[name]
        own = {str(ip_interface(address).ip) for interface in device.interfaces for address in interface.addresses}
        if isinstance(device, HostConfig):
            own |= {str(ip_interface(address).ip) for address in device.loopbacks}
        return own

    def walk(self, source: str, address: str, out: str = "") -> Walk:
        """Follow a packet from `source` to `address` over every equal path; `out` is the port that a source rule chose."""
        result = Walk(set(), set())
        self._step(source, address, (out,) if out else (), (), result, set())
        return result

    def _step(
        self, name: str, address: str, chosen: tuple[str, ...], trail: tuple[str, ...], result: Walk, done: set[str]
    ) -> None:
        if name in done:
            return
        if address in self.addresses(name):
            result.delivered.add(name)
            return
        if name in trail or len(trail) >= MOST_HOPS:
            result.lost.add(f"a loop through {name}")
            return
        ports = chosen or self._longest(name, address)
        if not ports:
            result.lost.add(f"no route at {name}")
        for port in ports:
            if (name, port) not in self.far:
                result.lost.add(f"{name} has no cable in {port}")
                continue
            self._step(self.far[name, port][0], address, (), (*trail, name), result, done)
        done.add(name)

    def _longest(self, name: str, address: str) -> tuple[str, ...]:
        if (name, address) not in self.found:
            target = ip_address(address)
            matching = [prefix for prefix in self.tables[name] if prefix.version == target.version and target in prefix]
            longest = max(matching, key=lambda prefix: prefix.prefixlen, default=None)
            self.found[name, address] = self.tables[name][longest] if longest else ()
        return self.found[name, address]


def best(routes: dict[str, Route]) -> Route:
    """The shortest path; among equals the first port, so that results do not depend on order."""
    return min(routes.values(), key=lambda route: (len(route.path), route.via))
