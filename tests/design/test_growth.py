"""Numbers never move: what two designs share is equal in both, whichever way the pod grew.

Set aside is only what the peer of an uplink decides: on which spine, and on which of its ports, a cable ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from pods import (
    Document,
    backend,
    buildable,
    built,
    changed,
    converged,
    designed,
    front,
    oob,
    pod,
    pods,
    without,
)
from podwright.design import Index
from podwright.model.design import Design

from .test_invariants import KEYS, key_of

BLUEPRINT = Path(__file__).resolve().parents[2] / "blueprints" / "hgx-h100-32" / "pod.yaml"
NEW_PLACE = 40  # a unit that no random pod reaches
PEER = {"links": ("b_device", "b_port"), "sessions": ("b_device", "b_interface", "b_asn")}
LOADS = ("read_demand", "read_capacity", "read_limit", "write_demand", "write_capacity", "write_limit")
COUNTS = {
    "routers": ("max_paths",),
    "interfaces": ("members",),
    "vrf_members": ("vlans",),
    "exports": ("clients",),
    "store_loads": (*LOADS, "checkpoint_s"),
}


def moved(before: Design, after: Design) -> list[object]:
    """Records of identities in both designs that differ."""
    index = Index(before)
    cabled = {end for link in before.links for end in ((link.a_device, link.a_port), (link.b_device, link.b_port))}
    found: list[object] = []
    for table in KEYS:
        if table == "fabrics":
            continue
        grown = {key_of(table, record): record for record in getattr(after, table)}
        for record in getattr(before, table):
            other = grown.get(key_of(table, record))
            if other is None or _follows_a_peer(index, table, record, cabled):
                continue
            if _fixed(table, record) != _fixed(table, other):
                found.append((record, other))
    return found


def _follows_a_peer(index: Index, table: str, record: Any, cabled: set[tuple[str, str]]) -> bool:
    """Whether the record is a spine's side of a cable, or a port that had none."""
    device = index.device.get(getattr(record, "device", ""))
    spine_side = device is not None and device.tier == "spine"
    match table:
        case "ports":
            return (spine_side and record.use != "management") or (record.device, record.name) not in cabled
        case "breakouts":
            return spine_side
        case "interfaces":
            return spine_side and record.kind == "port"
        case "bindings" | "addresses":
            return spine_side and not any(
                each.name == record.interface and each.kind != "port" for each in index.interfaces[record.device]
            )
    return False


def _fixed(table: str, record: Any) -> dict[str, object]:
    fields = asdict(record)
    drop = COUNTS.get(table, ())
    if getattr(record, "use", "") in ("fabric", "outside"):
        drop += PEER.get(table, ())
    return {field: value for field, value in fields.items() if field not in drop}


def assert_nothing_moves(document: Document, grown: Document) -> None:
    assume(buildable(grown))
    assert not moved(built(document), built(grown))


@st.composite
def grown(draw: st.DrawFn, document: Document) -> Document:
    """The same pod, later: one of the ways that a pod grows."""
    group = draw(st.sampled_from(sorted(document["servers"])))
    fabric = draw(st.sampled_from(sorted(document["fabrics"])))
    spec = document["fabrics"][fabric]
    ways = ["servers", "group", "unit", "fabric", "asset", "override"]
    ways += ["spines", "plan"] if "spine" in spec and spec["topology"] != "tree" else []
    ways += ["rail", "plane"] if spec["topology"] == "rail-optimised" else []
    ways += ["tenant"] if spec.get("tenants") else []
    match draw(st.sampled_from(ways)):
        case "servers":
            count = document["servers"][group]["count"]
            return changed(document, "servers", group, "count", count + draw(st.integers(1, 4)))
        case "group":
            model = draw(st.sampled_from(["r0p1f2m1", "r0p1f1m1", "r1p1f0m1"]))
            return _with_group(document, "aaa", model, unit=NEW_PLACE)
        case "unit":
            return _with_group(document, "more", document["servers"][group]["model"], unit=draw(st.integers(4, 9)))
        case "tenant":
            more = _with_group(document, "aaa", document["servers"][group]["model"], unit=NEW_PLACE)
            return changed(more, "fabrics", fabric, "tenants", "aaa", {"id": 1, "servers": ["aaa"]})
        case "override":
            return changed(document, "overrides", "systems", "linux", {"management": {"user": "ubuntu"}})
        case "spines":
            return changed(document, "fabrics", fabric, "spine", "count", draw(st.integers(1, 6)))
        case "plan":
            return changed(document, "fabrics", fabric, "planned_units", draw(st.integers(5, 9)))
        case "rail":
            more = changed(document, "fabrics", fabric, "rails", min(spec["rails"] + 1, 8))
            return _with_group(more, "wide", f"r{min(spec['rails'] + 1, 8)}p1f0m1", unit=NEW_PLACE)
        case "plane":
            more = changed(document, "fabrics", fabric, "planes", 2)
            return _with_group(more, "dual", "r1p2f0m1", unit=NEW_PLACE)
        case "fabric":
            assume(
                all("storage" not in each["carries"] for each in document["fabrics"].values())
                or "oob" not in document["fabrics"]
            )
            # Storage ports that leave a fabric for the new one get new cables.
            assume(not any(each["model"].endswith("s2") for each in document["servers"].values()))
            assume(all(each["carries"] != ["storage"] for each in document["fabrics"].values()))
            name = draw(st.sampled_from(["aaa", "zzz"]))
            return changed(
                _carrying_less(document), "fabrics", name, front(carries=["storage"], pool="172.16.0.0/12", outside={})
            )
        case _:
            device = built(document).devices[0].name
            return changed(document, "assets", device, {"serial": "X1"})


def _with_group(document: Document, name: str, model: str, unit: int) -> Document:
    return changed(document, "servers", name, {"model": model, "count": 2, "at": {"unit": unit, "slot": 1}})


def _carrying_less(document: Document) -> Document:
    """Without the role storage, which a new fabric is about to carry."""
    copy = changed(document, "name", document["name"])
    for spec in copy["fabrics"].values():
        spec["carries"] = [role for role in spec["carries"] if role != "storage"]
    return copy


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_what_two_designs_share_is_equal(data: st.DataObject) -> None:
    document = data.draw(pods(shared=True))
    assume(all(finding.code != "DES215" for finding in designed(document).findings))
    larger = data.draw(grown(document))
    assume(buildable(larger))
    found = [
        pair
        for pair in moved(built(document), built(larger))
        if "assets" not in larger or pair[0].device not in larger["assets"]
    ]
    assert not found


TINY = pod(("gpu", "r4p1f2m1", 4, 1, 1), ("control", "r0p1f2m1", 2, 2, 1), backend=backend(), front=front(), oob=oob())


@pytest.mark.parametrize(
    "path",
    [
        ("servers", "gpu", "count", 7),
        ("servers", "control", "count", 20),
        ("servers", "aaa", {"model": "r0p1f1m1", "count": 9, "at": {"unit": 3, "slot": 5}}),
        ("fabrics", "backend", "rails", 8),
        ("fabrics", "backend", "planes", 2),
        ("fabrics", "backend", "spine", "count", 5),
        ("fabrics", "front", "spine", "count", 1),
        ("fabrics", "front", "planned_units", 30),
        ("assets", {"gpu-u001-s01": {"serial": "X1"}}),
    ],
    ids=lambda path: ".".join(map(str, path[:-1])),
)
def test_each_way_to_grow_moves_nothing(path: tuple[Any, ...]) -> None:
    before, after = built(TINY), built(changed(TINY, *path))
    assert before != after
    assert not [pair for pair in moved(before, after) if path[0] != "assets"]


def test_a_written_speed_changes_no_name_address_or_as_number() -> None:
    before, after = built(TINY), built(changed(TINY, "fabrics", "backend", "link_speed", {"compute": "200G"}))
    assert before.devices == after.devices
    assert {(each.device, each.address) for each in before.addresses} == {
        (each.device, each.address) for each in after.addresses
    }
    assert {each.device: each.asn for each in before.routers} == {each.device: each.asn for each in after.routers}
    assert before != after


@pytest.mark.parametrize(
    ("first", "later", "role", "speed"),
    [("r0p1f2m1", "r4p1f2m1", "compute", "400G"), ("r4p1f0m1s2", "r0p1f2m1", "frontend", "200G")],
)
def test_a_role_that_comes_late_finds_its_ports_kept_where_its_speed_is_written(
    first: str, later: str, role: str, speed: str
) -> None:
    early = pod(("first", first, 2, 1, 1), all=converged(rails=4))
    late = changed(early, "servers", "later", {"model": later, "count": 2, "at": {"unit": 1, "slot": 5}})
    notes = [finding for finding in designed(early).findings if finding.code == "DES215"]
    assert [f"carries {role}" in note.message and f"{{{role}: " in note.fix for note in notes] == [True]
    assert moved(built(early), built(late))
    planned = changed(early, "fabrics", "all", "link_speed", {role: speed})
    assert all(finding.code != "DES215" for finding in designed(planned).findings)
    assert not moved(built(planned), built(changed(late, "fabrics", "all", "link_speed", {role: speed})))


def test_a_role_that_comes_last_on_a_leaf_needs_no_note() -> None:
    early = pod(("gpu", "r4p1f2m1", 2, 1, 1), all=converged(rails=4))
    late = changed(early, "servers", "files", {"model": "stores", "count": 2, "at": {"unit": 1, "slot": 5}})
    assert all(finding.code != "DES215" for finding in designed(early).findings)
    assert not moved(built(early), built(late))


def test_a_plan_moves_no_uplink_when_it_comes_true() -> None:
    """With `planned_units` even the peers stay: spines and their ports are laid out for the final size."""
    before = built(TINY)
    after = built(changed(TINY, "servers", "gpu2", {"model": "r4p1f2m1", "count": 8, "at": {"unit": 4, "slot": 1}}))
    links = {(link.a_device, link.a_port): link for link in after.links}
    assert all(links[link.a_device, link.a_port] == link for link in before.links)


def test_growth_without_a_plan_says_how_many_cables_move() -> None:
    unplanned = without(backend(spine={"model": "small", "nos": "sonic"}), "planned_units")
    slim = pod(("gpu", "r4p1f2m1", 16, 1, 1), backend=unplanned)
    (note,) = [finding for finding in designed(slim).findings if finding.code == "DES211"]
    after = built(changed(slim, "servers", "gpu", "count", 20))
    ends = {(link.a_device, link.a_port): link.b_device for link in after.links}
    recabled = [link for link in built(slim).links if ends[link.a_device, link.a_port] != link.b_device]
    assert len(recabled) == 16
    assert f"({len(recabled)} cables)" in note.message


def test_a_wider_management_pool_that_begins_at_the_same_address_renumbers_nothing() -> None:
    before, after = built(TINY), built(changed(TINY, "fabrics", "oob", "pool", "10.0.0.0/15"))
    assert before.addresses == after.addresses
    assert before != after


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(list(value))}
    return value


def as_json(document: Document) -> bytes:
    return msgspec.json.encode(built(document))


@settings(max_examples=60, deadline=None)
@given(pods())
def test_the_order_of_keys_means_nothing(document: Document) -> None:
    more = changed(document, "lossless", {"zeta": {"dscp": 24, "priority": 4}, "alpha": {}})
    for number, name in enumerate(sorted(more["fabrics"])):
        if more["fabrics"][name]["topology"] in ("rail-optimised", "leaf-spine"):
            more["fabrics"][name]["lossless"] = ("zeta", "alpha")[number % 2]
    names = [device.name for device in built(more).devices][:2]
    more["assets"] = {name: {"serial": name} for name in names}
    assert as_json(more) == as_json(_reversed(more))


def test_equal_blueprints_give_equal_bytes_in_every_process() -> None:
    script = (
        "import sys, msgspec, yaml; from podwright.catalog import load; from podwright.design import design;"
        "from podwright.model.blueprint import Blueprint;"
        "text = open(sys.argv[1], encoding='utf-8').read();"
        "print(msgspec.json.encode(design(msgspec.convert(yaml.safe_load(text), Blueprint), load()).design).decode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, str(BLUEPRINT)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())["pod"]["name"] == "atlas"
