"""The catalogue on the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import yaml

from podwright.catalog import loader

from .conftest import STARTER, Run


def shipped_text(kind: str, name: str) -> str:
    return (Path(loader.__file__).parent / kind / f"{name}.yaml").read_text("utf-8")


def test_list_shows_switches_and_servers(run: Run) -> None:
    said = run("catalog", "list").out
    assert "sn5600" in said
    assert "hgx-h100" in said
    assert {each["name"] for each in json.loads(run("catalog", "list", "--format", "json").out)["servers"]} >= {
        "cpu-1u"
    }


def test_show_prints_an_entry_with_its_sources(run: Run) -> None:
    assert yaml.safe_load(run("catalog", "show", "sn5600").out)["sn5600"]["source"]
    assert json.loads(run("catalog", "show", "hgx-h100", "--format", "json").out)["hgx-h100"]["gpus"] == 8


def test_an_unknown_entry_is_answered_with_the_nearest(run: Run) -> None:
    said = run("catalog", "show", "sn560")
    assert said.code == 2
    assert "`sn5600`" in said.err


def test_cables_are_listed_and_shown_too(run: Run) -> None:
    assert "2 m at 100G a lane" in run("catalog", "list").out
    assert json.loads(run("catalog", "show", "dac", "--format", "json").out)["dac"]["ends"] == "attached"


def test_switching_chips_are_listed_and_shown_too(run: Run) -> None:
    assert "NVIDIA Spectrum-4" in run("catalog", "list").out
    listed = json.loads(run("catalog", "list", "--format", "json").out)["asics"]
    assert {
        "name": "spectrum-4",
        "title": "NVIDIA Spectrum-4",
        "headroom": "spectrum",
        "cell": "192 B",
        "fastest": "800G",
    }.items() <= next(each for each in listed if each["name"] == "spectrum-4").items()
    assert json.loads(run("catalog", "show", "tomahawk-5", "--format", "json").out)["tomahawk-5"]["cell_bytes"] == 254


def test_with_a_blueprint_the_entries_of_its_own_catalogue_are_listed_and_shown(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "catalog" / "switches"
    folder.mkdir(parents=True)
    (folder / "acme-64.yaml").write_text(shipped_text("switches", "sn5600"))
    (tmp_path / "pod.yaml").write_text(f"extends: {os.path.relpath(STARTER, tmp_path)}\ncatalog: catalog\n")
    listed = json.loads(run("catalog", "list", tmp_path, "--format", "json").out)["switches"]
    assert {each["name"]: each["from"] for each in listed if each["name"] in ("acme-64", "sn5600")} == {
        "acme-64": "your catalogue",
        "sn5600": "Podwright",
    }
    assert "acme-64" in run("catalog", "show", "acme-64", tmp_path).out
    assert run("catalog", "show", "acme-64").code == 2
