"""Kernel settings of a device. Sources: Documentation/networking/ip-sysctl.rst of the kernel, for every key.

A setting marked optional may be absent: it belongs to one interface (which a cluster may have moved into a pod), or to
the machine and not to a network namespace (the neighbour table's size, in the twin).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from podwright.projection.records import HostConfig, SwitchConfig

NEIGHBOURS = (("gc_thresh1", 8192), ("gc_thresh2", 32768), ("gc_thresh3", 65536))
"""Entries: below the first nothing is collected, the last is the limit; 1024 is too few for a management pool."""


class Sysctl(NamedTuple):
    key: str
    value: int
    optional: bool = False


def switch_sysctls(switch: SwitchConfig) -> list[Sysctl]:
    """A router forwards, hashes flows over ports, believes no router and tells no redirects; a bridge only bridges."""
    routed = [each.linux for each in switch.interfaces if each.kind == "port"]
    return [
        *_forwarding(switch.routed),
        *_common(),
        # A kernel that skips a next hop without carrier loses nothing until the daemon has withdrawn the route.
        Sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown", 1),
        Sysctl("net.ipv6.conf.all.ignore_routes_with_linkdown", 1),
        Sysctl("net.ipv4.conf.all.send_redirects", 0),
        # Equal-cost paths are asymmetric: the stricter of `all` and the interface's own would drop them.
        Sysctl("net.ipv4.conf.all.rp_filter", 0),
        Sysctl("net.ipv4.conf.default.rp_filter", 0),
        *(setting for name in routed for setting in _of_interface(name, rp_filter=0, ignore_routes=False)),
    ]


def host_sysctls(host: HostConfig) -> list[Sysctl]:
    """A server forwards nothing unless a cluster has it, and answers ARP on a rail for that rail's address only: the
    multi-homing of RoCE.
    """
    forwarding = () if host.cluster_node else _forwarding(False)
    return [*forwarding, *_common(), *(setting for each in _host_interfaces(host) for setting in each)]


def _host_interfaces(host: HostConfig) -> Iterator[list[Sysctl]]:
    for interface in host.interfaces:
        if not interface.configured or interface.role == "management":
            continue
        settings = list(_of_interface(interface.name, rp_filter=2, ignore_routes=not interface.addresses))
        if interface.role == "compute":
            settings += [
                Sysctl(f"net.ipv4.conf.{interface.name}.arp_ignore", 1, optional=True),
                Sysctl(f"net.ipv4.conf.{interface.name}.arp_announce", 2, optional=True),
            ]
        yield settings


def _forwarding(forwards: bool) -> Iterator[Sysctl]:
    # First of all: the kernel resets other settings of every interface when this one changes.
    yield Sysctl("net.ipv4.ip_forward", int(forwards))
    yield Sysctl("net.ipv6.conf.all.forwarding", int(forwards))


def _common() -> Iterator[Sysctl]:
    for key in ("net.ipv4.fib_multipath_hash_policy", "net.ipv6.fib_multipath_hash_policy"):
        yield Sysctl(key, 1)
    for scope in ("all", "default"):
        # Unnumbered sessions live on link-local addresses, which container engines like to switch off.
        yield Sysctl(f"net.ipv6.conf.{scope}.disable_ipv6", 0)
        yield Sysctl(f"net.ipv6.conf.{scope}.accept_ra", 0)
        yield Sysctl(f"net.ipv6.conf.{scope}.keep_addr_on_down", 1)
    for family in ("ipv4", "ipv6"):
        for name, entries in NEIGHBOURS:
            yield Sysctl(f"net.{family}.neigh.default.{name}", entries, optional=True)


def _of_interface(name: str, *, rp_filter: int, ignore_routes: bool) -> Iterator[Sysctl]:
    yield Sysctl(f"net.ipv4.conf.{name}.rp_filter", rp_filter, optional=True)
    yield Sysctl(f"net.ipv6.conf.{name}.accept_ra", 0, optional=True)
    if ignore_routes:
        yield Sysctl(f"net.ipv4.conf.{name}.ignore_routes_with_linkdown", 1, optional=True)
        yield Sysctl(f"net.ipv6.conf.{name}.ignore_routes_with_linkdown", 1, optional=True)
