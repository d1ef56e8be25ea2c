"""Filters as access lists of routed ports: two lists a zone, one a family; what no entry permits is dropped.

An entry has one prefix on each side and one port, so a filter's rule becomes as many as its ends and ports multiply to.
`established` matches segments with ACK or RST: https://www.arista.com/en/um-eos/eos-acls-and-route-maps
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from podwright.projection.records import FilterRule, PortFilter
from podwright.targets.eos.blocks import Block, section

STEP = 10
REMARK_LENGTH = 100
HEADS = {4: "ip access-list", 6: "ipv6 access-list"}
ANYTHING = {4: "ip", 6: "ipv6"}
FULL_LENGTH = {4: "/32", 6: "/128"}
ICMP = {4: "icmp", 6: "icmpv6"}
TYPES = {
    4: {0: "echo-reply", 3: "unreachable", 8: "echo", 11: "time-exceeded", 12: "parameter-problem"},
    6: {128: "echo-request", 129: "echo-reply"},
}
"""What EOS calls a type; others stay numbers."""


def access_lists(filters: Sequence[PortFilter]) -> Iterator[Block]:
    """IPv6 first, as EOS shows them."""
    for family in (6, 4):
        for each in sorted(filters, key=lambda each: list_name(each.name)):
            yield section(f"{HEADS[family]} {list_name(each.name)}", _numbered(each.rules, family))


def list_name(zone: str) -> str:
    """`compute` -> `ZONE-COMPUTE`."""
    return f"ZONE-{zone.upper()}"


def _numbered(rules: Sequence[FilterRule], family: int) -> Iterator[str]:
    for number, entry in enumerate(_entries(rules, family), start=1):
        yield f"{number * STEP} {entry}"


def _entries(rules: Sequence[FilterRule], family: int) -> Iterator[str]:
    """A remark before the entries of every flow."""
    said = ""
    for rule in rules:
        if rule.family != family:
            continue
        if rule.note != said:
            said = rule.note
            yield f"remark {said[:REMARK_LENGTH]}"
        for source, target, (protocol, before, after) in product(
            _ends(rule.sources, family), _ends(rule.targets, family), _whats(rule)
        ):
            yield " ".join(word for word in (rule.action, protocol, source, before, target, after) if word)


def _ends(prefixes: Sequence[str], family: int) -> list[str]:
    return [_end(each, FULL_LENGTH[family]) for each in prefixes] or ["any"]


def _end(prefix: str, full: str) -> str:
    return f"host {prefix.removesuffix(full)}" if prefix.endswith(full) else prefix


def _whats(rule: FilterRule) -> list[tuple[str, str, str]]:
    """What a rule matches beside addresses, each as (protocol, what follows the source, what follows the target)."""
    match rule.protocol:
        case "tcp" | "udp" if rule.answer:
            flags = "established" if rule.protocol == "tcp" else ""
            return [(rule.protocol, f"eq {port}", flags) for port in rule.ports]
        case "tcp" | "udp":
            return [(rule.protocol, "", f"eq {port}") for port in rule.ports]
        case "icmp":
            names = TYPES[rule.family]
            return [(ICMP[rule.family], "", names.get(kind, str(kind))) for kind in rule.icmp_types]
        case _:
            return [(ANYTHING[rule.family], "", "")]
