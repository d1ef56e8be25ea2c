"""Filters as access control lists: one a zone and family, inbound on the ports that the zone is behind.

What comes in by such a port is filtered whether it is passed on or for the switch, as NVUE puts the rules before routing.
A rule has one prefix on each side, so a filter's rule becomes as many as its ends multiply to. Lower numbers come first:
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/System-Configuration/Access-Control-Lists/Access-Control-List-Configuration/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from podwright.projection.records import FilterRule, PortFilter
from podwright.targets.nvue.spelling import Node, members

STEP = 10
FAMILIES = (4, 6)
ICMP = {4: ("icmp", "icmp-type"), 6: ("icmpv6", "icmpv6-type")}
EVERYTHING: Node = {"dest-ip": "ANY", "source-ip": "ANY"}
LONGEST_REMARK = 255


def access_lists(filters: Sequence[PortFilter]) -> Node:
    """The lists by name; none where nothing is filtered."""
    return {
        list_name(each.name, family): {"rule": _numbered(each.rules, family), "type": f"ipv{family}"}
        for each in filters
        for family in FAMILIES
    }


def bound_lists(filters: Sequence[PortFilter]) -> Node:
    """Interface -> the lists of what comes in by it."""
    return {
        port: {"acl": {list_name(each.name, family): members(["inbound"]) for family in FAMILIES}}
        for each in filters
        for port in each.interfaces
    }


def list_name(zone: str, family: int) -> str:
    """`compute` -> `ZONE_COMPUTE_V4`."""
    return f"ZONE_{zone.upper().replace('-', '_').replace('.', '_')}_V{family}"


def _numbered(rules: Sequence[FilterRule], family: int) -> Node:
    """The rules of a family in order, and the last one, which drops."""
    nodes = [node for rule in rules if rule.family == family for node in _rules(rule)]
    nodes.append({"action": members(["deny"]), "match": {"ip": EVERYTHING}})
    return {str(STEP * place): node for place, node in enumerate(nodes, start=1)}


def _rules(rule: FilterRule) -> Iterator[Node]:
    remark = {"remark": rule.note[:LONGEST_REMARK]} if rule.note else {}
    for source, target, what in product(rule.sources or ("ANY",), rule.targets or ("ANY",), _whats(rule)):
        match = {"dest-ip": target, **what, "source-ip": source}
        yield {"action": members([rule.action]), "match": {"ip": match}, **remark}


def _whats(rule: FilterRule) -> list[Node]:
    """What a rule matches beside addresses, each as one rule's fields."""
    match rule.protocol:
        case "tcp" | "udp":
            ports: Node = {"source-port" if rule.answer else "dest-port": members(map(str, rule.ports))}
            state = {"state": "established"} if rule.answer and rule.protocol == "tcp" else {}
            return [{"protocol": rule.protocol, rule.protocol: {**ports, **state}}]
        case "icmp":
            protocol, field = ICMP[rule.family]
            return [{field: kind, "protocol": protocol} for kind in rule.icmp_types]
        case _:
            return [{}]
