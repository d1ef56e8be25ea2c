"""The kernel's routes against the design: every device reaches every prefix over exactly the designed next hops."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from podwright.errors import PodwrightError
from podwright.model.design import Design, Session
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import NOBODY, Run, Unasked, ask_json, judge, skip
from podwright.verify.paths import Learned, Sessions
from podwright.verify.tenancy import OWN, Tenancy

GROUP = "routes"
Table = dict[str, frozenset[str]]
"""Prefix -> the Linux interfaces that packets to it leave by."""

_KERNEL, _KERNEL6 = ("ip", "-j", "route"), ("ip", "-6", "-j", "route")
_EVERY, _EVERY6 = (*_KERNEL, "show", "table", "all"), (*_KERNEL6, "show", "table", "all")
_DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}
_NOWHERE = frozenset({"unreachable"})
"""Routes that end a tenant's table."""
Tables = Mapping[tuple[str, str], Table]
"""(device, tenant) -> the routes of that table; the tenant is OWN for the main one."""


def questions(design: Design) -> tuple[Sequence[str], ...]:
    """All that the check asks of devices; other tables than the main one only where tenants are."""
    return (_KERNEL, _KERNEL6, _EVERY, _EVERY6) if design.vrfs else (_KERNEL, _KERNEL6)


def check_routes(design: Design, run: Run, *, unasked: Unasked = NOBODY, patience: float = 0.0) -> Iterator[Trial]:
    """One trial a router, and one for each tenant's table of it: the kernel has every designed route, over every designed
    next hop and no other. Those of routers that are `unasked` are skipped.

    With `patience` (seconds) a fabric that still converges is asked again until then.
    """
    deadline = time.monotonic() + patience
    tenancy = Tenancy(design)
    for (device, tenant), expected in expected_routes(design).items():
        whose = f" for the tenant {tenant}" if tenant else ""
        claim = f"The kernel of {device} has every designed route{whose}, over every designed next hop and no other"
        if device in unasked:
            yield skip(GROUP, claim, unasked[device])
            continue
        since = time.monotonic()
        number = tenancy.table(tenancy.members[device, tenant], tenant) if tenant else 0
        complaints = _complaints(run, device, expected, number)
        while complaints and time.monotonic() < deadline:
            time.sleep(0.2)
            complaints = _complaints(run, device, expected, number)
        hops = sum(len(interfaces) for interfaces in expected.values())
        yield judge(GROUP, claim, complaints, since, {"routes": len(expected), "next_hops": hops})


def expected_routes(design: Design) -> Tables:
    """For each router of the design, the routes BGP must bring its tables: loopbacks, aggregates, the default.

    Servers are told the pool of each of their fabrics, and take a default over their home only. Where more equal paths
    exist than a router may use, its table is left to chance and the route left out.
    """
    tenancy = Tenancy(design)
    most = {router.device: router.max_paths for router in design.routers}
    tables: dict[tuple[str, str], Table] = {(router.device, OWN): {} for router in design.routers}
    tables |= {member: {} for member in tenancy.members}
    for (device, tenant, prefix), learned in _nearest(design, tenancy).items():
        fabric = tenancy.members.get((device, tenant), "")
        tables[device, tenant][prefix] = frozenset(
            linux_name(tenancy.way(device, hop.interface, fabric, tenant)) for hop in learned.hops
        )
    for _, tenant, prefix, bridges in tenancy.subnets():
        for device, bridge in bridges.items():
            tables[device, tenant][prefix] = frozenset({bridge})
    for device, pools in _pools_told(design).items():
        tables[device, OWN] |= pools
    return {
        (device, tenant): {prefix: hops for prefix, hops in table.items() if len(hops) <= most[device]}
        for (device, tenant), table in tables.items()
    }


def _nearest(design: Design, tenancy: Tenancy) -> Mapping[tuple[str, str, str], Learned]:
    """(device, tenant, prefix) -> what the device knows of the nearest origin, for every table that has the prefix.

    A server has one table, whatever tenant it belongs to; a switch that has no table of the tenant knows nothing of it.
    """
    homes = {router.device: router.fabric for router in design.routers}
    servers = {device.name for device in design.devices if device.tier == "host"}
    originated = _originated(design, tenancy)
    sessions = {
        (fabric, tenant): Sessions(
            design, [each for each in design.sessions if each.fabric == fabric and _carries(each, tenant)]
        )
        for fabric, tenant in {(fabric, tenant) for _, fabric, tenant in originated}
    }
    best: dict[tuple[str, str, str], Learned] = {}
    for (origin, fabric, tenant), prefixes in originated.items():
        for device, learned in sessions[fabric, tenant].learned(origin).items():
            for prefix in prefixes:
                if device in servers:
                    table, takes = OWN, prefix in _DEFAULTS.values() and homes[device] == fabric
                else:
                    table, takes = tenant, tenant == OWN or (device, tenant) in tenancy.members
                if takes and device not in tenancy.bridges(fabric, tenant, prefix):
                    key = (device, table, prefix)
                    best[key] = _nearer(best.get(key), learned)
    return best


def _carries(session: Session, tenant: str) -> bool:
    """Whether a session tells of a tenant's routes: those between switches tell of all."""
    return session.use == "fabric" or session.vrf == tenant


def kernel_routes(run: Run, device: str, *, ipv6: bool, number: int = 0) -> Table:
    """A table of a device's kernel, the main one unless numbered. Raises PodwrightError where it can't be read."""
    table = _read(run, device, _EVERY if number else _KERNEL, number)
    return table | _read(run, device, _EVERY6 if number else _KERNEL6, number) if ipv6 else table


def _read(run: Run, device: str, argv: Sequence[str], number: int) -> Table:
    routes = ask_json(run, device, argv)
    default = _DEFAULTS[6 if "-6" in argv else 4]
    length = "128" if "-6" in argv else "32"
    table: dict[str, frozenset[str]] = {}
    for route in routes if isinstance(routes, list) else ():
        if (number and str(route.get("table", "")) != str(number)) or route.get("type") in _NOWHERE:
            continue
        prefix = route["dst"] if route["dst"] != "default" else default
        hops = [hop.get("dev", "") for hop in route.get("nexthops", ())] or [route.get("dev", "")]
        key = prefix if "/" in prefix else f"{prefix}/{length}"
        table[key] = table.get(key, frozenset()) | frozenset(hops)
    return table


def _complaints(run: Run, device: str, expected: Table, number: int) -> list[str]:
    try:
        actual = kernel_routes(run, device, ipv6=any(":" in prefix for prefix in expected), number=number)
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


def _originated(design: Design, tenancy: Tenancy) -> Mapping[tuple[str, str, str], list[str]]:
    """What each device announces to the whole of a fabric: (device, fabric, tenant) -> prefixes."""
    loopbacks = {(each.device, each.name) for each in design.interfaces if each.kind == "loopback"}
    routers = {router.device for router in design.routers}
    announced: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for address in design.addresses:
        if (address.device, address.interface) in loopbacks and address.device in routers:
            tenant = tenancy.of(address.device, address.fabric)
            announced[address.device, address.fabric, tenant].append(address.address)
    tables = _tables_of_links(design)
    for prefix in design.prefixes:
        if prefix.use == "leaf" and prefix.device in routers:
            for tenant in tables[prefix.device, prefix.fabric]:
                announced[prefix.device, prefix.fabric, tenant].append(prefix.prefix)
    for device in design.devices:
        if device.tier == "outside" and device.name in routers:
            announced[device.name, device.fabric, tenancy.of(device.name, device.fabric)] += [
                _DEFAULTS[family] for family in _families_outside(design, device.name)
            ]
    for fabric, tenant, subnet, bridges in tenancy.subnets():
        for name in bridges:
            announced[name, fabric, tenant].append(subnet)
    return announced


def _tables_of_links(design: Design) -> Mapping[tuple[str, str], list[str]]:
    """(leaf, fabric) -> the tables that links of its rails are in."""
    shared = {fabric.name for fabric in design.fabrics if fabric.shared}
    routed = {(vrf.fabric, vrf.name) for vrf in design.vrfs if not vrf.bridged}
    tables: dict[tuple[str, str], list[str]] = defaultdict(list)
    for router in design.routers:
        tables[router.device, router.fabric] += [OWN] if router.fabric in shared else []
    for member in design.vrf_members:
        tables[member.device, member.fabric] += [member.vrf] if (member.fabric, member.vrf) in routed else []
    return tables


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
