"""Sets of addresses as the fewest prefixes that keep them apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network
from typing import NamedTuple

Network = IPv4Network | IPv6Network

_BITS = {4: 32, 6: 128}


class _Span(NamedTuple):
    """A pool as numbers: its first and last address and its length."""

    first: int
    last: int
    length: int


def separate(addresses: Mapping[str, Iterable[str]], pools: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each named set of addresses the shortest prefixes that hold no address of another set, and none of two pools.

    A pool that holds addresses of one set only is that set's whole. An address in no pool stands for itself. Takes time
    in proportion to the addresses, but for sorting them. IPv4 comes before IPv6.
    """
    spans = [ip_network(pool) for pool in pools]
    found: dict[str, list[str]] = {name: [] for name in addresses}
    for version in (4, 6):
        points = _points(addresses, version)
        for span in _spans(spans, version):
            start = bisect_right(points, (span.first - 1, "~"))
            end = bisect_right(points, (span.last, "~"))
            for name, prefix in _covers(points[start:end], _BITS[version], span.length, version):
                found[name].append(prefix)
    return {name: tuple(prefixes) for name, prefixes in found.items()}


def collapse(prefixes: Iterable[str]) -> tuple[str, ...]:
    """The same addresses as the fewest disjoint prefixes, IPv4 before IPv6, in order."""
    networks = [ip_network(each) for each in prefixes]
    ipv4 = collapse_addresses(each for each in networks if isinstance(each, IPv4Network))
    ipv6 = collapse_addresses(each for each in networks if isinstance(each, IPv6Network))
    return (*map(str, ipv4), *map(str, ipv6))


def _points(addresses: Mapping[str, Iterable[str]], version: int) -> list[tuple[int, str]]:
    points = (
        (int(parsed), name)
        for name, members in addresses.items()
        for parsed in map(ip_address, members)
        if parsed.version == version
    )
    return sorted(set(points))


def _spans(pools: Iterable[Network], version: int) -> list[_Span]:
    return sorted(
        _Span(int(pool.network_address), int(pool.broadcast_address), pool.prefixlen)
        for pool in pools
        if pool.version == version
    )


def _covers(points: list[tuple[int, str]], bits: int, shortest: int, version: int) -> Iterator[tuple[str, str]]:
    """Runs of neighbours of one name, each in as few prefixes as leave out the neighbours before and behind it."""
    numbers = [number for number, _ in points]
    start = 0
    while start < len(points):
        name = points[start][1]
        end = start
        while end < len(points) and points[end][1] == name:
            end += 1
        strangers = numbers[start - 1 : start] + numbers[end : end + 1]
        place = start
        while place < end:
            number = numbers[place]
            length = max([shortest, *(bits - (number ^ other).bit_length() + 1 for other in strangers)])
            room = bits - length
            yield name, _spell(number >> room << room, length, version)
            place = bisect_right(numbers, number | ((1 << room) - 1), place, end)
        start = end


def _spell(number: int, length: int, version: int) -> str:
    return str((IPv4Network if version == 4 else IPv6Network)((number, length)))
