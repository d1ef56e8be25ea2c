"""Lossless classes on every hop: which ports carry them, and the buffers and ECN thresholds of each kind of port.

Headroom comes from `podwright.design.headroom`; thresholds that the blueprint leaves open are placed by the order that a
lossless class needs: marking begins, marking is complete, a priority group pauses. Nothing ever drops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from podwright.catalog import Asic, Switch
from podwright.design.draft import Draft
from podwright.design.facility import length_of
from podwright.design.headroom import Question, headroom
from podwright.design.thresholds import alpha_of, dynamic_ecn_threshold, pool_threshold, unreserved
from podwright.model.blueprint import BUILT_IN_LOSSLESS, EcnThresholds, LosslessClass, MeasuredHeadroom
from podwright.model.design import Device, Link, Port
from podwright.model.design.identity import Tier
from podwright.model.design.lossless import BufferBudget, BufferProfile, ClassBinding, EcnProfile, TrafficClass

KMAX_BYTES = 1_500_000
KMIN_PART = 10
"""What is marked from 150,000 to 1,500,000 bytes in NVIDIA's lossless RoCE profile, where the buffer allows it:
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/Layer-1-and-Switch-Ports/Quality-of-Service/"""
KMAX_SHARE = 0.8
"""Of the length at which a group pauses: what arrives between a mark and the sender's answer has the rest."""
POOLS_APART = frozenset({"cumulus"})
"""Systems that keep what may pause and what may drop in pools apart, which share the memory as the class shares bandwidth:
`traffic-pool`, https://docs.nvidia.com/networking-ethernet-software/nvue-reference/Set-and-Unset-Commands/QoS"""
ONE_HEADROOM = {"eos": ("tomahawk", "trident")}
"""Systems, and families of chips, with one headroom for all ports of a switch: `platform trident mmu queue profile`,
https://www.arista.com/en/um-eos/eos-quality-of-service"""
MBPS, KIB = 1000, 1024
RESTORATION = 2
"""SONiC's `pfcwd start` restores after twice the detection time unless told otherwise."""


def record_classes(draft: Draft) -> None:
    """Every lossless class that a fabric asks for, in order of name; `rocev2` needs no definition."""
    defined = BUILT_IN_LOSSLESS | draft.blueprint.lossless
    askers = {fabric.lossless: name for name, fabric in sorted(draft.blueprint.fabrics.items(), reverse=True)}
    for name in sorted(asked for asked in askers if asked in defined):
        written = name in draft.blueprint.lossless
        draft.classes.append(
            _class(name, defined[name], f"lossless.{name}" if written else f"fabrics.{askers[name]}.lossless")
        )


def bind_classes(draft: Draft) -> None:
    """Adds a ClassBinding for both ends of every cable of a lossless fabric, and the profiles that switches' ends need."""
    by_fabric = {name: fabric.lossless for name, fabric in draft.blueprint.fabrics.items() if fabric.lossless}
    binder = _Binder(draft)
    for link in draft.links:
        name = by_fabric.get(link.fabric)
        if name in binder.classes and link.use in ("host", "fabric"):
            for device, port in ((link.a_device, link.a_port), (link.b_device, link.b_port)):
                draft.bindings.append(binder.bind(name, link, device, port))
    draft.buffers += binder.buffers.values()
    draft.ecn_profiles += binder.ecn_profiles.values()
    draft.buffer_budgets += _budgets(draft, binder)


def note_dpus(draft: Draft) -> None:
    """DPUs whose own system is between a server and a lossless fabric: what that has to be set to, and is not ours to set."""
    classes = {each.name: each for each in draft.classes}
    asked = {role: fabric.lossless for fabric in draft.blueprint.fabrics.values() for role in fabric.carries}
    for group, spec in sorted(draft.blueprint.servers.items()):
        model = draft.catalog.servers.get(spec.model)
        for role in sorted({nic.role for nic in model.nics if nic.dpu == "dpu"} if model else ()):
            traffic = classes.get(asked.get(role) or "")
            if traffic is not None:
                draft.note(
                    "DES406",
                    f"servers.{group}.model",
                    f"the {role} ports of `{group}` ({spec.model}) are DPUs with a system of their own, which Podwright does not "
                    f"configure: it has to trust DSCP, pause priority {traffic.priority} alone, and send notifications with DSCP "
                    f"{traffic.cnp_dscp} on priority {traffic.cnp_traffic_class}",
                    f"Set that in the system of each DPU (`mlnx_qos -i p0 --trust dscp --pfc {_only(traffic.priority)}`), or write "
                    "`dpu: nic` in an entry of your own catalogue.",
                )


def _only(priority: int) -> str:
    """3 -> `0,0,0,1,0,0,0,0`, as mlnx_qos has it."""
    return ",".join(str(int(each == priority)) for each in range(8))


def _class(name: str, known: LosslessClass, origin: str) -> TrafficClass:
    watchdog = known.watchdog
    return TrafficClass(
        name=name,
        dscp=known.dscp,
        priority=known.priority,
        udp_port=known.udp_port,
        traffic_class=known.priority if known.traffic_class is None else known.traffic_class,
        cnp_dscp=known.cnp.dscp,
        cnp_traffic_class=known.cnp.traffic_class,
        bandwidth=known.bandwidth,
        dynamic_threshold=known.dynamic_threshold,
        watchdog=watchdog.action,
        detection_ms=watchdog.detection_ms,
        restoration_ms=watchdog.restoration_ms or RESTORATION * watchdog.detection_ms,
        poll_ms=watchdog.poll_ms,
        origin=origin,
    )


class _Kind(NamedTuple):
    """A switch's port, as far as its buffers are concerned."""

    device: Device
    model: Switch
    asic: Asic
    port: Port
    metres: int
    mtu: int
    packet: int
    """The largest packet of the class, in bytes, with its tunnel where there is one."""


class _Binder:
    """Profiles by their names; each is computed when the first port asks for it."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        defined = BUILT_IN_LOSSLESS | draft.blueprint.lossless
        self.classes: dict[str, LosslessClass] = {each.name: defined[each.name] for each in draft.classes}
        self.origins = {each.name: each.origin for each in draft.classes}
        self.buffers: dict[str, BufferProfile] = {}
        self.ecn_profiles: dict[str, EcnProfile] = {}
        self._devices = {device.name: device for device in draft.devices}
        self._ports = {(port.device, port.name): port for port in draft.ports}
        self._overheads = {fabric.name: fabric.overhead for fabric in draft.fabrics}

    def bind(self, name: str, link: Link, device: str, port: str) -> ClassBinding:
        kind = self._kind(name, link, device, port)
        if kind is None:
            return ClassBinding(device=device, interface=port, name=name)
        return ClassBinding(
            device=device, interface=port, name=name, buffer=self._buffer(name, kind), ecn=self._ecn(name, kind, link)
        )

    def _kind(self, name: str, link: Link, device: str, port: str) -> _Kind | None:
        """None for a server, and for a switch of which the catalogue knows nothing."""
        switch = self._devices[device]
        model = self._draft.catalog.switches.get(switch.model)
        asic = self._draft.catalog.asics.get(model.asic) if model else None
        if switch.kind != "switch" or model is None or asic is None:
            return None
        metres = length_of(self._draft.blueprint.facility.lengths, link.use)
        overhead = self._overheads[link.fabric] if link.use == "fabric" else 0
        packet = self.classes[name].packet_bytes + overhead
        return _Kind(switch, model, asic, self._ports[device, port], metres, link.mtu, packet)

    def _buffer(self, name: str, kind: _Kind) -> str:
        lanes = len(kind.port.lanes)
        key = f"{name}-{kind.model.asic}-{kind.port.gbps}g-{lanes}l-{kind.metres}m-{kind.mtu}"
        written = _first(self.classes[name].measured, lambda each: _measures(each, kind))
        if written is not None:
            key += f"-{self.classes[name].measured.index(written)}"
        if key not in self.buffers:
            self.buffers[key] = self._profile(key, name, kind, written)
        return key

    def _profile(self, key: str, name: str, kind: _Kind, written: MeasuredHeadroom | None) -> BufferProfile:
        klass = self.classes[name]
        found = headroom(
            kind.asic,
            # Question's own defaults are the current arithmetic, which is never less than that of published tables.
            Question(
                mbps=kind.port.gbps * MBPS,
                metres=kind.metres,
                lanes=len(kind.port.lanes),
                port_mtu=kind.mtu,
                lossless_mtu=kind.packet,
                small_packets=klass.small_packets,
            ),
        )
        return BufferProfile(
            name=key,
            traffic_class=name,
            asic=kind.model.asic,
            gbps=kind.port.gbps,
            lanes=len(kind.port.lanes),
            metres=kind.metres,
            mtu=kind.mtu,
            packet_bytes=kind.packet,
            small_packets=klass.small_packets,
            xoff_bytes=written.xoff_bytes if written else found.xoff_bytes,
            xon_bytes=written.xon_bytes if written else found.xon_bytes,
            xon_offset_bytes=0 if written else found.xon_offset_bytes,
            size_bytes=written.size_bytes if written else found.size_bytes,
            limit_bytes=kind.asic.port_headroom_limit_kib * KIB,
            dynamic_threshold=klass.dynamic_threshold,
            measured=written is not None,
            terms=found.terms,
            origin=f"{self.origins[name]}.measured" if written else self.origins[name],
        )

    def _ecn(self, name: str, kind: _Kind, link: Link) -> str:
        device, gbps = kind.device, kind.port.gbps
        key = f"{name}-{link.fabric}-{device.tier}-{device.model}-{gbps}g"
        if key not in self.ecn_profiles:
            self.ecn_profiles[key] = self._thresholds(key, name, kind, link)
        return key

    def _thresholds(self, key: str, name: str, kind: _Kind, link: Link) -> EcnProfile:
        klass = self.classes[name]
        groups = klass.congested_groups or most_ports(kind.model, kind.port.gbps)
        reserved = self.buffers[self._buffer(name, kind)].size_bytes
        percent = klass.bandwidth if kind.device.nos in POOLS_APART else 100
        pause, bound = _pauses(kind.asic.lossless_pool_bytes, percent, klass.dynamic_threshold, groups, reserved)
        written = _first(klass.ecn, lambda each: _marks(each, kind))
        kmin, kmax = (written.min_bytes, written.max_bytes) if written else _placed(pause)
        return EcnProfile(
            name=key,
            traffic_class=name,
            fabric=link.fabric,
            tier=kind.device.tier,
            model=kind.device.model,
            gbps=kind.port.gbps,
            min_bytes=kmin,
            max_bytes=kmax,
            probability=written.probability if written else 100,
            congested_groups=groups,
            reserved_bytes=reserved,
            pool_bytes=kind.asic.lossless_pool_bytes,
            shared_percent=percent,
            xoff_threshold_bytes=pause,
            marking_bound_bytes=bound,
            written=written is not None,
            origin=f"{self.origins[name]}.ecn.{klass.ecn.index(written)}" if written else self.origins[name],
        )


def most_ports(model: Switch, gbps: int) -> int:
    """Ports that a switch has where every cage is split for `gbps`: a limit of the hardware, so growth never moves it."""
    return sum(cages.count * max((count for count, speed in _modes(cages.modes) if speed >= gbps), default=0)
               for cages in model.cages)  # fmt: skip


def _modes(modes: Iterable[str]) -> Iterator[tuple[int, int]]:
    """`2x400G` -> (2, 400)."""
    for mode in modes:
        count, _, speed = mode.removesuffix("G").partition("x")
        yield int(count), int(speed)


def _pauses(pool: int, percent: int, dynamic_th: int, groups: int, reserved: int) -> tuple[int, int]:
    """When a group pauses, and when one that feeds all ports alike must be marked; zeros where nothing is left to share.

    Both grow with what is shared, of which `percent` is there for what may pause.
    """
    shared = unreserved(pool, groups, reserved, priorities=1)
    if shared <= 0:
        return 0, 0
    pause = pool_threshold(dynamic_th, shared, groups)
    bound = dynamic_ecn_threshold(pool, groups, reserved, alpha_of(dynamic_th), priorities=1)
    return int(pause * percent / 100), int(bound * percent / 100)


def _placed(pause: int) -> tuple[int, int]:
    """Kmin and Kmax where the blueprint writes none: marking is complete well before a priority group pauses."""
    kmax = min(KMAX_BYTES, int(pause * KMAX_SHARE)) if pause else KMAX_BYTES
    return kmax // KMIN_PART, kmax


def _measures(each: MeasuredHeadroom, kind: _Kind) -> bool:
    return (
        each.model in (None, kind.device.model)
        and each.speed in (None, f"{kind.port.gbps}G")
        and (each.metres is None or kind.metres <= each.metres)
    )


def _marks(each: EcnThresholds, kind: _Kind) -> bool:
    return each.tier in (None, kind.device.tier) and each.speed in (None, f"{kind.port.gbps}G")


_Written = TypeVar("_Written")


def _first(written: Iterable[_Written], fits: Callable[[_Written], bool]) -> _Written | None:
    return next((each for each in written if fits(each)), None)


_Place = tuple[str, Tier, str]
"""Fabric, tier and model."""


def _budgets(draft: Draft, binder: _Binder) -> Iterator[BufferBudget]:
    """One a tier and model of a fabric: that of its fullest switch."""
    reserved: dict[str, list[BufferProfile]] = defaultdict(list)
    for binding in draft.bindings:
        if binding.buffer:
            reserved[binding.device].append(binder.buffers[binding.buffer])
    devices = [device for device in draft.devices if device.name in reserved]
    most: dict[_Place, int] = defaultdict(int)
    for device in devices:
        most[_place(device)] = max(most[_place(device)], *(each.xoff_bytes for each in reserved[device.name]))
    fullest: dict[_Place, BufferBudget] = {}
    for device in devices:
        place = _place(device)
        budget = _budget(draft, device, reserved[device.name], most[place])
        if place not in fullest or fullest[place].reserved_bytes < budget.reserved_bytes:
            fullest[place] = budget
    yield from fullest.values()


def _place(device: Device) -> _Place:
    return device.fabric, device.tier, device.model


def _budget(draft: Draft, device: Device, buffers: list[BufferProfile], most: int) -> BufferBudget:
    """`most` is the largest headroom that a port of such a switch needs."""
    name = draft.catalog.switches[device.model].asic
    asic = draft.catalog.asics[name]
    alike = most if name.startswith(ONE_HEADROOM.get(device.nos, ())) else 0
    given = [alike or each.xoff_bytes for each in buffers]
    return BufferBudget(
        fabric=device.fabric,
        tier=device.tier,
        model=device.model,
        asic=name,
        device=device.name,
        groups=len(buffers),
        reserved_bytes=sum(each.size_bytes - each.xoff_bytes for each in buffers) + sum(given),
        xoff_bytes=sum(given),
        headroom_bytes=alike,
        pool_bytes=asic.lossless_pool_bytes,
        headroom_pool_bytes=asic.headroom_pool_bytes,
        origin=f"fabrics.{device.fabric}.{device.tier}",
    )
