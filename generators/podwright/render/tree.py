"""The folder on disk. Every name is resolved one component at a time and no symbolic link is followed, so that nothing
outside the folder is ever read, written or removed."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from podwright.errors import TreeError
from podwright.render.manifest import PAGE

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Kind = Literal["nothing", "file", "folder", "obstacle"]


class Standing(NamedTuple):
    """What stands at a path: a regular file with its bytes and mode, a folder, nothing, or an obstacle, which is
    anything else: a link, a device, or something in the place of a parent folder. `at` is where the obstacle stands."""

    kind: Kind
    content: bytes = b""
    mode: int = 0
    at: str = ""


class Tree:
    """An open folder; paths are relative to it, with `/`. Methods raise OSError as the system does."""

    def __init__(self, root: int, name: Path) -> None:
        self.root = root
        self.name = name

    def standing(self, path: str) -> Standing:
        """What is at `path` now."""
        try:
            with self._parent(path) as (folder, leaf):
                return _standing(folder, leaf, path)
        except FileNotFoundError:
            return Standing("nothing")
        except NotADirectoryError as obstacle:
            return Standing("obstacle", at=str(obstacle.filename))

    def entries(self, path: str = "") -> list[str]:
        """Names in the folder `path`, sorted."""
        with self._folder(path) as folder:
            return sorted(os.listdir(folder))

    def make_folders(self, path: str) -> list[str]:
        """Make the folders that `path` needs; those that were made, outermost first."""
        made: list[str] = []
        parts = path.split("/")[:-1]
        for depth in range(len(parts)):
            with self._folder("/".join(parts[:depth])) as folder:
                try:
                    os.mkdir(parts[depth], 0o755, dir_fd=folder)
                except FileExistsError:
                    continue
                made.append("/".join(parts[: depth + 1]))
        return made

    def create(self, path: str, content: bytes, mode: int) -> None:
        """Write a new file and bring it to the disk."""
        with self._parent(path) as (folder, leaf):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(leaf, flags, 0o600, dir_fd=folder), "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())

    def move(self, source: str, path: str) -> None:
        """Rename, replacing a file or a link at `path` in one step."""
        with self._parent(source) as (old_folder, old), self._parent(path) as (folder, leaf):
            os.rename(old, leaf, src_dir_fd=old_folder, dst_dir_fd=folder)

    def duplicate(self, source: str, path: str) -> None:
        """A second name for a file or a link: it survives that the first one is replaced."""
        with self._parent(source) as (old_folder, old), self._parent(path) as (folder, leaf):
            os.link(old, leaf, src_dir_fd=old_folder, dst_dir_fd=folder, follow_symlinks=False)

    def remove(self, path: str) -> None:
        with self._parent(path) as (folder, leaf):
            os.unlink(leaf, dir_fd=folder)

    def remove_empty(self, path: str) -> bool:
        """Remove the folder `path` where nothing is in it; whether it was removed."""
        try:
            with self._parent(path) as (folder, leaf):
                os.rmdir(leaf, dir_fd=folder)
        except OSError as problem:
            if problem.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EBUSY):
                return False
            raise
        return True

    def clear(self, path: str) -> None:
        """Remove the folder `path` and all that is in it, links themselves and not what they point to."""
        if self.standing(path).kind != "folder":
            return
        for name in self.entries(path):
            inner = f"{path}/{name}"
            if self.standing(inner).kind == "folder":
                self.clear(inner)
            else:
                self.remove(inner)
        self.remove_empty(path)

    def sync(self, path: str = "") -> None:
        """Bring the names in the folder `path` to the disk."""
        with self._folder(path) as folder:
            os.fsync(folder)

    @contextmanager
    def _folder(self, path: str) -> Iterator[int]:
        """The folder `path`, open. Raises NotADirectoryError with the path of whatever is no folder on the way."""
        current = os.dup(self.root)
        try:
            walked: list[str] = []
            for part in filter(None, path.split("/")):
                walked.append(part)
                try:
                    inner = os.open(part, _FOLDER, dir_fd=current)
                except OSError as problem:
                    if problem.errno in (errno.ENOTDIR, errno.ELOOP):
                        raise NotADirectoryError(errno.ENOTDIR, "is not a folder", "/".join(walked)) from problem
                    raise
                os.close(current)
                current = inner
            yield current
        finally:
            os.close(current)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        folder, _, leaf = path.rpartition("/")
        with self._folder(folder) as parent:
            yield parent, leaf


def _standing(folder: int, leaf: str, path: str) -> Standing:
    facts = os.stat(leaf, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISDIR(facts.st_mode):
        return Standing("folder", mode=stat.S_IMODE(facts.st_mode))
    if not stat.S_ISREG(facts.st_mode):
        return Standing("obstacle", at=path)
    with open(os.open(leaf, _FILE, dir_fd=folder), "rb") as file:
        return Standing("file", file.read(), stat.S_IMODE(facts.st_mode))


@contextmanager
def opened(folder: Path) -> Iterator[Tree]:
    """The existing folder, held by this process alone.

    Raises TreeError where it can't be opened, or another render holds it.
    """
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except NotADirectoryError as problem:
        raise TreeError(f"{folder} is a file, not a folder", fix="Name a folder with --output.") from problem
    except OSError as problem:
        raise system_trouble(folder, problem) from problem
    try:
        try:
            fcntl.flock(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise TreeError(
                f"another process is writing {folder}", fix="Wait for it to end, then render again."
            ) from busy
        yield Tree(root, folder)
    finally:
        os.close(root)


@contextmanager
def made(folder: Path) -> Iterator[Tree]:
    """As `opened`, of a folder that is made where it is missing, and removed again where nothing came into it."""
    missing = [parent for parent in (folder, *folder.parents) if not os.path.lexists(parent)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as problem:
        raise TreeError(f"{folder} is a file, not a folder", fix="Name a folder with --output.") from problem
    except OSError as problem:
        raise system_trouble(folder, problem) from problem
    try:
        with opened(folder) as tree:
            yield tree
    finally:
        with suppress(OSError):
            for parent in missing:
                parent.rmdir()


def system_trouble(folder: Path, problem: OSError) -> TreeError:
    """What the system said against the folder, with the remedy."""
    reasons = {
        errno.ENOSPC: ("the disk is full", "Free some space, then render again."),
        errno.EDQUOT: ("your disk quota is used up", "Free some space, then render again."),
        errno.EACCES: (
            "you have no permission to write there",
            "Choose another folder with --output, or change its owner.",
        ),
        errno.EPERM: (
            "you have no permission to write there",
            "Choose another folder with --output, or change its owner.",
        ),
        errno.EROFS: ("its file system is read-only", "Choose another folder with --output."),
        errno.ENAMETOOLONG: ("a name in it is too long for its file system", "Choose a folder with a shorter path."),
    }
    reason, fix = reasons.get(problem.errno or 0, (os.strerror(problem.errno or 0), "Correct that, then render again."))
    return TreeError(f"{folder} can't be written: {reason}", fix=f"{fix} Nothing was changed.", see=PAGE)
