"""Interfaces, addresses, routers and BGP sessions of a leaf fabric, and the routes of its servers."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import cycle
from typing import NamedTuple

from podwright.design.addressing import AddressPlan, HostSpace, LinkSpace, RailSpace, Space
from podwright.design.cabling import Fitting, LeafSwitch
from podwright.design.claims import Claim, home_fabric
from podwright.design.draft import Draft
from podwright.design.grid import Seat
from podwright.design.overlay import Overlay
from podwright.design.overrides import Watch
from podwright.design.secrets import password_of
from podwright.design.shape import Shape
from podwright.model.design import (
    Address,
    HostRoute,
    Interface,
    Link,
    Prefix,
    Router,
    Session,
    SourceRule,
)
from podwright.model.design.fabric import PrefixUse, SessionUse

# 42 | tier | plane | unit | number, in decimals: tier 1 leaf, 2 spine, 3 server. Private 32-bit range of RFC 6996.
TIER_LEAF, TIER_SPINE, TIER_SERVER = 10_000_000, 20_000_000, 30_000_000
PLANE, UNIT, ROW = 1_000_000, 1_000, 100
FIRST_PRIVATE_ASN, LAST_PRIVATE_ASN = 4_200_000_000, 4_294_967_294

LOOPBACK = {"sonic": "Loopback0", "eos": "Loopback0", "nxos": "loopback0", "junos": "lo0"}
FIRST_RAIL_TABLE = 100
Ends = tuple[str, str]
NOWHERE: Ends = ("", "")
TABLES_PER_PLANE = 16


def loopback_name(nos: str) -> str:
    return LOOPBACK.get(nos, "lo")


class AsnPlan(NamedTuple):
    """AS numbers of a fabric, readable in decimals from its base."""

    base: int

    def leaf(self, leaf: LeafSwitch) -> int:
        number = (leaf.number - 1) * ROW + leaf.rail if leaf.rail >= 0 else leaf.number
        return self.base + TIER_LEAF + leaf.at.plane * PLANE + leaf.at.unit * UNIT + number

    def spine(self, plane: int) -> int:
        """One AS for all spines of a plane: a path through two of them has a loop, and is refused."""
        return self.base + TIER_SPINE + plane * PLANE

    def server(self, unit: int, slot: int) -> int:
        return self.base + TIER_SERVER + PLANE + unit * UNIT + slot

    @staticmethod
    def holds(rails: int, rows: int) -> bool:
        """Whether the leaves of a unit have numbers of their own: one decimal is the row, two are the rail."""
        return rows <= UNIT // ROW and rails <= ROW

    @property
    def last(self) -> int:
        return self.base + TIER_SERVER + 2 * PLANE + 999 * UNIT + 999


class Underlay:
    """One fabric's underlay in the making."""

    def __init__(
        self, draft: Draft, shape: Shape, plan: AddressPlan, fitting: Fitting, mtu: int, overlay: Overlay
    ) -> None:
        self.draft = draft
        self.overlay = overlay
        self.shape = shape
        self.plan = plan
        self.fitting = fitting
        self.mtu = mtu
        self.asns = AsnPlan(shape.spec.asn)
        self.spine_planes = {spine.name: spine.plane for spine in fitting.spines.values()}
        self.switch_asns = {name: self.asns.leaf(leaf) for name, leaf in fitting.leaves.items()} | {
            name: self.asns.spine(plane) for name, plane in self.spine_planes.items()
        }
        self.numbered = shape.spec.underlay == "numbered"
        self.watch = Watch(draft)
        self.homes: dict[str, str] = {}  # by group, whose servers are all of one model

    def build(self, claims: list[Claim]) -> None:
        self._prefixes()
        self._switches()
        seats = {claim.seat.device: claim.seat for claim in claims}
        models = {claim.seat.group: claim.seat.model for claim in claims}
        self.homes = {group: home_fabric(self.draft.blueprint, model) for group, model in models.items()}
        links = [link for link in self.draft.links if link.fabric == self.shape.name]
        uplinks = cycle(range(1, self.shape.cut.uplinks + 1))  # cables come leaf by leaf, and uplink by uplink
        speakers: list[str] = []
        rails = {
            (claim.seat.device, claim.port.interface): claim for claim in claims if claim.port.nic.role == "compute"
        }
        peers = iter(
            [
                (name, number)
                for name, each in sorted(self.shape.spec.outside.items())
                for number in range(len(each.peers))
            ]
        )
        for link in links:
            if link.use == "fabric":
                self._fabric_link(link, next(uplinks))
            elif link.use == "outside":
                self._outside_link(link, *next(peers))
            elif (link.a_device, link.a_port) in rails:
                self._rail(link, rails[link.a_device, link.a_port])
            else:
                seat = seats[link.a_device]
                if link.a_device not in speakers[-1:]:
                    speakers.append(link.a_device)
                self._front(link, self._home(seat).server(seat.unit, seat.slot), self.overlay.tenant_of(seat.group))
        for name in dict.fromkeys(speakers):
            self._server_router(seats[name])

    def _prefixes(self) -> None:
        name = self.shape.name
        parts: list[tuple[RailSpace | HostSpace | LinkSpace | None, PrefixUse]] = [
            (self.plan.rails, "pool"),
            (self.plan.hosts, "hosts"),
            (self.plan.links, "link"),
        ]
        for part, use in parts:
            for pool in part.space.pools if part else ():
                self.draft.prefixes.append(Prefix(prefix=str(pool.network), use=use, fabric=name))
        if self.plan.rails:
            for plane in range(1, self.shape.spec.planes + 1):
                for rail in range(self.shape.rails):
                    for prefix in _both(self.plan.rails.space, *self.plan.rails.rail(plane, rail)):
                        self.draft.prefixes.append(
                            Prefix(prefix=prefix, use="rail", fabric=name, plane=plane, rail=rail)
                        )

    def _switches(self) -> None:
        switches = self.plan.switches
        for leaf in self.fitting.leaves.values():
            self._router(
                leaf.name, self.shape.leaf.nos_name, self.switch_asns[leaf.name], switches.leaf_loopback(leaf.at)
            )
            if self.plan.rails:
                self._aggregates(self.plan.rails, leaf)
        if self.shape.spine is not None:
            for spine in self.fitting.spines.values():
                offset = switches.spine_loopback(spine.plane, spine.number)
                self._router(spine.name, self.shape.spine.nos_name, self.switch_asns[spine.name], offset)

    def _router(self, device: str, nos: str, asn: int, offset: int) -> None:
        space = self.plan.switches.space
        interface = loopback_name(nos)
        self.draft.interfaces.append(
            Interface(device=device, name=interface, kind="loopback", fabric=self.shape.name, mtu=self.mtu)
        )
        space.give(self.draft, device, interface, offset)
        paths = max(self.shape.cut.uplinks, 2)
        self.draft.routers.append(
            Router(
                device=device, fabric=self.shape.name, asn=asn, router_id=space.pool.address(offset), max_paths=paths
            )
        )

    def _aggregates(self, rails: RailSpace, leaf: LeafSwitch) -> None:
        """A leaf announces what it serves of each of its rails. A NIC has one leaf in a plane, so nothing is blackholed."""
        mine = (
            [leaf.rail]
            if self.shape.by_rail
            else range((leaf.number - 1) % self.shape.homes, self.shape.rails, self.shape.homes)
        )
        for rail in mine:
            offset, bits = rails.row(leaf.at.plane, rail, leaf.at.unit, leaf.first_slot, self.shape.slots)
            for prefix in _both(rails.space, offset, bits):
                self.draft.prefixes.append(
                    Prefix(
                        prefix=prefix,
                        use="leaf",
                        fabric=self.shape.name,
                        plane=leaf.at.plane,
                        rail=rail,
                        unit=leaf.at.unit,
                        device=leaf.name,
                    )
                )

    def _port_interface(self, device: str, port: str, mtu: int, unnumbered: bool, vrf: str = "") -> None:
        self.draft.interfaces.append(
            Interface(
                device=device,
                name=port,
                kind="port",
                fabric=self.shape.name,
                mtu=mtu,
                port=port,
                unnumbered=unnumbered,
                vrf=vrf,
            )
        )

    def _fabric_link(self, link: Link, uplink: int) -> None:
        self._port_interface(link.a_device, link.a_port, link.mtu, not self.numbered)
        self._port_interface(link.b_device, link.b_port, link.mtu, not self.numbered)
        ends = NOWHERE
        if self.plan.links:
            offset = self.plan.links.link(self.fitting.leaves[link.a_device].at, uplink)
            space = self.plan.links.space
            space.give(self.draft, link.a_device, link.a_port, offset, 1)
            space.give(self.draft, link.b_device, link.b_port, offset + 1, 1)
            ends = space.pool.address(offset), space.pool.address(offset + 1)
        self._session(link, self.switch_asns[link.a_device], self.switch_asns[link.b_device], "fabric", ends)

    def _session(
        self,
        link: Link,
        a_asn: int,
        b_asn: int,
        use: SessionUse,
        v4: Ends = NOWHERE,
        v6: Ends = NOWHERE,
        password: str = "",
        vrf: str = "",
    ) -> None:
        self.draft.sessions.append(
            Session(
                a_device=link.a_device,
                a_interface=link.a_port,
                a_asn=a_asn,
                b_device=link.b_device,
                b_interface=link.b_port,
                b_asn=b_asn,
                fabric=self.shape.name,
                use=use,
                bfd=self.watch.over(link),
                password=password,
                vrf=vrf,
                a_address=v4[0],
                b_address=v4[1],
                a_address6=v6[0],
                b_address6=v6[1],
            )
        )

    def _outside_link(self, link: Link, name: str, number: int) -> None:
        """The router outside has the lower address of its /31 (and its /127), the pod the higher."""
        outside = self.shape.spec.outside[name]
        networks = [ip_network(peers[number], strict=False) for peers in (outside.peers, outside.peers6) if peers]
        tenant = outside.tenant or ""
        for end, (device, port, vrf) in enumerate(
            ((link.a_device, link.a_port, ""), (link.b_device, link.b_port, tenant))
        ):
            self._port_interface(device, port, link.mtu, unnumbered=False, vrf=vrf)
            for network in networks:
                self.draft.addresses.append(
                    Address(
                        device=device,
                        interface=port,
                        address=f"{network[end]}/{network.prefixlen}",
                        fabric=self.shape.name,
                    )
                )
        for network in networks:
            self.draft.prefixes.append(
                Prefix(prefix=str(network), use="outside", fabric=self.shape.name, device=link.a_device)
            )
        if number == 0:
            self.draft.routers.append(
                Router(
                    device=link.a_device,
                    fabric=self.shape.name,
                    asn=outside.asn,
                    router_id=str(networks[0][0]),
                    max_paths=64,
                )
            )
        ends = [(str(network[0]), str(network[1])) for network in networks]
        password = password_of(self.shape.name, name) if outside.password else ""
        v4, v6 = ends[0], ends[1] if len(ends) > 1 else NOWHERE
        self._session(link, outside.asn, self.switch_asns[link.b_device], "outside", v4, v6, password, tenant)

    def _front(self, link: Link, asn: int, tenant: str) -> None:
        self._port_interface(link.a_device, link.a_port, link.mtu, unnumbered=True)
        self._port_interface(link.b_device, link.b_port, link.mtu, unnumbered=True, vrf=tenant)
        self._session(link, asn, self.switch_asns[link.b_device], "host", vrf=tenant)

    def _home(self, seat: Seat) -> AsnPlan:
        return AsnPlan(self.draft.blueprint.fabrics[self.homes[seat.group]].asn)

    def _server_router(self, seat: Seat) -> None:
        """A loopback address in this fabric; the loopback itself, and the router, come with the server's home."""
        if self.plan.hosts is None:
            return
        device, offset = seat.device, self.plan.hosts.host(seat.unit, seat.slot)
        self.plan.hosts.space.give(self.draft, device, "lo", offset)
        if self.homes[seat.group] != self.shape.name:
            return
        self.draft.interfaces.append(
            Interface(device=device, name="lo", kind="loopback", fabric=self.shape.name, mtu=self.mtu)
        )
        self.draft.routers.append(
            Router(
                device=device,
                fabric=self.shape.name,
                asn=self.asns.server(seat.unit, seat.slot),
                router_id=self.plan.hosts.space.pool.address(offset),
                max_paths=4,
            )
        )

    def _rail(self, link: Link, claim: Claim) -> None:
        """A link of one NIC: a routed /31, or a port of its tenant's bridge with all of the rail as its subnet.

        The server's address is the same in both. It reaches the rail through this NIC, and by it all of the pool with packets
        from its address.
        """
        if self.plan.rails is None:
            return
        nic, rails, group = claim.port.nic, self.plan.rails, claim.seat.group
        rail_offset, rail_bits = rails.rail(nic.plane, nic.rail)
        offset = rails.link(nic.plane, nic.rail, claim.seat.unit, claim.seat.slot)
        bridged = self.overlay.bridges(group)
        self._port_interface(link.a_device, link.a_port, link.mtu, unnumbered=False)
        if bridged:
            self.overlay.join(group, link.b_device, link.b_port, nic.plane, nic.rail)
        else:
            tenant = self.overlay.tenant_of(group)
            self._port_interface(link.b_device, link.b_port, link.mtu, unnumbered=False, vrf=tenant)
            rails.space.give(self.draft, link.b_device, link.b_port, offset, 1)
        rails.space.give(self.draft, link.a_device, link.a_port, offset + 1, rail_bits if bridged else 1)
        leaf = rail_offset + rails.gateway if bridged else offset
        table = FIRST_RAIL_TABLE + (nic.plane - 1) * TABLES_PER_PLANE + nic.rail
        for pool in rails.space.pools:
            via, source = pool.address(leaf), pool.address(offset + 1)
            rail = pool.prefix(rail_offset, rail_bits)
            to_rail = (table, rail, "") if bridged else (0, rail, via)
            for which, prefix, router in (to_rail, (table, str(pool.network), via)):
                self.draft.host_routes.append(
                    HostRoute(
                        device=link.a_device,
                        table=which,
                        prefix=prefix,
                        via=router,
                        interface=link.a_port,
                        source=source,
                    )
                )
            self.draft.source_rules.append(SourceRule(device=link.a_device, source=pool.host(offset + 1), table=table))


def _both(space: Space, offset: int, host_bits: int) -> list[str]:
    return [pool.prefix(offset, host_bits) for pool in space.pools]
