"""How a mark travels: DSCP, traffic class, priority group and queue of a switch's port; and which marks hosts send."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from podwright.lint.records import Host, Map, Mark, NicQos, Port, Seen, Spot, Switch, Template

PRIORITIES = CLASSES = range(8)
DSCPS = range(64)
DSCP_MAP = "DSCP_TO_TC_MAP"
DEFAULT_CLASS = 0
"""Where a switch puts a DSCP that its map leaves out, and everything where it has none (SAI_PORT_ATTR_QOS_DSCP_TO_TC_MAP)."""
CNP_BY_OPERATOR = 4
"""CNP DSCP that `roceOptimized` sets on both ports of a NIC: https://github.com/Mellanox/network-operator-docs,
nic-conf-operator. From release 26.10 on it is 48, and a template does not tell the release of its operator:
https://docs.nvidia.com/networking/display/kubernetes26100/nic-conf-operator/configuration-details.html
"""
UNSET = "NCCL_IB_TC, which is 0 where it is not set"
_SENDERS = (
    "NCCL_IB_TC",
    "NCCL_IB_FIFO_TC",
    "NCCL_GIN_IB_TC",
    "RCCL_IB_TC",
    "UCX_IB_TRAFFIC_CLASS",
    "NVSHMEM_IB_TRAFFIC_CLASS",
)


class Chain(NamedTuple):
    """What becomes of a DSCP on a port. `priority` is the one that pauses its group, None where no map leads there."""

    dscp: int
    tc: int
    group: int
    queue: int
    priority: int | None


def chain(port: Port, dscp: int) -> Chain | None:
    """None where no file says to which class the port puts a mark."""
    if port.dscp_to_tc is None:
        return None
    tc = port.dscp_to_tc.values.get(dscp, DEFAULT_CLASS)
    group = led(port.tc_to_group, tc)
    return Chain(dscp, tc, group, led(port.tc_to_queue, tc), priority_of(port, group))


def led(each: Map | None, number: int) -> int:
    """Where a map leads; the same number where there is no map, as SONiC's own maps have it."""
    return number if each is None else each.values.get(number, DEFAULT_CLASS)


def priority_of(port: Port, group: int) -> int | None:
    """The PFC priority of a priority group; of several one that the port pauses."""
    mine = (priority for priority, to in paused_groups(port).items() if to == group)
    known = port.priority_to_group.values if port.priority_to_group else {}
    others = (priority for priority, to in known.items() if to == group)
    alone = group if group not in known else None
    return next(mine, next(others, alone))


def paused(port: Port) -> tuple[int, ...]:
    """The priorities that the port pauses, of those that hardware has."""
    return tuple(each for each in port.pfc.value if each in PRIORITIES) if port.pfc else ()


def paused_groups(port: Port) -> dict[int, int]:
    """The priority group of each priority that the port pauses; one that the map leaves out has its own number."""
    known = port.priority_to_group.values if port.priority_to_group else {}
    return {priority: known.get(priority, priority) for priority in paused(port)}


def stopped_queue(port: Port, priority: int) -> int:
    """The queue that a pause of the priority stops; one that the map leaves out has its own number."""
    known = port.priority_to_queue.values if port.priority_to_queue else {}
    return known.get(priority, priority)


def lossless_queues(port: Port) -> set[int]:
    """The queues of the classes whose priority group pauses; those of the priorities where no class leads there."""
    groups = set(paused_groups(port).values())
    if port.dscp_to_tc is None:
        return {stopped_queue(port, priority) for priority in paused(port)}
    classes = set(port.dscp_to_tc.values.values())
    return {led(port.tc_to_queue, tc) for tc in classes if led(port.tc_to_group, tc) in groups}


def is_lossless(port: Port, dscp: int) -> bool:
    found = chain(port, dscp)
    return found is not None and found.group in paused_groups(port).values()


def lossless_marks(port: Port) -> set[int]:
    """The DSCP values that the port keeps lossless."""
    if port.dscp_to_tc is None:
        return set()
    groups = set(paused_groups(port).values())
    kept = {tc for tc in CLASSES if led(port.tc_to_group, tc) in groups}
    return {dscp for dscp in DSCPS if port.dscp_to_tc.values.get(dscp, DEFAULT_CLASS) in kept}


def carrying(switch: Switch) -> list[Port]:
    """Ports that are up and take part in any class; where neighbours are known, only those that have one."""
    known = any(port.peer for port in switch.ports.values())
    return [
        port
        for port in switch.ports.values()
        if port.up and (port.peer is not None if known else port.pfc is not None or port.groups or port.dscp_to_tc)
    ]


def networks(seen: Seen) -> list[list[Switch]]:
    """Switches that are cabled together; all of them where no neighbours are known. A server may be in several networks."""
    if not any(port.peer for switch in seen.switches for port in switch.ports.values()):
        return [list(seen.switches)]
    by_name = {switch.name: switch for switch in seen.switches}
    beside: dict[str, set[str]] = defaultdict(set)
    for switch in seen.switches:
        for port in switch.ports.values():
            if port.peer and port.peer[0] in by_name:
                beside[switch.name].add(port.peer[0])
                beside[port.peer[0]].add(switch.name)
    found: list[list[Switch]] = []
    placed: set[str] = set()
    for switch in seen.switches:
        if switch.name in placed:
            continue
        network, waiting = [], [switch.name]
        while waiting:
            name = waiting.pop()
            if name not in placed:
                placed.add(name)
                network.append(by_name[name])
                waiting += sorted(beside[name])
        found.append(network)
    return found


def marks_of(host: Host) -> Iterator[Mark]:
    """What RoCE of this host is marked with, by each path that can send. A forced class replaces all others of its NIC.

    NCCL speaks to NICs without the RDMA-CM, whose default is none of its.
    """
    forced = {mark.device for mark in host.marks if mark.forced}
    yield from (mark for mark in host.marks if mark.forced or mark.device not in forced)
    if forced and _rdma_devices(host) <= forced:
        return
    for variable in _SENDERS:
        said = host.job.get(variable)
        if said is not None and said.value.isdecimal():
            yield Mark(variable, "", int(said.value), said.spot)
        elif variable == "NCCL_IB_TC" and said is None:
            beside = [each.spot for name, each in host.job.items() if name.startswith("NCCL_")]
            off = host.job.get("NCCL_IB_DISABLE")
            if beside and not (off and off.value == "1"):
                yield Mark(UNSET, "", 0, Spot(beside[0].file))


def _rdma_devices(host: Host) -> set[str]:
    """Those that some file names, but for devices that the job may not use."""
    named = (
        {gid.device for gid in host.gids} | {nic.rdma for nic in host.nics.values() if nic.rdma} | set(host.rdma_mtu)
    )
    return {device for device in named if uses(host, device)}


def uses(host: Host, device: str) -> bool:
    """Whether NCCL_IB_HCA lets the job use the RDMA device: a list of names, or of what they begin with; `^` denies them."""
    said = host.job.get("NCCL_IB_HCA")
    if said is None or not said.value:
        return True
    text = said.value
    denied, exact = text.startswith("^"), "=" in text[:2]
    names = [each.partition(":")[0] for each in text.lstrip("^=").split(",")]
    named = any(device == name if exact else device.startswith(name) for name in names)
    return named != denied


def all_marks(seen: Seen) -> list[tuple[str, Mark]]:
    """Every mark of every host, then those that templates set (0 sets none), with the names of the senders."""
    found = [(host.name, mark) for host in seen.hosts for mark in marks_of(host)]
    for template in seen.templates:
        tos = template.qos.get("tos")
        if tos is not None and tos.value.isdecimal() and int(tos.value):
            found.append(
                (f"{template.kind} `{template.name}`", Mark("`tos` of the template", "", int(tos.value), tos.spot))
            )
    return found


def roce_dscp(seen: Seen) -> tuple[int, Mark] | None:
    """The DSCP of RoCE: the one that most hosts send, of equals the one that switches keep lossless. None where no file
    tells what any host sends.
    """
    marks = all_marks(seen)
    if not marks:
        return None
    kept = {dscp for switch in seen.switches for port in carrying(switch) for dscp in lossless_marks(port)}
    counted = Counter(mark.dscp for _, mark in marks)
    dscp = max(counted, key=lambda each: (counted[each], each in kept, each))
    return dscp, next(mark for _, mark in marks if mark.dscp == dscp)


def tclass(dscp: int) -> int:
    """The traffic class of a DSCP, with the bits of a sender that ECN may mark (ECT(0))."""
    return dscp << 2 | 2


def blind(seen: Seen) -> dict[str, list[Port]]:
    """By switch the ports that pause and name no map of DSCP: SONiC trusts nothing by itself, so every routed packet is of
    DEFAULT_CLASS there.

    An excerpt may have left the name out. Where nobody is known to mark, the class is by DSCP if some switch has such a map,
    and not on a port that goes by VLAN tags instead.
    """
    marked = bool(all_marks(seen))
    mapped = any(said.value[0] == DSCP_MAP for switch in seen.switches for said in switch.maps)
    found: dict[str, list[Port]] = defaultdict(list)
    for switch in seen.switches:
        for port in carrying(switch) if not switch.excerpt else ():
            if port.dscp_to_tc is None and paused(port) and (marked or (mapped and not port.by_tag)):
                found[switch.name].append(port)
    return found


class Notification(NamedTuple):
    """The DSCP of congestion notifications, who sends them, and where that is said."""

    dscp: int
    sender: str
    spot: Spot


def notifications(seen: Seen) -> Iterator[Notification]:
    """What NICs mark congestion notifications with, as sysfs of hosts says, or what templates set for them."""
    for host in seen.hosts:
        for device, said in sorted(host.cnp.items()):
            yield Notification(said.value, f"{device} of {host.name}", said.spot)
    for template in seen.templates:
        yield from _notifications_by(template)


def _notifications_by(template: Template) -> Iterator[Notification]:
    optimized = template.roce_optimized
    called = f"{template.kind} `{template.name}`"
    for parameter, where, there in (
        ("CNP_DSCP_P1", "", True),
        ("CNP_DSCP_P2", " for second ports", _has_second_ports(template)),
    ):
        said = template.parameters.get(parameter)
        if said is not None and said.value.isdecimal():
            yield Notification(int(said.value), f"{called}{where}", said.spot)
        elif optimized is not None and optimized.value and there:
            sender = f"`roceOptimized` of {called} (the operator's default{where} before release 26.10)"
            yield Notification(CNP_BY_OPERATOR, sender, optimized.spot)


def _has_second_ports(template: Template) -> bool:
    """Whether it is for second functions: a port of a NIC is a function."""
    return any(said.value.endswith(".1") for said in template.pci)


def paused_by_template(template: Template) -> set[int]:
    """The priorities that it lets NICs pause: a 1 at the place of each, counted from 0."""
    pfc = template.qos.get("pfc")
    bits = pfc.value.split(",") if pfc else ()
    return {number for number, bit in enumerate(bits) if bit.strip() == "1"}


def facing(seen: Seen, host: Host, qos: NicQos) -> list[tuple[Switch, Port]]:
    """The ports that a NIC is cabled to, by the switches' neighbours; else every port towards a host, or every port."""
    everything = [(switch, port) for switch in seen.switches for port in carrying(switch)]
    names = {each.name for each in seen.switches}
    mine = [(switch, port) for switch, port in everything if port.peer and port.peer[0] == host.name]
    cabled = [(switch, port) for switch, port in mine if port.peer and port.peer[1] == qos.netdev]
    hosts = [(switch, port) for switch, port in everything if port.peer is None or port.peer[0] not in names]
    return cabled or mine or hosts


def listed(names: Iterable[str], noun: str = "") -> str:
    """`Ethernet0`, `Ethernet0 and Ethernet8`, or `Ethernet0 and 3 more`."""
    each = list(dict.fromkeys(names))
    if len(each) <= 2:
        return " and ".join(each)
    return f"{each[0]} and {len(each) - 1} more{f' {noun}' if noun else ''}"


def does(names: Collection[object], singular: str, plural: str) -> str:
    """The verb that goes with one name, or with several."""
    return singular if len(set(map(str, names))) == 1 else plural


def numbers(values: Iterable[int]) -> str:
    """`3`, `3 and 4`, `0, 3 and 4`, or `none`."""
    each = [str(value) for value in sorted(set(values))]
    if not each:
        return "none"
    return f"{', '.join(each[:-1])} and {each[-1]}" if len(each) > 1 else each[0]
