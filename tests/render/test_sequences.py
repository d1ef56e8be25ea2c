"""Any sequence of renders, edits and deletions: a user's bytes are never lost without --force, ours are right."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from podwright.errors import TreeError
from podwright.model.artifact import Artifact
from podwright.render import diff, write

PATHS = ("a", "b", "dir/c", "dir/d", "other/deep/e")
TEXTS = st.sampled_from(["1\n", "2\n", "3\n"])
RENDERED = st.dictionaries(st.sampled_from(PATHS), st.tuples(TEXTS, st.sampled_from(["owned", "seeded"])))


class Renders(RuleBasedStateMachine):
    """The model: `disk` is what every file must hold, `ours` the bytes last rendered, `seeded` once-only paths."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="podwright-test-"))
        self.disk: dict[str, str] = {}
        self.ours: dict[str, str] = {}
        self.seeded: set[str] = set()
        self.apply({}, force=False)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(path=st.sampled_from(PATHS), text=st.sampled_from(["mine\n", "1\n", "2\n"]))
    def edit(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.disk[path] = text

    @rule(path=st.sampled_from(PATHS))
    def delete(self, path: str) -> None:
        (self.folder / path).unlink(missing_ok=True)
        self.disk.pop(path, None)

    @rule(rendered=RENDERED, force=st.booleans())
    def render(self, rendered: dict[str, tuple[str, str]], force: bool) -> None:
        owned = {path: text for path, (text, keep) in rendered.items() if keep == "owned"}
        written_over = {path for path, text in owned.items() if self.disk.get(path, text) != text}
        pruned = {path for path in self.ours.keys() - rendered.keys() - self.seeded if path in self.disk}
        edited = {path for path in written_over | pruned if self.disk[path] != self.ours.get(path)}
        if edited and not force:
            with pytest.raises(TreeError) as refused:
                self.apply(rendered, force)
            assert all(f"  {path}: " in refused.value.message for path in edited)
            return
        self.apply(rendered, force)
        for path in pruned:
            del self.disk[path]
        for path, (text, keep) in rendered.items():
            if keep == "owned" or (path not in self.disk and path not in self.seeded):
                self.disk[path] = text
        self.ours = {path: text for path, (text, _) in rendered.items()}
        self.seeded = {path for path, (_, keep) in rendered.items() if keep == "seeded"}
        assert diff(self.artifacts(rendered), self.folder) == ""

    def apply(self, rendered: dict[str, tuple[str, str]], force: bool) -> None:
        write(self.artifacts(rendered), self.folder, force=force)

    @staticmethod
    def artifacts(rendered: dict[str, tuple[str, str]]) -> list[Artifact]:
        return [Artifact(path=path, text=text, keep=keep, target="t") for path, (text, keep) in rendered.items()]

    @invariant()
    def the_disk_is_as_the_model_says(self) -> None:
        found = {
            str(path.relative_to(self.folder)): path.read_text()
            for path in self.folder.rglob("*")
            if path.is_file() and path.name != "manifest.json"
        }
        assert found == self.disk


TestRenders = Renders.TestCase
TestRenders.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
