"""The folder that `podwright new` begins a pod with: a reference blueprint under a new name, and what editors need."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from podwright.errors import TreeError, UsageError
from podwright.load.scalars import resolve
from podwright.model.near import likely_meant
from podwright.resources import folder

BLUEPRINT = "pod.yaml"
SCHEMA = ".podwright/blueprint.schema.json"
_SEE = "docs/tutorial/index.md"


def references() -> list[str]:
    """The names of the reference blueprints, sorted."""
    return sorted(path.parent.name for path in folder("blueprints").glob(f"*/{BLUEPRINT}"))


def starter_files(name: str, reference: str) -> dict[str, str]:
    """The files of a new pod by path. Raises UsageError for a name or a reference that can't be."""
    schema = (folder("schemas") / "blueprint.schema.json").read_text(encoding="utf-8")
    _refuse_name(name, json.loads(schema)["properties"]["name"])
    known = references()
    if reference not in known:
        near = likely_meant(reference, known, most=2, least=0.4)
        raise UsageError(
            f"there is no reference blueprint `{reference}`",
            fix=f"Did you mean {' or '.join(near)}?" if near else f"Take one of {', '.join(known)}.",
            see=_SEE,
        )
    blueprint = (folder("blueprints") / reference / BLUEPRINT).read_text(encoding="utf-8")
    return {
        BLUEPRINT: _renamed(blueprint, name),
        SCHEMA: schema,
        "README.md": _README.format(name=name, reference=reference),
        ".gitignore": "# what `podwright render` writes is made again from pod.yaml\n/build/\n",
    }


def write_starter(target: Path, files: dict[str, str]) -> None:
    """Write the files into a folder that is new or empty. Raises TreeError where it is neither, or can't be written."""
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise TreeError(
                f"{target} is already there and not empty", fix="Choose another name, or --output.", see=_SEE
            )
        for path, text in files.items():
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as fresh:
                fresh.write(text)
    except OSError as problem:
        raise TreeError(
            f"{target} can't be written: {problem.strerror}", fix="Choose another folder with --output.", see=_SEE
        ) from problem


def _refuse_name(name: str, rule: dict[str, Any]) -> None:
    """The rule is the schema's own, so that a name is never refused here and taken there."""
    if len(name) > rule["maxLength"] or not re.fullmatch(rule["pattern"].strip("^$"), name):
        _, _, form = rule["description"].partition("Written as ")
        raise UsageError(f"`{name}` can't be the name of a pod", fix=f"Write {form}", see=_SEE)


def _renamed(blueprint: str, name: str) -> str:
    """The blueprint under its new name and domain, its first line leading editors to the schema beside it."""
    old = re.search(r"^name: (\S+)$", blueprint, flags=re.MULTILINE)
    if old is None:
        raise UsageError("the reference blueprint has no line `name:`", fix="Choose another one.", see=_SEE)
    text = re.sub(r"\$schema=\S+", f"$schema={SCHEMA}", blueprint, count=1)
    spelt = name if isinstance(resolve(name), str) else f'"{name}"'  # digits, or a word that YAML changes
    text = text.replace(f"name: {old[1]}\n", f"name: {spelt}\n", 1)
    return text.replace(f"domain: {old[1]}.", f"domain: {name}.", 1)


_README = """# {name}

A pod described by one file, `pod.yaml`, begun from the reference blueprint `{reference}`.

    podwright check .                      prove on paper what can be proved
    podwright design .                     see counts, arithmetic, addresses
    podwright render . --output build      write configurations, Ansible, documents
    podwright lab up . --name {name}       build the virtual twin
    podwright apply build --lab {name}     configure it
    podwright lab test {name}              put it to the test
    podwright lab down {name}              remove it

Change `site`, `count`, models and pools to yours. Positions (`at`) and pools stay as they are for the life of the pod:
every address and name is computed from them.
"""
