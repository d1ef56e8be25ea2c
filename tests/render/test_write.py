"""What `write` does to a folder: it makes it hold the artifacts, and touches nothing that is not its own."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path

import pytest

from podwright.errors import TreeError, UsageError
from podwright.model.artifact import Artifact
from podwright.render import ClashError, diff, write


def file(path: str, text: str = "one\n", **more: object) -> Artifact:
    return Artifact(**{"path": path, "text": text, "target": "frr", **more})


def snapshot(folder: Path) -> dict[str, object]:
    """Every entry of a folder: a file's bytes and mode, a link's target, None for a folder."""
    entries: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            entries[name] = ("link", os.readlink(path))
        elif path.is_dir():
            entries[name] = None
        else:
            entries[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    return entries


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "build"


def test_a_new_folder_holds_the_artifacts_with_their_modes(tree: Path) -> None:
    written = write([file("configs/leaf/frr.conf"), file("run.sh", "#!/bin/sh\n", mode=0o755)], tree)
    assert (tree / "configs/leaf/frr.conf").read_text() == "one\n"
    assert stat.S_IMODE((tree / "run.sh").stat().st_mode) == 0o755
    assert written.created == ("configs/leaf/frr.conf", "run.sh")


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    artifacts = [file("b", device="leaf"), file("a", target="docs"), file("c", keep="seeded")]
    write(artifacts, tmp_path / "first")
    write(reversed(artifacts), tmp_path / "second")
    assert snapshot(tmp_path / "first") == snapshot(tmp_path / "second")


def test_the_manifest_names_hash_mode_keep_target_and_device(tree: Path) -> None:
    write([file("run.sh", "x", mode=0o755, device="leaf")], tree)
    manifest = json.loads((tree / "manifest.json").read_text())
    assert manifest["files"]["run.sh"] == {
        "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        "mode": "0755",
        "keep": "owned",
        "target": "frr",
        "device": "leaf",
    }


def test_a_second_run_writes_nothing(tree: Path) -> None:
    artifacts = [file("a"), file("b/c")]
    write(artifacts, tree)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    written = write(artifacts, tree)
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before
    assert (written.created, written.updated, written.removed, written.unchanged) == ((), (), (), 2)


def test_what_is_no_longer_rendered_goes_and_empty_folders_with_it(tree: Path) -> None:
    write([file("a"), file("b/c/d"), file("b/e")], tree)
    (tree / "b" / "mine").mkdir()
    write([file("a"), file("b/e")], tree)
    assert sorted(snapshot(tree)) == ["a", "b", "b/e", "b/mine", "manifest.json"]


def test_a_users_own_files_stay(tree: Path) -> None:
    write([file("a/b")], tree)
    (tree / "a" / "notes.txt").write_text("mine")
    write([file("c")], tree)
    assert (tree / "a" / "notes.txt").read_text() == "mine"
    assert not (tree / "a" / "b").exists()


def test_a_deleted_file_comes_back(tree: Path) -> None:
    write([file("a")], tree)
    (tree / "a").unlink()
    assert write([file("a")], tree).created == ("a",)


def test_a_lost_mode_is_set_again(tree: Path) -> None:
    write([file("run.sh", mode=0o755)], tree)
    (tree / "run.sh").chmod(0o644)
    assert write([file("run.sh", mode=0o755)], tree).updated == ("run.sh",)
    assert stat.S_IMODE((tree / "run.sh").stat().st_mode) == 0o755


def test_a_file_becomes_a_folder_and_a_folder_a_file(tree: Path) -> None:
    write([file("a"), file("b/c")], tree)
    write([file("a/x"), file("b")], tree)
    assert (tree / "a" / "x").is_file()
    assert (tree / "b").is_file()
    write([file("a"), file("b/c")], tree)
    assert (tree / "a").is_file()
    assert (tree / "b" / "c").is_file()


class TestHandEdits:
    def test_are_refused_and_every_file_is_named(self, tree: Path) -> None:
        write([file("a"), file("b"), file("c"), file("gone")], tree)
        for name in ("a", "b", "gone"):
            (tree / name).write_text("edited")
        before = snapshot(tree)
        with pytest.raises(TreeError) as refused:
            write([file("a", "two"), file("b", "two"), file("c", "two")], tree)
        for sentence in (
            "3 files are in the way",
            "a: was edited since it was rendered",
            "b: was edited since it was rendered",
            "gone: is no longer rendered, and was edited since it was",
        ):
            assert sentence in refused.value.message
        assert "--force" in refused.value.fix
        assert snapshot(tree) == before

    def test_are_refused_even_where_the_artifact_is_the_old_one(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "a").write_text("edited")
        with pytest.raises(TreeError):
            write([file("a")], tree)

    def test_yield_to_force(self, tree: Path) -> None:
        write([file("a"), file("gone")], tree)
        (tree / "a").write_text("edited")
        (tree / "gone").write_text("edited")
        written = write([file("a", "two")], tree, force=True)
        assert (tree / "a").read_text() == "two"
        assert written.removed == ("gone",)

    def test_that_say_what_is_rendered_now_are_no_edits(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "a").write_text("two")
        assert write([file("a", "two")], tree).unchanged == 1


class TestForeignFiles:
    def test_in_the_place_of_ours_are_refused(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "b").write_text("not ours")
        with pytest.raises(TreeError, match="b: is not ours"):
            write([file("a"), file("b")], tree)
        write([file("a"), file("b")], tree, force=True)
        assert (tree / "b").read_text() == "one\n"

    def test_in_the_place_of_a_folder_are_refused(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "b").write_text("not ours")
        with pytest.raises(TreeError, match="b: is not ours, and stands in the way of b/c"):
            write([file("a"), file("b/c")], tree)
        write([file("a"), file("b/c"), file("b/d")], tree, force=True)
        assert (tree / "b" / "d").read_text() == "one\n"

    def test_folders_with_foreign_files_never_yield(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "b").mkdir()
        (tree / "b" / "mine").write_text("mine")
        for force in (False, True):
            with pytest.raises(TreeError, match="b: is a folder with files that are not ours"):
                write([file("a"), file("b")], tree, force=force)
        assert (tree / "b" / "mine").read_text() == "mine"

    def test_a_folder_that_is_not_ours_is_refused(self, tree: Path) -> None:
        tree.mkdir()
        (tree / "thesis.tex").write_text("mine")
        for force in (False, True):
            with pytest.raises(TreeError, match=r"not a tree that Podwright rendered: it holds thesis\.tex"):
                write([file("a")], tree, force=force)
        assert sorted(snapshot(tree)) == ["thesis.tex"]

    def test_a_fresh_git_repository_counts_as_empty(self, tree: Path) -> None:
        (tree / ".git").mkdir(parents=True)
        write([file("a")], tree)
        assert (tree / "a").exists()

    def test_a_file_in_the_place_of_the_tree_is_refused(self, tree: Path) -> None:
        tree.write_text("a file")
        with pytest.raises(TreeError, match="is a file, not a folder"):
            write([file("a")], tree)


class TestLinks:
    def test_out_of_the_tree_are_not_followed(self, tree: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        write([file("a")], tree)
        (tree / "configs").symlink_to(outside)
        with pytest.raises(TreeError, match="configs: is not ours"):
            write([file("a"), file("configs/leaf")], tree)
        write([file("a"), file("configs/leaf")], tree, force=True)
        assert list(outside.iterdir()) == []
        assert (tree / "configs" / "leaf").read_text() == "one\n"

    def test_in_the_place_of_a_file_are_replaced_and_not_written_through(self, tree: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.write_text("one\n")
        write([file("a")], tree)
        (tree / "a").unlink()
        (tree / "a").symlink_to(outside)
        with pytest.raises(TreeError, match="a: is not ours"):
            write([file("a", "two")], tree)
        write([file("a", "two")], tree, force=True)
        assert outside.read_text() == "one\n"
        assert not (tree / "a").is_symlink()

    def test_are_not_pruned_through(self, tree: Path, tmp_path: Path) -> None:
        write([file("a"), file("b/c")], tree)
        (tree / "b" / "c").unlink()
        (tree / "b").rmdir()
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "c").write_text("one\n")
        (tree / "b").symlink_to(outside)
        write([file("a")], tree)
        assert (outside / "c").read_text() == "one\n"

    def test_to_the_tree_itself_are_the_users_choice(self, tree: Path, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        tree.symlink_to(tmp_path / "disk")
        write([file("a")], tree)
        assert (tmp_path / "disk" / "a").exists()


class TestSeededFiles:
    def test_are_written_once(self, tree: Path) -> None:
        write([file("site.yml", "seed", keep="seeded")], tree)
        (tree / "site.yml").write_text("mine")
        written = write([file("site.yml", "another seed", keep="seeded")], tree, force=True)
        assert (tree / "site.yml").read_text() == "mine"
        assert written.kept == ("site.yml",)

    def test_stay_deleted(self, tree: Path) -> None:
        write([file("site.yml", keep="seeded"), file("a")], tree)
        (tree / "site.yml").unlink()
        write([file("site.yml", keep="seeded"), file("a")], tree)
        assert not (tree / "site.yml").exists()

    def test_are_never_pruned(self, tree: Path) -> None:
        write([file("site.yml", keep="seeded"), file("a")], tree)
        write([file("a")], tree)
        assert (tree / "site.yml").exists()


class TestSelection:
    everything = (
        file("configs/l1/frr.conf", device="l1"),
        file("configs/l2/frr.conf", device="l2"),
        file("ansible/hosts", target="ansible"),
    )

    def test_only_writes_a_target_and_prunes_only_its_files(self, tree: Path) -> None:
        write([*self.everything, file("old", device="l1"), file("ansible/old", target="ansible")], tree)
        write(
            [file(each.path, "two", target=each.target, device=each.device) for each in self.everything],
            tree,
            only=["frr"],
        )
        assert not (tree / "old").exists()
        assert (tree / "ansible/old").exists()
        assert (tree / "ansible/hosts").read_text() == "one\n"
        assert (tree / "configs/l1/frr.conf").read_text() == "two"

    def test_device_writes_what_one_device_gets(self, tree: Path) -> None:
        written = write(self.everything, tree, device=["l1"])
        assert written.created == ("configs/l1/frr.conf",)

    def test_the_rest_follows_without_force(self, tree: Path) -> None:
        write(self.everything, tree, device=["l1"])
        assert write(self.everything, tree).created == ("ansible/hosts", "configs/l2/frr.conf")

    def test_a_file_that_another_target_took_over_is_not_pruned(self, tree: Path) -> None:
        write([file("a"), file("b")], tree)
        write([file("a", target="sonic"), file("b")], tree, only=["frr"])
        assert (tree / "a").exists()

    def test_unknown_names_are_refused_with_the_nearest(self, tree: Path) -> None:
        with pytest.raises(UsageError) as refused:
            write(self.everything, tree, only=["fr"])
        assert (refused.value.message, refused.value.fix) == (
            "nothing is rendered for a target named `fr`",
            "Did you mean `frr`?",
        )
        with pytest.raises(UsageError, match="a device named `spine`"):
            write(self.everything, tree, device=["spine"])
        assert not tree.exists()

    def test_a_device_that_left_the_pod_can_be_named(self, tree: Path) -> None:
        write(self.everything, tree)
        assert write(self.everything[1:], tree, device=["l1"]).removed == ("configs/l1/frr.conf",)


class TestClashes:
    @pytest.mark.parametrize(
        ("first", "second"),
        [("a", "a"), ("a/README", "A/readme"), ("a", "a/b"), ("x/y", "X"), ("caf\u00e9", "cafe\u0301")],
    )
    def test_name_both_origins_before_anything_is_written(self, tree: Path, first: str, second: str) -> None:
        with pytest.raises(ClashError) as refused:
            write([file(first, device="l1"), file(second, target="sonic")], tree)
        assert "target frr for l1" in str(refused.value)
        assert "target sonic" in str(refused.value)
        assert not tree.exists()

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", "../a", "a/../../b", "a//b", "", "a/", "a\nb", "a\\b", "manifest.json"]
    )
    def test_paths_out_of_the_tree_are_a_bug(self, tree: Path, path: str) -> None:
        with pytest.raises(ClashError, match="not a path inside the tree"):
            write([file(path)], tree)


class TestManifest:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[]",
            '{"manifest": 1, "podwright": "0", "files": {"../../etc/passwd": '
            '{"sha256": "", "mode": "0644", "keep": "owned", "target": "", "device": ""}}}',
        ],
    )
    def test_that_is_broken_is_refused(self, tree: Path, text: str) -> None:
        write([file("a")], tree)
        (tree / "manifest.json").write_text(text)
        with pytest.raises(TreeError, match="can't be read as a manifest"):
            write([file("a")], tree)

    def test_of_a_newer_podwright_is_refused(self, tree: Path) -> None:
        write([file("a")], tree)
        (tree / "manifest.json").write_text('{"manifest": 2, "trees": []}')
        with pytest.raises(TreeError, match="written by a newer Podwright"):
            write([file("a")], tree)


def test_two_writers_at_a_time_are_refused(tree: Path) -> None:
    write([file("a")], tree)
    held = os.open(tree, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(TreeError, match="another process is writing"):
        write([file("a", "two")], tree)
    os.close(held)
    write([file("a", "two")], tree)


def test_a_folder_without_permission_gives_a_sentence(tree: Path) -> None:
    write([file("a")], tree)
    before = snapshot(tree)
    tree.chmod(0o555)
    tree.parent.chmod(0o755)
    user = os.geteuid()
    if user == 0:
        os.chmod(tree.parent.parent, 0o755)
        os.chmod(tree.parent.parent.parent, 0o755)
        os.seteuid(65534)
    try:
        with pytest.raises(TreeError) as refused:
            write([file("a", "two")], tree)
    finally:
        os.seteuid(user)
        tree.chmod(0o755)
    assert "you have no permission to write there" in refused.value.message
    assert snapshot(tree) == before


def test_diff_of_nothing_is_empty(tree: Path) -> None:
    write([file("a"), file("b", keep="seeded")], tree)
    assert diff([file("a"), file("b", "other", keep="seeded")], tree) == ""
