"""`render` from the command line; what it does to the tree is tests/render's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from .conftest import STARTER, Run


def test_it_says_what_it_did(run: Run) -> None:
    assert " new" in run("render", STARTER, "--output", "build").out
    again = run("render", STARTER, "--output", "build")
    assert again.code == 0
    assert " unchanged" in again.out
    assert " new" not in again.out


def test_diff_writes_nothing(run: Run) -> None:
    said = run("render", STARTER, "--output", "build", "--diff", "--quiet")
    assert said.code == 0
    assert said.out.startswith("diff --git a/")
    assert not Path("build").exists()


def test_an_edit_is_exit_code_3_and_force_replaces_it(run: Run) -> None:
    run("render", STARTER, "--output", "build")
    Path("build/design.json").write_text("{}")
    said = run("render", STARTER, "--output", "build")
    assert said.code == 3
    assert "error: 1 file is in the way\n  design.json: was edited since it was rendered" in said.err
    assert run("render", STARTER, "--output", "build", "--force").code == 0


def test_json_names_the_files(run: Run) -> None:
    document = json.loads(run("render", STARTER, "--output", "build", "--format", "json", "--quiet").out)
    assert "design.json" in document["created"]


def test_a_part_of_the_tree(run: Run) -> None:
    said = run("render", STARTER, "--output", "build", "--only", "frr", "--device", "gpu-u001-s01", "--format", "json")
    created = json.loads(said.out)["created"]
    assert created
    assert all(path.startswith("configs/gpu-u001-s01/") for path in created)


def test_the_tree_of_another_pod_is_not_replaced_by_mistake(run: Run) -> None:
    run("new", "other", "--from", "starter-4")
    run("render", STARTER, "--output", "build")
    before = Path("build/design.json").read_text()
    said = run("render", "other", "--output", "build", "--quiet")
    assert said.code == 3
    assert "build is the tree of the pod `starter`, and this is the pod `other`" in said.err
    assert Path("build/design.json").read_text() == before
    assert run("render", "other", "--output", "build", "--only", "frr", "--quiet").code == 3
    assert run("render", "other", "--output", "build", "--force", "--quiet").code == 0
    assert run("render", "other", "--output", "build", "--quiet").code == 0


def test_a_selection_of_nothing_is_told(run: Run) -> None:
    said = run("render", STARTER, "--output", "build", "--only", "sonic", "--device", "gpu-u001-s01")
    assert said.code == 2
    assert "nothing is rendered by the target `sonic` for the device `gpu-u001-s01`" in said.err
    assert "frr" in said.err
    assert not Path("build").exists()


CANARY = "canary-4791-sesame"


def test_neither_a_tree_nor_a_difference_of_trees_has_a_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the secret is in a variable or in a file, and whatever of it changes."""
    monkeypatch.setenv("POD_SECRET", CANARY)
    Path("secrets").mkdir()
    Path("secrets/edge").write_text(CANARY)
    monkeypatch.setenv("PODWRIGHT_FILES", str(Path("secrets").absolute()))
    run("new", "pod", "--from", "rag-16")
    reference = yaml.safe_load(Path("pod/pod.yaml").read_text())
    (name,) = [name for name, fabric in reference["fabrics"].items() if "outside" in fabric]
    (router,) = reference["fabrics"][name]["outside"]
    said = []
    for place in ({"env": "POD_SECRET"}, {"file": "edge"}):
        reference["fabrics"][name]["outside"][router]["password"] = place
        Path("pod/pod.yaml").write_text(yaml.safe_dump(reference))
        said += [run("render", "pod", "--output", "build", "--diff"), run("render", "pod", "--output", "build")]
        said += [run("explain", "pod", f"{name}-{router}"), run("design", "pod", "--format", "json")]
    assert f"<podwright:fabrics.{name}.outside.{router}.password>" in said[0].out
    assert "kind: file" in said[4].out
    assert [each for each in said if CANARY in each.out + each.err] == []
    assert [path for path in Path("build").rglob("*") if path.is_file() and CANARY in path.read_text()] == []
