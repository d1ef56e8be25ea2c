"""RDMA without a NIC for it: `rdma_rxe` of the kernel (soft-RoCE) on rails of a twin's servers.

In Linux 6.1 rxe sends and receives in the first network namespace only (net_init of drivers/infiniband/sw/rxe/rxe_net.c), so a
rail goes there for as long as it is used, and the programs that use it stay in their servers: RDMA devices are shared
between namespaces. There both ends of a way belong to one stack, which would keep packets between them to itself. So rules send
what goes from one to the other to the leaf, and only what comes in by a rail, or is nobody else's, is looked up as local.
"""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from podwright.lab import labs

from .twins import Twin, outside

UDP_PORT = 4791
"""Of RoCE v2: IANA's registry."""
PATIENCE = 120
"""Seconds until a fact must be there that others bring about: routes of the fabric, a listening program."""
CONTROL_PORT = 18515
"""On which perftest's two ends agree, over TCP and the servers' other network."""
LOCAL, OWN_LOCAL = 0, 100
"""Preferences of the rule that looks up local addresses: the kernel's, and one behind the rules below."""


class Rail(NamedTuple):
    """A rail of `server` that is in the first namespace under the name `device`, which its RDMA device has as well."""

    server: str
    device: str
    address: str
    leaf: str
    port: str


class Written(NamedTuple):
    """What both ends of perftest say: so many writes of so many bytes."""

    size: int
    writes: int

    @property
    def octets(self) -> int:
        return self.size * self.writes


@contextmanager
def soft_roce(twin: Twin, servers: list[str], rail: str) -> Iterator[tuple[Rail, Rail]]:
    """The rail `rail` of two servers with an RDMA device each. The servers have their rails as before afterwards."""
    outside("modprobe", "rdma_rxe")
    with ExitStack() as back:
        source, target = (
            back.enter_context(_moved(twin, server, rail, f"roce{number}")) for number, server in enumerate(servers)
        )
        back.enter_context(_by_the_wire(source, target))
        until(lambda: _reaches(source, target), f"{source.address} reaches {target.address}")
        yield source, target


def write(twin: Twin, source: Rail, target: Rail, traffic_class: int, size: int, writes: int) -> Written:
    """RDMA writes from the memory of one server into that of the other, with this traffic class; what was written."""
    # A queue that waits holds an acknowledgement up: the timeout is 4.096 us x 2 ** 18, a second.
    measure = ["ib_write_bw", "-F", "--tclass", str(traffic_class), "-s", str(size), "-n", str(writes), "-u", "18"]
    receive, send = ([*measure, "-d", each.device, "-x", str(_gid_index(each))] for each in (target, source))
    with ThreadPoolExecutor(1) as pool:
        receiver = pool.submit(twin.inside, target.server, *receive)
        listening = ("ss", "-Hltn", f"sport = :{CONTROL_PORT}")
        until(lambda: receiver.done() or twin.inside(target.server, *listening), f"{target.server} listens")
        said = twin.inside(source.server, *send, _control_address(twin, target.server))
        return _written(said, receiver.result())


def until(there: Callable[[], object], what: str) -> None:
    """Wait for a fact, however slow the emulation is."""
    deadline = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.5)


@contextmanager
def _moved(twin: Twin, server: str, rail: str, device: str) -> Iterator[Rail]:
    """The rail in this process's network namespace, with its address, MTU and an RDMA device."""
    pid = str(labs.running(twin.name).nodes[server].pid)
    routes = _routes(twin, server, rail)
    [shown] = json.loads(twin.inside(server, "ip", "-4", "-j", "address", "show", "dev", rail))
    [address] = shown["addr_info"]
    cidr = f"{address['local']}/{address['prefixlen']}"
    there = ["nsenter", "--target", pid, "--net", "ip", "link", "set"]
    outside(*there, rail, "down")
    outside(*there, rail, "name", device)
    outside(*there, device, "netns", str(os.getpid()))
    try:
        _setting(f"conf/{device}/accept_local", 1)
        _setting(f"conf/{device}/rp_filter", 0)
        outside("ip", "address", "add", cidr, "dev", device)
        outside("ip", "link", "set", device, "mtu", str(shown["mtu"]), "up")
        outside("rdma", "link", "add", device, "type", "rxe", "netdev", device)
        yield Rail(server, device, address["local"], *twin.far_end(server, rail))
    finally:
        outside("rdma", "link", "delete", device)
        outside("ip", "link", "set", device, "down")
        outside("ip", "link", "set", device, "name", rail)
        outside("ip", "link", "set", rail, "netns", pid)
        twin.inside(server, "ip", "address", "add", cidr, "dev", rail)
        twin.inside(server, "ip", "link", "set", rail, "up")
        for route in routes:
            twin.inside(server, "ip", "route", "add", *route.split(), "dev", rail)
        assert _routes(twin, server, rail) == routes


def _routes(twin: Twin, server: str, rail: str) -> list[str]:
    """All IPv4 routes by a rail but those that come with its address, as `ip route add` takes them."""
    shown = twin.inside(server, "ip", "-4", "route", "show", "table", "all", "dev", rail)
    return [line.strip() for line in shown.splitlines() if " proto kernel " not in line]


@contextmanager
def _by_the_wire(*ends: Rail) -> Iterator[None]:
    """Packets between the ends leave by their rails."""
    rules: list[list[str]] = []
    for number, (near, far) in enumerate((ends, ends[::-1]), start=1):
        table = str(100 + number)
        outside("ip", "route", "add", far.address, "via", _leaf_address(near), "dev", near.device, "table", table)
        rules.append([str(10 + number), "iif", near.device, "lookup", "local"])
        rules.append([str(20 + number), "from", near.address, "to", far.address, "lookup", table])
    rules.append([str(OWN_LOCAL), "lookup", "local"])
    _setting("conf/all/rp_filter", 0)
    for rule in rules:
        outside("ip", "rule", "add", "pref", *rule)
    outside("ip", "rule", "delete", "pref", str(LOCAL))
    try:
        yield
    finally:
        outside("ip", "rule", "add", "pref", str(LOCAL), "lookup", "local")
        for rule in rules:
            outside("ip", "rule", "delete", "pref", *rule)


def _setting(name: str, value: int) -> None:
    Path("/proc/sys/net/ipv4", name).write_text(str(value), encoding="ascii")


def _leaf_address(rail: Rail) -> str:
    """The other address of the /31 that a rail and its leaf share."""
    return str(ipaddress.ip_address(int(ipaddress.ip_address(rail.address)) ^ 1))


def _reaches(source: Rail, target: Rail) -> bool:
    """One ping by the rail."""
    try:
        outside("ping", "-q", "-c", "1", "-W", "2", "-I", source.address, target.address)
    except AssertionError:
        return False
    return True


def _gid_index(rail: Rail) -> int:
    """Where the device has the rail's address for RoCE v2, which NCCL looks for in the same way."""
    port = Path("/sys/class/infiniband", rail.device, "ports/1")
    wanted = ipaddress.IPv6Address(f"::ffff:{rail.address}").exploded

    def found() -> list[int]:
        same = (int(each.name) for each in (port / "gids").iterdir() if each.read_text().strip() == wanted)
        return [index for index in same if (port / f"gid_attrs/types/{index}").read_text().strip() == "RoCE v2"]

    until(found, f"{rail.device} has the GID {wanted}")
    return found()[0]


def _control_address(twin: Twin, server: str) -> str:
    """The server's own address on the network that its processes find one another by."""
    [loopback] = json.loads(twin.inside(server, "ip", "-4", "-j", "address", "show", "dev", "lo"))
    return str(next(each["local"] for each in loopback["addr_info"] if not each["local"].startswith("127.")))


def _written(*said: str) -> Written:
    """Of the line that both ends print below the head of the table; they must agree."""
    rows = {tuple(line.split()[:2]) for text in said for line in text.partition("#bytes")[2].splitlines()[1:2]}
    [(size, writes)] = rows
    return Written(int(size), int(writes))
