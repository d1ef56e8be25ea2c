"""The program that brings rules to a device, run for real in a network namespace: on trial, kept, and gone again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from podwright.resources import folder

PROGRAM = folder("playbooks") / "roles" / "firewall" / "files" / "load-zones.sh"
SPACES = ("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--propagation=private")
OLD = """table inet podwright_zones {}
delete table inet podwright_zones
table inet podwright_zones {
	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 22 counter drop
	}
}
"""
NEW = OLD.replace("22", "23")
NOTHING = "table inet podwright_zones {}\ndelete table inet podwright_zones\n"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces of one's own need root here")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("old", OLD), ("new", NEW), ("nothing", NOTHING), ("wrong", OLD.replace("dport", "ddport"))):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(script: str, files: Path) -> str:
    """What a script prints; `zones MODE ...` is the program, `port` the port that the loaded rules drop."""
    preamble = (
        f'set -eu; mount -t tmpfs run /run; cd {files}; zones() {{ sh {PROGRAM} "$@"; }}; '
        "port() { nft -s list table inet podwright_zones 2> /dev/null | grep -o 'dport [0-9]*' || echo none; }; "
    )
    done = subprocess.run([*SPACES, "bash", "-c", preamble + script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rules_on_trial_are_gone_in_time(files: Path) -> None:
    assert run("zones try 1 none < new > /dev/null; port; sleep 2.5; port", files) == "dport 23\nnone\n"


def test_the_former_rules_come_back(files: Path) -> None:
    script = "zones try 9 none < old > /dev/null; zones keep; zones try 1 none < new > /dev/null; port; sleep 2.5; port"
    assert run(script, files) == "The rules are kept.\ndport 23\ndport 22\n"


def test_what_was_never_kept_is_not_what_is_gone_back_to(files: Path) -> None:
    """Two trials in a row, neither kept: the rules from before both come back."""
    script = "zones try 1 none < old > /dev/null; zones try 1 none < new > /dev/null; port; sleep 2.5; port"
    assert run(script, files) == "dport 23\nnone\n"


def test_kept_rules_stay(files: Path) -> None:
    script = "zones try 1 none < new > /dev/null; zones keep; sleep 2.5; port; zones keep"
    assert run(script, files) == "The rules are kept.\ndport 23\n"


def test_a_second_run_finds_nothing_to_do(files: Path) -> None:
    script = "zones try 9 none < new > /dev/null; zones keep > /dev/null; zones try 9 none < new; zones check < new"
    assert run(script, files) == ""


def test_rules_that_nobody_kept_are_still_news(files: Path) -> None:
    said = run("zones try 9 none < new > /dev/null; zones try 9 none < new", files)
    assert said == "The rules were tried before, and nobody kept them yet.\n"


def test_a_check_shows_the_difference_and_changes_nothing(files: Path) -> None:
    said = run("zones try 9 none < old > /dev/null; zones keep > /dev/null; zones check < new; port", files)
    assert "-\t\ttcp dport 22 counter drop" in said
    assert "+\t\ttcp dport 23 counter drop" in said
    assert said.endswith("dport 22\n")


def test_a_blueprint_without_zones_takes_the_table_away_and_no_other(files: Path) -> None:
    script = (
        "nft add table inet theirs; zones try 9 none < old > /dev/null; zones keep > /dev/null; "
        "zones try 9 none < nothing > /dev/null; zones keep; port; nft list tables"
    )
    assert run(script, files) == "The rules are kept.\nnone\ntable inet theirs\n"


def test_rules_that_nft_refuses_change_nothing(files: Path) -> None:
    script = (
        "zones try 9 none < old > /dev/null; zones keep > /dev/null; zones try 9 none < wrong 2>&1 && echo no || port"
    )
    assert run(script, files).endswith("dport 22\n")
