"""What the tree on disk is known to hold: its manifest, made true where an earlier run was cut off."""

from __future__ import annotations

from podwright.errors import TreeError
from podwright.render.manifest import MANIFEST, PAGE, STAGE, Manifest, decode, sha256
from podwright.render.tree import Tree

PENDING = f"{STAGE}/{MANIFEST}"
_NOBODYS = {STAGE, ".git", ".gitignore", ".gitattributes"}


def recorded(tree: Tree) -> Manifest:
    """The manifest of the tree; an empty one where the folder is empty.

    A run that was cut off has left the manifest it was working towards: files that already match it count as rendered.
    Raises TreeError where the folder holds files and is not a rendered tree.
    """
    pending = _read(tree, PENDING)
    known = _read(tree, MANIFEST)
    if known is None and pending is None and (strangers := set(tree.entries()) - _NOBODYS):
        raise TreeError(
            f"{tree.name} is not empty and not a tree that Podwright rendered: it holds {_some(strangers)}",
            fix="Name a new or an empty folder with --output.",
            see=PAGE,
        )
    known = known or Manifest({})
    return _true(tree, known, pending) if pending else known


def _true(tree: Tree, known: Manifest, pending: Manifest) -> Manifest:
    """The manifest of what is there: files may already be swapped in, or already removed."""
    files = {
        path: entry
        for path, entry in known.files.items()
        if path in pending.files or tree.standing(path).kind == "file"
    }
    for path, entry in pending.files.items():
        before = tree.standing(path)
        if before.kind == "file" and sha256(before.content) == entry.sha256:
            files[path] = entry
    return Manifest(files, pod=pending.pod or known.pod)


def _read(tree: Tree, path: str) -> Manifest | None:
    before = tree.standing(path)
    if before.kind == "nothing":
        return None
    if before.kind != "file":
        raise TreeError(f"{tree.name / path} is not a file", fix="Move it away, then render again.", see=PAGE)
    return decode(before.content, str(tree.name / path))


def _some(names: set[str], limit: int = 5) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return ", ".join(ordered[:limit]) + more
