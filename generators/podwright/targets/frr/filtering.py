"""Filters in the words of nftables (nft(8)): chains of a table of our own.

A switch's ports go to a chain a zone, for what is passed on and for what is for the switch itself, and keep no state.
A server has a chain for each direction, looks at its designed interfaces only, and lets open connections go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

import msgspec

from podwright.projection.records import FilterRule, HostFilter, PortFilter

KEYWORDS = {4: "ip", 6: "ip6"}
FAMILIES = {4: "ipv4", 6: "ipv6"}
ICMP = {4: "icmp", 6: "icmpv6"}
TYPES = {
    4: {
        0: "echo-reply",
        3: "destination-unreachable",
        8: "echo-request",
        11: "time-exceeded",
        12: "parameter-problem",
    },
    6: {
        1: "destination-unreachable",
        2: "packet-too-big",
        3: "time-exceeded",
        4: "parameter-problem",
        128: "echo-request",
        129: "echo-reply",
        130: "mld-listener-query",
        131: "mld-listener-report",
        132: "mld-listener-done",
        133: "nd-router-solicit",
        134: "nd-router-advert",
        135: "nd-neighbor-solicit",
        136: "nd-neighbor-advert",
        143: "mld2-listener-report",
    },
}
DROP = "counter drop"


class Chain(msgspec.Struct, frozen=True):
    """A chain: its name, the hook it hangs on (empty where others go to it), and its lines."""

    name: str
    hook: str
    lines: tuple[str, ...]


def switch_chains(filters: Sequence[PortFilter], of_tenants: Set[str] = frozenset()) -> list[Chain]:
    """A chain a zone, and the hooks that send each port's packets to its own.

    Packets that came in by a port of a tenant are its VRF's by the time they are passed on: the port is then the secondary
    one that the kernel knows of (`sdif`; Documentation/networking/vrf.rst).
    """
    zones = [Chain(_chain_of(each), "", (*_lines(each.rules), DROP)) for each in filters]
    jumps = tuple(
        f"{match} {_names(ports)} goto {_chain_of(each)}"
        for each in filters
        for match, ports in (
            ("iifname", [port for port in each.linux if port not in of_tenants]),
            ("meta sdifname", [port for port in each.linux if port in of_tenants]),
        )
        if ports
    )
    return [*zones, Chain("forward", "forward", jumps), Chain("input", "input", jumps)]


def host_chains(host: HostFilter) -> list[Chain]:
    """What comes in and what goes out."""
    return [
        Chain("input", "input", tuple(_stateful("iifname", host.interfaces, host.incoming))),
        Chain("output", "output", tuple(_stateful("oifname", host.interfaces, host.outgoing))),
    ]


def _stateful(direction: str, interfaces: Sequence[str], rules: Iterable[FilterRule]) -> Iterator[str]:
    yield f"{direction} != {_names(interfaces)} accept"
    yield "ct state established,related accept"
    yield from _lines(rules)
    yield DROP


def _chain_of(each: PortFilter) -> str:
    return f"from_{each.name}"


def _lines(rules: Iterable[FilterRule]) -> Iterator[str]:
    for rule in rules:
        verdict = "accept" if rule.action == "permit" else DROP
        yield " ".join([*_matches(rule), verdict, f'comment "{rule.note}"'])


def _matches(rule: FilterRule) -> Iterator[str]:
    keyword = KEYWORDS[rule.family]
    if rule.sources:
        yield f"{keyword} saddr {_set(rule.sources)}"
    if rule.targets:
        yield f"{keyword} daddr {_set(rule.targets)}"
    if not rule.sources and not rule.targets and rule.protocol in ("tcp", "udp", ""):
        yield f"meta nfproto {FAMILIES[rule.family]}"
    match rule.protocol:
        case "tcp" | "udp":
            yield f"{rule.protocol} {'sport' if rule.answer else 'dport'} {_set(map(str, rule.ports))}"
            if rule.answer and rule.protocol == "tcp":
                yield "tcp flags & (ack | rst) != 0"
        case "icmp":
            names = TYPES[rule.family]
            yield f"{ICMP[rule.family]} type {_set(names[kind] for kind in rule.icmp_types)}"


def _names(interfaces: Iterable[str]) -> str:
    return _set(f'"{name}"' for name in interfaces)


def _set(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else "{ " + ", ".join(listed) + " }"
