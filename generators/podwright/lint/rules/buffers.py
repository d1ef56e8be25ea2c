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
from podwright.lint.records import Buffered, Port, Profile, Seen, Switch
from podwright.lint.sizes import (
    LOOKUP_METRES,
    USUAL_METRES,
    Need,
    computed,
    headroom_pool,
    lanes_carry,
    lossless_groups,
    made_for,
    need,
    on_cable,
    question_of,
    row_of,
    shares_headroom,
    speed_of,
)
from podwright.model.report import Severity

COMPUTED = "NULL"
REFUSED = "https://github.com/sonic-net/sonic-mgmt/pull/8041"
CHECKED = "https://github.com/sonic-net/sonic-swss/blob/master/cfgmgr/buffer_check_headroom_mellanox.lua"
DEVIATION = 4096
"""Bytes that SONiC begins with (CHECKED)."""
MIRRORED = 20 * 1024
"""Bytes: two frames of 10 KiB that are mirrored at the egress, twice as many on eight lanes (CHECKED)."""
EIGHT_LANES = 8


@check("LNT030", "PFC is on only where a lossless buffer is", severity=Severity.ERROR)
def pauses_have_buffers(seen: Seen) -> Iterator[Fault]:
    """Looks for ports that pause a priority whose priority group has no buffer profile with headroom: none in BUFFER_PG of the
    configuration or of what the switch runs with, and none that SONiC's buffer manager would make from the speed and the cable
    by the platform's pg_profile_lookup.ini.

    Why: PFC acts late by nature. With no headroom, whatever is in flight when the pause is sent is lost, although speed,
    cable and PFC are all configured. The traditional buffer model knows the lengths of its table and no others, and says
    nothing where a length has no row.

    Fix: Write the next longer length that the table has into CABLE_LENGTH (longer is safe, shorter is not), or name a profile
    in BUFFER_PG. Where no length is set, or not as `40m`, write it. Where the folder has no pg_profile_lookup.ini, copy it there
    from the switch: without it only lengths that no known table has are told.
    """
    for switch in seen.switches:
        bare: dict[tuple[_Bare, int | None, float | None], list[Port]] = defaultdict(list)
        for port in carrying(switch) if switch.tells_buffers else ():
            if found := _without(switch, port):
                bare[found, port.mbps, port.metres].append(port)
        for (found, _, _), ports in bare.items():
            yield _told(switch, ports, found)


class _Bare(NamedTuple):
    """Lossless groups without headroom, why, and what to do before anything else; `rows`: BUFFER_PG has them."""

    groups: tuple[int, ...]
    why: str
    remedy: str = ""
    rows: bool = False


def _without(switch: Switch, port: Port) -> _Bare | None:
    """The lossless groups of the port that have no headroom; None where all have, or where a table may give it."""
    groups = {number: each for number, each in lossless_groups(port).items() if each}
    missing = tuple(number for number in lossless_groups(port) if number not in groups)
    if not switch.dynamic_buffers:
        if empty := [each for each in groups.values() if each.profile and not each.profile.xoff_bytes]:
            name = empty[0].profile.name if empty[0].profile else ""
            return _of_rows(empty, f"its profile `{name}` has no xoff")
        unknown = [each for each in groups.values() if each.profile is None and each.named not in ("", COMPUTED)]
        if unknown and not unknown[0].named.startswith("pg_lossless_"):
            return _of_rows(unknown, f"BUFFER_PG names profile `{unknown[0].named}`, which is not in BUFFER_PROFILE")
    if not missing:
        return None
    if switch.running:
        return _Bare(missing, "the switch runs with none, as APPL_DB has it")
    if switch.dynamic_buffers:
        return _Bare(missing, "the dynamic buffer model makes one only for groups that BUFFER_PG has")
    return _not_made(switch, port, missing)


def _of_rows(rows: list[Buffered], why: str) -> _Bare:
    """Groups that have a row already: a second one would overlap it, so the remedy is for that one."""
    return _Bare(tuple(each.number for each in rows), why, rows=True)


def _not_made(switch: Switch, port: Port, missing: tuple[int, ...]) -> _Bare | None:
    """Why SONiC's buffer manager looks up no profile for the groups; None where it does, or where that is not known."""
    if port.metres_spot is None:
        return _Bare(missing, "no cable length is set, and without one none is made", f"{_WRITE} as `40m`")
    if port.metres is None:
        return _Bare(
            missing, "its cable length is not a number of metres, as `40m`", f"{_WRITE} as `40m`, without a space"
        )
    if not port.metres:
        return _Bare(missing, "its cable length is `0m`, which asks for none", f"{_WRITE}, take PFC from the port")
    told = _no_row(switch, port)
    if not told:
        return None
    longer = _longer(switch, port)
    return _Bare(missing, told, f"Set CABLE_LENGTH to {longer:g}m, the next longer row" if longer else "")


_TABLES = (
    f"published tables as far as lint knows them ({numbers(int(each) for each in LOOKUP_METRES)} m), and the platform's own"
    " pg_profile_lookup.ini is not in the folder"
)
_WRITE = "Write the true length of the cable into CABLE_LENGTH"


def _no_row(switch: Switch, port: Port) -> str:
    """Without the platform's own table it is not known which rows it has, but for lengths that none of the tables has which
    lint knows of.
    """
    if switch.lookup is None:
        return "" if port.metres in LOOKUP_METRES else f"{port.metres:g} m has no row in {_TABLES}"
    if port.mbps is None or row_of(switch, port):
        return ""
    return f"{port.metres:g} m has no row for {port.mbps} Mb/s in {switch.lookup_file}"


def _longer(switch: Switch, port: Port) -> float | None:
    rows = switch.lookup
    known = USUAL_METRES if rows is None else sorted({row.metres for row in rows if row.mbps == port.mbps})
    return next((each for each in known if port.metres and each > port.metres), None)


def _told(switch: Switch, ports: list[Port], bare: _Bare) -> Fault:
    port, groups = ports[0], bare.groups
    span = (
        f"{groups[0]}-{groups[-1]}"
        if len(groups) > 1 and groups[-1] - groups[0] == len(groups) - 1
        else numbers(groups)
    )
    speed = speed_of(port)
    in_flight = f"; {on_cable(speed, port.metres)} B are in flight on the cable alone" if speed and port.metres else ""
    buffered = port.groups.get(groups[0])
    spot = buffered.spot if buffered else port.metres_spot or port.spot
    remedy = f"{bare.remedy}, or name" if bare.remedy else "Name"
    group = "groups" if len(groups) > 1 else "group"
    have, paused = does(ports, "has", "have"), numbers(port.pfc.value if port.pfc else ())
    return Fault(
        spot,
        f"{listed(each.name for each in ports)} of {switch.name} {have} PFC on {paused} but no lossless profile for priority"
        f" {group} {span}: {bare.why}{in_flight}",
        f"{remedy} a profile with headroom in BUFFER_PG ({_keys(port, bare)}).",
    )


def _keys(port: Port, bare: _Bare) -> str:
    """The rows of BUFFER_PG for the groups: the one that is there, or one for every run of them."""
    there = [port.groups[group].spot.path for group in bare.groups] if bare.rows else []
    if there and there[0][:1] == ("BUFFER_PG",):
        return listed(f"`{path[1]}`" for path in there)
    runs: list[list[int]] = []
    for group in bare.groups:
        if runs and group == runs[-1][-1] + 1:
            runs[-1].append(group)
        else:
            runs.append([group])
    return listed(f"`{port.name}|{run[0]}{f'-{run[-1]}' if len(run) > 1 else ''}`" for run in runs)


@check("LNT031", "headroom covers the cable and the speed", severity=Severity.ERROR)
def headroom_is_enough(seen: Seen) -> Iterator[Fault]:
    """Compares xoff of every lossless profile with what a port of this speed and cable has in flight: by the row of the
    platform's pg_profile_lookup.ini where the folder has it, else by the chip's own formula where the catalogue knows it, else
    the bytes on the cable and a frame on either side, which no chip can do without. A profile whose name says that it is for a
    slower port or a shorter cable is told too, unless it has as much as the port's own row.

    Why: After the pause is sent, the peer's packets keep coming for the length of the cable both ways and until it reacts.
    What does not fit is lost, on pauses too short for any watchdog to see.

    Fix: Give the profile the xoff that the finding computes, name the one of the port's speed and cable, or write the true
    length of the cable.
    """
    for switch in seen.switches:
        short: dict[_Short, list[Port]] = defaultdict(list)
        for port in (each for each in carrying(switch) if lanes_carry(switch, each)):
            needed = need(switch, port)
            for buffered in lossless_groups(port).values():
                profile = buffered.profile if buffered else None
                if needed and profile and profile.xoff_bytes and (found := _short(switch, port, profile, needed)):
                    short[found].append(port)
        for found, ports in short.items():
            yield Fault(
                switch.profiles[found.profile].spot.at("xoff"),
                f"{found.told}. Ports of {switch.name}: {listed(dict.fromkeys(port.name for port in ports))}",
                found.remedy,
            )


class _Short(NamedTuple):
    """A profile with too little headroom for ports of one kind, in words."""

    profile: str
    told: str
    remedy: str


def _short(switch: Switch, port: Port, profile: Profile, needed: Need) -> _Short | None:
    length, xoff = f"{speed_of(port) / 1000:g}G over {port.metres:g} m", profile.xoff_bytes or 0
    if xoff < needed.xoff_bytes:
        told = f"xoff of `{profile.name}` is {xoff} B, less than {length} has in flight: {needed.arithmetic}"
        remedy = "Raise xoff to that at least (`podwright headroom` computes it), or correct CABLE_LENGTH."
        return _Short(profile.name, told, remedy)
    made = made_for(profile)
    if made is None or row_of(switch, port) or (made.mbps >= speed_of(port) and made.metres >= (port.metres or 0)):
        return None
    own = f"pg_lossless_{port.mbps}_{port.metres:g}m_profile"
    return _Short(
        profile.name,
        f"`{profile.name}` is by its name for {made.mbps / 1000:g}G over {made.metres:g} m, and not for {length}",
        f"Name `{own}` in BUFFER_PG, with the xoff of that row of pg_profile_lookup.ini, or correct CABLE_LENGTH.",
    )


@check(
    "LNT032", "headroom of a port is within the port's limit", severity=Severity.ERROR, requires=("LNT033", "LNT034")
)
def port_is_within_its_limit(seen: Seen) -> Iterator[Fault]:
    """Adds up the headroom of a port's lossless priority groups, as configured, or as the dynamic buffer model computes it, and
    compares it with the most that the chip gives a port: `max_headroom_size` of its STATE_DB; else, in the dynamic model of
    NVIDIA Spectrum, the sum that is known to have been refused (400G over 300 m, two priorities); else the catalogue's limit.
    Against STATE_DB the dynamic model of NVIDIA Spectrum counts more, and so does this rule: 4096 bytes to begin with, the
    latency of the pipeline once for the port and once for every group whose size is 0, and two frames of 10 KiB that are
    mirrored at the egress; on eight lanes twice that latency but for 1 KiB, and twice the frames. The sum has to stay below.

    Why: A switch refuses a profile that passes the limit, and says so in its log only. The old size stays, and it was made
    for another cable.

    Fix: One lossless priority in place of two, a shorter true length, or a shared headroom pool.
    """
    for switch in seen.switches:
        over: dict[tuple[int, int, str], list[Port]] = defaultdict(list)
        for port in carrying(switch):
            total, arithmetic = _total(switch, port)
            limit, source = _limit(switch, port)
            if total and limit and total > limit:
                over[total, limit, f"{arithmetic}, and {source}"].append(port)
        for (_, _, arithmetic), ports in over.items():
            yield Fault(
                ports[0].metres_spot or ports[0].spot,
                f"headroom of {listed(port.name for port in ports)} of {switch.name} passes the port's limit: {arithmetic}; the"
                " change would be refused and the old size stay",
                "Keep one lossless priority, write a shorter true length, or use a shared headroom pool.",
            )


def _limit(switch: Switch, port: Port) -> tuple[int, str]:
    """The most that is taken, and who says so."""
    if port.name in switch.headroom_limits:
        limit = switch.headroom_limits[port.name]
        told = f"max_headroom_size of STATE_DB is {limit} B"
        return (limit - 1, f"{told}, which has to be more") if _is_counted(switch, port) else (limit, told)
    if _of_dynamic_spectrum(switch) and switch.asic:
        asked = replace(question_of(switch, port), mbps=400_000, metres=300, shared_headroom_pool=False)
        refused = 2 * headroom(switch.asic, asked).size_bytes
        return refused - 1, f"switches refuse {refused} B, what 400G over 300 m takes for two ({REFUSED})"
    if switch.asic and switch.asic.port_headroom_limit_kib:
        limit = switch.asic.port_headroom_limit_kib * 1024
        return limit, f"{switch.asic.title} gives a port {limit} B"
    return 0, ""


def _of_dynamic_spectrum(switch: Switch) -> bool:
    return switch.dynamic_buffers and switch.asic is not None and switch.asic.headroom == "spectrum"


def _is_counted(switch: Switch, port: Port) -> bool:
    """Whether SONiC itself adds up what the port takes (CHECKED), before the chip is asked."""
    return _of_dynamic_spectrum(switch) and port.name in switch.headroom_limits


def _total(switch: Switch, port: Port) -> tuple[int, str]:
    """What the lossless groups of the port take in all, and how that comes; 0 where no size of theirs is known."""
    groups = [each for each in lossless_groups(port).values() if each and (each.profile or switch.dynamic_buffers)]
    sizes = [size for size in (_size(switch, port, each) for each in groups) if size]
    others = _others(switch, port) if sizes and _is_counted(switch, port) else {}
    total = sum(sizes) + sum(others.values())
    spelt = [*map(str, sizes), *(f"{value} ({name})" for name, value in others.items())]
    speed = f" at {speed_of(port) / 1000:g}G over {port.metres or 0:g} m"
    priorities = "priority" if len(sizes) == 1 else "priorities"
    return total, f"{' + '.join(spelt)} = {total} B for {len(sizes)} {priorities}{speed}"


def _others(switch: Switch, port: Port) -> dict[str, int]:
    """What SONiC counts beside the lossless groups of a port, in bytes (CHECKED)."""
    pipelines = 2 if len(port.lanes) == EIGHT_LANES else 1
    latency = ((switch.asic.pipeline_latency_kib if switch.asic else 0) * pipelines - (pipelines - 1)) * 1024
    lossless = lossless_groups(port)
    lossy = [each for number, each in port.groups.items() if number not in lossless and each.profile]
    sizes = [each.profile.size_bytes or latency for each in lossy if each.profile]
    parts = {
        "for deviations": DEVIATION,
        "latency of the pipeline": latency,
        "mirrored at the egress": MIRRORED * pipelines,
        "lossy groups": sum(sizes),
    }
    return {name: value for name, value in parts.items() if value}


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
        limit, pool = _memory(switch), headroom_pool(switch)
        if pool and pool.xoff_bytes and largest > pool.xoff_bytes and _groups(switch) < 2:
            yield Fault(
                pool.spot.at("xoff"),
                f"one port of {switch.name} needs {largest} B of headroom, and the shared headroom pool has {pool.xoff_bytes} B",
                "Enlarge `xoff` of the ingress pool.",
            )
        elif not pool and limit and total > limit:
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
        pool = headroom_pool(switch)
        room = pool.xoff_bytes if pool else _memory(switch)
        taken = largest if pool else total
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


class _Reserved(NamedTuple):
    """Bytes that the lossless groups of a switch set aside, how they come, and the most that one port takes: from the pool
    of headroom where groups share one.
    """

    total: int
    arithmetic: str
    largest: int


def _reserved(switch: Switch) -> _Reserved:
    counted: dict[int, int] = defaultdict(int)
    largest = 0
    for port in carrying(switch):
        groups = [each for each in lossless_groups(port).values() if each]
        taken = _xoff if shares_headroom(switch) else _size
        largest = max(largest, sum(taken(switch, port, each) for each in groups))
        for each in groups:
            counted[_size(switch, port, each)] += 1
    spelt = " + ".join(f"{count} x {size}" for size, count in sorted(counted.items()))
    return _Reserved(sum(size * count for size, count in counted.items()), spelt, largest)


def _size(switch: Switch, port: Port, buffered: Buffered) -> int:
    """What the group sets aside for itself: with a pool of headroom no more than its size, else its xoff at least."""
    profile = buffered.profile
    if profile and (profile.size_bytes is not None or profile.xoff_bytes is not None):
        own = 0 if shares_headroom(switch) and profile.size_bytes is not None else profile.xoff_bytes or 0
        return max(profile.size_bytes or 0, own)
    found = computed(switch, port)
    return found.size_bytes if found else 0


def _xoff(switch: Switch, port: Port, buffered: Buffered) -> int:
    profile = buffered.profile
    if profile and profile.xoff_bytes is not None:
        return profile.xoff_bytes
    found = computed(switch, port)
    return found.xoff_bytes if found else 0


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
