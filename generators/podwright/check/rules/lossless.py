"""Checks of lossless classes: their marks and priorities."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.report import Severity

SPECIAL = {
    0: "the mark of all traffic that nobody marked (RFC 2474)",
    48: "CS6: BGP, and the congestion notifications of most NICs (RFC 4594)",
    56: "CS7: network control (RFC 4594)",
}
CONTROL_PRIORITIES = (6, 7)


@check("LSL001", "the DSCP of a lossless class means nothing else", severity=Severity.ERROR)
def dscp_is_free(index: Index) -> Iterator[Fault]:
    """Compares the DSCP of every lossless class in use with values that mean something else on any network.

    Why: Traffic with the same mark rides in the same queue. Routing protocols and congestion notifications would wait
    behind the data whose congestion they report, or every unmarked packet would be lossless.

    Fix: Write a DSCP of your own; 26 is what most RoCE guides and NIC defaults use.
    """
    for each in index.design.classes:
        if each.dscp in SPECIAL:
            yield Fault(
                f"{each.origin}.dscp",
                f"`{each.name}` is marked {each.dscp}, which is {SPECIAL[each.dscp]}",
                "Write `dscp: 26`, or another that your network does not use.",
            )


@check("LSL002", "lossless classes differ in DSCP and in priority", severity=Severity.ERROR)
def classes_are_told_apart(index: Index) -> Iterator[Fault]:
    """Compares the lossless classes in use, pair by pair.

    Why: Two classes on one priority pause each other, and switches keep one buffer for both; two with one DSCP cannot be
    told apart at all.

    Fix: Give each its own `dscp` and `priority`, or let both fabrics use the same class.
    """
    classes = sorted(index.design.classes, key=lambda each: (each.origin.startswith("lossless."), each.name))
    for number, second in enumerate(classes):
        for first in classes[:number]:
            for key, one, other in (("priority", first.priority, second.priority), ("dscp", first.dscp, second.dscp)):
                if one == other:
                    yield Fault(
                        f"{second.origin}.{key}",
                        f"`{first.name}` and `{second.name}` have the same {key}, {one}",
                        f"Give `{second.name}` another, or use `{first.name}` in both fabrics.",
                    )


@check("LSL003", "a lossless class leaves the priorities of control traffic alone")
def priority_is_not_of_control(index: Index) -> Iterator[Fault]:
    """Looks for lossless classes on PFC priority 6 or 7 (control traffic), or 0 (everything else).

    Why: A paused priority stops all that rides on it. On 6 and 7 that is BGP and the congestion notifications that would
    end the pause; on 0 it is every other flow of the server.

    Fix: Write a priority from 1 to 5; 3 is what most guides use.
    """
    for each in index.design.classes:
        if each.priority in CONTROL_PRIORITIES or each.priority == 0:
            rider = "all unmarked traffic" if each.priority == 0 else "routing and congestion notifications"
            yield Fault(
                f"{each.origin}.priority",
                f"`{each.name}` pauses priority {each.priority}, and with it {rider}",
                "Write `priority: 3`.",
            )


@check(
    "LSL004",
    "congestion notifications do not share the class whose congestion they report",
    severity=Severity.ERROR,
    requires=("LSL001", "LSL003"),
)
def notifications_have_a_class(index: Index) -> Iterator[Fault]:
    """Compares the marks and traffic classes of each lossless class with those of its congestion notifications (CNP).

    Why: A notification that waits in the congested queue arrives when it is too late, and one on a paused priority does
    not arrive at all. Senders then keep their rate, and PFC does what DCQCN should have done.

    Fix: Give `cnp` a DSCP and a traffic class of its own; 48 and 6 are what most NICs and guides use.
    """
    for each in index.design.classes:
        for key, ours, theirs in (
            ("dscp", each.dscp, each.cnp_dscp),
            ("traffic_class", each.traffic_class, each.cnp_traffic_class),
        ):
            if ours == theirs:
                yield Fault(
                    f"{each.origin}.cnp.{key}",
                    f"`{each.name}` and its congestion notifications have the same {key}, {ours}",
                    "Write `cnp: {dscp: 48, traffic_class: 6}`.",
                )


@check("LSL005", "a priority group pauses with the number of its PFC priority")
def priorities_keep_their_number(index: Index) -> Iterator[Fault]:
    """Compares the PFC priority of each lossless class with its traffic class, priority group and queue.

    Why: Switches may map a priority to a group of another number, and some do it for queues alone. One that does not then
    pauses a queue that holds other traffic, while the class itself is never paused.

    Fix: Leave `traffic_class` away: it is the PFC priority then.
    """
    for each in index.design.classes:
        if each.priority != each.traffic_class:
            yield Fault(
                f"{each.origin}.traffic_class",
                f"`{each.name}` rides in traffic class {each.traffic_class} and is paused as priority {each.priority}",
                f"Write `traffic_class: {each.priority}`, or leave it away.",
            )


@check("LSL006", "the lossless ports of a switch set aside no more than its buffer has", severity=Severity.ERROR)
def headroom_fits_the_pool(index: Index) -> Iterator[Fault]:
    """Adds up what the lossless ports of the fullest switch of each tier set aside, and compares it with the ASIC's pool.

    Why: A switch that has not the buffer refuses the last ports, or takes them with less. Either way packets are lost on
    a class that is called lossless, and only the switch's own log says so.

    Fix: Shorten the cables that the headroom is reckoned with (`facility: {lengths: ...}`), use fewer or slower lossless
    ports a switch, or take a switch with a larger buffer.
    """
    for each in index.design.buffer_budgets:
        if 0 < each.pool_bytes < each.reserved_bytes:
            yield Fault(
                each.origin,
                f"`{each.device}` sets aside {each.reserved_bytes} bytes for {each.groups} priority groups, and "
                f"{each.model} ({each.asic}) has {each.pool_bytes} for lossless traffic",
                "Write shorter `lengths` under `facility`, or take another model.",
            )


@check("LSL007", "a port has no more headroom than its ASIC allows", severity=Severity.ERROR)
def headroom_fits_the_port(index: Index) -> Iterator[Fault]:
    """Compares the headroom of each kind of lossless port with the limit that its ASIC sets for a port.

    Why: A switch refuses a port that asks for more, keeps the old size, and says so in its log alone.

    Fix: Write the true length of the cables under `facility: {lengths: ...}`, or a measured headroom.
    """
    for each in index.design.buffers:
        if 0 < each.limit_bytes < each.xoff_bytes:
            yield Fault(
                each.origin,
                f"{each.gbps}G over {each.metres} m takes {each.xoff_bytes} bytes of headroom, and a port of {each.asic} may "
                f"have {each.limit_bytes}",
                "Write shorter `lengths` under `facility`.",
            )


@check("LSL008", "a measured headroom is no less than the computed one")
def measured_headroom_suffices(index: Index) -> Iterator[Fault]:
    """Compares the headroom that the blueprint gives (`measured`) with the one computed for the same port.

    Why: Headroom covers what is under way when a pause is asked for. Packets beyond it are dropped, a few at a time, in
    pauses too short for any watchdog.

    Fix: Measure again with the longest cable and full packets, or leave the entry away.
    """
    for each in index.design.buffers:
        computed = next((term.value for term in each.terms if term.name == "xoff"), 0)
        if each.measured and each.xoff_bytes < computed:
            yield Fault(
                each.origin,
                f"{each.gbps}G over {each.metres} m on {each.asic} is given {each.xoff_bytes} bytes of headroom and "
                f"computed to need {computed:.0f}",
                f"Write `xoff_bytes: {computed:.0f}`, or leave the entry away.",
            )


@check("LSL009", "queues mark before priority groups pause", requires=("LSL010",))
def marks_come_before_pauses(index: Index) -> Iterator[Fault]:
    """Compares the ECN thresholds of each kind of port with the length at which a priority group pauses, where it is known.
    A group takes alpha times the free buffer: alpha x shared / (1 + n x alpha) while n groups are congested, of what the
    ASIC's pool has beside their headroom, and of that the part which the system keeps for what may pause (on Cumulus Linux
    the `bandwidth` of the class). Marking must be complete before that, and must begin below
    alpha x shared / (n x (1 + alpha)), or a port that feeds all others is paused before any queue marks (Zhu et al.,
    Congestion Control for Large-Scale RDMA Deployments, SIGCOMM 2015, section 4).

    Why: DCQCN slows a sender down by marks. Where the pause comes first, PFC does all the work: it stops whole links, and
    spreads.

    Fix: Write lower thresholds, a larger `dynamic_threshold`, or in `congested_groups` how many groups you reckon with.
    """
    for each in index.design.ecn_profiles:
        if not each.xoff_threshold_bytes:
            continue
        part = f"{each.shared_percent} % of the rest for what may pause, " if each.shared_percent < 100 else ""
        arithmetic = (
            f"({each.pool_bytes} - {each.congested_groups} x {each.reserved_bytes} bytes of headroom, {part}"
            f"{each.congested_groups} groups congested)"
        )
        for what, value, limit in (
            ("begins to mark", each.min_bytes, each.marking_bound_bytes),
            ("marks in full", each.max_bytes, each.xoff_threshold_bytes),
        ):
            if value > limit:
                yield Fault(
                    each.origin,
                    f"a {each.gbps}G port of {each.tier} {each.model} {what} at {value} bytes, and pauses may come from "
                    f"{limit} {arithmetic}",
                    f"Write at most {limit}, or the `congested_groups` you reckon with.",
                )


@check("LSL010", "marking begins below where it is complete", severity=Severity.ERROR)
def thresholds_are_in_order(index: Index) -> Iterator[Fault]:
    """Compares the two ECN thresholds of each entry under `ecn`.

    Why: A switch refuses them in the wrong order, or marks nothing.

    Fix: Write `min_bytes` below `max_bytes` in the entry.
    """
    for each in index.design.ecn_profiles:
        if each.min_bytes >= each.max_bytes:
            yield Fault(
                each.origin,
                f"marking would begin at {each.min_bytes} bytes and be complete at {each.max_bytes}",
                "Write `min_bytes` below `max_bytes`.",
            )


@check("LSL011", "the buffer of a lossless switch is known", severity=Severity.NOTE)
def buffers_are_known(index: Index) -> Iterator[Fault]:
    """Looks for switches with lossless ports whose ASIC has a buffer, or a limit of headroom a port, that no public document
    states.

    Why: What their ports set aside is computed, but not that it fits, nor that marks come before pauses.

    Fix: Ask the vendor, and put an entry with `lossless_pool_bytes` and `port_headroom_limit_kib` into a catalogue of your
    own.
    """
    unlimited = {each.asic: each.xoff_bytes for each in index.design.buffers if not each.limit_bytes}
    for each in index.design.buffer_budgets:
        if not each.pool_bytes:
            yield Fault(
                each.origin,
                f"nothing public states the buffer of {each.asic} ({each.model}): whether {each.reserved_bytes} bytes for "
                f"{each.groups} priority groups fit is not proved",
                "Put an entry with `lossless_pool_bytes` into your own catalogue.",
            )
        elif each.asic in unlimited:
            yield Fault(
                each.origin,
                f"nothing public states how much headroom one port of {each.asic} may have: whether it takes "
                f"{unlimited[each.asic]} bytes is not proved",
                "Put an entry with `port_headroom_limit_kib` into your own catalogue.",
            )


WATCHDOG_LIMITS = {
    "sonic": ((100, 5000), (100, 60000), (100, 1000)),
    "cumulus": ((100, 5_000_000), (1, 5_000_000), (100, 5000)),
    "eos": ((10, 60000), (10, 60000), (5, 30000)),
}
"""Milliseconds from and to, of detection, restoration and polling: sonic-pfcwd.yang,
https://github.com/sonic-net/sonic-buildimage/tree/master/src/sonic-yang-models; NVUE's schema, up to 1000 polls of up to 5 s, and
no time of restoration, https://docs.api.nvidia.com/nvue; priority-flow-control pause watchdog,
https://www.arista.com/en/um-eos/eos-priority-flow-control"""


@check("LSL012", "the times of the PFC watchdog are within what the operating system takes", severity=Severity.ERROR)
def watchdog_times_are_allowed(index: Index) -> Iterator[Fault]:
    """Compares the times of each class's watchdog with the limits of the operating systems of its switches.

    Why: A switch that refuses the times runs without a watchdog, and one NIC that never stops pausing stops the fabric.

    Fix: Write times within the limits that the finding names; detection and restoration no shorter than the poll interval.
    """
    systems = _systems_of_classes(index)
    for each in index.design.classes:
        times = {"detection_ms": each.detection_ms, "restoration_ms": each.restoration_ms, "poll_ms": each.poll_ms}
        if each.watchdog == "none":
            continue
        for nos in sorted(systems.get(each.name, set()) & set(WATCHDOG_LIMITS)):
            for (key, value), (least, most) in zip(times.items(), WATCHDOG_LIMITS[nos], strict=True):
                if not least <= value <= most:
                    yield Fault(
                        f"{each.origin}.watchdog.{key}",
                        f"`{each.name}` has {key} {value}, and {nos} takes {least} to {most}",
                        f"Write `{key}` from {least} to {most}.",
                    )
        if each.poll_ms > min(each.detection_ms, each.restoration_ms):
            yield Fault(
                f"{each.origin}.watchdog.poll_ms",
                f"`{each.name}` looks every {each.poll_ms} ms for a pause of {each.detection_ms} ms",
                "Write a `poll_ms` no longer than the other two.",
            )


EOS_ACTIONS, EOS_THRESHOLDS = ("drop", "alert", "none"), range(-7, 4)
"""What `priority-flow-control pause watchdog action` and `ingress threshold` take:
https://avd.arista.com/stable/ansible_collections/arista/avd/roles/eos_cli_config_gen/docs/data-models/"""


@check("LSL014", "EOS can do what a lossless class asks of it", severity=Severity.ERROR)
def eos_can_do_it(index: Index) -> Iterator[Fault]:
    """Compares the action of the watchdog and the dynamic threshold of each class on switches that run EOS with what EOS has.

    Why: EOS refuses a configuration as a whole when it does not know a line of it. It has no watchdog that forwards what is
    stuck, and takes no more than 8 times, and no less than a 128th, of the free buffer.

    Fix: Write `action: drop` or `alert`, and a `dynamic_threshold` from -7 to 3.
    """
    systems = _systems_of_classes(index)
    for each in index.design.classes:
        if "eos" not in systems.get(each.name, set()):
            continue
        if each.watchdog not in EOS_ACTIONS:
            yield Fault(
                f"{each.origin}.watchdog.action",
                f"the watchdog of `{each.name}` is to {each.watchdog} packets, and EOS has no such action",
                "Write `action: drop`, or `alert`.",
            )
        if each.dynamic_threshold not in EOS_THRESHOLDS:
            yield Fault(
                f"{each.origin}.dynamic_threshold",
                f"`{each.name}` has dynamic_threshold {each.dynamic_threshold}, and EOS takes "
                f"{EOS_THRESHOLDS[0]} to {EOS_THRESHOLDS[-1]}",
                f"Write `dynamic_threshold` from {EOS_THRESHOLDS[0]} to {EOS_THRESHOLDS[-1]}.",
            )


def _systems_of_classes(index: Index) -> dict[str, set[str]]:
    """Class -> the operating systems of switches whose ports carry it."""
    systems: dict[str, set[str]] = {}
    for binding in index.design.bindings:
        if binding.buffer:
            systems.setdefault(binding.name, set()).add(index.device[binding.device].nos)
    return systems


@check("LSL013", "the pool of headroom holds what all lossless ports may need at once")
def headroom_pool_holds_all(index: Index) -> Iterator[Fault]:
    """Compares the headroom of all lossless ports of the fullest switch of each tier with its ASIC's pool of headroom, where it
    keeps one apart.

    Why: Such a pool is shared, and vendors let it be smaller than the sum: not all ports pause at once. When too many do,
    the last ones find no headroom and lose packets, without any pause being late.

    Fix: Shorten the cables that the headroom is reckoned with (`facility: {lengths: ...}`), or accept that so many ports at
    once is unlikely; the finding names how many the pool holds.
    """
    for each in index.design.buffer_budgets:
        if 0 < each.headroom_pool_bytes < each.xoff_bytes:
            held = each.groups * each.headroom_pool_bytes // each.xoff_bytes
            yield Fault(
                each.origin,
                f"the {each.groups} lossless ports of `{each.device}` may need {each.xoff_bytes} bytes of headroom, and the pool "
                f"of {each.model} ({each.asic}) has {each.headroom_pool_bytes}, for {held} of them at once",
                "Write shorter `lengths` under `facility`, or reckon with that many.",
            )
