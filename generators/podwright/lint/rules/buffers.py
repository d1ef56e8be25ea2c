"""Buffers of lossless priority groups: that they are there, that they are large enough, and that they fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from podwright.check import check
from podwright.design.headroom import headroom
from podwright.lint.chain import carrying, does, listed, numbers
from podwright.lint.framework import Fault
from podwright.lint.records import Port, Profile, Seen, Spot, Switch
from podwright.lint.sizes import LOOKUP_METRES, computed, lossless_groups, need, on_cable, question_of
from podwright.model.report import Severity

COMPUTED = "NULL"
REFUSED = "https://github.com/sonic-net/sonic-mgmt/pull/8041"


@check("LNT030", "PFC is on only where a lossless buffer is", severity=Severity.ERROR)
def pauses_have_buffers(seen: Seen) -> Iterator[Fault]:
    """Looks for ports that pause a priority whose priority group has no buffer profile with headroom: none in BUFFER_PG of the
    configuration or of what the switch runs with, and none that SONiC's buffer manager would make from the speed and the cable
    by the platform's pg_profile_lookup.ini.

    Why: PFC acts late by nature. With no headroom, whatever is in flight when the pause is sent is lost, although speed,
    cable and PFC are all configured. The traditional buffer model knows the lengths of its table and no others, and says
    nothing where a length has no row.

    Fix: Write the next longer length that the table has into CABLE_LENGTH (longer is safe, shorter is not), or name a profile
    in BUFFER_PG.
    """
    for switch in seen.switches:
        bare: dict[tuple[str, int | None, float | None], list[Port]] = defaultdict(list)
        for port in carrying(switch) if switch.tells_buffers else ():
            told = _without(switch, port)
            if told:
                bare[told, port.mbps, port.metres].append(port)
        for (told, _, _), ports in bare.items():
            yield _bare(switch, ports, told)


def _without(switch: Switch, port: Port) -> str:
    """Why the lossless groups of the port have no headroom; empty where they have, or where a table may give it."""
    groups = lossless_groups(port)
    missing = [group for group, buffered in groups.items() if buffered is None]
    empty = [
        buffered
        for buffered in groups.values()
        if buffered and buffered.profile and not buffered.profile.xoff_bytes and not switch.dynamic_buffers
    ]
    if empty and empty[0].profile:
        return f"its profile `{empty[0].profile.name}` has no xoff"
    named = [
        each.named for each in groups.values() if each and each.profile is None and each.named not in ("", COMPUTED)
    ]
    if named and not switch.dynamic_buffers and not named[0].startswith("pg_lossless_"):
        return f"BUFFER_PG names profile `{named[0]}`, which is not in BUFFER_PROFILE"
    if not missing:
        return ""
    if switch.running:
        return "the switch runs with none, as APPL_DB has it"
    if switch.dynamic_buffers:
        return "the dynamic buffer model makes one only for groups that BUFFER_PG has"
    return _lookup(switch, port)


def _lookup(switch: Switch, port: Port) -> str:
    if port.metres_spot is None:
        return "no cable length is set, and without one none is made"
    if port.metres is None or not port.metres:
        return "its cable length is not a number of metres, as `40m`"
    if switch.lookup is None:
        return (
            "" if port.metres in LOOKUP_METRES else f"{port.metres:g} m has no row in tables that know 5, 40 and 300 m"
        )
    if port.mbps is None or any(row.mbps == port.mbps and row.metres == port.metres for row in switch.lookup):
        return ""
    return f"{port.metres:g} m has no row for {port.mbps} Mb/s in {switch.lookup_file}"


def _longer(switch: Switch, port: Port) -> float | None:
    rows = switch.lookup
    known = LOOKUP_METRES if rows is None else sorted({row.metres for row in rows if row.mbps == port.mbps})
    return next((each for each in known if port.metres and each > port.metres), None)


def _bare(switch: Switch, ports: list[Port], told: str) -> Fault:
    port = ports[0]
    groups = sorted(lossless_groups(port))
    span = (
        f"{groups[0]}-{groups[-1]}"
        if len(groups) > 1 and groups[-1] - groups[0] == len(groups) - 1
        else numbers(groups)
    )
    longer = _longer(switch, port)
    in_flight = (
        f"; {on_cable(port.mbps, port.metres)} B are in flight on the cable alone" if port.mbps and port.metres else ""
    )
    buffered = next((each for each in lossless_groups(port).values() if each), None)
    spot = buffered.spot if buffered else port.metres_spot or port.spot
    row = f"{port.name}|{span}"
    remedy = f"Set CABLE_LENGTH to {longer:g}m, the next longer row, or name" if longer and "row" in told else "Name"
    group = "groups" if len(groups) > 1 else "group"
    have, paused = does(ports, "has", "have"), numbers(port.pfc.value if port.pfc else ())
    return Fault(
        spot,
        f"{listed(each.name for each in ports)} of {switch.name} {have} PFC on {paused} but no lossless profile for priority"
        f" {group} {span}: {told}{in_flight}",
        f"{remedy} a profile with headroom in BUFFER_PG (`{row}`).",
    )


@check("LNT031", "headroom covers the cable and the speed", severity=Severity.ERROR)
def headroom_is_enough(seen: Seen) -> Iterator[Fault]:
    """Compares xoff of every lossless profile with what a port of this speed and cable has in flight: by the chip's own formula
    where the catalogue knows it, else the bytes on the cable and a frame on either side, which no chip can do without.

    Why: After the pause is sent, the peer's packets keep coming for the length of the cable both ways and until it reacts.
    What does not fit is lost, on pauses too short for any watchdog to see.

    Fix: Give the profile the xoff that the finding computes, or write the true length of the cable.
    """
    for switch in seen.switches:
        short: dict[tuple[str, str], list[Port]] = defaultdict(list)
        for port in carrying(switch):
            needed = need(switch, port)
            for buffered in lossless_groups(port).values():
                profile = buffered.profile if buffered else None
                if needed and profile and profile.xoff_bytes and profile.xoff_bytes < needed.xoff_bytes:
                    short[profile.name, needed.arithmetic].append(port)
        for (name, arithmetic), ports in short.items():
            profile = switch.profiles[name]
            length = f"{(ports[0].mbps or 0) / 1000:g}G over {ports[0].metres:g} m"
            yield Fault(
                profile.spot.at("xoff"),
                f"xoff of `{name}` is {profile.xoff_bytes} B, less than {length} has in flight: {arithmetic}. Ports of"
                f" {switch.name}: {listed(dict.fromkeys(port.name for port in ports))}",
                "Raise xoff to that at least (`podwright headroom` computes it), or correct CABLE_LENGTH.",
            )


@check(
    "LNT032", "headroom of a port is within the port's limit", severity=Severity.ERROR, requires=("LNT033", "LNT034")
)
def port_is_within_its_limit(seen: Seen) -> Iterator[Fault]:
    """Adds up the headroom of a port's lossless priority groups, as configured, or as the dynamic buffer model computes it, and
    compares it with the most that the chip gives a port: `max_headroom_size` of its STATE_DB; else, in the dynamic model of
    NVIDIA Spectrum, the sum that is known to have been refused (400G over 300 m, two priorities); else the catalogue's limit.

    Why: A switch refuses a profile that passes the limit, and says so in its log only. The old size stays, and it was made
    for another cable.

    Fix: One lossless priority in place of two, a shorter true length, or a shared headroom pool.
    """
    for switch in seen.switches:
        over: dict[tuple[int, int, str], list[Port]] = defaultdict(list)
        for port in carrying(switch):
            total, arithmetic = _total(switch, port)
            limit, source = _limit(switch, port)
            if limit and total > limit:
                over[total, limit, f"{arithmetic}, and {source}"].append(port)
        for (_, _, arithmetic), ports in over.items():
            yield Fault(
                ports[0].metres_spot or ports[0].spot,
                f"headroom of {listed(port.name for port in ports)} of {switch.name} passes the port's limit: {arithmetic}; the"
                " change would be refused and the old size stay",
                "Keep one lossless priority, write a shorter true length, or use a shared headroom pool.",
            )


def _limit(switch: Switch, port: Port) -> tuple[int, str]:
    if port.name in switch.headroom_limits:
        limit = switch.headroom_limits[port.name]
        return limit, f"max_headroom_size of STATE_DB is {limit} B"
    if switch.dynamic_buffers and switch.asic and switch.asic.headroom == "spectrum":
        refused = 2 * headroom(switch.asic, replace(question_of(switch, port), mbps=400_000, metres=300)).size_bytes
        return refused - 1, f"switches refuse {refused} B, what 400G over 300 m takes for two ({REFUSED})"
    if switch.asic and switch.asic.port_headroom_limit_kib:
        limit = switch.asic.port_headroom_limit_kib * 1024
        return limit, f"{switch.asic.title} gives a port {limit} B"
    return 0, ""


def _total(switch: Switch, port: Port) -> tuple[int, str]:
    sizes = []
    found = computed(switch, port) if switch.dynamic_buffers else None
    for buffered in lossless_groups(port).values():
        profile = buffered.profile if buffered else None
        if profile and profile.size_bytes is not None:
            sizes.append(max(profile.size_bytes, profile.xoff_bytes or 0))
        elif found and buffered:
            sizes.append(found.size_bytes)
    speed = f" at {(port.mbps or 0) / 1000:g}G over {port.metres or 0:g} m"
    return sum(sizes), f"{' + '.join(map(str, sizes))} = {sum(sizes)} B for {len(sizes)} priorities{speed}"


@check("LNT033", "headroom of all ports fits the switch", severity=Severity.ERROR, requires=("LNT034",))
def headroom_fits(seen: Seen) -> Iterator[Fault]:
    """Adds up what all lossless priority groups of a switch set aside, and compares the sum with the buffer that its chip has
    for lossless traffic; where groups share a pool of headroom, no single port may need more than it.

    Why: Reserved buffer is taken from the pool that absorbs bursts. Where the sum passes the chip's memory, SONiC refuses
    profiles port by port, and the last ports to come up are lossy.

    Fix: Write true cable lengths, take PFC from ports that carry no RoCE, or use a shared headroom pool.
    """
    for switch in seen.switches:
        total, arithmetic, largest = _reserved(switch)
        limit = _memory(switch)
        shared = _shared_headroom(switch)
        if shared and largest > shared.size and _groups(switch) < 2:
            yield Fault(
                shared.spot,
                f"one port of {switch.name} needs {largest} B of headroom, and the shared headroom pool has {shared.size} B",
                "Enlarge `xoff` of the ingress pool.",
            )
        elif not shared and limit and total > limit:
            yield Fault(
                switch.spot.at("BUFFER_PG"),
                f"lossless priority groups of {switch.name} set aside {arithmetic} = {total} B, and {_titled(switch)} has"
                f" {limit} B for lossless traffic",
                "Write true cable lengths, take PFC from ports without RoCE, or share headroom.",
            )


@check("LNT034", "two lossless classes only where buffers allow", severity=Severity.ERROR)
def classes_fit(seen: Seen) -> Iterator[Fault]:
    """Looks, on switches with more than one lossless priority, for headroom that fits the chip with one priority and does not
    with all of them.

    Why: Every lossless priority of every port sets its own headroom aside. SONiC's stock configuration pauses 3 and 4, and
    most clusters use one of them: the other's headroom is lost to bursts.

    Fix: Keep one lossless priority: `pfc_enable: 3` in PORT_QOS_MAP, and one row a port in BUFFER_PG.
    """
    for switch in seen.switches:
        count = _groups(switch)
        total, arithmetic, largest = _reserved(switch)
        shared, limit = _shared_headroom(switch), _memory(switch)
        room = shared.size if shared else limit
        taken = largest if shared else total
        if count > 1 and room and taken > room >= taken // count:
            first = next(port for port in carrying(switch) if len(lossless_groups(port)) > 1)
            yield Fault(
                first.pfc.spot if first.pfc else first.spot,
                f"{switch.name} has {count} lossless priorities, and their headroom does not fit: {arithmetic} = {total} B of"
                f" {room} B; one priority takes {taken // count} B",
                "Keep one lossless priority.",
            )


def _groups(switch: Switch) -> int:
    return max((len(lossless_groups(port)) for port in carrying(switch)), default=0)


def _reserved(switch: Switch) -> tuple[int, str, int]:
    """The sum over all ports, how it comes, and what the hungriest port needs."""
    counted: dict[int, int] = defaultdict(int)
    largest = 0
    for port in carrying(switch):
        sizes = [_size(switch, port, each.profile) for each in lossless_groups(port).values() if each]
        largest = max(largest, sum(sizes))
        for size in sizes:
            counted[size] += 1
    spelt = " + ".join(f"{count} x {size}" for size, count in sorted(counted.items()))
    return sum(size * count for size, count in counted.items()), spelt, largest


def _size(switch: Switch, port: Port, profile: Profile | None) -> int:
    if profile and (profile.size_bytes is not None or profile.xoff_bytes is not None):
        return max(profile.size_bytes or 0, profile.xoff_bytes or 0)
    found = computed(switch, port)
    return found.size_bytes if found else 0


class _Shared(NamedTuple):
    """The headroom that priority groups share, in bytes."""

    size: int
    spot: Spot


def _shared_headroom(switch: Switch) -> _Shared | None:
    pools = (pool for pool in switch.pools.values() if pool.direction == "ingress" and pool.xoff_bytes)
    return next((_Shared(pool.xoff_bytes or 0, pool.spot.at("xoff")) for pool in pools), None)


def _memory(switch: Switch) -> int:
    return switch.asic.lossless_pool_bytes if switch.asic else 0


def _titled(switch: Switch) -> str:
    return switch.asic.title if switch.asic else switch.platform


@check("LNT035", "both ends of a cable have its length")
def ends_have_one_length(seen: Seen) -> Iterator[Fault]:
    """Compares the cable lengths of two ports that DEVICE_NEIGHBOR joins.

    Why: Headroom has to follow the laid cable in both directions. The end with the shorter length loses packets if the other
    is right.

    Fix: Write the true length at both ends; longer is safe, shorter is not.
    """
    ports = {(switch.name, port.name): port for switch in seen.switches for port in switch.ports.values()}
    told = set()
    for switch in seen.switches:
        for port in switch.ports.values():
            far = ports.get(port.peer) if port.peer else None
            ends = frozenset(((switch.name, port.name), port.peer))
            if far and port.metres and far.metres and port.metres < far.metres and ends not in told:
                told.add(ends)
                device = port.peer[0] if port.peer else ""
                yield Fault(
                    port.metres_spot or port.spot,
                    f"the cable of {port.name} of {switch.name} is {port.metres:g} m there, and {far.metres:g} m at {far.name} of"
                    f" {device}",
                    f"Write {far.metres:g}m, or the true length at both ends.",
                )
