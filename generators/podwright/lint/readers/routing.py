"""How a SONiC switch routes: BGP sessions of config_db.json, or of frr.conf where that is written by hand (split mode).

Templates of config_db's sessions: https://github.com/sonic-net/sonic-buildimage/tree/master/dockers/docker-fpm-frr/frr/bgpd/templates
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface

from podwright.lint.readers.rows import Tables
from podwright.lint.records import Routing, Session

INTERFACES = ("INTERFACE", "PORTCHANNEL_INTERFACE", "VLAN_INTERFACE")
TAKES_OWN_AS = "ToRRouter"
"""The device type whose sessions get `allowas-in 1` (general/peer-group.conf.j2); a LeafRouter's with BGP_BBR only."""


def read_routing(tables: Tables) -> Routing:
    """What config_db.json says: its sessions are made by the templates of SONiC, which keep no route back."""
    identity = tables.row("DEVICE_METADATA", "localhost")
    kind = identity.text("type")
    own_as = kind == TAKES_OWN_AS or (kind == "LeafRouter" and tables.row("BGP_BBR", "all").text("status") == "enabled")
    addresses = tuple(_addresses(tables))
    sessions = [
        Session(port=_port_of(key.rpartition("|")[2], addresses), own_as=own_as)
        for key, row in tables.rows("BGP_NEIGHBOR")
        if row.text("admin_status") != "down"
    ]
    return Routing(
        asn=_asn(identity.text("bgp_asn")),
        sessions=tuple(session for session in sessions if session.port),
        bundles={port: bundle for bundle, port in _members(tables)},
        addresses=addresses,
        statics=any(True for _ in tables.rows("STATIC_ROUTE")),
    )


def _addresses(tables: Tables) -> Iterator[tuple[str, str]]:
    for table in INTERFACES:
        for key, _ in tables.rows(table):
            *_, name, address = ("", *key.split("|"))
            if "/" in address:
                yield name, address


def _members(tables: Tables) -> Iterator[tuple[str, str]]:
    for key, _ in tables.rows("PORTCHANNEL_MEMBER"):
        bundle, _, port = key.partition("|")
        yield bundle, port


def _port_of(neighbour: str, addresses: Iterable[tuple[str, str]]) -> str:
    """The interface that a session goes over: itself the neighbour's name, or that in whose network its address lies."""
    try:
        far = ip_address(neighbour)
    except ValueError:
        return neighbour
    for name, address in addresses:
        try:
            network = ip_interface(address).network
        except ValueError:
            continue
        if far.version == network.version and far in network:
            return name
    return ""


def _asn(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def is_frr(text: str) -> bool:
    """Whether this is FRRouting's configuration with a BGP router."""
    return any(line.startswith("router bgp ") for line in text.splitlines())


def read_frr(text: str, known: Routing) -> Routing:
    """The routing of a switch whose frr.conf this is; `known` is what its config_db.json says."""
    frr = _Frr()
    for line in text.splitlines():
        frr.take(line.split())
    sessions = [frr.session(name, known.addresses) for name in frr.neighbours]
    return Routing(
        asn=frr.asn or known.asn,
        sessions=tuple(session for session in sessions if session.port),
        bundles=known.bundles,
        addresses=known.addresses,
        statics=known.statics or frr.statics,
    )


class _Entry:
    """An entry of a route map: whether it permits, the community lists it matches, the communities it adds."""

    def __init__(self, permits: bool) -> None:
        self.permits = permits
        self.matches: list[str] = []
        self.narrow = False
        self.adds: frozenset[str] = frozenset()


class _Frr:
    """The statements of a frr.conf that decide who is told what. Networks and prefix lists are left aside: a route more
    than there is may be followed, and none that there is is missed.
    """

    def __init__(self) -> None:
        self.asn = 0
        self.statics = False
        self.groups: set[str] = set()
        self.settings: dict[str, dict[str, str]] = defaultdict(dict)
        self.maps: dict[str, list[_Entry]] = defaultdict(list)
        self.lists: dict[str, set[str]] = defaultdict(set)
        self._entry = _Entry(False)

    @property
    def neighbours(self) -> list[str]:
        return [name for name in self.settings if name not in self.groups]

    def take(self, words: list[str]) -> None:
        match words:
            case ["router", "bgp", asn, *_]:
                self.asn = self.asn or _asn(asn)
            case ["ip" | "ipv6", "route", _, via, *_] if via not in ("blackhole", "Null0", "reject"):
                self.statics = True
            case ["neighbor", name, *rest]:
                self._neighbour(name, rest)
            case ["bgp", "community-list", "standard", name, *_, "permit", community]:
                self.lists[name].add(community)
            case ["route-map", name, "permit" | "deny" as action, *_]:
                self._entry = _Entry(action == "permit")
                self.maps[name].append(self._entry)
            case ["match", "community", name, *_]:
                self._entry.matches.append(name)
            case ["match", *_]:
                self._entry.narrow = True
            case ["set", "community", *communities]:
                self._entry.adds = frozenset(communities) - {"additive"}

    def _neighbour(self, name: str, rest: list[str]) -> None:
        match rest:
            case ["peer-group"]:
                self.groups.add(name)
            case (
                ["peer-group", group]
                | ["interface", "peer-group", group]
                | ["interface", "v6only", "peer-group", group]
            ):
                self.settings[name]["group"] = group
            case ["interface", *_] | ["remote-as", *_]:
                self.settings[name].setdefault("remote", "yes")
            case ["route-map", route_map, "in" | "out" as way]:
                self.settings[name][way] = route_map
            case ["allowas-in", *_]:
                self.settings[name]["own_as"] = "yes"
            case ["as-override", *_] | ["remove-private-AS", *_]:
                self.settings[name]["hides"] = "yes"
            case ["shutdown", *_]:
                self.settings[name]["down"] = "yes"

    def session(self, name: str, addresses: Iterable[tuple[str, str]]) -> Session:
        mine = {**self.settings.get(self.settings[name].get("group", ""), {}), **self.settings[name]}
        return Session(
            port="" if "down" in mine else _port_of(name, addresses),
            own_as="own_as" in mine,
            hides_as="hides" in mine,
            adds=self._added(mine.get("in", "")),
            withholds=self._withheld(mine.get("out", "")),
        )

    def _added(self, route_map: str) -> tuple[str, ...]:
        """What every route that the map lets in is marked with."""
        sets = [entry.adds for entry in self.maps.get(route_map, ()) if entry.permits]
        return tuple(sorted(frozenset.intersection(*sets))) if sets else ()

    def _withheld(self, route_map: str) -> tuple[str, ...]:
        """The marks whose routes the map keeps back, whatever else they are: those that it denies before it permits any."""
        marks: set[str] = set()
        for entry in self.maps.get(route_map, ()):
            if entry.permits:
                break
            if entry.matches and not entry.narrow:
                marks |= {mark for name in entry.matches for mark in self.lists.get(name, {name})}
        return tuple(sorted(marks))
