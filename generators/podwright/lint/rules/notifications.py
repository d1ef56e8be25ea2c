"""Congestion notifications (CNP): one mark on NICs and switches, in a class of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from podwright.check import check
from podwright.lint.chain import (
    Notification,
    carrying,
    chain,
    does,
    is_lossless,
    listed,
    notifications,
    numbers,
    paused_by_template,
    roce_dscp,
)
from podwright.lint.framework import Fault
from podwright.lint.records import Port, Seen, Switch
from podwright.model.report import Severity

UNMARKED = 0
USUAL = 48


@check("LNT006", "congestion notifications have a class of their own", severity=Severity.ERROR, requires=("LNT007",))
def class_of_their_own(seen: Seen) -> Iterator[Fault]:
    """Follows the DSCP by which NICs send congestion notifications through every switch's maps: it has to lead neither to a
    lossless class nor to that of unmarked traffic.

    Why: A notification that waits behind the data whose congestion it reports comes too late, and one in a paused class does
    not come at all: senders go on at full speed, and PFC spreads the congestion. The NIC operator's `roceOptimized` sends them
    with DSCP 4 before release 26.10 unless told otherwise, which SONiC's stock map takes for a lossless class and most others
    for unmarked traffic.

    Fix: Use DSCP 48 on every port of every NIC (`CNP_DSCP_P1=48`, `CNP_DSCP_P2=48`, or cnp_dscp in sysfs), and map it to a
    strict queue of its own.
    """
    found: dict[tuple[str, int], list[tuple[Port, Notification, str]]] = defaultdict(list)
    distinct = {each.dscp: each for each in reversed(list(notifications(seen)))}
    for switch in seen.switches:
        for port in carrying(switch):
            for each in distinct.values():
                if told := _told(seen, switch, port, each.dscp):
                    found[switch.name, each.dscp].append((port, each, told))
    for (name, dscp), entries in found.items():
        port, each, told = entries[0]
        yield Fault(
            port.dscp_to_tc.spot.at(str(dscp)) if port.dscp_to_tc else port.spot,
            f"{name} puts congestion notifications of {each.sender}, DSCP {dscp}, {told} ({listed(e[0].name for e in entries)})",
            f"Send them with DSCP {USUAL} from every NIC, and map {USUAL} to a class of its own, as 6, with a strict queue.",
        )


def _told(seen: Seen, switch: Switch, port: Port, dscp: int) -> str:
    found, unmarked = chain(port, dscp), chain(port, UNMARKED)
    if found is None or unmarked is None or switch is None:
        return ""
    if is_lossless(port, dscp):
        return f"into traffic class {found.tc}, which PFC pauses"
    if found.queue == unmarked.queue:
        mark = roce_dscp(seen)
        with_roce = ", with RoCE" if mark and chain(port, mark[0]) == found else ""
        return f"into traffic class {found.tc}, where all unmarked traffic waits{with_roce}"
    return ""


@check("LNT007", "every NIC marks congestion notifications alike", severity=Severity.ERROR)
def marked_alike(seen: Seen) -> Iterator[Fault]:
    """Compares the DSCP of congestion notifications over all NICs and operators' templates.

    Why: Switches have one class for notifications. A host that marks them otherwise, as after the NIC operator's
    `roceOptimized` with its default of DSCP 4, is told of congestion, and its own reports get lost or delayed. The default is
    4 before release 26.10 and 48 from there on, on every port of a NIC; where a template names the value, the release does not matter.

    Fix: Set one DSCP, usually 48, on every NIC: `CNP_DSCP_P1` of the firmware, and `CNP_DSCP_P2` where it has a second port,
    or `/sys/class/net/DEV/ecn/roce_np/cnp_dscp`.
    """
    every = list(notifications(seen))
    counted = Counter(each.dscp for each in every)
    if len(counted) < 2:
        return
    common = max(counted, key=lambda each: (each == USUAL, counted[each]))
    for dscp in sorted(counted):
        senders = [each for each in every if each.dscp == dscp]
        if dscp != common:
            yield Fault(
                senders[0].spot,
                f"{listed(each.sender for each in senders)} {does(senders, 'sends', 'send')} congestion notifications with DSCP"
                f" {dscp}, others with {numbers(set(counted) - {dscp})}",
                f"Set DSCP {common} there, too.",
            )


@check("LNT014", "congestion notifications leave a NIC on a priority that nobody pauses", severity=Severity.ERROR)
def on_a_priority_of_their_own(seen: Seen) -> Iterator[Fault]:
    """Compares the priority on which a NIC sends congestion notifications (`cnp_802p_prio`, and `CNP_802P_PRIO_P1` and `_P2` of
    operators' templates) with those of its PFC.

    Why: A NIC that is told to pause holds its own notifications back with the data, so the sender that congests it goes on.

    Fix: Send them on priority 6: `/sys/class/net/DEV/ecn/roce_np/cnp_802p_prio`, or `CNP_802P_PRIO_P1` and `_P2` of the
    firmware.
    """
    for host in seen.hosts:
        for device, said in sorted(host.cnp_priorities.items()):
            qos = host.qos.get(device)
            if qos and qos.pfc and said.value in qos.pfc.value:
                yield Fault(
                    said.spot,
                    f"{device} of {host.name} sends congestion notifications on priority {said.value}, which its PFC pauses"
                    f" ({numbers(qos.pfc.value)})",
                    "Send them on priority 6.",
                )
    yield from _by_templates(seen)


def _by_templates(seen: Seen) -> Iterator[Fault]:
    for template in seen.templates:
        paused = paused_by_template(template)
        for parameter in ("CNP_802P_PRIO_P1", "CNP_802P_PRIO_P2"):
            chosen = template.parameters.get(parameter)
            if chosen and chosen.value.isdecimal() and int(chosen.value) in paused:
                yield Fault(
                    chosen.spot,
                    f"{template.kind} `{template.name}` sends congestion notifications on priority {chosen.value} ({parameter}),"
                    f" which its PFC pauses ({numbers(paused)})",
                    "Send them on priority 6.",
                )


@check("LNT015", "congestion notifications have a strict queue", severity=Severity.NOTE, requires=("LNT006", "LNT007"))
def strict_queue(seen: Seen) -> Iterator[Fault]:
    """Looks up the scheduler of the queue that congestion notifications wait in. A queue without one is served as the platform
    does by default, which no file tells: the end of the report names it.

    Why: Notifications are few and small. A strict queue sends them at once, whatever else waits; in a weighted one they come
    later the fuller the port is, which is when they matter.

    Fix: Name a scheduler of type STRICT in the QUEUE row of that queue.
    """
    marks = {each.dscp for each in notifications(seen)}
    for switch in seen.switches:
        weighted: dict[int, list[Port]] = defaultdict(list)
        for port in carrying(switch):
            for found in (chain(port, dscp) for dscp in sorted(marks)):
                queue = port.queues.get(found.queue) if found else None
                if queue is not None and queue.strict is False:
                    weighted[queue.number].append(port)
        for number, ports in weighted.items():
            yield Fault(
                ports[0].queues[number].spot.at("scheduler"),
                f"queue {number} of {switch.name}, in which congestion notifications wait, is weighted and not strict:"
                f" {listed(port.name for port in ports)}",
                "Name a scheduler of type STRICT for it.",
            )
