"""Each rule refuses what breaks it and nothing else: every fault has a twin that differs in the fault alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from podwright.errors import BlueprintError
from podwright.load import read
from podwright.model.blueprint import Blueprint
from podwright.validate import validate
from podwright.validate.rules import RULES

WHOLE = (Path(__file__).parent / "whole.yaml").read_text("utf-8")
CONVERGED = """\
podwright: 1
name: quarry
site: {domain: quarry.example.net}
units: {slots: 16}
servers:
  gpu: {model: l40s-8, count: 20, at: {unit: 1, slot: 16}, absent: [{unit: 2, slot: 1}]}
fabrics:
  all:
    carries: [compute, frontend, storage]
    topology: single
    leaf: {model: sn5600, nos: sonic}
    pool: 10.128.0.0/10
    pool6: fd10:128::/48
    host_pool: 10.16.0.0/14
    host_pool6: fd10:16::/64
    lossless: rocev2
"""


def outcome(text: str, folder: Path) -> Blueprint | list[str]:
    """The blueprint, or the codes of what is wrong with it."""
    (folder / "pod.yaml").write_text(text, encoding="utf-8")
    try:
        return validate(read(folder))
    except BlueprintError as error:
        return [finding.code for finding in error.findings]


@pytest.mark.parametrize(
    ("base", "old", "faulty", "code"),
    [
        (CONVERGED, "slot: 16}", "slot: 17}", "SCH021"),
        (WHOLE, "slots: 16}\n    spine", "slots: 17}\n    spine", "SCH022"),
        (CONVERGED, "{unit: 2, slot: 1}", "{unit: 1, slot: 15}", "SCH023"),
        (CONVERGED, "{unit: 2, slot: 1}", "{unit: 3, slot: 5}", "SCH023"),
        (WHOLE, "carries: [management]", "carries: [management, storage]", "SCH024"),
        (WHOLE, "    spine: {model: sn4700, nos: sonic}\n", "", "SCH025"),
        (CONVERGED, "    pool: ", "    spine: {model: sn5600, nos: sonic}\n    pool: ", "SCH026"),
        (CONVERGED, "topology: single", "topology: single\n    planes: 2", "SCH027"),
        (WHOLE, "topology: tree", "topology: leaf-spine\n    spine: {model: sn2201, nos: cumulus}", "SCH028"),
        (WHOLE, "    rails: 8\n", "    rails: 8\n    outside: {a: {asn: 1, peers: [192.0.2.40/31]}}\n", "SCH029"),
        (CONVERGED, "    host_pool: 10.16.0.0/14\n", "", "SCH030"),
        (WHOLE, "    homes: 2\n", "    homes: 2\n    host_pool: 10.48.0.0/14\n", "SCH031"),
        (CONVERGED, "    pool6: fd10:128::/48\n", "", "SCH032"),
        (WHOLE, "    link_pool: 10.250.0.0/16\n", "", "SCH033"),
        (WHOLE, "underlay: numbered", "underlay: unnumbered", "SCH034"),
        (WHOLE, "{management: 1G}", "{storage: 1G}", "SCH035"),
        (WHOLE, "{management: 1G}", "{management: 1G, uplink: 100G}", "SCH035"),
        (WHOLE, "lossless: bulk", "lossless: bulky", "SCH036"),
        (WHOLE, "asn: 64999", "asn: 4200000000", "SCH037"),
        (WHOLE, "asn: 64999", "asn: 65535", "SCH039"),
        (WHOLE, '["fd10:ed6e::/127", "fd10:ed6e::2/127"]', '["FD10:ED6E::/127", "fd10:ed6e::/127"]', "SCH040"),
        (WHOLE, '["fd10:ed6e::/127", "fd10:ed6e::2/127"]', '["fd10:ed6e::/127"]', "SCH042"),
        (WHOLE, "    pool6: fd10:16::/64\n", "", "SCH043"),
        (WHOLE, "0c:42:a1:00:00:02", "0C:42:a1:00:00:01", "SCH041"),
    ],
)
def test_a_fault_is_found_and_its_twin_passes(base: str, old: str, faulty: str, code: str, tmp_path: Path) -> None:
    assert old in base
    assert isinstance(outcome(base, tmp_path), Blueprint)
    found = outcome(base.replace(old, faulty, 1), tmp_path)
    assert found == [code]


def test_fabrics_that_share_an_as_are_refused_only_where_both_have_a_way_out(tmp_path: Path) -> None:
    outside = "    outside: {core: {asn: 64998, peers: [192.0.2.80/31]}}\n"
    text = WHOLE.replace("    link_speed: {management: 1G}\n", outside)
    assert outcome(text, tmp_path) == ["SCH038"]
    assert isinstance(outcome(WHOLE, tmp_path), Blueprint)
    assert isinstance(outcome(text.replace(outside, outside + "    asn: 4240000000\n"), tmp_path), Blueprint)


def test_the_built_in_class_needs_no_section(tmp_path: Path) -> None:
    blueprint = outcome(CONVERGED, tmp_path)
    assert isinstance(blueprint, Blueprint)
    assert blueprint.fabrics["all"].lossless == "rocev2"
    assert blueprint.lossless == {}


def test_what_was_not_written_is_none(tmp_path: Path) -> None:
    blueprint = outcome(CONVERGED, tmp_path)
    assert isinstance(blueprint, Blueprint)
    assert (blueprint.fabrics["all"].mtu, blueprint.fabrics["all"].homes, blueprint.names.leaf) == (None, None, None)


def test_one_run_tells_of_shape_and_meaning_in_file_order(tmp_path: Path) -> None:
    text = WHOLE.replace("count: 4\n", "cuont: 4\n").replace("lossless: bulk", "lossless: no-such-class")
    assert outcome(text.replace("{management: 1G}", "{management: 1GB}"), tmp_path) == ["SCH002", "SCH036", "SCH005"]


def test_a_part_with_a_fault_of_shape_raises_no_false_alarm_elsewhere(tmp_path: Path) -> None:
    broken_class = WHOLE.replace("    dscp: 18", "    dscp: 99")
    assert outcome(broken_class, tmp_path) == ["SCH006"]
    broken_units = WHOLE.replace("units: {slots: 16}", "units: {slots: many}")
    assert outcome(broken_units, tmp_path) == ["SCH003"]


def test_a_misspelt_key_is_not_also_a_missing_one(tmp_path: Path) -> None:
    assert outcome(WHOLE.replace("    carries: [compute]", "    carry: [compute]"), tmp_path) == ["SCH002"]


def test_more_problems_than_anybody_reads_are_cut_with_a_note(tmp_path: Path) -> None:
    codes = outcome(CONVERGED + "".join(f"key{number}: 1\n" for number in range(1000)), tmp_path)
    assert isinstance(codes, list)
    assert (len(codes), codes[0], codes[-1]) == (101, "SCH002", "SCH000")


def test_the_assets_of_a_hundred_thousand_gpus_take_seconds(tmp_path: Path) -> None:
    assets = "".join(
        f'  gpu-{number:05}: {{serial: S{number}, mac: "0c:42:a1:{number >> 16:02x}:{number >> 8 & 255:02x}:'
        f'{number & 255:02x}"}}\n'
        for number in range(14_000)
    )
    started = time.process_time()
    assert isinstance(outcome(f"{CONVERGED}assets:\n{assets}", tmp_path), Blueprint)
    assert time.process_time() - started < 8


def test_every_rule_says_what_it_holds() -> None:
    assert all(rule.__doc__ for rule in RULES)
    assert len(set(RULES)) == len(RULES)


def whole_numbers(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Paths of every whole number in a document."""
    if isinstance(data, int) and not isinstance(data, bool):
        yield path
    for key, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from whole_numbers(inner, (*path, key))


@pytest.mark.parametrize("path", list(whole_numbers(yaml.safe_load(WHOLE))), ids=lambda path: ".".join(map(str, path)))
def test_a_whole_number_is_written_without_decimals_wherever_one_stands(
    path: tuple[str | int, ...], tmp_path: Path
) -> None:
    document = yaml.safe_load(WHOLE)
    holder = reduce(lambda inner, key: inner[key], path[:-1], document)
    number = holder[path[-1]]
    holder[path[-1]] = float(number)
    (tmp_path / "pod.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(BlueprintError) as refused:
        validate(read(tmp_path))
    (finding,) = refused.value.findings
    assert (finding.code, finding.fix.startswith(f"Write {number}")) == ("SCH003", True)
    assert finding.place is not None
    assert finding.place.text[finding.place.column - 1 :].startswith(f"{number}.0")
