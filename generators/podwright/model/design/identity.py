"""Who is who: devices, their ports and the cables between them. Everything else refers to these by name."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["switch", "server", "outside"]
Tier = Literal["leaf", "spine", "root", "host", "outside"]
PortUse = Literal["host", "down", "uplink", "outside", "management"]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A box with an operating system of its own.

    Identity is (fabric, tier, plane, unit, rail, number) for a switch, (unit, slot) for a server. `unit` 0 is the
    network row, where switches stand that belong to no scalable unit. Planes, units, slots and numbers count from 1,
    rails from 0; -1 is a rail that does not apply, 0 a slot, plane or number that does not. `parent` is the device
    that carries this one (a DPU's server), `failure_domain` what fails together with it.
    """

    name: str
    kind: Kind
    tier: Tier
    role: str
    group: str = ""
    fabric: str = ""
    plane: int = 0
    unit: int = 0
    slot: int = 0
    rail: int = -1
    number: int = 0
    model: str
    nos: str
    parent: str = ""
    failure_domain: str
    origin: str


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A physical port, or one sub-port of a cage that is broken out.

    `name` is the NOS's spelling. `cage` counts from 1; `sub` from 1, 0 where the cage is whole; `lanes` are the numbers
    of the cage's electrical lanes on the ASIC. A server's port carries its PCI address; `gbps` is the speed it runs at.
    """

    device: str
    name: str
    use: PortUse
    gbps: int
    cage: int = 0
    sub: int = 0
    lanes: tuple[int, ...] = ()
    alias: str = ""
    pci: str = ""
    numa: int = -1
    origin: str


class Breakout(msgspec.Struct, frozen=True, kw_only=True):
    """How a cage is split: `mode` as the catalogue spells it, `2x400G`; `port` is the cage's first port."""

    device: str
    cage: int
    port: str
    mode: str
    form: str
    gbps: int


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A cable. `a` is the lower end (server, leaf, outside router), whose (device, port) is the cable's identity."""

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    fabric: str
    use: Literal["host", "fabric", "outside", "management"]
    gbps: int
    mtu: int
    origin: str
