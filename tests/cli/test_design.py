"""The design for people: tables, and every key that was not written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

from podwright.cli.defaults import unwritten
from podwright.cli.table import table
from podwright.model.blueprint import Blueprint, Fabric, Kubernetes, Management, Names
from podwright.pipeline import design_pod

from .conftest import ROOT, STARTER, Run

BLUEPRINTS = sorted((ROOT / "blueprints").glob("*/pod.yaml"))


def test_the_tables_show_fabrics_arithmetic_addresses_and_devices(run: Run) -> None:
    said = run("design", ROOT / "blueprints" / "hgx-h100-32").out
    assert said.startswith("atlas: 39 servers, 30 switches, 1 outside router, 731 cables\n")
    for title in ("\nFabrics\n", "\nArithmetic\n", "\nAddresses\n", "\nDevices\n"):
        assert title in said
    assert "plane 1 | rail 3 | unit 9 | slot 6 | host 3" in said
    assert "backend-leaf-u001-r0" in said


def test_json_is_the_design_that_render_writes(run: Run) -> None:
    said = run("design", STARTER, "--format", "json", "--quiet").out
    run("render", STARTER, "--output", "build")
    assert said == Path("build/design.json").read_text()


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda path: path.parent.name)
def test_defaults_are_exactly_the_keys_that_were_not_written(blueprint: Path) -> None:
    pod = design_pod(blueprint)
    written = set(leaves(yaml.safe_load(blueprint.read_text())))
    shown = [default.key for default in unwritten(pod)]
    assert len(shown) == len(set(shown))
    assert not written & set(shown)
    for name in pod.blueprint.fabrics:
        fields = {f"fabrics.{name}.{field}" for field in Fabric.__struct_fields__}
        met = {".".join(key.split(".")[:3]) for key in written | set(shown)}
        assert fields - met <= {f"fabrics.{name}.spine"} & met or fields <= met
    for section, record in (("management", Management), ("names", Names)):
        assert {f"{section}.{field}" for field in record.__struct_fields__} <= set(shown) | written
    if pod.blueprint.kubernetes:
        met = {key.split(".")[1] for key in written | set(shown) if key.startswith("kubernetes.")}
        assert met == set(Kubernetes.__struct_fields__)


def leaves(data: object, path: str = "") -> Iterator[str]:
    """Dotted paths of everything written; a list is one leaf."""
    if not isinstance(data, dict):
        yield path
        return
    for key, value in data.items():
        yield from leaves(value, f"{path}.{key}" if path else key)


def test_a_default_that_is_written_down_is_no_longer_shown_and_changes_nothing(tmp_path: Path) -> None:
    blueprint = yaml.safe_load(Path(STARTER, "pod.yaml").read_text())
    shown = {default.key: default.value for default in unwritten(design_pod(Path(STARTER)))}
    blueprint["fabrics"]["pod"]["mtu"] = int(shown["fabrics.pod.mtu"])
    blueprint["fabrics"]["pod"]["link_speed"] = {"compute": shown["fabrics.pod.link_speed.compute"]}
    blueprint["names"] = {"server": shown["names.server"]}
    (tmp_path / "pod.yaml").write_text(yaml.safe_dump(blueprint))
    explicit = design_pod(tmp_path)
    keys = {default.key for default in unwritten(explicit)}
    assert not keys & {"fabrics.pod.mtu", "fabrics.pod.link_speed.compute", "names.server"}
    assert explicit.design == design_pod(Path(STARTER)).design


def test_defaults_as_json(run: Run) -> None:
    document = json.loads(run("design", STARTER, "--show-defaults", "--format", "json", "--quiet").out)
    assert {"key": "management.port", "value": "22", "origin": "the blueprint's language"} in document["defaults"]


def test_every_key_of_the_language_has_a_row_or_is_written() -> None:
    top = {default.key.split(".")[0] for default in unwritten(design_pod(Path(STARTER)))}
    required = {field.name for field in msgspec.structs.fields(Blueprint) if field.required}
    written = set(yaml.safe_load(Path(STARTER, "pod.yaml").read_text()))
    assert set(Blueprint.__struct_fields__) - required <= top | written


def test_tables_align_numbers_on_the_right_and_say_when_they_are_empty() -> None:
    assert table("Title", ("name", "n"), [("a", 1), ("long", 100)]).split("\n")[2:] == ["  a       1", "  long  100"]
    assert table("Title", ("name",), []).endswith("\n  none")
