"""A run that is cut off, or that the system stops, at any single operation: the tree stays whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from podwright.errors import TreeError
from podwright.model.artifact import Artifact
from podwright.render import write
from podwright.render.tree import Tree

OPERATIONS = ("create", "move", "duplicate", "remove", "remove_empty", "make_folders", "sync")
OLD = {"kept": "1\n", "changed": "1\n", "gone/deep/file": "1\n", "to-folder": "1\n", "to-file/x": "1\n"}
NEW = {"kept": "1\n", "changed": "2\n", "new/deep/file": "2\n", "to-folder/x": "2\n", "to-file": "2\n"}
LATER = {"kept": "3\n", "changed": "3\n", "new/deep/file": "3\n", "gone/deep/file": "3\n"}


def artifacts(tree: dict[str, str]) -> list[Artifact]:
    return [Artifact(path=path, text=text, target="t") for path, text in tree.items()]


def files(folder: Path) -> dict[str, str]:
    """The files of the tree apart from the manifest and the stage."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json" and ".podwright-stage" not in str(path)
    }


def everything(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def at_operation(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> list[int]:
    """Call `act` before the `number`-th operation on the tree; the list holds how many there were."""
    count = [0]

    def watched(original: Callable[..., object]) -> Callable[..., object]:
        def operation(*arguments: object) -> object:
            count[0] += 1
            if count[0] == number:
                act()
            return original(*arguments)

        return operation

    for name in OPERATIONS:
        monkeypatch.setattr(Tree, name, watched(getattr(Tree, name)))
    return count


def operations_of_a_run(tmp_path: Path) -> int:
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path / "counted"
        write(artifacts(OLD), folder)
        count = at_operation(patched, 0, lambda: None)
        write(artifacts(NEW), folder)
        return count[0]


def cut_off(folder: Path, tree: dict[str, str], number: int) -> None:
    """Write in a child that dies, as by kill -9, before its `number`-th operation."""
    child = os.fork()
    if child == 0:
        with pytest.MonkeyPatch.context() as patched:
            at_operation(patched, number, lambda: os._exit(9))
            write(artifacts(tree), folder)
            os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.parametrize("then", [NEW, LATER, OLD], ids=["the same", "another", "the old"])
def test_killed_at_any_operation_every_file_is_old_or_new_and_the_next_run_needs_no_force(
    tmp_path: Path, then: dict[str, str]
) -> None:
    total = operations_of_a_run(tmp_path)
    assert total > 20
    for number in range(1, total + 1):
        folder = tmp_path / str(number)
        write(artifacts(OLD), folder)
        cut_off(folder, NEW, number)
        for path, text in files(folder).items():
            assert text in (OLD.get(path), NEW.get(path))
        write(artifacts(then), folder)
        assert files(folder) == then
        assert not (folder / ".podwright-stage").exists()


def test_killed_twice_in_a_row_the_tree_still_knows_its_own_files(tmp_path: Path) -> None:
    total = operations_of_a_run(tmp_path)
    for number in range(1, total + 1, 3):
        folder = tmp_path / str(number)
        write(artifacts(OLD), folder)
        cut_off(folder, NEW, number)
        cut_off(folder, LATER, max(1, total - number))
        write(artifacts(NEW), folder)
        assert files(folder) == NEW


def test_killed_in_the_first_run_of_all_the_next_one_takes_the_folder_as_ours(tmp_path: Path) -> None:
    for number in range(1, 20):
        folder = tmp_path / str(number)
        cut_off(folder, OLD, number)
        write(artifacts(NEW), folder)
        assert files(folder) == NEW


def refusal_of_a_run(folder: Path, number: int, act: Callable[[], None]) -> str:
    """What is said when `act` meets the `number`-th operation of a run; empty where the run succeeds all the same."""
    with pytest.MonkeyPatch.context() as patched:
        at_operation(patched, number, act)
        try:
            write(artifacts(NEW), folder)
        except TreeError as problem:
            return problem.message
    return ""


def test_a_full_disk_at_any_operation_leaves_the_old_tree(tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    total = operations_of_a_run(tmp_path)
    refused = 0
    for number in range(1, total + 1):
        folder = tmp_path / str(number)
        write(artifacts(OLD), folder)
        before = everything(folder)
        refusal = refusal_of_a_run(folder, number, full)
        refused += bool(refusal)
        assert "the disk is full" in refusal or not refusal
        assert (everything(folder) == before) if refusal else (files(folder) == NEW)
        write(artifacts(NEW), folder)
        assert files(folder) == NEW
    assert refused > total // 2


def test_a_full_disk_in_the_first_run_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    at_operation(monkeypatch, 3, full)
    with pytest.raises(TreeError, match="the disk is full"):
        write(artifacts(OLD), tmp_path / "deep" / "tree")
    assert list(tmp_path.iterdir()) == []


def test_without_hard_links_the_old_files_are_kept_as_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    write(artifacts(OLD), tmp_path)
    monkeypatch.setattr(Tree, "duplicate", refuse)
    write(artifacts(NEW), tmp_path)
    assert files(tmp_path) == NEW
