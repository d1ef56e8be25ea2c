"""Which NIC port of which server goes to which fabric, and what its interface is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from podwright.catalog import Nic, Server
from podwright.design.draft import Draft
from podwright.design.grid import Seat
from podwright.design.sizing import gbps
from podwright.model.blueprint import Blueprint, Fabric, Role

PORTS_OF_A_ROLE = 2
ROUTED: tuple[Role, ...] = ("frontend", "storage")
PREFIX = {"frontend": "front", "storage": "stor", "management": "mgmt"}


class NamedNic(NamedTuple):
    """A NIC port under its designed name; `order` counts the ports of its role in the server, from 0."""

    nic: Nic
    interface: str
    order: int


class Claim(NamedTuple):
    """A fabric's claim on a NIC port."""

    seat: Seat
    port: NamedNic


def name_nics(model: Server) -> tuple[NamedNic, ...]:
    """Interface names by design: `rail3`, `rail3p2` (second plane), `front0`, `stor1`, `mgmt0`, `bmc`."""
    orders: dict[str, int] = defaultdict(int)
    return tuple(_named(nic, orders) for nic in model.nics)


def _named(nic: Nic, orders: dict[str, int]) -> NamedNic:
    if nic.controller:
        return NamedNic(nic, "bmc", 0)
    if nic.role == "compute":
        return NamedNic(nic, f"rail{nic.rail}" + (f"p{nic.plane}" if nic.plane > 1 else ""), nic.rail)
    order = orders[nic.role]
    orders[nic.role] += 1
    return NamedNic(nic, f"{PREFIX[nic.role]}{order}", order)


def claim_ports(draft: Draft, seats: list[Seat]) -> dict[str, list[Claim]]:
    """The claims of each fabric, in the order of the grid. Says which roles no fabric carries."""
    carrier = {role: name for name, fabric in draft.blueprint.fabrics.items() for role in fabric.carries}
    named = {id(seat.model): name_nics(seat.model) for seat in seats}
    claims: dict[str, list[Claim]] = {name: [] for name in draft.blueprint.fabrics}
    orphans: dict[tuple[str, str], int] = defaultdict(int)
    for seat in seats:
        for port in named[id(seat.model)]:
            fabric = carrier.get(port.nic.role)
            if fabric is None:
                orphans[seat.group, port.nic.role] += 1
            else:
                claims[fabric].append(Claim(seat, port))
    for (group, role), count in orphans.items():
        draft.warn(
            "DES401",
            f"servers.{group}.model",
            f"no fabric carries `{role}`, so {count} ports of `{group}` stay without a cable",
            f"Add `{role}` to the `carries` of a fabric, or leave it so.",
        )
    return claims


def home_fabric(blueprint: Blueprint, model: Server) -> str:
    """The fabric that gives a server its AS number and router id: its frontend's, else its storage ports'.

    A server with routed ports on two fabrics is one BGP speaker on both, with a loopback address in each. Its home does
    not move when its storage ports do.
    """
    roles = {nic.role for nic in model.nics}
    carriers = {role: name for name, fabric in blueprint.fabrics.items() for role in fabric.carries}
    return next((carriers[role] for role in ROUTED if role in roles and role in carriers), "")


def link_speed(draft: Draft, name: str, fabric: Fabric, role: str, claims: list[Claim]) -> int | None:
    """Speed of the fabric's links for `role`, in Gb/s: as written, or that of the NICs where they agree."""
    written = getattr(fabric.link_speed, role)
    if written is not None:
        return gbps(written)
    speeds = speeds_of(claims, role)
    if not speeds:
        return None
    if len(speeds) > 1:
        example = ", ".join(f"`{group}` {speed}G" for group, speed in _speed_of_groups(claims, role))
        draft.refuse(
            "DES402",
            f"fabrics.{name}",
            f"its {role} ports have different speeds: {example}",
            f"Write `link_speed: {{{role}: {speeds[-1]}G}}`: the cages are split for that, and slower ports run at their own speed.",
        )
    return speeds[-1]


def speeds_of(claims: list[Claim], role: str) -> list[int]:
    """Every speed that ports of a role have, in Gb/s, slowest first."""
    return sorted({claim.port.nic.gbps for claim in claims if claim.port.nic.role == role})


def _speed_of_groups(claims: list[Claim], role: str) -> Iterator[tuple[str, int]]:
    seen = set()
    for claim in claims:
        pair = (claim.seat.group, claim.port.nic.gbps)
        if claim.port.nic.role == role and pair not in seen:
            seen.add(pair)
            yield pair
