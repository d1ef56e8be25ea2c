"""Addresses are identities: decoding one gives back who has it, so no two identities can share one."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pods import Document, built, changed, designed, front, oob, pod, pods
from podwright.design.addressing import (
    HostSpace,
    LinkSpace,
    RailSpace,
    Space,
    SwitchOrdinal,
    host_layout,
    link_layout,
    management_layout,
    rail_layout,
)
from podwright.design.layout import Field, Layout, Pool
from podwright.model.blueprint import Layout as Widths

RAILS = RailSpace(Space("backend", rail_layout(Widths()), Pool("10.128.0.0/10"), Pool("fd10:128::/64")))
HOSTS = HostSpace(Space("front", host_layout(Widths(), of_rails=False), Pool("10.16.0.0/14")))
LINKS = LinkSpace(Space("front", link_layout(Pool("10.64.0.0/12"), Widths()), Pool("10.64.0.0/12")))
FIELDS = ("one", "two", "three", "four")


@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.data())
def test_decoding_gives_back_what_was_encoded(widths: list[int], data: st.DataObject) -> None:
    layout = Layout(*(Field(name, width) for name, width in zip(FIELDS, widths, strict=False)))
    values = {name: data.draw(st.integers(0, (1 << width) - 1)) for name, width in layout.widths.items()}
    assert layout.decode(layout.encode(**values)) == values
    assert layout.encode(**values) < 1 << layout.bits


def test_a_value_that_overflows_its_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="rail 8 does not fit 3 bits"):
        rail_layout(Widths()).encode(rail=8)


@given(st.integers(0, (1 << 22) - 1))
def test_a_pool_gives_back_its_offsets(offset: int) -> None:
    for pool in RAILS.space.pools:
        assert pool.offset(pool.address(offset)) == offset


def test_an_address_of_another_pool_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1 is not in 10\.128\.0\.0/10"):
        RAILS.space.pool.offset("10.0.0.1")


def test_the_layouts_read_as_documented() -> None:
    assert rail_layout(Widths()).spell == "plane 1 | rail 3 | unit 9 | slot 6 | host 3"
    assert host_layout(Widths(), of_rails=True).spell == "block 1 | unit 9 | slot 6 | host 2"
    assert link_layout(Pool("10.64.0.0/12"), Widths()).spell == "unit 7 | plane 1 | leaf 5 | uplink 6 | end 1"
    assert management_layout(Pool("10.0.0.0/20")).spell == "unit 3 | kind 2 | position 7"


@st.composite
def switch_ordinals(draw: st.DrawFn, planes: int, ordinals: int) -> SwitchOrdinal:
    return SwitchOrdinal(draw(st.integers(1, planes)), draw(st.integers(1, 500)), draw(st.integers(0, ordinals - 1)))


@given(
    st.tuples(st.integers(1, 2), st.integers(0, 7), st.integers(1, 500), st.integers(1, 64)),
    switch_ordinals(planes=2, ordinals=32),
    st.tuples(st.integers(1, 2), st.integers(1, 512)),
)
def test_rails_leaves_and_spines_never_meet(
    nic: tuple[int, int, int, int], leaf: SwitchOrdinal, spine: tuple[int, int]
) -> None:
    """A /31 of a NIC, and the loopbacks of leaves and spines, are apart for all units that the layout lets servers stand in."""
    assert nic[2] <= RAILS.last_unit(32)
    link = RAILS.link(*nic)
    offsets = {link, link + 1, RAILS.leaf_loopback(leaf), RAILS.spine_loopback(*spine)}
    assert len(offsets) == 4
    fields = RAILS.space.layout.decode(link)
    assert (fields["plane"] + 1, fields["rail"], fields["unit"], fields["slot"] + 1) == nic


@settings(max_examples=30)
@given(st.lists(switch_ordinals(planes=2, ordinals=32), min_size=2, max_size=2, unique=True))
def test_leaves_have_loopbacks_of_their_own(leaves: list[SwitchOrdinal]) -> None:
    first, second = leaves
    assert RAILS.leaf_loopback(first) != RAILS.leaf_loopback(second)
    assert LINKS.link(first._replace(unit=first.unit % 128), 64) != LINKS.link(
        second._replace(unit=second.unit % 128), 1
    )
    if (first.unit, first.ordinal) != (second.unit, second.ordinal):
        assert HOSTS.leaf_loopback(first) != HOSTS.leaf_loopback(second)


@given(st.integers(1, 511), st.integers(1, 64), switch_ordinals(planes=1, ordinals=128), st.integers(1, 512))
def test_hosts_leaves_and_spines_never_meet(unit: int, slot: int, leaf: SwitchOrdinal, spine: int) -> None:
    host = HOSTS.host(unit, slot)
    assert len({host, HOSTS.leaf_loopback(leaf), HOSTS.spine_loopback(1, spine)}) == 3
    fields = HOSTS.space.layout.decode(host)
    assert (fields["unit"], fields["slot"] + 1) == (unit, slot)


@settings(max_examples=60, deadline=None)
@given(pods())
def test_the_address_of_a_server_says_where_it_stands(document: Document) -> None:
    design = built(document)
    devices = {device.name: device for device in design.devices}
    rails = {
        (each.device, each.interface): (each.plane, each.rail) for each in design.attachments if each.mode == "routed"
    }
    for address in design.addresses:
        device = devices[address.device]
        plan = next(each for each in design.fabrics if each.name == address.fabric)
        own = ip_interface(address.address)
        if device.kind != "server" or own.version == 6:
            continue
        pools = [Pool(text) for text in plan.pools if ":" not in text]
        if address.interface == "lo":
            pool = pools[-2 if plan.underlay == "numbered" else -1]
            space = HostSpace(Space(plan.name, host_layout(Widths(), of_rails="compute" in plan.carries), pool))
            fields = space.space.layout.decode(pool.offset(str(own.ip)))
        elif (device.name, address.interface) in rails:
            fields = rail_layout(Widths()).decode(pools[0].offset(str(own.ip)))
            assert (fields["plane"] + 1, fields["rail"]) == rails[device.name, address.interface]
        else:
            fields = management_layout(pools[0]).decode(pools[0].offset(str(own.ip)))
            fields["slot"] = fields["position"]
            assert fields["kind"] == 2
        assert (fields["unit"], fields["slot"] + 1) == (device.unit, device.slot)


def test_ipv6_mirrors_ipv4_bit_for_bit() -> None:
    design = built(pod(("gpu", "r0p1f2m1", 3, 2, 2), front=front(pool6="fd10:16::/64"), oob=oob()))
    four, six = Pool("10.16.0.0/14"), Pool("fd10:16::/64")
    of_server = [
        each.address.split("/")[0]
        for each in design.addresses
        if each.device.startswith("gpu") and each.interface == "lo"
    ]
    offsets = [(six if ":" in address else four).offset(address) for address in of_server]
    assert offsets[::2] == offsets[1::2]
    assert len(offsets) == 6


def test_a_router_outside_speaks_both_families_over_one_link() -> None:
    document = pod(("gpu", "r0p1f2m1", 2, 1, 1), front=front(pool6="fd10:16::/64"), oob=oob())
    joined = changed(document, "fabrics", "front", "outside", "edge", "peers6", ["fd00:99::/127", "fd00:99::2/127"])
    sessions = [each for each in built(joined).sessions if each.use == "outside"]
    assert [(each.a_address, each.b_address, each.a_address6, each.b_address6) for each in sessions] == [
        ("192.0.2.0", "192.0.2.1", "fd00:99::", "fd00:99::1"),
        ("192.0.2.2", "192.0.2.3", "fd00:99::2", "fd00:99::3"),
    ]
    inside = changed(joined, "fabrics", "front", "outside", "edge", "peers6", ["fd00:99::/127", "fd10:16::2/127"])
    (finding,) = designed(inside).findings
    assert (finding.code, finding.path) == ("DES305", "fabrics.front.outside.edge.peers6")
