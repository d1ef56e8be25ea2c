"""BGP, its policies, and the routes that are discarded so that aggregates exist.

A route map's `set community` replaces what a route carries, and NVUE has no word for adding to it. So the one line that adds
is a snippet, which NVUE puts at the end of the frr.conf that it writes: FRR then finds the route map's entry there already.
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/System-Configuration/NVIDIA-User-Experience-NVUE/NVUE-Snippets/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from podwright.projection.overlay_records import VrfConfig
from podwright.projection.records import BfdTimers, Bgp, Neighbor, Policy, PrefixMatch, PrefixSet, Statement, VrfRouting
from podwright.projection.spelling import marker
from podwright.targets.nvue.spelling import Node, members

MOST_PATHS = 128
"""As many equal paths as NVUE takes: its schema's limit of `multipaths ebgp`."""
STEP, MAP_STEP = 5, 10
FAMILIES = (4, 6)
EVERYTHING = {4: ("0.0.0.0/0", 32), 6: ("::/0", 128)}


def router(bgp: Bgp) -> Node:
    """What is BGP's in every VRF, and the policies."""
    policies = {
        "community-list": {name: _community(value) for name, value in bgp.communities},
        "prefix-list": {each.name: _prefix_list(each) for each in bgp.prefix_sets},
        "route-map": {each.name: _route_map(each) for each in bgp.policies},
    }
    return {
        "bgp": {"autonomous-system": bgp.asn, "enable": "on", "router-id": bgp.router_id},
        "policy": {name: listed for name, listed in policies.items() if listed},
    }


def default_vrf(bgp: Bgp) -> Node:
    """The speaker: what it originates, how many paths it uses, and its sessions."""
    families = {f"ipv{each}-unicast": _family(bgp, bgp, each) for each in _spoken(bgp)}
    if any(each.evpn_import for each in bgp.neighbors):
        families["l2vpn-evpn"] = {"enable": "on"}
    return {"router": {"bgp": _speaker(bgp, bgp, families), **_discards(bgp.aggregates)}}


def tenant_router(bgp: Bgp, vrf: VrfConfig) -> Node:
    """A tenant's routes, all of which other switches are told too. AS number and router ID are the default VRF's."""
    routing = next(each for each in bgp.vrfs if each.vrf == vrf.name)
    exported = {"route-export": {"to-evpn": {"enable": "on"}}}
    families = {f"ipv{each}-unicast": {**_family(bgp, routing, each), **exported} for each in _spoken(bgp)}
    target = members([vrf.target])
    speaker = {
        **_speaker(bgp, routing, {**families, "l2vpn-evpn": {"enable": "on"}}),
        "rd": vrf.distinguisher,
        "route-export": {"to-evpn": {"route-target": target}},
        "route-import": {"from-evpn": {"route-target": target}},
    }
    return {"bgp": speaker, **_discards(routing.aggregates)}


def _spoken(bgp: Bgp) -> list[int]:
    return [each for each in FAMILIES if each == 4 or bgp.ipv6]


def _speaker(bgp: Bgp, routing: Bgp | VrfRouting, families: Node) -> Node:
    timers = {each.name: each for each in bgp.bfd}
    sessions = dict(session for each in routing.neighbors for session in _sessions(each, timers))
    return {
        "address-family": families,
        "enable": "on",
        **({"neighbor": sessions} if sessions else {}),
        "path-selection": {"multipath": {"aspath-ignore": "on"}},
    }


def _discards(aggregates: Iterable[str]) -> Node:
    routes: Node = {
        prefix: {"address-family": f"ipv{_version(prefix)}-unicast", "via": {"blackhole": {"type": "blackhole"}}}
        for prefix in aggregates
    }
    return {"static": routes} if routes else {}


def frr_snippet(bgp: Bgp) -> str:
    """Lines for frr.conf that add communities to routes; empty where no policy does."""
    communities = dict(bgp.communities)
    return "".join(
        f"route-map {policy.name} {statement.action} {number}\n  set community {communities[statement.add_community]} additive\n"
        for policy in bgp.policies
        for number, statement, _ in _steps(policy.statements)
        if statement.add_community
    )


def _version(prefix: str) -> int:
    return 6 if ":" in prefix else 4


def _family(bgp: Bgp, routing: Bgp | VrfRouting, version: int) -> Node:
    networks = members(prefix for prefix in (*routing.networks, *routing.aggregates) if _version(prefix) == version)
    return {
        "enable": "on",
        "multipaths": {"ebgp": min(bgp.max_paths, MOST_PATHS)},
        **({"network": networks} if networks else {}),
    }


def _sessions(neighbor: Neighbor, timers: Mapping[str, BfdTimers]) -> Iterator[tuple[str, Node]]:
    """An unnumbered session carries every family; a numbered one its own."""
    watched = timers.get(neighbor.bfd)
    if neighbor.address:
        yield neighbor.address, _session(neighbor, "numbered", (4,), watched)
    if neighbor.address6:
        yield neighbor.address6, _session(neighbor, "numbered", (6,), watched)
    if not neighbor.address and not neighbor.address6:
        yield neighbor.interface, _session(neighbor, "unnumbered", FAMILIES if neighbor.ipv6 else (4,), watched)


def _session(neighbor: Neighbor, kind: str, spoken: Sequence[int], watched: BfdTimers | None) -> Node:
    policy: Node = {"inbound": {"route-map": neighbor.import_policy}, "outbound": {"route-map": neighbor.export_policy}}
    families: Node = {
        f"ipv{each}-unicast": {"enable": "on", "policy": policy} if each in spoken else {"enable": "off"}
        for each in FAMILIES
    }
    return {
        "address-family": {**families, **_tunnelled(neighbor)},
        **({"bfd": _watch(watched)} if watched else {}),
        "description": neighbor.device,
        **({"password": marker(neighbor.password)} if neighbor.password else {}),
        "remote-as": neighbor.remote_asn,
        "type": kind,
    }


def _tunnelled(neighbor: Neighbor) -> Node:
    """Tenants' routes, which keep their next hop: FRR leaves the other end of a tunnel as it is between autonomous systems."""
    if not neighbor.evpn_import:
        return {}
    inbound, outbound = {"route-map": neighbor.evpn_import}, {"route-map": neighbor.evpn_export}
    return {"l2vpn-evpn": {"enable": "on", "policy": {"inbound": inbound, "outbound": outbound}}}


def _watch(timers: BfdTimers) -> Node:
    return {
        "detect-multiplier": timers.multiplier,
        "enable": "on",
        "min-rx-interval": timers.interval_ms,
        "min-tx-interval": timers.interval_ms,
    }


def _community(value: str) -> Node:
    return {"rule": {str(STEP): {"action": "permit", "community": members([value])}}}


def _prefix_list(prefixes: PrefixSet) -> Node:
    """A list without rules is no list to FRR, so an empty set denies in writing."""
    rules: list[Node] = [{"action": "permit", "match": {each.prefix: _lengths(each)}} for each in prefixes.entries]
    if not rules:
        prefix, longest = EVERYTHING[prefixes.family]
        rules = [{"action": "deny", "match": {prefix: {"max-prefix-len": longest}}}]
    return {
        "rule": {str(STEP * place): rule for place, rule in enumerate(rules, start=1)},
        "type": f"ipv{prefixes.family}",
    }


def _lengths(match: PrefixMatch) -> Node:
    own = int(match.prefix.rpartition("/")[2])
    return {
        **({"max-prefix-len": match.max_length} if match.max_length > own else {}),
        **({"min-prefix-len": match.min_length} if match.min_length > own else {}),
    }


def _route_map(policy: Policy) -> Node:
    return {"rule": {str(number): _rule(statement, match) for number, statement, match in _steps(policy.statements)}}


def _rule(statement: Statement, prefixes: Node) -> Node:
    community = {"community-list": statement.community} if statement.community else {}
    match = {**community, **prefixes}
    return {"action": members([statement.action]), **({"match": match} if match else {})}


def _steps(statements: Iterable[Statement]) -> Iterator[tuple[int, Statement, Node]]:
    """Rules with their numbers and prefix matches. A rule's matches are ANDed, so prefixes of two families become two."""
    number = 0
    for statement in statements:
        sets = [(4, statement.prefix_set), (6, statement.prefix_set6)]
        matches: list[Node] = [{"ip-prefix-list": name, "type": f"ipv{family}"} for family, name in sets if name]
        for match in matches or [{}]:
            number += MAP_STEP
            yield number, statement, match
