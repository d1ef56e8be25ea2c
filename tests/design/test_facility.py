"""Where devices stand and what their cables are: nothing stands in anything, and a cable is no longer than its reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from conformance import reference
from pods import Document, backend, built, changed, front, oob, pod, pods
from podwright.catalog import load
from podwright.catalog.ports import ways
from podwright.design import facility
from podwright.design.sizing import gbps as gbps_of
from podwright.model.design import Design, LinkClass, Port


def collisions(design: Design) -> Iterator[object]:
    """Rack units that two devices take, or that the rack lacks."""
    height = {rack.name: rack.height for rack in design.racks}
    taken: dict[tuple[str, int], str] = {}
    for each in design.placements:
        for unit in range(each.position, each.position + each.height):
            other = taken.setdefault((each.rack, unit), each.device)
            if other != each.device or not 1 <= unit <= height[each.rack]:
                yield each, other


@settings(max_examples=60, deadline=None)
@given(pods())
def test_every_device_has_a_place_of_its_own(document: Document) -> None:
    design = built(document)
    assert {each.device for each in design.placements} == {
        each.name for each in design.devices if each.kind != "outside"
    }
    assert {each.rack for each in design.placements} == {each.name for each in design.racks}
    assert list(collisions(design)) == []


@pytest.mark.parametrize("name", reference.NAMES)
def test_in_the_reference_pods_too(name: str) -> None:
    design = reference.designed(name)
    assert design.racks
    assert list(collisions(design)) == []
    assert all(each.medium and each.metres <= each.reach for each in design.link_classes)


def test_racks_fill_from_slots_and_network_racks_by_role() -> None:
    design = reference.designed("hgx-h100-32")
    place = {each.device: (each.rack, each.position) for each in design.placements}
    assert [place[f"gpu-u001-s0{slot}"] for slot in (1, 2, 4, 5)] == [
        ("u001-rack-01", 1),
        ("u001-rack-01", 11),
        ("u001-rack-01", 31),
        ("u001-rack-02", 1),
    ]
    assert place["backend-leaf-u001-r0"] == ("u001-net-01", 1)
    assert place["backend-leaf-u001-r7"] == ("u001-net-01", 15)
    assert place["front-leaf-u001-1"] == ("u001-net-01", 22)
    assert place["oob-leaf-u001-1"] == ("u001-net-01", 37)
    assert place["oob-root-1"] == ("net-01", 37)


def small(**facility: dict[str, int]) -> Document:
    document = pod(("gpu", "r8p1f2m1", 4, 1, 1), backend=backend(), front=front(), oob=oob())
    return changed(document, "facility", facility) if facility else document


def classes(**lengths: int) -> dict[str, LinkClass]:
    return {f"{each.fabric} {each.use}": each for each in built(small(lengths=lengths)).link_classes}


@pytest.mark.parametrize(
    ("metres", "medium"),
    [(2, "dac"), (3, "multimode"), (100, "multimode"), (101, "singlemode"), (500, "singlemode")],
)
def test_the_shortest_sufficient_medium_is_taken(metres: int, medium: str) -> None:
    found = classes(server=metres)["backend host"]
    assert (found.gbps, found.lane_gbps, found.metres, found.medium) == (400, 100, metres, medium)


def test_only_twisted_pair_fits_an_rj45_cage() -> None:
    found = classes(management=2)["oob management"]
    assert (found.medium, found.ends, found.standard) == ("twisted-pair", "attached", "IEEE 802.3ab 1000BASE-T")


def test_ends_of_different_lanes_meet_over_single_mode_fibre() -> None:
    """A QSFP28 port of four lanes of 25G, and an eighth of an OSFP cage."""
    found = classes(uplink=2)
    assert (found["oob fabric"].gbps, found["oob fabric"].lane_gbps, found["oob fabric"].medium) == (
        100,
        100,
        "singlemode",
    )
    assert found["oob fabric"].standard == "IEEE 802.3cd 100GBASE-DR"
    assert found["backend fabric"].medium == "dac"


@pytest.mark.parametrize(
    ("gbps", "lanes", "lane"),
    [
        (1, 4, 1),
        (10, 8, 10),
        (25, 4, 25),
        (50, 8, 25),
        (50, 1, 50),
        (100, 8, 25),
        (400, 8, 50),
        (800, 8, 100),
        (90, 4, 23),
    ],
)
def test_a_port_uses_no_more_lanes_than_it_needs(gbps: int, lanes: int, lane: int) -> None:
    port = Port(
        device="leaf", name="Ethernet0", use="host", gbps=gbps, lanes=tuple(range(lanes)), origin="fabrics.front"
    )
    assert facility.lane_gbps(port) == lane


STANDARDS = {
    (1, 1): ("802.3z 1000BASE-SX", "802.3z 1000BASE-LX"),
    (10, 10): ("802.3ae 10GBASE-SR", "802.3ae 10GBASE-LR"),
    (25, 25): ("802.3by 25GBASE-SR", "802.3cc 25GBASE-LR"),
    (50, 25): ("lanes as 802.3bm 100GBASE-SR4", "lanes as 802.3ba 100GBASE-LR4"),
    (50, 50): ("802.3cd 50GBASE-SR", "802.3cd 50GBASE-FR"),
    (100, 25): ("802.3bm 100GBASE-SR4", "802.3ba 100GBASE-LR4"),
    (100, 50): ("802.3cd 100GBASE-SR2", "802.3cd 100GBASE-DR"),
    (100, 100): ("802.3db 100GBASE-SR1", "802.3cd 100GBASE-DR"),
    (200, 50): ("802.3cd 200GBASE-SR4", "802.3bs 200GBASE-DR4"),
    (200, 100): ("802.3db 200GBASE-SR2", "lanes as 802.3bs 400GBASE-DR4"),
    (400, 50): ("802.3cm 400GBASE-SR8", "802.3bs 400GBASE-DR4"),
    (400, 100): ("802.3db 400GBASE-SR4", "802.3bs 400GBASE-DR4"),
    (800, 100): ("802.3df 800GBASE-SR8", "802.3df 800GBASE-DR8"),
}
"""Of multimode and single-mode fibre, by the speed in all and of a lane, in Gb/s."""


@pytest.mark.parametrize(("gbps", "lane"), STANDARDS)
@pytest.mark.parametrize(("place", "medium"), [(0, "multimode"), (1, "singlemode")])
def test_the_standard_follows_from_the_speed_and_its_lanes(gbps: int, lane: int, place: int, medium: str) -> None:
    reach = facility._reach(load().cables[medium], facility.Fit(form="", gbps=gbps, lane=lane, equal=True))
    assert reach
    assert facility._standard(reach, gbps).replace("IEEE ", "") == STANDARDS[gbps, lane][place]


def test_every_port_of_the_catalogue_has_a_speed_and_lanes_that_are_looked_at() -> None:
    speeds = {
        (gbps, facility._lane_gbps(gbps, run.lanes // ways(mode)))
        for switch in load().switches.values()
        for run in switch.cages
        for mode in run.modes
        for gbps in map(gbps_of, (mode.split("x")[1], *run.slower))
    }
    assert speeds == set(STANDARDS)


def test_ends_of_different_lanes_have_the_standard_of_the_fastest_that_the_link_can_have() -> None:
    unequal = facility.Fit(form="", gbps=50, lane=25, equal=False)
    reach = facility._reach(load().cables["singlemode"], unequal)
    assert reach
    assert facility._standard(reach, 50) == "IEEE 802.3cd 50GBASE-FR"


def test_each_use_has_a_length_of_its_own() -> None:
    written = {"server": 11, "uplink": 12, "outside": 13, "management": 14}
    found: dict[str, set[int]] = defaultdict(set)
    for each in built(small(lengths=written)).link_classes:
        found[each.use].add(each.metres)
    assert found == {"host": {11}, "fabric": {12}, "outside": {13}, "management": {14}}


def test_higher_racks_give_each_slot_more() -> None:
    design = built(small(racks={"height": 48, "slots": 2}))
    place = {each.device: (each.rack, each.position) for each in design.placements}
    assert place["gpu-u001-s02"] == ("u001-rack-01", 25)
    assert place["gpu-u001-s03"] == ("u001-rack-02", 1)
    assert {rack.height for rack in design.racks} == {48}
