"""Progress is for people who wait: silent for a second, then a line now and then, on stderr."""

from __future__ import annotations

import time

import pytest

from podwright.cli.progress import progress


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
            tell("nodes", done, 4 if done < 3 else 0)
    assert capsys.readouterr() == ("", "nodes (1 of 4)\nnodes\n")
