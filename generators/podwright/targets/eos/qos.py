"""The lossless class: marks to classes to queues, a profile for the ports of each speed, the watchdog, and buffers.

Priorities of PFC are numbers of traffic classes on EOS, which has no map between the two. Buffers are one profile for all
ports of a switch, so that it has the headroom of the port that needs most. Only switches of Broadcom's XGS chips have
such profiles, and queues of unicast packets of their own. Sources:
https://www.arista.com/en/um-eos/eos-quality-of-service, https://www.arista.com/en/um-eos/eos-priority-flow-control,
https://docs.habana.ai/en/latest/Management_and_Monitoring/Network_Configuration/Expected_Switch_Configuration.html
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from podwright.model.design import EcnProfile
from podwright.projection.records import QueueConfig, SwitchQos
from podwright.targets.eos.blocks import Block, section

XGS = ("tomahawk", "trident")
WATCHDOG_ACTIONS = {"drop": "drop", "alert": "notify-only"}
FLOOR = 1
"""Per cent that a watched queue is guaranteed. EOS watches only queues with a guarantee, lest it take a queue that strict
ones starve for a stuck one; how much the class gets is its weight."""


def profile_name(profile: EcnProfile) -> str:
    """`rocev2` at 400G -> `ROCEV2-400G`."""
    return f"{profile.traffic_class.upper()}-{profile.gbps}G"


def buffer_profile(qos: SwitchQos | None) -> Iterator[Block]:
    if qos is None or not qos.headroom_bytes:
        return
    alpha = Fraction(2) ** qos.traffic_class.dynamic_threshold
    yield section(
        f"platform trident mmu queue profile {_class_name(qos)}",
        (f" ingress threshold {alpha}", f" ingress headroom {qos.headroom_bytes}"),
    )


def use_of_buffer_profile(qos: SwitchQos | None) -> Iterator[Block]:
    if qos is not None and qos.headroom_bytes:
        yield (f"platform trident mmu queue profile {_class_name(qos)} apply",)


def port_profiles(qos: SwitchQos | None) -> Iterator[Block]:
    if qos is not None:
        yield from (_port_profile(qos, each) for each in sorted(qos.ecn, key=profile_name))


def marks_and_watchdog(qos: SwitchQos | None) -> Iterator[Block]:
    if qos is not None:
        yield (*_marks(qos), *_watchdog(qos))


def _port_profile(qos: SwitchQos, ecn: EcnProfile) -> Block:
    watched = qos.traffic_class.watchdog != "none"
    return section(
        f"qos profile {profile_name(ecn)}",
        (
            "qos trust dscp",
            "priority-flow-control on",
            f"priority-flow-control priority {qos.traffic_class.priority} no-drop",
            *(("priority-flow-control pause watchdog",) if watched else ()),
        ),
        *(_queue(qos, each, ecn, watched) for each in sorted(qos.queues, key=lambda each: each.number)),
    )


def _queue(qos: SwitchQos, queue: QueueConfig, ecn: EcnProfile, watched: bool) -> Iterator[str]:
    """Queues of EOS are strict unless told. Marks begin and are complete at so many bytes of this queue."""
    yield f"{_queue_word(qos)} {queue.number}"
    if queue.strict:
        yield "   priority strict"
        return
    yield "   no priority"
    yield f"   bandwidth percent {queue.weight}"
    if queue.use == "lossless":
        if watched:
            yield f"   bandwidth guaranteed percent {FLOOR}"
        yield (
            f"   random-detect ecn minimum-threshold {ecn.min_bytes} bytes "
            f"maximum-threshold {ecn.max_bytes} bytes max-mark-probability {ecn.probability}"
        )


def _marks(qos: SwitchQos) -> Iterator[str]:
    """All 64 marks, and the queues of the classes in use: a map from class 7 is fixed in EOS, and none is needed."""
    for each in sorted(set(qos.dscp_to_tc)):
        marks = " ".join(str(dscp) for dscp, traffic_class in enumerate(qos.dscp_to_tc) if traffic_class == each)
        yield f"qos map dscp {marks} to traffic-class {each}"
    for each in sorted(set(qos.dscp_to_tc)):
        yield f"qos map traffic-class {each} to {_queue_word(qos)} {qos.tc_to_queue[each]}"


def _watchdog(qos: SwitchQos) -> Iterator[str]:
    """Times in seconds. EOS wants two polls within the shorter of the others; else it polls as often as it likes."""
    traffic = qos.traffic_class
    if traffic.watchdog == "none":
        return
    head = "priority-flow-control pause watchdog"
    yield f"{head} default timeout {_hundredths(traffic.detection_ms)}"
    yield f"{head} default recovery-time {_hundredths(traffic.restoration_ms)}"
    if 2 * traffic.poll_ms <= min(traffic.detection_ms, traffic.restoration_ms):
        yield f"{head} default polling-interval {traffic.poll_ms / 1000:g}"
    yield f"{head} action {WATCHDOG_ACTIONS[traffic.watchdog]}"


def _hundredths(milliseconds: int) -> str:
    """Seconds, rounded up to the hundredths that EOS takes."""
    return f"{-(-milliseconds // 10) / 100:g}"


def _class_name(qos: SwitchQos) -> str:
    return qos.traffic_class.name.upper()


def _is_xgs(qos: SwitchQos) -> bool:
    return qos.asic.startswith(XGS)


def _queue_word(qos: SwitchQos) -> str:
    return "uc-tx-queue" if _is_xgs(qos) else "tx-queue"
