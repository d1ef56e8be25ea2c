"""The shape of a leaf fabric before it has devices: which ports a leaf needs, how many leaves and spines there are."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from podwright.catalog import Nos, Switch
from podwright.design.claims import PORTS_OF_A_ROLE, Claim, link_speed, speeds_of
from podwright.design.draft import Draft
from podwright.design.faceplate import Block, Faceplate
from podwright.design.grid import nearest
from podwright.design.sizing import gbps, spine_count, uplinks
from podwright.model.blueprint import Fabric, Leaf, Spine
from podwright.model.design import Sizing

SUPERPOD = "NVIDIA RA-11333-001 table 4, https://docs.nvidia.com/dgx-superpod/"
DEFAULT_RAILS, DEFAULT_RAIL_BITS = 8, 3


class Hardware(NamedTuple):
    """A model with one of its operating systems."""

    name: str
    nos_name: str
    model: Switch
    nos: Nos

    def faceplate(self) -> Faceplate:
        return Faceplate(self.model)


class Need(NamedTuple):
    """A block of down ports on every leaf: one port a slot, for the `order`-th port of `role` that this leaf takes."""

    role: str
    order: int
    gbps: int


class LeafCut(NamedTuple):
    """A leaf's faceplate cut into blocks; `uplinks` is empty in a single-tier fabric, `outside` elsewhere."""

    downs: dict[tuple[str, int], Block]
    up: Block | None
    outside: Block | None
    uplinks: int


class Shape(NamedTuple):
    """All counts of a fabric. `slots` is what a leaf serves, `rows` how many leaves (of a rail, or pairs) a unit has."""

    name: str
    spec: Fabric
    leaf: Hardware
    spine: Hardware | None
    homes: int
    rails: int
    slots: int
    rows: int
    cut: LeafCut
    uplink_gbps: int
    spines: int
    planned_units: int

    @property
    def by_rail(self) -> bool:
        return self.spec.topology == "rail-optimised"

    @property
    def rail_stride(self) -> int:
        """How far leaf ordinals of one row lie from those of the next: all rails that the layout has room for."""
        return 1 << (DEFAULT_RAIL_BITS if self.spec.layout.rail is None else self.spec.layout.rail)

    @property
    def leaf_ordinals(self) -> int:
        """How many leaf ordinals a unit uses, the gaps between rows included."""
        return (self.rows - 1) * self.rail_stride + self.rails if self.by_rail else self.rows * self.homes

    @property
    def leaves_per_unit(self) -> int:
        return self.rows * (self.rails if self.by_rail else self.homes)

    @property
    def links_per_pair(self) -> int:
        return self.cut.uplinks // self.spines if self.spines else 0


def hardware(draft: Draft, path: str, part: Leaf | Spine) -> Hardware | None:
    """The catalogue's entry for a switch; refuses unknown models and operating systems."""
    model = draft.catalog.switches.get(part.model)
    if model is None:
        draft.refuse(
            "DES201",
            f"{path}.model",
            f"the catalogue has no switch model `{part.model}`",
            nearest(part.model, draft.catalog.switches.keys()),
        )
        return None
    nos = model.nos.get(part.nos)
    if nos is None:
        draft.refuse(
            "DES202",
            f"{path}.nos",
            f"{part.model} is not known to run `{part.nos}`",
            nearest(part.nos, model.nos.keys()),
        )
        return None
    return Hardware(part.model, part.nos, model, nos)


def shape_fabric(draft: Draft, name: str, claims: list[Claim]) -> Shape | None:
    """The shape of a fabric other than the out-of-band tree; None, with findings, where it can't be built."""
    spec = draft.blueprint.fabrics[name]
    path = f"fabrics.{name}"
    leaf = hardware(draft, f"{path}.leaf", spec.leaf)
    spine = hardware(draft, f"{path}.spine", spec.spine) if spec.spine else None
    if leaf is None or (spec.spine and spine is None):
        return None
    if not _fits_topology(draft, name, spec):
        return None
    homes = _homes(spec)
    rails = _rails(spec, claims)
    if not _fits_planes_and_rails(draft, name, spec, rails, claims):
        return None
    needs = _needs(draft, name, spec, homes, rails, claims)
    uplink = _uplink_gbps(draft, path, spec, leaf, spine)
    if uplink is None:
        return None
    slots, cut = _cut(draft, name, spec, leaf, needs, uplink)
    if cut is None:
        return None
    _warn_of_idle_speeds(draft, name, spec, cut, claims)
    rows = ceil(draft.blueprint.units.slots / slots)
    units = max((claim.seat.unit for claim in claims), default=1)
    if spec.topology == "single" and (units > 1 or rows > 1):
        draft.refuse(
            "DES204",
            path,
            f"a single switch serves one row of slots in unit 1, and here servers stand up to unit {units}, each unit of "
            f"{rows} row{'s' if rows > 1 else ''}",
            "Take topology `leaf-spine` or `rail-optimised`, or keep all servers in the first row of unit 1.",
        )
        return None
    shape = Shape(
        name=name,
        spec=spec,
        leaf=leaf,
        spine=spine,
        homes=homes,
        rails=rails,
        slots=slots,
        rows=rows,
        cut=cut,
        uplink_gbps=uplink,
        spines=0,
        planned_units=max(spec.planned_units or 1, units),
    )
    if spec.planned_units is not None and units > spec.planned_units:
        draft.warn(
            "DES212",
            f"{path}.planned_units",
            f"servers of `{name}` stand up to unit {units}, and spines were planned for {spec.planned_units}: cables of leaves that "
            "are there already may move to other spines",
            f"Write `planned_units: {units}` or more, and compare the cabling with what is built.",
        )
    return _with_spines(draft, shape, units) if spine else shape


def _homes(spec: Fabric) -> int:
    if spec.topology != "leaf-spine":
        return 1
    return spec.homes or 2


def _rails(spec: Fabric, claims: list[Claim]) -> int:
    if "compute" not in spec.carries:
        return 0
    if spec.rails:
        return spec.rails
    if spec.topology == "rail-optimised":
        return max((claim.port.nic.rail + 1 for claim in claims if claim.port.nic.role == "compute"), default=1)
    return DEFAULT_RAILS


def _fits_topology(draft: Draft, name: str, spec: Fabric) -> bool:
    """Whether the topology can carry the roles: rails have one leaf each, and a tree is for management."""
    if spec.topology == "tree":
        draft.refuse(
            "DES213",
            f"fabrics.{name}.topology",
            f"a tree is bridged and carries management only, and `{name}` carries {' and '.join(spec.carries)}",
            "Take topology `leaf-spine`, or `single` for one row of servers.",
        )
        return False
    others = [role for role in spec.carries if role != "compute"]
    if spec.topology == "rail-optimised" and others:
        draft.refuse(
            "DES213",
            f"fabrics.{name}.carries",
            f"a rail-optimised fabric has one leaf a rail and carries compute only, and `{name}` carries {' and '.join(others)}",
            f"Move {' and '.join(others)} to a fabric of topology `leaf-spine`, or take that topology for `{name}`.",
        )
        return False
    return True


def _fits_planes_and_rails(draft: Draft, name: str, spec: Fabric, rails: int, claims: list[Claim]) -> bool:
    widest: dict[str, tuple[int, int]] = {}
    for claim in claims:
        if claim.port.nic.role == "compute":
            most, planes = widest.get(claim.seat.group, (0, 0))
            widest[claim.seat.group] = max(most, claim.port.nic.rail + 1), max(planes, claim.port.nic.plane)
    fits = True
    for group, (most, planes) in widest.items():
        if most > rails:
            draft.refuse(
                "DES205",
                f"fabrics.{name}.rails",
                f"`{group}` ({draft.blueprint.servers[group].model}) has {most} rails and the fabric has {rails}",
                f"Write `rails: {most}`.",
            )
            fits = False
        if planes > spec.planes:
            draft.refuse(
                "DES206",
                f"fabrics.{name}.planes",
                f"the NICs of `{group}` have ports on {planes} planes and the fabric has {spec.planes}",
                f"Write `planes: {planes}`{'' if spec.topology == 'rail-optimised' else ' and topology `rail-optimised`'}.",
            )
            fits = False
    return fits


def _needs(draft: Draft, name: str, spec: Fabric, homes: int, rails: int, claims: list[Claim]) -> list[Need]:
    """Blocks in a fixed order, rails first (their number is written), so that a further one moves none.

    A role has its blocks where a server has such ports, or where their speed is written for servers to come.
    """
    needs: list[Need] = []
    late: list[str] = []
    for role in ("compute", "frontend", "storage"):
        if role not in spec.carries:
            continue
        speed = link_speed(draft, name, spec, role, claims)
        if speed is None:
            late.append(role)
            continue
        while late:
            _note_late_role(draft, name, late.pop(0))
        by_rail = spec.topology == "rail-optimised"
        ports = (1 if by_rail else ceil(rails / homes)) if role == "compute" else PORTS_OF_A_ROLE // homes
        needs += [Need(role, index, speed) for index in range(ports)]
    return needs


def _warn_of_idle_speeds(draft: Draft, name: str, spec: Fabric, cut: LeafCut, claims: list[Claim]) -> None:
    """Cages that are split for a speed that no NIC of the role reaches, and run slower. Where none is there yet, it is to
    come; where one has a speed that the cages lack, it is refused when it is cabled.
    """
    for role in spec.carries:
        written, speeds = getattr(spec.link_speed, role), speeds_of(claims, role)
        block = cut.downs.get((role, 0))
        if written and speeds and speeds[-1] < gbps(written) and block and all(map(block.runs_at, speeds)):
            draft.warn(
                "DES405",
                f"fabrics.{name}.link_speed.{role}",
                f"no {role} port of a server runs at {written}: there {'is' if len(speeds) == 1 else 'are'} "
                f"{' and '.join(f'{speed}G' for speed in speeds)}",
                f"Write `link_speed: {{{role}: {speeds[-1]}G}}`, or leave it where faster servers are to come.",
            )


def _note_late_role(draft: Draft, name: str, role: str) -> None:
    """A role whose blocks come before those of another, and whose speed is not known yet."""
    draft.note(
        "DES215",
        f"fabrics.{name}.carries",
        f"`{name}` carries {role} and no server has {role} ports; when the first comes, ports of other servers move to make room",
        f"Write `link_speed: {{{role}: 400G}}` with the speed to come, and their ports are kept free from now on.",
    )


def _uplink_gbps(draft: Draft, path: str, spec: Fabric, leaf: Hardware, spine: Hardware | None) -> int | None:
    fastest = leaf.faceplate().fastest()
    if spine is None:
        return fastest
    written = spec.link_speed.uplink
    speed = gbps(written) if written else min(fastest, spine.faceplate().fastest())
    for part, which in ((leaf, "leaf"), (spine, "spine")):
        if not part.faceplate().capacity(speed):
            draft.refuse(
                "DES207",
                f"{path}.link_speed.uplink" if written else path,
                f"{part.name} ({which}) has no cage that runs at {speed}G",
                "Write an uplink speed that leaf and spine share under `link_speed: {uplink: ...}`.",
            )
            return None
    return speed


def _cut(
    draft: Draft, name: str, spec: Fabric, leaf: Hardware, needs: list[Need], uplink: int
) -> tuple[int, LeafCut | None]:
    """The slots a leaf serves, and its blocks. Unless written, slots are all of the unit, or the largest power of two that fits."""
    peers = sum(len(outside.peers) for outside in spec.outside.values()) if spec.topology == "single" else 0
    slots = spec.leaf.slots or draft.blueprint.units.slots
    cut = _try_cut(spec, leaf, needs, slots, uplink, peers)
    while cut is None and spec.leaf.slots is None and slots > 1 and spec.topology != "single":
        slots = power_of_two_below(slots)
        cut = _try_cut(spec, leaf, needs, slots, uplink, peers)
    if cut is None:
        tried = spec.leaf.slots or (draft.blueprint.units.slots if spec.topology == "single" else slots)
        odd = next((need for need in needs if not leaf.faceplate().capacity(need.gbps)), None)
        if odd is not None:
            _refuse_speed(draft, name, spec, leaf, odd)
        else:
            draft.refuse("DES203", f"fabrics.{name}.leaf", *_cut_arithmetic(spec, leaf, needs, tried, uplink, peers))
    elif slots != draft.blueprint.units.slots and spec.leaf.slots is None:
        draft.note(
            "DES208",
            f"fabrics.{name}.leaf",
            f"a unit of {draft.blueprint.units.slots} slots is more than one {leaf.name} can serve, so each serves {slots}",
            f"Write `slots: {slots}` under `leaf`, so that no later change of model moves it.",
        )
    return slots, cut


def power_of_two_below(count: int) -> int:
    """The largest power of two that is smaller than `count`, which is 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _try_cut(spec: Fabric, leaf: Hardware, needs: list[Need], slots: int, uplink: int, peers: int) -> LeafCut | None:
    plate = leaf.faceplate()
    downs: dict[tuple[str, int], Block] = {}
    for need in needs:
        block = plate.low(slots, need.gbps)
        if block is None:
            return None
        downs[need.role, need.order] = block
    if spec.spine is None:
        outside = plate.high(peers, uplink) if peers else None
        return None if peers and outside is None else LeafCut(downs, None, outside, 0)
    down_gbps = sum(slots * need.gbps for need in needs)
    count = uplinks(max(down_gbps, 1), uplink, spec.oversubscription, spec.spine.count)
    up = plate.high(count, uplink)
    return LeafCut(downs, up, None, count) if up else None


def _refuse_speed(draft: Draft, name: str, spec: Fabric, leaf: Hardware, need: Need) -> None:
    """A speed that no cage of the leaf has, shown where it was written, or at the leaf where NICs have it."""
    written = getattr(spec.link_speed, need.role) is not None
    offered = [f"{speed}G" for speed in leaf.faceplate().speeds()]
    draft.refuse(
        "DES203",
        f"fabrics.{name}.link_speed.{need.role}" if written else f"fabrics.{name}.leaf",
        f"{leaf.name} has no cage that runs at {need.gbps}G, the speed of the {need.role} ports; its cages run at "
        f"{', '.join(offered)}",
        "Write one of these, or take another model."
        if written
        else "Take another model, or write a `link_speed` that it has.",
    )


def _cut_arithmetic(
    spec: Fabric, leaf: Hardware, needs: list[Need], slots: int, uplink: int, peers: int
) -> tuple[str, str]:
    terms = [f"{slots} slots x {need.gbps}G ({need.role})" for need in needs]
    down_gbps = sum(slots * need.gbps for need in needs)
    count = uplinks(max(down_gbps, 1), uplink, spec.oversubscription, spec.spine.count) if spec.spine else peers
    cages = sum(cages_run.count for cages_run in leaf.model.cages)
    up = f"{count} x {uplink}G {'up' if spec.spine else 'to routers outside'}"
    return (
        f"a leaf needs {' + '.join(terms)} = {down_gbps}G down and {up} ({_cage_sum(leaf, needs, slots, uplink, count)}), and "
        f"{leaf.name} has {cages}",
        "Let a leaf serve fewer slots (`leaf: {slots: ...}`), oversubscribe its uplinks (`oversubscription`), or take a larger model.",
    )


def _cage_sum(leaf: Hardware, needs: list[Need], slots: int, uplink: int, count: int) -> str:
    """`32 + 32 = 64 cages`, counted on a faceplate without end."""
    terms = []
    for speed, ports in [(need.gbps, slots) for need in needs] + ([(uplink, count)] if count else []):
        single = leaf.faceplate().low(1, speed)
        terms.append(ceil(ports / single.per_cage) if single else 0)
    return f"{' + '.join(map(str, terms))} = {sum(terms)} cages"


def _with_spines(draft: Draft, shape: Shape, units: int) -> Shape | None:
    count = _count_spines(shape, shape.planned_units)
    path = f"fabrics.{shape.name}.spine"
    leaves = shape.leaves_per_unit * shape.planned_units
    total = leaves * shape.cut.uplinks
    ports = _spine_ports(shape)
    written = shape.spec.spine.count if shape.spec.spine else None
    if written is not None and total > written * ports:
        draft.refuse(
            "DES209",
            f"{path}.count",
            f"{leaves} leaves x {shape.cut.uplinks} uplinks = {total} ports, and {written} "
            f"spine{'s' if written > 1 else ''} of {ports} ports {'have' if written > 1 else 'has'} {written * ports}",
            f"Write `count: {count}`."
            if count
            else "Plan fewer units, oversubscribe, or take a spine with more ports.",
        )
        return None
    spines = written or count
    if spines is None:
        draft.refuse(
            "DES210",
            path,
            f"{leaves} leaves x {shape.cut.uplinks} uplinks = {total} ports, and {shape.cut.uplinks} spines (one an uplink, the most "
            f"that two tiers allow) of {ports} ports have {shape.cut.uplinks * ports}",
            "Plan fewer units, oversubscribe the leaves, or take a spine with more ports.",
        )
        return None
    _record_sizing(draft, shape, spines, leaves, total, ports)
    if shape.spec.planned_units is None and written is None:
        _note_growth(draft, shape, spines, units)
    return shape._replace(spines=spines)


def _spine_ports(shape: Shape) -> int:
    """Ports of a spine at the uplink speed, less the cages that routers outside take."""
    if shape.spine is None:
        return 0
    plate = shape.spine.faceplate()
    peers = sum(len(outside.peers) for outside in shape.spec.outside.values())
    if peers:
        least = shape.spec.spine.count if shape.spec.spine and shape.spec.spine.count else 2
        plate.high(ceil(peers / least), plate.fastest())
    return plate.capacity(shape.uplink_gbps)


def _count_spines(shape: Shape, units: int) -> int | None:
    return spine_count(shape.cut.uplinks, shape.leaves_per_unit * units, _spine_ports(shape))


def _record_sizing(draft: Draft, shape: Shape, spines: int, leaves: int, total: int, ports: int) -> None:
    units = shape.planned_units
    written = shape.spec.spine.count if shape.spec.spine else None
    step = f"a multiple of {written}" if written else "an even number"
    choice = "as written" if written else f"smallest divisor of {shape.cut.uplinks}"
    draft.sizings += [
        Sizing(
            subject=shape.name,
            name="uplinks of a leaf",
            value=shape.cut.uplinks,
            unit="links",
            formula=f"ceil({_down_gbps(shape)}G / ({shape.spec.oversubscription:g} x {shape.uplink_gbps}G)), to {step}",
        ),
        Sizing(
            subject=shape.name,
            name="spines of a plane",
            value=spines,
            unit="switches",
            formula=(
                f"{choice}, with ports for {leaves} leaves ({units} unit{'s' if units > 1 else ''} x {shape.leaves_per_unit}) x "
                f"{shape.cut.uplinks} uplinks = {total}; a spine has {ports}"
            ),
            source=SUPERPOD,
        ),
    ]


def _down_gbps(shape: Shape) -> int:
    return sum(block.gbps * shape.slots for block in shape.cut.downs.values())


def _note_growth(draft: Draft, shape: Shape, spines: int, units: int) -> None:
    grown = _count_spines(shape, units + 1)
    path = f"fabrics.{shape.name}"
    if grown is None:
        draft.note(
            "DES211",
            path,
            f"{spines} spines serve {units} unit{'s' if units > 1 else ''}; one more unit does not fit two tiers",
            "Write `planned_units` with the final size, to see what it needs.",
        )
    elif grown != spines:
        moved = sum(1 for uplink in range(shape.cut.uplinks) if uplink % spines != uplink % grown)
        leaves = shape.leaves_per_unit * units
        draft.note(
            "DES211",
            path,
            f"{spines} spines serve {units} unit{'s' if units > 1 else ''}; with unit {units + 1} there are {grown}, and uplinks "
            f"{_spell_moved(shape.cut.uplinks, spines, grown)} of each of the {leaves} leaves move to another spine "
            f"({moved * leaves} cables)",
            f"Write `planned_units: {units + 1}` or more, and spines and their ports are laid out for that now.",
        )


def _spell_moved(count: int, before: int, after: int) -> str:
    """Runs of uplink numbers whose spine changes, `5-8, 13-16`."""
    moved = [uplink + 1 for uplink in range(count) if uplink % before != uplink % after]
    runs: list[list[int]] = []
    for number in moved:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
