"""RoCE packets leave each server marked with the lossless class's DSCP, keep the mark, and nothing else is marked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from podwright.lab.driver import Fabric
from podwright.lab.trials.expectation import Expectation, Pair
from podwright.lab.trials.probing import ask_node
from podwright.model.design import Design, TrafficClass
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "marking"
_SENDING, _LISTENING = 2.5, 4.0
"""Seconds: the sender goes on until the listener is certainly there."""


class Course(NamedTuple):
    """From one server to another, over every NIC that carries the class."""

    sender: str
    receiver: str
    traffic: TrafficClass
    pairs: tuple[Pair, ...]


def try_marking(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """One trial a server and class."""
    for course in courses(design):
        yield _run(fabric, course)


def courses(design: Design) -> Iterator[Course]:
    """From each server to the next one that its marked NICs reach."""
    expectation = Expectation(design)
    order = [device.name for device in design.devices if device.tier == "host"]
    for traffic in design.classes:
        bound = {(each.device, each.interface) for each in design.bindings if each.name == traffic.name}
        ends = [
            each for each in expectation.endpoints if (each.device, each.interface) in bound and ":" not in each.address
        ]
        for position, sender in enumerate(order):
            for receiver in order[position + 1 :] + order[:position]:
                pairs = [
                    Pair(ours, theirs)
                    for ours in ends
                    for theirs in ends
                    if (ours.device, theirs.device) == (sender, receiver)
                    and ours.interface == theirs.interface
                    and expectation.connected(Pair(ours, theirs))
                    and all(expectation.permits(Pair(ours, theirs), "udp", port) for port in _ports(traffic))
                ]
                if pairs:
                    yield Course(sender, receiver, traffic, tuple(pairs))
                    break


def _ports(traffic: TrafficClass) -> tuple[int, int]:
    """The UDP port that is to be marked, and one that is not."""
    return traffic.udp_port, traffic.udp_port + 1


def _run(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    roce, other = _ports(course.traffic)
    listening = [[pair.target.address, port] for pair in course.pairs for port in (roce, other)]
    sending = [[pair.source.address, pair.target.address, port] for pair in course.pairs for port in (roce, other)]
    with ThreadPoolExecutor(1) as pool:
        ears = pool.submit(
            ask_node, fabric, course.receiver, {"do": "listen", "targets": listening, "seconds": _LISTENING}
        )
        ask_node(fabric, course.sender, {"do": "mark", "targets": sending, "seconds": _SENDING})
        heard = {(address, port): dscp for address, port, dscp in ears.result()}
    complaints = [
        complaint
        for pair in course.pairs
        for complaint in (
            _complaint(pair, roce, course.traffic.dscp, heard.get((pair.target.address, roce))),
            _complaint(pair, other, 0, heard.get((pair.target.address, other))),
        )
        if complaint
    ]
    claim = (
        f"{course.sender} marks UDP {roce} with DSCP {course.traffic.dscp} and nothing else, "
        f"and {course.receiver} receives it so"
    )
    return judge(GROUP, claim, complaints, since, {"dscp": course.traffic.dscp, "nics": len(course.pairs)})


def _complaint(pair: Pair, port: int, designed: int, heard: int | None) -> str:
    if heard is None:
        return f"{pair}: no packet to UDP {port} arrives"
    return f"{pair}: UDP {port} arrives with DSCP {heard}, designed {designed}" if heard != designed else ""
