"""What the schema can't say: keys that belong together, names that refer to something, positions on the grid.

A rule is a function over the sound parts of the blueprint that yields a fault for every contradiction. Rules look at
no catalogue and compute no address.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.load import KeyPath, Source, dotted
from podwright.model.blueprint import BUILT_IN_LOSSLESS, Fabric, Position
from podwright.model.prose import shown
from podwright.model.report import Finding, Severity
from podwright.validate.cluster_rules import CLUSTER_RULES
from podwright.validate.fault import Fault, Rule
from podwright.validate.shape import SEE, listed, nearest
from podwright.validate.sound import Parts
from podwright.validate.storage_rules import STORAGE_RULES
from podwright.validate.tenant_rules import TENANT_RULES
from podwright.validate.zone_rules import ZONE_RULES

_NEEDS_SPINE = frozenset({"leaf-spine", "rail-optimised"})
_REFUSES_SPINE = frozenset({"single"})
_MANAGEMENT_TOPOLOGIES = frozenset({"tree", "single"})
_RESERVED_AS = {23456: "RFC 6793", 65535: "RFC 7300"}


def broken_rules(parts: Parts, source: Source) -> list[Finding]:
    """A finding for every broken rule, rule by rule."""
    return [_finding(fault, source) for rule in RULES for fault in rule(parts)]


def _finding(fault: Fault, source: Source) -> Finding:
    place = source.place(fault.path, key=not fault.value)
    return Finding(fault.code, Severity.ERROR, fault.message, place, fix=fault.fix, see=SEE, path=dotted(fault.path))


# The grid


def slots_lie_in_the_grid(parts: Parts) -> Iterator[Fault]:
    """No position has a slot that its unit lacks, and no leaf serves more slots than there are."""
    if parts.units is None:
        return
    most = parts.units.slots
    for path, slot in _slots(parts):
        if slot > most:
            yield Fault(
                "SCH021",
                path,
                f"slot {slot} does not exist: a unit has {most} slots",
                f"Write a slot from 1 to {most}; the number of slots is `units.slots`.",
                value=True,
            )
    for name, fabric in parts.fabrics.items():
        if fabric.leaf.slots is not None and fabric.leaf.slots > most:
            yield Fault(
                "SCH022",
                ("fabrics", name, "leaf", "slots"),
                f"a leaf cannot serve {fabric.leaf.slots} slots: a unit has {most}, and a leaf serves one unit",
                f"Write a number from 1 to {most}, or leave the key out for all of them.",
                value=True,
            )


def _slots(parts: Parts) -> Iterator[tuple[KeyPath, int]]:
    for name, group in parts.servers.items():
        yield ("servers", name, "at", "slot"), group.at.slot
        for number, hole in enumerate(group.absent):
            yield ("servers", name, "absent", number, "slot"), hole.slot


def holes_lie_in_their_run(parts: Parts) -> Iterator[Fault]:
    """Every `absent` position lies between the first and the last server of its group."""
    if parts.units is None:
        return
    width = parts.units.slots
    for name, group in parts.servers.items():
        if any(place.slot > width for place in (group.at, *group.absent)):
            continue
        first = _index(group.at, width)
        last = first + group.count + len(group.absent) - 1
        for number, hole in enumerate(group.absent):
            if not first <= _index(hole, width) <= last:
                yield Fault(
                    "SCH023",
                    ("servers", name, "absent", number),
                    f"unit {hole.unit}, slot {hole.slot} is not in the run of {shown(name)}, "
                    f"which goes from {_position(first, width)} to {_position(last, width)}",
                    "Remove it, or correct its numbers; a hole lies inside the run of its group.",
                    value=True,
                )


def _index(position: Position, width: int) -> int:
    return (position.unit - 1) * width + position.slot - 1


def _position(index: int, width: int) -> str:
    return f"unit {index // width + 1}, slot {index % width + 1}"


# Roles and topologies


def a_role_has_one_fabric(parts: Parts) -> Iterator[Fault]:
    """No two fabrics carry the same role: each NIC has one network."""
    carriers: dict[str, str] = {}
    for name, fabric in parts.fabrics.items():
        for number, role in enumerate(fabric.carries):
            first = carriers.setdefault(role, name)
            if first != name:
                yield Fault(
                    "SCH024",
                    ("fabrics", name, "carries", number),
                    f"the role {shown(role)} is carried by the fabric {shown(first)} already",
                    "Remove the role from one of the two; a NIC belongs to one fabric.",
                    value=True,
                )


def topologies_have_their_switches(parts: Parts) -> Iterator[Fault]:
    """`leaf-spine` and `rail-optimised` have spines, `single` has none, and `tree` may have some."""
    for name, fabric in parts.fabrics.items():
        topology = fabric.topology
        if topology in _NEEDS_SPINE and fabric.spine is None:
            yield Fault(
                "SCH025",
                ("fabrics", name, "topology"),
                f"the topology {shown(topology)} needs spines, and the fabric {shown(name)} has no key `spine`",
                "Add `spine: {model: sn5600, nos: sonic}` with your model, or choose the topology `single`.",
                value=True,
            )
        if topology in _REFUSES_SPINE and fabric.spine is not None:
            yield Fault(
                "SCH026",
                ("fabrics", name, "spine"),
                f"the topology {shown(topology)} has no spines",
                "Remove `spine`, or choose the topology `leaf-spine`.",
            )


def planes_are_for_rails(parts: Parts) -> Iterator[Fault]:
    """Only a rail-optimised fabric has more than one plane."""
    for name, fabric in parts.fabrics.items():
        if fabric.planes > 1 and fabric.topology != "rail-optimised":
            yield Fault(
                "SCH027",
                ("fabrics", name, "planes"),
                f"only a rail-optimised fabric has planes, and the topology of {shown(name)} is "
                f"{shown(fabric.topology)}",
                "Remove `planes`, or choose the topology `rail-optimised`.",
            )


def management_is_a_tree(parts: Parts) -> Iterator[Fault]:
    """The role management is carried by a `tree` or a `single` switch."""
    for name, fabric in parts.fabrics.items():
        if "management" in fabric.carries and fabric.topology not in _MANAGEMENT_TOPOLOGIES:
            yield Fault(
                "SCH028",
                ("fabrics", name, "carries", fabric.carries.index("management")),
                f"management is carried by the topology `tree` or `single`, and {shown(name)} is "
                f"{shown(fabric.topology)}",
                "Give management a fabric of its own with `topology: tree`.",
                value=True,
            )


def outside_joins_routed_fabrics(parts: Parts) -> Iterator[Fault]:
    """A rail-optimised fabric has no way out: its addresses are known on their rails only."""
    for name, fabric in parts.fabrics.items():
        if fabric.outside and fabric.topology == "rail-optimised":
            yield Fault(
                "SCH029",
                ("fabrics", name, "outside"),
                f"the rail-optimised fabric {shown(name)} cannot be joined to outside routers",
                "Move `outside` to the fabric that carries frontend.",
            )


# Keys that need one another


def pools_match_their_use(parts: Parts) -> Iterator[Fault]:
    """Hosts have a pool of their own exactly where rails and routed hosts share a fabric; links, where numbered."""
    for name, fabric in parts.fabrics.items():
        if _has_routed_hosts_beside_rails(fabric):
            if fabric.host_pool is None:
                yield Fault(
                    "SCH030",
                    ("fabrics", name),
                    f"the fabric {shown(name)} carries compute together with {_others(fabric)}, and lacks `host_pool`",
                    "Add it, for example `host_pool: 10.16.0.0/14`: the servers' own addresses come from it.",
                )
            if fabric.host_pool6 is not None and fabric.pool6 is None:
                yield Fault(
                    "SCH032",
                    ("fabrics", name, "host_pool6"),
                    f"the fabric {shown(name)} has IPv6 for its hosts only: `host_pool6` without `pool6`",
                    "Add `pool6`, or remove `host_pool6`.",
                )
            continue
        for key, pool in (("host_pool", fabric.host_pool), ("host_pool6", fabric.host_pool6)):
            if pool is not None:
                yield Fault(
                    "SCH031",
                    ("fabrics", name, key),
                    f"{shown(key)} has no effect here: only a fabric that carries compute together with frontend or "
                    "storage has a pool for its hosts",
                    f"Remove it; all addresses of {shown(name)} come from `{key.removeprefix('host_')}`.",
                )


def _has_routed_hosts_beside_rails(fabric: Fabric) -> bool:
    return "compute" in fabric.carries and bool({"frontend", "storage"} & set(fabric.carries))


def _others(fabric: Fabric) -> str:
    return " and ".join(role for role in fabric.carries if role in ("frontend", "storage"))


def numbered_links_have_a_pool(parts: Parts) -> Iterator[Fault]:
    """`underlay: numbered` and `link_pool` stand together or not at all."""
    for name, fabric in parts.fabrics.items():
        if fabric.underlay == "numbered" and fabric.link_pool is None:
            yield Fault(
                "SCH033",
                ("fabrics", name, "underlay"),
                "a numbered underlay takes the addresses of its links from `link_pool`, which is missing",
                "Add it, for example `link_pool: 10.250.0.0/16`, or choose `underlay: unnumbered`.",
                value=True,
            )
        if fabric.underlay != "numbered" and fabric.link_pool is not None:
            yield Fault(
                "SCH034",
                ("fabrics", name, "link_pool"),
                "`link_pool` has no effect on an unnumbered underlay, whose links have no addresses of their own",
                "Remove it, or write `underlay: numbered`.",
            )


def speeds_are_of_links_that_exist(parts: Parts) -> Iterator[Fault]:
    """`link_speed` names roles the fabric carries, and uplinks only where there are spines."""
    for name, fabric in parts.fabrics.items():
        speed = fabric.link_speed
        for role in ("compute", "frontend", "storage", "management"):
            if getattr(speed, role) is not None and role not in fabric.carries:
                yield Fault(
                    "SCH035",
                    ("fabrics", name, "link_speed", role),
                    f"the fabric {shown(name)} has no {role} links: it does not carry {role}",
                    f"Remove it, or add {role} to `carries`.",
                )
        if speed.uplink is not None and fabric.spine is None:
            yield Fault(
                "SCH035",
                ("fabrics", name, "link_speed", "uplink"),
                f"the fabric {shown(name)} has no uplinks: it has no spine",
                "Remove it, or add `spine`.",
            )


# Names and numbers that refer to something


def lossless_classes_exist(parts: Parts) -> Iterator[Fault]:
    """What a fabric calls its lossless class is built in or written in the section."""
    known = sorted(BUILT_IN_LOSSLESS.keys() | parts.lossless_names)
    for name, fabric in parts.fabrics.items():
        if fabric.lossless is not None and fabric.lossless not in known:
            near = nearest(fabric.lossless, known)
            yield Fault(
                "SCH036",
                ("fabrics", name, "lossless"),
                f"there is no lossless class {shown(fabric.lossless)}; there is {listed(known)}",
                f"Did you mean {shown(near)}?" if near else "Write one of these, or add it to the section `lossless`.",
                value=True,
            )


def as_numbers_do_not_loop(parts: Parts) -> Iterator[Fault]:
    """No AS meets itself: BGP drops a route that has passed its own AS.

    Fabrics without `outside` never exchange routes, so they may count from the same base.
    """
    joined: dict[int, str] = {}
    for name, fabric in parts.fabrics.items():
        for router, outside in fabric.outside.items():
            if outside.asn == fabric.asn:
                yield Fault(
                    "SCH037",
                    ("fabrics", name, "outside", router, "asn"),
                    f"the router {shown(router)} has the AS number that the fabric {shown(name)} counts from, "
                    f"{fabric.asn}",
                    "Write the router's own AS number, or give the fabric another `asn`.",
                    value=True,
                )
        if fabric.outside:
            first = joined.setdefault(fabric.asn, name)
            if first != name:
                yield Fault(
                    "SCH038",
                    ("fabrics", name, "asn"),
                    f"the fabrics {shown(first)} and {shown(name)} are both joined to outside routers and count their "
                    f"AS numbers from {fabric.asn}, so each drops the other's routes",
                    "Give one of them another `asn`.",
                )


def as_numbers_are_usable(parts: Parts) -> Iterator[Fault]:
    """No AS number is one that is set aside for another use."""
    for name, fabric in parts.fabrics.items():
        written = [(("fabrics", name, "asn"), fabric.asn)] + [
            (("fabrics", name, "outside", router, "asn"), outside.asn) for router, outside in fabric.outside.items()
        ]
        for path, number in written:
            if number in _RESERVED_AS:
                yield Fault(
                    "SCH039",
                    path,
                    f"the AS number {number} is reserved by {_RESERVED_AS[number]} and carries no routes",
                    "Write another, for example one from 64512 to 65534 or from 4200000000 to 4294967294.",
                    value=True,
                )


def links_outside_are_told_apart(parts: Parts) -> Iterator[Fault]:
    """No network of a link to an outside router is written twice in the pod."""
    yield from _written_twice(
        (
            (("fabrics", name, "outside", router, key, number), peer.lower())
            for name, fabric in parts.fabrics.items()
            for router, outside in fabric.outside.items()
            for key, peers in (("peers", outside.peers), ("peers6", outside.peers6))
            for number, peer in enumerate(peers)
        ),
        "SCH040",
        "network of a link",
        "Write the other link's own network.",
    )


def links_outside_have_both_families(parts: Parts) -> Iterator[Fault]:
    """A router that speaks IPv6 does so on each of its links, and only where the fabric has IPv6."""
    for name, fabric in parts.fabrics.items():
        for router, outside in fabric.outside.items():
            path = ("fabrics", name, "outside", router, "peers6")
            if outside.peers6 and len(outside.peers6) != len(outside.peers):
                yield Fault(
                    "SCH042",
                    path,
                    f"`{router}` has {len(outside.peers)} links and {len(outside.peers6)} IPv6 networks for them",
                    "Write one /127 for each of `peers`, in the same order.",
                    value=True,
                )
            elif outside.peers6 and fabric.pool6 is None:
                yield Fault(
                    "SCH043",
                    path,
                    f"`{name}` has no IPv6 pool, so there is nothing to tell `{router}` over IPv6",
                    f"Write `pool6` for `{name}`, or take `peers6` away.",
                    value=True,
                )


def assets_are_told_apart(parts: Parts) -> Iterator[Fault]:
    """No serial number, MAC address or BMC address is written for two devices."""
    macs = (
        (("assets", device, key), mac.lower())
        for device, asset in parts.assets.items()
        for key, mac in (("mac", asset.mac), ("bmc_mac", asset.bmc_mac))
        if mac is not None
    )
    serials = (
        (("assets", device, "serial"), asset.serial)
        for device, asset in parts.assets.items()
        if asset.serial is not None
    )
    addresses = (
        (("assets", device, "bmc_address"), asset.bmc_address.lower())
        for device, asset in parts.assets.items()
        if asset.bmc_address is not None
    )
    advice = "Check the delivery note and write each device's own."
    yield from _written_twice(macs, "SCH041", "MAC address", advice)
    yield from _written_twice(serials, "SCH041", "serial number", advice)
    yield from _written_twice(addresses, "SCH041", "BMC address", advice)


def _written_twice(values: Iterator[tuple[KeyPath, str]], code: str, noun: str, advice: str) -> Iterator[Fault]:
    firsts: dict[str, KeyPath] = {}
    for path, value in values:
        first = firsts.setdefault(value, path)
        if first != path:
            message = f"the {noun} {shown(value)} is written in {shown(dotted(first))} already"
            yield Fault(code, path, message, advice, value=True)


RULES: tuple[Rule, ...] = (
    slots_lie_in_the_grid,
    holes_lie_in_their_run,
    a_role_has_one_fabric,
    topologies_have_their_switches,
    planes_are_for_rails,
    management_is_a_tree,
    outside_joins_routed_fabrics,
    pools_match_their_use,
    numbered_links_have_a_pool,
    speeds_are_of_links_that_exist,
    lossless_classes_exist,
    as_numbers_do_not_loop,
    as_numbers_are_usable,
    links_outside_are_told_apart,
    links_outside_have_both_families,
    assets_are_told_apart,
    *STORAGE_RULES,
    *CLUSTER_RULES,
    *ZONE_RULES,
    *TENANT_RULES,
)
