"""Progress is for people who wait: silent for a second, then a line now and then, on stderr."""

from __future__ import annotations

import time
from typing import Any

import pytest

from podwright import pipeline
from podwright.cli.progress import progress
from podwright.model.report import Trial


def test_what_is_quick_or_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (True, False):
        with progress(quiet) as tell:
            tell("nodes", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_what_takes_longer_says_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.5, 1.5, 2.0, 5.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with progress(quiet=False) as tell:
        for done in range(4):
            tell("nodes", done, 9)
    assert capsys.readouterr() == ("", "nodes: 1 of 9\nnodes: 3 of 9\n")


def test_a_phase_that_was_begun_is_told_to_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.5, 1.6, 1.7, 1.8, 1.9])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with progress(quiet=False) as tell:
        for done in (1, 2, 3):
            tell("nodes", done, 3)
        for done in (1, 2):
            tell("links", done, 2)
    assert capsys.readouterr() == ("", "nodes: 1 of 3\nnodes: 3 of 3\n")


def test_no_line_comes_twice_in_a_row(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 10.0, 15.0, 20.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with progress(quiet=False) as tell:
        for phase in ("designing", "designing", "designing", "rendering"):
            tell(phase, 0, 0)
    assert capsys.readouterr() == ("", "designing\nrendering\n")


def test_trials_are_told_with_their_family_and_claim_and_faults_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trials(*_: Any, tell: Any, **__: Any) -> Any:
        yield Trial("mtu", "a full packet passes", "passed")
        yield Trial("mtu", "a larger one does not", "passed")
        tell("faults: 0 done, now the leaf is down")
        yield Trial("faults", "While the leaf is down, every redundant pair stays reachable", "passed")

    monkeypatch.setattr(pipeline.labs, "running", lambda _name: None)
    monkeypatch.setattr(pipeline.labs, "fabric", lambda _name: None)
    monkeypatch.setattr(pipeline, "read_design", lambda _build: None)
    monkeypatch.setattr(pipeline, "refuse_bare", lambda *_: None)
    monkeypatch.setattr(pipeline, "run_trials", trials)
    told: list[str] = []
    report = pipeline.lab_test("atlas", faults="sample", progress=lambda phase, _done, _total: told.append(phase))
    assert len(report.trials) == 3
    assert told == [
        "mtu: 1 done, a full packet passes",
        "mtu: 2 done, a larger one does not",
        "faults: 0 done, now the leaf is down",
    ]
