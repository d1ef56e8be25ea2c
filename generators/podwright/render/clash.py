"""Two targets may not write one file. Whoever lets them has a bug, which is found before anything is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from podwright.model.artifact import Artifact
from podwright.render.manifest import MANIFEST, STAGE, is_safe


class ClashError(RuntimeError):
    """A mistake of ours in what targets yield; the message names the origins of both files."""


def refuse_clashes(artifacts: Iterable[Artifact]) -> None:
    """Raises ClashError where two artifacts can't stand in one folder, or one can't stand in any.

    Names are compared as file systems that ignore case and Unicode composition would.
    """
    files: dict[str, Artifact] = {}
    folders: dict[str, Artifact] = {}
    for artifact in artifacts:
        if not is_safe(artifact.path) or _folded(artifact.path).split("/")[0] in (MANIFEST, STAGE):
            raise ClashError(f"{_origin(artifact)} renders {artifact.path!r}, which is not a path inside the tree")
        path = _folded(artifact.path)
        if path in files:
            raise ClashError(_two(files[path], artifact))
        if path in folders:
            raise ClashError(_two(folders[path], artifact))
        files[path] = artifact
        for folder in _folders(path):
            if folder in files:
                raise ClashError(_two(files[folder], artifact))
            folders.setdefault(folder, artifact)


def _two(first: Artifact, second: Artifact) -> str:
    ours = f"{_origin(first)} renders {first.path!r} and {_origin(second)} renders {second.path!r}"
    return f"{ours}: one stands in the other's place"


def _origin(artifact: Artifact) -> str:
    return f"target {artifact.target or 'without a name'}" + (f" for {artifact.device}" if artifact.device else "")


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
