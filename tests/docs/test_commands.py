"""Every command that a document shows is run, in order, in a copy of what the reader has; what it shows is compared.

A block of commands is fenced as ```console, or is indented and begins with `podwright`. `console fails` marks commands
that are to fail, `console lab` those that need a virtual fabric. In what is shown, `...` stands for anything. What is
shown is stdout, and stderr where a command is to fail: progress on stderr depends on the machine's speed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WHAT_A_READER_HAS = (
    "blueprints", "schemas", "examples", "docs", "Makefile", "tools", "requirements.lock", "pyproject.toml",
)  # fmt: skip
DOCUMENTS = sorted(
    path
    for path in (
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("README.md"),
        *(ROOT / "blueprints").glob("*/README.md"),
    )
    if re.search(r"^(```console| {4}podwright )", path.read_text(encoding="utf-8"), re.MULTILINE)
)
_BLOCK = re.compile(
    r"^```console ?(?P<word>\w*)\n(?P<block>.*?)^```$|^ {4}(?P<plain>podwright [^\n]*)$", re.MULTILINE | re.DOTALL
)
_SECONDS = 600


class Command(NamedTuple):
    """A shown command, what is shown of its output, and the word behind ```console."""

    line: str
    shown: str
    word: str


def commands(document: Path) -> Iterator[Command]:
    for match in _BLOCK.finditer(document.read_text(encoding="utf-8")):
        if match["plain"]:
            yield Command(match["plain"], "", "lab" if re.search(r" lab |--lab ", match["plain"]) else "")
        else:
            for part in re.split(r"^\$ ", match["block"], flags=re.MULTILINE)[1:]:
                line, _, shown = part.partition("\n")
                yield Command(line, shown, match["word"])


def parameters() -> Iterator[object]:
    for document in DOCUMENTS:
        marks = [pytest.mark.lab] if any(command.word == "lab" for command in commands(document)) else []
        yield pytest.param(document, id=str(document.relative_to(ROOT)), marks=marks)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with what a reader has."""
    for name in WHAT_A_READER_HAS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        elif source.is_file():
            shutil.copy(source, tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", list(parameters()))
def test_commands_do_what_the_document_says(document: Path, desk: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PODWRIGHT_STATE": str(desk / ".state"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    try:
        for command in commands(document):
            run(command, desk, environment)
    finally:
        for state in (desk / ".state" / "labs").glob("*/lab.json"):
            subprocess.run(["podwright", "lab", "down", state.parent.name], env=environment, check=False)


def run(command: Command, desk: Path, environment: dict[str, str]) -> None:
    # The targets of the Makefile run this very test, so they are only asked what they would do.
    line = command.line.replace("make ", "make --dry-run ") if command.line.startswith("make ") else command.line
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=desk,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    fails = command.word == "fails"
    assert (done.returncode != 0) == fails, f"$ {command.line}\n{done.stdout}{done.stderr}"
    if command.shown.strip():
        wanted = re.escape(command.shown.strip()).replace(re.escape("..."), ".*")
        said = done.stdout + (done.stderr if fails else "")
        assert re.fullmatch(wanted, said.strip(), re.DOTALL), f"$ {command.line}\n{said}"


def test_documents_with_commands_are_found() -> None:
    assert ROOT / "README.md" in DOCUMENTS
    assert all(list(commands(document)) for document in DOCUMENTS)
