"""Runs inside a node, by the node's own Python: sends and watches packets. Stands alone, standard library only.

It is handed over on standard input, together with a call of `answer`. Jobs are mappings with a key `do`; see the
function of that name for the other keys. Addresses are text, times seconds.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import selectors
import socket
import struct
import time
from collections import Counter, defaultdict
from typing import Any

ICMP_FILTER, ICMPV6_FILTER = 1, 1
ECHO, ECHO_REPLY = 8, 0
ECHO6, ECHO6_REPLY = 128, 129
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3
ALL_ETHERNET = 3
ETHERTYPE_IPV4 = 0x0800
OUTGOING = 4
TOS, TOS6, RECEIVE_TOS, RECEIVE_TOS6, RECEIVE_TIME = 1, 67, 13, 66, 35
PAUSE = 0.0002
TICK = 0.005
LABEL = struct.Struct("!BIQ")
"""What a packet of `pour` begins with: its kind, its number, and when it was sent, in ns since 1970."""
CONTROL = ("127.0.0.1", 47474)
"""Where a serving node is told to stop."""


def answer(job: dict[str, Any]) -> Any:
    """Do a job; returns what can be written as JSON."""
    jobs = {
        "ping": ping,
        "stream": stream,
        "flows": flows,
        "mark": mark,
        "listen": listen,
        "pour": pour,
        "gauge": gauge,
        "serve": serve,
        "hush": hush,
        "knock": knock,
    }
    return jobs[job["do"]](job)


class Pinger:
    """Echo requests from many addresses to many; each is told apart by its sequence number, which `answered` holds."""

    def __init__(self) -> None:
        self._identity = os.getpid() & 0xFFFF
        self._sockets: dict[str, socket.socket] = {}
        self._selector = selectors.DefaultSelector()

    def send(self, source: str, target: str, number: int, payload: int = 8) -> None:
        """An echo request that may not be fragmented; what the kernel refuses to send goes unanswered."""
        kind = ECHO6 if ":" in target else ECHO
        header = struct.pack("!BBHHH", kind, 0, 0, self._identity, number)
        packet = header + bytes(payload)
        if kind == ECHO:
            packet = struct.pack("!BBHHH", kind, 0, checksum(packet), self._identity, number) + bytes(payload)
        with contextlib.suppress(OSError):
            self._socket(source).sendto(packet, (target, 0))

    def heard(self, seconds: float) -> list[tuple[int, str]]:
        """(sequence number, who answered) of the replies that come within `seconds`; returns at the first few."""
        replies = []
        for key, _ in self._selector.select(seconds):
            opened: socket.socket = key.data
            packet, origin = opened.recvfrom(65535)
            start = (packet[0] & 0x0F) * 4 if opened.family == socket.AF_INET else 0
            kind, _, _, identity, number = struct.unpack("!BBHHH", packet[start : start + 8])
            if kind in (ECHO_REPLY, ECHO6_REPLY) and identity == self._identity:
                replies.append((number, origin[0]))
        return replies

    def _socket(self, source: str) -> socket.socket:
        if source not in self._sockets:
            self._sockets[source] = opened = ping_socket(source)
            self._selector.register(opened, selectors.EVENT_READ, opened)
        return self._sockets[source]


def ping_socket(source: str) -> socket.socket:
    """A raw socket that hears echo replies only, sends from `source`, and never fragments."""
    if ":" in source:
        opened = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        blocked = bytearray(b"\xff" * 32)
        blocked[ECHO6_REPLY // 8] &= ~(1 << ECHO6_REPLY % 8) & 0xFF
        opened.setsockopt(socket.IPPROTO_ICMPV6, ICMPV6_FILTER, bytes(blocked))
        opened.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE)
    else:
        opened = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        opened.setsockopt(255, ICMP_FILTER, struct.pack("=I", ~(1 << ECHO_REPLY) & 0xFFFFFFFF))
        opened.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    opened.bind((source, 0))
    return opened


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    words: tuple[int, ...] = struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2))
    total = sum(words)
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping(job: dict[str, Any]) -> list[int]:
    """Which of `targets` ([source, target, payload in octets], at most 65536) answer.

    Every one that has not answered is asked again after `wait`, `attempts` times in all.
    """
    targets = job["targets"]
    pinger = Pinger()
    missing = set(range(len(targets)))
    for _ in range(job["attempts"]):
        for number in sorted(missing):
            source, target, payload = targets[number]
            pinger.send(source, target, number, payload)
            _take(pinger, targets, missing, 0.0)
            time.sleep(PAUSE)
        deadline = time.monotonic() + job["wait"]
        while missing and (left := deadline - time.monotonic()) > 0:
            _take(pinger, targets, missing, left)
        if not missing:
            break
    return sorted(set(range(len(targets))) - missing)


def _take(pinger: Pinger, targets: list[list[Any]], missing: set[int], seconds: float) -> None:
    for number, origin in pinger.heard(seconds):
        if number < len(targets) and origin == targets[number][1]:
            missing.discard(number)


def stream(job: dict[str, Any]) -> list[dict[str, float]]:
    """Ask each of `targets` ([source, target]) every `interval` for `seconds`, and watch the answers.

    Returns, for each, the longest time between two requests that were answered with none answered between them, how
    many were sent and answered, and how long before the end the last answered one was sent (`silent`).
    """
    targets, interval = job["targets"], job["interval"]
    pinger = Pinger()
    sent: dict[int, tuple[int, float]] = {}
    answered: list[list[float]] = [[] for _ in targets]
    number = 0
    start = time.monotonic()
    due = start
    while due < start + job["seconds"]:
        for index, (source, target) in enumerate(targets):
            number = (number + 1) & 0xFFFF
            sent[number] = (index, time.monotonic())
            pinger.send(source, target, number)
        due += interval
        while (left := due - time.monotonic()) > 0:
            _note(pinger, sent, answered, left)
    end = time.monotonic()
    while (left := end + 0.3 - time.monotonic()) > 0:
        _note(pinger, sent, answered, left)
    return [_gap(sorted(times), start, end, interval) for times in answered]


def _note(pinger: Pinger, sent: dict[int, tuple[int, float]], answered: list[list[float]], seconds: float) -> None:
    for number, _ in pinger.heard(seconds):
        if number in sent:
            index, moment = sent.pop(number)
            answered[index].append(moment)


def _gap(times: list[float], start: float, end: float, interval: float) -> dict[str, float]:
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return {
        "longest": max(gaps, default=end - start) - interval,
        "silent": end - times[-1] if times else end - start,
        "sent": round((end - start) / interval),
        "answered": len(times),
    }


def flows(job: dict[str, Any]) -> int:
    """Send one UDP packet from `source` to `target` from each of `count` source ports; returns how many left."""
    family = socket.AF_INET6 if ":" in job["target"] else socket.AF_INET
    left = 0
    for port in range(20000, 20000 + job["count"]):
        with socket.socket(family, socket.SOCK_DGRAM) as opened, contextlib.suppress(OSError):
            opened.bind((job["source"], port))
            opened.sendto(bytes(64), (job["target"], job["port"]))
            left += 1
    return left


def mark(job: dict[str, Any]) -> int:
    """Send unmarked UDP packets to each of `targets` ([source, target, port]) every 50 ms for `seconds`."""
    deadline = time.monotonic() + job["seconds"]
    rounds = 0
    while time.monotonic() < deadline:
        for source, target, port in job["targets"]:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened, contextlib.suppress(OSError):
                opened.bind((source, 0))
                opened.sendto(bytes(32), (target, port))
        rounds += 1
        time.sleep(0.05)
    return rounds


def listen(job: dict[str, Any]) -> list[list[Any]]:
    """The DSCP of the first packet to each of `targets` ([address, port]) that comes in within `seconds`.

    Returns [address, port, DSCP] of those that came; ends early when all have.
    """
    wanted = {(address, port) for address, port in job["targets"]}
    seen: dict[tuple[str, int], int] = {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_ETHERNET)) as opened:
        deadline = time.monotonic() + job["seconds"]
        while wanted - set(seen) and (left := deadline - time.monotonic()) > 0:
            opened.settimeout(left)
            try:
                packet, (_, protocol, direction, *_) = opened.recvfrom(65535)
            except TimeoutError:
                break
            if protocol != ETHERTYPE_IPV4 or direction == OUTGOING or packet[9] != socket.IPPROTO_UDP:
                continue
            header = (packet[0] & 0x0F) * 4
            key = (socket.inet_ntoa(packet[16:20]), int(struct.unpack("!H", packet[header + 2 : header + 4])[0]))
            if key in wanted:
                seen.setdefault(key, packet[1] >> 2)
    return [[address, port, dscp] for (address, port), dscp in seen.items()]


def pour(job: dict[str, Any]) -> list[int]:
    """Send each of `streams` for `seconds`; returns how many packets of each left.

    A stream is {source, target, port, tos, kind, octets, rate}: UDP packets with so many octets of data, `rate` of them a
    second, marked `tos` (DSCP and ECN). What a busy machine falls behind it catches up with at most `burst` packets at once.
    """
    streams = job["streams"]
    sent, gone = [0] * len(streams), [0] * len(streams)
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(marked_socket(stream)) for stream in streams]
        start = time.monotonic()
        while (elapsed := time.monotonic() - start) < job["seconds"]:
            for number, stream in enumerate(streams):
                due = int(elapsed * stream["rate"]) - gone[number]
                gone[number] += due
                for _ in range(min(due, job["burst"])):
                    label = LABEL.pack(stream["kind"], sent[number], time.time_ns())
                    with contextlib.suppress(OSError):
                        sockets[number].sendto(label.ljust(stream["octets"], b"."), (stream["target"], stream["port"]))
                    sent[number] += 1
            time.sleep(TICK)
    return sent


def marked_socket(stream: dict[str, Any]) -> socket.socket:
    """A UDP socket that sends with the stream's source and mark."""
    opened = opened_socket(socket.SOCK_DGRAM, stream["source"], 0)
    if opened.family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, TOS6, stream["tos"])
    else:
        opened.setsockopt(socket.IPPROTO_IP, TOS, stream["tos"])
    return opened


def gauge(job: dict[str, Any]) -> list[dict[str, Any]]:
    """What of `pour` comes in at `targets` ([address, port]) within `seconds`, or until `quiet` seconds bring nothing more.

    Returns, for each kind, {kind, tos: [[mark, packets]], lost, late, longest}: how many packets came with which mark, how
    many between the first and the last of a sender did not come, and of those that did how many took more than `late`
    seconds, and the longest that one took.
    """
    selector = selectors.DefaultSelector()
    for address, port in job["targets"]:
        opened = opened_socket(socket.SOCK_DGRAM, address, port)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.setsockopt(socket.SOL_SOCKET, RECEIVE_TIME, 1)
        if opened.family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, RECEIVE_TOS6, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IP, RECEIVE_TOS, 1)
        selector.register(opened, selectors.EVENT_READ)
    marks: dict[int, Counter[int]] = defaultdict(Counter)
    numbers: dict[tuple[int, Any], set[int]] = defaultdict(set)
    delays: dict[int, list[float]] = defaultdict(list)
    deadline = time.monotonic() + job["seconds"]
    while (left := deadline - time.monotonic()) > 0:
        ready = selector.select(min(left, job["quiet"]) if marks else left)
        if not ready:
            break
        for key, _ in ready:
            listener: socket.socket = key.fileobj  # type: ignore[assignment]
            data, ancillary, _, origin = listener.recvmsg(65535, 256)
            kind, number, moment = LABEL.unpack(data[: LABEL.size])
            mark, arrived = told(ancillary)
            marks[kind][mark] += 1
            numbers[kind, origin[:2]].add(number)
            delays[kind].append(arrived - moment / 1e9)
    return [
        {
            "kind": kind,
            "tos": sorted(marks[kind].items()),
            "lost": sum(max(seen) - min(seen) + 1 - len(seen) for (of, _), seen in numbers.items() if of == kind),
            "late": sum(delay > job["late"] for delay in delays[kind]),
            "longest": round(max(delays[kind]), 6),
        }
        for kind in sorted(marks)
    ]


def told(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, float]:
    """The mark of a packet, and when the kernel received it."""
    mark, arrived = 0, time.time()
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, RECEIVE_TIME):
            seconds, nanoseconds = struct.unpack("=qq", data)
            arrived = seconds + nanoseconds / 1e9
        elif (level, kind) in ((socket.IPPROTO_IP, TOS), (socket.IPPROTO_IPV6, TOS6)):
            mark = data[0] if len(data) == 1 else int(struct.unpack("=i", data)[0])
    return mark, arrived


def serve(job: dict[str, Any]) -> None:
    """Answer on each of `targets` ([tcp or udp, address, port]) until `hush`, or for `seconds`."""
    selector = selectors.DefaultSelector()
    control = opened_socket(socket.SOCK_DGRAM, *CONTROL)
    selector.register(control, selectors.EVENT_READ, "control")
    for protocol, address, port in job["targets"]:
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        listener = opened_socket(kind, address, port)
        if protocol == "tcp":
            listener.listen(64)
        selector.register(listener, selectors.EVENT_READ, protocol)
    deadline = time.monotonic() + job["seconds"]
    while (left := deadline - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            if key.data == "control":
                return
            opened: socket.socket = key.fileobj  # type: ignore[assignment]
            with contextlib.suppress(OSError):
                if key.data == "tcp":
                    opened.accept()[0].close()
                else:
                    data, origin = opened.recvfrom(2048)
                    opened.sendto(data, origin)


def hush(_job: dict[str, Any]) -> None:
    """End the `serve` of this node."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendto(b"hush", CONTROL)


def opened_socket(kind: int, address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((address, port))
    return opened


def knock(job: dict[str, Any]) -> list[int]:
    """Which of `targets` ([tcp, udp or ping; source, target, port]) let a packet through and an answer back in `wait`.

    A refused connection counts: the packet came through. UDP is sent several times, TCP and ping by their own means.
    """
    targets = job["targets"]
    passed = set()
    deadline = time.monotonic() + job["wait"]
    with selectors.DefaultSelector() as selector:
        for number, (protocol, source, target, port) in enumerate(targets):
            if protocol != "ping":
                knocking = started(protocol, source, target, port)
                if knocking is not None:
                    event = selectors.EVENT_WRITE if protocol == "tcp" else selectors.EVENT_READ
                    selector.register(knocking, event, (number, protocol))
        due = time.monotonic()
        while selector.get_map() and (left := deadline - time.monotonic()) > 0:
            if time.monotonic() >= due:
                say_again(selector)
                due += job["wait"] / 4
            for key, _ in selector.select(min(left, max(0.01, due - time.monotonic()))):
                number, protocol = key.data
                opened: socket.socket = key.fileobj  # type: ignore[assignment]
                if heard(opened, protocol):
                    passed.add(number)
                selector.unregister(opened)
                opened.close()
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    pings = [number for number, (protocol, *_) in enumerate(targets) if protocol == "ping"]
    asked = [[targets[number][1], targets[number][2], 8] for number in pings]
    answered = ping({"targets": asked, "attempts": 2, "wait": job["wait"] / 2})
    return sorted(passed | {pings[place] for place in answered})


def started(protocol: str, source: str, target: str, port: int) -> socket.socket | None:
    """A socket on its way to the target; None where this node itself lets nothing out."""
    opened = opened_socket(socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM, source, 0)
    opened.setblocking(False)
    try:
        opened.connect((target, port))
    except BlockingIOError:
        return opened
    except OSError:
        opened.close()
        return None
    return opened


def say_again(selector: selectors.BaseSelector) -> None:
    for key in selector.get_map().values():
        if key.data[1] == "udp":
            with contextlib.suppress(OSError):
                key.fileobj.send(b"knock")  # type: ignore[union-attr]


def heard(opened: socket.socket, protocol: str) -> bool:
    """Whether something came back, be it a refusal."""
    if protocol == "tcp":
        return opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED)
    try:
        return bool(opened.recv(2048))
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
