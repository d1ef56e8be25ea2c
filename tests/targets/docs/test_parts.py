"""The bill of materials: every part is counted from the design, and its numbers agree with each other."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from conformance import reference
from podwright.catalog import load
from podwright.design import design
from podwright.load import read
from podwright.model.blueprint import Facility, Lengths
from podwright.projection import project
from podwright.projection.records import PodConfig
from podwright.targets.docs.parts import Part, attached, bill
from podwright.targets.docs.racks import OUTSIDE, power, runs
from podwright.validate import validate

every_blueprint = pytest.mark.parametrize("name", reference.NAMES)


def of(kind: str, parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part.kind == kind]


def with_lengths(name: str, lengths: Lengths) -> PodConfig:
    """A reference pod whose cables are as long as written."""
    blueprint = validate(read(reference.BLUEPRINTS / name / "pod.yaml"))
    written = msgspec.structs.replace(blueprint, facility=Facility(lengths=lengths))
    return project(design(written, load()).design, load())


@every_blueprint
def test_every_device_is_counted(name: str) -> None:
    pod = reference.pod(name)
    counted = {part.item: part.count for part in (*of("server", bill(pod)), *of("switch", bill(pod)))}
    assert counted == Counter(entry.model for entry in pod.entries if entry.model)


@every_blueprint
def test_a_cable_has_two_ends_and_each_end_its_transceiver_or_plug(name: str) -> None:
    pod = reference.pod(name)
    cables, transceivers = of("cable", bill(pod)), of("transceiver", bill(pod))
    assert sum(cable.count for cable in cables) == len(pod.cables)
    assert sum(cable.ports for cable in cables) == 2 * len(pod.cables)
    loose = sum(cable.ports for cable in cables if cable.item not in attached(pod))
    assert sum(part.ports for part in transceivers) == loose > 0


@every_blueprint
def test_a_transceiver_serves_no_more_ports_than_its_cage_is_split_into(name: str) -> None:
    for part in of("transceiver", bill(reference.pod(name))):
        split = part.description.removeprefix("split ").split(",")[0]
        ways = int(split.split("x")[0]) if part.description.startswith("split ") else 1
        assert part.count <= part.ports <= ways * part.count


@every_blueprint
def test_nic_ports_are_those_of_the_servers(name: str) -> None:
    pod = reference.pod(name)
    assert sum(part.count for part in of("NIC port", bill(pod))) == sum(len(host.interfaces) for host in pod.hosts)


def test_the_bill_of_the_starter() -> None:
    assert [msgspec.structs.astuple(part) for part in bill(reference.pod("starter-4"))] == [
        ("server", "hgx-h100", "HGX H100 8-GPU server (PowerEdge XE9680 slot map)", 0, 0, 4, 0),
        ("server", "nvme-2u", "2U NVMe storage server", 0, 0, 1, 0),
        ("switch", "sn2201", "NVIDIA SN2201", 0, 0, 1, 0),
        ("switch", "sn5600", "NVIDIA SN5600", 0, 0, 1, 0),
        ("NIC port", "bluefield-3", "in servers", 200, 0, 8, 0),
        ("NIC port", "connectx-7", "in servers", 200, 0, 2, 0),
        ("NIC port", "connectx-7", "in servers", 400, 0, 32, 0),
        ("NIC port", "lom", "in servers", 1, 0, 5, 0),
        ("cable", "multimode", "OM4 multimode fibre", 200, 15, 10, 20),
        ("cable", "multimode", "OM4 multimode fibre", 400, 15, 32, 64),
        ("cable", "twisted-pair", "Category 6A twisted pair", 1, 15, 11, 22),
        ("transceiver", "nic", "in the form of the NIC, OM4 multimode fibre", 200, 0, 10, 10),
        ("transceiver", "nic", "in the form of the NIC, OM4 multimode fibre", 400, 0, 32, 32),
        ("transceiver", "osfp", "split 2x400G, OM4 multimode fibre", 800, 0, 16, 32),
        ("transceiver", "osfp", "split 4x200G, OM4 multimode fibre", 800, 0, 4, 10),
    ]


def test_copper_needs_no_transceiver() -> None:
    pod = with_lengths("starter-4", Lengths(server=2))
    assert [(part.item, part.description, part.count) for part in of("cable", bill(pod))] == [
        ("dac", "Direct-attach copper cable, cage split 2x400G", 32),
        ("dac", "Direct-attach copper cable, cage split 4x200G", 10),
        ("twisted-pair", "Category 6A twisted pair", 11),
    ]
    assert of("transceiver", bill(pod)) == []


@every_blueprint
def test_every_cable_goes_from_a_rack_to_a_rack(name: str) -> None:
    pod = reference.pod(name)
    known = {rack.name for rack in pod.racks} | {OUTSIDE}
    assert sum(count for _, count in runs(pod)) == len(pod.cables)
    assert {rack for run, _ in runs(pod) for rack in (run.a_rack, run.b_rack)} <= known


def test_the_cables_of_a_rack_of_servers() -> None:
    found = {
        (run.b_rack, run.fabric): count
        for run, count in runs(reference.pod("hgx-h100-32"))
        if run.a_rack == "u001-rack-01"
    }
    assert found == {("u001-net-01", "backend"): 32, ("u001-net-01", "front"): 8, ("u001-net-01", "oob"): 8}


def test_cables_of_another_length_are_another_part() -> None:
    near, far = reference.pod("hgx-h100-32"), with_lengths("hgx-h100-32", Lengths(uplink=120))
    changed = set(bill(far)) - set(bill(near))
    assert {(part.item, part.gbps, part.metres) for part in changed if part.kind == "cable"} == {
        ("multimode", 400, 30),
        ("singlemode", 100, 120),
        ("singlemode", 400, 120),
        ("singlemode", 800, 120),
    }


@pytest.mark.parametrize(
    ("watts", "unstated", "words"),
    [(40_800, 0, "at most 40.8 kW"), (10_200, 3, "10.2 kW + 3 unpublished"), (0, 3, "power not published")],
)
def test_power_says_what_it_leaves_out(watts: int, unstated: int, words: str) -> None:
    assert power(watts, unstated) == words
