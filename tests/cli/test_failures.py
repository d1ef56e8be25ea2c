"""No traceback ever reaches a user: every failure is a sentence, a remedy and an exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from podwright.cli.verbs import check as check_verb

from .conftest import BAD, ROOT, STARTER, Run

LARGE = str(ROOT / "blueprints" / "hgx-h100-32")
PODWRIGHT = [sys.executable, "-c", "from podwright.cli import main; main()"]


def test_a_bug_is_logged_and_told_in_two_lines(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(_file: Path) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(check_verb, "check_pod", broken)
    said = run("check", STARTER)
    assert said.code == 70
    assert said.err.startswith(
        "error: Podwright has a bug: ZeroDivisionError: division by zero (in test_failures.py, line "
    )
    assert "Traceback" not in said.err
    (log,) = (tmp_path / "state" / "bugs").iterdir()
    assert str(log) in said.err
    assert "Traceback (most recent call last)" in log.read_text()


def test_a_bug_is_told_even_where_no_log_can_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_file: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(check_verb, "check_pod", broken)
    (tmp_path / "state").write_text("a file where the folder should be")
    said = run("check", STARTER)
    assert said.code == 70
    assert "no log could be written" in said.err


def test_an_interrupt_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_verb, "check_pod", interrupted)
    said = run("check", STARTER)
    assert (said.code, said.err.strip()) == (130, "Interrupted. What was begun was given up.")


def test_a_missing_file_is_exit_code_2(run: Run) -> None:
    said = run("check", "nowhere.yaml")
    assert said.code == 2
    assert said.err.startswith("error: there is no file nowhere.yaml\n  fix: ")


@pytest.mark.parametrize("words", [("validate", BAD), ("check", "nowhere.yaml"), ("check", STARTER)], ids=" ".join)
def test_the_page_to_read_can_be_opened_from_anywhere(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words)
    pages = re.findall(r"^  read: (.*)$", said.out + said.err, re.MULTILINE)
    assert pages
    assert all(Path(page).is_absolute() and Path(page).is_file() for page in pages)


def test_in_a_checkout_the_page_to_read_is_a_short_path(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "  read: docs/stages/validate.md\n" in run("validate", BAD).out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["check", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["validate", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["design", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["render", STARTER, "--output", "file"], 3, "file is a file, not a folder"),
        (["render", BAD, "--output", "build"], 1, "1 problem in the blueprint"),
        (["verify", "build"], 2, "build is not a rendered pod: it has no design.json"),
        (["apply", "build"], 2, "build is not a rendered pod: it has no design.json"),
        (["lab", "test", "nobody"], 5, "There is no lab named 'nobody'. Labs: none."),
        (["catalog", "show", "sn"], 2, "the catalogue has no entry `sn`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_whoever_asks_for_json_gets_a_failure_as_json(run: Run, words: list[str], code: int, message: str) -> None:
    Path("file").write_text("")
    said = run(*words, "--format", "json")
    document = json.loads(said.out)
    assert (said.code, document["error"]["message"]) == (code, message)
    assert document["error"]["fix"] or document["findings"]
    assert document["summary"]["errors"] == len(document["findings"])


def test_a_reader_that_goes_away_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it, Python itself does not notice
    design = shlex.join([*PODWRIGHT, "design", LARGE, "--format", "json", "--quiet"])
    script = f"{design} | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{141\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_stdout_is_a_sentence() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PODWRIGHT, "design", STARTER, "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "the output can't be written: the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def on_a_terminal(*words: str, **environment: str) -> str:
    """What a command prints to a terminal."""
    printed = b""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(environment)
        os.execv(sys.executable, [*PODWRIGHT, *words])
    try:
        while block := os.read(terminal, 4096):
            printed += block
    except OSError:  # how Linux says that the other end is closed
        pass
    os.waitpid(child, 0)
    return printed.decode()


def test_colour_is_for_terminals_that_want_it(run: Run) -> None:
    assert "\x1b[31m" in on_a_terminal("validate", BAD)
    assert "\x1b[" not in on_a_terminal("validate", BAD, NO_COLOR="1")
    assert "\x1b[" not in run("validate", BAD).out
