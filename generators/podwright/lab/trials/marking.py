"""RoCE packets leave each server marked with the lossless class's DSCP, keep the mark, and nothing else is marked; and what
ECN says of a packet is the same at both ends of the fabric."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from podwright.lab.driver import Fabric
from podwright.lab.trials.carrying import CE, ECN_NAMES, carriers, is_open, mark_of, open_ways, ports
from podwright.lab.trials.expectation import Expectation, Pair
from podwright.lab.trials.probing import ask_node
from podwright.model.design import Design, TrafficClass
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "marking"
_SENDING, _LISTENING = 2.5, 4.0
"""Seconds: the sender goes on until the listener is certainly there."""
_RATE = 40
"""Packets a second of each of ECN's four values."""


class Course(NamedTuple):
    """From one server to another, over every NIC that carries the class."""

    sender: str
    receiver: str
    traffic: TrafficClass
    pairs: tuple[Pair, ...]


class Crossing(NamedTuple):
    """From a NIC to another one, behind another leaf if there is such a way."""

    traffic: TrafficClass
    pair: Pair

    @property
    def way(self) -> str:
        """The leaves on it."""
        source, target = (sorted(end.homes)[0] for end in self.pair)
        return f"{source}, a spine and {target}" if source != target else source


def try_marking(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """One trial a server and class; and one a class and address family that looks at both fields of the mark."""
    for course in courses(design):
        yield _run(fabric, course)
    for crossing in crossings(design):
        yield _cross(fabric, crossing)


def courses(design: Design) -> Iterator[Course]:
    """From each server to the next one that its marked NICs reach."""
    expectation = Expectation(design)
    order = [device.name for device in design.devices if device.tier == "host"]
    for traffic in design.classes:
        ends = carriers(design, expectation, traffic)
        for position, sender in enumerate(order):
            for receiver in order[position + 1 :] + order[:position]:
                pairs = [
                    Pair(ours, theirs)
                    for ours in ends
                    for theirs in ends
                    if (ours.device, theirs.device) == (sender, receiver)
                    and ours.interface == theirs.interface
                    and is_open(expectation, traffic, Pair(ours, theirs))
                ]
                if pairs:
                    yield Course(sender, receiver, traffic, tuple(pairs))
                    break


def crossings(design: Design) -> Iterator[Crossing]:
    """For each class and address family the first way over a spine, else the first one at all."""
    expectation = Expectation(design)
    for traffic in design.classes:
        for family in (4, 6):
            ends = carriers(design, expectation, traffic, family)
            apart = (
                pair
                for source in ends
                for pair in open_ways(
                    expectation, traffic, [source], [end for end in ends if end.homes.isdisjoint(source.homes)]
                )
            )
            pair = next(apart, None) or next(open_ways(expectation, traffic, ends, ends), None)
            if pair is not None:
                yield Crossing(traffic, pair)


def _run(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    roce, other = ports(course.traffic)
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


def _cross(fabric: Fabric, crossing: Crossing) -> Trial:
    since = time.monotonic()
    (source, target), traffic = crossing.pair, crossing.traffic
    roce, other = ports(traffic)
    sent = {
        mark_of(dscp, ecn): port
        for dscp, port in ((traffic.dscp, roce), (traffic.cnp_dscp, other))
        for ecn in ECN_NAMES
    }
    streams = [
        {
            "source": source.address,
            "target": target.address,
            "port": port,
            "tos": mark,
            "kind": mark,
            "octets": 64,
            "rate": _RATE,
        }
        for mark, port in sent.items()
    ]
    listening = {"targets": [[target.address, port] for port in (roce, other)], "seconds": 15.0, "quiet": 1.0}
    with ThreadPoolExecutor(1) as pool:
        ears = pool.submit(ask_node, fabric, target.device, {"do": "gauge", "late": 1.0, **listening})
        ask_node(fabric, source.device, {"do": "pour", "streams": streams, "seconds": _SENDING, "burst": _RATE})
        heard = {each["kind"]: dict(each["tos"]) for each in ears.result()}
    complaints = [line for mark in sent for line in _changed(crossing.pair, mark, heard.get(mark, {}))]
    claim = (
        f"DSCP {traffic.dscp} and {traffic.cnp_dscp} and every value of ECN survive from {source} over {crossing.way} "
        f"to {target}"
    )
    return judge(GROUP, claim, complaints, since, {"packets": sum(sum(each.values()) for each in heard.values())})


def _changed(pair: Pair, sent: int, heard: dict[int, int]) -> Iterator[str]:
    """What to say of packets that were `sent` with a mark, of `heard` (mark to packets)."""
    if not heard:
        yield f"{pair}: sent with {_spelt(sent)}, none arrives"
    for mark, packets in heard.items():
        if mark != sent:
            yield f"{pair}: sent with {_spelt(sent)}, {packets} of {sum(heard.values())} arrive with {_spelt(mark)}"


def _spelt(mark: int) -> str:
    return f"DSCP {mark >> 2} and {ECN_NAMES[mark & CE]}"
