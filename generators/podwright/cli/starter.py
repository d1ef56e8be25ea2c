"""The folder that `podwright new` begins a pod with: a reference blueprint under a new name, and what editors need."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from podwright.errors import TreeError, UsageError
from podwright.resources import folder

BLUEPRINT = "pod.yaml"
SCHEMA = ".podwright/blueprint.schema.json"
_SEE = "docs/tutorial/index.md"


def references() -> list[str]:
    """The names of the reference blueprints, sorted."""
    return sorted(path.parent.name for path in folder("blueprints").glob(f"*/{BLUEPRINT}"))


def starter_files(name: str, reference: str) -> dict[str, str]:
    """The files of a new pod by path. Raises UsageError for a name or a reference that can't be."""
    _refuse_name(name)
    known = references()
    if reference not in known:
        near = difflib.get_close_matches(reference, known, n=2, cutoff=0.4)
        raise UsageError(
            f"there is no reference blueprint `{reference}`",
            fix=f"Did you mean {' or '.join(near)}?" if near else f"Take one of {', '.join(known)}.",
            see=_SEE,
        )
    blueprint = (folder("blueprints") / reference / BLUEPRINT).read_text(encoding="utf-8")
    return {
        BLUEPRINT: _renamed(blueprint, name),
        SCHEMA: (folder("schemas") / "blueprint.schema.json").read_text(encoding="utf-8"),
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


def _refuse_name(name: str) -> None:
    if not re.fullmatch(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", name):
        raise UsageError(
            f"`{name}` can't be the name of a pod",
            fix="Use at most 32 lower-case letters, digits and dashes; begin with a letter, end with no dash.",
            see=_SEE,
        )


def _renamed(blueprint: str, name: str) -> str:
    """The blueprint under its new name and domain, its first line leading editors to the schema beside it."""
    old = re.search(r"^name: (\S+)$", blueprint, flags=re.MULTILINE)
    if old is None:
        raise UsageError("the reference blueprint has no line `name:`", fix="Choose another one.", see=_SEE)
    text = re.sub(r"\$schema=\S+", f"$schema={SCHEMA}", blueprint, count=1)
    text = text.replace(f"name: {old[1]}\n", f"name: {name}\n", 1)
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
