"""Cables between namespaces: the commands for `ip -batch` that lay them, and which end carries a cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from podwright.lab.topology import Endpoint, Link, Topology

_LOCAL_UNICAST = "02"
_SERVER_GROUPS = frozenset({"server", "host"})


def mac_of(end: Endpoint) -> str:
    """The MAC of an interface: locally administered, computed from its name, so equal in every lab of a topology."""
    digest = hashlib.sha256(f"{end.node}\0{end.interface}".encode()).hexdigest()
    return ":".join([_LOCAL_UNICAST, *(digest[place : place + 2] for place in range(0, 10, 2))])


def laying(links: Iterable[Link], pid_of: Callable[[str], int]) -> str:
    """Commands for `ip -batch` that make each cable directly between the namespaces of its two nodes."""
    return "".join(
        f"link add {_end(link, link.a, pid_of)} type veth peer {_end(link, link.b, pid_of)}\n" for link in links
    )


def raising(interfaces: Iterable[str]) -> str:
    """Commands for `ip -batch` inside a node that bring its interfaces up."""
    return "".join(f"link set {interface} up\n" for interface in interfaces)


def cut_end(topology: Topology, link: Link) -> Endpoint:
    """The end that is set down to cut a cable; the other loses its carrier.

    A kernel forgets static routes through an interface that is set down, and nobody on a server, or behind a switch's
    management port, puts them back. So it is the upper end (files name the lower one first), and never a server's.
    """
    servers = {node.name for node in topology.nodes if node.group in _SERVER_GROUPS}
    return link.a if link.b.node in servers and link.a.node not in servers else link.b


def _end(link: Link, end: Endpoint, pid_of: Callable[[str], int]) -> str:
    return f"name {end.interface} mtu {link.mtu} address {mac_of(end)} netns {pid_of(end.node)}"
