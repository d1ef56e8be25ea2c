"""How servers attach, and the routes that make eight NICs in one server behave."""

from __future__ import annotations

from typing import Literal

import msgspec

Mode = Literal["routed", "bgp", "access"]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A NIC port of a server on a fabric.

    `mode`: `routed` is a /31 to the leaf with no daemon on the host (rails), `bgp` an unnumbered session (front),
    `access` a bridged management port. `addressed_by` says who configures the address: the host, or a cluster's IPAM.
    """

    device: str
    interface: str
    nic: str
    pci: str
    fabric: str
    plane: int
    rail: int
    role: str
    mode: Mode
    addressed_by: Literal["host", "ipam"]
    leaf: str
    leaf_port: str
    origin: str


class HostRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A static route of a server. `table` 0 is the main table; `source` is the preferred source address."""

    device: str
    table: int
    prefix: str
    via: str
    interface: str
    source: str = ""


class SourceRule(msgspec.Struct, frozen=True, kw_only=True):
    """Packets from `source` (a host prefix) use `table`: they leave by the NIC that owns the address."""

    device: str
    source: str
    table: int


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """What the delivery note says of a device."""

    device: str
    serial: str = ""
    mac: str = ""
    bmc_mac: str = ""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is reached that an override speaks of: as `user`, with the interpreter `python`, each from the key path
    beside it, which is `management` where no override says otherwise.
    """

    device: str
    user: str
    user_origin: str
    python: str
    python_origin: str


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What an override calls an interface; elsewhere an interface is described by what it is cabled to."""

    device: str
    interface: str
    text: str
    origin: str


class Management(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device is reached for configuration: its address on the out-of-band network, or else in band.

    `interface` is the OS's name of the management port, empty where `address` is a loopback; `bmc` is the address of
    the baseboard controller.
    """

    device: str
    address: str
    prefix: str = ""
    gateway: str = ""
    interface: str = ""
    bmc: str = ""
