"""Labs are recorded per user, their processes recognised by number and start time together."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from podwright.errors import LabError
from podwright.lab import labs, registry
from podwright.lab.process import Process, await_end, myself
from podwright.lab.topology import Topology

pytestmark = pytest.mark.usefixtures("state")


def a_lab(name: str, keeper: Process | None) -> registry.Lab:
    return registry.Lab(name, "netns", Topology("atlas", "atlas.clab.yml", (), ()), keeper=keeper)


def test_the_state_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODWRIGHT_STATE", "/x")
    assert registry.state_folder() == Path("/x")
    monkeypatch.delenv("PODWRIGHT_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", "/y")
    assert registry.state_folder() == Path("/y/podwright")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert registry.state_folder() == tmp_path / ".local" / "state" / "podwright"


def test_a_record_comes_back_as_it_was_written() -> None:
    lab = a_lab("one", myself())
    registry.write(lab)
    assert registry.find("one") == lab
    assert registry.recorded() == (lab,)
    registry.remove("one")
    assert registry.find("one") is None


def test_a_lab_runs_only_while_its_own_keeper_does() -> None:
    me = myself()
    registry.write(a_lab("living", me))
    registry.write(a_lab("impostor", Process(me.pid, me.start + 1)))
    assert [(listed.lab.name, listed.running) for listed in labs.listing()] == [("impostor", False), ("living", True)]
    registry.remove("living")


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "a" * 64])
def test_a_name_that_could_leave_the_state_folder_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="can't be the name of a lab"):
        registry.folder_of(name)


def test_two_processes_cannot_work_on_one_lab_at_once() -> None:
    with registry.reserved("one"), pytest.raises(LabError, match="right now"), registry.reserved("one"):
        pass


def test_an_unknown_lab_is_named_together_with_the_known_ones() -> None:
    registry.write(a_lab("dead", None))
    with pytest.raises(LabError, match=r"no lab named 'absent'. Labs: dead\."):
        labs.running("absent")
    with pytest.raises(LabError, match="has died"):
        labs.running("dead")


def test_a_zombie_counts_as_gone() -> None:
    child = subprocess.Popen(["true"])
    process = Process(child.pid, int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process.alive
    assert await_end([process], 0.0)
    child.wait()
