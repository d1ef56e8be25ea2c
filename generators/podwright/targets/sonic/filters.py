"""Filters as access control lists: a table a zone and family, bound to the ports that the zone is behind.

The tables have types of their own. SONiC's models let a rule match TCP flags only where the table's type says so, and the
built-in L3 and L3V6 do not: https://github.com/sonic-net/SONiC/blob/master/doc/acl/ACL-Table-Type-HLD.md. A rule has one prefix
on each side and one port, so a filter's rule becomes as many as its ends and ports multiply to. Higher priorities win.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from podwright.projection.records import FilterRule, PortFilter

Field = str | list[str]
Row = Mapping[str, Field]
Table = dict[str, Row]

TYPES = {4: "ZONES_V4", 6: "ZONES_V6"}
FAMILIES = {4: "IPV4ANY", 6: "IPV6ANY"}
SOURCES, TARGETS = {4: "SRC_IP", 6: "SRC_IPV6"}, {4: "DST_IP", 6: "DST_IPV6"}
MATCHES = {
    4: ["IP_TYPE", "SRC_IP", "DST_IP", "IP_PROTOCOL", "L4_SRC_PORT", "L4_DST_PORT", "TCP_FLAGS", "ICMP_TYPE"],
    6: ["IP_TYPE", "SRC_IPV6", "DST_IPV6", "IP_PROTOCOL", "L4_SRC_PORT", "L4_DST_PORT", "TCP_FLAGS", "ICMPV6_TYPE"],
}
NUMBERS = {"tcp": "6", "udp": "17"}
ICMP = {4: ("1", "ICMP_TYPE"), 6: ("58", "ICMPV6_TYPE")}
ACK, RST = "0x10/0x10", "0x04/0x04"
HIGHEST = 99_999
ACTIONS = {"permit": "FORWARD", "deny": "DROP"}


def filter_tables(filters: Sequence[PortFilter]) -> dict[str, Table]:
    """ACL_TABLE_TYPE, ACL_TABLE and ACL_RULE; all empty where nothing is filtered."""
    tables: Table = {}
    rules: Table = {}
    for each in filters:
        for family, kind in TYPES.items():
            name = table_name(each.name, family)
            tables[name] = {
                "policy_desc": f"From {each.name}",
                "type": kind,
                "stage": "ingress",
                "ports": list(each.interfaces),
            }
            rows = [row for rule in each.rules if rule.family == family for row in _rows(rule)]
            for number, row in enumerate(rows):
                rules[f"{name}|RULE_{number + 1:05}"] = {"PRIORITY": str(HIGHEST - number), **row}
            rules[f"{name}|DEFAULT_RULE"] = {
                "PRIORITY": "1",
                "PACKET_ACTION": "DROP",
                "IP_TYPE": FAMILIES[family],
            }
    types: Table = {
        kind: {"MATCHES": MATCHES[family], "ACTIONS": ["PACKET_ACTION"], "BIND_POINTS": ["PORT"]}
        for family, kind in TYPES.items()
        if tables
    }
    return {"ACL_TABLE_TYPE": types, "ACL_TABLE": tables, "ACL_RULE": rules}


def table_name(zone: str, family: int) -> str:
    """`compute` -> `ZONE_COMPUTE_V4`."""
    return f"ZONE_{zone.upper().replace('-', '_').replace('.', '_')}_V{family}"


def _rows(rule: FilterRule) -> Iterator[dict[str, str]]:
    head = {"PACKET_ACTION": ACTIONS[rule.action], "IP_TYPE": FAMILIES[rule.family]}
    for source, target, what in product(rule.sources or ("",), rule.targets or ("",), _whats(rule)):
        ends = {SOURCES[rule.family]: source, TARGETS[rule.family]: target}
        yield head | {field: prefix for field, prefix in ends.items() if prefix} | what


def _whats(rule: FilterRule) -> list[dict[str, str]]:
    """What a rule matches beside addresses, each as one row's fields."""
    match rule.protocol:
        case "tcp" | "udp":
            field = "L4_SRC_PORT" if rule.answer else "L4_DST_PORT"
            flags = [{"TCP_FLAGS": ACK}, {"TCP_FLAGS": RST}] if rule.answer and rule.protocol == "tcp" else [{}]
            number = {"IP_PROTOCOL": NUMBERS[rule.protocol]}
            return [number | {field: str(port)} | flag for port in rule.ports for flag in flags]
        case "icmp":
            protocol, field = ICMP[rule.family]
            return [{"IP_PROTOCOL": protocol, field: str(kind)} for kind in rule.icmp_types]
        case _:
            return [{}]
