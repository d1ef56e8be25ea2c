"""Sets of addresses as prefixes: none is lost, none is in two sets, and no fewer prefixes would do."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Address, ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from podwright.design.prefixes import collapse, separate

POOL = "10.0.0.0/26"


def test_a_pool_of_one_set_is_that_set() -> None:
    assert separate({"gpu": ["10.128.2.1", "10.128.9.9"]}, ["10.128.0.0/10"]) == {"gpu": ("10.128.0.0/10",)}


def test_two_sets_share_a_pool_at_the_first_bit_in_which_they_differ() -> None:
    found = separate({"gpu": ["10.0.0.1", "10.0.0.9"], "nfs": ["10.0.0.33"]}, [POOL])
    assert found == {"gpu": ("10.0.0.0/27",), "nfs": ("10.0.0.32/27",)}


def test_an_address_in_no_pool_is_in_no_prefix() -> None:
    assert separate({"gpu": ["192.0.2.1"]}, [POOL]) == {"gpu": ()}


def test_both_families_go_their_own_ways() -> None:
    found = separate({"gpu": ["10.0.0.1", "fd10::1"], "nfs": ["fd10::2"]}, [POOL, "fd10::/64"])
    assert found == {"gpu": (POOL, "fd10::/127"), "nfs": ("fd10::2/127",)}


def test_networks_become_disjoint() -> None:
    assert collapse(["10.0.0.0/25", "10.0.0.128/25", "10.0.0.7/32", "fd10::1"]) == ("10.0.0.0/24", "fd10::1/128")


members = st.dictionaries(st.integers(0, 63), st.sampled_from(["a", "b", "c"]), min_size=1, max_size=24)


@given(members)
def test_every_address_is_in_a_prefix_of_its_own_set_only(owners: dict[int, str]) -> None:
    base = int(IPv4Address("10.0.0.0"))
    addresses = {name: [str(IPv4Address(base + each)) for each in owners if owners[each] == name] for name in "abc"}
    found = separate(addresses, [POOL])
    for each, owner in owners.items():
        holders = [name for name in "abc" for prefix in found[name] if ip_address(base + each) in ip_network(prefix)]
        assert holders == [owner]
    runs = sum(owners[first] != owners[second] for first, second in itertools.pairwise(sorted(owners)))
    assert sum(map(len, found.values())) <= 6 * (runs + 1)


@given(members)
def test_prefixes_of_all_sets_are_disjoint(owners: dict[int, str]) -> None:
    base = int(IPv4Address("10.0.0.0"))
    addresses = {name: [str(IPv4Address(base + each)) for each in owners if owners[each] == name] for name in "abc"}
    networks = [ip_network(prefix) for prefixes in separate(addresses, [POOL]).values() for prefix in prefixes]
    assert not any(one.overlaps(other) for number, one in enumerate(networks) for other in networks[:number])
