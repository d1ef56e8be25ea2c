"""What a port's buffers hold and need, in bytes, with the arithmetic spelt out."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from msgspec.structs import replace

from podwright.catalog import Asic
from podwright.design.headroom import LOSSLESS_MTU, SMALL_PACKETS, Headroom, Question, Row, headroom, lanes_of
from podwright.design.thresholds import EXPONENTS, pool_threshold
from podwright.lint.chain import paused_groups
from podwright.lint.records import Buffered, Pool, Port, Profile, Switch

CABLE_NS_PER_M = 5
PORT_MTU = 9100
"""What SONiC gives a port that says nothing."""
FIT_PART = Fraction(95, 100)
"""A fit is within a few per cent of the tables it was read from: less than this part of it is short."""
FITTED_FROM_MBPS = 100_000
"""Below, platforms of Broadcom's chips share rows between speeds."""
USUAL_METRES = (5, 40, 300)
"""The lengths that most platforms' pg_profile_lookup.ini know."""


class _Lengths(frozenset[float]):
    """Lengths that a table may have: up to the longest usual one those named, beyond it any."""

    def __contains__(self, metres: object) -> bool:
        return super().__contains__(metres) or (isinstance(metres, int | float) and metres > USUAL_METRES[-1])


LOOKUP_METRES = _Lengths((2, *USUAL_METRES, 50, 250))
"""The lengths that pg_profile_lookup.ini of some platform has, as far as tables were read, which is not all of them: 2 m the
SN4600C's, 250 m the SN5610N's (device/mellanox of https://github.com/sonic-net/sonic-buildimage), 50 m those of
https://github.com/sonic-net/sonic-buildimage/pull/23059."""
FRAMES_OF_ROCE = 4096
"""Bytes. The lossless MTU of newer published tables, as the SN5610N's; longer frames take fewer cells by the byte."""
OLDER_LANE = 50
"""Gb/s. Chips whose lanes are not faster (Spectrum-1 to -3) have published tables that are older than pause quanta. All of
these count small packets alone."""
MOST_MBPS = 10**8
"""Far beyond any port: what is larger is no speed, and computing with it breaks numbers in text."""
_MADE_FOR = re.compile(r"pg_lossless_(?P<mbps>[0-9]{1,9})_(?P<metres>[0-9]{1,6}(\.[0-9]{1,3})?)m_(.*_)?profile")
_POOL_BITS = 64
"""Sizes are 64-bit numbers in SAI."""


class Need(NamedTuple):
    """Bytes of headroom that a port needs at least, and the sum that they are."""

    xoff_bytes: int
    arithmetic: str


def lossless_groups(port: Port) -> dict[int, Buffered | None]:
    """The priority groups that the port pauses, with their buffers where it has any."""
    return {group: port.groups.get(group) for group in sorted(paused_groups(port).values())}


def profile_of(port: Port, group: int) -> Profile | None:
    buffered = port.groups.get(group)
    return buffered.profile if buffered else None


def speed_of(port: Port) -> int:
    """Mb/s; 0 where no file says it, or where it is a number that no port has (LNT051 tells those)."""
    return port.mbps if port.mbps is not None and 0 < port.mbps <= MOST_MBPS else 0


def on_cable(mbps: int, metres: float) -> int:
    """Bytes in flight on the cable, both ways."""
    return ceil(Fraction(mbps) * Fraction(str(metres)) * 2 * CABLE_NS_PER_M / 8000)


def spelt_cable(mbps: int, metres: float) -> str:
    return (
        f"2 x {metres:g} m x {CABLE_NS_PER_M} ns/m x {mbps / 1000:g} Gb/s / 8 = {on_cable(mbps, metres)} B on the cable"
    )


def need(switch: Switch, port: Port) -> Need | None:
    """What the platform's own table has for the port; else the least headroom by any vintage of the chip's formula; where the
    chip is unknown, what any chip has in flight.

    None where the speed or the length of the cable is not known.
    """
    if not speed_of(port) or port.mbps is None or port.metres is None:
        return None
    cable = spelt_cable(port.mbps, port.metres)
    if row := row_of(switch, port):
        twice = f" (not line {row.instead_of}: SONiC takes the last)" if row.instead_of else ""
        return Need(
            row.xoff_bytes, f"{cable}; line {row.line} of {switch.lookup_file}{twice} has {row.xoff_bytes} B for it"
        )
    if switch.asic is None or not _has_formula(switch.asic, port.mbps):
        mtu = port.mtu or PORT_MTU
        bound = on_cable(port.mbps, port.metres) + 2 * mtu
        return Need(
            bound, f"{cable}, and a frame of {mtu} B on either side: {bound} B at least, before the pause response"
        )
    question = question_of(switch, port)
    frames = {question.lossless_mtu} if switch.lossless_mtu else {question.lossless_mtu, FRAMES_OF_ROCE}
    least_of = min(
        (least(switch.asic, replace(question, lossless_mtu=each)) for each in sorted(frames)),
        key=lambda each: each.xoff_bytes,
    )
    xoff = least_of.xoff_bytes
    if switch.asic.headroom == "broadcom":
        xoff = ceil(xoff * FIT_PART)
    named = {each.name: each for each in least_of.terms}
    parts = [f"{named[name].value:g} {name}" for name in _TOLD if name in named]
    return Need(
        xoff,
        f"{cable}; with {', '.join(parts)} it is {xoff} B on {switch.asic.title}" if parts else f"{cable}; {xoff} B",
    )


def row_of(switch: Switch, port: Port) -> Row | None:
    """The row of the port's speed and cable. The dynamic buffer model does not read the table."""
    rows = () if switch.dynamic_buffers else switch.lookup or ()
    return next((row for row in rows if (row.mbps, row.metres) == (port.mbps, port.metres)), None)


class Made(NamedTuple):
    """The port that a profile was made for: Mb/s and metres."""

    mbps: int
    metres: float


def made_for(profile: Profile) -> Made | None:
    """What SONiC's buffer manager says in the names of its profiles; None for any other name."""
    found = _MADE_FOR.fullmatch(profile.name)
    return Made(int(found["mbps"]), float(found["metres"])) if found else None


def lanes_carry(switch: Switch, port: Port) -> bool:
    """Whether the lanes of the port are enough for its speed: else one of the two is wrong, and no headroom is known."""
    if switch.asic is None or not switch.asic.lane or not port.lanes:
        return True
    return lanes_of(switch.asic, speed_of(port)) <= len(port.lanes)


def _has_formula(asic: Asic, mbps: int) -> bool:
    """Whether the chip's formula says what its platforms need at this speed: a fit says it only where it was read."""
    return asic.headroom == "spectrum" or (asic.headroom == "broadcom" and mbps >= FITTED_FROM_MBPS)


_TOLD = ("port MTU", "MAC and PHY", "response of the peer", "tiles", "lossless MTU", "xoff without a cable")


@lru_cache(maxsize=1024)
def least(asic: Asic, question: Question) -> Headroom:
    """The smallest answer of all vintages of the formula.

    Tables with pause quanta are for any share of small packets, those without for small packets alone, and only of older
    chips. A port may send frames of 9216 bytes where its table was made for 9100.
    """
    plain = replace(question, compensation=False, port_mtu=min(question.port_mtu, PORT_MTU))
    asked = [plain]
    if asic.lane <= OLDER_LANE:
        asked.append(replace(plain, pause_quanta=False, small_packets=100))
    variants = [replace(each, ceil_worst_case=rounded) for each in asked for rounded in (True, False)]
    return min((headroom(asic, each) for each in variants), key=lambda each: each.xoff_bytes)


def question_of(switch: Switch, port: Port) -> Question:
    """The port as the formula asks. What the files leave open is SONiC's default."""
    return Question(
        mbps=port.mbps or 0,
        metres=port.metres or 0,
        port_mtu=port.mtu or PORT_MTU,
        lossless_mtu=switch.lossless_mtu or LOSSLESS_MTU,
        small_packets=SMALL_PACKETS if switch.small_packets is None else switch.small_packets,
        lanes=len(port.lanes),
        shared_headroom_pool=shares_headroom(switch),
    )


def shares_headroom(switch: Switch) -> bool:
    """Whether xoff comes from a pool, as buffer_headroom_mellanox.lua of sonic-swss decides it."""
    return headroom_pool(switch) is not None or (switch.dynamic_buffers and bool(switch.over_subscribe_ratio))


def headroom_pool(switch: Switch) -> Pool | None:
    """The ingress pool that has headroom for its priority groups to share."""
    return next((pool for pool in switch.pools.values() if pool.direction == "ingress" and pool.xoff_bytes), None)


def computed(switch: Switch, port: Port) -> Headroom | None:
    """What the dynamic buffer model gives a lossless group of the port; None where the chip has no published formula."""
    if switch.asic is None or not speed_of(port) or port.metres is None or switch.asic.headroom == "ieee":
        return None
    return headroom(switch.asic, question_of(switch, port))


class Threshold(NamedTuple):
    """Where a priority group pauses, in bytes, and how that comes."""

    bytes: int
    arithmetic: str


def pauses_at(switch: Switch, profile: Profile, congested: int) -> Threshold | None:
    """The threshold of a group while `congested` of them are full; None where profile, pool or pool size are not known, and
    where SAI has no such exponent or size.
    """
    if profile.static_th is not None:
        return Threshold(profile.static_th, f"{profile.static_th} B (static_th of `{profile.name}`)")
    pool = switch.pools.get(profile.pool)
    size = pool.size_bytes if pool else None
    source = ""
    if size is None and switch.asic and switch.asic.lossless_pool_bytes:
        size = switch.asic.lossless_pool_bytes
        source = f"; no file has the pool's size, SONiC's example for {switch.asic.title} has {size} B"
    if profile.dynamic_th is None or profile.dynamic_th not in EXPONENTS or not size or size.bit_length() > _POOL_BITS:
        return None
    alpha = f"2^{profile.dynamic_th}"
    value = int(pool_threshold(profile.dynamic_th, size, congested))
    groups = "group" if congested == 1 else "groups"
    return Threshold(
        value,
        f"{alpha} x {size} / (1 + {congested} x {alpha}) = {value} B with n = {congested} congested {groups}{source}",
    )


def groups_of(switch: Switch) -> int:
    """How many lossless priority groups the switch has: all that can be congested at once."""
    return sum(len(lossless_groups(port)) for port in switch.ports.values() if port.up)
