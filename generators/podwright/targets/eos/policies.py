"""Prefix lists, community lists and route maps, the entries of each as far apart as FRR's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.projection.records import Bgp, Policy, PrefixMatch, PrefixSet, Statement
from podwright.targets.eos.blocks import Block, section

STEP, MAP_STEP = 5, 10
KEYWORDS = {4: "ip", 6: "ipv6"}
NOTHING = {4: "deny 0.0.0.0/0 le 32", 6: "deny ::/0 le 128"}


def prefix_lists(bgp: Bgp | None) -> Iterator[Block]:
    if bgp is None:
        return
    if bgp.communities:
        yield tuple(f"ip community-list {name} permit {value}" for name, value in bgp.communities)
    for family in (4, 6):
        for each in bgp.prefix_sets:
            if each.family == family:
                yield section(f"{KEYWORDS[family]} prefix-list {each.name}", _entries(each))


def policies(bgp: Bgp | None) -> Iterator[Block]:
    if bgp is not None:
        communities = dict(bgp.communities)
        for policy in bgp.policies:
            yield from _steps(policy, communities)


def _entries(prefixes: PrefixSet) -> Iterator[str]:
    """A set's lines. A list without lines would match everything, so an empty set denies in writing."""
    if not prefixes.entries:
        yield f"seq {STEP} {NOTHING[prefixes.family]}"
    for place, match in enumerate(prefixes.entries, start=1):
        yield f"seq {STEP * place} permit {match.prefix}{_lengths(match)}"


def _lengths(match: PrefixMatch) -> str:
    own = int(match.prefix.rpartition("/")[2])
    at_least = f" ge {match.min_length}" if match.min_length > own else ""
    at_most = f" le {match.max_length}" if match.max_length > own else ""
    return at_least + at_most


def _steps(policy: Policy, communities: Mapping[str, str]) -> Iterator[Block]:
    """Matches of one entry are all wanted at once, so prefixes of two families become two entries."""
    seq = 0
    for statement in policy.statements:
        for prefixes in _prefix_matches(statement):
            seq += MAP_STEP
            yield section(
                f"route-map {policy.name} {statement.action} {seq}",
                (*prefixes, *_community(statement), *_added(statement, communities)),
            )


def _prefix_matches(statement: Statement) -> list[tuple[str, ...]]:
    named = (("ip", statement.prefix_set), ("ipv6", statement.prefix_set6))
    return [(f"match {keyword} address prefix-list {name}",) for keyword, name in named if name] or [()]


def _community(statement: Statement) -> tuple[str, ...]:
    return (f"match community {statement.community}",) if statement.community else ()


def _added(statement: Statement, communities: Mapping[str, str]) -> tuple[str, ...]:
    added = communities[statement.add_community] if statement.add_community else ""
    return (f"set community {added} additive",) if added else ()
