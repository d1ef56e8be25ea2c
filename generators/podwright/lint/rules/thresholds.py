"""The order of a lossless queue: marking begins, marking is complete, the group pauses, and nothing drops before that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from podwright.check import check
from podwright.lint.chain import (
    carrying,
    chain,
    led,
    listed,
    lossless_queues,
    marks_of,
    paused_groups,
    roce_dscp,
    tclass,
)
from podwright.lint.framework import Fault
from podwright.lint.records import Curve, Port, Profile, Queue, Seen, Switch, Wred
from podwright.lint.sizes import groups_of, pauses_at, profile_of
from podwright.model.report import Severity

COLOUR = "green"
"""Packets of a class that nobody polices are green."""
ORDER = "the order must be ecn_min < ecn_max <= XOFF < drop limit"


class Place(NamedTuple):
    """A lossless queue of a port, with the profile of its priority group."""

    switch: Switch
    port: Port
    queue: Queue
    wred: Wred
    curve: Curve
    profile: Profile | None


def _queues(seen: Seen) -> Iterator[tuple[Switch, Port, int]]:
    """Every lossless queue, by its number."""
    for switch in seen.switches:
        for port in carrying(switch):
            for number in sorted(lossless_queues(port)):
                yield switch, port, number


def _lossless(seen: Seen) -> Iterator[Place]:
    """Every lossless queue that has a WRED profile for unpoliced packets."""
    for switch, port, number in _queues(seen):
        queue = port.queues.get(number)
        if queue and queue.wred and COLOUR in queue.wred.curves:
            yield Place(switch, port, queue, queue.wred, queue.wred.curves[COLOUR], _profile(port, number))


def _profile(port: Port, queue: int) -> Profile | None:
    """That of the group whose class waits in the queue."""
    for group in paused_groups(port).values():
        tcs = [tc for tc in range(8) if led(port.tc_to_group, tc) == group and led(port.tc_to_queue, tc) == queue]
        if tcs or group == queue:
            return profile_of(port, group)
    return None


def _drops(place: Place) -> bool:
    """Whether packets that can be marked are dropped all the same: where the profile does not mark, and on chips with virtual
    output queues, which drop above the upper threshold whatever the packet says.
    """
    return not place.wred.marks or place.switch.voq


def _alike(places: Iterator[tuple[Place, str]]) -> Iterator[tuple[Place, str, str]]:
    """Ports of one switch of which the same is to be said, as one: (the first, what, the names)."""
    found: dict[tuple[str, str, str], list[Place]] = defaultdict(list)
    for place, told in places:
        found[place.switch.name, place.wred.name, told].append(place)
    for (_, _, told), each in found.items():
        yield each[0], told, listed(place.port.name for place in each)


@check("LNT020", "ECN marks before PFC pauses", severity=Severity.ERROR)
def marking_begins_first(seen: Seen) -> Iterator[Fault]:
    """Compares the lower threshold of the WRED profile of every lossless queue with the threshold at which its priority group
    pauses while it is the only one that is congested, which is as late as it gets.

    Why: Marking asks senders to slow down; pausing stops the whole class, and spreads. Where marking begins after the
    pause, congestion control never acts, and PFC does all the work.

    Fix: Set the lower threshold well below the pause threshold, and the upper one at or below it.
    """
    for place, told, ports in _alike(_late(seen)):
        yield Fault(
            place.wred.spot.at(f"{COLOUR}_min_threshold"),
            f"lossless queue {place.queue.number} of {place.switch.name} ({ports}) marks from {place.curve.min_bytes} B on, and"
            f" its group pauses at {told}; {ORDER}",
            "Lower both thresholds, or raise the group's `dynamic_th`.",
        )


def _late(seen: Seen) -> Iterator[tuple[Place, str]]:
    for place in _lossless(seen):
        pause = pauses_at(place.switch, place.profile, 1) if place.profile else None
        if pause and place.curve.min_bytes is not None and place.curve.min_bytes >= pause.bytes and place.wred.marks:
            yield place, pause.arithmetic


@check("LNT021", "marking is complete before many congested groups pause", requires=("LNT020", "LNT022"))
def marking_is_complete(seen: Seen) -> Iterator[Fault]:
    """Compares the upper threshold of the WRED profile of every lossless queue with the threshold at which priority groups
    pause while n of them are congested: alpha B / (1 + n alpha). n is every lossless group of the switch, or `--congested`.

    Why: The pool is shared. The more groups are congested, the earlier each pauses, and thresholds that fit one are too late
    for all. Vendors' defaults fail the worst case; how many groups a fabric congests at once is for its owner to say.

    Fix: Lower the upper threshold to the bytes that the finding computes, or say how many groups are congested at once:
    `podwright lint DIR --congested N`.
    """
    for place, told, ports in _alike(_incomplete(seen)):
        yield Fault(
            place.wred.spot.at(f"{COLOUR}_max_threshold"),
            f"lossless queue {place.queue.number} of {place.switch.name} ({ports}) is marked in full from"
            f" {place.curve.max_bytes} B on, and its group may pause at {told}",
            "Lower the thresholds below that, or give `--congested N` if fewer groups are congested at once.",
        )


def _incomplete(seen: Seen) -> Iterator[tuple[Place, str]]:
    for place in _lossless(seen):
        count = seen.options.congested or groups_of(place.switch)
        pause = pauses_at(place.switch, place.profile, count) if place.profile else None
        if pause and place.curve.max_bytes is not None and place.curve.max_bytes > pause.bytes and not _drops(place):
            yield place, pause.arithmetic


@check("LNT022", "a lossless queue drops nothing before its group pauses", severity=Severity.ERROR)
def nothing_drops_first(seen: Seen) -> Iterator[Fault]:
    """Compares what makes a lossless queue drop with the threshold at which its priority group pauses: a WRED profile without
    ECN, one of a chip with virtual output queues (which drop above the upper threshold, marked or not), and a static limit of
    the egress buffer profile.

    Why: If the queue drops first, the group never fills, PFC never fires, and the class is lossless by name only. On such a
    switch the egress stays paused and the ingress drops in silence.

    Fix: Take the drop profile from the queue, let it mark (`ecn: ecn_all`), or move its limit far above the pause threshold.
    """
    for place, told, ports in _alike(_dropping(seen)):
        yield Fault(
            place.wred.spot.at(f"{COLOUR}_max_threshold"),
            f"lossless queue {place.queue.number} of {place.switch.name} ({ports}) drops at {place.curve.max_bytes} B and would"
            f" pause at {told}; {ORDER}",
            "Give the lossless queue no WRED drop, or a limit above the pause threshold.",
        )
    yield from _limited(seen)


def _dropping(seen: Seen) -> Iterator[tuple[Place, str]]:
    for place in _lossless(seen):
        if not _drops(place) or place.curve.max_bytes is None:
            continue
        pause = pauses_at(place.switch, place.profile, 1) if place.profile else None
        if pause and place.curve.max_bytes < pause.bytes:
            yield place, pause.arithmetic
        elif not pause and not place.wred.marks:
            yield place, "a threshold that no file gives, since its profile or pool is not there"


def _limited(seen: Seen) -> Iterator[Fault]:
    """One a switch and egress profile."""
    told = set()
    for switch, port, number in _queues(seen):
        egress = port.egress.get(number)
        limit = egress.profile.static_th if egress and egress.profile else None
        profile = _profile(port, number)
        pause = pauses_at(switch, profile, 1) if profile else None
        if (
            limit
            and pause
            and egress
            and egress.profile
            and limit < pause.bytes
            and (switch.name, egress.named) not in told
        ):
            told.add((switch.name, egress.named))
            yield Fault(
                egress.profile.spot.at("static_th"),
                f"lossless queue {number} of {switch.name} may hold {limit} B (static_th of `{egress.named}`) and"
                f" would pause at {pause.arithmetic}; {ORDER}",
                "Raise the egress limit to the size of the pool: a lossless queue is bound at ingress.",
            )


@check("LNT023", "packets in a lossless queue can be marked", severity=Severity.ERROR)
def packets_can_be_marked(seen: Seen) -> Iterator[Fault]:
    """Looks for hosts that send RoCE without ECN capability, by a traffic class whose last two bits are 0 while the NIC's
    congestion control is off for that priority, into a queue with a WRED profile.

    Why: A profile that marks packets which can be marked drops those that can't. SONiC's lossless profiles have one pair of
    thresholds for both, so a sender without ECN loses packets in a class that is called lossless.

    Fix: Turn ECN on for the priority (`roce_np` and `roce_rp` enable in sysfs), or set the last bits of the traffic class:
    106 in place of 104.
    """
    mark = roce_dscp(seen)
    if mark is None:
        return
    marked = [place for place in _lossless(seen) if place.wred.marks and _carries(place, mark[0])]
    if not marked:
        return
    for host in seen.hosts:
        dumb = [each for each in marks_of(host) if not each.ect and each.dscp == mark[0]]
        priorities = {qos.priorities[mark[0]] for qos in host.qos.values() if mark[0] in qos.priorities}
        off = [
            (device, number, said)
            for device, states in sorted(host.ecn_off.items())
            for number, said in states.items()
            if not priorities or number in priorities
        ]
        if dumb and off:
            device, number, said = off[0]
            place = marked[0]
            yield Fault(
                said.spot,
                f"{host.name} sends RoCE without ECN capability: {dumb[0].by} is {dumb[0].tclass}, whose last bits are 0, and ECN"
                f" of {device} is off for priority {number}; lossless queue {place.queue.number} of {place.switch.name} drops such"
                f" packets from {place.curve.min_bytes} B on (`{place.wred.name}`)",
                f"Turn ECN on for priority {number} on every NIC, or set the traffic class to {tclass(mark[0])}.",
            )


def _carries(place: Place, dscp: int) -> bool:
    found = chain(place.port, dscp)
    return found is not None and found.queue == place.queue.number


@check("LNT024", "a lossless queue marks congestion", requires=("LNT004", "LNT055"))
def queue_marks(seen: Seen) -> Iterator[Fault]:
    """Looks for lossless queues without a WRED profile that marks, on switches that have such profiles or schedulers at all.

    Why: Without marking, senders learn of congestion by being paused. Pauses spread from switch to switch, and stop flows
    that go elsewhere.

    Fix: Name a WRED profile with `ecn: ecn_all` in the QUEUE row of the lossless queue of every port.
    """
    for switch in seen.switches:
        bare: dict[int, list[Port]] = defaultdict(list)
        if not any(port.queues for port in switch.ports.values()):
            continue
        for port in carrying(switch):
            for number in sorted(lossless_queues(port)):
                queue = port.queues.get(number)
                if queue is None or queue.wred is None:
                    bare[number].append(port)
        for number, ports in bare.items():
            queue = ports[0].queues.get(number)
            yield Fault(
                queue.spot if queue else switch.spot.at("QUEUE", f"{ports[0].name}|{number}"),
                f"lossless queue {number} of {switch.name} has no WRED profile, so it never marks:"
                f" {listed(port.name for port in ports)}",
                "Name a profile with `ecn: ecn_all` as its `wred_profile`.",
            )
