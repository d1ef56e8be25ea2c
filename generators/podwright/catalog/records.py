"""What the catalogue knows. Every entry names its public source; speeds are in Gb/s, power in watts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

DpuMode = Literal["", "nic", "dpu"]
NicRole = Literal["compute", "frontend", "storage", "management"]


class Cages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of equal cages: `count` of them from number `first`.

    `modes` are the breakouts that every NOS of the entry lists for each cage of the run at once, the whole cage first,
    as `1x800G` or `2x400G`. `slower` are the speeds that ports of the densest mode above them may also run at.

    `index` is the number that SONiC gives the first port of the first cage; it counts up by `lanes` a cage. `lane` is
    the first lane of the first cage; lanes count up by `lane_step` a cage (by `lanes` where that is 0), or begin as
    `first_lanes` says, cage by cage, where the board does not wire them in order.
    """

    first: int
    count: int
    form: str
    lanes: int
    modes: tuple[str, ...]
    index: int
    lane: int
    slower: tuple[str, ...] = ()
    lane_step: int = 0
    first_lanes: tuple[int, ...] = ()


CONFIGURED_SYSTEMS = frozenset({"sonic", "cumulus", "eos", "linux", "frr"})
"""Operating systems that a target writes configurations for. The others' ports are known, so pods can be designed."""


class Nos(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an operating system names things on this model.

    `whole` and `sub` spell a port, `single` one of a cage with one lane where that differs from `whole`. Fields:
    {cage}, {sub} (from 1), {sub0} (from 0), {lane} (the port's first lane in its cage, from 1), {letter} (a, b, ...)
    and {index}.
    `also` are further spellings of a whole cage that people write; `abbreviates` says that the command line takes
    shortened words in any case, as `et1/1`.

    `platform` and `hwsku` are SONiC's names of the hardware and of its port profile. `breakout_modes` leads from a mode
    of the cages to the platform's own spelling of it, `2x400G` to `2x400G[200G,100G]`: a key of `breakout_modes` in the
    platform's platform.json. No known platform spells one mode in two ways; a mode that is left out is not known there.
    """

    whole: str
    sub: str
    management: str
    single: str = ""
    alias_whole: str = ""
    alias_sub: str = ""
    alias_single: str = ""
    also: tuple[str, ...] = ()
    abbreviates: bool = False
    platform: str = ""
    hwsku: str = ""
    breakout_modes: dict[str, str] = {}


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A switch model. `asic` names an entry of the catalogue.

    `source` are addresses of public documents; a power of 0 means that none of them states it.
    """

    title: str
    vendor: str
    asic: str
    rack_units: int
    cages: tuple[Cages, ...]
    nos: dict[str, Nos]
    source: tuple[str, ...]
    typical_watts: int = 0
    max_watts: int = 0


class Nic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One port of a NIC: what it is for, where it sits. `controller` marks the port of the BMC.

    `dpu` is the mode that the port's DPU is to be in: `nic` is a plain NIC to its server, `dpu` has its own system between the
    two; empty where the NIC is no DPU, or is left as it is.

    Compute ports have a `rail` (from 0, the order of the GPUs) and a `plane` (from 1). `pci` is empty and `numa` -1
    where no public document states them, or where slots vary by vendor.
    """

    role: NicRole
    gbps: int
    model: str
    pci: str = ""
    numa: int = -1
    rail: int = -1
    plane: int = 1
    controller: bool = False
    dpu: DpuMode = ""


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server model. `purpose` is what a group of them is for unless the blueprint says otherwise.

    `source` are addresses of public documents; a power of 0 means that none of them states it. `gpu_resource` is what
    Kubernetes calls the GPUs; NVLink joins those of `nvlink_servers` consecutive servers of a group.
    """

    title: str
    vendor: str
    purpose: Literal["compute", "control", "storage", "login", "service"]
    rack_units: int
    gpus: int
    gpu_model: str
    nics: tuple[Nic, ...]
    source: tuple[str, ...]
    max_watts: int = 0
    gpu_resource: str = "nvidia.com/gpu"
    nvlink_servers: int = 1


class Standard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The standard of a link of `gbps` in all."""

    gbps: int
    standard: str


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a cable goes at `lane_gbps` a lane, in metres, and which standard says so.

    `speeds` are the standards of links by their speed in all, none of which goes less far; a link of another speed has
    lanes as those of `standard`.
    """

    lane_gbps: int
    metres: int
    standard: str
    speeds: tuple[Standard, ...] = ()


class Cable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of cable. With `ends` of `attached` its plugs belong to it; `transceiver` means one more part an end.

    `forms` are the only cages that it fits; without them it fits every cage that no other kind claims. `relanes` says that
    its transceivers translate between lanes of different speeds, so that its ends need not have equal ones.
    """

    title: str
    ends: Literal["attached", "transceiver"]
    reach: tuple[Reach, ...]
    source: tuple[str, ...]
    forms: tuple[str, ...] = ()
    relanes: bool = False


class Asic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family of switching chips: what its buffers are made of, and by which formula its PFC headroom is computed.

    `speeds` are those of its ports, `lane` is the speed of its fastest lane, both in Gb/s. Zero, or an empty list, means
    that no public document states a number.

    `headroom: spectrum` needs `cell_bytes` and `pipeline_latency_kib`, and takes `pipeline_latency_bytes` (the latency
    before it was rounded to KiB), `tile_delay_ns` (what waits on the tiles of the die, as time at the port's speed) and
    `extra_xoff_bytes`. `headroom: broadcom` needs `cell_bytes`, `fit_bytes` and `fit_bytes_per_gbps`, a straight line
    through published values at no cable, `fit_percent` higher for ports faster than `fit_above`; `reserved_bytes`,
    `xon_bytes` and `xon_offset_bytes` are what its platforms set. `headroom: ieee` needs none of them.

    `port_headroom_limit_kib` is the most headroom that a port may have, `lossless_pool_bytes` and `headroom_pool_bytes`
    what SONiC gives the pools of an example, `memory_mb` the buffer that the vendor advertises.

    `dynamic_load_balancing` says that it can choose among equal paths by how loaded their ports are, flowlet by flowlet.
    `vxlan` says that it ends VXLAN tunnels and routes what was in them; false where no public document states it.
    """

    title: str
    vendor: str
    headroom: Literal["spectrum", "broadcom", "ieee"]
    speeds: tuple[int, ...]
    lane: int
    source: tuple[str, ...]
    cell_bytes: int = 0
    pipeline_latency_kib: int = 0
    pipeline_latency_bytes: int = 0
    tile_delay_ns: int = 0
    extra_xoff_bytes: int = 0
    fit_bytes: int = 0
    fit_bytes_per_gbps: int = 0
    fit_above: int = 0
    fit_percent: int = 0
    reserved_bytes: int = 0
    xon_bytes: int = 0
    xon_offset_bytes: int = 0
    port_headroom_limit_kib: int = 0
    lossless_pool_bytes: int = 0
    headroom_pool_bytes: int = 0
    memory_mb: int = 0
    adaptive_routing: tuple[int, ...] = ()
    dynamic_load_balancing: bool = False
    vxlan: bool = False


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All known hardware by its name in blueprints. `own` names the entries that are the user's, as `switches/leaf-64`."""

    switches: Mapping[str, Switch]
    servers: Mapping[str, Server]
    cables: Mapping[str, Cable] = {}
    asics: Mapping[str, Asic] = {}
    own: frozenset[str] = frozenset()
