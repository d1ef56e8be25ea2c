"""`podwright lint DIR`, and `podwright check --config DIR`, which is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import ROOT, Run
from lint.folders import BASE, changed, fault

SEEN = ROOT / "examples" / "a-stalled-job" / "seen"


@pytest.mark.parametrize("words", [("lint",), ("check", "--config")])
def test_errors_are_told_with_file_line_remedy_and_page(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words, SEEN)
    assert said.code == 1
    assert f"error[LNT001] {SEEN}/leaf-2.json:" in said.out
    assert '"26": "1"' in said.out
    assert "\n  fix: Map DSCP 26 to traffic class 3" in said.out
    assert "docs/checks/LNT001.md" in said.out
    assert said.out.endswith("1 error\n4 switches and 2 hosts read\n")


def test_a_clean_folder(run: Run) -> None:
    said = run("lint", BASE)
    assert (said.code, said.out) == (0, "4 switches and 2 hosts read: every check passes\n")


def test_warnings_do_not_fail(run: Run, tmp_path: Path) -> None:
    said = run("lint", changed(tmp_path / "seen", fault("LNT021")))
    assert said.code == 0
    assert "warning[LNT021]" in said.out
    assert "LNT021" not in run("lint", tmp_path / "seen", "--congested", "1").out


def test_what_is_unknown_and_unread_closes_the_report(run: Run, tmp_path: Path) -> None:
    changes = [{"file": "gpu-1", "remove": True}, {"file": "gpu-2", "remove": True}]
    changes += [{"file": f"{name}.txt", "add": "x"} for name in ("a", "b", "c", "d")]
    said = run("lint", changed(tmp_path / "seen", changes))
    assert "\nnot known:\n  no facts of any host are there, so nothing is known of NICs\n" in said.out
    assert said.out.endswith("not read, since nothing in it is known: a.txt, b.txt, c.txt and 1 more\n")


def test_as_json(run: Run) -> None:
    said = run("lint", SEEN, "--format", "json")
    document = json.loads(said.out)
    (finding,) = document["findings"]
    assert said.code == 1
    assert (finding["code"], finding["path"]) == ("LNT001", '.DSCP_TO_TC_MAP.AZURE["26"]')
    assert finding["place"]["text"].strip() == '"26": "1",'
    assert (document["summary"]["errors"], document["read"]) == (1, {"switches": 4, "hosts": 2})
    assert (document["unknown"], document["unread"]) == ([], [])


def test_nothing_to_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "gone"):
        said = run("lint", tmp_path / folder)
        assert said.code == 2
        assert "docs/stages/lint.md" in said.err


@pytest.mark.parametrize("words", [("check",), ("check", "pod.yaml", "--config", "seen")])
def test_check_looks_at_one_or_the_other(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words)
    assert said.code == 2
    assert "Name FILE, or `--config DIR`." in said.err
