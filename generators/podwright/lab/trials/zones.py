"""Zones hold: what is declared between two zones passes, and nothing beside it, on real sockets.

Three rounds: with all filters in place; with the servers' own firewalls off, so that only the ports of switches are left
to hold; and with the switches' filters off, so that only the servers are. What is off is put back in every case.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from podwright.errors import LabError
from podwright.lab.driver import Fabric
from podwright.lab.trials.expectation import Endpoint, Expectation, Pair
from podwright.lab.trials.policy import Policy
from podwright.lab.trials.probing import ask_node, side_by_side
from podwright.model.design import Design, Zone
from podwright.model.design.security import Protocol
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "zones"
TABLE = ("table", "inet", "podwright_zones")
_UNHEARD_OF = 20021
"""Where a pair of zones declares no port, the port beside which nothing is declared."""
_WAIT = 2.5
_SERVING = 90.0
_READY = 15.0
"""Seconds: for an answer, for listeners to stay at most, and until they must be there."""


class Probe(NamedTuple):
    """One question to the fabric: does this get from there to here, and should it?"""

    pair: Pair
    protocol: Protocol
    port: int
    service: str
    allowed: bool

    def __str__(self) -> str:
        spelt = self.protocol if self.protocol == "ping" else f"{self.protocol} {self.port}"
        return f"{spelt} ({self.service})" if self.service and self.service != spelt else spelt


class Course(NamedTuple):
    """All probes from one zone to another."""

    source: str
    target: str
    probes: tuple[Probe, ...]


def try_zones(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """One trial a round and ordered pair of zones that the twin has two connected devices of."""
    planned = courses(design)
    if not planned:
        return
    servers = sorted({point.device for point in design.filter_points if point.side == "host"})
    switches = sorted({point.device for point in design.filter_points if point.side == "switch"})
    guarded = {(point.device, point.interface) for point in design.filter_points if point.side == "switch"}
    behind_a_filter = _cabled_to(design, guarded)
    with _listening(fabric, planned):
        yield from _round(fabric, planned, "")
        alone = [course for course in planned if _all_behind(course, behind_a_filter)]
        with _without_table(fabric, servers):
            yield from _round(fabric, alone, ", with the servers' own firewalls off")
        guarding = [course for course in planned if _one_is_of(course, set(servers))]
        with _without_table(fabric, switches):
            yield from _round(fabric, guarding, ", with the switches' filters off")


def courses(design: Design) -> list[Course]:
    """For each ordered pair of zones, and each address space they share, what passes and what does not.

    Switches ask nothing and are asked nothing: their management ports take whatever reaches them.
    """
    expectation, policy = Expectation(design), Policy(design)
    zones = [zone for zone in design.zones if zone.kind in ("servers", "outside")]
    switches = {device.name for device in design.devices if device.kind == "switch"}
    members: dict[str, list[Endpoint]] = {zone.name: [] for zone in zones}
    for endpoint in (each for each in expectation.endpoints if each.device not in switches):
        for name in policy.zones_of(endpoint.address) & members.keys():
            members[name].append(endpoint)
    planned = []
    for source in zones:
        for target in zones:
            pairs = _one_a_space(expectation, members[source.name], members[target.name])
            probes = tuple(probe for pair in pairs for probe in _probes(design, policy, source, target, pair))
            if probes:
                planned.append(Course(source.name, target.name, probes))
    return planned


def _one_a_space(expectation: Expectation, sources: Iterable[Endpoint], targets: Sequence[Endpoint]) -> list[Pair]:
    """The first connected pair of different devices in each address space."""
    found: dict[str, Pair] = {}
    for source in sources:
        for target in targets:
            space = min(source.spaces & target.spaces, default="")
            pair = Pair(source, target)
            if space and space not in found and source.device != target.device and expectation.connected(pair):
                found[space] = pair
    return list(found.values())


def _probes(design: Design, policy: Policy, source: Zone, target: Zone, pair: Pair) -> Iterator[Probe]:
    """Every declared port, one TCP and one UDP port beside them, and ping."""
    declared: dict[tuple[Protocol, int], str] = {}
    for flow in design.flows:
        if (flow.source, flow.target) == (source.name, target.name):
            for port in flow.ports or (0,):
                declared.setdefault((flow.protocol, port), flow.service)
    for protocol in ("tcp", "udp"):
        ports = [port for known, port in declared if known == protocol]
        beside = next(
            port
            for first in [*ports, _UNHEARD_OF]
            for port in range(first + 1, 65536)
            if (protocol, port) not in declared
        )
        declared.setdefault((protocol, beside), "")
    declared.setdefault(("ping", 0), "")
    ends = (pair.source.device, pair.source.address), (pair.target.device, pair.target.address)
    for (protocol, port), service in declared.items():
        yield Probe(pair, protocol, port, service, policy.permits(*ends, protocol, port))


def _cabled_to(design: Design, ports: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """(device, fabric) of what is cabled to these ports, where all its cables of that fabric are."""
    cabled: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for link in design.links:
        if link.use in ("host", "outside"):
            cabled[link.a_device, link.fabric].append((link.b_device, link.b_port) in ports)
    return {end for end, filtered in cabled.items() if all(filtered)}


def _all_behind(course: Course, filtered: set[tuple[str, str]]) -> bool:
    return all((probe.pair.source.device, probe.pair.source.fabric) in filtered for probe in course.probes)


def _one_is_of(course: Course, servers: set[str]) -> bool:
    return all(servers & {probe.pair.source.device, probe.pair.target.device} for probe in course.probes)


def _round(fabric: Fabric, planned: Sequence[Course], circumstance: str) -> Iterator[Trial]:
    since = time.monotonic()
    passed = _passing(fabric, [probe for course in planned for probe in course.probes])
    for course in planned:
        complaints = [
            f"{probe} from {probe.pair}: {'does not pass' if probe.allowed else 'passes'}"
            for probe in course.probes
            if (probe in passed) != probe.allowed
        ]
        yield judge(GROUP, _claim(course) + circumstance, complaints, since, {"probes": len(course.probes)})
        since = time.monotonic()


def _claim(course: Course) -> str:
    opened = dict.fromkeys(str(probe) for probe in course.probes if probe.allowed)
    shut = dict.fromkeys(str(probe) for probe in course.probes if not probe.allowed)
    parts = [f"{', '.join(opened)} {'passes' if len(opened) == 1 else 'pass'}"] if opened else []
    parts += [f"{', '.join(shut)} {'does' if len(shut) == 1 else 'do'} not"] if shut else []
    return f"From {course.source} to {course.target} {', and '.join(parts)}"


def _passing(fabric: Fabric, probes: Sequence[Probe]) -> set[Probe]:
    """The probes that came through; those that should and did not are asked once more."""
    passed = _ask(fabric, probes)
    missing = [probe for probe in probes if probe.allowed and probe not in passed]
    return passed | _ask(fabric, missing) if missing else passed


def _ask(fabric: Fabric, probes: Sequence[Probe]) -> set[Probe]:
    by_source: dict[str, list[Probe]] = defaultdict(list)
    for probe in probes:
        by_source[probe.pair.source.device].append(probe)

    def knock(node: str) -> list[Probe]:
        asked = by_source[node]
        targets = [[each.protocol, each.pair.source.address, each.pair.target.address, each.port] for each in asked]
        return [asked[number] for number in ask_node(fabric, node, {"do": "knock", "targets": targets, "wait": _WAIT})]

    return {probe for passed in side_by_side(knock, by_source) for probe in passed}


@contextlib.contextmanager
def _listening(fabric: Fabric, planned: Sequence[Course]) -> Iterator[None]:
    """Every probed port of every target has somebody who answers, seen from the target itself."""
    wanted: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    for probe in (probe for course in planned for probe in course.probes):
        if probe.protocol != "ping":
            wanted[probe.pair.target.device].add((probe.protocol, probe.pair.target.address, probe.port))

    def serve(node: str) -> None:
        job = {"do": "serve", "targets": sorted(wanted[node]), "seconds": _SERVING}
        ask_node(fabric, node, job, timeout=_SERVING + 30)

    def hear(node: str) -> None:
        targets = [[protocol, address, address, port] for protocol, address, port in sorted(wanted[node])]
        deadline = time.monotonic() + _READY
        while len(ask_node(fabric, node, {"do": "knock", "targets": targets, "wait": 1.0})) < len(targets):
            if time.monotonic() > deadline:
                raise LabError(f"The listeners of {node} do not answer {node} itself.")

    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        serving = [pool.submit(serve, node) for node in wanted]
        try:
            side_by_side(hear, wanted)
            yield
        finally:
            side_by_side(lambda node: ask_node(fabric, node, {"do": "hush"}), wanted)
            for each in serving:
                each.result()


@contextlib.contextmanager
def _without_table(fabric: Fabric, nodes: Sequence[str]) -> Iterator[None]:
    """The nodes without their table of zones; it is put back as it was."""
    saved: dict[str, str] = {}

    def remove(node: str) -> None:
        saved[node] = _nft(fabric, node, ["-s", "list", *TABLE])
        _nft(fabric, node, ["delete", *TABLE])

    try:
        side_by_side(remove, nodes)
        yield
    finally:
        side_by_side(lambda node: _nft(fabric, node, ["-f", "-"], saved[node]), list(saved))


def _nft(fabric: Fabric, node: str, words: Sequence[str], stdin: str = "") -> str:
    done = fabric.run(node, ["nft", *words], stdin=stdin)
    if done.status != 0:
        raise LabError(f"nft {' '.join(words)} failed in {node}: {done.stderr.strip()}", fix="Apply the pod again.")
    return done.stdout
