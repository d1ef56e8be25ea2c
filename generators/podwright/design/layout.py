"""Addresses as field layouts: an identity is encoded in an address, and decoding gives it back.

A layout names its fields from the most significant bit down. Widths are the blueprint's, never derived from a count
or a switch model, so that no growth renumbers. Planes, slots and numbers count from 1 and are stored less one; rails
and units as they are, since unit 0 is the network row.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

Network = IPv4Network | IPv6Network


class Field(NamedTuple):
    name: str
    width: int


class Layout:
    """Fields over the low bits of a pool. `spell` reads `plane 1 | rail 3 | ...`."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self.bits = sum(field.width for field in fields)
        shift = self.bits
        self.shifts: dict[str, int] = {}
        for field in fields:
            shift -= field.width
            self.shifts[field.name] = shift
        self.widths = {field.name: field.width for field in fields}

    @property
    def spell(self) -> str:
        return " | ".join(f"{name} {width}" for name, width in self.fields)

    def capacity(self, field: str) -> int:
        return 1 << self.widths[field]

    def encode(self, **values: int) -> int:
        """The offset of an identity; fields not named are 0. Raises ValueError where a value overflows its field."""
        offset = 0
        for name, value in values.items():
            if not 0 <= value < 1 << self.widths[name]:
                raise ValueError(f"{name} {value} does not fit {self.widths[name]} bits")
            offset |= value << self.shifts[name]
        return offset

    def decode(self, offset: int) -> dict[str, int]:
        return {name: (offset >> self.shifts[name]) & ((1 << width) - 1) for name, width in self.fields}

    def below(self, field: str) -> int:
        """How many bits lie below `field`: the host part of a prefix that ends with it."""
        return self.shifts[field]


class Pool:
    """A pool of one address family; offsets count from its first address."""

    def __init__(self, text: str) -> None:
        self.network = ip_network(text)
        self.base = int(self.network.network_address)
        self.size = self.network.max_prefixlen - self.network.prefixlen
        self.width = self.network.max_prefixlen
        self.v6 = self.network.version == 6

    def address(self, offset: int) -> str:
        value = self.base + offset
        if self.v6:
            return str(IPv6Address(value))
        return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"

    def interface(self, offset: int, host_bits: int) -> str:
        return f"{self.address(offset)}/{self.width - host_bits}"

    def prefix(self, offset: int, host_bits: int) -> str:
        return f"{self.address(offset)}/{self.width - host_bits}"

    def host(self, offset: int) -> str:
        return f"{self.address(offset)}/{self.width}"

    def offset(self, address: str) -> int:
        """The inverse of `address`. Raises ValueError where the address lies outside the pool."""
        value = int(IPv6Address(address) if self.v6 else IPv4Address(address))
        if not 0 <= value - self.base < 1 << self.size:
            raise ValueError(f"{address} is not in {self.network}")
        return value - self.base
