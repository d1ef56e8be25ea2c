"""What the catalogue knows. Every entry names its public source; speeds are in Gb/s, power in watts."""

from __future__ import annotations

from typing import Literal

import msgspec

NicRole = Literal["compute", "frontend", "storage", "management"]


class Cages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of equal cages: `count` of them from number `first`.

    `modes` are the breakouts the platform lists, the whole cage first, as `1x800G` or `2x400G`. `slower` are the speeds
    that a port may also run at. `index` is the number the NOS gives the first port of the first cage, `lane` its first
    lane; both count up by `lanes` a cage.
    """

    first: int
    count: int
    form: str
    lanes: int
    modes: tuple[str, ...]
    index: int
    lane: int
    slower: tuple[str, ...] = ()


class Nos(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an operating system names things on this model.

    `whole` and `sub` spell a port; fields: {cage}, {sub} (from 1), {sub0} (from 0), {letter} (a, b, ...), {index}.
    """

    whole: str
    sub: str
    management: str
    alias_whole: str = ""
    alias_sub: str = ""
    platform: str = ""
    hwsku: str = ""


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A switch model. `source` are addresses of public documents."""

    title: str
    vendor: str
    asic: str
    rack_units: int
    max_watts: int
    cages: tuple[Cages, ...]
    nos: dict[str, Nos]
    source: tuple[str, ...]


class Nic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One port of a NIC: what it is for, where it sits. `controller` marks the port of the BMC.

    Compute ports have a `rail` (from 0, the order of the GPUs) and a `plane` (from 1).
    """

    role: NicRole
    gbps: int
    model: str
    pci: str = ""
    numa: int = -1
    rail: int = -1
    plane: int = 1
    controller: bool = False


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server model. `purpose` is what a group of them is for unless the blueprint says otherwise."""

    title: str
    vendor: str
    purpose: Literal["compute", "control", "storage", "login", "service"]
    rack_units: int
    max_watts: int
    gpus: int
    gpu_model: str
    nics: tuple[Nic, ...]
    source: tuple[str, ...]


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All known hardware by its name in blueprints."""

    switches: dict[str, Switch]
    servers: dict[str, Server]
