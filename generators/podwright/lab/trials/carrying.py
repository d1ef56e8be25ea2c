"""Pairs of addresses between which a lossless class travels: both are on NICs that carry it, and nothing is in its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from podwright.lab.trials.expectation import Endpoint, Expectation, Pair
from podwright.model.design import Design, TrafficClass

NOT_ECT, ECT1, ECT0, CE = 0, 1, 2, 3
"""ECN's two bits of a packet (RFC 3168)."""
ECN_NAMES = {NOT_ECT: "Not-ECT", ECT1: "ECT(1)", ECT0: "ECT(0)", CE: "CE"}


def ports(traffic: TrafficClass) -> tuple[int, int]:
    """The UDP port that is to be marked, and one that is not."""
    return traffic.udp_port, traffic.udp_port + 1


def carriers(design: Design, expectation: Expectation, traffic: TrafficClass, family: int = 4) -> list[Endpoint]:
    """Addresses of one family on NICs of servers that carry the class, in the design's order."""
    bound = {(each.device, each.interface) for each in design.bindings if each.name == traffic.name}
    return [
        each
        for each in expectation.endpoints
        if (each.device, each.interface) in bound and (":" in each.address) == (family == 6)
    ]


def open_ways(
    expectation: Expectation, traffic: TrafficClass, sources: Iterable[Endpoint], targets: Iterable[Endpoint]
) -> Iterator[Pair]:
    """Pairs of different devices that packets to both ports get through."""
    targets = list(targets)
    for source in sources:
        for target in targets:
            pair = Pair(source, target)
            if source.device != target.device and source.spaces & target.spaces and is_open(expectation, traffic, pair):
                yield pair


def is_open(expectation: Expectation, traffic: TrafficClass, pair: Pair) -> bool:
    """Whether there is a way, and zones let packets to both ports pass."""
    return expectation.connected(pair) and all(expectation.permits(pair, "udp", port) for port in ports(traffic))


def mark_of(dscp: int, ecn: int) -> int:
    """The octet of an IP header that holds both."""
    return dscp << 2 | ecn
