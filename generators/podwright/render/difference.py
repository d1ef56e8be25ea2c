"""What `write` would change, as a unified diff in git's form: `git apply` takes it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from podwright.model.artifact import Artifact
from podwright.render.clash import refuse_clashes
from podwright.render.record import recorded
from podwright.render.selection import select
from podwright.render.steps import Step, decide
from podwright.render.tree import Standing, opened, system_trouble


def diff(
    artifacts: Iterable[Artifact],
    folder: Path,
    *,
    only: Collection[str] | None = None,
    device: Collection[str] | None = None,
) -> str:
    """The changes that `write` with the same arguments and `force` would make; empty where there are none.

    Edits made by hand show as lines that would be taken back. Nothing is written, and a folder that does not exist
    counts as an empty one. Raises as `write` does.
    """
    files = tuple(artifacts)
    refuse_clashes(files)
    if not folder.exists():
        selection = select(only, device, files)
        fresh = sorted((each for each in files if selection.covers(each)), key=lambda each: each.path)
        steps = [Step("create", each.path, Standing("nothing"), each.text.encode(), each.mode) for each in fresh]
        return "".join(chain.from_iterable(map(_hunks, steps)))
    try:
        with opened(folder) as tree:
            old = recorded(tree)
            plan = decide(tree, old, files, select(only, device, chain(files, old.files.values())))
    except OSError as problem:
        raise system_trouble(folder, problem) from problem
    return "".join(chain.from_iterable(map(_hunks, sorted(plan.steps, key=lambda step: step.path))))


def _hunks(step: Step) -> Iterator[str]:
    yield f"diff --git a/{step.path} b/{step.path}\n"
    was_file = step.before.kind == "file"
    if step.verb == "remove":
        yield f"deleted file mode {_git_mode(step.before.mode)}\n"
    elif not was_file:
        yield f"new file mode {_git_mode(step.mode)}\n"
    elif _git_mode(step.mode) != _git_mode(step.before.mode):
        yield f"old mode {_git_mode(step.before.mode)}\nnew mode {_git_mode(step.mode)}\n"
    before, after = step.before.content, step.after
    if before == after:
        return
    old = "/dev/null" if not was_file else f"a/{step.path}"
    new = "/dev/null" if step.verb == "remove" else f"b/{step.path}"
    try:
        lines = _lines(before), _lines(after)
    except UnicodeDecodeError:
        yield f"Binary files {old} and {new} differ\n"
        return
    for line in difflib.unified_diff(*lines, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    """The lines of a text with their ends; only a newline ends a line, as in git."""
    text = content.decode()
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _git_mode(mode: int) -> str:
    """git knows two kinds of files."""
    return "100755" if mode & 0o100 else "100644"
