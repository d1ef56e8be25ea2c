"""Completion of values: names that the shell can't know are looked up when TAB is pressed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.shell_completion import ShellComplete

from podwright.cli import root
from podwright.cli.starter import references
from podwright.errors import LabError
from podwright.lab import registry
from podwright.pipeline import PARTS, check_pod, render_pod
from podwright.resources import folder

SECONDS = 60  # for bash to answer, on a busy machine
ON_EOS = Path(__file__).parents[1] / "targets" / "eos" / "pod.yaml"


def offered(*words: str) -> list[str]:
    """What TAB offers behind these words, of which the last is begun only."""
    *before, begun = words
    complete = ShellComplete(root, {}, "podwright", "_PODWRIGHT_COMPLETE")
    return [item.value for item in complete.get_completions(before, begun)]


def test_entries_of_the_catalogue() -> None:
    assert "sn5600" in offered("catalog", "show", "sn56")
    assert all(name.startswith("sn56") for name in offered("catalog", "show", "sn56"))
    assert "hgx-h100" in offered("catalog", "show", "")
    assert offered("catalog", "show", "no-such") == []


def test_reference_blueprints() -> None:
    assert offered("new", "mypod", "--from", "") == references()
    assert offered("new", "mypod", "--from", "starter") == ["starter-4"]


def test_targets() -> None:
    assert offered("render", ".", "--only", "so") == ["sonic"]
    pods = (folder("blueprints") / "hgx-h100-32", ON_EOS)
    rendered = {artifact.target for path in pods for artifact in render_pod(check_pod(path))}
    assert set(offered("render", ".", "--only", "")) == set(PARTS) == rendered


def test_codes() -> None:
    assert offered("explain", "FAB00")[:2] == ["FAB001", "FAB002"]
    assert offered("explain", "fab001") == ["FAB001"]


def test_ends_of_flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("trace", "gpu") == []
    shutil.copy(folder("blueprints") / "hgx-h100-32" / "pod.yaml", tmp_path)
    assert offered("trace", "gpu-u001-s0")[:2] == ["gpu-u001-s01", "gpu-u001-s02"]
    assert offered("trace", "gpu-u001-s01:rail3", "gpu-u001-s02:rail") == [
        f"gpu-u001-s02:rail{rail}" for rail in range(8)
    ]


@pytest.mark.parametrize(
    "words", [("lab", "down"), ("lab", "test"), ("lab", "exec"), ("apply", "build", "--lab"), ("verify", "b", "--lab")]
)
def test_labs(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    labs = tuple(SimpleNamespace(name=name) for name in ("atlas", "atoll", "borealis"))
    monkeypatch.setattr(registry, "recorded", lambda: labs)
    assert offered(*words, "at") == ["atlas", "atoll"]


def test_a_record_that_cannot_be_read_completes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> None:
        raise LabError("the record can't be read")

    monkeypatch.setattr(registry, "recorded", unreadable)
    assert offered("lab", "down", "") == []


def typed_in_bash(folder: Path, line: str, answer: str) -> str:
    """What an interactive bash shows from `line` and two TABs on, until `answer` is among it."""
    program = folder / "podwright"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from podwright.cli import main; main()" "$@"\n')
    program.chmod(0o755)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="dumb", PS1="$ ", PATH=f"{folder}:{os.environ['PATH']}")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    try:
        os.write(terminal, b'eval "$(podwright completion bash)"; echo rea""dy\n')
        shown_until(terminal, "ready\r\n")
        os.write(terminal, f"{line}\t\t".encode())
        return shown_until(terminal, answer)
    finally:
        os.close(terminal)  # hangs up on bash
        os.waitpid(child, 0)


def shown_until(terminal: int, wanted: str) -> str:
    shown, end = "", time.monotonic() + SECONDS
    while wanted not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 4096).decode()
    return shown


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("podwright trace gpu-u001-s0", "gpu-u001-s04"),
        ("podwright trace gpu-u001-s01:", "front0  mgmt0"),
        ("podwright trace gpu-u001-s01:rail0 gpu-u001-s02:b", "gpu-u001-s02:bmc "),
        ("podwright trace gpu-u001-s01: gpu-u001-s0", "gpu-u001-s04"),
        ("podwright render . --only=so", "--only=sonic "),
    ],
)
def test_bash_breaks_words_at_colons_and_completes_them_all_the_same(tmp_path: Path, line: str, answer: str) -> None:
    shutil.copy(folder("blueprints") / "starter-4" / "pod.yaml", tmp_path)
    assert answer in typed_in_bash(tmp_path, line, answer)
