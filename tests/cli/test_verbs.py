"""What holds for every verb: its help, its lateness, its nearest name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import podwright.cli
from podwright.cli import root
from podwright.cli.lazy import VerbGroup, help_line

from .conftest import STARTER, Run

VERBS = Path(podwright.cli.__file__).parent / "verbs"
HEAVY = ("ansible", "jinja2", "jsonschema", "msgspec", "pulumi", "rich", "yaml")


def every_verb(
    group: click.Group = root, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        assert verb is not None
        yield (*words, name), verb
        if isinstance(verb, VerbGroup):
            yield from every_verb(verb, (*words, name))


ALL = dict(every_verb())


def test_the_verbs_are_those_of_the_product() -> None:
    assert {" ".join(words) for words in ALL} == {
        "new",
        "validate",
        "check",
        "design",
        "render",
        "apply",
        "verify",
        "explain",
        "headroom",
        "lint",
        "trace",
        "completion",
        "catalog",
        "catalog list",
        "catalog show",
        "lab",
        "lab up",
        "lab test",
        "lab down",
        "lab list",
        "lab exec",
    }


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_teaches_with_an_example(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words, "--help")
    assert said.code == 0
    assert re.search(rf"^    podwright {' '.join(words)}\b|^  .*podwright {' '.join(words)}\b", said.out, re.MULTILINE)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_the_help_line_is_read_from_the_file_and_fits_its_line(words: tuple[str, ...]) -> None:
    path = VERBS.joinpath(*words)
    line = help_line(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))
    assert line == (ALL[words].help or "").splitlines()[0]
    assert line.endswith(".")
    assert len(line) <= 64


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["lab", "--help"], ["redner"]], ids=" ".join)
def test_what_needs_no_verb_imports_nothing_heavy(words: list[str]) -> None:
    script = f"""
import sys
from podwright.cli import root
try:
    root.main({words!r}, prog_name="podwright", standalone_mode=False)
except Exception as problem:
    print(problem)
print(*sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_help_lists_verbs_and_exit_codes(run: Run) -> None:
    said = run("--help").out
    for line in (
        "  lab         Build, test and remove virtual fabrics.",
        "  70   a bug in Podwright",
        "Usage: podwright",
    ):
        assert line in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["vaildate"], "`podwright` has no verb `vaildate`. Did you mean `validate`?"),
        (["lab", "upp"], "`podwright lab` has no verb `upp`. Did you mean `up`?"),
        (["xyzzy"], "`podwright` has no verb `xyzzy`."),
        (["render", ".", "--otput", "x"], "No such option"),
        (["render", "."], "Missing option"),
        (["design", ".", "--format", "xml"], "'xml' is not one of 'table', 'json'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_are_answered_with_a_sentence(run: Run, words: list[str], sentence: str) -> None:
    said = run(*words)
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert sentence in said.err
    assert "--help`." in said.err


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (["render", ".", "--output"], "render"),
        (["lab", "up", ".", "--name"], "lab up"),
        (["trace", "a", "b", "--fail"], "trace"),
        (["check", "--bogus"], "check"),
        (["explain", "a", "b", "c"], "explain"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_lead_to_the_help_of_their_verb(run: Run, words: list[str], verb: str) -> None:
    assert run(*words).err.endswith(f"  fix: Run `podwright {verb} --help`.\n")


@pytest.mark.parametrize(
    "words",
    [
        ["design", "--format", "json"],
        ["render", "--format=json", ".", "--output"],
        ["check", "--format", "json", "--bogus"],
        ["trace", "a", "--format", "json"],
    ],
    ids=" ".join,
)
def test_wrong_words_are_json_where_json_is_asked_for(run: Run, words: list[str]) -> None:
    said = run(*words)
    assert (said.code, said.err) == (2, "")
    assert json.loads(said.out)["error"]["fix"] == f"Run `podwright {words[0]} --help`."


def test_a_verb_without_json_tells_wrong_words_as_text(run: Run) -> None:
    said = run("explain", "FAB001", "--format", "json")
    assert (said.code, said.out) == (2, "")
    assert "No such option" in said.err


@pytest.mark.parametrize("verb", ["validate", "check", "design"])
def test_the_blueprint_here_is_taken_where_none_is_written(run: Run, verb: str) -> None:
    assert run(verb).code == 2
    shutil.copy(Path(STARTER) / "pod.yaml", "pod.yaml")
    assert run(verb) == run(verb, "pod.yaml")
    assert run(verb).code == 0


def test_render_takes_the_blueprint_here(run: Run) -> None:
    said = run("render", "--output", "build")
    assert (said.code, said.err.splitlines()[0]) == (2, "error: Missing argument 'FILE'. There is no pod.yaml here.")
    shutil.copy(Path(STARTER) / "pod.yaml", "pod.yaml")
    assert run("render", "--output", "build").code == 0
    assert Path("build", "design.json").is_file()


def test_what_changed_is_always_written(run: Run) -> None:
    """No changed file means no blueprint, not the one that is here."""
    shutil.copy(Path(STARTER) / "pod.yaml", "pod.yaml")
    assert run("check", "--changed").code == 2


def test_completion_prints_clicks_script(run: Run) -> None:
    assert "_PODWRIGHT_COMPLETE=bash_complete" in run("completion", "bash").out
    assert "#compdef podwright" in run("completion", "zsh").out
    assert "complete --no-files --command podwright" in run("completion", "fish").out
