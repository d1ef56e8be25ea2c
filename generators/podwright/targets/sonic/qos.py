"""The lossless class in SONiC's tables: maps of marks, PFC, schedulers, ECN, buffers and the watchdog.

Buffers are written out, profile by profile, in the `traditional` model: nothing is left to what a platform's
pg_profile_lookup.ini happens to list. Thresholds of dynamic pools are exponents of alpha, times are milliseconds:
https://github.com/sonic-net/SONiC/blob/master/doc/qos/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podwright.model.design import BufferProfile, EcnProfile
from podwright.projection.records import QueueConfig, SwitchQos

Row = Mapping[str, str | list[str]]
Table = dict[str, Row]

MAP = "POD"
"""What every map is called; a switch has one of each kind."""
INGRESS_POOL, EGRESS_LOSSLESS, EGRESS_LOSSY = "ingress_lossless_pool", "egress_lossless_pool", "egress_lossy_pool"
LOSSY_GROUP, LOSSLESS_QUEUE, LOSSY_QUEUE = "ingress_lossy_profile", "egress_lossless_profile", "q_lossy_profile"
LOSSY_ALPHA, UNBOUNDED_ALPHA = "3", "7"
"""A lossy queue may take 8 times the free buffer, as in SONiC's defaults; a lossless one is bound by ingress alone."""
SCHEDULERS = {"default": "scheduler.default", "lossless": "scheduler.lossless", "notifications": "scheduler.strict"}
EIGHT_LANES = 8
COLOURS = ("green", "yellow", "red")


def qos_tables(qos: SwitchQos | None) -> dict[str, Table]:
    """Every table of the class; none where the switch carries no lossless traffic."""
    if qos is None:
        return {}
    return {**_maps(qos), **_queues(qos), **_watchdog(qos), **(_buffers(qos) if qos.pool_bytes else {})}


def _maps(qos: SwitchQos) -> dict[str, Table]:
    """From the mark of a packet to its class, group and queue, and from a pause back to the queue."""
    priority = str(qos.traffic_class.priority)
    port: Row = {
        "dscp_to_tc_map": MAP,
        "pfc_enable": priority,
        "pfc_to_pg_map": MAP,
        "pfc_to_queue_map": MAP,
        "tc_to_pg_map": MAP,
        "tc_to_queue_map": MAP,
    }
    if qos.traffic_class.watchdog != "none":
        port = {**port, "pfcwd_sw_enable": priority}
    return {
        "DSCP_TO_TC_MAP": {MAP: _numbered(qos.dscp_to_tc)},
        "MAP_PFC_PRIORITY_TO_QUEUE": {MAP: _spelt(qos.priority_to_queue)},
        "PFC_PRIORITY_TO_PRIORITY_GROUP_MAP": {MAP: _spelt(qos.priority_to_group)},
        "PORT_QOS_MAP": {each.name: port for each in qos.ports},
        "TC_TO_PRIORITY_GROUP_MAP": {MAP: _numbered(qos.tc_to_group)},
        "TC_TO_QUEUE_MAP": {MAP: _numbered(qos.tc_to_queue)},
    }


def _queues(qos: SwitchQos) -> dict[str, Table]:
    marking = {each.name: _wred_name(each) for each in qos.ecn}
    queues: Table = {}
    for port in qos.ports:
        for queue in qos.queues:
            row = {"scheduler": SCHEDULERS[queue.use]}
            if queue.use == "lossless":
                row["wred_profile"] = marking[port.ecn]
            queues[f"{port.name}|{queue.number}"] = row
    return {
        "QUEUE": queues,
        "SCHEDULER": {SCHEDULERS[each.use]: _scheduler(each) for each in qos.queues},
        "WRED_PROFILE": {marking[each.name]: _wred(each) for each in qos.ecn},
    }


def _scheduler(queue: QueueConfig) -> Row:
    return {"type": "STRICT"} if queue.strict else {"type": "DWRR", "weight": str(queue.weight)}


def _wred_name(profile: EcnProfile) -> str:
    return f"{profile.traffic_class.upper()}_{profile.gbps}G"


def _wred(profile: EcnProfile) -> Row:
    """Packets of all colours are marked alike: a lossless queue is not policed."""
    row = {"ecn": "ecn_all"}
    for colour in COLOURS:
        row |= {
            f"{colour}_min_threshold": str(profile.min_bytes),
            f"{colour}_max_threshold": str(profile.max_bytes),
            f"{colour}_drop_probability": str(profile.probability),
            f"wred_{colour}_enable": "true",
        }
    return row


def _watchdog(qos: SwitchQos) -> dict[str, Table]:
    traffic = qos.traffic_class
    if traffic.watchdog == "none":
        return {}
    row: Row = {
        "action": traffic.watchdog,
        "detection_time": str(traffic.detection_ms),
        "restoration_time": str(traffic.restoration_ms),
    }
    return {"PFC_WD": {"GLOBAL": {"POLL_INTERVAL": str(traffic.poll_ms)}, **{each.name: row for each in qos.ports}}}


def _buffers(qos: SwitchQos) -> dict[str, Table]:
    groups = {each.name: _group_name(each) for each in qos.buffers}
    ports = list(_ports_buffers(qos, groups))
    return {
        "BUFFER_PG": {key: {"profile": profile} for key, profile, direction in ports if direction == "ingress"},
        "BUFFER_POOL": _pools(qos),
        "BUFFER_PROFILE": {
            **{groups[each.name]: _group(each) for each in qos.buffers},
            LOSSY_GROUP: {"dynamic_th": LOSSY_ALPHA, "pool": INGRESS_POOL, "size": "0"},
            LOSSLESS_QUEUE: {"dynamic_th": UNBOUNDED_ALPHA, "pool": EGRESS_LOSSLESS, "size": "0"},
            LOSSY_QUEUE: {"dynamic_th": LOSSY_ALPHA, "pool": EGRESS_LOSSY, "size": "0"},
        },
        "BUFFER_QUEUE": {key: {"profile": profile} for key, profile, direction in ports if direction == "egress"},
        "CABLE_LENGTH": {MAP: {each.name: f"{each.metres}m" for each in qos.ports}},
    }


def _ports_buffers(qos: SwitchQos, groups: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(key, profile, direction) of each priority group and queue in use."""
    lossless = qos.traffic_class.traffic_class
    for port in qos.ports:
        yield f"{port.name}|{lossless}", groups[port.buffer], "ingress"
        yield f"{port.name}|0", LOSSY_GROUP, "ingress"
        for queue in qos.queues:
            profile = LOSSLESS_QUEUE if queue.use == "lossless" else LOSSY_QUEUE
            yield f"{port.name}|{queue.number}", profile, "egress"


def _pools(qos: SwitchQos) -> Table:
    """One pool for all that comes in, with headroom of its own where the ASIC keeps that apart.

    What groups set aside is beside the pool, as in SONiC's own computation: together they are no more than the ASIC has.
    """
    ingress = {"mode": "dynamic", "size": str(qos.shared_bytes), "type": "ingress"}
    if qos.headroom_pool_bytes:
        ingress["xoff"] = str(qos.headroom_pool_bytes)
    egress = {"mode": "dynamic", "size": str(qos.pool_bytes), "type": "egress"}
    return {INGRESS_POOL: ingress, EGRESS_LOSSLESS: egress, EGRESS_LOSSY: egress}


def _group_name(profile: BufferProfile) -> str:
    """As SONiC's own buffer manager calls what it makes for a speed and a cable length; ports of many lanes stand apart."""
    lanes = f"_{EIGHT_LANES}lane" if profile.lanes == EIGHT_LANES else ""
    return f"pg_lossless_{profile.gbps * 1000}_{profile.metres}m{lanes}_profile"


def _group(profile: BufferProfile) -> Row:
    offset = {"xon_offset": str(profile.xon_offset_bytes)} if profile.xon_offset_bytes else {}
    return {
        "dynamic_th": str(profile.dynamic_threshold),
        "pool": INGRESS_POOL,
        "size": str(profile.size_bytes),
        "xoff": str(profile.xoff_bytes),
        "xon": str(profile.xon_bytes),
        **offset,
    }


def _numbered(values: tuple[int, ...]) -> Row:
    return {str(number): str(value) for number, value in enumerate(values)}


def _spelt(values: Mapping[int, int]) -> Row:
    return {str(key): str(value) for key, value in sorted(values.items())}
