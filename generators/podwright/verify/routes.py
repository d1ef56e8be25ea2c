"""The kernel's routes against the design: every device reaches every prefix over exactly the designed next hops."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from podwright.errors import PodwrightError
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import Run, ask_json, judge
from podwright.verify.paths import Learned, Sessions

GROUP = "routes"
Table = dict[str, frozenset[str]]
"""Prefix -> the Linux interfaces that packets to it leave by."""

_KERNEL, _KERNEL6 = ("ip", "-j", "route"), ("ip", "-6", "-j", "route")
QUESTIONS = (_KERNEL, _KERNEL6)
_DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}


def expected_routes(design: Design) -> Mapping[str, Table]:
    """For each router of the design, the routes BGP must bring it: loopbacks, aggregates, the default.

    Servers are told the pool of each of their fabrics, and take a default over their home only. Where more equal paths
    exist than a router may use, its table is left to chance and the route left out.
    """
    most = {router.device: router.max_paths for router in design.routers}
    homes = {router.device: router.fabric for router in design.routers}
    servers = {device.name for device in design.devices if device.tier == "host"}
    sessions = {
        fabric.name: Sessions(design, [each for each in design.sessions if each.fabric == fabric.name])
        for fabric in design.fabrics
    }
    best: dict[tuple[str, str], Learned] = {}
    for (origin, fabric), prefixes in _originated(design).items():
        for device, learned in sessions[fabric].learned(origin).items():
            for prefix in prefixes:
                if device not in servers or (prefix in _DEFAULTS.values() and homes[device] == fabric):
                    best[device, prefix] = _nearer(best.get((device, prefix)), learned)
    tables: dict[str, Table] = {router.device: {} for router in design.routers}
    for (device, prefix), learned in best.items():
        tables[device][prefix] = frozenset(linux_name(hop.interface) for hop in learned.hops)
    for device, pools in _pools_told(design).items():
        tables[device] |= pools
    return {
        device: {prefix: hops for prefix, hops in table.items() if len(hops) <= most[device]}
        for device, table in tables.items()
    }


def check_routes(design: Design, run: Run, *, patience: float = 0.0) -> Iterator[Trial]:
    """One trial a router: its kernel has every designed route, over every designed next hop and no other.

    With `patience` (seconds) a fabric that still converges is asked again until then.
    """
    deadline = time.monotonic() + patience
    for device, expected in expected_routes(design).items():
        since = time.monotonic()
        complaints = _complaints(run, device, expected)
        while complaints and time.monotonic() < deadline:
            time.sleep(0.2)
            complaints = _complaints(run, device, expected)
        hops = sum(len(interfaces) for interfaces in expected.values())
        claim = f"The kernel of {device} has every designed route, over every designed next hop and no other"
        yield judge(GROUP, claim, complaints, since, {"routes": len(expected), "next_hops": hops})


def kernel_routes(run: Run, device: str, *, ipv6: bool) -> Table:
    """The main table of a device's kernel. Raises PodwrightError where it can't be read."""
    table = _read(run, device, _KERNEL)
    return table | _read(run, device, _KERNEL6) if ipv6 else table


def _read(run: Run, device: str, argv: Sequence[str]) -> Table:
    routes = ask_json(run, device, argv)
    default = _DEFAULTS[6 if "-6" in argv else 4]
    length = "128" if "-6" in argv else "32"
    table: dict[str, frozenset[str]] = {}
    for route in routes if isinstance(routes, list) else ():
        prefix = route["dst"] if route["dst"] != "default" else default
        hops = [hop.get("dev", "") for hop in route.get("nexthops", ())] or [route.get("dev", "")]
        key = prefix if "/" in prefix else f"{prefix}/{length}"
        table[key] = table.get(key, frozenset()) | frozenset(hops)
    return table


def _complaints(run: Run, device: str, expected: Table) -> list[str]:
    try:
        actual = kernel_routes(run, device, ipv6=any(":" in prefix for prefix in expected))
    except PodwrightError as problem:
        return [problem.message]
    return [
        f"{device} reaches {prefix} over {_spell(actual.get(prefix))}, designed {_spell(hops)}"
        for prefix, hops in sorted(expected.items())
        if actual.get(prefix) != hops
    ]


def _nearer(one: Learned | None, other: Learned) -> Learned:
    """The nearer of two origins of a prefix; equally near ones share the traffic."""
    if one is None or other.distance < one.distance:
        return other
    return one if one.distance < other.distance else Learned(one.distance, one.hops | other.hops)


def _spell(interfaces: frozenset[str] | None) -> str:
    return ", ".join(sorted(interfaces)) if interfaces else "nothing"


def _originated(design: Design) -> Mapping[tuple[str, str], list[str]]:
    """What each device announces to the whole of a fabric: (device, fabric) -> prefixes."""
    loopbacks = {(each.device, each.name) for each in design.interfaces if each.kind == "loopback"}
    routers = {router.device for router in design.routers}
    announced: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address in design.addresses:
        if (address.device, address.interface) in loopbacks and address.device in routers:
            announced[address.device, address.fabric].append(address.address)
    for prefix in design.prefixes:
        if prefix.use == "leaf" and prefix.device in routers:
            announced[prefix.device, prefix.fabric].append(prefix.prefix)
    for device in design.devices:
        if device.tier == "outside" and device.name in routers:
            announced[device.name, device.fabric] += [
                _DEFAULTS[family] for family in _families_outside(design, device.name)
            ]
    return announced


def _families_outside(design: Design, router: str) -> list[int]:
    """The families in which a router beyond the pod has sessions with it."""
    sessions = [session for session in design.sessions if session.a_device == router]
    spoken = ((4, any(each.a_address for each in sessions)), (6, any(each.a_address6 for each in sessions)))
    return [family for family, speaks in spoken if speaks]


def _pools_told(design: Design) -> Mapping[str, Table]:
    """What leaves tell the servers that speak BGP with them: the pool that servers have their addresses in."""
    told: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for session in design.sessions:
        if session.use == "host":
            for pool in host_pools(design, session.fabric):
                before = told[session.a_device].get(pool, frozenset())
                told[session.a_device][pool] = before | {linux_name(session.a_interface)}
    return told


def host_pools(design: Design, fabric: str) -> list[str]:
    """Where servers of a fabric have their loopbacks: its pools of hosts, or its only pool."""
    pools = [prefix for prefix in design.prefixes if prefix.fabric == fabric]
    hosts = [prefix.prefix for prefix in pools if prefix.use == "hosts"]
    return hosts or [prefix.prefix for prefix in pools if prefix.use == "pool"]
