"""Folders for lint: the clean one in base/, and changes to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
BASE = HERE / "base"
FAULTS = HERE / "faults"

Change = dict[str, Any]


def fault(code: str) -> list[Change]:
    """The changes that break what the rule `code` looks at, and nothing else."""
    return list(yaml.safe_load((FAULTS / f"{code}.yaml").read_text("utf-8")))


def changed(folder: Path, changes: list[Change], base: Path = BASE) -> Path:
    """A copy of `base` in `folder` with the changes.

    A change names a `file` and sets the JSON value at `path` `to` another (null takes it away), replaces `old` text by `new`,
    `add`s a file or `remove`s it.
    """
    shutil.copytree(base, folder, dirs_exist_ok=True)
    for change in changes:
        _apply(folder / change["file"], change)
    return folder


def _apply(file: Path, change: Change) -> None:
    if "path" in change:
        data = json.loads(file.read_text("utf-8"))
        _set(data, change["path"], change["to"])
        file.write_text(json.dumps(data, indent=4) + "\n", "utf-8")
    elif "add" in change:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(change["add"], "utf-8")
    elif change.get("remove"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    else:
        text = file.read_text("utf-8")
        assert change["old"] in text, f"{file}: {change['old']}"
        file.write_text(text.replace(change["old"], change["new"]), "utf-8")


def _set(data: Any, path: list[str], value: object) -> None:
    *steps, last = path
    for step in steps:
        data = data[int(step)] if isinstance(data, list) else data.setdefault(step, {})
    if value is None:
        del data[last]
    else:
        data[last] = value
