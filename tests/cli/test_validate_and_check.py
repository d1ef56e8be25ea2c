"""Findings are the product of these verbs: on stdout, as text or as one JSON document."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from .conftest import BAD, ROOT, STARTER, Run


def test_a_valid_blueprint_is_said_to_be_valid(run: Run) -> None:
    assert run("validate", STARTER) == (0, f"{STARTER}: valid\n", "")
    assert run("validate", STARTER, "--quiet") == (0, "", "")


def test_problems_of_all_files_are_shown_at_once(run: Run) -> None:
    said = run("validate", BAD, STARTER, BAD.replace("unknown-key", "unknown-role"))
    assert said.code == 1
    assert f"{STARTER}: valid\n" in said.out
    assert "error[SCH002]" in said.out
    assert "error[SCH004]" in said.out
    assert said.out.endswith("\n2 errors\n")
    assert said.err == ""


def test_json_is_one_document(run: Run) -> None:
    said = run("validate", BAD, STARTER, "--format", "json")
    document = json.loads(said.out)
    assert said.code == 1
    assert document["summary"] == {"errors": 1, "warnings": 0, "notes": 0}
    (finding,) = document["findings"]
    assert (finding["code"], finding["severity"], finding["place"]["file"]) == ("SCH002", "error", BAD)
    assert finding["place"]["line"] > 0
    assert finding["fix"]


def test_check_shows_what_the_design_and_the_checks_found(run: Run) -> None:
    said = run("check", STARTER)
    assert said.code == 0
    assert "note[FAB006]" in said.out
    assert json.loads(run("check", STARTER, "--format", "json").out)["summary"]["errors"] == 0


def test_a_quiet_check_says_nothing_of_notes(run: Run) -> None:
    assert run("check", STARTER, "--quiet") == (0, "", "")
    assert json.loads(run("check", STARTER, "--quiet", "--format", "json").out)["summary"]["notes"] > 0


def test_a_quiet_check_still_warns(run: Run) -> None:
    run("new", "mypod", "--from", "starter-4")
    blueprint = Path("mypod/pod.yaml")
    lines = blueprint.read_text().splitlines(keepends=True)
    assert any("ntp: " in line for line in lines)
    blueprint.write_text(re.sub(r", ntp: \[[^]]*\]", "", "".join(lines)))
    said = run("check", "mypod", "--quiet")
    assert said.code == 0
    assert said.out.startswith("warning[POD001]")
    assert "note[" not in said.out


def test_other_verbs_print_findings_as_json_when_asked(run: Run) -> None:
    said = run("design", BAD, "--format", "json")
    assert said.code == 1
    assert json.loads(said.out)["summary"]["errors"] == 1
    said = run("design", BAD)
    assert (said.code, said.out) == (1, "")
    assert "error[SCH002]" in said.err
    assert said.err.endswith("\n1 error\n")


def test_json_names_the_file_of_each_problem_where_one_blueprint_extends_another(run: Run) -> None:
    child = BAD.replace("schema-unknown-key", "compose-slips-in-both")
    found = json.loads(run("validate", child, "--format", "json").out)["findings"]
    base = str(Path(child).parent / "bases" / "slip.yaml")
    assert [(each["place"]["file"], each["place"]["line"]) for each in found] == [(base, 7), (child, 7)]


def test_explain_names_the_line_in_the_file_where_it_stands(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        f"extends: {os.path.relpath(STARTER, tmp_path)}\nservers: {{gpu: {{count: 6}}}}\n"
    )
    said = run("explain", "gpu-u001-s06", tmp_path)
    assert f"decided by servers.gpu ({tmp_path}/pod.yaml:2:11)" in said.out
    assert "/blueprints/starter-4/pod.yaml:" in run("explain", "pod-leaf-u001-1", tmp_path).out


@pytest.fixture
def site(run: Run) -> Run:
    """A base that no pod is, a pod that extends it, one with a catalogue of its own, one of neither, and a rendered copy."""
    for name in ("alone", "base", "other"):
        run("new", name, "--from", "starter-4")
    Path("base/pod.yaml").rename("base/common.yaml")
    Path("child").mkdir()
    Path("child/pod.yaml").write_text("extends: ../base/common.yaml\nname: child\n")
    Path("hardware/switches").mkdir(parents=True)
    shipped = (ROOT / "generators/podwright/catalog/switches/sn2201.yaml").read_text()
    Path("hardware/switches/mine.yaml").write_text(shipped)
    other = Path("other/pod.yaml")
    other.write_text(other.read_text().replace("sn2201", "mine") + "catalog: ../hardware\n")
    Path(".hidden").mkdir()
    Path(".hidden/pod.yaml").write_text("extends: ../base/common.yaml\n")
    return run


@pytest.mark.parametrize(
    ("changed", "pods"),
    [
        (["alone/pod.yaml"], ["alone/pod.yaml"]),
        (["base/common.yaml"], ["child/pod.yaml"]),
        (["hardware/switches/mine.yaml", "child/pod.yaml"], ["child/pod.yaml", "other/pod.yaml"]),
        (["alone/README.md"], []),
    ],
)
def test_what_changed_is_checked_with_the_pods_that_read_it(site: Run, changed: list[str], pods: list[str]) -> None:
    said = site("check", "--changed", *changed)
    assert said.code == 0
    assert sorted(set(re.findall(r"^([\w./-]+pod.yaml):", said.out, re.MULTILINE))) == pods


def test_a_base_that_is_broken_breaks_the_pods_that_extend_it(site: Run) -> None:
    Path("base/common.yaml").write_text("a: [\n")
    said = site("check", "--changed", "--quiet", "base/common.yaml")
    assert said.code == 1
    assert "error[SRC001]" in said.out
    assert site("check", "--changed", "--quiet", "alone/pod.yaml") == (0, "", "")
