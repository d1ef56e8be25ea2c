"""The lossless class in NVUE's words: explicit profiles, none of which `qos roce` would choose by itself.

A PFC profile counts from the bottom of a port's buffer: it holds `port-buffer` bytes in all, asks for a pause once
`xoff-threshold` of them are taken, so that the rest is headroom, and lets go `xon-threshold` bytes below that.
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/Layer-1-and-Switch-Ports/Quality-of-Service/
"""

from __future__ import annotations

from math import ceil

from podwright.model.design import BufferProfile, EcnProfile, TrafficClass
from podwright.projection.records import QueueConfig, SwitchQos
from podwright.targets.nvue.spelling import Node, members

GLOBAL = "default-global"
"""The profile of every port, and the only one that maps priorities to queues, and that buffers have."""
LOSSLESS_POOL, LOSSY_POOL = "default-lossless", "default-lossy"
PRIORITIES = range(8)
ACTING = frozenset({"drop", "forward"})
"""What a watchdog may do that Cumulus Linux's may stand in for: it drops. A watchdog that shall only tell would not."""


def profiles(qos: SwitchQos | None) -> Node:
    """Everything under `qos`; nothing where the switch carries no lossless traffic."""
    if qos is None:
        return {}
    traffic = qos.traffic_class
    return {
        "advance-buffer-config": {
            GLOBAL: {"ingress-lossless-buffer": {"shared-alpha": _alpha(traffic.dynamic_threshold)}}
        },
        "congestion-control": {_ecn_name(each): _congestion(each, traffic) for each in qos.ecn},
        "egress-queue-mapping": {GLOBAL: {"switch-priority": _queues(qos)}},
        "egress-scheduler": {traffic.name: {"traffic-class": {str(each.number): _served(each) for each in qos.queues}}},
        "mapping": {traffic.name: {"dscp": _marks(qos), "port-default-sp": 0, "trust": "l3"}},
        "pfc": {_pfc_name(each): _pause(each, traffic) for each in qos.buffers},
        **_watchdog(traffic),
        "traffic-pool": _pools(qos),
    }


def port_profiles(qos: SwitchQos | None) -> Node:
    """Interface -> its profiles."""
    if qos is None:
        return {}
    ecn = {each.name: _ecn_name(each) for each in qos.ecn}
    pfc = {each.name: _pfc_name(each) for each in qos.buffers}
    return {each.name: {"qos": _of_port(qos.traffic_class, ecn[each.ecn], pfc[each.buffer])} for each in qos.ports}


def _of_port(traffic: TrafficClass, ecn: str, pfc: str) -> Node:
    watched = {"pfc-watchdog": {"state": "enable"}} if traffic.watchdog in ACTING else {}
    return {
        "congestion-control": {"profile": ecn},
        "egress-scheduler": {"profile": traffic.name},
        "mapping": {"profile": traffic.name},
        "pfc": {"profile": pfc},
        **watched,
    }


def _alpha(exponent: int) -> str:
    """2 ** exponent: `alpha_2` for 1, `alpha_1` for 0, `alpha_1_2` for -1."""
    return f"alpha_{2**exponent}" if exponent >= 0 else f"alpha_1_{2**-exponent}"


def _marks(qos: SwitchQos) -> Node:
    return {str(dscp): {"switch-priority": priority} for dscp, priority in enumerate(qos.dscp_to_tc)}


def _queues(qos: SwitchQos) -> Node:
    return {str(priority): {"traffic-class": qos.tc_to_queue[priority]} for priority in PRIORITIES}


def _served(queue: QueueConfig) -> Node:
    return {"mode": "strict"} if queue.strict else {"bw-percent": queue.weight, "mode": "dwrr"}


def _ecn_name(profile: EcnProfile) -> str:
    return f"{profile.traffic_class}-{profile.gbps}g"


def _congestion(profile: EcnProfile, traffic: TrafficClass) -> Node:
    """Marks only: random early detection would drop what cannot be marked, and a lossless queue drops nothing."""
    curve: Node = {
        "ecn": "enable",
        "max-threshold": profile.max_bytes,
        "min-threshold": profile.min_bytes,
        "probability": profile.probability,
        "red": "disable",
    }
    return {"traffic-class": {str(traffic.traffic_class): curve}}


def _pfc_name(profile: BufferProfile) -> str:
    return f"{profile.traffic_class}-{profile.gbps}g-{profile.lanes}-lanes-{profile.metres}m"


def _pause(profile: BufferProfile, traffic: TrafficClass) -> Node:
    """NVUE takes no distance of 0 between asking for a pause and letting go, which is what equal thresholds mean."""
    xoff = profile.size_bytes - profile.xoff_bytes
    distance = profile.xon_offset_bytes or xoff - profile.xon_bytes
    return {
        "cable-length": profile.metres,
        "port-buffer": profile.size_bytes,
        "rx": "enable",
        "switch-priority": members([str(traffic.priority)]),
        "tx": "enable",
        "xoff-threshold": xoff,
        "xon-threshold": max(distance, 1),
    }


def _watchdog(traffic: TrafficClass) -> Node:
    """It looks every `polling-interval` ms, and acts when `robustness` looks in a row found a queue paused.

    Acting is dropping: NVUE has no other, and no time of its own after which it lets go.
    """
    if traffic.watchdog not in ACTING:
        return {}
    looks = ceil(traffic.detection_ms / traffic.poll_ms)
    return {"pfc-watchdog": {"polling-interval": traffic.poll_ms, "robustness": looks}}


def _pools(qos: SwitchQos) -> Node:
    """What may pause has a pool that what may drop cannot fill."""
    priority = qos.traffic_class.priority
    others = members(str(each) for each in PRIORITIES if each != priority)
    return {
        LOSSLESS_POOL: {"memory-percent": qos.shared_percent, "switch-priority": members([str(priority)])},
        LOSSY_POOL: {"memory-percent": 100 - qos.shared_percent, "switch-priority": others},
    }
