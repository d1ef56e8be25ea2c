"""Whether units, slots, rails, switches and AS numbers of a fabric have room in the fields of its numbers."""

from __future__ import annotations

from podwright.design.addressing import AddressPlan
from podwright.design.claims import Claim
from podwright.design.draft import Draft
from podwright.design.overlay import PLANES, RAILS
from podwright.design.shape import Shape
from podwright.design.underlay import FIRST_PRIVATE_ASN, LAST_PRIVATE_ASN, AsnPlan

WIDEN = "before anything is built"


def fits_layout(draft: Draft, shape: Shape, plan: AddressPlan, claims: list[Claim]) -> bool:
    """True where every number has room; else each shortage is a finding."""
    found = len(draft.findings)
    _units_fit(draft, shape, plan, claims)
    _fields_fit(draft, shape, plan)
    _switches_fit(draft, shape, plan)
    _as_numbers_fit(draft, shape)
    _underlay_fits(draft, shape)
    _tenants_fit(draft, shape, plan, claims)
    _rows_fit(draft, shape, plan)
    return len(draft.findings) == found


def _units_fit(draft: Draft, shape: Shape, plan: AddressPlan, claims: list[Claim]) -> None:
    units = max((claim.seat.unit for claim in claims), default=1)
    for space, last, key in plan.last_units(shape.leaf_ordinals):
        if units > last:
            draft.refuse(
                "DES307",
                f"fabrics.{shape.name}.{key}",
                f"servers stand up to unit {units}, and the layout {space.layout.spell} has room up to unit {last}",
                f"Give it a wider pool that begins at the same address, {WIDEN}."
                if key == "link_pool"
                else f"Widen `unit` in the layout, and the pool with it, {WIDEN}.",
            )


def _fields_fit(draft: Draft, shape: Shape, plan: AddressPlan) -> None:
    refused = set()
    for space in plan.spaces:
        for field, count, what in (
            ("slot", draft.blueprint.units.slots, "slots"),
            ("rail", shape.rails, "rails"),
            ("plane", shape.spec.planes, "planes"),
        ):
            width = space.layout.widths.get(field)
            if width is not None and count > 1 << width and field not in refused:
                refused.add(field)
                draft.refuse(
                    "DES308",
                    f"fabrics.{shape.name}.layout",
                    f"{count} {what} do not fit the {_bits(width)} of `{field}` in {space.layout.spell}",
                    f"Write `layout: {{{field}: {(count - 1).bit_length()}}}` and a pool that holds it, {WIDEN}.",
                )
    if plan.rails and not plan.rails.space.layout.widths["host"]:
        draft.refuse(
            "DES308",
            f"fabrics.{shape.name}.layout.host",
            "a rail link has two addresses, and the field `host` has no bit for them",
            f"Write `host: 1` or more, {WIDEN}.",
        )


def _switches_fit(draft: Draft, shape: Shape, plan: AddressPlan) -> None:
    for what, count, most in (
        ("leaves of a unit, rails and rows counted,", shape.leaf_ordinals, plan.most_leaves),
        ("spines of a plane", shape.spines, plan.most_spines),
        ("uplinks of a leaf", shape.cut.uplinks, plan.most_uplinks),
    ):
        if count > most:
            draft.refuse(
                "DES312",
                f"fabrics.{shape.name}",
                f"there are {count} {what} and the addresses have room for {most}",
                f"Use larger switches or let a leaf serve more slots; or widen the layout, {WIDEN}.",
            )


def _as_numbers_fit(draft: Draft, shape: Shape) -> None:
    plan = AsnPlan(shape.spec.asn)
    if plan.last > LAST_PRIVATE_ASN or shape.spec.asn < FIRST_PRIVATE_ASN:
        draft.refuse(
            "DES309",
            f"fabrics.{shape.name}.asn",
            f"AS numbers would count from {shape.spec.asn} to {plan.last}: tier, plane, unit and number have decimals of their own, "
            f"{plan.last - plan.base + 1:,} numbers in all. Only the 32-bit private range has so many, from {FIRST_PRIVATE_ASN} to "
            f"{LAST_PRIVATE_ASN} (RFC 6996)",
            f"Write a base from {FIRST_PRIVATE_ASN} to {LAST_PRIVATE_ASN - plan.last + plan.base}, as 4200000000 or 4250000000.",
        )
    if shape.by_rail and not plan.holds(shape.rails, shape.rows):
        draft.refuse(
            "DES312",
            f"fabrics.{shape.name}",
            f"AS numbers have one decimal for the row of a leaf, and a unit of the fabric has {shape.rows} rows",
            "Let a leaf serve more slots, so that a unit is one row.",
        )


def _underlay_fits(draft: Draft, shape: Shape) -> None:
    if shape.spec.underlay == "numbered" and (shape.spec.pool6 or shape.spec.host_pool6):
        draft.refuse(
            "DES310",
            f"fabrics.{shape.name}.underlay",
            "a numbered underlay carries IPv4 only, and the fabric has an IPv6 pool",
            "Leave the underlay unnumbered (RFC 8950), or take the IPv6 pool away.",
        )


def _rows_fit(draft: Draft, shape: Shape, plan: AddressPlan) -> None:
    """A row that is announced as one prefix has a power of two of slots, or the whole unit."""
    slots, unit = shape.slots, draft.blueprint.units.slots
    if plan.rails and slots & (slots - 1) and slots < unit:
        draft.refuse(
            "DES311",
            f"fabrics.{shape.name}.leaf.slots",
            f"a leaf that serves {slots} slots cannot announce them as one prefix",
            f"Write a power of two, as {1 << (slots.bit_length() - 1)}, or all {unit} slots of the unit.",
        )


def _bits(width: int) -> str:
    return f"{width} bit{'s' if width != 1 else ''}"


def _tenants_fit(draft: Draft, shape: Shape, plan: AddressPlan, claims: list[Claim]) -> None:
    """Bridged rails have VLANs and a gateway of their own."""
    bridged = [name for name, tenant in shape.spec.tenants.items() if tenant.bridged]
    if plan.rails is None or not bridged:
        return
    path = f"fabrics.{shape.name}.tenants.{bridged[0]}.bridged"
    if shape.spec.planes > PLANES or shape.rails > RAILS:
        draft.refuse(
            "DES313",
            path,
            f"a bridged tenant has VLANs for {PLANES} planes of {RAILS} rails, and `{shape.name}` has "
            f"{shape.spec.planes} of {shape.rails}",
            "Remove `bridged`: a routed tenant has one VLAN.",
        )
    unit = max((claim.seat.unit for claim in claims), default=1)
    if unit >= plan.rails.gateway:
        draft.refuse(
            "DES314",
            path,
            f"the gateway of a bridged rail is address {plan.rails.gateway} of unit 0, and there the leaf of unit {unit} "
            "has its loopback",
            f"Remove `bridged`, or widen `slot` or `host` in the layout, {WIDEN}.",
        )
