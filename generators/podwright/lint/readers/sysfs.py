"""Values of sysfs and configfs as `grep -H . FILE...` prints them, and links as `NAME:TARGET`: a path, a colon, a value.

Paths: https://docs.nvidia.com/networking/display/mlnxofedv582030lts/ and Documentation/ABI of the Linux kernel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from podwright.lint.records import Spot

_PATHS = {
    "tclass": r"/sys/class/infiniband/(?P<device>[^/]+)/tc/\d+/traffic_class$",
    "cma": r"/sys/kernel/config/rdma_cm/(?P<device>[^/]+)/ports/\d+/default_roce_tos$",
    "cnp": r"/sys/class/net/(?P<device>[^/]+)/ecn/roce_np/cnp_dscp$",
    "cnp_priority": r"/sys/class/net/(?P<device>[^/]+)/ecn/roce_np/cnp_802p_prio$",
    "ecn": r"/sys/class/net/(?P<device>[^/]+)/ecn/roce_(?:np|rp)/enable/(?P<number>\d)$",
    "gid": r"/sys/class/infiniband/(?P<device>[^/]+)/ports/(?P<port>\d+)/gids/(?P<number>\d+)$",
    "gid_kind": r"/sys/class/infiniband/(?P<device>[^/]+)/ports/(?P<port>\d+)/gid_attrs/types/(?P<number>\d+)$",
    "gid_netdev": r"/sys/class/infiniband/(?P<device>[^/]+)/ports/(?P<port>\d+)/gid_attrs/ndevs/(?P<number>\d+)$",
    "mtu": r"/sys/class/net/(?P<device>[^/]+)/mtu$",
    "speed": r"/sys/class/net/(?P<device>[^/]+)/speed$",
    "pci": r"/sys/class/net/(?P<device>[^/]+)/device$",
    "rdma_pci": r"/sys/class/infiniband/(?P<device>[^/]+)/device$",
}
_KNOWN = {name: re.compile(pattern) for name, pattern in _PATHS.items()}
_PCI = re.compile(r"([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/?$")
_SPLIT = re.compile(r"^\s*(/\S+?):\s*(\S.*?)\s*$")


class Value(NamedTuple):
    """A value of sysfs: which of the known ones it is, of which device, port and number, and its text."""

    what: str
    device: str
    port: int
    number: int
    text: str
    spot: Spot


def is_sysfs(text: str) -> bool:
    return any(True for _ in read_sysfs("", text))


def read_sysfs(file: str, text: str) -> Iterator[Value]:
    """Every value whose path is known."""
    for number, line in enumerate(text.splitlines(), start=1):
        split = _SPLIT.match(line.replace(" -> ", ":"))
        if split is None:
            continue
        for what, pattern in _KNOWN.items():
            if found := pattern.match(split[1]):
                fields = found.groupdict()
                yield Value(
                    what,
                    fields["device"],
                    int(fields.get("port") or 1),
                    int(fields.get("number") or 0),
                    split[2],
                    Spot(file, line=number),
                )


def traffic_class(text: str) -> int | None:
    """`106`, or `Global tclass=106` as mlx5 prints it; None where no class is forced."""
    found = re.search(r"(\d+)\s*$", text)
    return int(found[1]) if found else None


def pci_of(text: str) -> str:
    """The PCI address at the end of a device's path, else empty."""
    found = _PCI.search(text)
    return found[1] if found else ""
