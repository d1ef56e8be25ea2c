"""The picture: everything of the pod is in it, nothing lies on anything else, and texts fit.

The pictures beside the blueprints are the rendered ones; freeze them again after an intended change, and look at them:

    PODWRIGHT_FREEZE=1 pytest tests/targets/docs
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import load
from podwright.design import design
from podwright.load import read
from podwright.model.report import Severity
from podwright.projection import project
from podwright.projection.records import DeviceEntry, PodConfig
from podwright.targets.docs import racks
from podwright.targets.docs.picture import rack_room, topology
from podwright.targets.docs.picture.drawing import MOST_BLOCKS, TIMES, Block, Drawing, Panel, Tier, describe, draw
from podwright.targets.docs.picture.elevation import elevations
from podwright.targets.docs.picture.layout import Area, Scene, cut, layout, text_width, wrap
from podwright.validate import validate

LARGE = Path(__file__).with_name("large.yaml")
SVG = "{http://www.w3.org/2000/svg}"

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which takes minutes on drawings."""

every_blueprint = pytest.mark.parametrize("name", reference.NAMES)


def page(scene: Scene) -> Area:
    return Area(0, 0, scene.width, scene.height)


def faults(scene: Scene) -> list[str]:
    """Everything a reader would stumble over."""
    found = [f"{a.tooltip} on {b.tooltip}" for a, b in combinations(scene.boxes, 2) if a.area.overlaps(b.area)]
    for box in scene.boxes:
        found += [f"{text.text} out of its box" for text in box.texts if not box.area.holds(text.area)]
        found += [f"{text.text} on {box.tooltip}" for text in scene.texts if box.area.overlaps(text.area)]
    found += [f"{a.text} on {b.text}" for a, b in combinations(scene.texts, 2) if a.area.overlaps(b.area)]
    found += [f"{a} on {b}" for a, b in combinations([frame.area for frame in scene.frames], 2) if a.overlaps(b)]
    outer = [*(text.area for text in scene.texts), *(frame.area for frame in scene.frames)]
    outer += [box.area for box in scene.boxes]
    return found + [f"{area} off the page" for area in outer if not page(scene).holds(area)]


@every_blueprint
def test_nothing_overlaps_and_every_text_fits(name: str) -> None:
    assert faults(layout(draw(reference.pod(name)))) == []


names = st.from_regex(r"\A[a-z][a-z0-9]{0,14}(-[a-z0-9]{1,12}){0,3}\Z")
blocks = st.builds(
    Block,
    name=names,
    count=st.sampled_from(["", "32 servers", "4096 switches"]),
    kind=st.sampled_from(["server", "switch", "outside"]),
    fabric=names,
)
tiers = st.builds(
    Tier,
    name=st.sampled_from(["spine", "leaf", "attached", "root", "outside"]),
    title=st.text(min_size=1, max_size=40),
    models=st.lists(st.text(min_size=1, max_size=40), max_size=6).map(tuple),
    blocks=st.lists(blocks, min_size=1, max_size=MOST_BLOCKS).map(tuple),
)
panels = st.builds(
    Panel,
    fabric=names,
    facts=st.text(max_size=300),
    tiers=st.lists(tiers, min_size=1, max_size=5, unique_by=lambda tier: tier.name).map(tuple),
    joins=st.just(()),
)


@settings(
    max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # shrinking takes minutes
@given(
    st.builds(
        Drawing,
        title=st.text(min_size=1, max_size=200),
        subtitle=st.text(max_size=400),
        panels=st.lists(panels, min_size=1, max_size=4).map(tuple),
    )
)
def test_it_holds_for_any_drawing(drawing: Drawing) -> None:
    assert faults(layout(drawing)) == []


@every_blueprint
def test_every_cable_is_in_one_bundle(name: str) -> None:
    pod = reference.pod(name)
    drawn = {
        panel.fabric: sum(bundle.cables for join in panel.joins for bundle in join.bundles)
        for panel in draw(pod).panels
    }
    assert drawn == Counter(cable.fabric for cable in pod.cables)


@every_blueprint
def test_lines_end_at_the_boxes_they_join(name: str) -> None:
    scene = layout(draw(reference.pod(name)))
    bottoms = {box.area.y + box.area.height for box in scene.boxes}
    tops = {box.area.y for box in scene.boxes}
    assert all(line.y1 in bottoms and line.y2 in tops and line.y1 < line.y2 for line in scene.lines)


def test_few_devices_have_a_box_each_and_many_stand_in_runs() -> None:
    backend, front, _ = draw(reference.pod("hgx-h100-32")).panels
    assert [tier.name for tier in backend.tiers] == ["spine", "leaf", "attached"]
    assert [len(tier.blocks) for tier in backend.tiers] == [8, 8, 1]
    assert [(block.name, block.count) for block in backend.tiers[-1].blocks] == [("gpu-u001-s01…s32", "32 servers")]
    assert [block.name for block in front.tiers[-1].blocks] == [
        "gpu-u001-s01…s32",
        "control-u001-s49…s51",
        "nfs-u001-s57…s60",
    ]


def test_a_pod_of_many_units_is_drawn_by_unit_or_group() -> None:
    pod = reference.pod("hgx-h100-32")
    grown = replace(pod, entries=tuple(_units(pod, 40)))
    rows = {tier.name: tier for tier in draw(grown).panels[0].tiers}
    assert all(len(tier.blocks) <= MOST_BLOCKS for tier in rows.values())
    assert [block.count for block in rows["leaf"].blocks] == ["320 leaves"]
    assert faults(layout(draw(grown))) == []


def _units(pod: PodConfig, units: int) -> list[DeviceEntry]:
    copies = [
        replace(entry, name=entry.name.replace("u001", f"u{unit:03d}"), unit=unit)
        for unit in range(2, units + 1)
        for entry in pod.entries
        if entry.unit == 1
    ]
    return [*pod.entries, *copies]


@pytest.fixture(scope="module")
def large() -> PodConfig:
    """512 servers on eight rails, over eight units."""
    product = design(validate(read(LARGE)), load())
    assert all(finding.severity is not Severity.ERROR for finding in product.findings)
    return project(product.design, load())


def test_512_servers_are_drawn_as_their_units(large: PodConfig) -> None:
    backend, front, oob = draw(large).panels
    rows = {tier.name: tier for tier in backend.tiers}
    assert [block.count for block in rows["attached"].blocks] == ["64 servers"] * 8
    assert [block.name for block in rows["leaf"].blocks][:2] == ["backend-leaf-u001-r0…r7", "backend-leaf-u002-r0…r7"]
    assert [join.caption for join in backend.joins] == [
        (f"1024 {TIMES} 800G", "128 on each line"),
        (f"4096 {TIMES} 400G", "512 on each line"),
    ]
    assert sum(
        bundle.cables for panel in (backend, front, oob) for join in panel.joins for bundle in join.bundles
    ) == len(large.cables)
    scene = layout(draw(large))
    assert faults(scene) == []
    assert max(line.weight for line in scene.lines) == 4
    assert len(topology(large)) < 60_000


def test_140_racks_are_a_handful_of_elevations(large: PodConfig) -> None:
    room = racks.room(large)
    assert room.racks == 140
    assert [(len(each.names), each.facts[1]) for each in room.elevations] == [
        (128, "24 of 42 U in use"),
        (8, "24 of 42 U in use"),
        (1, "18 of 42 U in use"),
        (2, "10 of 42 U in use"),
        (1, "2 of 42 U in use"),
    ]
    assert faults(elevated(large)) == []


def test_it_is_drawing_for_eyes_and_words_for_others() -> None:
    pod = reference.pod("starter-4")
    root = ElementTree.fromstring(topology(pod))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "starter: 5 servers, 2 switches, 53 cables"
    words = root.findtext(f"{SVG}desc")
    assert words == describe(draw(pod))
    assert words.startswith(f"Fabric pod: leaves (1 {TIMES} sn5600), servers (4 {TIMES} hgx-h100, 1 {TIMES} nvme-2u); ")
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")


def test_free_text_is_text() -> None:
    pod = replace(reference.pod("starter-4"), description="</text><script>alert(1)</script> & more")
    root = ElementTree.fromstring(topology(pod))
    assert not root.findall(f".//{SVG}script")
    assert "</text><script>alert(1)</script> & more" in [text.text for text in root.iter(f"{SVG}text")]


def test_text_is_cut_with_an_ellipsis_and_names_break_at_hyphens() -> None:
    assert cut("a long sentence", text_width("a long", 10), 10) == "a lon…"
    assert cut("short", 1000, 10) == "short"
    assert wrap("backend-leaf-u001-r0", 100) == ["backend-leaf-", "u001-r0"]
    assert wrap("gpu", 1) == ["gpu"]


@every_blueprint
@pytest.mark.parametrize(("file", "drawn"), [("topology.svg", topology), ("racks.svg", rack_room)])
def test_the_picture_beside_the_blueprint_is_this_one(name: str, file: str, drawn: Callable[[PodConfig], str]) -> None:
    path = reference.BLUEPRINTS / name / file
    text = drawn(reference.pod(name))
    if os.environ.get("PODWRIGHT_FREEZE"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def elevated(pod: PodConfig) -> Scene:
    room = racks.room(pod)
    return elevations(room, f"{pod.pod}: {room.racks} racks", {fabric.name: 0 for fabric in pod.fabrics})


@every_blueprint
def test_nothing_overlaps_in_the_racks_either(name: str) -> None:
    assert faults(elevated(reference.pod(name))) == []


@every_blueprint
def test_every_rack_is_drawn_or_counted_as_alike(name: str) -> None:
    pod = reference.pod(name)
    room = racks.room(pod)
    drawn = [rack for elevation in room.elevations for rack in elevation.names]
    assert sorted(drawn) == [rack.name for rack in pod.racks]
    assert room.hidden == 0


def test_racks_that_hold_the_same_are_drawn_once() -> None:
    full, control, *_ = racks.room(reference.pod("hgx-h100-32")).elevations
    assert full.names == tuple(f"u001-rack-{number:02}" for number in range(1, 9))
    assert full.facts == ("and 7 racks alike", "24 of 42 U in use", "at most 40.8 kW")
    assert full.labels == ("gpu server · hgx-h100",) * 4
    assert control.labels == ("control-u001-s51", "control-u001-s50", "control-u001-s49")
    assert control.facts[-1] == "power not published"


def test_kinds_of_racks_beyond_the_most_are_counted_and_not_drawn() -> None:
    pod = reference.pod("hgx-h100-32")
    kinds = 40
    placements = tuple(
        replace(pod.placements[0], device=entry.name, rack=f"rack-{number:02}", position=number + 1, height=1)
        for number, entry in enumerate(pod.entries[:kinds])
        if entry.kind != "outside"
    )
    many = tuple(replace(pod.racks[0], name=each.rack) for each in placements)
    room = racks.room(replace(pod, racks=many, placements=placements))
    assert len(room.elevations) == racks.MOST_KINDS
    assert room.hidden == len(many) - racks.MOST_KINDS
    assert faults(elevations(room, "many", {})) == []
    assert f"{room.hidden} racks of further kinds are listed there only." in rack_room(
        replace(pod, racks=many, placements=placements)
    )


def test_the_racks_in_words() -> None:
    root = ElementTree.fromstring(rack_room(reference.pod("starter-4")))
    assert root.findtext(f"{SVG}title") == "starter: 3 racks"
    assert root.findtext(f"{SVG}desc") == (
        "u001-rack-01: one rack, 24 of 42 U in use, at most 40.8 kW; 4 gpu servers. "
        "u001-rack-02: one rack, 2 of 42 U in use, power not published; 1 files server. "
        "u001-net-01: one rack, 3 of 42 U in use, power not published; 1 oob leaf, 1 pod leaf."
    )


def test_two_pictures_in_one_document_share_no_name() -> None:
    pod = reference.pod("starter-4")
    names = [
        element.get("id")
        for text in (topology(pod), rack_room(pod))
        for element in ElementTree.fromstring(text).iter()
        if element.get("id")
    ]
    assert len(names) == len(set(names)) == 4


def test_the_styles_of_a_picture_reach_no_further_than_it() -> None:
    style = ElementTree.fromstring(topology(reference.pod("starter-4"))).findtext(f"{SVG}style") or ""
    rules = [rule for line in style.splitlines() for rule in re.findall(r"([^{}]+)\{[^{}]*\}", line)]
    assert len(rules) > 20
    assert all(selector.strip().startswith(".pod ") for rule in rules for selector in rule.split(","))
