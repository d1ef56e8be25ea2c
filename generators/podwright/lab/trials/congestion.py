"""A congested port marks: packets of the lossless class that may be marked are, notifications of congestion are not, and
they overtake what waits.

One port of a leaf towards a server is slowed down to what a twin can fill, and two servers send to that server, first
less than the class's share of the port and then more than the port. The port gets its speed back in every case.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from podwright.errors import LabError
from podwright.lab.driver import Fabric
from podwright.lab.trials.carrying import CE, ECN_NAMES, ECT0, NOT_ECT, carriers, mark_of, open_ways, ports
from podwright.lab.trials.expectation import Endpoint, Expectation
from podwright.lab.trials.probing import ask_node
from podwright.model.design import Design, TrafficClass
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.targets.frr.queues import CHAIN, PORT_CLASS, TABLE
from podwright.verify.asking import judge

GROUP = "congestion"
_SENDERS = 2
_PORT_KBPS = 20_000
_BURST = 16_000
"""The slowed port: kb/s, and bytes that it sends at once."""
_OFFERED, _BELOW = 2.0, 0.4
"""What the servers send together: of the port's rate where it is to congest, of the class's share where it is not."""
_NOTIFICATIONS, _UNMARKABLE = 100, 50
"""Packets a second of each server, both of little weight beside the class."""
_OCTETS, _ROOM, _SMALL = 4096, 100, 64
"""Of data in a packet of the class, of headers at most, and of data in a notification."""
_CALM, _CROWDED = 1.5, 3.0
"""Seconds of either round."""
_LATE = 0.2
"""Seconds. A full packet leaves the slowed port in 2 ms, what waits before it in the class's queue in a second."""
_MARKED_AT_LEAST, _SPARED_AT_MOST = 0.1, 0.05
"""Of the packets of the class; of the notifications, for what a busy machine holds up by itself."""
_DATA, _PLAIN, _CNP = 1, 2, 3
"""Kinds of packets: of the class with ECT(0), of the class without, notifications."""


class Course(NamedTuple):
    """The port `port` of `leaf` (its Linux name is `linux`), which leads to `target`, and who sends to that."""

    traffic: TrafficClass
    leaf: str
    port: str
    linux: str
    senders: tuple[Endpoint, ...]
    target: Endpoint
    mtu: int

    def __str__(self) -> str:
        return f"{self.leaf}:{self.port}"


class Heard(NamedTuple):
    """What came in of one kind: packets by ECN, how many got lost, and how many came late, the slowest after `longest` s."""

    ecn: dict[int, int]
    lost: int = 0
    late: int = 0
    longest: float = 0.0

    @property
    def packets(self) -> int:
        return sum(self.ecn.values())


def try_congestion(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """Four trials a class."""
    for course in courses(design):
        yield from _run(fabric, course)


def courses(design: Design) -> Iterator[Course]:
    """For each class the first port towards a server that two others reach, over a spine if they can; else one other."""
    expectation = Expectation(design)
    for traffic in design.classes:
        candidates = sorted(_candidates(design, expectation, traffic), key=lambda each: -len(each.senders))
        yield from candidates[:1]


def _candidates(design: Design, expectation: Expectation, traffic: TrafficClass) -> Iterator[Course]:
    ends = carriers(design, expectation, traffic)
    marking = {(each.device, each.interface) for each in design.bindings if each.name == traffic.name and each.ecn}
    mtus = {plan.name: plan.mtu for plan in design.fabrics}
    behind = {(each.device, each.interface): (each.leaf, each.leaf_port) for each in design.attachments}
    for target in ends:
        leaf, port = behind.get((target.device, target.interface), ("", ""))
        senders = _senders(expectation, traffic, ends, target) if (leaf, port) in marking else ()
        if senders:
            yield Course(traffic, leaf, port, linux_name(port), senders, target, mtus[target.fabric])
        if len(senders) == _SENDERS:
            return


def _senders(
    expectation: Expectation, traffic: TrafficClass, ends: Sequence[Endpoint], target: Endpoint
) -> tuple[Endpoint, ...]:
    """Of different servers, first those behind another leaf."""
    found: dict[str, Endpoint] = {}
    by_distance = sorted(ends, key=lambda each: not each.homes.isdisjoint(target.homes))
    for pair in open_ways(expectation, traffic, by_distance, [target]):
        found.setdefault(pair.source.device, pair.source)
        if len(found) == _SENDERS:
            break
    return tuple(found.values())


def _run(fabric: Fabric, course: Course) -> Iterator[Trial]:
    since = time.monotonic()
    speed = _speed(fabric, course)
    if not speed:
        claim = f"{course} has queues of the class {course.traffic.name}"
        yield judge(GROUP, claim, [f"tc shows no class {PORT_CLASS} on {course.linux} of {course.leaf}"], since)
        return
    with _slowed(fabric, course, speed):
        calm = _send(fabric, course, _CALM, _BELOW * course.traffic.bandwidth / 100, {})
        yield _judge_calm(course, calm, since)
        since = time.monotonic()
        beside = {_PLAIN: _UNMARKABLE, _CNP: _NOTIFICATIONS}
        crowded = _send(fabric, course, _CROWDED, _OFFERED, beside)
    yield _judge_data(course, crowded[_DATA], since)
    yield _judge_notifications(course, crowded[_CNP])
    yield _judge_plain(course, crowded[_PLAIN])


def _judge_calm(course: Course, heard: dict[int, Heard], since: float) -> Trial:
    data = heard[_DATA]
    complaints = _silence(course, data, "the class") + [
        f"{course}: {packets} of {data.packets} packets arrive with {ECN_NAMES[ecn]}, sent with ECT(0)"
        for ecn, packets in data.ecn.items()
        if ecn != ECT0
    ]
    claim = f"{course} leaves packets of {course.traffic.name} as they are while the class has less than its share"
    return judge(GROUP, claim, complaints, since, {"packets": data.packets})


def _judge_data(course: Course, data: Heard, since: float) -> Trial:
    marked = data.ecn.get(CE, 0)
    complaints = _silence(course, data, "the class")
    if data.packets and marked < _MARKED_AT_LEAST * data.packets:
        complaints.append(f"{course}: {marked or 'none'} of {data.packets} packets of the class arrive with CE")
    claim = f"{course} marks packets of {course.traffic.name} with CE while more arrives than it can send"
    return judge(GROUP, claim, complaints, since, {"packets": data.packets, "marked": marked})


def _judge_notifications(course: Course, cnp: Heard) -> Trial:
    since = time.monotonic()
    marked = cnp.ecn.get(CE, 0)
    complaints = _silence(course, cnp, "the notifications")
    if marked:
        complaints.append(f"{course}: {marked} of {cnp.packets} notifications arrive with CE")
    if cnp.lost + cnp.late > _SPARED_AT_MOST * (cnp.packets + cnp.lost):
        complaints.append(
            f"{course}: of {cnp.packets + cnp.lost} notifications {cnp.lost} are lost and {cnp.late} more than "
            f"{_LATE * 1000:.0f} ms late"
        )
    claim = f"Meanwhile notifications with DSCP {course.traffic.cnp_dscp} get through {course} unmarked and in time"
    facts = {"packets": cnp.packets, "lost": cnp.lost, "slowest_ms": round(cnp.longest * 1000)}
    return judge(GROUP, claim, complaints, since, facts)


def _judge_plain(course: Course, plain: Heard) -> Trial:
    since = time.monotonic()
    complaints = _silence(course, plain, "the class without ECT") + [
        f"{course}: {packets} of {plain.packets} packets arrive with {ECN_NAMES[ecn]}, sent with Not-ECT"
        for ecn, packets in plain.ecn.items()
        if ecn != NOT_ECT
    ]
    claim = f"Meanwhile packets of {course.traffic.name} from senders without ECN stay without it behind {course}"
    return judge(GROUP, claim, complaints, since, {"packets": plain.packets})


def _silence(course: Course, heard: Heard, what: str) -> list[str]:
    return [] if heard.packets else [f"{course}: no packet of {what} arrives at {course.target}"]


def _send(fabric: Fabric, course: Course, seconds: float, load: float, beside: dict[int, int]) -> dict[int, Heard]:
    """What the target hears while the class is sent at `load` of the slowed port's rate, and the kinds of `beside` at so
    many packets a second by each server."""
    octets = min(_OCTETS, course.mtu - _ROOM)
    rates = {_DATA: load * _PORT_KBPS * 125 / (octets + _ROOM) / len(course.senders), **beside}
    roce, other = ports(course.traffic)
    targets = [[course.target.address, port] for port in (roce, other)]
    hearing = {"do": "gauge", "targets": targets, "seconds": seconds + 15, "quiet": 1.5, "late": _LATE}

    def pour(sender: Endpoint) -> Any:
        streams = [_stream(course, sender, kind, rate, octets) for kind, rate in rates.items()]
        return ask_node(fabric, sender.device, {"do": "pour", "streams": streams, "seconds": seconds, "burst": 20})

    with ThreadPoolExecutor(1 + len(course.senders)) as pool:
        ears = pool.submit(ask_node, fabric, course.target.device, hearing)
        list(pool.map(pour, course.senders))
        told = {each["kind"]: each for each in ears.result()}
    return {kind: _heard(told[kind]) if kind in told else Heard({}) for kind in (_DATA, _PLAIN, _CNP)}


def _stream(course: Course, sender: Endpoint, kind: int, rate: float, octets: int) -> dict[str, Any]:
    roce, other = ports(course.traffic)
    dscp = course.traffic.cnp_dscp if kind == _CNP else course.traffic.dscp
    return {
        "source": sender.address,
        "target": course.target.address,
        "port": other if kind == _CNP else roce,  # a server marks all that goes to the class's own port
        "tos": mark_of(dscp, NOT_ECT if kind == _PLAIN else ECT0),
        "kind": kind,
        "octets": octets if kind == _DATA else _SMALL,
        "rate": rate,
    }


def _heard(told: dict[str, Any]) -> Heard:
    ecn: dict[int, int] = {}
    for mark, packets in told["tos"]:
        ecn[mark & CE] = ecn.get(mark & CE, 0) + packets
    return Heard(ecn, told["lost"], told["late"], told["longest"])


@contextlib.contextmanager
def _slowed(fabric: Fabric, course: Course, speed: str) -> Iterator[None]:
    """The port at the trial's rate, and the class's share of it where a rule counts that; both as before afterwards."""
    rule = _rule(fabric, course)
    slow = f"rate {_PORT_KBPS}kbit ceil {_PORT_KBPS}kbit burst {_BURST} cburst {_BURST}"
    try:
        _set_speed(fabric, course, slow)
        if rule:
            share = _PORT_KBPS * 125 * course.traffic.bandwidth // 100
            _set_rule(fabric, course, re.sub(r"rate over \S+ \S+", f"rate over {share} bytes/second", rule))
        yield
    finally:
        _set_speed(fabric, course, speed)
        if rule:
            _set_rule(fabric, course, rule)


def _speed(fabric: Fabric, course: Course) -> str:
    """The speed of the port as tc takes it again; empty where the port has no queues of ours."""
    shown = fabric.run(course.leaf, ["tc", "class", "show", "dev", course.linux])
    for line in shown.stdout.splitlines():
        words = line.split()
        if words[:3] == ["class", "htb", PORT_CLASS]:
            return " ".join(f"{word} {words[words.index(word) + 1]}" for word in ("rate", "ceil", "burst", "cburst"))
    return ""


def _set_speed(fabric: Fabric, course: Course, speed: str) -> None:
    parent = PORT_CLASS.partition(":")[0]
    words = f"class change dev {course.linux} parent {parent}: classid {PORT_CLASS} htb {speed}".split()
    _insist(fabric, course, ["tc", *words])


def _rule(fabric: Fabric, course: Course) -> str:
    """The rule that counts the class's share of the port; empty where none does, as on a kernel with red."""
    for line in _rules(fabric, course):
        if f'oifname "{course.linux}"' in line and "limit rate over" in line:
            return line.partition(" # handle ")[0]
    return ""


def _set_rule(fabric: Fabric, course: Course, rule: str) -> None:
    where = f'oifname "{course.linux}"'
    handle = next(
        line.rpartition(" ")[2] for line in _rules(fabric, course) if where in line and "limit rate over" in line
    )
    text = f"replace rule inet {TABLE} {CHAIN} handle {handle} {rule}\n"
    _insist(fabric, course, ["nft", "-f", "-"], text)


def _rules(fabric: Fabric, course: Course) -> list[str]:
    shown = fabric.run(course.leaf, ["nft", "-s", "-a", "list", "chain", "inet", TABLE, CHAIN])
    return [line.strip() for line in shown.stdout.splitlines()]


def _insist(fabric: Fabric, course: Course, argv: Sequence[str], stdin: str = "") -> None:
    done = fabric.run(course.leaf, argv, stdin=stdin)
    if done.status != 0:
        raise LabError(f"{' '.join(argv)} failed in {course.leaf}: {done.stderr.strip()}", fix="Apply the pod again.")
