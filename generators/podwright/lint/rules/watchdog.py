"""The PFC watchdog: its times, and what it guards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from podwright.check import check
from podwright.lint.chain import carrying, listed, numbers, paused
from podwright.lint.framework import Fault
from podwright.lint.records import Port, Seen, Spot, Switch, Watchdog
from podwright.model.report import Severity

DETECTION_MS, RESTORATION_MS, POLL_MS = (100, 5000), (100, 60000), (100, 1000)
"""https://github.com/sonic-net/sonic-buildimage/blob/master/src/sonic-yang-models/yang-models/sonic-pfcwd.yang"""
ACTIONS = ("drop", "forward", "alert")
TABLE = "PFC_WD"
_OF_DUAL_TOR = {2, 3, 4, 6}
_OF_TUNNEL = {2, 6}
"""A pair of top-of-rack switches sends packets to each other in a tunnel, in two lossless classes of their own, which SONiC leaves
out of `pfcwd_sw_enable`: port_names_list_extra_queues in
https://github.com/sonic-net/sonic-buildimage/blob/master/files/build_templates/qos_config.j2
"""


@check("LNT040", "the watchdog's times are within its limits", severity=Severity.ERROR)
def times_are_within_limits(seen: Seen) -> Iterator[Fault]:
    """Compares detection and restoration of the PFC watchdog on every port, and its polling interval, with the limits that SONiC
    has for them, and with each other: neither may be shorter than the interval.

    Why: A watchdog with times that are refused does not run, and one polled more slowly than it detects finds storms late or
    never. A NIC that pauses for ever then stops the whole fabric.

    Fix: 200 ms detection, 400 ms restoration, 200 ms polling are what `pfcwd start_default` comes to.
    """
    for switch in seen.switches:
        wrong: dict[tuple[str, str], list[tuple[Port, Spot]]] = defaultdict(list)
        for port in carrying(switch):
            for field, told in _wrong_times(switch, port.watchdog) if port.watchdog else ():
                wrong[field, told].append((port, port.watchdog.spot.at(field) if port.watchdog else port.spot))
        for (_, told), ports in wrong.items():
            yield Fault(
                ports[0][1],
                f"the PFC watchdog of {switch.name} {told}: {listed(port.name for port, _ in ports)}",
                "Write times within the limits, none of them shorter than POLL_INTERVAL.",
            )
        if switch.poll_ms is not None and not _within(switch.poll_ms, POLL_MS):
            yield Fault(
                switch.spot.at(TABLE, "GLOBAL", "POLL_INTERVAL"),
                f"the PFC watchdog of {switch.name} polls every {switch.poll_ms} ms, and may every {_span(POLL_MS)}",
                "Write 200.",
            )


def _wrong_times(switch: Switch, watchdog: Watchdog) -> Iterator[tuple[str, str]]:
    for field, name, value, limits in (
        ("detection_time", "detects", watchdog.detection_ms, DETECTION_MS),
        ("restoration_time", "restores", watchdog.restoration_ms, RESTORATION_MS),
    ):
        if value is None:
            continue
        if not _within(value, limits):
            yield field, f"{name} after {value} ms, and may after {_span(limits)}"
        elif switch.poll_ms and _within(switch.poll_ms, POLL_MS) and value < switch.poll_ms:
            yield field, f"{name} after {value} ms, and looks every {switch.poll_ms} ms only"
    if watchdog.action and watchdog.action not in ACTIONS:
        yield "action", f"has the action `{watchdog.action}`, and knows {', '.join(ACTIONS)}"


def _within(value: int, limits: tuple[int, int]) -> bool:
    return limits[0] <= value <= limits[1]


def _span(limits: tuple[int, int]) -> str:
    return f"{limits[0]} to {limits[1]} ms"


@check("LNT041", "the watchdog guards every priority that is paused")
def paused_priorities_are_guarded(seen: Seen) -> Iterator[Fault]:
    """Compares, on switches with a watchdog, the priorities that a port pauses with those that the watchdog looks after
    (`pfcwd_sw_enable`), and with the ports it has times for. Priorities 2 and 6 of a dual ToR's tunnel, which SONiC's own template
    leaves out, pass.

    Why: One NIC that sends pauses without end stops its leaf's queue, then every sender to that leaf. The watchdog is what
    ends it, on the ports and priorities that it was told of.

    Fix: Write the same priorities into `pfcwd_sw_enable` as into `pfc_enable`, and a row of PFC_WD for each port.
    """
    for switch in seen.switches:
        ports = [port for port in carrying(switch) if port.pfc and port.pfc.value]
        if not any(port.watchdog for port in ports):
            continue
        bare: dict[str, list[Port]] = defaultdict(list)
        named = any(port.guarded for port in ports)
        for port in ports:
            unguarded = _unguarded(port) if named else set()
            if port.watchdog is None:
                bare["is not told of them"].append(port)
            elif unguarded:
                bare[f"does not look after priority {numbers(unguarded)}, which they pause"].append(port)
        for told, each in bare.items():
            yield Fault(
                each[0].pfc.spot if each[0].pfc else each[0].spot,
                f"{listed(port.name for port in each)} of {switch.name}: the PFC watchdog {told}",
                "Add the priorities to `pfcwd_sw_enable`, and the ports to PFC_WD.",
            )


def _unguarded(port: Port) -> set[int]:
    """The priorities that the port pauses and nothing looks after, but for those of a dual ToR's tunnel."""
    pausing = set(paused(port))
    return pausing - set(port.guarded) - (_OF_TUNNEL if pausing == _OF_DUAL_TOR else set())
