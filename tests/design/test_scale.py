"""The twin is a subset: what it keeps is production's own, it shows every rail, group and tier, and nothing dangles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pods import Document, as_document, backend, blueprint, built, front, oob, pod, pods
from podwright.catalog import load
from podwright.design import Index, design, scale
from podwright.model.design import Design

from .test_invariants import KEYS, dangling, key_of

BLUEPRINTS = Path(__file__).resolve().parents[2] / "blueprints"


def production_form(table: str, record: Any, whole: Any) -> Any:
    """The twin's record with what a twin may change set back: a switch runs FRR, a bridge has the ports that are there."""
    if table == "devices":
        return replace(record, nos=whole.nos)
    if table == "interfaces" and record.kind == "bridge":
        assert set(record.members) <= set(whole.members)
        return replace(record, members=whole.members)
    return record


def assert_is_subset(twin: Design, whole: Design) -> None:
    for table in KEYS:
        originals = {key_of(table, record): record for record in getattr(whole, table)}
        for record in getattr(twin, table):
            original = originals[key_of(table, record)]
            assert production_form(table, record, original) == original


def assert_shows_everything(twin: Design, whole: Design) -> None:
    kept = {device.name for device in twin.devices}
    servers = sorted((each for each in whole.devices if each.kind == "server"), key=lambda each: (each.unit, each.slot))
    for of in (
        lambda device: (device.kind, device.tier),
        lambda device: (device.group, device.role),
        lambda device: (device.fabric, device.tier, device.plane),
        lambda device: (device.fabric, device.rail),
    ):
        assert {of(device) for device in twin.devices} == {of(device) for device in whole.devices}
    for group in {server.group for server in servers}:
        mine = [server for server in servers if server.group == group]
        assert mine[0].name in kept
        if mine[0].role == "compute":
            assert mine[-1].name in kept
    index = Index(whole)
    for fabric in whole.fabrics:
        for plane in range(1, fabric.planes + 1):
            spines = [
                each for each in whole.devices if (each.fabric, each.tier, each.plane) == (fabric.name, "spine", plane)
            ]
            assert len([spine for spine in spines if spine.name in kept]) >= min(2, len(spines))
    for attachment in whole.attachments:
        if attachment.device in kept and attachment.interface != "bmc":
            assert attachment.leaf in kept
    assert all(index.device[name].tier != "root" or name in kept for name in index.device)


@settings(max_examples=80, deadline=None)
@given(pods(), st.sampled_from([0, 1, 10, 20, None]))
def test_a_twin_is_a_sound_subset(document: Document, nodes: int | None) -> None:
    whole = built(document)
    twin = scale(whole, nodes)
    assert_is_subset(twin, whole)
    assert_shows_everything(twin, whole)
    assert not list(dangling(twin))
    assert {device.nos for device in twin.devices if device.kind == "switch"} <= {"frr"}


@settings(max_examples=40, deadline=None)
@given(pods(), st.integers(1, 60))
def test_a_twin_has_about_as_many_nodes_as_were_asked_for(document: Document, nodes: int) -> None:
    """At most that many, unless showing everything takes more; and no server is left out for which there was room."""
    whole = built(document)
    twin, least = scale(whole, nodes), scale(whole, 0)
    assert len(twin.devices) <= max(nodes, len(least.devices))
    assert {each.name for each in least.devices} <= {each.name for each in twin.devices}


def test_a_larger_scale_adds_servers_from_both_ends() -> None:
    whole = built(pod(("gpu", "r2p1f2m1", 16, 1, 1), backend=backend(), front=front(), oob=oob()))
    least = len(scale(whole, 0).devices)
    larger = scale(whole, least + 2)
    assert len(larger.devices) == least + 2
    assert {device.name for device in larger.devices if device.kind == "server"} == {
        "gpu-u001-s01",
        "gpu-u001-s02",
        "gpu-u002-s07",
        "gpu-u002-s08",
    }


def test_every_router_outside_keeps_a_link() -> None:
    """A router whose first link ends at the fourth spine keeps that spine."""
    outside = {
        "aaa": {"asn": 64998, "peers": ["192.0.2.0/31", "192.0.2.2/31", "192.0.2.4/31"]},
        "zzz": {"asn": 64999, "peers": ["192.0.2.6/31"]},
    }
    fabric = front(outside=outside, spine={"model": "large", "nos": "sonic", "count": 4})
    twin = scale(built(pod(("gpu", "r0p1f2m1", 8, 1, 1), front=fabric, oob=oob())), 0)
    assert {link.a_device for link in twin.links if link.use == "outside"} == {"front-aaa", "front-zzz"}


@pytest.mark.parametrize("path", sorted(BLUEPRINTS.glob("*/pod.yaml")), ids=lambda path: path.parent.name)
def test_the_twins_of_the_reference_blueprints(path: Path) -> None:
    whole = design(blueprint(as_document(path.read_text("utf-8"))), load()).design
    for nodes in (0, 14, 30, None):
        twin = scale(whole, nodes)
        assert_is_subset(twin, whole)
        assert_shows_everything(twin, whole)
        assert not list(dangling(twin))
        assert twin.pod.init == "none"
        assert len(scale(whole, None).devices) == len(whole.devices)
