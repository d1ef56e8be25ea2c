"""Devices, ports and cables of the leaf fabrics: single, leaf-spine and rail-optimised."""

from __future__ import annotations

from typing import Literal, NamedTuple

from podwright.design.addressing import SwitchOrdinal
from podwright.design.claims import PORTS_OF_A_ROLE, Claim
from podwright.design.draft import Draft
from podwright.design.faceplate import Block, Spot, spot_at
from podwright.design.overrides import mtu_of_cable
from podwright.design.shape import Hardware, Shape
from podwright.model.design import Attachment, Breakout, Device, Link, Port
from podwright.model.design.hosts import Mode
from podwright.model.design.identity import PortUse

MODES: dict[str, Mode] = {"compute": "routed", "frontend": "bgp", "storage": "bgp", "management": "access"}


class LeafSwitch(NamedTuple):
    """A leaf as cabled. `at` is its place in the numbering, `first_slot` where its row begins."""

    name: str
    at: SwitchOrdinal
    rail: int
    number: int
    first_slot: int


class SpineSwitch(NamedTuple):
    name: str
    plane: int
    number: int


class Fitting(NamedTuple):
    """A shape's devices: leaves and spines by name, and the uplinks by (leaf, uplink number)."""

    leaves: dict[str, LeafSwitch]
    spines: dict[tuple[int, int], SpineSwitch]


def cable_fabric(draft: Draft, shape: Shape, claims: list[Claim], mtu: int, overhead: int) -> Fitting:
    """Adds the fabric's switches, every port of the cages in use, cables and attachments."""
    leaves = _leaves(draft, shape, claims)
    spines = _spines(draft, shape)
    fitting = Fitting({leaf.name: leaf for leaf in leaves.values()}, spines)
    panels = Panels(draft, f"fabrics.{shape.name}")
    _attach_servers(draft, shape, claims, leaves, panels, mtu)
    _connect_spines(draft, shape, leaves, spines, panels, mtu + overhead)
    _connect_outside(draft, shape, leaves, spines, panels, mtu)
    panels.record()
    return fitting


class Panels:
    """Ports in use, by device; records each cage once, with all of its sub-ports."""

    def __init__(self, draft: Draft, path: str) -> None:
        self.draft = draft
        self.origin = path
        self.blocks: dict[tuple[str, int], tuple[Hardware, Block, int, PortUse]] = {}
        self.speeds: dict[tuple[str, str], int] = {}
        self.spots: dict[tuple[int, int], Spot] = {}

    def use(self, hardware: Hardware, device: str, block: Block, position: int, use: PortUse, speed: int) -> str:
        """Take a port; returns its name."""
        spot = self._spot(hardware, block, position)
        self.blocks[device, spot.cage] = (hardware, block, position // block.per_cage, use)
        self.speeds[device, spot.name] = speed
        return spot.name

    def _spot(self, hardware: Hardware, block: Block, position: int) -> Spot:
        """Blocks are shared by all switches of a tier, so each position is spelt once. A block lives as long as its key."""
        key = (id(block), position)
        if key not in self.spots:
            self.spots[key] = spot_at(hardware.nos, block, position)
        return self.spots[key]

    def record(self) -> None:
        for (device, _), (hardware, block, cage, use) in sorted(self.blocks.items(), key=lambda item: item[0]):
            spots = [self._spot(hardware, block, cage * block.per_cage + sub) for sub in range(block.per_cage)]
            self.draft.breakouts.append(
                Breakout(
                    device=device,
                    cage=spots[0].cage,
                    port=spots[0].name,
                    mode=spots[0].mode,
                    form=spots[0].form,
                    gbps=spots[0].cage_gbps,
                )
            )
            for spot in spots:
                self.draft.ports.append(
                    Port(
                        device=device,
                        name=spot.name,
                        use=use,
                        gbps=self.speeds.get((device, spot.name), block.gbps),
                        cage=spot.cage,
                        sub=spot.sub,
                        lanes=spot.lanes,
                        alias=spot.alias,
                        origin=self.origin,
                    )
                )


def _leaf_of(shape: Shape, claim: Claim) -> tuple[int, int, int, int, int]:
    """(plane, unit, row, rail or home, block index) of the leaf that takes this port."""
    seat, nic = claim.seat, claim.port.nic
    row = (seat.slot - 1) // shape.slots
    if shape.by_rail:
        return nic.plane, seat.unit, row, nic.rail, 0
    order = claim.port.order
    return nic.plane, seat.unit, row, order % shape.homes, order // shape.homes


def _leaves(draft: Draft, shape: Shape, claims: list[Claim]) -> dict[tuple[int, int, int, int], LeafSwitch]:
    """The leaves that are in use, by (plane, unit, row, rail or home); a row in use has all its homes."""
    keys = {_leaf_of(shape, claim)[:4] for claim in claims}
    if not shape.by_rail:
        keys = {(plane, unit, row, home) for plane, unit, row, _ in keys for home in range(shape.homes)}
    origin = f"fabrics.{shape.name}.leaf"
    leaves = {}
    for plane, unit, row, which in sorted(keys):
        leaf = _leaf(draft, shape, plane, unit, row, which)
        leaves[plane, unit, row, which] = leaf
        draft.devices.append(
            Device(
                name=leaf.name,
                kind="switch",
                tier="leaf",
                role="leaf",
                fabric=shape.name,
                plane=plane,
                unit=unit,
                rail=leaf.rail,
                number=leaf.number,
                model=shape.leaf.name,
                nos=shape.leaf.nos_name,
                failure_domain=f"u{unit:03}",
                origin=origin,
            )
        )
    return leaves


def _leaf(draft: Draft, shape: Shape, plane: int, unit: int, row: int, which: int) -> LeafSwitch:
    first_slot = row * shape.slots + 1
    if shape.by_rail:
        name = draft.namer.rail_leaf(shape.name, plane, unit, which, row + 1)
        return LeafSwitch(name, SwitchOrdinal(plane, unit, row * shape.rail_stride + which), which, row + 1, first_slot)
    number = row * shape.homes + which + 1
    name = draft.namer.leaf(shape.name, unit, number)
    return LeafSwitch(name, SwitchOrdinal(plane, unit, number - 1), -1, number, first_slot)


def _spines(draft: Draft, shape: Shape) -> dict[tuple[int, int], SpineSwitch]:
    spines: dict[tuple[int, int], SpineSwitch] = {}
    if shape.spine is None:
        return spines
    origin = f"fabrics.{shape.name}.spine"
    for plane in range(1, shape.spec.planes + 1):
        for number in range(1, shape.spines + 1):
            name = draft.namer.spine(shape.name, plane, number)
            spines[plane, number] = SpineSwitch(name, plane, number)
            draft.devices.append(
                Device(
                    name=name,
                    kind="switch",
                    tier="spine",
                    role="spine",
                    fabric=shape.name,
                    plane=plane,
                    number=number,
                    model=shape.spine.name,
                    nos=shape.spine.nos_name,
                    failure_domain="network",
                    origin=origin,
                )
            )
    return spines


def _attach_servers(
    draft: Draft,
    shape: Shape,
    claims: list[Claim],
    leaves: dict[tuple[int, int, int, int], LeafSwitch],
    panels: Panels,
    mtu: int,
) -> None:
    refused: set[tuple[str, str]] = set()
    for claim in claims:
        nic = claim.port.nic
        *key, index = _leaf_of(shape, claim)
        leaf = leaves[key[0], key[1], key[2], key[3]]
        block = shape.cut.downs.get((nic.role, index))
        speed = min(nic.gbps, block.gbps) if block else 0
        if block is None or not block.runs_at(speed):
            if (claim.seat.group, nic.role) not in refused:
                refused.add((claim.seat.group, nic.role))
                _refuse_port(draft, shape, claim, block, speed)
            continue
        port = panels.use(shape.leaf, leaf.name, block, (claim.seat.slot - 1) % shape.slots, "host", speed)
        attach(draft, claim, shape.name, leaf.name, port, speed, mtu, key[0])


def _refuse_port(draft: Draft, shape: Shape, claim: Claim, block: Block | None, speed: int) -> None:
    """A port that no leaf can take: too many of its role in a server, or a speed that the cage lacks."""
    group, role = claim.seat.group, claim.port.nic.role
    if block is None:
        draft.refuse(
            "DES403",
            f"servers.{group}.model",
            f"a server has room for {PORTS_OF_A_ROLE} {role} ports on `{shape.name}`, and one of `{group}` "
            f"({draft.blueprint.servers[group].model}) has more",
            f"Take a server model with at most {PORTS_OF_A_ROLE} {role} ports.",
        )
        return
    draft.refuse(
        "DES214",
        f"servers.{group}.model",
        f"the {role} ports of `{group}` run at {speed}G, and a cage of {shape.leaf.name} split as {block.mode} does not",
        f"Write `link_speed: {{{role}: {speed}G}}` for `{shape.name}`, or take a leaf that has that speed.",
    )


def attach(
    draft: Draft, claim: Claim, fabric: str, leaf: str, leaf_port: str, speed: int, mtu: int, plane: int
) -> None:
    """Adds a server's port, its attachment and its cable."""
    seat, port = claim
    draft.ports.append(
        Port(
            device=seat.device,
            name=port.interface,
            use="management" if port.nic.role == "management" else "host",
            gbps=speed,
            pci=port.nic.pci,
            numa=port.nic.numa,
            origin=seat.origin,
        )
    )
    draft.attachments.append(
        Attachment(
            device=seat.device,
            interface=port.interface,
            nic=port.nic.model,
            pci=port.nic.pci,
            fabric=fabric,
            plane=plane,
            rail=port.nic.rail,
            role=port.nic.role,
            mode=MODES[port.nic.role],
            addressed_by=_addressed_by(draft, claim),
            leaf=leaf,
            leaf_port=leaf_port,
            origin=seat.origin,
        )
    )
    draft.links.append(
        Link(
            a_device=seat.device,
            a_port=port.interface,
            b_device=leaf,
            b_port=leaf_port,
            fabric=fabric,
            use="management" if port.nic.role == "management" else "host",
            gbps=speed,
            mtu=mtu_of_cable(draft.blueprint, ((seat.device, port.interface), (leaf, leaf_port)), mtu),
            origin=seat.origin,
        )
    )


def _addressed_by(draft: Draft, claim: Claim) -> Literal["host", "ipam"]:
    """Rails of a cluster's workers belong to pods where an operator gives them away; the leaf's end is the same."""
    cluster = draft.blueprint.kubernetes
    given = cluster is not None and cluster.nic_operator is not None and claim.seat.group in cluster.workers
    return "ipam" if given and claim.port.nic.role == "compute" else "host"


def _connect_spines(
    draft: Draft,
    shape: Shape,
    leaves: dict[tuple[int, int, int, int], LeafSwitch],
    spines: dict[tuple[int, int], SpineSwitch],
    panels: Panels,
    mtu: int,
) -> None:
    """Uplink j of a leaf goes to spine (j-1) mod S + 1; on the spine each leaf has a run of ports of its own."""
    if shape.spine is None or shape.cut.up is None:
        return
    plate = shape.spine.faceplate()
    down = plate.low(shape.leaves_per_unit * shape.planned_units * shape.links_per_pair, shape.uplink_gbps)
    if down is None:
        raise AssertionError("shape_fabric counted the spine's ports")
    origin = f"fabrics.{shape.name}"
    for (plane, unit, row, which), leaf in leaves.items():
        width = shape.rails if shape.by_rail else shape.homes
        position = ((unit - 1) * shape.rows + row) * width + which
        for uplink in range(shape.cut.uplinks):
            spine = spines[plane, uplink % shape.spines + 1]
            a_port = panels.use(shape.leaf, leaf.name, shape.cut.up, uplink, "uplink", shape.uplink_gbps)
            place = position * shape.links_per_pair + uplink // shape.spines
            b_port = panels.use(shape.spine, spine.name, down, place, "down", shape.uplink_gbps)
            draft.links.append(
                Link(
                    a_device=leaf.name,
                    a_port=a_port,
                    b_device=spine.name,
                    b_port=b_port,
                    fabric=shape.name,
                    use="fabric",
                    gbps=shape.uplink_gbps,
                    mtu=mtu_of_cable(draft.blueprint, ((leaf.name, a_port), (spine.name, b_port)), mtu),
                    origin=origin,
                )
            )


def _connect_outside(
    draft: Draft,
    shape: Shape,
    leaves: dict[tuple[int, int, int, int], LeafSwitch],
    spines: dict[tuple[int, int], SpineSwitch],
    panels: Panels,
    mtu: int,
) -> None:
    """Routers outside reach the spines in turn, or the one switch; they take the last cages, whole."""
    total = sum(len(outside.peers) for outside in shape.spec.outside.values())
    targets = [spine.name for spine in spines.values()] or [leaf.name for leaf in leaves.values()]
    if not total or not targets:
        return
    part = shape.spine or shape.leaf
    block = shape.cut.outside
    if shape.spine is not None:
        plate = shape.spine.faceplate()
        block = plate.high(-(-total // len(targets)), plate.fastest())
    if block is None:
        raise AssertionError("shape_fabric kept ports for routers outside")
    position = 0
    for name, outside in sorted(shape.spec.outside.items()):
        path = f"fabrics.{shape.name}.outside.{name}"
        device = draft.namer.outside(shape.name, name)
        origin = path
        draft.devices.append(
            Device(
                name=device,
                kind="outside",
                tier="outside",
                role="outside",
                group=name,
                fabric=shape.name,
                number=1,
                model="",
                nos="frr",
                failure_domain="outside",
                origin=origin,
            )
        )
        for number in range(1, len(outside.peers) + 1):
            target = targets[position % len(targets)]
            port = panels.use(part, target, block, position // len(targets), "outside", block.gbps)
            a_port = f"eth{number}"
            draft.ports.append(Port(device=device, name=a_port, use="outside", gbps=block.gbps, origin=origin))
            draft.links.append(
                Link(
                    a_device=device,
                    a_port=a_port,
                    b_device=target,
                    b_port=port,
                    fabric=shape.name,
                    use="outside",
                    gbps=block.gbps,
                    mtu=mtu_of_cable(draft.blueprint, ((device, a_port), (target, port)), mtu),
                    origin=origin,
                )
            )
            position += 1
