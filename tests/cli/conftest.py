"""The command line run in this process, as a user would run it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from podwright.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent
STARTER = str(ROOT / "blueprints" / "starter-4")
BAD = str(ROOT / "tests" / "errors" / "schema-unknown-key.yaml")


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `podwright` with these words, in an empty folder and with a state folder of its own."""
    monkeypatch.setenv("PODWRIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def podwright(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["podwright", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return podwright
