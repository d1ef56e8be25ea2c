"""What the network decides: fabrics, prefixes, interfaces, addresses, routers, sessions."""

from __future__ import annotations

from typing import Literal

import msgspec

InterfaceKind = Literal["port", "loopback", "bridge", "management"]
SessionUse = Literal["fabric", "host", "outside"]
PrefixUse = Literal["pool", "rail", "leaf", "subnet", "hosts", "link", "outside"]


class FabricPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The shape that a fabric got: counts, and where they come from is in `Sizing`.

    `layout` spells the address layout, `plane 1 | rail 3 | unit 9 | slot 6 | host 3`. `planned_units` is what spines
    and their ports are laid out for; `lossless` names the traffic class, empty where there is none. `mtu` is what servers
    may send, and links between switches carry `overhead` bytes more.
    """

    name: str
    carries: tuple[str, ...]
    topology: str
    planes: int
    rails: int
    homes: int
    rows: int
    planned_units: int
    leaves: int
    spines: int
    uplinks: int
    uplink_gbps: int
    underlay: str
    mtu: int
    overhead: int = 0
    asn: int
    layout: str
    pools: tuple[str, ...]
    bfd_interval_ms: int
    bfd_multiplier: int
    lossless: str
    shared: bool = True
    origin: str


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """One computed number: of whom, what, its value and unit, the formula with the inputs put in, the source."""

    subject: str
    name: str
    value: float
    unit: str
    formula: str
    source: str = ""


class Prefix(msgspec.Struct, frozen=True, kw_only=True):
    """An address range with a meaning. `device` is who announces it (a rail leaf its aggregate), else empty."""

    prefix: str
    use: PrefixUse
    fabric: str
    plane: int = 0
    rail: int = -1
    unit: int = 0
    device: str = ""
    gateway: str = ""


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """Where addresses sit. `port` names the physical port of kind `port`; `members` are a bridge's ports.

    `mtu` is the IP MTU in bytes. `unnumbered` interfaces carry a link-local IPv6 address only. `vrf` names the tenant whose
    routing table the interface is in, empty for the fabric's own.
    """

    device: str
    name: str
    kind: InterfaceKind
    fabric: str
    mtu: int
    port: str = ""
    members: tuple[str, ...] = ()
    unnumbered: bool = False
    vrf: str = ""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address with its prefix length, `10.128.8.1/31`."""

    device: str
    interface: str
    address: str
    fabric: str


class Router(msgspec.Struct, frozen=True, kw_only=True):
    """A device that speaks BGP: its AS, its router id, how many equal paths it may use."""

    device: str
    fabric: str
    asn: int
    router_id: str
    max_paths: int


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A BGP session over one link. Addresses are empty on an unnumbered link; `a` is the lower end, as in Link.

    `password` names the secret that authenticates it (SecretPlace), empty where nothing does. `vrf` names the tenant whose
    routes it exchanges at its upper end, empty for the fabric's own.
    """

    a_device: str
    a_interface: str
    a_asn: int
    b_device: str
    b_interface: str
    b_asn: int
    fabric: str
    use: SessionUse
    a_address: str = ""
    b_address: str = ""
    a_address6: str = ""
    b_address6: str = ""
    bfd: bool = True
    password: str = ""
    vrf: str = ""
