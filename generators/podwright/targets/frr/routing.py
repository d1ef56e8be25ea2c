"""What frr.conf says, in the form of FRR's own `show running-config`, so that frr-reload.py finds no difference.

FRR leaves defaults out of its configuration, hence so does this module: BFD's 300 ms and factor 3, the timers and the
extended next hop that `frr defaults datacenter` and unnumbered sessions imply. `bgp suppress-fib-pending` is off: a
Linux kernel takes a route in microseconds, and on an ASIC it needs SONiC's own feedback loop, which is off by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from podwright.projection.overlay_records import OverlayConfig
from podwright.projection.records import (
    BfdTimers,
    Bgp,
    HostConfig,
    Neighbor,
    PrefixMatch,
    PrefixSet,
    Statement,
    SwitchConfig,
    VrfRouting,
)
from podwright.projection.spelling import marker

SOURCE = "SOURCE"
FRR_BFD_INTERVAL_MS, FRR_BFD_MULTIPLIER = 300, 3
STEP, MAP_STEP = 5, 10
KEYWORDS = {4: "ip", 6: "ipv6"}


class Described(msgspec.Struct, frozen=True):
    """An interface and who is at its other end."""

    name: str
    description: str


class Entry(msgspec.Struct, frozen=True):
    """One line of a prefix list, from `ip` or `ipv6` on."""

    keyword: str
    name: str
    seq: int
    match: str


class Step(msgspec.Struct, frozen=True):
    """One entry of a route map. `matches` and `sets` are whole lines."""

    policy: str
    action: str
    seq: int
    matches: tuple[str, ...]
    sets: tuple[str, ...]


class Peer(msgspec.Struct, frozen=True):
    """One session: `key` is an interface (`unnumbered`) or an address; `families` are `ipv4`, `ipv6`."""

    key: str
    unnumbered: bool
    asn: int
    description: str
    password: str
    bfd: str
    import_policy: str
    export_policy: str
    families: tuple[str, ...]


class Family(msgspec.Struct, frozen=True):
    """An address family: what is originated in it, and the discard routes that make aggregates exist."""

    name: str
    keyword: str
    networks: tuple[str, ...]
    discards: tuple[str, ...]
    peers: tuple[Peer, ...]


class Profile(msgspec.Struct, frozen=True):
    """A BFD profile, and what of it differs from FRR's defaults."""

    name: str
    lines: tuple[str, ...]


class Source(msgspec.Struct, frozen=True):
    """The route map that gives the routes of BGP their source address in a family, `ip` or `ipv6`."""

    keyword: str
    policy: str


class Vni(msgspec.Struct, frozen=True):
    """A bridged network in EVPN: what makes its routes this device's own, and what lets others take them."""

    number: int
    distinguisher: str
    target: str


class Evpn(msgspec.Struct, frozen=True):
    """Tenants' routes between switches. `originates`: the device has networks of tenants itself."""

    peers: tuple[Peer, ...]
    originates: bool
    vnis: tuple[Vni, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's routing table: its VNI, and how its routes travel. `families` are those that it tells others of."""

    vrf: str
    vni: Vni
    peers: tuple[Peer, ...]
    families: tuple[Family, ...]


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """All that the template of frr.conf reads. `forwards`: zebra leaves forwarding as the kernel has it.

    `fpm`: zebra feeds an ASIC (SONiC).
    """

    device: str
    forwards: bool
    fpm: bool
    interfaces: tuple[Described, ...]
    asn: int
    router_id: str
    max_paths: int
    peers: tuple[Peer, ...]
    families: tuple[Family, ...]
    evpn: Evpn | None
    tables: tuple[Table, ...]
    entries: tuple[Entry, ...]
    communities: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    profiles: tuple[Profile, ...]


def routing_of_switch(switch: SwitchConfig, bgp: Bgp) -> Routing:
    """The routing of a switch that runs Linux, under the names its kernel uses."""
    interfaces = [Described(each.linux, each.description) for each in switch.interfaces if each.description]
    names = {each.interface: each.linux for each in _all_neighbors(bgp)}
    return _routing(switch.name, bgp, interfaces, names, overlay=switch.overlay)


def routing_of_sonic(switch: SwitchConfig, bgp: Bgp) -> Routing:
    """The routing of a SONiC switch, under SONiC's names."""
    interfaces = [Described(each.name, each.description) for each in switch.interfaces if each.description]
    names = {each.interface: each.interface for each in _all_neighbors(bgp)}
    return _routing(switch.name, bgp, interfaces, names, overlay=switch.overlay, fpm=True)


def routing_of_host(host: HostConfig, bgp: Bgp) -> Routing:
    """The routing of a server: a BGP speaker that forwards nothing, unless a cluster has it."""
    speaking = {each.interface for each in bgp.neighbors}
    interfaces = [
        Described(each.name, f"{each.peer_device}:{each.peer_port}")
        for each in host.interfaces
        if each.name in speaking
    ]
    names = {each.interface: each.linux for each in bgp.neighbors}
    return _routing(host.name, bgp, interfaces, names, forwards=host.cluster_node)


def _all_neighbors(bgp: Bgp) -> Iterator[Neighbor]:
    yield from bgp.neighbors
    for vrf in bgp.vrfs:
        yield from vrf.neighbors


def _routing(
    device: str,
    bgp: Bgp,
    interfaces: Sequence[Described],
    names: Mapping[str, str],
    *,
    overlay: OverlayConfig | None = None,
    forwards: bool = True,
    fpm: bool = False,
) -> Routing:
    peers = _sessions(bgp.neighbors, names)
    versions = (4, 6) if bgp.ipv6 else (4,)
    sources = _sources(bgp)
    communities = dict(bgp.communities)
    return Routing(
        device=device,
        forwards=forwards,
        fpm=fpm,
        interfaces=tuple(interfaces),
        asn=bgp.asn,
        router_id=bgp.router_id,
        max_paths=bgp.max_paths,
        peers=peers,
        families=tuple(_family(bgp.networks, bgp.aggregates, peers, version) for version in versions),
        evpn=_evpn(bgp, names, overlay),
        tables=tuple(_table(each, names, overlay, versions) for each in bgp.vrfs if overlay is not None),
        entries=tuple(entry for each in bgp.prefix_sets for entry in _entries(each)),
        communities=bgp.communities,
        steps=(
            *(step for policy in bgp.policies for step in _steps(policy.name, policy.statements, communities)),
            *(step for steps in sources.values() for step in steps),
        ),
        sources=tuple(Source(KEYWORDS[family], steps[0].policy) for family, steps in sources.items()),
        profiles=tuple(Profile(each.name, tuple(_bfd_lines(each))) for each in bgp.bfd),
    )


def _sessions(neighbors: Iterable[Neighbor], names: Mapping[str, str]) -> tuple[Peer, ...]:
    return tuple(peer for neighbor in neighbors for peer in _peers(neighbor, names[neighbor.interface]))


def _evpn(bgp: Bgp, names: Mapping[str, str], overlay: OverlayConfig | None) -> Evpn | None:
    """Tenants' routes over the sessions of the fabric: one session carries all of it, with the next hop of who has the tunnel."""
    carrying = [each for each in bgp.neighbors if each.evpn_import]
    if not carrying:
        return None
    sessions = ((each, next(_peers(each, names[each.interface]))) for each in carrying)
    return Evpn(
        peers=tuple(
            replace(peer, import_policy=each.evpn_import, export_policy=each.evpn_export) for each, peer in sessions
        ),
        originates=overlay is not None,
        vnis=tuple(Vni(each.vni, each.distinguisher, each.target) for each in overlay.segments) if overlay else (),
    )


def _table(routes: VrfRouting, names: Mapping[str, str], overlay: OverlayConfig, versions: Iterable[int]) -> Table:
    vrf = next(each for each in overlay.vrfs if each.name == routes.vrf)
    peers = _sessions(routes.neighbors, names)
    return Table(
        vrf=vrf.linux,
        vni=Vni(vrf.vni, vrf.distinguisher, vrf.target),
        peers=peers,
        families=tuple(_family(routes.networks, routes.aggregates, peers, version) for version in versions),
    )


def _peers(neighbor: Neighbor, interface: str) -> Iterator[Peer]:
    """An unnumbered session carries every family; a numbered one its own."""
    if neighbor.address:
        yield _peer(neighbor, neighbor.address, False, ("ipv4",))
    if neighbor.address6:
        yield _peer(neighbor, neighbor.address6, False, ("ipv6",))
    if not neighbor.address and not neighbor.address6:
        yield _peer(neighbor, interface, True, ("ipv4", "ipv6") if neighbor.ipv6 else ("ipv4",))


def _peer(neighbor: Neighbor, key: str, unnumbered: bool, families: tuple[str, ...]) -> Peer:
    return Peer(
        key=key,
        unnumbered=unnumbered,
        asn=neighbor.remote_asn,
        description=neighbor.device,
        password=marker(neighbor.password) if neighbor.password else "",
        bfd=neighbor.bfd,
        import_policy=neighbor.import_policy,
        export_policy=neighbor.export_policy,
        families=families,
    )


def _family(networks: Iterable[str], aggregates: Iterable[str], peers: Iterable[Peer], version: int) -> Family:
    name = f"ipv{version}"
    discards = _of_version(aggregates, version)
    return Family(
        name=name,
        keyword=KEYWORDS[version],
        networks=(*_of_version(networks, version), *discards),
        discards=discards,
        peers=tuple(peer for peer in peers if name in peer.families),
    )


def _of_version(prefixes: Iterable[str], version: int) -> tuple[str, ...]:
    return tuple(prefix for prefix in prefixes if (":" in prefix) == (version == 6))


def _entries(prefixes: PrefixSet) -> Iterator[Entry]:
    """A set's lines. FRR takes a list without lines for one that does not exist, so an empty set denies in writing."""
    keyword = KEYWORDS[prefixes.family]
    if not prefixes.entries:
        yield Entry(keyword, prefixes.name, STEP, "deny any")
    for place, match in enumerate(prefixes.entries, start=1):
        yield Entry(keyword, prefixes.name, STEP * place, f"permit {match.prefix}{_lengths(match)}")


def _lengths(match: PrefixMatch) -> str:
    """FRR's `ge` and `le`, which it takes only beyond the prefix's own length."""
    own = int(match.prefix.rpartition("/")[2])
    at_least = f" ge {match.min_length}" if match.min_length > own else ""
    at_most = f" le {match.max_length}" if match.max_length > own else ""
    return at_least + at_most


def _steps(policy: str, statements: Iterable[Statement], communities: Mapping[str, str]) -> Iterator[Step]:
    """A policy as route-map entries. FRR ANDs the matches of one, so prefixes of two families become two entries."""
    seq = 0
    for statement in statements:
        for prefixes in _prefix_matches(statement):
            seq += MAP_STEP
            community = (f"match community {statement.community}",) if statement.community else ()
            added = communities[statement.add_community] if statement.add_community else ""
            sets = (f"set community {added} additive",) if added else ()
            yield Step(policy, statement.action, seq, (*community, *prefixes), sets)


def _prefix_matches(statement: Statement) -> list[tuple[str, ...]]:
    matches = [
        (f"match {keyword} address prefix-list {name}",)
        for keyword, name in (("ip", statement.prefix_set), ("ipv6", statement.prefix_set6))
        if name
    ]
    return list(matches) or [()]


def _sources(bgp: Bgp) -> Mapping[int, list[Step]]:
    """Family -> the route map that zebra puts the routes of BGP through; what it does not permit gets no route."""
    listed = [(4, each.prefix_set, each.address) for each in bgp.sources]
    listed += [(6, each.prefix_set6, each.address6) for each in bgp.sources if each.address6]
    maps: dict[int, list[Step]] = {}
    for family, prefixes, address in listed:
        steps = maps.setdefault(family, [])
        match = f"match {KEYWORDS[family]} address prefix-list {prefixes}"
        policy = SOURCE if family == 4 else f"{SOURCE}-6"
        steps.append(Step(policy, "permit", MAP_STEP * (len(steps) + 1), (match,), (f"set src {address}",)))
    return maps


def _bfd_lines(timers: BfdTimers) -> Iterator[str]:
    if timers.multiplier != FRR_BFD_MULTIPLIER:
        yield f"detect-multiplier {timers.multiplier}"
    if timers.interval_ms != FRR_BFD_INTERVAL_MS:
        yield f"transmit-interval {timers.interval_ms}"
        yield f"receive-interval {timers.interval_ms}"
