"""`new` begins a folder that checks clean and that editors understand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from podwright.cli.starter import references

from .conftest import Run


@pytest.mark.parametrize("reference", references())
def test_every_reference_blueprint_begins_a_pod_that_checks(run: Run, reference: str) -> None:
    said = run("new", "mypod", "--from", reference)
    assert said.code == 0, said.err
    blueprint = yaml.safe_load(Path("mypod/pod.yaml").read_text())
    assert (blueprint["name"], blueprint["site"]["domain"]) == ("mypod", "mypod.example.net")
    assert all("at" in group for group in blueprint["servers"].values())
    assert all("pool" in fabric for fabric in blueprint["fabrics"].values())
    assert run("check", "mypod", "--quiet").code == 0


def test_the_folder_is_ready_for_git_and_for_editors(run: Run) -> None:
    run("new", "mypod", "--from", "starter-4")
    first = Path("mypod/pod.yaml").read_text().splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert Path("mypod", schema).is_file()
    assert "/build/" in Path("mypod/.gitignore").read_text()
    assert "lab up . --name mypod" in Path("mypod/README.md").read_text()


def test_a_folder_with_something_in_it_is_refused(run: Run) -> None:
    Path("mypod").mkdir()
    assert run("new", "mypod", "--from", "starter-4").code == 0
    said = run("new", "mypod", "--from", "starter-4")
    assert said.code == 3
    assert "mypod is already there and not empty" in said.err


@pytest.mark.parametrize("name", ["Atlas", "a_b", "-a", "a-", "../a", "a" * 33, ""])
def test_a_name_that_no_pod_can_have_is_refused(run: Run, name: str) -> None:
    said = run("new", "--from", "starter-4", "--", name)
    assert said.code == 2
    assert "can't be the name of a pod" in said.err
    assert "Write lower-case letters, digits and hyphens, beginning and ending with a letter or digit" in said.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["1pod", "a", "7", "1e3", "0x10", "on", "null", "a--b", "2026-01-01", "a" * 32])
def test_a_name_that_a_blueprint_may_have_begins_a_pod(run: Run, name: str) -> None:
    """Whatever YAML would take the bare word for, the blueprint has the name as text."""
    assert run("new", name, "--from", "starter-4", "--output", "mypod").code == 0
    said = run("check", "mypod", "--quiet")
    assert (said.code, said.err) == (0, "")
    assert yaml.safe_load(Path("mypod/pod.yaml").read_text())["name"] == name


def test_an_unknown_reference_is_answered_with_the_nearest(run: Run) -> None:
    said = run("new", "mypod", "--from", "starter")
    assert said.code == 2
    assert "there is no reference blueprint `starter`\n  fix: Did you mean starter-4" in said.err


def test_a_folder_that_the_system_refuses_is_exit_code_3(run: Run) -> None:
    Path("file").write_text("")
    for refused in (Path("a" * 300), Path("file/mypod")):
        said = run("new", "mypod", "--from", "starter-4", "--output", refused)
        assert said.code == 3
        assert f"{refused} can't be written: " in said.err


def test_a_folder_that_may_not_be_looked_into_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Path.exists

    def denied(path: Path) -> bool:
        if path == Path("mypod"):
            raise PermissionError(13, "Permission denied", str(path))
        return exists(path)

    monkeypatch.setattr(Path, "exists", denied)
    said = run("new", "mypod", "--from", "starter-4")
    assert (said.code, "can't be written: Permission denied" in said.err) == (3, True)
