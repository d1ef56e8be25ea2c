"""An RDMA write crosses the fabric in the lossless class, by what a server's NCCL is told and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from podwright.targets.frr.queues import PORT_CLASS

from .soft_roce import UDP_PORT, Rail, soft_roce, write
from .twins import Twin, lossless_queue, outside

DSCP = 26
"""Of RoCE, unless a blueprint says otherwise."""
SIZE, WRITES = 65536, 50


class Seen(NamedTuple):
    """Packets and bytes of RoCE from the source of a way: of the class with ECT(0), of the class with CE, and others."""

    marked: tuple[int, int]
    congested: tuple[int, int]
    other: tuple[int, int]


@pytest.fixture(scope="module")
def rails(slate: Twin) -> Iterator[tuple[Rail, Rail]]:
    """Behind different leaves, so that every way crosses a spine."""
    with soft_roce(slate, slate.nodes("host"), "rail0") as (source, target):
        assert source.leaf != target.leaf
        yield source, target


@pytest.fixture(scope="module")
def traffic_class(slate: Twin, rails: tuple[Rail, Rail]) -> int:
    """What the sender's NCCL is told to mark its queue pairs with."""
    lines = (slate.build / "configs" / rails[0].server / "nccl.conf").read_text(encoding="utf-8").splitlines()
    return next(int(line.partition("=")[2]) for line in lines if line.startswith("NCCL_IB_TC="))


def test_a_write_travels_in_the_class_on_every_hop(slate: Twin, rails: tuple[Rail, Rail], traffic_class: int) -> None:
    source, target = rails
    before = queued(slate, source, target)
    with watching(slate, source):
        written = write(slate, source, target, traffic_class, SIZE, WRITES)
        seen = seen_by_spines(slate)
    assert written.octets == SIZE * WRITES
    packets, octets = seen.marked
    assert octets > written.octets
    assert (seen.congested, seen.other) == ((0, 0), (0, 0))
    for hop, more in growth(before, queued(slate, source, target)).items():
        assert more >= packets, f"{hop}: {more} of {packets} packets by the lossless queue"


def test_without_the_traffic_class_no_switch_takes_a_write_for_lossless(slate: Twin, rails: tuple[Rail, Rail]) -> None:
    """Switches trust the mark of a packet; the UDP port of RoCE alone makes nothing lossless."""
    source, target = rails
    before = queued(slate, source, target)
    with watching(slate, source):
        written = write(slate, source, target, 0, SIZE, WRITES)
        seen = seen_by_spines(slate)
    assert seen.other[1] > written.octets
    assert (seen.marked, seen.congested) == ((0, 0), (0, 0))
    assert set(growth(before, queued(slate, source, target)).values()) == {0}


def test_a_slow_port_marks_a_write_and_drops_nothing_of_it(
    slate: Twin, rails: tuple[Rail, Rail], traffic_class: int
) -> None:
    """The last port sends less than the sender does: its queue grows beyond Kmin, and `red` says so to the receiver."""
    source, target = rails
    before = lossless_queue(slate, target.leaf, target.port)
    with slowed(slate, target), watching(slate, source):
        written = write(slate, source, target, traffic_class, SIZE, WRITES)
        on_spines, arrived = seen_by_spines(slate), seen_by_receiver()
    after = lossless_queue(slate, target.leaf, target.port)
    assert written.octets == SIZE * WRITES
    assert on_spines.congested == (0, 0)
    assert after["marked"] - before["marked"] >= arrived.congested[0] > 0
    assert after["drops"] == before["drops"]


@contextmanager
def watching(twin: Twin, source: Rail) -> Iterator[None]:
    """Counters of RoCE packets from the source, on spines as they pass and on the receiver's side as they come in."""
    for spine in twin.nodes("spine"):
        done = twin.fabric.run(spine, ["nft", "-f", "-"], stdin=_table("forward", source))
        assert done.status == 0, done.stderr
    outside("nft", "-f", "-", stdin=_table("input", source))
    try:
        yield
    finally:
        outside("nft", "delete", "table", "inet", "seen")
        for spine in twin.nodes("spine"):
            twin.inside(spine, "nft", "delete", "table", "inet", "seen")


def _table(hook: str, source: Rail) -> str:
    kinds = (f"ip dscp {DSCP} ip ecn ect0 ", f"ip dscp {DSCP} ip ecn ce ", "")
    packets = f"ip saddr {source.address} udp dport {UDP_PORT}"
    rules = [f"{packets} {kind}counter name {name} accept" for kind, name in zip(kinds, Seen._fields, strict=True)]
    chain = ["chain packets {", f"type filter hook {hook} priority filter", *rules, "}"]
    counters = [f"counter {name} {{}}" for name in Seen._fields]
    return "\n".join(["table inet seen {", *counters, *chain, "}", ""])


def seen_by_spines(twin: Twin) -> Seen:
    """The sum of all spines: a flow takes one of the equal ways."""
    counted = [_seen(twin.inside(spine, *_LISTING)) for spine in twin.nodes("spine")]
    return Seen(*(_sum(kind) for kind in zip(*counted, strict=True)))


def seen_by_receiver() -> Seen:
    return _seen(outside(*_LISTING))


_LISTING = ("nft", "-j", "list", "counters", "table", "inet", "seen")


def _seen(listing: str) -> Seen:
    counters = [each["counter"] for each in json.loads(listing)["nftables"] if "counter" in each]
    return Seen(**{each["name"]: (each["packets"], each["bytes"]) for each in counters})


def _sum(counted: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return sum(packets for packets, _ in counted), sum(octets for _, octets in counted)


def queued(twin: Twin, source: Rail, target: Rail) -> dict[str, int]:
    """Packets that left by the lossless queue, by hop of the way from source to target."""
    ways: dict[str, list[tuple[str, str]]] = {source.leaf: [], "spines": [], target.leaf: [(target.leaf, target.port)]}
    for spine in twin.nodes("spine"):
        for link in twin.fabric.topology.links_of(spine):
            near, far = link.ends if link.a.node == spine else link.ends[::-1]
            if far.node == source.leaf:
                ways[source.leaf].append((far.node, far.interface))
            if far.node == target.leaf:
                ways["spines"].append((near.node, near.interface))
    return {hop: sum(lossless_queue(twin, *port)["packets"] for port in ports) for hop, ports in ways.items()}


def growth(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {hop: packets - before[hop] for hop, packets in after.items()}


@contextmanager
def slowed(twin: Twin, rail: Rail) -> Iterator[None]:
    """The leaf's port to a rail at 20 Mb/s, as `lab test` slows one down; at its own speed afterwards."""
    parent = PORT_CLASS.partition(":")[0] + ":"
    change = ("tc", "class", "change", "dev", rail.port, "parent", parent, "classid", PORT_CLASS, "htb")
    shown = twin.inside(rail.leaf, "tc", "class", "show", "dev", rail.port).splitlines()
    words = next(line.split() for line in shown if line.startswith(f"class htb {PORT_CLASS} "))
    speed = [word for name in ("rate", "ceil", "burst", "cburst") for word in (name, words[words.index(name) + 1])]
    twin.inside(rail.leaf, *change, "rate", "20mbit", "ceil", "20mbit", "burst", "16000", "cburst", "16000")
    try:
        yield
    finally:
        twin.inside(rail.leaf, *change, *speed)
