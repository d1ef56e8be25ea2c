"""Asking a real pod: every question goes to all devices in one Ansible run, and answers are looked up after that."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from podwright.errors import EngineError, PodwrightError
from podwright.model.design import Design
from podwright.scratch import private_folder
from podwright.targets.ansible.inventory import group_name
from podwright.targets.docs.words import counted
from podwright.verify import neighbours, routes, sessions
from podwright.verify.asking import Run, Unasked

Progress = Callable[[str, int, int], None]
Answers = dict[tuple[str, str], tuple[int, str]]

Questions = tuple[Sequence[str], ...]
INVENTORY = "inventory.yml"
ANSWERING = frozenset({"sonic", "cumulus", "frr", "linux"})
"""Operating systems that take the questions, all of which are commands of lldpcli, vtysh and ip."""
_UNREACHED = -1  # in the place of an exit status


def questions(design: Design) -> Questions:
    """All that the checks of a design want to know."""
    return (*sessions.QUESTIONS, *routes.questions(design), *neighbours.QUESTIONS)


def unasked(design: Design) -> Unasked:
    """The devices of a real pod that are asked nothing. All that have a reason in common have one sentence for it."""
    outside = [device.name for device in design.devices if device.kind == "outside"]
    what = f"{counted(len(outside), 'router')} outside the pod"
    reasons = dict.fromkeys(outside, f"{what}, not asked: somebody else configures what is outside.")
    for system in _mute_systems(design):
        names = [device.name for device in design.devices if device.nos == system]
        what = f"{counted(len(names), 'switch')} with `{system}`"
        reasons |= dict.fromkeys(names, f"{what}, not asked: the questions are for lldpcli, vtysh and ip.")
    return reasons


def _mute_systems(design: Design) -> list[str]:
    return sorted({device.nos for device in design.devices} - ANSWERING)


def gather(design: Design, tree: Path, *, log: Path, progress: Progress) -> Run:
    """Ask every device of the rendered `tree` that is not `unasked` all that the checks want to know, by the tree's own
    inventory.

    Returns the answers as a `Run`: it raises PodwrightError where a device did not answer. Raises EngineError where
    Ansible can't be run.
    """
    answers: Answers = {}
    asked = questions(design)
    with private_folder("verify") as private:
        project = Path(private) / "project"
        project.mkdir()
        (project / "ask.yml").write_text(json.dumps(_playbook(_hosts(design), asked)), encoding="utf-8")
        runner = _run(tree / "ansible", private, _listener(asked, answers, progress))
        log.parent.mkdir(parents=True, exist_ok=True)
        output = Path(runner.config.artifact_dir) / "stdout"
        log.write_text(
            output.read_text(encoding="utf-8", errors="replace") if output.exists() else "", encoding="utf-8"
        )
        finished = bool(runner.stats)
    if not finished:
        raise EngineError(
            "Ansible stopped before it asked the first device", fix=f"Read {log}: its last lines say why."
        )
    return _lookup(answers)


def _hosts(design: Design) -> str:
    """A pattern of inventory groups; a real pod's inventory has no routers outside."""
    return "".join(("switches:servers", *(f":!{group_name(f'nos_{system}')}" for system in _mute_systems(design))))


def _playbook(hosts: str, asked: Questions) -> list[dict[str, Any]]:
    return [
        {
            "name": "Ask",
            "hosts": hosts,
            "gather_facts": False,
            "become": True,
            "tasks": [
                {
                    "name": _key(argv),
                    "ansible.builtin.command": {"argv": list(argv)},
                    "changed_when": False,
                    "check_mode": False,
                    "ignore_errors": True,
                }
                for argv in asked
            ],
        }
    ]


def _key(argv: Sequence[str]) -> str:
    return " ".join(argv)


def _run(folder: Path, private: str, hear: Callable[[Mapping[str, Any]], bool]) -> Any:
    import ansible_runner  # heavy, and only this verb needs it

    return ansible_runner.run(
        private_data_dir=private,
        playbook="ask.yml",
        inventory=[str((folder / INVENTORY).resolve())],
        envvars={
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "ANSIBLE_CONFIG": str((folder / "ansible.cfg").resolve()),
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_NOCOLOR": "1",
        },
        settings={"suppress_ansible_output": True},
        event_handler=hear,
        quiet=True,
    )


def _listener(asked: Questions, answers: Answers, progress: Progress) -> Callable[[Mapping[str, Any]], bool]:
    def hear(event: Mapping[str, Any]) -> bool:
        data = event.get("event_data", {})
        match event.get("event"):
            case "playbook_on_task_start":
                progress(f"asking every device: {data.get('task', '')}", len(answers), 0)
            case "runner_on_ok" | "runner_on_failed":
                result = data.get("res", {})
                text = result.get("stdout") or result.get("stderr") or result.get("msg") or ""
                answers[data["host"], data["task"]] = (int(result.get("rc", 1)), str(text))
            case "runner_on_unreachable":
                reason = str(data.get("res", {}).get("msg", ""))
                for argv in asked:
                    answers.setdefault((data["host"], _key(argv)), (_UNREACHED, reason))
        return True

    return hear


def _lookup(answers: Answers) -> Run:
    def run(device: str, argv: Sequence[str]) -> str:
        status, text = answers.get((device, _key(argv)), (255, "no answer"))
        if status == _UNREACHED:
            *_, last = text.strip().splitlines() or ["no reason given"]
            raise PodwrightError(f"{device} can't be reached: {last}")
        if status != 0:
            raise PodwrightError(f"{device} answered {_key(argv)} with: {text.strip() or status}")
        return text

    return run
