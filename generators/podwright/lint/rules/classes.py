"""One class on every hop: from the mark of a host to the priority that a switch pauses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from podwright.check import check
from podwright.lint.chain import (
    DEFAULT_CLASS,
    UNSET,
    all_marks,
    blind,
    carrying,
    chain,
    does,
    facing,
    is_lossless,
    led,
    listed,
    lossless_marks,
    networks,
    numbers,
    paused_by_template,
    paused_groups,
    roce_dscp,
    stopped_queue,
    tclass,
    uses,
)
from podwright.lint.framework import Fault
from podwright.lint.records import Host, Map, Mark, NicQos, Port, Seen, Spot, Switch
from podwright.model.report import Severity

BEST_EFFORT = 0
"""The DSCP of every packet that nobody marks: were it lossless, all traffic would pause with RoCE."""
USUAL = 26
"""The DSCP of RoCE in most guides; NVIDIA's `NCCL_IB_TC=106` is this mark with the bits of a sender that ECN may mark."""


def paused_by(switches: Iterable[Switch]) -> set[int]:
    """The priorities that some port of these switches pauses."""
    return {each for switch in switches for port in carrying(switch) if port.pfc for each in port.pfc.value}


@check(
    "LNT001",
    "the mark of RoCE leads to a lossless class on every switch",
    severity=Severity.ERROR,
    requires=("LNT055",),
)
def mark_is_lossless(seen: Seen) -> Iterator[Fault]:
    """Follows the DSCP that hosts send through the DSCP_TO_TC_MAP and TC_TO_PRIORITY_GROUP_MAP of every port, to a priority
    group that PFC pauses. A port that pauses has to name a DSCP_TO_TC_MAP, or the row `global` of PORT_QOS_MAP for it.

    Why: The packet's mark chooses its buffer. Where the map sends it to a class without PFC the switch drops it when the
    buffer is full, and a lost RoCE packet costs far more than a pause: the job slows down or times out while every counter
    of PFC looks healthy. Both maps are valid alone; only the pair is wrong. A port without a map trusts no mark at all.

    Fix: Map the DSCP to the lossless class on all switches, or have the hosts send the DSCP that the switches expect.
    """
    mark = roce_dscp(seen)
    untrusting = blind(seen)
    for switch, paused in _with_priorities(seen):
        if ports := untrusting.get(switch.name):
            yield _untrusting(switch, ports, f"RoCE DSCP {mark[0]} ({mark[1].by})" if mark else "every DSCP")
        if mark is not None:
            yield from _lossy(seen, switch, paused, mark)


def _untrusting(switch: Switch, ports: list[Port], marked: str) -> Fault:
    tags = " but a DOT1P_TO_TC_MAP" if all(port.by_tag for port in ports) else ""
    return Fault(
        ports[0].pfc.spot if ports[0].pfc else ports[0].spot,
        f"{listed(port.name for port in ports)} of {switch.name} {does(ports, 'names', 'name')} no DSCP_TO_TC_MAP{tags}, so"
        f" {marked} is of class {DEFAULT_CLASS} there, as every packet without a VLAN tag is",
        "Name the map as `dscp_to_tc_map` in PORT_QOS_MAP.",
    )


def _lossy(seen: Seen, switch: Switch, paused: set[int], mark: tuple[int, Mark]) -> Iterator[Fault]:
    """Maps that lead the mark to a class that no priority pauses."""
    dscp, sent = mark
    lossy: dict[tuple[Spot, int], list[Port]] = defaultdict(list)
    for port in carrying(switch):
        found = chain(port, dscp)
        if found and port.dscp_to_tc and paused and found.priority not in paused and found.tc not in paused:
            lossy[port.dscp_to_tc.spot.at(str(dscp)), found.tc].append(port)
    for (spot, tc), ports in lossy.items():
        pausing = sorted({each for port in ports if port.pfc for each in port.pfc.value} or paused)
        told = "" if port_says(ports[0], dscp) else ", as every DSCP that the map leaves out"
        yield Fault(
            sent.spot if dscp == BEST_EFFORT else spot,
            f"{switch.name} puts RoCE DSCP {dscp} ({sent.by}) into traffic class {tc}{told}, which is lossy: PFC is on"
            f" for priority {numbers(pausing)} only. {priority_never_asked(seen, dscp)}Ports: "
            f"{listed(port.name for port in ports)}",
            _remedy(seen, sent, ports[0], pausing[0]),
        )


def _remedy(seen: Seen, sent: Mark, port: Port, tc: int) -> str:
    """What makes a mark lossless: a map that knows it, or another mark, which is the only way where RoCE is not marked."""
    marks = {dscp for dscp, to in port.dscp_to_tc.values.items() if to == tc} if port.dscp_to_tc else set()
    other = _best(marks, seen)
    if sent.dscp == BEST_EFFORT:
        mapped = "" if other else f", and map DSCP {USUAL} to traffic class {tc} in every DSCP_TO_TC_MAP"
        return f"{_marked(sent, other or USUAL)}{mapped}. {_NEVER}"
    instead = f", or mark {other} on every NIC" if other else ""
    return f"Map DSCP {sent.dscp} to traffic class {tc} in every DSCP_TO_TC_MAP, so that one DSCP is lossless on both ends{instead}."


_NEVER = f"Leave DSCP {BEST_EFFORT} lossy: it is all best effort."


def _marked(sent: Mark, dscp: int) -> str:
    """How to have another mark: by the variable or file that sets it now."""
    setting = "NCCL_IB_TC" if sent.by == UNSET else sent.by
    return f"Set {setting} to {tclass(dscp)} on every host, which is DSCP {dscp}"


def _best(marks: set[int], seen: Seen) -> int | None:
    """One of the marks, but for that of best effort: the one that NICs pause by their own maps, then the usual one."""
    paused = {dscp for host in seen.hosts for qos in host.qos.values() for dscp in _paused_marks(qos)}
    return min(marks - {BEST_EFFORT}, key=lambda dscp: (dscp not in paused, dscp != USUAL, dscp), default=None)


def _with_priorities(seen: Seen) -> Iterator[tuple[Switch, set[int]]]:
    """Every switch, and the priorities that its network pauses."""
    for network in networks(seen):
        paused = paused_by(network)
        yield from ((switch, paused) for switch in network)


def port_says(port: Port, dscp: int) -> bool:
    return port.dscp_to_tc is not None and dscp in port.dscp_to_tc.values


def priority_never_asked(seen: Seen, dscp: int) -> str:
    """What that means for the NICs, where their priority of the mark is known."""
    priorities = {qos.priorities[dscp] for host in seen.hosts for qos in host.qos.values() if dscp in qos.priorities}
    pausing = {each for host in seen.hosts for qos in host.qos.values() if qos.pfc for each in qos.pfc.value}
    known = priorities & pausing
    return f"The NICs' PFC priority {numbers(known)} would never be asked to pause for it. " if known else ""


@check("LNT002", "a NIC pauses the priority that its RoCE packets ride on", severity=Severity.ERROR)
def nic_pauses_its_priority(seen: Seen) -> Iterator[Fault]:
    """Compares, for every NIC, the priority of the RoCE DSCP in its own map with the priorities of its PFC, and asks whether
    it goes by DSCP at all. NICs that NCCL_IB_HCA leaves out, or whose cables lead to a network without PFC beside one with it,
    are not asked.

    Why: A switch that is full pauses a priority, not a DSCP. A NIC that sends RoCE on another one, or that looks at VLAN
    tags which routed packets do not have, goes on sending into a buffer that has no room.

    Fix: Trust DSCP, map it to the lossless priority, and enable PFC for that priority:
    `mlnx_qos -i DEV --trust dscp --pfc 0,0,0,1,0,0,0,0`.
    """
    mark = roce_dscp(seen)
    if mark is None:
        return
    dscp, sent = mark
    for host, qos in _nics(seen):
        if qos.trust and qos.trust.value != "dscp":
            yield Fault(
                qos.trust.spot,
                f"{_called(host, qos)} trusts {qos.trust.value}, not DSCP: routed packets have no VLAN tag, so RoCE DSCP {dscp}"
                " rides on priority 0",
                f"Run `mlnx_qos -i {qos.netdev or 'DEV'} --trust dscp`, and make it persistent.",
            )
        elif qos.pfc and dscp in qos.priorities and qos.priorities[dscp] not in qos.pfc.value:
            priority = qos.priorities[dscp]
            yield Fault(
                qos.pfc.spot,
                f"{_called(host, qos)} sends RoCE DSCP {dscp} on priority {priority}, and its PFC is on for"
                f" {numbers(qos.pfc.value) if qos.pfc.value else 'no priority'}: no pause stops it",
                f"{_marked(sent, _shared(seen, qos))}, and enable PFC for its priority alone. {_NEVER}"
                if dscp == BEST_EFFORT
                else f"Enable PFC for priority {priority} alone, or map DSCP {dscp} to the priority that the switches pause.",
            )


def _shared(seen: Seen, qos: NicQos) -> int:
    """A mark that the NIC pauses and switches keep lossless; else one that the NIC pauses; else the usual one."""
    mine = _paused_marks(qos)
    return _best((mine & _kept_somewhere(seen)) or mine, seen) or USUAL


def _paused_marks(qos: NicQos) -> set[int]:
    return {dscp for dscp, priority in qos.priorities.items() if qos.pfc and priority in qos.pfc.value}


def _nics(seen: Seen) -> list[tuple[Host, NicQos]]:
    """The NICs that may carry RoCE of the job."""
    lossy = _lossy_cables(seen)
    return [
        (host, qos)
        for host in seen.hosts
        for netdev, qos in sorted(host.qos.items())
        if _is_for_the_job(host, netdev) and (host.name, netdev) not in lossy
    ]


def _is_for_the_job(host: Host, netdev: str) -> bool:
    """Whether the job may use the NIC, as far as files know its RDMA device."""
    nic = host.nics.get(netdev)
    return nic is None or not nic.rdma or uses(host, nic.rdma)


def _lossy_cables(seen: Seen) -> set[tuple[str, str]]:
    """The NICs cabled to a network that pauses nothing, as one of frontends or storage, where another network does."""
    groups = networks(seen)
    if not any(paused_by(network) for network in groups):
        return set()
    aside = [switch for network in groups if not paused_by(network) for switch in network]
    return {port.peer for switch in aside for port in switch.ports.values() if port.peer}


def _called(host: Host, qos: NicQos) -> str:
    return f"{qos.netdev} of {host.name}" if qos.netdev else f"a NIC of {host.name}"


@check("LNT003", "NIC and switch pause the same priority", severity=Severity.ERROR)
def ends_agree(seen: Seen) -> Iterator[Fault]:
    """Compares the priority that a NIC gives to RoCE with the one by which the switch's port pauses that DSCP. Where no file
    tells what hosts send, looks for a DSCP that both ends keep lossless.

    Why: Pause frames name priorities. A switch that pauses 3 does not stop a NIC that sends on 4: each end is lossless by
    itself, the link is not.

    Fix: Use one priority on both ends; 3 is what most guides and defaults have.
    """
    mark = roce_dscp(seen)
    for host, qos in _nics(seen):
        if not qos.pfc or not qos.priorities or (qos.trust and qos.trust.value != "dscp"):
            continue
        for switch, port in facing(seen, host, qos):
            told = _told_apart(qos, port, mark[0]) if mark else _nothing_shared(qos, port)
            if told and port.pfc:
                yield Fault(
                    qos.pfc.spot,
                    f"{_called(host, qos)} and {port.name} of {switch.name} have no lossless priority in common: {told}",
                    "Give the DSCP the same priority on both ends, with PFC on for it.",
                )
                break


def _told_apart(qos: NicQos, port: Port, dscp: int) -> str:
    found = chain(port, dscp)
    mine = qos.priorities.get(dscp)
    if not is_lossless(port, dscp) or not found or mine is None or not qos.pfc or mine not in qos.pfc.value:
        return ""
    if mine == found.priority:
        return ""
    return f"RoCE DSCP {dscp} is of priority {mine} on the NIC, and the switch pauses {found.priority} for it"


def _nothing_shared(qos: NicQos, port: Port) -> str:
    mine = _paused_marks(qos)
    theirs = lossless_marks(port)
    if not mine or port.dscp_to_tc is None or not port.pfc or mine & theirs:
        return ""
    return f"DSCP {numbers(mine)} are lossless on the NIC, {numbers(theirs)} on the switch"


@check("LNT004", "priority, group and queue of a class belong together", severity=Severity.ERROR)
def maps_belong_together(seen: Seen) -> Iterator[Fault]:
    """Compares, for every priority that a port pauses, where the maps of packets (TC_TO_PRIORITY_GROUP_MAP, TC_TO_QUEUE_MAP)
    and those of pauses (PFC_PRIORITY_TO_PRIORITY_GROUP_MAP, MAP_PFC_PRIORITY_TO_QUEUE) lead.

    Why: A pause that arrives has to stop the queue in which the class waits, and a group that is full has to name the
    priority by which its packets came. Where the maps part, the wrong queue stops, and the right one overruns the peer.

    Fix: Let the four maps lead from one number to itself, as SONiC's own do.
    """
    for switch in seen.switches:
        told = set()
        for port in carrying(switch):
            for spot, message in _parted(port):
                if (spot, message) not in told:
                    told.add((spot, message))
                    yield Fault(spot, f"{switch.name}: {message}", "Map each number to itself in all four maps.")


def _parted(port: Port) -> Iterator[tuple[Spot, str]]:
    classes = set(port.dscp_to_tc.values.values()) if port.dscp_to_tc else set()
    for priority, group in paused_groups(port).items():
        stopped = stopped_queue(port, priority)
        for tc in (each for each in classes if led(port.tc_to_group, each) == group):
            queue = led(port.tc_to_queue, tc)
            if queue != stopped:
                yield (
                    _spot(port.priority_to_queue, priority) or _spot(port.tc_to_queue, tc) or port.spot,
                    f"a pause of priority {priority} stops queue {stopped}, and traffic class {tc} of its group {group} waits"
                    f" in queue {queue}",
                )
    for priority, back in paused_groups(port).items():
        mine = led(port.tc_to_group, priority)
        if priority in classes and mine != back:
            yield (
                _spot(port.tc_to_group, priority) or _spot(port.priority_to_group, priority) or port.spot,
                f"traffic class {priority} fills priority group {mine}, and PFC priority {priority} watches group {back}",
            )


def _spot(each: Map | None, number: int) -> Spot | None:
    return each.spot.at(str(number)) if each is not None and number in each.values else None


@check("LNT005", "everything that sends RoCE marks it alike", severity=Severity.ERROR)
def senders_agree(seen: Seen) -> Iterator[Fault]:
    """Compares the DSCP of every path that can send on every host: a NIC's forced `traffic_class`, the RDMA-CM's default
    (`cma_roce_tos`), NCCL_IB_TC and its like, operators' templates. DSCP is the traffic class divided by four.

    Why: One host, or one library, that marks otherwise sends its part of the job through the lossy queue. The job is as
    fast as its slowest flow.

    Fix: Set the same traffic class everywhere; 106 is DSCP 26 with the ECN bits of a sender that can be marked.
    """
    mark = roce_dscp(seen)
    if mark is None:
        return
    dscp, most = mark
    others: dict[Spot, tuple[str, str]] = {}
    for sender, each in all_marks(seen):
        if each.dscp != dscp:
            device = f" of {each.device}" if each.device else ""
            others.setdefault(
                each.spot,
                (
                    f"{sender} marks with DSCP {each.dscp} ({each.by}{device}: {each.tclass} / 4), and RoCE of the others with"
                    f" {dscp}",
                    f"Set the traffic class to {tclass(dscp)} there, which is DSCP {dscp}."
                    if dscp != BEST_EFFORT
                    else f"{_marked(most, each.dscp)}. {_NEVER}",
                ),
            )
    for spot, (message, remedy) in others.items():
        yield Fault(spot, message, remedy)


@check("LNT008", "no hop of a lossless class is lossy", severity=Severity.ERROR)
def every_hop_pauses(seen: Seen) -> Iterator[Fault]:
    """Looks for ports that have the lossless class in their maps, and PFC off for its priority, while others have it on; and
    for switches without PFC among switches with it.

    Why: A class is as lossless as its worst hop. One port without PFC drops what all the others have kept, and it drops
    most where the incast is.

    Fix: Enable PFC for the priority on every port between two hosts (`pfc_enable` in PORT_QOS_MAP), both directions.
    """
    mark = roce_dscp(seen)
    marks = [mark[0]] if mark else sorted(_kept_somewhere(seen))
    devices = {switch.name for switch in seen.switches} | {host.name for host in seen.hosts}
    for switch, paused in _with_priorities(seen):
        lossy: dict[int, list[Port]] = defaultdict(list)
        for port in _between_hosts(switch, devices) if paused and marks else ():
            found = chain(port, marks[0])
            priority = found.priority if found else min(paused)
            if priority in paused and not (port.pfc and priority in port.pfc.value):
                lossy[priority].append(port)
        for priority, ports in lossy.items():
            yield Fault(
                ports[0].pfc.spot if ports[0].pfc else switch.spot.at("PORT_QOS_MAP", ports[0].name),
                f"{listed(port.name for port in ports)} of {switch.name} ({_on(ports[0])}) would not pause priority {priority},"
                f" by which other ports keep DSCP {marks[0]} lossless",
                f"Add {priority} to `pfc_enable` of {listed((port.name for port in ports), 'ports')}.",
            )


def _between_hosts(switch: Switch, devices: set[str]) -> list[Port]:
    """Ports that lead to a device of the folder, or that are among ports to other devices of which some pause: a port to a
    router outside carries no RoCE.
    """
    ports = carrying(switch)
    strange = [port for port in ports if port.peer and port.peer[0] not in devices]
    pausing = any(port.pfc and port.pfc.value for port in strange)
    return ports if pausing else [port for port in ports if port not in strange]


def _kept_somewhere(seen: Seen) -> set[int]:
    return {dscp for switch in seen.switches for port in carrying(switch) for dscp in lossless_marks(port)}


def _on(port: Port) -> str:
    return f"PFC on {numbers(port.pfc.value)}" if port.pfc and port.pfc.value else "no PFC"


@check("LNT009", "switches agree on which marks are lossless", severity=Severity.ERROR)
def switches_agree(seen: Seen) -> Iterator[Fault]:
    """Compares the DSCP values that lead to a lossless class from switch to switch, where no file tells what hosts send.

    Why: A mark that is lossless on the leaf and lossy on the spine is lossy.

    Fix: Use one DSCP_TO_TC_MAP on all switches.
    """
    if roce_dscp(seen) is not None:
        return
    for network in networks(seen):
        yield from _differing(network)


def _differing(network: list[Switch]) -> Iterator[Fault]:
    kept = {switch.name: _marks_kept(switch) for switch in network}
    telling = {name: marks for name, marks in kept.items() if marks is not None}
    common = max(telling.values(), key=list(telling.values()).count, default=frozenset())
    for switch in network:
        marks = telling.get(switch.name, common)
        maps = [port.dscp_to_tc for port in carrying(switch) if port.dscp_to_tc]
        if marks != common and maps:
            yield Fault(
                maps[0].spot,
                f"{switch.name} keeps {_spelt(marks)} lossless, and the others {_spelt(common)}",
                "Use one DSCP_TO_TC_MAP on all switches.",
            )


def _spelt(marks: frozenset[int]) -> str:
    return f"DSCP {numbers(marks)}" if marks else "no DSCP"


def _marks_kept(switch: Switch) -> frozenset[int] | None:
    ports = [port for port in carrying(switch) if port.dscp_to_tc and port.pfc and port.pfc.value]
    return frozenset().union(*(lossless_marks(port) for port in ports)) if ports else None


@check("LNT013", "operators' templates set what the switches have", severity=Severity.ERROR, requires=("LNT001",))
def templates_agree(seen: Seen) -> Iterator[Fault]:
    """Compares PFC and trust that an operator's template sets on NICs with the priorities that switches pause.

    Why: The operator writes its template on to every NIC at its next round, whatever somebody has set by hand.

    Fix: Set `trust: dscp`, and in `pfc` the priority of the class, in the template.
    """
    paused = paused_by(seen.switches)
    for template in seen.templates:
        trust, pfc = template.qos.get("trust"), template.qos.get("pfc")
        if trust is not None and trust.value.lower() != "dscp":
            yield Fault(
                trust.spot,
                f"{template.kind} `{template.name}` makes NICs trust {trust.value}: routed packets have no VLAN tag",
                "Write `trust: dscp`.",
            )
        if pfc is None or not paused:
            continue
        wanted = paused_by_template(template)
        if not wanted & paused:
            yield Fault(
                pfc.spot,
                f"{template.kind} `{template.name}` sets PFC of NICs for priority {numbers(wanted)}, and the switches pause"
                f" {numbers(paused)}",
                f"Write a 1 at place {min(paused)}, counted from 0.",
            )
