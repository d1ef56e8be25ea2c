"""Every sentence a user can read is frozen: `<case>.yaml` is the input, `<case>.txt` the complete text it must give.

After an intended change, freeze again and read the difference by eye before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/errors && git diff tests/errors

The first line of a case, `# expect: CODE CODE`, names the findings it is meant to give, whatever the frozen text says.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import msgspec
import pytest

from podwright.errors import BlueprintError
from podwright.model.prose import spell
from podwright.pipeline import design_pod

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.yaml"))
STAGES = (design_pod,)  # reads, validates and designs; a later stage joins the chain here
EXPECTED = re.compile(rb"\A# expect: ([A-Z0-9 ]+)\n")
WITHOUT_HEADER = {"yaml-empty", "text-utf-16"}
SOURCES = HERE.parent.parent / "generators" / "podwright"


def complaint(path: Path) -> BlueprintError:
    """What the chain of stages has against the file."""
    product: object = path
    try:
        for stage in STAGES:
            product = stage(product)
    except BlueprintError as error:
        return error
    pytest.fail(f"{path} is meant to be refused, and passes")


def text_of(error: BlueprintError) -> str:
    return "\n\n".join([*map(spell, error.findings), error.message]) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_the_frozen_one(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    text = text_of(complaint(Path(f"{case}.yaml")))
    frozen = HERE / f"{case}.txt"
    if os.environ.get("PODWRIGHT_FREEZE"):
        frozen.write_text(text, encoding="utf-8")
    assert text == frozen.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in CASES if case not in WITHOUT_HEADER])
def test_the_findings_are_the_intended_ones(case: str) -> None:
    path = HERE / f"{case}.yaml"
    header = EXPECTED.match(path.read_bytes())
    assert header, "the first line is to be `# expect: CODE`"
    codes = [finding.code for finding in complaint(path).findings]
    assert sorted(codes) == sorted(header[1].decode().split())


@pytest.mark.parametrize("case", CASES)
def test_every_finding_says_what_where_and_what_to_do(case: str) -> None:
    for finding in complaint(HERE / f"{case}.yaml").findings:
        assert finding.message
        assert finding.fix.endswith((".", "?"))
        assert finding.see.startswith("docs/")


def test_no_frozen_text_is_left_without_its_case() -> None:
    assert sorted(path.stem for path in HERE.glob("*.txt")) == CASES


def test_every_code_of_load_and_validate_has_a_case() -> None:
    spoken = {code for case in CASES for code in re.findall(r"\[(\w+)\]", (HERE / f"{case}.txt").read_text("utf-8"))}
    sources = [path.read_text("utf-8") for stage in ("load", "validate") for path in (SOURCES / stage).glob("*.py")]
    raised = {code for source in sources for code in re.findall(r'"((?:SRC|SCH)\d{3})"', source)}
    too_large = {"SRC005", "SCH000"}  # their inputs are too large to keep; tests/load and tests/validate make them
    assert raised - too_large <= spoken


def test_no_sentence_repeats_what_may_be_a_secret() -> None:
    """Whatever else is wrong with the line or the file: neither as a value, nor as a key, nor in a line that is shown."""
    secrets = [case for case in CASES if case.startswith("secret-")]
    assert secrets
    for case in secrets:
        written = (HERE / f"{case}.yaml").read_text("utf-8")
        findings = complaint(HERE / f"{case}.yaml").findings
        said = json.dumps(msgspec.to_builtins(findings)) + text_of(complaint(HERE / f"{case}.yaml"))
        for word in ("hunter2", "sesame", "0777"):
            assert word not in said, (case, written)
