"""The suite's own rule about skipped tests, put to the test in a small suite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

def test_runs():
    pass

def test_skipped():
    pytest.skip("the machine lacks a teapot")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_small.py").write_text(SUITE)
    (tmp_path / "allowed-skips.txt").write_text("# none\n")
    return tmp_path


def run(suite: Path, *words: str, ci: bool) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, str(suite)],
        env={**environment, "CI": "true" if ci else ""},
        cwd=suite,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [(), ("--numprocesses", "2")], ids=["alone", "in workers"])
def test_a_skip_fails_in_ci_and_is_named_once_with_its_reason(suite: Path, words: tuple[str, ...]) -> None:
    done = run(suite, *words, ci=True)
    assert done.returncode == 1
    assert done.stdout.count("test_small.py::test_skipped  the machine lacks a teapot  NOT ALLOWED in CI") == 1
    assert "1 passed, 1 skipped in" in done.stdout.splitlines()[-1]


def test_elsewhere_it_is_named_and_good(suite: Path) -> None:
    done = run(suite, ci=False)
    assert done.returncode == 0
    assert "test_small.py::test_skipped  the machine lacks a teapot\n" in done.stdout


def test_an_allowed_skip_is_good_in_ci(suite: Path) -> None:
    (suite / "allowed-skips.txt").write_text("*::test_skipped  No teapot in CI.\n")
    assert run(suite, ci=True).returncode == 0
