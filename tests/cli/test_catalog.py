"""The catalogue on the command line."""

from __future__ import annotations

import json

import yaml

from .conftest import Run


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
