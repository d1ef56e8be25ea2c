"""What has to happen to a tree, decided before anything does: steps to take, and troubles that forbid taking them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from podwright.errors import TreeError
from podwright.model.artifact import Artifact
from podwright.render.manifest import PAGE, Entry, Manifest, entry_of, sha256
from podwright.render.selection import Selection
from podwright.render.tree import Standing, Tree

Verb = Literal["create", "update", "remove"]


class Step(NamedTuple):
    """One file's way from what stands there to what is to stand there; `mode` is 0 where it is removed.

    `aside` is a path that has to be moved away first: a link or a file in the place of a folder.
    """

    verb: Verb
    path: str
    before: Standing
    after: bytes = b""
    mode: int = 0
    aside: str = ""


class Trouble(NamedTuple):
    """A file that is not ours to replace; `yields` tells whether --force may."""

    path: str
    reason: str
    yields: bool = True


class Steps(NamedTuple):
    """Everything a run would do. `kept` are seeded files left to their user, `unchanged` the number of right ones."""

    steps: tuple[Step, ...]
    troubles: tuple[Trouble, ...]
    kept: tuple[str, ...]
    unchanged: int
    manifest: Manifest

    def refuse_troubles(self, force: bool) -> None:
        """Raises TreeError that names every file in the way."""
        standing = [trouble for trouble in self.troubles if not (force and trouble.yields)]
        if standing:
            raise TreeError(
                "\n".join([_headline(len(standing)), *(f"  {each.path}: {each.reason}" for each in standing)]),
                fix=_remedy(standing),
                see=PAGE,
            )


def decide(tree: Tree, old: Manifest, artifacts: Sequence[Artifact], selection: Selection, pod: str = "") -> Steps:
    """The steps from what is on the disk to `artifacts`, of what the selection covers."""
    selected = [artifact for artifact in artifacts if selection.covers(artifact)]
    rendered = {artifact.path for artifact in artifacts}
    leaving = {path: entry for path, entry in old.files.items() if selection.covers(entry) and path not in rendered}
    work = _Work(tree, old)
    for path, entry in sorted(leaving.items()):
        work.retire(path, entry)
    for artifact in sorted(selected, key=lambda each: each.path):
        work.place(artifact)
    staying = {path: entry for path, entry in old.files.items() if path not in leaving}
    return Steps(
        tuple(work.steps),
        tuple(work.troubles),
        tuple(work.kept),
        work.unchanged,
        Manifest({**staying, **{artifact.path: entry_of(artifact) for artifact in selected}}, pod=pod or old.pod),
    )


class _Work:
    """Steps and troubles as they are found, file by file; removals come first, so that files may become folders."""

    def __init__(self, tree: Tree, old: Manifest) -> None:
        self.tree = tree
        self.old = old
        self.steps: list[Step] = []
        self.troubles: list[Trouble] = []
        self.kept: list[str] = []
        self.unchanged = 0
        self.removed: set[str] = set()

    def retire(self, path: str, entry: Entry) -> None:
        """A file that is no longer rendered: removed where it is ours and still there."""
        before = self.tree.standing(path)
        gone = before.kind in ("nothing", "folder") or (before.kind == "obstacle" and before.at != path)
        if entry.keep == "seeded" or gone:
            return
        if before.kind == "obstacle":
            self.troubles.append(Trouble(path, "is no longer rendered, and something else stands in its place"))
        elif sha256(before.content) != entry.sha256:
            self.troubles.append(Trouble(path, "is no longer rendered, and was edited since it was"))
        self.steps.append(Step("remove", path, before))
        self.removed.add(path)

    def place(self, artifact: Artifact) -> None:
        """A file that is rendered now."""
        before = self.tree.standing(artifact.path)
        if artifact.keep == "seeded":
            self._seed(artifact, before)
        elif before.kind == "file" and before.content == artifact.text.encode() and before.mode == artifact.mode:
            self.unchanged += 1
        else:
            self._replace(artifact, before)

    def _seed(self, artifact: Artifact, before: Standing) -> None:
        known = self.old.files.get(artifact.path)
        if before.kind == "nothing" and not (known and known.keep == "seeded"):
            self._step("create", artifact, before)
        else:
            self.kept.append(artifact.path)

    def _replace(self, artifact: Artifact, before: Standing) -> None:
        path, known = artifact.path, self.old.files.get(artifact.path)
        match before.kind:
            case "nothing":
                self._step("create", artifact, before)
            case "file":
                if before.content != artifact.text.encode() and not (known and known.sha256 == sha256(before.content)):
                    self.troubles.append(Trouble(path, "was edited since it was rendered" if known else "is not ours"))
                self._step("update", artifact, before)
            case "folder":
                if not self._empties(path):
                    self.troubles.append(Trouble(path, "is a folder with files that are not ours", yields=False))
                self._step("create", artifact, before)
            case "obstacle":
                self._bypass(artifact, before)

    def _bypass(self, artifact: Artifact, before: Standing) -> None:
        """A link or the like stands at the path, or a file or link in the place of one of its folders."""
        if before.at in self.removed:
            self._step("create", artifact, Standing("nothing"))
            return
        self.troubles.append(Trouble(before.at, f"is not ours, and stands in the way of {artifact.path}"))
        aside = before.at if before.at != artifact.path else ""
        self._step("create" if aside else "update", artifact, before, aside)

    def _step(self, verb: Verb, artifact: Artifact, before: Standing, aside: str = "") -> None:
        self.steps.append(Step(verb, artifact.path, before, artifact.text.encode(), artifact.mode, aside))

    def _empties(self, folder: str) -> bool:
        """Whether nothing stays in the folder once the removals are done."""
        return all(
            self._empties(path) and any(gone.startswith(f"{path}/") for gone in self.removed)
            if self.tree.standing(path).kind == "folder"
            else path in self.removed
            for path in (f"{folder}/{name}" for name in self.tree.entries(folder))
        )


def _headline(count: int) -> str:
    return "1 file is in the way" if count == 1 else f"{count} files are in the way"


def _remedy(troubles: Collection[Trouble]) -> str:
    if any(not trouble.yields for trouble in troubles):
        return "Move the folders away, then render again. Nothing was changed."
    return (
        "See your edits with --diff; move them into the blueprint or save them elsewhere, "
        "then render with --force to replace the files. Nothing was changed."
    )


def removals(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.verb == "remove"]


def placements(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.verb != "remove"]
