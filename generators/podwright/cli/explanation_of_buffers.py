"""The lossless class of a switch's port: how packets find their queue, when it marks and pauses, and every term of its headroom."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.cli.table import table
from podwright.model.design import BufferProfile, ClassBinding, Design, EcnProfile, TrafficClass


def lossless_of_port(design: Design, device: str, port: str) -> Iterator[str]:
    """Sentences about the class that the port carries, if any; the headroom's sum comes as `headroom_of_port`."""
    binding = _binding(design, device, port)
    if binding is None:
        return
    traffic = next(each for each in design.classes if each.name == binding.name)
    yield (
        f"lossless class {traffic.name}: DSCP {traffic.dscp} -> traffic class {traffic.traffic_class} -> priority group "
        f"{traffic.traffic_class}, queue {traffic.traffic_class}; PFC priority {traffic.priority}"
    )
    yield f"congestion notifications: DSCP {traffic.cnp_dscp} -> traffic class {traffic.cnp_traffic_class}"
    if binding.ecn:
        yield from _of_marking(next(each for each in design.ecn_profiles if each.name == binding.ecn))
    if binding.buffer:
        yield from _of_buffer(_buffer(design, binding), _headroom_of_switch(design, device))
        yield _of_watchdog(traffic)


def headroom_of_port(design: Design, device: str, port: str) -> str:
    """The terms of the port's headroom as a table; empty where it has none."""
    binding = _binding(design, device, port)
    if binding is None or not binding.buffer:
        return ""
    rows = [(each.name, _spelt(each.value), each.unit, each.formula) for each in _buffer(design, binding).terms]
    return table("Headroom", ("term", "value", "unit", "formula"), rows)


def _binding(design: Design, device: str, port: str) -> ClassBinding | None:
    return next((each for each in design.bindings if (each.device, each.interface) == (device, port)), None)


def _buffer(design: Design, binding: ClassBinding) -> BufferProfile:
    return next(each for each in design.buffers if each.name == binding.buffer)


def _headroom_of_switch(design: Design, name: str) -> int:
    """What every lossless port of the switch has alike, in bytes; 0 where each has its own."""
    device = next(each for each in design.devices if each.name == name)
    place = (device.fabric, device.tier, device.model)
    budgets = {(each.fabric, each.tier, each.model): each for each in design.buffer_budgets}
    return budgets[place].headroom_bytes


def _of_buffer(profile: BufferProfile, alike: int) -> Iterator[str]:
    source = "as measured" if profile.measured else f"computed for {profile.asic}"
    yield (
        f"headroom (xoff) {profile.xoff_bytes} B, xon {profile.xon_bytes} B, size {profile.size_bytes} B, {source}, "
        f"{profile.gbps}G on {profile.lanes} lanes, {profile.metres} m of cable, MTU {profile.mtu}"
    )
    if alike:
        yield f"the switch has one headroom for all its ports, that of the port that needs most: {alike} B"


def _of_marking(profile: EcnProfile) -> Iterator[str]:
    written = "as written" if profile.written else "computed"
    yield f"ECN marks from {profile.min_bytes} B, all of {profile.probability} % from {profile.max_bytes} B, {written}"
    part = f" and share {profile.shared_percent} % of the buffer" if profile.shared_percent < 100 else ""
    if profile.xoff_threshold_bytes:
        yield (
            f"pauses at {profile.xoff_threshold_bytes} B while {profile.congested_groups} priority groups are congested{part}"
        )
    else:
        yield "when it pauses is unknown: no public document states the buffer of this ASIC"


def _of_watchdog(traffic: TrafficClass) -> str:
    if traffic.watchdog == "none":
        return "no PFC watchdog"
    return (
        f"PFC watchdog: {traffic.watchdog} after {traffic.detection_ms} ms of pause, "
        f"restored after {traffic.restoration_ms} ms without"
    )


def _spelt(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
