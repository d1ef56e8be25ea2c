"""`diff` says what `write` would do: git itself applies it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.model.artifact import Artifact
from podwright.render import diff, write

TEXTS = st.sampled_from(
    ["", "one\n", "one", "one\ntwo\n", "one\ntwo", "\n", "one\n\ntwo\n", "a\u2028b\x0cc\n", "naïve ☃\n"]
)
TREES = st.dictionaries(st.sampled_from(["a", "b", "dir/c", "dir/deep/d"]), TEXTS, max_size=4)


def artifacts(tree: dict[str, str], mode: int = 0o644) -> list[Artifact]:
    return [Artifact(path=path, text=text, mode=mode, target="t") for path, text in tree.items()]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json" and ".git/" not in str(path)
    }


@settings(max_examples=40, deadline=None)
@given(old=TREES, new=TREES)
def test_git_applies_what_diff_says(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, str], new: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    write(artifacts(old), folder)
    patch = diff(artifacts(new), folder)
    if patch:
        subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=folder, check=True)
    assert files(folder) == {path: text.encode() for path, text in new.items()}


def test_a_changed_mode_shows(tmp_path: Path) -> None:
    write(artifacts({"run": "x\n"}), tmp_path)
    assert (
        diff(artifacts({"run": "x\n"}, 0o755), tmp_path) == "diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"
    )


def test_an_edit_shows_as_lines_that_would_be_taken_back(tmp_path: Path) -> None:
    write(artifacts({"a": "one\n"}), tmp_path)
    (tmp_path / "a").write_text("one\nmine\n")
    assert "-mine\n" in diff(artifacts({"a": "one\n"}), tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    write(artifacts({"a": "one\n"}), tmp_path)
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    assert "Binary files a/a and b/a differ\n" in diff(artifacts({"a": "one\n"}), tmp_path)


def test_nothing_is_written_and_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert diff(artifacts({"a": "one\n"}), tmp_path / "missing").endswith(
        "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+one\n"
    )
    assert list(tmp_path.iterdir()) == []
