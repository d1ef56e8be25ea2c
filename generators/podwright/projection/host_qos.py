"""The lossless class as a server is told of it: its NICs, and the libraries that send through them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_interface, ip_network

from podwright.catalog import Catalog
from podwright.catalog.records import DpuMode
from podwright.design import Index
from podwright.model.design import Attachment, Device, TrafficClass
from podwright.projection.host_records import CollectivesConfig, HostQos, LosslessNic

DSCPS, PRIORITIES = 64, 8
DEFAULT = 0
ECT0 = 0b10
"""A sender that is capable of ECN says so by this codepoint (RFC 3168); what does not say so is dropped where others are marked."""
AMD_GPUS = "amd.com/gpu"
SPREAD = 4
"""Flows of a connection where equal paths lie between servers: with one, the hash of a packet's ports decides a connection's
fate. One is NCCL's own number; a leaf that has no uplinks needs no more."""


def traffic_byte(dscp: int) -> int:
    """The DSCP with ECT(0): 106 for 26. It is `tos` of IPv4, `traffic class` of IPv6 and of InfiniBand's own header."""
    return dscp << 2 | ECT0


def project_host_qos(index: Index, catalog: Catalog, device: Device) -> tuple[HostQos, ...]:
    """One a class, in order of name, with the NICs that are bound to it."""
    bound: dict[str, set[str]] = {}
    for binding in index.bindings.get(device.name, ()):
        bound.setdefault(binding.name, set()).add(binding.interface)
    modes = _dpu_modes(catalog, device)
    return tuple(_qos(index, device, index.traffic_class[name], bound[name], modes) for name in sorted(bound))


def _dpu_modes(catalog: Catalog, device: Device) -> dict[str, DpuMode]:
    """PCI address -> mode."""
    model = catalog.servers.get(device.model)
    return {nic.pci: nic.dpu for nic in model.nics if nic.pci} if model else {}


def _qos(
    index: Index, device: Device, traffic: TrafficClass, interfaces: set[str], modes: Mapping[str, DpuMode]
) -> HostQos:
    lossless, notifications = traffic.traffic_class, traffic.cnp_traffic_class
    classes = {traffic.priority: lossless, notifications: notifications}
    shares = {DEFAULT: 100 - traffic.bandwidth, lossless: traffic.bandwidth}
    marks = {traffic.dscp: traffic.priority, traffic.cnp_dscp: notifications}
    return HostQos(
        name=traffic.name,
        dscp=traffic.dscp,
        priority=traffic.priority,
        traffic_byte=traffic_byte(traffic.dscp),
        cnp_dscp=traffic.cnp_dscp,
        cnp_priority=notifications,
        dscp_to_priority=tuple(marks.get(dscp, DEFAULT) for dscp in range(DSCPS)),
        pfc=tuple(each == traffic.priority for each in range(PRIORITIES)),
        priority_to_tc=tuple(classes.get(each, DEFAULT) for each in range(PRIORITIES)),
        transmission=tuple("ets" if each in shares else "strict" for each in range(PRIORITIES)),
        bandwidth=tuple(shares.get(each, 0) for each in range(PRIORITIES)),
        nics=tuple(_nic(index, each, modes) for each in _attached(index, device) if each.interface in interfaces),
    )


def _nic(index: Index, attachment: Attachment, modes: Mapping[str, DpuMode]) -> LosslessNic:
    leaf = next(
        (each for each in index.bindings.get(attachment.leaf, ()) if each.interface == attachment.leaf_port), None
    )
    return LosslessNic(
        name=attachment.interface,
        pci=attachment.pci,
        rail=attachment.rail,
        dpu=modes.get(attachment.pci, ""),
        metres=index.buffer[leaf.buffer].metres if leaf and leaf.buffer else 0,
    )


def _attached(index: Index, device: Device) -> list[Attachment]:
    """Every attachment that is an interface of the server's own system, by rail and plane."""
    own = {interface.name for interface in index.interfaces.get(device.name, ())}
    attached = [each for each in index.attachments.get(device.name, ()) if each.interface in own]
    return sorted(attached, key=lambda each: (each.rail, each.plane))


def project_collectives(index: Index, catalog: Catalog, device: Device) -> CollectivesConfig | None:
    """None for a server without GPUs, or whose GPUs have no lossless fabric."""
    model = catalog.servers.get(device.model)
    lossless = {each.interface for each in index.bindings.get(device.name, ())}
    rails = [each for each in _attached(index, device) if each.role == "compute" and each.interface in lossless]
    if model is None or not model.gpus or not rails:
        return None
    fabric = index.fabric[rails[0].fabric]
    known = all(each.pci and each.addressed_by == "host" for each in rails)
    (name,) = {each.name for each in index.bindings[device.name] if each.interface == rails[0].interface}
    return CollectivesConfig(
        library="rccl" if model.gpu_resource == AMD_GPUS else "nccl",
        traffic_byte=traffic_byte(index.traffic_class[name].dscp),
        devices=tuple(each.interface for each in rails) if known else (),
        addresses=_pool_of(index, rails),
        bootstrap=_bootstrap(index, device) if known else "",
        rails=fabric.topology == "rail-optimised",
        queue_pairs=SPREAD if fabric.spines else 1,
    )


def _pool_of(index: Index, rails: list[Attachment]) -> str:
    """The pool that all the rails' IPv4 addresses are of; empty where they have several, as the library takes one."""
    addresses = [
        ip_interface(address)
        for each in rails
        for address in index.addresses.get((each.device, each.interface), ())
        if ":" not in address
    ]
    pools = [ip_network(each) for each in index.fabric[rails[0].fabric].pools if ":" not in each]
    holding = {str(pool) for pool in pools for each in addresses if each.ip in pool}
    return holding.pop() if len(holding) == 1 else ""


def _bootstrap(index: Index, device: Device) -> str:
    """The first interface with an address of its own that the server configures, of the front before the rails.

    A front of unnumbered sessions has none: its address is on the loopback, where libraries find 127.0.0.1 first.
    """
    usable = [
        each
        for each in _attached(index, device)
        if each.role in ("frontend", "compute")
        and each.addressed_by == "host"
        and index.addresses.get((device.name, each.interface))
    ]
    return min(usable, key=lambda each: each.role != "frontend").interface if usable else ""
