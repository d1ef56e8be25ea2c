"""The designed paths are used: flows between two leaves spread over every uplink, counted at the interfaces."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from podwright.lab.driver import Fabric
from podwright.lab.trials.expectation import Endpoint, Expectation, Pair
from podwright.lab.trials.probing import ask_node, reader
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import judge
from podwright.verify.paths import Sessions

GROUP = "multipath"
_FLOWS_A_PATH = 64
_LEAST_SHARE = 0.25
"""Of a fair share. With 64 flows a path, chance alone leaves one below that with a probability under 1e-12."""
_PORT = 4791


class Course(NamedTuple):
    """Flows that enter at `leaf` and leave it by `uplinks` (Linux names)."""

    leaf: str
    uplinks: tuple[str, ...]
    pair: Pair


def try_multipath(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """One trial a leaf that has several equal ways to another one."""
    for course in courses(design):
        yield _run(fabric, course)


def courses(design: Design) -> Iterator[Course]:
    """For each leaf with more than one next hop to another leaf: from something behind it to something behind that."""
    expectation = Expectation(design)
    sessions = Sessions(design, design.sessions)
    leaves = [device.name for device in design.devices if device.kind == "switch" and device.tier == "leaf"]
    for leaf in leaves:
        for origin in leaves:
            hops = sessions.learned(origin).get(leaf) if origin != leaf else None
            pair = _between(expectation, leaf, origin)
            if hops is not None and len(hops.hops) > 1 and pair is not None:
                uplinks = tuple(sorted(linux_name(hop.interface) for hop in hops.hops))
                yield Course(leaf, uplinks, pair)
                break


def _between(expectation: Expectation, leaf: str, origin: str) -> Pair | None:
    """From a rail whose only leaf is `leaf`, else from that itself, to the like behind `origin`, on another device."""
    sources, targets = _behind(expectation, leaf), _behind(expectation, origin)
    pairs = (Pair(source, target) for source in sources for target in targets)
    return next(
        (
            pair
            for pair in pairs
            if pair.source.device != pair.target.device
            and _share_space(pair)
            and expectation.permits(pair, "udp", _PORT)
        ),
        None,
    )


def _behind(expectation: Expectation, leaf: str) -> list[Endpoint]:
    homed = [end for end in expectation.endpoints if leaf in end.homes and ":" not in end.address]
    return sorted(homed, key=lambda end: end.device == leaf)


def _share_space(pair: Pair) -> bool:
    return bool(pair.source.spaces & pair.target.spaces) and pair.source.tenant == pair.target.tenant


def _run(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    count = _FLOWS_A_PATH * len(course.uplinks)
    before = _sent(fabric, course)
    source, target = course.pair
    job = {"do": "flows", "source": source.address, "target": target.address, "port": _PORT, "count": count}
    left = ask_node(fabric, source.device, job)
    after = _sent(fabric, course)
    shares = {uplink: after[uplink] - before[uplink] for uplink in course.uplinks}
    least = _LEAST_SHARE * left / len(course.uplinks)
    complaints = [
        f"{course.leaf}:{uplink} carried {share} of {left} flows" for uplink, share in shares.items() if share < least
    ]
    if left < count:
        complaints.append(f"{source} could send only {left} of {count} flows to {target}")
    claim = f"Flows from {source} to {target} use every designed uplink of {course.leaf}"
    facts = {"paths": len(course.uplinks), "flows": count, "least": min(shares.values()), "most": max(shares.values())}
    return judge(GROUP, claim, complaints, since, facts)


def _sent(fabric: Fabric, course: Course) -> Mapping[str, int]:
    """Packets that each uplink has sent so far."""
    links = json.loads(reader(fabric)(course.leaf, ["ip", "-j", "-s", "link"]))
    return {link["ifname"]: int(link["stats64"]["tx"]["packets"]) for link in links if link["ifname"] in course.uplinks}
