"""What devices of a real pod answered to one Ansible run, looked up question by question; the runner is replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from lab.tiny import tiny_design
from podwright import scratch
from podwright.errors import EngineError, PodwrightError
from podwright.model.design import Design
from podwright.verify import PASSIVE, remote
from podwright.verify.asking import Run

QUESTION = remote.questions(tiny_design())[0]
TASK = " ".join(QUESTION)
TIMEOUT = "Task failed: Data could not be sent.\nConnection to 10.0.3.0 port 22 timed out"
EVENTS = (
    ("playbook_on_task_start", {"task": TASK}),
    ("runner_on_ok", {"host": "leaf", "task": TASK, "res": {"rc": 0, "stdout": "{}"}}),
    ("runner_on_failed", {"host": "spine", "task": TASK, "res": {"rc": 1, "stderr": "bgpd is not running"}}),
    ("runner_on_unreachable", {"host": "gpu", "task": TASK, "res": {"msg": TIMEOUT}}),
)


def gathered(monkeypatch: pytest.MonkeyPatch, folder: Path, *, finished: bool = True) -> tuple[Run, list[str]]:
    def run(_folder: Path, _private: str, hear: Callable[[Mapping[str, Any]], bool]) -> Any:
        for event, data in EVENTS:
            hear({"event": event, "event_data": data})
        return SimpleNamespace(config=SimpleNamespace(artifact_dir=str(folder)), stats={"ok": {}} if finished else None)

    monkeypatch.setattr(remote, "_run", run)
    told: list[str] = []
    return remote.gather(tiny_design(), folder, log=folder / "log", progress=lambda phase, *_: told.append(phase)), told


def test_an_answer_is_what_the_device_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ask, told = gathered(monkeypatch, tmp_path)
    assert ask("leaf", QUESTION) == "{}"
    assert told == [f"asking every device: {TASK}"]


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        ("gpu", "gpu can't be reached: Connection to 10.0.3.0 port 22 timed out"),
        ("spine", f"spine answered {TASK} with: bgpd is not running"),
        ("absent", f"absent answered {TASK} with: no answer"),
    ],
)
def test_a_device_without_an_answer_fails_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, device: str, sentence: str
) -> None:
    ask, _ = gathered(monkeypatch, tmp_path)
    with pytest.raises(PodwrightError) as told:
        ask(device, QUESTION)
    assert told.value.message == sentence


def test_a_run_that_never_began_is_an_engine_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        gathered(monkeypatch, tmp_path, finished=False)


SPINE_OUTSIDE = "1 router outside the pod, not asked: somebody else configures what is outside."
LEAVES_WITH_EOS = "2 switches with `eos`, not asked: the questions are for lldpcli, vtysh and ip."


def mixed() -> Design:
    """The tiny design with leaves of `front` that run EOS, and its spine somebody else's."""
    design = tiny_design()
    devices = tuple(replace(each, nos="eos") if each.name in ("fl1", "fl2") else each for each in design.devices)
    return replace(
        design, devices=tuple(replace(each, kind="outside") if each.name == "fs1" else each for each in devices)
    )


def test_devices_without_the_programs_and_routers_outside_are_not_asked() -> None:
    assert remote.unasked(tiny_design()) == {}
    assert remote.unasked(mixed()) == {"fs1": SPINE_OUTSIDE, "fl1": LEAVES_WITH_EOS, "fl2": LEAVES_WITH_EOS}


@pytest.mark.parametrize(
    ("design", "hosts"), [(tiny_design(), "switches:servers"), (mixed(), "switches:servers:!nos_eos")]
)
def test_ansible_asks_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, design: Design, hosts: str) -> None:
    plays: list[dict[str, Any]] = []

    def run(_folder: Path, private: str, _hear: Callable[[Mapping[str, Any]], bool]) -> Any:
        plays.extend(json.loads((Path(private) / "project" / "ask.yml").read_text()))
        return SimpleNamespace(config=SimpleNamespace(artifact_dir=str(tmp_path)), stats={"ok": {}})

    monkeypatch.setattr(remote, "_run", run)
    remote.gather(design, tmp_path, log=tmp_path / "log", progress=lambda *_: None)
    assert [play["hosts"] for play in plays] == [hosts]


def test_no_claim_fails_about_a_device_that_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ask, _ = gathered(monkeypatch, tmp_path)
    unasked = remote.unasked(mixed())
    trials = [trial for check in PASSIVE.values() for trial in check(mixed(), ask, unasked=unasked)]
    about_devices = [trial for trial in trials if trial.claim != "No two cables are swapped"]
    skipped = [trial for trial in about_devices if trial.outcome == "skipped"]
    assert sorted(trial.detail for trial in skipped) == [(SPINE_OUTSIDE,)] * 3 + [(LEAVES_WITH_EOS,)] * 6
    failed = {line.split()[0] for trial in about_devices if trial.outcome == "failed" for line in trial.detail}
    assert failed == {each.name for each in mixed().devices} - set(unasked)


def test_what_the_runner_writes_down_of_its_environment_stays_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(scratch, "_MEMORY", str(tmp_path))
    seen: list[Path] = []

    def run(_folder: Path, private: str, _hear: object) -> Any:
        seen.append(Path(private))
        assert Path(private).stat().st_mode & 0o777 == 0o700
        return SimpleNamespace(config=SimpleNamespace(artifact_dir=private), stats={"ok": {}})

    monkeypatch.setattr(remote, "_run", run)
    remote.gather(tiny_design(), tmp_path, log=tmp_path / "log", progress=lambda *_: None)
    (private,) = seen
    assert private.parent == tmp_path
    assert not private.exists()
