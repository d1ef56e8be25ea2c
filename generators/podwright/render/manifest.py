"""manifest.json: what of a tree is ours, and what it looked like when we wrote it. Equal input gives equal bytes."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import msgspec

from podwright import __version__
from podwright.errors import TreeError
from podwright.model.artifact import Artifact

MANIFEST = "manifest.json"
STAGE = ".podwright-stage"
PAGE = "docs/stages/render.md"
_FORMAT = 1


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the tree as rendered: hash of its bytes, permissions in octal, and where it came from."""

    sha256: str
    mode: str
    keep: Literal["owned", "seeded"]
    target: str
    device: str

    @property
    def permissions(self) -> int:
        return int(self.mode, 8)


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All files by path. `manifest` is the version of this format, `podwright` the version that rendered the tree, and
    `pod` whose tree it is (empty in trees of versions that did not say).
    """

    files: dict[str, Entry]
    manifest: int = _FORMAT
    podwright: str = __version__
    pod: str = ""

    def encoded(self) -> bytes:
        ordered = {
            "manifest": self.manifest,
            "podwright": self.podwright,
            **({"pod": self.pod} if self.pod else {}),
            "files": dict(sorted(self.files.items())),
        }
        return msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n"


def entry_of(artifact: Artifact) -> Entry:
    """The entry of an artifact as it is rendered now."""
    return Entry(
        sha256=sha256(artifact.text.encode()),
        mode=f"{artifact.mode:04o}",
        keep=artifact.keep,
        target=artifact.target,
        device=artifact.device,
    )


def decode(content: bytes, where: str) -> Manifest:
    """Raises TreeError where `content` is not a manifest, or one of a Podwright yet to come."""
    try:
        version = msgspec.json.decode(content, type=_Version).manifest
        if version > _FORMAT:
            raise TreeError(
                f"{where} was written by a newer Podwright (format {version}; this one knows {_FORMAT})",
                fix="Upgrade Podwright, or render into a new folder.",
                see=PAGE,
            )
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as problem:
        raise _unreadable(where, str(problem)) from problem
    for path, entry in manifest.files.items():
        if not is_safe(path) or not re.fullmatch("[0-7]{4}", entry.mode):
            raise _unreadable(where, f"it names {path!r} with mode {entry.mode!r}")
    return manifest


def is_safe(path: str) -> bool:
    """Whether `path` stays inside the tree whatever the tree is: relative, no `..`, nothing a shell would trip over."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts) and not re.search(
        r"[\x00-\x1f\x7f\\]", path
    )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class _Version(msgspec.Struct, frozen=True):
    manifest: int


def _unreadable(where: str, reason: str) -> TreeError:
    return TreeError(
        f"{where} can't be read as a manifest of a rendered tree: {reason}",
        fix="Restore it from version control, or render into a new folder.",
        see=PAGE,
    )
