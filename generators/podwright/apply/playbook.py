"""Runs the rendered playbook by ansible-runner."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from podwright.errors import EngineError, UsageError
from podwright.model.report import Applied
from podwright.scratch import private_folder

Progress = Callable[[str, int, int], None]
PLAYBOOK = "site.yml"
INVENTORY = "inventory.yml"


def apply(
    tree: Path,
    *,
    log: Path,
    overlays: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    limit: str = "",
    batch: str = "",
    check: bool = False,
    progress: Progress | None = None,
) -> Applied:
    """Run `tree`/ansible/site.yml over its inventory, with `overlays` laid over that; `check` changes nothing.

    `limit` names the groups or devices that take part, joined by colons as in Ansible's own --limit; all hosts where it
    is empty. `batch` is how many devices are changed at a time, `4` or `25%`; a batch in which one failed is the last.

    All that Ansible says goes to `log`. Raises UsageError where `tree` has no Ansible content, EngineError where
    ansible-playbook can't be run at all; failed tasks and unreachable hosts are in what is returned.
    """
    folder = tree / "ansible"
    if not (folder / PLAYBOOK).is_file():
        raise UsageError(
            f"{tree} has no {folder.name}/{PLAYBOOK}", fix="Run `podwright render FILE --output DIR` first."
        )
    listener = _Listener(progress)
    began = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with private_folder("apply") as private:
        runner = _run(
            folder, private, [folder / INVENTORY, *overlays], environment or {}, limit, batch, check, listener
        )
        output = Path(runner.config.artifact_dir) / "stdout"
        log.write_text(
            output.read_text(encoding="utf-8", errors="replace") if output.exists() else "", encoding="utf-8"
        )
        stats: dict[str, dict[str, int]] = runner.stats or {}
    if not stats:
        raise EngineError(
            f"ansible-playbook stopped before its first task (status {runner.rc})",
            fix=f"Read {log}: its last lines say why.",
        )
    tried = stats.get("processed", {})
    untried = [host for host in _hosts(folder, limit) if host not in tried]
    return Applied(
        hosts=len(tried) + len(untried),
        changed=dict(sorted(stats.get("changed", {}).items())),
        failed=tuple(sorted(stats.get("failures", {}))),
        unreachable=tuple(sorted(stats.get("dark", {}))),
        messages=tuple(listener.messages),
        log=str(log),
        seconds=round(time.monotonic() - began, 1),
        untried=tuple(untried),
    )


def _hosts(folder: Path, limit: str) -> list[str]:
    """The hosts of the playbook, sorted: those in the groups of its plays and, where it is limited, those `limit` names."""
    groups = _read(folder / INVENTORY)["all"].get("children", {})

    def members(names: Iterable[str]) -> set[str]:
        return {host for name in names for host in (groups.get(name) or {}).get("hosts") or ()}

    played = members(play["hosts"] for play in _read(folder / PLAYBOOK))
    named = limit.split(":")
    return sorted(played & (members(named) | set(named)) if limit else played)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Plain)


class _Plain(yaml.SafeLoader):
    """SafeLoader, and text that Ansible is told not to trust."""


_Plain.add_constructor("!unsafe", lambda _loader, node: node.value)


def _run(
    folder: Path,
    private: str,
    inventories: Sequence[Path],
    environment: Mapping[str, str],
    limit: str,
    batch: str,
    check: bool,
    listener: _Listener,
) -> Any:
    import ansible_runner  # heavy, and only this verb needs it

    return ansible_runner.run(
        private_data_dir=private,
        project_dir=str(folder),
        playbook=PLAYBOOK,
        inventory=[str(path.resolve()) for path in inventories],
        limit=limit or None,
        extravars={"podwright_batch": batch} if batch else None,
        cmdline="--check --diff" if check else "--diff",
        envvars={
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "ANSIBLE_CONFIG": str((folder / "ansible.cfg").resolve()),
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_NOCOLOR": "1",
            **environment,
        },
        settings={"suppress_ansible_output": True},
        event_handler=listener.hear,
        quiet=True,
    )


class _Listener:
    """Turns the runner's events into progress, and keeps what went wrong."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.messages: list[str] = []
        self.tasks = 0

    def hear(self, event: Mapping[str, Any]) -> bool:
        data = event.get("event_data", {})
        match event.get("event"):
            case "playbook_on_task_start":
                self.tasks += 1
                if self.progress:
                    self.progress(str(data.get("task", "")), self.tasks, 0)
            case "runner_on_failed" if not data.get("ignore_errors"):
                self.messages.append(_sentence(data))
            case "runner_on_unreachable":
                self.messages.append(_sentence(data))
        return True


def _sentence(data: Mapping[str, Any]) -> str:
    """`host: task: reason`, the reason being the last line of what went wrong."""
    result = data.get("res") or {}
    lines = str(result.get("stderr") or result.get("msg") or "").strip().splitlines()
    return f"{data.get('host', 'a host')}: {data.get('task', 'a task')}: {lines[-1] if lines else 'no reason given'}"
