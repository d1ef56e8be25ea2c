"""BGP of one device: neighbours, and the policies that keep every path valley-free.

A leaf marks what a spine told it, and never tells a spine that again; a server is believed about its own address only;
a spine tells leaves everything of the fabric. Policies are explicit in both directions of every session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

from podwright.design import Index
from podwright.model.design import Device, FabricPlan, Prefix, Session
from podwright.model.design.identity import Tier
from podwright.projection.overlay import own_networks
from podwright.projection.records import (
    BfdTimers,
    Bgp,
    Neighbor,
    Policy,
    PrefixMatch,
    PrefixSet,
    SourceChoice,
    Statement,
    VrfRouting,
)
from podwright.projection.spelling import linux_name

FROM_SPINE = "FROM-SPINE"
SPINE_COMMUNITY = "64900:1"
DEFAULT, DEFAULT6 = "0.0.0.0/0", "::/0"
NeighborUse = Literal["spine", "leaf", "host", "outside", "pod"]
USES: dict[Tier, NeighborUse] = {"spine": "spine", "leaf": "leaf", "host": "host", "outside": "outside"}


def project_bgp(index: Index, device: Device) -> Bgp | None:
    """The BGP configuration of a device; None where it routes without. A server may speak BGP on several fabrics."""
    router = index.router.get(device.name)
    if router is None:
        return None
    home = index.fabric[router.fabric]
    sessions = index.sessions_of[device.name]
    spoken = dict.fromkeys([home.name, *(session.fabric for session in sessions)])
    policies = {name: _Policies(index, index.fabric[name], device) for name in spoken}
    neighbors = tuple(
        policies[session.fabric].neighbor(session) for session in sessions if not _tenant(device, session)
    )
    vrfs = tuple(policies[home.name].vrf(each.vrf) for each in index.vrf_members.get(device.name, ()))
    return Bgp(
        asn=router.asn,
        router_id=router.router_id,
        max_paths=router.max_paths,
        networks=tuple(index.loopbacks(device.name)),
        aggregates=policies[home.name].own_aggregates(),
        neighbors=neighbors,
        sources=tuple(each.source() for each in policies.values()) if device.tier == "host" else (),
        prefix_sets=_merged(each.sets for each in policies.values()),
        communities=((FROM_SPINE, SPINE_COMMUNITY),) if device.tier == "leaf" and home.spines else (),
        policies=_merged(each.made for each in policies.values()),
        bfd=tuple(each.timers() for each in policies.values() if each.watched),
        ipv6=any(each.ipv6 for each in policies.values()),
        vrfs=vrfs,
    )


def _tenant(device: Device, session: Session) -> str:
    """The tenant whose routes the device exchanges in a session: those at its lower end never know of tenants."""
    return session.vrf if device.name == session.b_device else ""


_Named = TypeVar("_Named")


def _merged(parts: Iterable[Mapping[str, _Named]]) -> tuple[_Named, ...]:
    """What all parts made, each name once, in order of name."""
    made = {name: each for part in parts for name, each in part.items()}
    return tuple(made[name] for name in sorted(made))


class _Policies:
    """The policies that the neighbours of one device ask for in one fabric, each made once.

    A device of one fabric calls things by what they are for; a server, which may be in several, by the fabric.
    """

    def __init__(self, index: Index, fabric: FabricPlan, device: Device) -> None:
        self.index = index
        self.fabric = fabric
        self.device = device
        prefixes = index.prefixes_of_fabric[fabric.name]
        self.pools = [prefix for prefix in prefixes if prefix.use in ("pool", "hosts")]
        self.host_pools = _host_pools(self.pools)
        self.ipv6 = any(":" in prefix.prefix for prefix in self.pools)
        self.watched = False
        self.sets: dict[str, PrefixSet] = {}
        self.matches: dict[str, dict[str, str]] = {}
        self.made: dict[str, Policy] = {}

    def neighbor(self, session: Session) -> Neighbor:
        ours = session.a_device == self.device.name
        other = self.index.device[session.b_device if ours else session.a_device]
        interface = session.a_interface if ours else session.b_interface
        incoming, outgoing = self._pair(other)
        self.watched |= session.bfd
        tunnels = bool(self.fabric.overhead) and session.use == "fabric"
        return Neighbor(
            interface=interface,
            linux=linux_name(interface),
            address=session.b_address if ours else session.a_address,
            address6=session.b_address6 if ours else session.a_address6,
            remote_asn=session.b_asn if ours else session.a_asn,
            device=other.name,
            use="pod" if self.device.tier == "outside" else USES[other.tier],
            import_policy=incoming,
            export_policy=outgoing,
            password=session.password,
            bfd=self.fabric.name if session.bfd else "",
            ipv6=self.ipv6,
            evpn_import=self._evpn("FROM", other) if tunnels else "",
            evpn_export=self._evpn("TO", other) if tunnels else "",
        )

    def vrf(self, tenant: str) -> VrfRouting:
        """A tenant's routes at this switch: what it has a port in, its servers' links, and what its neighbours tell."""
        return VrfRouting(
            vrf=tenant,
            networks=tuple(own_networks(self.index, self.device, tenant)),
            aggregates=self._aggregates(tenant),
            neighbors=tuple(
                self.neighbor(session)
                for session in self.index.sessions_of[self.device.name]
                if _tenant(self.device, session) == tenant
            ),
        )

    def _evpn(self, way: Literal["FROM", "TO"], other: Device) -> str:
        """The policy of tenants' routes: a leaf marks what spines tell it and keeps it from spines, as in its own table."""
        name = f"{way}-{other.tier.upper()}-EVPN"
        if other.tier != "spine":
            return self._policy(name, Statement(action="permit"))
        if way == "FROM":
            return self._policy(name, Statement(action="permit", add_community=FROM_SPINE))
        return self._policy(name, Statement(action="deny", community=FROM_SPINE), Statement(action="permit"))

    def _pair(self, other: Device) -> tuple[str, str]:
        """Names of the import and export policy towards `other`."""
        match self.device.tier, other.tier:
            case "leaf", "spine":
                return self._from_spine(), self._to_spine()
            case "leaf", "host":
                return self._from_host(other), self._to_host()
            case "spine", "leaf":
                return self._plain("FROM-LEAF", self._fabric()), self._plain("TO-LEAF", self._fabric(), self._default())
            case "host", _:
                fabric = self.fabric.name.upper()
                return self._plain(f"FROM-{fabric}", self._reached()), self._plain(f"TO-{fabric}", self._own_here())
            case "outside", _:
                return self._plain("FROM-POD", self._fabric()), self._plain("TO-POD", self._default())
            case _:
                return self._plain("FROM-OUTSIDE", self._default()), self._plain("TO-OUTSIDE", self._fabric())

    def _from_spine(self) -> str:
        return self._policy(
            FROM_SPINE,
            Statement(action="permit", add_community=FROM_SPINE, **self._fabric()),
            Statement(action="permit", add_community=FROM_SPINE, **self._default()),
        )

    def _to_spine(self) -> str:
        return self._policy(
            "TO-SPINE",
            Statement(action="deny", community=FROM_SPINE),
            Statement(action="deny", **self._host_pool()),
            Statement(action="permit", **self._fabric()),
        )

    def _from_host(self, host: Device) -> str:
        own = [(address, False) for address in self.index.loopbacks(host.name, self.fabric.name)]
        return self._plain(f"FROM-{host.name.upper()}", self._set(f"OWN-{host.name.upper()}", own))

    def _to_host(self) -> str:
        return self._plain("TO-HOST", self._host_pool(), self._default())

    def _plain(self, name: str, *matches: dict[str, str]) -> str:
        return self._policy(name, *(Statement(action="permit", **match) for match in matches))

    def _policy(self, name: str, *statements: Statement) -> str:
        self.made.setdefault(name, Policy(name=name, statements=statements))
        return name

    def _fabric(self) -> dict[str, str]:
        """Every route of the fabric's pools."""
        return self._set("FABRIC", [(prefix.prefix, True) for prefix in self.pools])

    def _host_pool(self) -> dict[str, str]:
        """The pool of hosts as one route: what servers are told instead of every address."""
        return self._set("HOST-POOL", [(prefix.prefix, False) for prefix in self.host_pools])

    def _default(self) -> dict[str, str]:
        return self._set("DEFAULT", self._defaults())

    def _defaults(self) -> list[tuple[str, bool]]:
        return [(DEFAULT, False)] + ([(DEFAULT6, False)] if self.ipv6 else [])

    def _reached(self) -> dict[str, str]:
        """What a server reaches over this fabric: its hosts, and whatever is beyond them over its home fabric only.

        A default route over another fabric would send packets that carry the home's address, and answers elsewhere.
        """
        hosts = [(prefix.prefix, False) for prefix in self.host_pools]
        return self._set(f"REACHED-{self.fabric.name.upper()}", hosts + (self._defaults() if self._is_home() else []))

    def _own_here(self) -> dict[str, str]:
        addresses = self.index.loopbacks(self.device.name, self.fabric.name)
        return self._set(f"OWN-{self.fabric.name.upper()}", [(address, False) for address in addresses])

    def _is_home(self) -> bool:
        return self.index.router[self.device.name].fabric == self.fabric.name

    def _set(self, name: str, entries: list[tuple[str, bool]]) -> dict[str, str]:
        """Record the prefixes, once, as a set of each family; returns the statement's match."""
        if name in self.matches:
            return self.matches[name]
        match = self.matches[name] = {}
        for family, key, suffix in ((4, "prefix_set", ""), (6, "prefix_set6", "-6")):
            chosen = [(prefix, longer) for prefix, longer in entries if (":" in prefix) == (family == 6)]
            if not chosen:
                continue
            self.sets[name + suffix] = PrefixSet(
                name=name + suffix,
                family=family,
                entries=tuple(
                    PrefixMatch(prefix=prefix, max_length=(32 if family == 4 else 128) if longer else 0)
                    for prefix, longer in chosen
                ),
            )
            match[key] = name + suffix
        return match

    def source(self) -> SourceChoice:
        """A server has addresses on its rails too: along the routes of this fabric it uses its loopback's."""
        matches = self._reached()
        addresses = {
            (":" in each): each.partition("/")[0] for each in self.index.loopbacks(self.device.name, self.fabric.name)
        }
        return SourceChoice(
            prefix_set=matches["prefix_set"],
            address=addresses[False],
            prefix_set6=matches.get("prefix_set6", ""),
            address6=addresses.get(True, ""),
        )

    def timers(self) -> BfdTimers:
        return BfdTimers(
            name=self.fabric.name, interval_ms=self.fabric.bfd_interval_ms, multiplier=self.fabric.bfd_multiplier
        )

    def own_aggregates(self) -> tuple[str, ...]:
        """Routes that the device originates in its own routing table with a discard of its own."""
        if self.device.tier == "outside":
            speaks_ipv6 = any(session.a_address6 for session in self.index.sessions_of[self.device.name])
            return (DEFAULT, DEFAULT6) if speaks_ipv6 else (DEFAULT,)
        return self._aggregates("")

    def _aggregates(self, tenant: str) -> tuple[str, ...]:
        """What a leaf serves of rails with a link a NIC, and what its servers with routes of their own are told."""
        if self.device.tier != "leaf":
            return ()
        served = [prefix.prefix for prefix in self.index.announced.get(self.device.name, ()) if prefix.use == "leaf"]
        sessions = [each for each in self.index.sessions_of[self.device.name] if each.vrf == tenant]
        speaks_to_hosts = any(each.use == "host" for each in sessions)
        rails = served if self._serves_links(tenant) else []
        return tuple(rails + ([prefix.prefix for prefix in self.host_pools] if speaks_to_hosts else []))

    def _serves_links(self, tenant: str) -> bool:
        """Whether links of rails are in a routing table. The switch's own has them from the first, for servers to come."""
        if tenant:
            return not self.index.vrf[self.fabric.name, tenant].bridged
        return self.fabric.shared


def _host_pools(pools: Iterable[Prefix]) -> list[Prefix]:
    """Where servers have their loopbacks: a pool of hosts, or the only pool."""
    listed = list(pools)
    return [prefix for prefix in listed if prefix.use == "hosts"] or [
        prefix for prefix in listed if prefix.use == "pool"
    ]
