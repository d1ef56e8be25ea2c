"""The lossless class on every hop: both ends of each cable carry it, and thresholds stand in the order that it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from conformance import reference
from pods import Document, as_document, backend, blueprint, built, changed, front, pod, pods
from podwright.catalog import load
from podwright.design import design
from podwright.design.lossless import most_ports
from podwright.model.design import BufferProfile, Design, EcnProfile

PAIRS = Path(reference.__file__).parents[1] / "checks"
TWO_UNITS = pod(("gpu", "r8p1f2m1", 4, 1, 1), slots=2, backend=backend(), front=front())


def lossless(**keys: object) -> Document:
    return changed(TWO_UNITS, "lossless", "rocev2", keys)


def profile(design: Design, gbps: int = 400) -> BufferProfile:
    return next(each for each in design.buffers if each.gbps == gbps)


def marking(design: Design, tier: str, gbps: int) -> EcnProfile:
    return next(each for each in design.ecn_profiles if (each.tier, each.gbps) == (tier, gbps))


@settings(max_examples=60, deadline=None)
@given(pods())
def test_both_ends_of_each_cable_carry_the_class_of_their_fabric(document: Document) -> None:
    design = built(document)
    classes = {fabric.name: fabric.lossless for fabric in design.fabrics}
    expected = {
        (device, port): classes[link.fabric]
        for link in design.links
        if classes[link.fabric] and link.use in ("host", "fabric")
        for device, port in ((link.a_device, link.a_port), (link.b_device, link.b_port))
    }
    assert {(each.device, each.interface): each.name for each in design.bindings} == expected


@settings(max_examples=60, deadline=None)
@given(pods())
def test_every_lossless_port_of_a_switch_has_its_profiles_and_no_server_has(document: Document) -> None:
    design = built(document)
    buffers = {each.name: each for each in design.buffers}
    ecn = {each.name: each for each in design.ecn_profiles}
    servers = {device.name for device in design.devices if device.kind == "server"}
    speeds = {(port.device, port.name): port.gbps for port in design.ports}
    for each in design.bindings:
        if each.device in servers:
            assert (each.buffer, each.ecn) == ("", "")
        else:
            assert buffers[each.buffer].gbps == ecn[each.ecn].gbps == speeds[each.device, each.interface]
    assert {each.buffer for each in design.bindings} - {""} == set(buffers)
    assert {each.ecn for each in design.bindings} - {""} == set(ecn)


@pytest.mark.parametrize("name", reference.NAMES)
def test_where_nothing_is_written_marks_come_before_pauses(name: str) -> None:
    profiles = reference.designed(name).ecn_profiles
    assert profiles
    for each in profiles:
        assert 0 < each.min_bytes < each.max_bytes
        if each.xoff_threshold_bytes:
            assert each.max_bytes < each.xoff_threshold_bytes
            assert each.min_bytes < each.marking_bound_bytes


@pytest.mark.parametrize("name", reference.NAMES)
def test_headroom_is_more_than_what_the_cable_holds(name: str) -> None:
    for each in reference.designed(name).buffers:
        on_the_cable = 2 * each.metres * 5e-9 * each.gbps * 1e9 / 8
        assert each.xoff_bytes > on_the_cable + each.mtu + each.packet_bytes
        assert each.terms


def test_a_longer_cable_takes_more() -> None:
    near, far = (profile(built(changed(TWO_UNITS, "facility", "lengths", "server", metres))) for metres in (5, 50))
    assert near.xoff_bytes < far.xoff_bytes
    assert (near.metres, far.metres) == (5, 50)


def test_a_measured_headroom_goes_before_the_computed_one_where_it_fits() -> None:
    entry = {"speed": "400G", "metres": 20, "xoff_bytes": 300_000, "xon_bytes": 20_000, "size_bytes": 320_000}
    taken = profile(built(lossless(measured=[{**entry, "speed": "800G"}, entry])))
    assert (taken.measured, taken.xoff_bytes, taken.xon_bytes, taken.size_bytes) == (True, 300_000, 20_000, 320_000)
    too_short = profile(built(lossless(measured=[{**entry, "metres": 2}])))
    assert not too_short.measured
    assert next(term for term in taken.terms if term.name == "xoff").value == too_short.xoff_bytes


def test_thresholds_are_taken_from_the_first_entry_that_fits() -> None:
    entries = [
        {"tier": "spine", "min_bytes": 1, "max_bytes": 2},
        {"speed": "400G", "min_bytes": 3, "max_bytes": 4, "probability": 5},
        {"min_bytes": 6, "max_bytes": 7},
    ]
    design = built(lossless(ecn=entries))
    leaf = marking(design, "leaf", 400)
    assert (leaf.min_bytes, leaf.max_bytes, leaf.probability, leaf.origin) == (3, 4, 5, "lossless.rocev2.ecn.1")
    spines = {(each.min_bytes, each.max_bytes) for each in design.ecn_profiles if each.tier == "spine"}
    assert spines == {(1, 2)}


def test_fewer_congested_groups_pause_later() -> None:
    all_ports, few = (marking(built(lossless(**keys)), "leaf", 400) for keys in ({}, {"congested_groups": 8}))
    assert all_ports.congested_groups == 128
    assert few.congested_groups == 8
    assert few.xoff_threshold_bytes > all_ports.xoff_threshold_bytes


def test_a_pool_of_its_own_pauses_earlier_by_the_share_of_the_class() -> None:
    one, apart = (
        marking(built(changed(lossless(bandwidth=60), "fabrics", "backend", "leaf", "nos", nos)), "leaf", 400)
        for nos in ("sonic", "cumulus")
    )
    assert (one.shared_percent, apart.shared_percent) == (100, 60)
    for field in ("xoff_threshold_bytes", "marking_bound_bytes", "max_bytes", "min_bytes"):
        assert getattr(apart, field) == pytest.approx(0.6 * getattr(one, field), abs=1)


def test_one_headroom_for_all_ports_is_that_of_the_port_that_needs_most() -> None:
    document = as_document((PAIRS / "LSL013" / "good.yaml").read_text("utf-8"))
    own, alike = (
        design(blueprint(changed(document, "fabrics", "backend", "leaf", "nos", nos)), load()).design
        for nos in ("sonic", "eos")
    )
    needs = [each.xoff_bytes for each in own.buffers if each.asic == "tomahawk-5"]
    ports, shared = own.buffer_budgets[0], alike.buffer_budgets[0]
    assert (ports.model, ports.headroom_bytes) == ("7060x6-64pe", 0)
    assert len(set(needs)) > 1
    assert shared.headroom_bytes == max(needs)
    assert shared.xoff_bytes == shared.groups * max(needs) > ports.xoff_bytes
    assert shared.reserved_bytes - ports.reserved_bytes == shared.xoff_bytes - ports.xoff_bytes


def test_what_a_dpu_with_a_system_of_its_own_has_to_be_set_to_is_said() -> None:
    shipped = load()
    model = shipped.servers["l40s-8"]
    own = replace(model, nics=tuple(replace(nic, dpu="dpu" if nic.dpu else "") for nic in model.nics))
    document = as_document((PAIRS.parents[1] / "blueprints" / "rag-16" / "pod.yaml").read_text("utf-8"))
    (note,) = [
        finding
        for finding in design(
            blueprint(document), replace(shipped, servers={**shipped.servers, "l40s-8": own})
        ).findings
        if finding.code == "DES406"
    ]
    assert note.path == "servers.gpu.model"
    assert "pause priority 3 alone, and send notifications with DSCP 48 on priority 6" in note.message
    assert "--pfc 0,0,0,1,0,0,0,0`" in note.fix
    assert all(finding.code != "DES406" for finding in design(blueprint(document), shipped).findings)


def test_the_traffic_class_follows_the_priority_and_restoration_the_detection() -> None:
    (traffic,) = built(lossless(priority=4, watchdog={"detection_ms": 300})).classes
    assert (traffic.traffic_class, traffic.restoration_ms) == (4, 600)


@pytest.mark.parametrize(("gbps", "ports"), [(800, 64), (400, 128), (200, 256)])
def test_the_ports_of_a_model_are_counted_at_a_speed(gbps: int, ports: int) -> None:
    assert most_ports(load().switches["sn5600"], gbps) == ports
