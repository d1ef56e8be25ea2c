"""BGP of one device: neighbours, and the policies that keep every path valley-free.

A leaf marks what a spine told it, and never tells a spine that again; a server is believed about its own address only;
a spine tells leaves everything of the fabric. Policies are explicit in both directions of every session.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from podwright.design import Index
from podwright.model.design import Device, FabricPlan, Prefix, Session
from podwright.model.design.identity import Tier
from podwright.projection.records import Bgp, Neighbor, Policy, PrefixMatch, PrefixSet, Statement
from podwright.projection.spelling import linux_name

FROM_SPINE = "FROM-SPINE"
SPINE_COMMUNITY = "64900:1"
DEFAULT, DEFAULT6 = "0.0.0.0/0", "::/0"
NeighborUse = Literal["spine", "leaf", "host", "outside", "pod"]
USES: dict[Tier, NeighborUse] = {"spine": "spine", "leaf": "leaf", "host": "host", "outside": "outside"}


def project_bgp(index: Index, device: Device) -> Bgp | None:
    """The BGP configuration of a device; None where it routes without."""
    router = index.router.get(device.name)
    if router is None:
        return None
    fabric = index.fabric[router.fabric]
    sessions = index.sessions_of[device.name]
    policies = _Policies(index, fabric, device)
    neighbors = tuple(policies.neighbor(session) for session in sessions)
    return Bgp(
        asn=router.asn,
        router_id=router.router_id,
        max_paths=router.max_paths,
        networks=policies.networks(),
        aggregates=policies.aggregates(),
        neighbors=neighbors,
        prefix_sets=policies.prefix_sets(),
        communities=((FROM_SPINE, SPINE_COMMUNITY),) if device.tier == "leaf" and fabric.spines else (),
        policies=policies.policies(),
        bfd_interval_ms=fabric.bfd_interval_ms,
        bfd_multiplier=fabric.bfd_multiplier,
        ipv6=policies.ipv6,
    )


class _Policies:
    """The policies that the neighbours of one device ask for, each made once."""

    def __init__(self, index: Index, fabric: FabricPlan, device: Device) -> None:
        self.index = index
        self.fabric = fabric
        self.device = device
        prefixes = index.prefixes_of_fabric[fabric.name]
        self.pools = [prefix for prefix in prefixes if prefix.use in ("pool", "hosts")]
        self.host_pools = _host_pools(self.pools)
        self.ipv6 = any(":" in prefix.prefix for prefix in self.pools)
        self.sets: dict[str, PrefixSet] = {}
        self.matches: dict[str, dict[str, str]] = {}
        self.made: dict[str, Policy] = {}

    def neighbor(self, session: Session) -> Neighbor:
        ours = session.a_device == self.device.name
        other = self.index.device[session.b_device if ours else session.a_device]
        interface = session.a_interface if ours else session.b_interface
        incoming, outgoing = self._pair(other)
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
            bfd=session.bfd,
        )

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
                return self._plain("FROM-LEAF", self._host_pool(), self._default()), self._plain(
                    "TO-LEAF", self._own(self.device)
                )
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
        return self._plain(f"FROM-{host.name.upper()}", self._own(host))

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
        return self._set("DEFAULT", [(DEFAULT, False)] + ([(DEFAULT6, False)] if self.ipv6 else []))

    def _own(self, host: Device) -> dict[str, str]:
        return self._set(f"OWN-{host.name.upper()}", [(address, False) for address in self.index.loopbacks(host.name)])

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

    def prefix_sets(self) -> tuple[PrefixSet, ...]:
        return tuple(self.sets[name] for name in sorted(self.sets))

    def policies(self) -> tuple[Policy, ...]:
        return tuple(self.made[name] for name in sorted(self.made))

    def networks(self) -> tuple[str, ...]:
        return tuple(self.index.loopbacks(self.device.name))

    def aggregates(self) -> tuple[str, ...]:
        """Routes that the device originates with a discard of its own."""
        if self.device.tier == "outside":
            speaks_ipv6 = any(session.a_address6 for session in self.index.sessions_of[self.device.name])
            return (DEFAULT, DEFAULT6) if speaks_ipv6 else (DEFAULT,)
        if self.device.tier != "leaf":
            return ()
        served = [prefix.prefix for prefix in self.index.announced.get(self.device.name, ()) if prefix.use == "leaf"]
        speaks_to_hosts = any(session.use == "host" for session in self.index.sessions_of[self.device.name])
        return tuple(served + ([prefix.prefix for prefix in self.host_pools] if speaks_to_hosts else []))


def _host_pools(pools: Iterable[Prefix]) -> list[Prefix]:
    """Where servers have their loopbacks: a pool of hosts, or the only pool."""
    listed = list(pools)
    return [prefix for prefix in listed if prefix.use == "hosts"] or [
        prefix for prefix in listed if prefix.use == "pool"
    ]
