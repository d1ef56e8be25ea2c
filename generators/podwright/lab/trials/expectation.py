"""What the design promises about reachability: a pure function of its tables, and of what is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from podwright.lab.trials.policy import Policy
from podwright.model.design import Design, FabricPlan, Link, Prefix, Session
from podwright.model.design.security import Protocol
from podwright.verify.paths import Learned, Sessions
from podwright.verify.routes import host_pools
from podwright.verify.tenancy import Tenancy


class Endpoint(NamedTuple):
    """An address to reach. `spaces` are the address ranges it is compared within; `homes` the devices that originate
    its route (its leaf for a rail, else its own device); `tenant` is whose routing table it is in, empty for the fabric's own.
    """

    device: str
    interface: str
    address: str
    fabric: str
    spaces: frozenset[str]
    homes: frozenset[str]
    tenant: str = ""

    def __str__(self) -> str:
        return f"{self.device} ({self.address})"


class Pair(NamedTuple):
    source: Endpoint
    target: Endpoint

    def __str__(self) -> str:
        return f"{self.source} to {self.target}"


class Broken(NamedTuple):
    """Cables that are cut, and devices that are down."""

    links: frozenset[Link] = frozenset()
    devices: frozenset[str] = frozenset()

    @property
    def ends(self) -> frozenset[tuple[str, str]]:
        """(device, port) of both ends of each cable that carries nothing."""
        return frozenset(end for link in self.links for end in _ends(link))

    def spares(self, link: Link) -> bool:
        """Whether a cable still carries something."""
        return link not in self.links and not self.devices & {link.a_device, link.b_device}


WHOLE = Broken()


class Expectation:
    """Which addresses of a design must reach each other, and which must not, while `broken` is broken."""

    def __init__(self, design: Design, broken: Broken = WHOLE) -> None:
        self._design = design
        self._broken = broken
        cut = broken.ends
        sessions = [each for each in design.sessions if (each.a_device, each.a_interface) not in cut]
        tenants = [("", fabric.name) for fabric in design.fabrics] + [(vrf.name, vrf.fabric) for vrf in design.vrfs]
        self._sessions = {
            (fabric, tenant, family): Sessions(
                design,
                [
                    each
                    for each in sessions
                    if each.fabric == fabric and each.vrf in ("", tenant) and _carries(each, family)
                ],
                broken.devices,
            )
            for tenant, fabric in tenants
            for family in (4, 6)
        }
        self._leaves_of: dict[tuple[str, str], set[str]] = defaultdict(set)
        for session in sessions:
            if session.use == "host" and session.b_device not in broken.devices:
                self._leaves_of[session.a_device, session.fabric].add(session.b_device)
        self._learned: dict[tuple[str, str, str, int], Mapping[str, Learned]] = {}
        self._bridged = {fabric.name for fabric in design.fabrics if fabric.underlay == "bridged"}
        self._domains = _domains(design, broken, self._bridged)
        self._subnets = [(ip_network(each.prefix), each) for each in design.prefixes if each.use == "subnet"]
        self._policy = Policy(design)
        self.endpoints = tuple(_endpoints(design))

    def pairs(self) -> Iterator[Pair]:
        """Every ordered pair of addresses of different devices that share a space."""
        for source in self.endpoints:
            for target in self.endpoints:
                if source.device != target.device and source.spaces & target.spaces:
                    yield Pair(source, target)

    def connected(self, pair: Pair) -> bool:
        """Whether there is a way: packets arrive in both directions, whichever of equal paths they take."""
        return self._connected(pair, all)

    def reachable(self, pair: Pair) -> bool:
        """Whether the design connects them, and its zones let a ping of the target pass."""
        return self._permitted(pair) and self._connected(pair, all)

    def kept_apart(self, pair: Pair) -> bool:
        """Whether a ping must not arrive. A pair that only some paths connect is neither: the design promises nothing."""
        return not (self._permitted(pair) and self._connected(pair, any))

    def permits(self, pair: Pair, protocol: Protocol, port: int = 0) -> bool:
        """Whether zones let `protocol` to `port` pass from the source to the target."""
        source, target = pair
        return self._policy.permits((source.device, source.address), (target.device, target.address), protocol, port)

    def _permitted(self, pair: Pair) -> bool:
        return self.permits(pair, "ping")

    def _connected(self, pair: Pair, quantifier: Callable[[Iterable[bool]], bool]) -> bool:
        source, target = pair
        if not self._standing(source) or not self._standing(target):
            return False
        if source.fabric in self._bridged:
            return self._bridged_together(source, target)
        if source.tenant != target.tenant:
            return False
        return all(quantifier(self._arrivals(*way)) for way in ((source, target), (target, source)))

    def _arrivals(self, source: Endpoint, target: Endpoint) -> list[bool]:
        """For each device that `source` may hand its packets to first, whether that one knows a way to `target`.

        A server knows only the pool of its leaves, so it may pick any of them; everybody else knows each address.
        """
        way = source.fabric, source.tenant, 6 if ":" in target.address else 4
        first = self._leaves_of.get((source.device, source.fabric), ()) if source.device in source.homes else ()
        entries = first or source.homes
        return [
            any(entry == home or entry in self._knowing(home, *way) for home in target.homes) for entry in entries
        ] or [False]

    def _standing(self, endpoint: Endpoint) -> bool:
        """Whether nothing is broken at the address itself."""
        whole = self._broken.devices.isdisjoint(endpoint.homes | {endpoint.device})
        return whole and (endpoint.device, endpoint.interface) not in self._broken.ends

    def _knowing(self, origin: str, fabric: str, tenant: str, family: int) -> Mapping[str, Learned]:
        key = (origin, fabric, tenant, family)
        if key not in self._learned:
            # A border that is filtered takes no packet of the pod's own addresses back in.
            outside = not self._design.filter_points
            self._learned[key] = self._sessions[fabric, tenant, family].learned(origin, through_outside=outside)
        return self._learned[key]

    def _bridged_together(self, source: Endpoint, target: Endpoint) -> bool:
        """In one domain of bridges; and with the gateways of both, where they are in different subnets."""
        domain = self._domains[source.device]
        ours, theirs = self._subnet(source), self._subnet(target)
        gateways = {each.device for each in (ours, theirs) if each is not None} if ours != theirs else set()
        return target.device in domain and gateways <= domain

    def _subnet(self, endpoint: Endpoint) -> Prefix | None:
        address = ip_address(endpoint.address)
        return next((each for network, each in self._subnets if address in network), None)


def _endpoints(design: Design) -> Iterator[Endpoint]:
    """Loopbacks of routers, rails of servers, routers outside, and everything on the management network."""
    plans = {fabric.name: fabric for fabric in design.fabrics}
    kinds = {(each.device, each.name): each.kind for each in design.interfaces}
    rails = {(each.device, each.interface): each for each in design.attachments if each.mode == "routed"}
    outside = {device.name for device in design.devices if device.tier == "outside"}
    tenancy = Tenancy(design)
    for address in design.addresses:
        key = (address.device, address.interface)
        plain = address.address.split("/", 1)[0]
        rail = rails.get(key)
        if address.fabric in plans and plans[address.fabric].underlay == "bridged":
            spaces, home = frozenset({address.fabric}), address.device
        elif rail is not None and rail.addressed_by == "host":
            spaces, home = _spaces(design, plans[address.fabric], plain), rail.leaf
        elif kinds.get(key) == "loopback" and address.fabric in plans:
            spaces, home = _spaces(design, plans[address.fabric], plain), address.device
        elif address.device in outside:
            pools = host_pools(design, address.fabric)
            spaces, home = frozenset(pool for pool in pools if (":" in pool) == (":" in plain)), address.device
        else:
            continue
        tenant = tenancy.of(address.device, address.fabric)
        yield Endpoint(address.device, address.interface, plain, address.fabric, spaces, frozenset({home}), tenant)


def _carries(session: Session, family: int) -> bool:
    """Whether routes of a family go over a session: over a numbered one that of its addresses, over others both."""
    if not session.a_address and not session.a_address6:
        return True
    return bool(session.a_address6 if family == 6 else session.a_address)


def _spaces(design: Design, plan: FabricPlan, address: str) -> frozenset[str]:
    parsed = ip_address(address)
    pools = (each.prefix for each in design.prefixes if each.fabric == plan.name and each.use in ("pool", "hosts"))
    return frozenset(pool for pool in pools if parsed in ip_network(pool))


def _domains(design: Design, broken: Broken, bridged: set[str]) -> Mapping[str, frozenset[str]]:
    """Device -> the devices it meets over bridges. Only switches of the bridged fabric pass packets on."""
    passing = {device.name for device in design.devices if device.fabric in bridged}
    beside: dict[str, set[str]] = defaultdict(set)
    for link in design.links:
        if link.fabric in bridged and broken.spares(link):
            beside[link.a_device].add(link.b_device)
            beside[link.b_device].add(link.a_device)
    return {start: _domain(start, beside, passing) for start in {each.device for each in design.addresses}}


def _domain(start: str, beside: Mapping[str, set[str]], passing: set[str]) -> frozenset[str]:
    met, frontier = {start}, [start]
    while frontier:
        device = frontier.pop()
        if device == start or device in passing:
            new = beside.get(device, set()) - met
            met |= new
            frontier += new
    return frozenset(met)


def _ends(link: Link) -> tuple[tuple[str, str], tuple[str, str]]:
    return (link.a_device, link.a_port), (link.b_device, link.b_port)
