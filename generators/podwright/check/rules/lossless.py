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
