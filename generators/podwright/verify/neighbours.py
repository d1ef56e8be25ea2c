"""Cables against the design, as LLDP sees them: each end meets the designed one; swapped cables are named as such."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from podwright.design.scale import CONTROLLER
from podwright.errors import PodwrightError
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import NOBODY, Run, Unasked, ask_json, judge, skip

GROUP = "neighbours"
_NEIGHBOURS = ("lldpcli", "-f", "json0", "show", "neighbors")
QUESTIONS = (_NEIGHBOURS,)


class End(NamedTuple):
    """One end of a cable, its interface as Linux spells it."""

    device: str
    interface: str

    def __str__(self) -> str:
        return f"{self.device}:{self.interface}"


Cabling = dict[End, End]
"""Each end of a cable -> the other end."""


def expected_cabling(design: Design) -> Cabling:
    """The designed cables, from both ends. A baseboard controller has no system that could be asked, and what one announces
    is its maker's choice, so its cable is left out.
    """
    cables = [
        (End(link.a_device, linux_name(link.a_port)), End(link.b_device, linux_name(link.b_port)))
        for link in design.links
        if link.a_port != CONTROLLER
    ]
    return dict(cables) | {b: a for a, b in cables}


def check_neighbours(design: Design, run: Run, *, unasked: Unasked = NOBODY, patience: float = 0.0) -> Iterator[Trial]:
    """One trial for the swaps, one a device for everything else, which is skipped for those `unasked`: whoever is at the
    other end of their cables tells of them.

    With `patience` (seconds) devices that have not yet heard from everybody are asked again until then.
    """
    since = time.monotonic()
    deadline = since + patience
    cabling = expected_cabling(design)
    devices = sorted({end.device for end in cabling} - set(unasked))
    expected = _known_at_both_ends(cabling, _foreign(design, unasked))
    names = _names_of_aliases(design)
    seen, silent = _observe(run, devices, names)
    while (silent or _wrong(expected, seen)) and time.monotonic() < deadline:
        time.sleep(0.5)
        seen, silent = _observe(run, devices, names)
    swaps = list(swapped(expected, seen))
    explained = {end for swap in swaps for end in swap}
    complaints = [
        f"The cables of {first} and {second} are swapped: {first} meets {seen[first]}, {second} meets {seen[second]}"
        for first, second in swaps
    ]
    yield _on_swaps(expected, seen, len(devices) - len(silent), complaints, since)
    for device in devices:
        since = time.monotonic()
        own = {end: other for end, other in expected.items() if end.device == device}
        wrong = [silent[device]] if device in silent else list(_wrong(own, seen, explained | _far(explained, seen)))
        yield judge(GROUP, _claim(device), wrong, since, {"cables": len(own)})
    for device in sorted({end.device for end in cabling} & set(unasked)):
        yield skip(GROUP, _claim(device), unasked[device])


def _claim(device: str) -> str:
    return f"{device} meets the designed neighbour on each of its cables"


def _foreign(design: Design, unasked: Unasked) -> set[str]:
    """Routers outside that are not ours: what the design calls them and their ports is not what they call themselves."""
    return {device.name for device in design.devices if device.kind == "outside" and device.name in unasked}


def _known_at_both_ends(cabling: Cabling, foreign: set[str]) -> Cabling:
    """The cables of which the design knows what both ends call themselves."""
    return {end: other for end, other in cabling.items() if not foreign & {end.device, other.device}}


def _names_of_aliases(design: Design) -> Mapping[End, End]:
    """Each port by the other name that it may announce: SONiC's lldpmgrd sends the alias in place of the name."""
    return {
        End(port.device, linux_name(port.alias)): End(port.device, linux_name(port.name))
        for port in design.ports
        if port.alias
    }


def _on_swaps(expected: Cabling, seen: Cabling, answering: int, complaints: list[str], since: float) -> Trial:
    """The trial about swaps, which claims nothing of cables that no device has told of."""
    claim = "No two cables are swapped"
    cables = len({frozenset((end, other)) for end, other in expected.items()})
    told = len({frozenset((end, expected[end])) for end in seen if end in expected})
    if not told:
        reason = (
            "No device has heard from a neighbour." if answering else "No device could be asked for its neighbours."
        )
        return skip(GROUP, claim, reason)
    if told < cables:
        claim = f"No two of the {told} cables that devices tell of, of {cables}, are swapped"
    return judge(GROUP, claim, complaints, since, {"cables": told})


def swapped(expected: Cabling, seen: Cabling) -> Iterator[tuple[End, End]]:
    """Pairs of ends that meet each other's designed neighbour; a pair of cables is named once, by its lower ends."""
    named: set[End] = set()
    for end in sorted(expected):
        meets = seen.get(end)
        if meets is None or meets == expected[end] or meets not in expected or end in named:
            continue
        other = expected[meets]
        if other != end and seen.get(other) == expected[end]:
            named |= {end, other, expected[end], expected[other]}
            yield end, other


def neighbours_of(run: Run, device: str) -> Cabling:
    """What a device's LLDP daemon has heard. Raises PodwrightError where it can't be asked.

    Ports are spelled as Linux does here, in whatever spelling a neighbour announced its own.
    """
    answer: Any = ask_json(run, device, _NEIGHBOURS)
    seen = {}
    for interface in (interface for part in answer.get("lldp", ()) for interface in part.get("interface", ())):
        for chassis, port in zip(interface.get("chassis", ()), interface.get("port", ()), strict=False):
            name = chassis.get("name", [{"value": ""}])[0]["value"].split(".")[0]
            seen[End(device, interface["name"])] = End(name, linux_name(port["id"][0]["value"]))
    return seen


def _observe(run: Run, devices: list[str], names: Mapping[End, End]) -> tuple[Cabling, Mapping[str, str]]:
    seen: Cabling = {}
    silent: dict[str, str] = {}
    for device in devices:
        try:
            seen |= {end: names.get(other, other) for end, other in neighbours_of(run, device).items()}
        except PodwrightError as problem:
            silent[device] = problem.message
    return seen, silent


def _wrong(expected: Cabling, seen: Cabling, explained: frozenset[End] | set[End] = frozenset()) -> list[str]:
    return [
        f"{end} meets {seen.get(end, 'nobody')}, designed {other}"
        for end, other in sorted(expected.items())
        if seen.get(end) != other and end not in explained
    ]


def _far(ends: set[End], seen: Cabling) -> set[End]:
    return {seen[end] for end in ends if end in seen}
