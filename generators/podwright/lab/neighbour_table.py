"""The kernel's neighbour tables: one for IPv4 and one for IPv6, each shared by all namespaces of a machine.

A full table drops packets to neighbours that are not in it yet, which looks like a broken cable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_interface
from pathlib import Path
from typing import NamedTuple

from podwright.model.design import Design

FAMILIES = {4: "ipv4", 6: "ipv6"}


class Shortage(NamedTuple):
    """A twin has up to `needed` neighbours of one family; the machine's `setting` stops at `limit`."""

    setting: str
    needed: int
    limit: int

    def __str__(self) -> str:
        return (
            f"this twin may have {self.needed} neighbours at once, and {self.setting} stops at {self.limit} for the "
            f"whole machine: packets to the others are dropped. As root: sysctl -w {self.setting}={self.remedy}"
        )

    @property
    def remedy(self) -> int:
        """The next power of two above twice the need: the machine has neighbours of its own."""
        return 1 << (2 * self.needed).bit_length()


def shortages(design: Design, sysctls: Path = Path("/proc/sys")) -> tuple[Shortage, ...]:
    """Which tables are smaller than the twin's need; a limit that can't be read is taken to suffice."""
    return tuple(_shortages(design, sysctls))


def needed(design: Design, family: int) -> int:
    """The most neighbours at once: all members of a subnet know each other, both ends of an unnumbered session too.

    An unnumbered session counts in both families: Linux enters the next hop of an IPv4 route over it as 169.254.0.1.
    """
    members = Counter(
        (each.fabric, network)
        for each in design.addresses
        if (network := ip_interface(each.address).network).version == family
    )
    unnumbered = sum(1 for each in design.sessions if not each.a_address and not each.a_address6)
    return sum(count * (count - 1) for count in members.values()) + 2 * unnumbered


def _shortages(design: Design, sysctls: Path) -> Iterator[Shortage]:
    for family, name in FAMILIES.items():
        setting = f"net/{name}/neigh/default/gc_thresh3"
        need = needed(design, family)
        limit = _number(sysctls / setting)
        if limit is not None and limit < need:
            yield Shortage(setting.replace("/", "."), need, limit)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
