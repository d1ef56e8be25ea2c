"""What the files of a folder leave open: every rule that could not look, and what was taken in its place."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.lint.chain import (
    blind,
    carrying,
    chain,
    does,
    listed,
    lossless_queues,
    marks_of,
    notifications,
    numbers,
)
from podwright.lint.records import Port, Seen, Switch
from podwright.lint.routing import network_of_switches, paused_priorities, silent_switches
from podwright.lint.sizes import LOOKUP_METRES, lossless_groups, pauses_at
from podwright.network import why_unprovable


def unknown(seen: Seen) -> tuple[str, ...]:
    """Sentences without a full stop, in the order of the layers."""
    return tuple(dict.fromkeys((*_of_switches(seen), *_of_routes(seen), *_of_hosts(seen))))


def _of_routes(seen: Seen) -> Iterator[str]:
    """Why it is not known whether pauses can go round in a circle."""
    network = network_of_switches(seen)
    silent = silent_switches(network)
    if silent:
        yield (
            f"which routes {listed(silent)} have over cables to switches: no BGP_NEIGHBOR with the addresses of both ends, nor"
            " frr.conf, so whether pauses can go round in a circle"
        )
        return
    statics = [switch.name for switch in seen.switches if switch.routing.statics]
    if statics:
        yield f"where static routes of {listed(statics)} lead packets: only routes of BGP are followed"
    for priority in paused_priorities(seen):
        unprovable = why_unprovable(network, str(priority))
        if unprovable and network.peerings:
            yield f"whether pauses of priority {priority} can go round in a circle: {unprovable}"


def _of_switches(seen: Seen) -> Iterator[str]:
    if not seen.switches:
        yield "no config_db.json of any switch is there, so nothing is known of switches"
    for system in dict.fromkeys(said.value for said in seen.foreign):
        files = [said.spot.file for said in seen.foreign if said.value == system]
        yield f"what {listed(files)} {does(files, 'says', 'say')}, since lint does not read {system} yet"
    untrusting, notifying = blind(seen), {each.dscp for each in notifications(seen)}
    for switch in seen.switches:
        yield from _of_switch(switch, switch.name not in untrusting, notifying)
    if seen.switches and not any(port.peer for switch in seen.switches for port in switch.ports.values()):
        yield "no DEVICE_NEIGHBOR says which ports are cabled to which, so every port that has the class is compared"


def _of_switch(switch: Switch, may_trust: bool, notifying: set[int]) -> Iterator[str]:
    """`may_trust`: no rule has told that its ports trust no mark; `notifying` are the DSCP values of notifications."""
    name, ports = switch.name, [port for port in carrying(switch) if port.pfc and port.pfc.value]
    if switch.asic is None:
        called = switch.platform or switch.hwsku
        yield (
            f"the chip of {name}{f' (platform {called})' if called else ', since DEVICE_METADATA names no platform'}, so its"
            " speeds, headroom formula, port limit and pool are not known"
        )
    elif ports and not switch.asic.lossless_pool_bytes:
        yield f"how much buffer {switch.asic.title} of {name} has for lossless traffic"
    if switch.taken:
        yield (
            f"which maps the ports of {name} name, since its file is an excerpt:"
            f" {listed(switch.taken, 'maps')} {does(switch.taken, 'is', 'are')} taken for all of them"
        )
    if not ports:
        return
    if may_trust and not any(port.dscp_to_tc for port in ports):
        yield f"{name} has no DSCP_TO_TC_MAP that its ports name, so the class of a mark is not known there"
    yield from _of_maps(name, ports)
    yield from _of_queues(name, ports, notifying)
    yield from _of_cables(switch, ports)
    if not switch.tells_buffers:
        yield f"the buffers of {name}: its file has neither BUFFER_PG nor CABLE_LENGTH"
        return
    places = [(port, buffered.profile) for port in ports for buffered in lossless_groups(port).values() if buffered]
    if not any(profile and pauses_at(switch, profile, 1) for _, profile in places):
        yield f"at which threshold priority groups of {name} pause: no profile with a threshold, or no size of its pool"


def _of_maps(name: str, ports: list[Port]) -> Iterator[str]:
    kinds = (
        ("TC_TO_PRIORITY_GROUP_MAP", "tc_to_group"),
        ("TC_TO_QUEUE_MAP", "tc_to_queue"),
        ("MAP_PFC_PRIORITY_TO_QUEUE", "priority_to_queue"),
        ("PFC_PRIORITY_TO_PRIORITY_GROUP_MAP", "priority_to_group"),
    )
    missing = [table for table, field in kinds if any(getattr(port, field) is None for port in ports)]
    if missing:
        yield f"{name} names no {listed(missing, 'maps')}, so numbers are taken to lead to themselves there"


def _of_queues(name: str, ports: list[Port], notifying: set[int]) -> Iterator[str]:
    """Queues of RoCE and of its notifications without a scheduler: some platforms serve them strictly, others in turn."""
    unserved = []
    for port in ports:
        needed = lossless_queues(port) | {found.queue for dscp in notifying if (found := chain(port, dscp))}
        served = {number for number, queue in port.queues.items() if queue.strict is not None}
        unserved += [(number, port.name) for number in needed - served]
    if unserved:
        queues = {number for number, _ in unserved}
        yield (
            f"how {name} serves {does(queues, 'queue', 'queues')} {numbers(queues)} of"
            f" {listed(port for _, port in unserved)}, for RoCE and its notifications: no scheduler is named, and platforms differ"
        )


def _of_cables(switch: Switch, ports: list[Port]) -> Iterator[str]:
    without = [port.name for port in ports if port.metres_spot is None]
    if without and (len(without) < len(ports) or any(port.groups for port in ports)):
        yield f"the cable length of {listed(without)} of {switch.name}, so headroom is not compared there"
    speeds = [port.name for port in ports if port.mbps is None]
    if speeds:
        yield f"the speed of {listed(speeds)} of {switch.name}"
    open_to_table = [
        port.name
        for port in ports
        if not switch.dynamic_buffers
        and switch.lookup is None
        and port.metres in LOOKUP_METRES
        and any(buffered is None for buffered in lossless_groups(port).values())
    ]
    if open_to_table:
        yield (
            f"whether the buffer manager of {switch.name} makes lossless profiles for {listed(open_to_table)}: its"
            " pg_profile_lookup.ini is not there, nor rows of BUFFER_PG"
        )


def _of_hosts(seen: Seen) -> Iterator[str]:
    if not seen.hosts:
        yield "no facts of any host are there, so nothing is known of NICs"
        return
    silent = [host.name for host in seen.hosts if not any(True for _ in marks_of(host))]
    if silent:
        yield f"which DSCP {listed(silent)} marks RoCE with: no traffic_class, default_roce_tos or NCCL variables"
    for what, missing in (
        ("PFC and trust of the NICs (mlnx_qos or dcb) of {}", [host.name for host in seen.hosts if not host.qos]),
        (
            "the GID tables of {}",
            [host.name for host in seen.hosts if not host.gids and "NCCL_IB_GID_INDEX" in host.job],
        ),
        (
            "addresses and MTU of {}",
            [host.name for host in seen.hosts if not any(n.addresses or n.mtu for n in host.nics.values())],
        ),
    ):
        if missing:
            yield what.format(listed(missing))
    if not any(True for _ in notifications(seen)):
        yield "which DSCP the NICs mark congestion notifications with (cnp_dscp in sysfs)"
    dumb = [
        host.name
        for host in seen.hosts
        if not host.ecn_off and any(not mark.ect and mark.tclass for mark in marks_of(host))
    ]
    if dumb:
        yield f"whether NICs of {listed(dumb)} set ECN bits themselves, which their traffic class leaves 0 (ecn/roce_rp in sysfs)"
