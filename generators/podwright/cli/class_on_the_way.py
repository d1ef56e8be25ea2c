"""What becomes of a lossless class at the ports that a flow goes through: its group and headroom, its queue and marks."""

from __future__ import annotations

from podwright.model.design import BufferProfile, ClassBinding, Design, EcnProfile, TrafficClass
from podwright.network.graph import End

HEADINGS = ("DSCP", "TC", "PG", "xoff B", "xon B", "size B", "queue", "PFC", "ECN marks")


class ClassOnTheWay:
    """A class of a design, and the profiles that its ports have for it. Servers have neither groups nor profiles."""

    def __init__(self, design: Design, traffic: TrafficClass) -> None:
        self._traffic = traffic
        self._switches = {device.name for device in design.devices if device.kind == "switch"}
        self._bindings: dict[End, ClassBinding] = {
            End(each.device, each.interface): each for each in design.bindings if each.name == traffic.name
        }
        self._buffers = {each.name: each for each in design.buffers}
        self._marks = {each.name: each for each in design.ecn_profiles}

    def cells(self, arriving: End | None, leaving: End | None) -> tuple[object, ...]:
        """One cell for each of HEADINGS: how a device takes a packet in at one port, and lets it out at another."""
        taken, let = self.taken_in(arriving), self.let_out(leaving)
        buffer, marking = self._buffer(arriving), self._marking(leaving)
        sizes = (buffer.xoff_bytes, buffer.xon_bytes, buffer.size_bytes) if buffer else ("", "", "")
        marks = f"{marking.min_bytes} to {marking.max_bytes} B, {marking.probability} %" if marking else ""
        return (
            self._traffic.dscp,
            taken.get("traffic_class", ""),
            taken.get("priority_group", ""),
            *sizes,
            let.get("queue", ""),
            taken.get("pfc_priority", let.get("pfc_priority", "")),
            marks,
        )

    def taken_in(self, end: End | None) -> dict[str, object]:
        """What a port that packets come in by makes of the class; nothing where it is lossy."""
        if end is None or end not in self._bindings:
            return {}
        paused: dict[str, object] = {"dscp": self._traffic.dscp, "pfc_priority": self._traffic.priority}
        if end.device not in self._switches:
            return paused
        inside = {"traffic_class": self._traffic.traffic_class, "priority_group": self._traffic.traffic_class}
        buffer = self._buffer(end)
        if buffer is None:
            return paused | inside
        sizes = {"xoff_bytes": buffer.xoff_bytes, "xon_bytes": buffer.xon_bytes, "size_bytes": buffer.size_bytes}
        return paused | inside | sizes

    def let_out(self, end: End | None) -> dict[str, object]:
        """What a port that packets leave by makes of the class; nothing where it is lossy."""
        if end is None or end not in self._bindings:
            return {}
        paused: dict[str, object] = {"dscp": self._traffic.dscp, "pfc_priority": self._traffic.priority}
        if end.device not in self._switches:
            return paused
        queued = paused | {"queue": self._traffic.traffic_class}
        marking = self._marking(end)
        if marking is None:
            return queued
        ecn = {"min_bytes": marking.min_bytes, "max_bytes": marking.max_bytes, "probability": marking.probability}
        return queued | {"ecn": ecn}

    def _buffer(self, end: End | None) -> BufferProfile | None:
        binding = self._bindings.get(end) if end else None
        return self._buffers.get(binding.buffer) if binding else None

    def _marking(self, end: End | None) -> EcnProfile | None:
        binding = self._bindings.get(end) if end else None
        return self._marks.get(binding.ecn) if binding else None
