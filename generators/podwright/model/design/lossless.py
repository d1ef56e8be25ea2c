"""The lossless classes: how they are told apart, which ports carry them, and the buffers that this takes.

Numbers are computed once for every kind of port (`BufferProfile`, `EcnProfile`), and ports name them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from podwright.model.design.identity import Tier

WatchdogAction = Literal["drop", "forward", "alert", "none"]


class TrafficClass(msgspec.Struct, frozen=True, kw_only=True):
    """A lossless class: packets to UDP `udp_port` carry `dscp` and ride on PFC priority `priority`.

    Inside switches they are of `traffic_class`, which is also the number of their priority group and queue. Congestion
    notifications carry `cnp_dscp` and have `cnp_traffic_class` to themselves. `bandwidth` is the per cent of a port that the
    class is sure of; alpha of its buffers is 2 ** `dynamic_threshold`. Watchdog times are milliseconds.
    """

    name: str
    dscp: int
    priority: int
    udp_port: int
    traffic_class: int
    cnp_dscp: int
    cnp_traffic_class: int
    bandwidth: int
    dynamic_threshold: int
    watchdog: WatchdogAction
    detection_ms: int
    restoration_ms: int
    poll_ms: int
    origin: str


class Term(msgspec.Struct, frozen=True):
    """One number on the way to a result, its formula with numbers put in, and where it comes from."""

    name: str
    value: int | float
    unit: str
    formula: str
    source: str


class BufferProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The priority group of a lossless class on ports of one kind.

    A port keeps `xoff_bytes` for what still arrives after it asked for a pause, and `size_bytes` in all; the pause ends
    when the group has fallen to `xon_bytes`, or `xon_offset_bytes` below where it paused. `measured`: the blueprint gives the
    three in place of those that `terms` compute, whose last terms they are. `limit_bytes` is the most headroom that a port
    of the ASIC may have; 0 where no public document states it.
    """

    name: str
    traffic_class: str
    asic: str
    gbps: int
    lanes: int
    metres: int
    mtu: int
    packet_bytes: int
    small_packets: int
    xoff_bytes: int
    xon_bytes: int
    xon_offset_bytes: int
    size_bytes: int
    limit_bytes: int
    dynamic_threshold: int
    measured: bool
    terms: tuple[Term, ...]
    origin: str


class EcnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """When queues of a lossless class mark packets, on ports of one tier, model and speed.

    Marking begins at `min_bytes`, and from `max_bytes` on it is as likely as `probability`, in per cent. While
    `congested_groups` of a switch are congested, each with `reserved_bytes` of the pool set aside, a priority group pauses at
    `xoff_threshold_bytes`, and one that feeds all ports alike is marked before that where `min_bytes` is below
    `marking_bound_bytes`; both are 0 where no public document states the ASIC's pool. `shared_percent` of what headroom
    leaves of the pool is there for what may pause: all of it unless the system keeps what may drop in a pool apart.
    `written`: the blueprint gives the thresholds.
    """

    name: str
    traffic_class: str
    fabric: str
    tier: Tier
    model: str
    gbps: int
    min_bytes: int
    max_bytes: int
    probability: int
    congested_groups: int
    reserved_bytes: int
    pool_bytes: int
    shared_percent: int
    xoff_threshold_bytes: int
    marking_bound_bytes: int
    written: bool
    origin: str


class ClassBinding(msgspec.Struct, frozen=True, kw_only=True):
    """This interface carries that class: a switch trusts its DSCP there, a host marks it there.

    On a switch, `buffer` and `ecn` name the profiles of the port; a host has none.
    """

    device: str
    interface: str
    name: str
    buffer: str = ""
    ecn: str = ""


class BufferBudget(msgspec.Struct, frozen=True, kw_only=True):
    """What the lossless ports of the fullest switch of a tier and model set aside, and what its ASIC has.

    `reserved_bytes` is the sum of `size_bytes` over `groups` lossless priority groups, `xoff_bytes` that of their headroom.
    `headroom_bytes` is what each of them has where the system knows one headroom for all ports of a switch, which is that of
    the port that needs most, and is in both sums; 0 where each has its own.
    `pool_bytes` is what the ASIC has for lossless traffic, `headroom_pool_bytes` what it has for headroom alone; 0 where no
    public document states it, or where headroom is a part of the former.
    """

    fabric: str
    tier: Tier
    model: str
    asic: str
    device: str
    groups: int
    reserved_bytes: int
    xoff_bytes: int
    headroom_bytes: int
    pool_bytes: int
    headroom_pool_bytes: int
    origin: str
