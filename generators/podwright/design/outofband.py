"""The out-of-band network: a bridged domain for each unit, routed at the root of the tree (or on the one switch).

A unit's leaves are plain bridges on one VLAN; the root has the gateway of each unit. Unit 0 is the network row: spines,
and whatever else belongs to no unit. It is served by the root itself where the root is the leaf's model, else by leaves
of its own. A topology `single` is one switch that does all of this.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from podwright.design.addressing import Space, management_space
from podwright.design.cabling import Panels, attach
from podwright.design.claims import Claim
from podwright.design.draft import Draft
from podwright.design.faceplate import Block, Faceplate
from podwright.design.shape import Hardware, hardware, power_of_two_below
from podwright.design.sizing import gbps
from podwright.model.blueprint import Fabric, Role
from podwright.model.design import Address, Device, HostRoute, Interface, Link, Management, Port, Prefix
from podwright.model.design.fabric import FabricPlan

FIRST_VLAN = 1000
PORTS_PER_SLOT = 2  # the BMC and the server's management port
ACCESS_GBPS = 1
FABRIC_INDEX: dict[Role, int] = {"compute": 0, "frontend": 1, "storage": 2, "management": 3}
OTHER_FABRICS = 3
KIND_SWITCH, KIND_BMC, KIND_SERVER = 0, 1, 2
SWITCHES_PER_FABRIC = 32
SPINES_PER_FABRIC = 128


class Bridge(NamedTuple):
    """A switch's part in the domain of one unit."""

    device: str
    unit: int
    members: list[str]


class Cut(NamedTuple):
    """How a leaf's ports are used: the first for slots, the rest for switches of the unit, the last cages upward."""

    access: Block
    up: Block | None
    slots: int
    spare: int


class OutOfBand:
    """The management fabric in the making."""

    def __init__(
        self, draft: Draft, name: str, space: Space, leaf: Hardware, root: Hardware | None, cut: Cut, uplink_gbps: int
    ) -> None:
        self.draft = draft
        self.name = name
        self.spec: Fabric = draft.blueprint.fabrics[name]
        self.space = space
        self.leaf = leaf
        self.cut = cut
        self.single = self.spec.topology == "single"
        self.root = root or leaf
        self.own_row = root is not None
        self.panels = Panels(draft, f"fabrics.{name}")
        self.origin = f"fabrics.{name}"
        self.bridges: dict[tuple[str, int], Bridge] = {}
        self.mtu = self.spec.mtu or 1500
        self.rows = ceil(draft.blueprint.units.slots / cut.slots)
        self.root_name = draft.namer.leaf(name, 1, 1) if self.single else draft.namer.root(name, 1)
        self.uplink_gbps = uplink_gbps
        self.refused: set[str] = set()
        self.taken: set[tuple[str, int]] = set()
        self.down: Block | None = None
        self.leaf_numbers: dict[tuple[int, int], str] = {}

    def build(self, claims: list[Claim]) -> None:
        switches = [device for device in self.draft.devices if device.kind == "switch" and device.fabric != self.name]
        self._root()
        cabled = self._one_port_a_kind(claims)
        for claim in cabled:
            self._server(claim)
        for switch in switches:
            self._switch(switch)
        self._uplinks()
        self._addresses(cabled, switches)
        self.panels.record()

    def _one_port_a_kind(self, claims: list[Claim]) -> list[Claim]:
        """Of each server its first BMC port and its first management port: a slot has a port for each, no more."""
        cabled: dict[tuple[str, int, int, bool], Claim] = {}
        more: dict[str, str] = {}
        for claim in claims:
            key = (claim.seat.group, claim.seat.unit, claim.seat.slot, claim.port.nic.controller)
            if cabled.setdefault(key, claim) is not claim:
                more.setdefault(claim.seat.group, "BMC" if claim.port.nic.controller else "management")
        for group, kind in more.items():
            self.draft.warn(
                "DES506",
                f"servers.{group}.model",
                f"a slot has one {kind} port on `{self.name}`; further {kind} ports of `{group}` stay without a cable",
                "Cable them by hand, or take a server model of the catalogue that lists one.",
            )
        return list(cabled.values())

    def _root(self) -> None:
        self._device(self.root_name, "leaf" if self.single else "root", 1 if self.single else 0, 1, self.root)

    def _device(self, name: str, tier: str, unit: int, number: int, part: Hardware) -> None:
        self.draft.devices.append(
            Device(
                name=name,
                kind="switch",
                tier="leaf" if tier == "leaf" else "root",
                role=tier,
                fabric=self.name,
                plane=1,
                unit=unit,
                number=number,
                model=part.name,
                nos=part.nos_name,
                failure_domain=f"u{unit:03}" if unit else "network",
                origin=self.origin,
            )
        )

    def _leaf(self, unit: int, row: int) -> str:
        """The leaf of a row, made when the first cable asks for it."""
        if self.single or (unit == 0 and not self.own_row):
            return self.root_name
        if (unit, row) not in self.leaf_numbers:
            name = self.draft.namer.leaf(self.name, unit, row + 1)
            self.leaf_numbers[unit, row] = name
            self._device(name, "leaf", unit, row + 1, self.leaf)
        return self.leaf_numbers[unit, row]

    def _plug(self, unit: int, row: int, position: int) -> tuple[str, str]:
        device = self._leaf(unit, row)
        self.taken.add((device, position))
        port = self.panels.use(self.leaf, device, self.cut.access, position, "down", ACCESS_GBPS)
        self.bridges.setdefault((device, unit), Bridge(device, unit, [])).members.append(port)
        return device, port

    def _server(self, claim: Claim) -> None:
        seat, port = claim
        row, slot = divmod(seat.slot - 1, self.cut.slots)
        which = 0 if port.nic.controller else 1
        leaf, leaf_port = self._plug(seat.unit, row, slot * PORTS_PER_SLOT + which)
        attach(self.draft, claim, self.name, leaf, leaf_port, ACCESS_GBPS, self.mtu, 1)

    def _switch(self, device: Device) -> None:
        """A switch's management port: those of a unit fill the row after its slots, the network row fills from the end."""
        spec = self.draft.blueprint.fabrics[device.fabric]
        index = FABRIC_INDEX[first_role(spec)]
        number = switch_number(device, spec)
        slots_end = self.cut.slots * PORTS_PER_SLOT
        total = slots_end + self.cut.spare
        if device.unit:
            row, place = number % self.rows, slots_end + (number // self.rows) * OTHER_FABRICS + index
            room = place < total
        else:
            per_row = (self.cut.spare if self.single else total) // OTHER_FABRICS
            row, place = divmod(number, max(per_row, 1))
            place = total - 1 - place * OTHER_FABRICS - index
            room = per_row > 0 and (row == 0 or self.own_row)
        if not room or (self._leaf(device.unit, row), place) in self.taken:
            self._refuse_once(
                "DES501",
                f"fabrics.{self.name}.leaf",
                f"`{device.name}` finds no port: {self.leaf.name} has {total} ports of 1G, {slots_end} of them for {self.cut.slots} slots "
                f"x {PORTS_PER_SLOT}, and {self.cut.spare} for switches ({self.cut.spare // OTHER_FABRICS} a fabric)",
                "Let a leaf serve fewer slots (`leaf: {slots: ...}`)"
                + (
                    ", or give the tree a `spine`, so that the network row has leaves of its own."
                    if not self.own_row
                    else "."
                ),
            )
            return
        leaf, leaf_port = self._plug(device.unit, row, place)
        own = self.draft.catalog.switches[device.model].nos[device.nos].management
        self.draft.ports.append(
            Port(device=device.name, name=own, use="management", gbps=ACCESS_GBPS, origin=device.origin)
        )
        self.draft.links.append(
            Link(
                a_device=device.name,
                a_port=own,
                b_device=leaf,
                b_port=leaf_port,
                fabric=self.name,
                use="management",
                gbps=ACCESS_GBPS,
                mtu=self.mtu,
                origin=device.origin,
            )
        )

    def _uplinks(self) -> None:
        """Each leaf has one uplink; on the root, leaves have their ports in the order of (unit, row)."""
        if self.single:
            return
        plate = self.root.faceplate()
        if not self.own_row:
            plate.low(self.cut.slots * PORTS_PER_SLOT + self.cut.spare, ACCESS_GBPS)
        units = max((unit for unit, _ in self.leaf_numbers), default=0)
        wanted = (units + 1) * self.rows if self.own_row else units * self.rows
        self.down = plate.low(wanted, self.uplink_gbps)
        if self.down is None or self.cut.up is None:
            room = plate.capacity(self.uplink_gbps)
            self.draft.refuse(
                "DES502",
                f"fabrics.{self.name}.spine" if self.own_row else f"fabrics.{self.name}",
                f"the tree has {units} units x {self.rows} leaves, each with an uplink of {self.uplink_gbps}G, and its root "
                f"({self.root.name}) has {room} such ports",
                "Give the tree a larger root (`spine: {model: ...}`), or let a leaf serve more slots.",
            )
            return
        for (unit, row), leaf in sorted(self.leaf_numbers.items()):
            place = (unit if self.own_row else unit - 1) * self.rows + row
            if row >= self.rows:
                self._refuse_once(
                    "DES503",
                    f"fabrics.{self.name}.leaf",
                    f"the network row needs {row + 1} leaves and has room for {self.rows}",
                    "Let a leaf serve fewer slots, which gives every row more leaves.",
                )
                continue
            a_port = self.panels.use(self.leaf, leaf, self.cut.up, 0, "uplink", self.uplink_gbps)
            b_port = self.panels.use(self.root, self.root_name, self.down, place, "down", self.uplink_gbps)
            self.bridges.setdefault((leaf, unit), Bridge(leaf, unit, [])).members.append(a_port)
            self.bridges.setdefault((self.root_name, unit), Bridge(self.root_name, unit, [])).members.append(b_port)
            self.draft.links.append(
                Link(
                    a_device=leaf,
                    a_port=a_port,
                    b_device=self.root_name,
                    b_port=b_port,
                    fabric=self.name,
                    use="fabric",
                    gbps=self.uplink_gbps,
                    mtu=self.mtu,
                    origin=self.origin,
                )
            )

    def _addresses(self, claims: list[Claim], switches: list[Device]) -> None:
        layout, pool = self.space.layout, self.space.pool
        self.draft.prefixes.append(Prefix(prefix=str(pool.network), use="pool", fabric=self.name))
        bits = layout.below("unit")
        gateways = {}
        for (device, unit), bridge in sorted(self.bridges.items(), key=lambda item: (item[0][1], item[0][0])):
            name = f"Vlan{FIRST_VLAN + unit}"
            self.draft.interfaces.append(
                Interface(
                    device=device,
                    name=name,
                    kind="bridge",
                    fabric=self.name,
                    mtu=self.mtu,
                    members=tuple(bridge.members),
                )
            )
            if device == self.root_name:
                gateway = layout.encode(unit=unit) + (1 << bits) - 2
                gateways[unit] = pool.address(gateway)
                self.draft.addresses.append(
                    Address(device=device, interface=name, address=pool.interface(gateway, bits), fabric=self.name)
                )
                self.draft.prefixes.append(
                    Prefix(
                        prefix=pool.prefix(layout.encode(unit=unit), bits),
                        use="subnet",
                        fabric=self.name,
                        unit=unit,
                        device=device,
                        gateway=gateways[unit],
                    )
                )
        lowest = min(gateways, default=0)
        self.draft.management.append(
            Management(device=self.root_name, address=gateways.get(lowest, ""), interface=f"Vlan{FIRST_VLAN + lowest}")
        )
        for (unit, row), leaf in sorted(self.leaf_numbers.items()):
            offset = self._switch_offset(FABRIC_INDEX["management"], unit, row + 1, leaf)
            self._manage(leaf, f"Vlan{FIRST_VLAN + unit}", offset, unit, gateways, own=False)
        for switch in switches:
            spec = self.draft.blueprint.fabrics[switch.fabric]
            number, index = switch_number(switch, spec), FABRIC_INDEX[first_role(spec)]
            offset = self._switch_offset(index, switch.unit, number + 1, switch.name)
            own = self.draft.catalog.switches[switch.model].nos[switch.nos].management
            self._manage(switch.name, own, offset, switch.unit, gateways)
        self._server_addresses(claims, gateways)

    def _switch_offset(self, index: int, unit: int, number: int, device: str) -> int:
        """Offset of the address of switch `number` (from 1) of its fabric in its unit."""
        room = SWITCHES_PER_FABRIC if unit else SPINES_PER_FABRIC
        if number >= room:
            self._refuse_once(
                "DES504",
                f"fabrics.{self.name}.pool",
                f"`{device}` is one switch too many: a management subnet numbers {room - 1} switches of a fabric in "
                + (f"unit {unit}" if unit else "the network row"),
                "Use larger switches, so that there are fewer of them.",
            )
            return 0
        return self.space.layout.encode(unit=unit) + index * room + number

    def _refuse_once(self, code: str, path: str, message: str, fix: str) -> None:
        """One finding tells what the others would repeat."""
        if code not in self.refused:
            self.refused.add(code)
            self.draft.refuse(code, path, message, fix)

    def _manage(
        self, device: str, interface: str, offset: int, unit: int, gateways: dict[int, str], own: bool = True
    ) -> None:
        """The device's own address; `own` says that it has a port of its own for it."""
        pool, bits = self.space.pool, self.space.layout.below("unit")
        if own:
            self.draft.interfaces.append(
                Interface(
                    device=device, name=interface, kind="management", fabric=self.name, mtu=self.mtu, port=interface
                )
            )
        self.draft.addresses.append(
            Address(device=device, interface=interface, address=pool.interface(offset, bits), fabric=self.name)
        )
        gateway = gateways.get(unit, "")
        self.draft.management.append(
            Management(
                device=device,
                address=pool.address(offset),
                prefix=str(pool.network),
                gateway=gateway,
                interface=interface,
            )
        )

    def _server_addresses(self, claims: list[Claim], gateways: dict[int, str]) -> None:
        layout, pool = self.space.layout, self.space.pool
        bits = layout.below("unit")
        by_device: dict[str, dict[int, Claim]] = {}
        for claim in claims:
            kind = KIND_BMC if claim.port.nic.controller else KIND_SERVER
            by_device.setdefault(claim.seat.device, {})[kind] = claim
        for device, ports in by_device.items():
            seat = next(iter(ports.values())).seat
            offsets = {kind: layout.encode(unit=seat.unit, kind=kind, position=seat.slot - 1) for kind in ports}
            asset = self.draft.blueprint.assets.get(device)
            bmc = (asset.bmc_address if asset else None) or (
                pool.address(offsets[KIND_BMC]) if KIND_BMC in offsets else ""
            )
            address, interface = "", ""
            if KIND_SERVER in ports:
                interface = ports[KIND_SERVER].port.interface
                address = pool.address(offsets[KIND_SERVER])
                self.draft.interfaces.append(
                    Interface(
                        device=device, name=interface, kind="management", fabric=self.name, mtu=self.mtu, port=interface
                    )
                )
                self.draft.addresses.append(
                    Address(
                        device=device,
                        interface=interface,
                        address=pool.interface(offsets[KIND_SERVER], bits),
                        fabric=self.name,
                    )
                )
                self.draft.host_routes.append(
                    HostRoute(
                        device=device,
                        table=0,
                        prefix=str(pool.network),
                        via=gateways.get(seat.unit, ""),
                        interface=interface,
                    )
                )
            self.draft.management.append(
                Management(
                    device=device,
                    address=address,
                    prefix=str(pool.network),
                    gateway=gateways.get(seat.unit, ""),
                    interface=interface,
                    bmc=bmc,
                )
            )


def first_role(spec: Fabric) -> Role:
    """The role that numbers a fabric among the others: the first in the fixed order, however `carries` is written."""
    return min(spec.carries, key=FABRIC_INDEX.__getitem__)


def switch_number(device: Device, spec: Fabric) -> int:
    """A switch's place among those of its fabric in its unit, from 0; strides are field widths, so no growth moves it.

    Planes alternate, so that neither a first nor a second one leaves a gap behind its switches.
    """
    planes = 1
    if spec.topology == "rail-optimised":
        planes = 1 << (1 if spec.layout.plane is None else spec.layout.plane)
    plane = max(device.plane, 1) - 1
    rails = 1 if device.rail < 0 else 1 << (3 if spec.layout.rail is None else spec.layout.rail)
    return ((device.number - 1) * planes + plane) * rails + max(device.rail, 0)


def build_management(draft: Draft, name: str, claims: list[Claim]) -> FabricPlan | None:
    """Adds the out-of-band network; None, with findings, where it can't be built."""
    spec = draft.blueprint.fabrics[name]
    path = f"fabrics.{name}"
    space = management_space(draft, name, spec)
    leaf = hardware(draft, f"{path}.leaf", spec.leaf)
    root = hardware(draft, f"{path}.spine", spec.spine) if spec.spine else None
    if space is None or leaf is None or (spec.spine and root is None):
        return None
    if spec.carries != ("management",):
        draft.refuse(
            "DES507",
            f"{path}.carries",
            f"`{name}` carries {' and '.join(spec.carries)}, and management is carried alone: it is bridged, the others are routed",
            f"Move {' and '.join(role for role in spec.carries if role != 'management')} to a fabric of its own.",
        )
        return None
    units = max([1, *(claim.seat.unit for claim in claims), *(device.unit for device in draft.devices)])
    if units >= space.layout.capacity("unit"):
        draft.refuse(
            "DES306",
            f"{path}.pool",
            f"servers stand up to unit {units}, and {space.pool.network} has subnets of 9 bits for units 0 to "
            f"{space.layout.capacity('unit') - 1}",
            f"Give it a /{space.pool.width - 9 - units.bit_length()} that begins at the same address: that renumbers nothing.",
        )
        return None
    uplink = _uplink_gbps(spec, leaf, root or leaf)
    cut = _cut_leaf(draft, name, spec, leaf, uplink, units)
    if cut is None:
        return None
    builder = OutOfBand(draft, name, space, leaf, root, cut, uplink)
    builder.build(claims)
    return FabricPlan(
        name=name,
        carries=spec.carries,
        topology=spec.topology,
        planes=1,
        rails=0,
        homes=1,
        rows=builder.rows,
        planned_units=spec.planned_units or units,
        leaves=len(builder.leaf_numbers) or 1,
        spines=0 if builder.single else 1,
        uplinks=0 if builder.single else 1,
        uplink_gbps=builder.uplink_gbps,
        underlay="bridged",
        mtu=builder.mtu,
        asn=0,
        layout=space.layout.spell,
        pools=(str(space.pool.network),),
        bfd_interval_ms=0,
        bfd_multiplier=0,
        lossless="",
        origin=path,
    )


def _uplink_gbps(spec: Fabric, leaf: Hardware, root: Hardware) -> int:
    """Speed of the tree's uplinks: as written, or the fastest that both ends have."""
    if spec.link_speed.uplink:
        return gbps(spec.link_speed.uplink)
    return min(leaf.faceplate().fastest(), root.faceplate().fastest())


def _cut_leaf(draft: Draft, name: str, spec: Fabric, leaf: Hardware, uplink: int, units: int) -> Cut | None:
    """The leaf's ports of 1G, for slots and for switches, and its uplink; refuses what has no room."""
    slots = spec.leaf.slots or draft.blueprint.units.slots
    total = sum(run.count for run in leaf.model.cages if "1x1G" in run.modes)
    single = spec.topology == "single"
    while spec.leaf.slots is None and not single and slots > 1 and slots * PORTS_PER_SLOT + OTHER_FABRICS > total:
        slots = power_of_two_below(slots)
    spare = total - slots * PORTS_PER_SLOT
    if single and units > 1:
        draft.refuse(
            "DES505",
            f"fabrics.{name}.topology",
            f"a single switch serves unit 1, and servers stand up to unit {units}",
            "Take topology `tree`.",
        )
        return None
    if spare < 0:
        draft.refuse(
            "DES505",
            f"fabrics.{name}.leaf",
            f"{slots} slot{'s' if slots > 1 else ''} x {PORTS_PER_SLOT} ports (BMC and management) = {slots * PORTS_PER_SLOT}, and "
            f"{leaf.name} has {total} ports of 1G",
            "Take a leaf with more ports of 1G, topology `tree`, or let a leaf serve fewer slots (`leaf: {slots: ...}`).",
        )
        return None
    plate: Faceplate = leaf.faceplate()
    access = plate.low(total, ACCESS_GBPS)
    if access is None:
        raise AssertionError("the ports of 1G were counted")
    up = None if single else plate.high(1, uplink)
    if slots != draft.blueprint.units.slots and spec.leaf.slots is None:
        draft.note(
            "DES208",
            f"fabrics.{name}.leaf",
            f"a unit of {draft.blueprint.units.slots} slots is more than one {leaf.name} can serve, so each serves {slots}",
            f"Write `slots: {slots}` under `leaf`, so that no later change of model moves it.",
        )
    return Cut(access, up, slots, spare)
