"""Forwarding, static routes and BGP. Sessions that agree in all but who is at the other end make a peer group.

On a link without addresses a session is named by its interface, finds its neighbour by router advertisements, and has
IPv4 routes with IPv6 next hops (RFC 5549, now RFC 8950); such a session takes everything from its group:
https://www.arista.com/en/um-eos/eos-border-gateway-protocol-bgp
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from podwright.projection.overlay_records import OverlayConfig
from podwright.projection.records import BfdTimers, Bgp, Neighbor, SwitchConfig, VrfRouting
from podwright.projection.spelling import marker
from podwright.targets.eos.blocks import Block, section
from podwright.targets.eos.interfaces import natural
from podwright.targets.eos.management import VRF, managed_apart, way_out
from podwright.targets.eos.overlay import bridged_networks, tenant_tables

FAMILIES = (4, 6)
KEYWORDS = {4: "ip", 6: "ipv6"}


class Session(msgspec.Struct, frozen=True):
    """One session; `key` is the address of the neighbour, or the interface that it is behind."""

    key: str
    asn: int
    device: str


class Group(msgspec.Struct, frozen=True, order=True):
    """What sessions of a peer group have in common. `unnumbered`: they are named by interfaces."""

    use: str
    unnumbered: bool
    families: tuple[int, ...]
    import_policy: str
    export_policy: str
    password: str
    bfd: str
    evpn_import: str
    evpn_export: str


def forwarding(switch: SwitchConfig) -> Iterator[Block]:
    """`ip routing ipv6 interfaces` is `ip routing`, and on links without IPv4 addresses too."""
    lines = []
    if switch.routed:
        lines.append(_routing(switch, ""))
    if switch.load_balancing == "dynamic":
        lines.append("ip hardware fib load-balance distribution dynamic")
    if managed_apart(switch.management):
        lines.append(f"no ip routing vrf {VRF}")
    lines += [f"{_routing(switch, tenant)} vrf {tenant}" for tenant in _tenants(switch)]
    if lines:
        yield tuple(lines)


def _routing(switch: SwitchConfig, tenant: str) -> str:
    return "ip routing ipv6 interfaces" if _unnumbered(switch, tenant) else "ip routing"


def ipv6_forwarding(switch: SwitchConfig) -> Iterator[Block]:
    if not switch.routed:
        return
    own = ["ipv6 unicast-routing"] if _speaks_ipv6(switch, "") else []
    tenants = [f"ipv6 unicast-routing vrf {each}" for each in _tenants(switch) if _speaks_ipv6(switch, each)]
    if lines := (*own, *tenants):
        yield lines


def _speaks_ipv6(switch: SwitchConfig, tenant: str) -> bool:
    """Whether a routing table has IPv6 addresses, or links that find their neighbours by IPv6."""
    mine = [each for each in switch.interfaces if each.vrf == tenant]
    return _unnumbered(switch, tenant) or any(":" in address for each in mine for address in each.addresses)


def _unnumbered(switch: SwitchConfig, tenant: str) -> bool:
    return any(each.unnumbered and each.vrf == tenant for each in switch.interfaces)


def _tenants(switch: SwitchConfig) -> list[str]:
    return [each.name for each in switch.overlay.vrfs] if switch.overlay else []


def static_routes(switch: SwitchConfig) -> Iterator[Block]:
    """Discard routes make aggregates exist; the management network has its default route."""
    for version in FAMILIES:
        discards = [
            f"{KEYWORDS[version]} route {table}{prefix} Null0"
            for table, aggregates in _aggregates(switch.bgp)
            for prefix in _of_version(aggregates, version)
        ]
        if lines := (*discards, *way_out(switch.management, version)):
            yield lines


def _aggregates(speaker: Bgp | None) -> Iterator[tuple[str, Sequence[str]]]:
    """The aggregates of each routing table, with the words that name it in a static route."""
    if speaker is not None:
        yield "", speaker.aggregates
        yield from ((f"vrf {each.vrf} ", each.aggregates) for each in speaker.vrfs)


def bgp(switch: SwitchConfig) -> Iterator[Block]:
    speaker = switch.bgp
    if speaker is None:
        return
    # A peer group and what families it has are the whole speaker's; its members may be in any routing table.
    tenants = [neighbor for each in speaker.vrfs for neighbor in each.neighbors]
    groups = _groups((*speaker.neighbors, *tenants))
    names = _names(groups)
    timers = {each.name: each for each in speaker.bfd}
    yield section(
        f"router bgp {speaker.asn}",
        (
            f"router-id {speaker.router_id}",
            "no bgp default ipv4-unicast",
            f"maximum-paths {speaker.max_paths} ecmp {speaker.max_paths}",
            *(line for group, name in names.items() for line in _group(name, group, timers)),
            *_sessions(speaker.neighbors, names),
        ),
        *bridged_networks(switch.overlay),
        *_evpn(names),
        *(_family(speaker, names, family) for family in _families(speaker)),
        *_tables(speaker, switch.overlay, names),
    )


def _families(speaker: Bgp) -> tuple[int, ...]:
    return FAMILIES if speaker.ipv6 else (4,)


def _groups(neighbors: Iterable[Neighbor]) -> Mapping[Group, list[Session]]:
    groups: dict[Group, list[Session]] = {}
    for neighbor in neighbors:
        for key, families in _keys(neighbor):
            group = Group(
                use=neighbor.use,
                unnumbered=key == neighbor.interface,
                families=families,
                import_policy=neighbor.import_policy,
                export_policy=neighbor.export_policy,
                password=neighbor.password,
                bfd=neighbor.bfd,
                evpn_import=neighbor.evpn_import,
                evpn_export=neighbor.evpn_export,
            )
            groups.setdefault(group, []).append(Session(key, neighbor.remote_asn, neighbor.device))
    return groups


def _keys(neighbor: Neighbor) -> Iterator[tuple[str, tuple[int, ...]]]:
    """An unnumbered session carries every family; a numbered one its own."""
    if neighbor.address:
        yield neighbor.address, (4,)
    if neighbor.address6:
        yield neighbor.address6, (6,)
    if not neighbor.address and not neighbor.address6:
        yield neighbor.interface, (4, 6) if neighbor.ipv6 else (4,)


def _names(groups: Mapping[Group, Sequence[Session]]) -> Mapping[Group, str]:
    """`SPINE`, `SPINE-6` of sessions over IPv6 addresses, `HOST-GPU-U001-S01` where one use has many groups."""
    uses: dict[str, list[Group]] = {}
    for group in groups:
        uses.setdefault(_use(group), []).append(group)
    names: dict[Group, str] = {}
    for use, alike in uses.items():
        for number, group in enumerate(alike, start=1):
            name = use if len(alike) == 1 else f"{use}-{groups[group][0].device.upper()}"
            names[group] = f"{name}-{number}" if name in names.values() else name
    return {group: names[group] for group in sorted(names, key=lambda group: natural(names[group]))}


def _use(group: Group) -> str:
    return group.use.upper() + ("-6" if group.families == (6,) else "")


def _group(name: str, group: Group, timers: Mapping[str, BfdTimers]) -> Iterator[str]:
    yield f"neighbor {name} peer group"
    if group.bfd:
        each = timers[group.bfd]
        interval = each.interval_ms
        yield f"neighbor {name} bfd"
        yield f"neighbor {name} bfd interval {interval} min-rx {interval} multiplier {each.multiplier}"
    yield f"neighbor {name} route-map {group.import_policy} in"
    yield f"neighbor {name} route-map {group.export_policy} out"
    if group.password:
        yield f"neighbor {name} password 0 {marker(group.password)}"
    if group.evpn_export:
        # Route targets are extended communities (RFC 4360), which EOS sends to whom it is told to.
        yield f"neighbor {name} send-community extended"
    # Policies bound what is taken; EOS would end a session of more than 12,000 routes.
    yield f"neighbor {name} maximum-routes 0"


def _sessions(neighbors: Iterable[Neighbor], names: Mapping[Group, str]) -> Iterator[str]:
    """Numbered ones first, then those of interfaces, each in natural order."""
    every = [(session, group) for group, sessions in _groups(neighbors).items() for session in sessions]
    for session, group in sorted(
        every, key=lambda pair: (pair[1].unnumbered, ":" in pair[0].key, natural(pair[0].key))
    ):
        if group.unnumbered:
            yield f"neighbor interface {session.key} peer-group {names[group]} remote-as {session.asn}"
        else:
            yield f"neighbor {session.key} peer group {names[group]}"
            yield f"neighbor {session.key} remote-as {session.asn}"
            yield f"neighbor {session.key} description {session.device}"


def _family(speaker: Bgp, names: Mapping[Group, str], version: int) -> Iterator[str]:
    yield f"address-family ipv{version if version == 6 else 4}"
    for group, name in names.items():
        if version in group.families:
            yield f"   neighbor {name} activate"
            if version == 4 and group.unnumbered:
                yield f"   neighbor {name} next-hop address-family ipv6 originate"
    for prefix in _of_version((*speaker.networks, *speaker.aggregates), version):
        yield f"   network {prefix}"


def _evpn(names: Mapping[Group, str]) -> Iterator[Iterator[str]]:
    """Tenants' routes between switches. What leaves say goes on to others with their tunnels' end as next hop."""
    carrying = {group: name for group, name in names.items() if group.evpn_export}
    if carrying:
        yield _evpn_family(carrying)


def _evpn_family(carrying: Mapping[Group, str]) -> Iterator[str]:
    yield "address-family evpn"
    if any(group.use == "leaf" for group in carrying):
        yield "   bgp next-hop-unchanged"
    for group, name in carrying.items():
        yield f"   neighbor {name} activate"
        yield f"   neighbor {name} route-map {group.evpn_import} in"
        yield f"   neighbor {name} route-map {group.evpn_export} out"


def _tables(speaker: Bgp, overlay: OverlayConfig | None, names: Mapping[Group, str]) -> Iterator[Iterator[str]]:
    """The routing tables of tenants, each with its sessions and what it originates."""
    for routing, marks in zip(speaker.vrfs, tenant_tables(overlay), strict=True):
        yield _table(speaker, routing, marks, names)


def _table(speaker: Bgp, routing: VrfRouting, marks: Iterable[str], names: Mapping[Group, str]) -> Iterator[str]:
    yield from marks
    yield f"   router-id {speaker.router_id}"
    yield f"   maximum-paths {speaker.max_paths} ecmp {speaker.max_paths}"
    yield from (f"   {line}" for line in _sessions(routing.neighbors, names))
    for version in _families(speaker):
        yield from _tenant_family((*routing.networks, *routing.aggregates), version)


def _tenant_family(origins: Iterable[str], version: int) -> Iterator[str]:
    chosen = _of_version(origins, version)
    if chosen:
        yield "   !"
        yield f"   address-family ipv{version}"
        yield from (f"      network {prefix}" for prefix in chosen)


def _of_version(prefixes: Iterable[str], version: int) -> list[str]:
    chosen = [prefix for prefix in prefixes if (":" in prefix) == (version == 6)]
    return sorted(chosen, key=natural)
