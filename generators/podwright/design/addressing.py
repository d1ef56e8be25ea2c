"""The address plan of a fabric: which identity has which address, in each pool.

Rails (a fabric that carries compute):   plane | rail | unit | slot | host
Hosts (one that carries frontend, storage): block | unit | slot | host
Links (a numbered underlay):             unit | plane | leaf | uplink | end
Management (out of band):                unit | kind | position

Switch loopbacks live where no server can: in a rail pool in the first and last units of the field, in a host pool in
the upper block. IPv6 mirrors IPv4 bit for bit: the same offset into `pool6`.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from podwright.design.draft import Draft
from podwright.design.layout import Field, Layout, Network, Pool
from podwright.model.blueprint import Fabric
from podwright.model.blueprint import Layout as Widths
from podwright.model.design import Address

LINK_BITS = 12  # leaf 5, uplink 6, end 1
UNLIMITED = 1 << 30
MANAGEMENT_BITS = 9
RESERVED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "192.0.2.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/16",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "fe80::/10",
        "ff00::/8",
    )
)


class Space(NamedTuple):
    """A layout over an IPv4 pool, and over its IPv6 mirror where there is one."""

    fabric: str
    layout: Layout
    pool: Pool
    pool6: Pool | None = None

    @property
    def pools(self) -> tuple[Pool, ...]:
        return (self.pool, self.pool6) if self.pool6 else (self.pool,)

    def give(self, draft: Draft, device: str, interface: str, offset: int, host_bits: int = 0) -> None:
        """Record the address at `offset`, in each family."""
        for pool in self.pools:
            draft.addresses.append(
                Address(
                    device=device, interface=interface, address=pool.interface(offset, host_bits), fabric=self.fabric
                )
            )


def rail_layout(widths: Widths) -> Layout:
    return Layout(
        Field("plane", _or(widths.plane, 1)),
        Field("rail", _or(widths.rail, 3)),
        Field("unit", _or(widths.unit, 9)),
        Field("slot", _or(widths.slot, 6)),
        Field("host", _or(widths.host, 3)),
    )


def host_layout(widths: Widths, of_rails: bool) -> Layout:
    """In a fabric that carries rails too, `host` means the rails' field, so hosts keep their default of 2."""
    return Layout(
        Field("block", 1),
        Field("unit", _or(widths.unit, 9)),
        Field("slot", _or(widths.slot, 6)),
        Field("host", 2 if of_rails else _or(widths.host, 2)),
    )


def link_layout(pool: Pool, widths: Widths) -> Layout:
    plane = _or(widths.plane, 1)
    return Layout(
        Field("unit", max(pool.size - plane - LINK_BITS, 0)),
        Field("plane", plane),
        Field("leaf", 5),
        Field("uplink", 6),
        Field("end", 1),
    )


def management_layout(pool: Pool) -> Layout:
    return Layout(Field("unit", max(pool.size - MANAGEMENT_BITS, 0)), Field("kind", 2), Field("position", 7))


def _or(written: int | None, default: int) -> int:
    return default if written is None else written


class SwitchOrdinal(NamedTuple):
    """A leaf of a unit by number: `ordinal` counts rails first, then rows (or simply leaves), from 0."""

    plane: int
    unit: int
    ordinal: int


class RailSpace(NamedTuple):
    """Rails, and the loopbacks of switches in a pool that has the rail layout."""

    space: Space

    def link(self, plane: int, rail: int, unit: int, slot: int) -> int:
        """Offset of the /31 of a NIC: the leaf has the even address, the server the odd one."""
        return self.space.layout.encode(plane=plane - 1, rail=rail, unit=unit, slot=slot - 1, host=0)

    def rail(self, plane: int, rail: int) -> tuple[int, int]:
        """Offset and host bits of a rail's supernet."""
        layout = self.space.layout
        return layout.encode(plane=plane - 1, rail=rail), layout.below("rail")

    @property
    def gateway(self) -> int:
        """What to add to a rail's offset for its gateway where it is bridged: the last address of unit 0."""
        return (1 << self.space.layout.below("unit")) - 1

    def row(self, plane: int, rail: int, unit: int, first_slot: int, slots: int) -> tuple[int, int]:
        """Offset and host bits of what one leaf serves of a rail: `slots` is a power of two, or the whole unit."""
        layout = self.space.layout
        bits = (slots - 1).bit_length()
        whole = first_slot == 1 and bits >= layout.widths["slot"]
        host_bits = layout.below("unit") if whole else layout.below("slot") + bits
        return layout.encode(plane=plane - 1, rail=rail, unit=unit, slot=first_slot - 1), host_bits

    def last_unit(self, ordinals: int) -> int:
        """The highest unit a server may stand in: the last of the field are those of spines and of further rows of leaves."""
        layout = self.space.layout
        rows = -(-ordinals // layout.capacity("rail"))
        return min(layout.capacity("unit") - 1 - rows, (1 << layout.below("unit")) - 1)

    @property
    def most_leaves(self) -> int:
        return self.space.layout.capacity("rail") * self.space.layout.capacity("unit")

    @property
    def most_spines(self) -> int:
        return self.space.layout.capacity("rail") << self.space.layout.below("unit")

    def leaf_loopback(self, leaf: SwitchOrdinal) -> int:
        layout = self.space.layout
        row, rail = divmod(leaf.ordinal, layout.capacity("rail"))
        unit = 0 if row == 0 else layout.capacity("unit") - 1 - row
        return layout.encode(plane=leaf.plane - 1, rail=rail, unit=unit) + leaf.unit

    def spine_loopback(self, plane: int, number: int) -> int:
        layout = self.space.layout
        rail, low = divmod(number - 1, 1 << layout.below("unit"))
        return layout.encode(plane=plane - 1, rail=rail, unit=layout.capacity("unit") - 1) + low


class HostSpace(NamedTuple):
    """Loopbacks of servers, and of switches in a pool that has the host layout."""

    space: Space

    def host(self, unit: int, slot: int) -> int:
        return self.space.layout.encode(unit=unit, slot=slot - 1)

    def last_unit(self, ordinals: int) -> int:
        del ordinals  # switches have a block of their own
        return self.space.layout.capacity("unit") - 1

    @property
    def most_leaves(self) -> int:
        return 1 << self._number_bits if self._number_bits >= 0 else 0

    @property
    def most_spines(self) -> int:
        return 1 << (self.space.layout.below("block") - 1) if self.space.layout.below("block") else 0

    def leaf_loopback(self, leaf: SwitchOrdinal) -> int:
        return self._switch(0) + (leaf.unit << self._number_bits) + leaf.ordinal

    def spine_loopback(self, plane: int, number: int) -> int:
        del plane  # a fabric of hosts has one plane
        return self._switch(1) + number - 1

    @property
    def _number_bits(self) -> int:
        return self.space.layout.below("unit") - 1

    def _switch(self, tier: int) -> int:
        layout = self.space.layout
        return layout.encode(block=1) + (tier << (layout.below("block") - 1))


class LinkSpace(NamedTuple):
    """The /31 of each uplink; named by the leaf and its uplink, never by the spine."""

    space: Space

    def link(self, leaf: SwitchOrdinal, uplink: int) -> int:
        return self.space.layout.encode(plane=leaf.plane - 1, unit=leaf.unit, leaf=leaf.ordinal, uplink=uplink - 1)

    def last_unit(self, ordinals: int) -> int:
        del ordinals  # leaves have a field of their own
        return self.space.layout.capacity("unit") - 1


class AddressPlan(NamedTuple):
    """All address spaces of one fabric; `switches` is where its switches have their loopbacks."""

    rails: RailSpace | None
    hosts: HostSpace | None
    links: LinkSpace | None

    @property
    def switches(self) -> RailSpace | HostSpace:
        space = self.rails or self.hosts
        if space is None:
            raise AssertionError("a fabric has rails or hosts")
        return space

    @property
    def spaces(self) -> tuple[Space, ...]:
        return tuple(part.space for part in (self.rails, self.hosts, self.links) if part)

    def last_units(self, ordinals: int) -> list[tuple[Space, int, str]]:
        """Of each space the highest unit that servers may stand in, and the key of the fabric that decides it.

        `ordinals` is how many leaf ordinals a unit uses.
        """
        parts = ((self.rails, "layout"), (self.hosts, "layout"), (self.links, "link_pool"))
        return [(part.space, part.last_unit(ordinals), key) for part, key in parts if part]

    @property
    def most_leaves(self) -> int:
        """How many leaves of a unit can be numbered."""
        most = self.switches.most_leaves
        return min(most, self.links.space.layout.capacity("leaf")) if self.links else most

    @property
    def most_spines(self) -> int:
        return self.switches.most_spines

    @property
    def most_uplinks(self) -> int:
        return self.links.space.layout.capacity("uplink") if self.links else UNLIMITED


def plan_addresses(draft: Draft, name: str, fabric: Fabric) -> AddressPlan | None:
    """The address plan of a fabric other than management; None where a pool can't hold its layout."""
    path = f"fabrics.{name}"
    has_rails = "compute" in fabric.carries
    has_hosts = bool({"frontend", "storage"} & set(fabric.carries))
    rails = hosts = links = None
    if has_rails:
        rail_space = _space(draft, name, path, ("pool", "pool6"), rail_layout(fabric.layout))
        rails = RailSpace(rail_space) if rail_space else None
    if has_hosts:
        keys = ("host_pool", "host_pool6") if has_rails else ("pool", "pool6")
        host_space = _space(draft, name, path, keys, host_layout(fabric.layout, has_rails))
        hosts = HostSpace(host_space) if host_space else None
    if fabric.underlay == "numbered" and fabric.link_pool:
        pool = parse_pool(draft, f"{path}.link_pool", fabric.link_pool, 4)
        links = _link_space(draft, name, fabric, pool) if pool else None
    if (has_rails and not rails) or (has_hosts and not hosts) or (fabric.underlay == "numbered" and not links):
        return None
    return AddressPlan(rails, hosts, links)


def _link_space(draft: Draft, name: str, fabric: Fabric, pool: Pool) -> LinkSpace | None:
    layout = link_layout(pool, fabric.layout)
    space = _fitting(draft, name, f"fabrics.{name}.link_pool", pool, None, layout, layout.below("unit") + 1)
    return LinkSpace(space) if space else None


def _space(draft: Draft, name: str, path: str, keys: tuple[str, str], layout: Layout) -> Space | None:
    fabric = draft.blueprint.fabrics[name]
    text, text6 = getattr(fabric, keys[0]), getattr(fabric, keys[1])
    pool = parse_pool(draft, f"{path}.{keys[0]}", text, 4)
    pool6 = parse_pool(draft, f"{path}.{keys[1]}", text6, 6) if text6 else None
    if pool is None or (text6 and pool6 is None):
        return None
    return _fitting(draft, name, f"{path}.{keys[0]}", pool, pool6, layout, layout.bits)


def _fitting(
    draft: Draft, name: str, path: str, pool: Pool, pool6: Pool | None, layout: Layout, bits: int
) -> Space | None:
    for each, key in ((pool, path), (pool6, f"{path}6")):
        if each is not None and each.size < bits:
            draft.refuse(
                "DES301",
                key,
                f"the pool {each.network} has {each.size} bits for addresses, and the layout {layout.spell} needs {bits}",
                f"Give it at least a /{each.width - bits}, or narrow a field in `fabrics.{name}.layout` before anything is built.",
            )
            return None
    return Space(name, layout, pool, pool6)


def management_space(draft: Draft, name: str, fabric: Fabric) -> Space | None:
    pool = parse_pool(draft, f"fabrics.{name}.pool", fabric.pool, 4)
    if pool is None:
        return None
    return _fitting(draft, name, f"fabrics.{name}.pool", pool, None, management_layout(pool), MANAGEMENT_BITS + 1)


def parse_pool(draft: Draft, path: str, text: str, version: int) -> Pool | None:
    """The pool at `path`; refuses host bits, the wrong family, and prefixes reserved for something else."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        draft.refuse("DES302", path, f"`{text}` is not a prefix", "Write an address and a length, as 10.128.0.0/10.")
        return None
    if network.version != version:
        draft.refuse(
            "DES302",
            path,
            f"`{text}` is IPv{network.version}, and this pool is IPv{version}",
            f"Write an IPv{version} prefix.",
        )
        return None
    if str(network.network_address) != text.split("/", 1)[0].lower() and network != _strict(text):
        draft.refuse("DES303", path, f"`{text}` has host bits set", f"Write {network}.")
        return None
    for reserved in RESERVED:
        if overlap(network, reserved):
            draft.refuse(
                "DES304",
                path,
                f"the pool {network} overlaps {reserved}, which the IANA special-purpose registries keep for something else",
                "Take a private prefix (RFC 1918, RFC 4193, RFC 6598) or one of your own.",
            )
            return None
    return Pool(str(network))


def parse_link(draft: Draft, path: str, text: str) -> Network | None:
    """The network of a link to a router outside; refuses host bits."""
    network = _strict(text)
    if network is None:
        draft.refuse(
            "DES303",
            path,
            f"`{text}` has host bits set",
            f"Write {ip_network(text, strict=False)}: the network, not an address.",
        )
    return network


def _strict(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def overlap(first: Network, second: Network) -> bool:
    if isinstance(first, IPv4Network):
        return isinstance(second, IPv4Network) and first.overlaps(second)
    return isinstance(second, IPv6Network) and first.overlaps(second)


def refuse_overlapping_pools(draft: Draft) -> None:
    """No two pools of the pod may share an address, nor a pool and a link to a router outside."""
    pools: list[tuple[str, Network]] = []
    for path, network in _pools(draft):
        for other, taken in pools:
            if overlap(network, taken):
                draft.refuse(
                    "DES305",
                    path,
                    f"the pool {network} overlaps {taken}, which is `{other}`",
                    "Give each pool a prefix of its own.",
                )
        pools.append((path, network))
    for path, link in _outside_links(draft):
        for other, taken in pools:
            if overlap(link, taken):
                draft.refuse(
                    "DES305",
                    path,
                    f"the link {link} lies in {taken}, which is `{other}`",
                    "Take a network for the link that is in no pool of the pod.",
                )


def _pools(draft: Draft) -> Iterator[tuple[str, Network]]:
    for name, fabric in draft.blueprint.fabrics.items():
        for key in ("pool", "pool6", "host_pool", "host_pool6", "link_pool"):
            text = getattr(fabric, key)
            network = _strict(text) if text else None
            if network is not None:
                yield f"fabrics.{name}.{key}", network


def _outside_links(draft: Draft) -> Iterator[tuple[str, Network]]:
    for name, fabric in draft.blueprint.fabrics.items():
        for router, outside in fabric.outside.items():
            for key, peers in (("peers", outside.peers), ("peers6", outside.peers6)):
                path = f"fabrics.{name}.outside.{router}.{key}"
                for text in peers:
                    network = parse_link(draft, path, text)
                    if network is not None:
                        yield path, network
