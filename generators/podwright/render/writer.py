"""Takes the steps: everything is staged inside the tree first, then swapped file by file, the manifest last.

A run that is cut off leaves every file whole, old or new, and the manifest it was working towards in the stage, from
which the next run knows its own files again. A step that fails undoes the ones before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from podwright.errors import TreeError
from podwright.model.artifact import Artifact
from podwright.render.clash import refuse_clashes
from podwright.render.manifest import MANIFEST, PAGE, STAGE, Manifest
from podwright.render.record import PENDING, recorded
from podwright.render.selection import select
from podwright.render.steps import Step, Steps, decide, placements, removals
from podwright.render.tree import Tree, made, system_trouble


class Written(NamedTuple):
    """What a run did to the tree, paths relative to `folder`. `kept` are seeded files that were left to their user."""

    folder: Path
    created: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    unchanged: int


def write(
    artifacts: Iterable[Artifact],
    folder: Path,
    *,
    only: Collection[str] | None = None,
    device: Collection[str] | None = None,
    force: bool = False,
    pod: str = "",
) -> Written:
    """Make `folder` hold the artifacts, of the targets `only` and the devices `device` where these are given.

    Files that an earlier run wrote and that are no longer rendered are removed, within that selection. Having changed
    nothing, raises TreeError where a file was edited by hand or is not ours, or the tree is that of another pod than
    `pod` (both unless `force`), where the folder is not a rendered tree, or where the system refuses; UsageError for an
    unknown target or device; ClashError for two artifacts in one place.
    """
    files = tuple(artifacts)
    refuse_clashes(files)
    with made(folder) as tree:
        try:
            return _write(tree, files, only, device, force, pod)
        except OSError as problem:
            raise system_trouble(folder, problem) from problem


def _write(
    tree: Tree,
    files: tuple[Artifact, ...],
    only: Collection[str] | None,
    device: Collection[str] | None,
    force: bool,
    pod: str,
) -> Written:
    old = recorded(tree)
    if not force:
        _refuse_other_pod(tree, old, pod)
    plan = decide(tree, old, files, select(only, device, chain(files, old.files.values())), pod)
    plan.refuse_troubles(force)
    _clear_stage(tree, old)
    if plan.steps or tree.standing(MANIFEST).content != plan.manifest.encoded():
        _take(tree, plan)
    return Written(
        tree.name,
        created=_paths(plan, "create"),
        updated=_paths(plan, "update"),
        removed=_paths(plan, "remove"),
        kept=plan.kept,
        unchanged=plan.unchanged,
    )


def _refuse_other_pod(tree: Tree, old: Manifest, pod: str) -> None:
    """A wrong --output would remove every file of the other pod, as files that are no longer rendered."""
    if pod and old.pod and pod != old.pod:
        raise TreeError(
            f"{tree.name} is the tree of the pod `{old.pod}`, and this is the pod `{pod}`",
            fix=f"Name another folder with --output, or replace the tree of `{old.pod}` with --force. Nothing was changed.",
            see=PAGE,
        )


def _paths(plan: Steps, verb: str) -> tuple[str, ...]:
    return tuple(step.path for step in plan.steps if step.verb == verb)


def _clear_stage(tree: Tree, known: Manifest) -> None:
    """Drop what an earlier run left; what it had already done is written into the manifest first."""
    if tree.standing(PENDING).kind == "file":
        tree.make_folders(f"{STAGE}/new/")
        _place_manifest(tree, known, f"{STAGE}/recovered.json")
    tree.clear(STAGE)


def _take(tree: Tree, plan: Steps) -> None:
    with ExitStack() as undo:
        undo.callback(tree.clear, STAGE)
        _stage(tree, plan)
        for number, step in enumerate(removals(plan.steps)):
            _set_aside(tree, step.path, f"{STAGE}/old/r{number}", undo)
            _prune_folders(tree, step.path, undo)
        for number, step in enumerate(placements(plan.steps)):
            _place(tree, step, number, undo)
        for folder in _folders(plan.steps, tree):
            tree.sync(folder)
        tree.move(PENDING, MANIFEST)
        undo.pop_all()
    with suppress(OSError):  # the tree is the new one by now; the next run clears a stage that could not be cleared
        tree.sync()
        tree.clear(STAGE)


def _stage(tree: Tree, plan: Steps) -> None:
    """Everything that needs room on the disk happens here, before the first file of the tree is touched."""
    tree.make_folders(f"{STAGE}/new/")
    tree.make_folders(f"{STAGE}/old/")
    for number, step in enumerate(placements(plan.steps)):
        tree.create(f"{STAGE}/new/{number}", step.after, step.mode)
    _place_manifest(tree, plan.manifest, PENDING)
    tree.sync(f"{STAGE}/new")


def _place_manifest(tree: Tree, manifest: Manifest, path: str) -> None:
    fresh = f"{STAGE}/new/manifest"
    tree.create(fresh, manifest.encoded(), 0o644)
    tree.move(fresh, path)
    tree.sync(STAGE)


def _place(tree: Tree, step: Step, number: int, undo: ExitStack) -> None:
    kept = f"{STAGE}/old/{number}"
    if step.aside and tree.standing(step.aside).kind != "folder":
        _set_aside(tree, step.aside, f"{kept}.aside", undo)
    for folder in tree.make_folders(step.path):
        undo.callback(tree.remove_empty, folder)
    before = tree.standing(step.path)
    if before.kind == "folder":
        tree.remove_empty(step.path)
        undo.callback(tree.make_folders, f"{step.path}/")
    elif before.kind == "nothing":
        undo.callback(_unplace, tree, step.path)
    else:
        _keep(tree, step.path, kept)
        undo.callback(tree.move, kept, step.path)
    tree.move(f"{STAGE}/new/{number}", step.path)


def _unplace(tree: Tree, path: str) -> None:
    with suppress(FileNotFoundError):
        tree.remove(path)


def _keep(tree: Tree, path: str, kept: str) -> None:
    """Keep the old file under a second name, or as a copy where the file system knows no second names."""
    before = tree.standing(path)
    try:
        tree.duplicate(path, kept)
    except OSError:
        if before.kind != "file":
            raise
        tree.create(kept, before.content, before.mode)


def _set_aside(tree: Tree, path: str, kept: str, undo: ExitStack) -> None:
    tree.move(path, kept)
    undo.callback(tree.move, kept, path)


def _prune_folders(tree: Tree, path: str, undo: ExitStack) -> None:
    """Remove the folders that have become empty with the file at `path`, innermost first."""
    while folder := path.rpartition("/")[0]:
        if not tree.remove_empty(folder):
            return
        undo.callback(tree.make_folders, f"{folder}/")
        path = folder


def _folders(steps: Iterable[Step], tree: Tree) -> list[str]:
    """The folders whose names have changed and that still stand."""
    folders = {step.path.rpartition("/")[0] for step in steps}
    return [folder for folder in sorted(folders) if not folder or tree.standing(folder).kind == "folder"]
