"""Forwarding, static routes and BGP. Sessions that agree in all but who is at the other end make a peer group.

On a link without addresses a session is named by its interface, finds its neighbour by router advertisements, and has
IPv4 routes with IPv6 next hops (RFC 5549, now RFC 8950); such a session takes everything from its group:
https://www.arista.com/en/um-eos/eos-border-gateway-protocol-bgp
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from podwright.projection.records import BfdTimers, Bgp, Neighbor, SwitchConfig
from podwright.projection.spelling import marker
from podwright.targets.eos.blocks import Block, section
from podwright.targets.eos.interfaces import natural
from podwright.targets.eos.management import VRF, managed_apart, way_out

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


def forwarding(switch: SwitchConfig) -> Iterator[Block]:
    """`ip routing ipv6 interfaces` is `ip routing`, and on links without IPv4 addresses too."""
    lines = []
    if switch.routed:
        lines.append("ip routing ipv6 interfaces" if _unnumbered(switch) else "ip routing")
    if switch.load_balancing == "dynamic":
        lines.append("ip hardware fib load-balance distribution dynamic")
    if managed_apart(switch.management):
        lines.append(f"no ip routing vrf {VRF}")
    if lines:
        yield tuple(lines)


def ipv6_forwarding(switch: SwitchConfig) -> Iterator[Block]:
    speaks = any(":" in address for each in switch.interfaces for address in each.addresses)
    if switch.routed and (speaks or _unnumbered(switch)):
        yield ("ipv6 unicast-routing",)


def _unnumbered(switch: SwitchConfig) -> bool:
    return any(each.unnumbered for each in switch.interfaces)


def static_routes(switch: SwitchConfig) -> Iterator[Block]:
    """Discard routes make aggregates exist; the management network has its default route."""
    for version in FAMILIES:
        discards = [
            f"{KEYWORDS[version]} route {prefix} Null0"
            for prefix in _of_version(switch.bgp.aggregates if switch.bgp else (), version)
        ]
        if lines := (*discards, *way_out(switch.management, version)):
            yield lines


def bgp(speaker: Bgp | None) -> Iterator[Block]:
    if speaker is None:
        return
    groups = _groups(speaker.neighbors)
    names = _names(groups)
    timers = {each.name: each for each in speaker.bfd}
    yield section(
        f"router bgp {speaker.asn}",
        (
            f"router-id {speaker.router_id}",
            "no bgp default ipv4-unicast",
            f"maximum-paths {speaker.max_paths} ecmp {speaker.max_paths}",
            *(line for group, name in names.items() for line in _group(name, group, timers)),
            *_sessions(groups, names),
        ),
        *(_family(speaker, names, family) for family in (FAMILIES if speaker.ipv6 else (4,))),
    )


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
    # Policies bound what is taken; EOS would end a session of more than 12,000 routes.
    yield f"neighbor {name} maximum-routes 0"


def _sessions(groups: Mapping[Group, Sequence[Session]], names: Mapping[Group, str]) -> Iterator[str]:
    """Numbered ones first, then those of interfaces, each in natural order."""
    every = [(session, group) for group, sessions in groups.items() for session in sessions]
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


def _of_version(prefixes: Iterable[str], version: int) -> list[str]:
    chosen = [prefix for prefix in prefixes if (":" in prefix) == (version == 6)]
    return sorted(chosen, key=natural)
