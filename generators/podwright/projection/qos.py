"""The lossless class as a switch is told of it: which mark leads to which queue, and what each port sets aside."""

from __future__ import annotations

from collections.abc import Iterable

from podwright.catalog import Asic, Catalog
from podwright.design import Index
from podwright.model.design import ClassBinding, Device, TrafficClass
from podwright.projection.records import LosslessPort, QueueConfig, SwitchQos
from podwright.projection.spelling import linux_name

DEFAULT_CLASS = 0
DSCPS, CLASSES = 64, 8
CONTROL = (48, 56)
"""CS6 and CS7, by which routing protocols mark their packets (RFC 4594)."""


def project_qos(index: Index, catalog: Catalog, device: Device) -> SwitchQos | None:
    """The class of a switch's ports; None where no port carries one, or where the catalogue does not know the ASIC.

    A switch belongs to one fabric, and a fabric has one lossless class.
    """
    bindings = [each for each in index.bindings.get(device.name, ()) if each.buffer]
    if not bindings or device.model not in catalog.switches:
        return None
    traffic = index.traffic_class[bindings[0].name]
    name = catalog.switches[device.model].asic
    asic = catalog.asics[name]
    headroom = index.buffer_budget[device.fabric, device.tier, device.model].headroom_bytes
    return _qos(index, traffic, name, asic, bindings, headroom)


def _qos(
    index: Index, traffic: TrafficClass, name: str, asic: Asic, bindings: list[ClassBinding], headroom: int
) -> SwitchQos:
    lossless, priority = traffic.traffic_class, traffic.priority
    set_aside = sum(index.buffer[each.buffer].size_bytes for each in bindings)
    return SwitchQos(
        traffic_class=traffic,
        asic=name,
        dscp_to_tc=tuple(_class_of(dscp, traffic) for dscp in range(DSCPS)),
        # Only what may pause has a priority group of its own: the others share the one that drops.
        tc_to_group=tuple(each if each == lossless else DEFAULT_CLASS for each in range(CLASSES)),
        tc_to_queue=tuple(range(CLASSES)),
        priority_to_group={priority: lossless},
        priority_to_queue={priority: lossless},
        queues=(
            QueueConfig(number=DEFAULT_CLASS, use="default", strict=False, weight=100 - traffic.bandwidth),
            QueueConfig(number=lossless, use="lossless", strict=False, weight=traffic.bandwidth),
            QueueConfig(number=traffic.cnp_traffic_class, use="notifications", strict=True, weight=0),
        ),
        ports=tuple(
            LosslessPort(
                name=each.interface,
                linux=linux_name(each.interface),
                metres=index.buffer[each.buffer].metres,
                buffer=each.buffer,
                ecn=each.ecn,
            )
            for each in bindings
        ),
        buffers=tuple(index.buffer[each] for each in _distinct(each.buffer for each in bindings)),
        ecn=tuple(index.ecn_profile[each] for each in _distinct(each.ecn for each in bindings)),
        pool_bytes=asic.lossless_pool_bytes,
        shared_bytes=max(asic.lossless_pool_bytes - set_aside, 0),
        shared_percent=index.ecn_profile[bindings[0].ecn].shared_percent,
        headroom_bytes=headroom,
        headroom_pool_bytes=asic.headroom_pool_bytes,
    )


def _class_of(dscp: int, traffic: TrafficClass) -> int:
    """Congestion notifications share their class with routing protocols: neither may wait behind data."""
    if dscp == traffic.dscp:
        return traffic.traffic_class
    return traffic.cnp_traffic_class if dscp in (traffic.cnp_dscp, *CONTROL) else DEFAULT_CLASS


def _distinct(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
