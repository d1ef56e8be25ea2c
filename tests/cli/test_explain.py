"""`explain` tells what stands behind a code, a device, a port."""

from __future__ import annotations

import os
import re

import pytest

from podwright.check import registry
from podwright.cli.prose_of_codes import prose_of
from podwright.design.codes import CODES

from .conftest import ROOT, STARTER, Run

PACKAGE = ROOT / "generators" / "podwright"


def codes_of(*stages: str) -> set[str]:
    """Every code that the modules of these stages can say."""
    sources = [path.read_text() for stage in stages for path in (PACKAGE / stage).rglob("*.py")]
    return {code for source in sources for code in re.findall(r'"((?:SRC|SCH|DES)[0-9]{3})"', source)}


@pytest.mark.parametrize("code", sorted(codes_of("load", "validate", "design") | set(registry())))
def test_every_code_that_can_be_said_is_explained(code: str) -> None:
    assert prose_of(code).startswith(f"# {code}")


def test_no_page_explains_a_code_that_nobody_says() -> None:
    pages = "".join((ROOT / "docs" / "stages" / f"{stage}.md").read_text() for stage in ("load", "validate", "design"))
    assert set(re.findall(r"^### ([A-Z]{3}[0-9]{3})", pages, re.MULTILINE)) == codes_of("load", "validate", "design")


def test_the_page_of_the_design_says_what_the_design_knows() -> None:
    """After a change in design/codes.py: PODWRIGHT_FREEZE=1 pytest tests/cli/test_explain.py, then read the diff."""
    page = ROOT / "docs" / "stages" / "design.md"
    introduction, heading, _ = page.read_text().partition("## What can't be built\n")
    sections = "".join(
        f"\n### {code}: {prose.title}\n\n{prose.why}\n\n**What to do:** {prose.fix}\n"
        for code, prose in sorted(CODES.items())
    )
    if os.environ.get("PODWRIGHT_FREEZE"):
        page.write_text(introduction + heading + sections)
    assert page.read_text() == introduction + heading + sections


def test_a_device(run: Run) -> None:
    said = run("explain", "gpu-u001-s01", STARTER).out
    assert said.startswith("gpu-u001-s01: server of group gpu, hgx-h100, unit 1, slot 1\n")
    assert "decided by servers.gpu (" in said
    assert "\n  stands in u001-rack-01, U1 to U6\n" in said
    assert "rail0" in said


def test_a_port(run: Run) -> None:
    said = run("explain", "gpu-u001-s01:rail0", "--in", STARTER).out
    assert said.startswith("gpu-u001-s01:rail0\n")
    assert "cable to pod-leaf-u001-1:" in said


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("gpu-u001-s0", "the pod starter has no device `gpu-u001-s0`"),
        ("gpu-u001-s01:rail9", "gpu-u001-s01 has no port `rail9` in use"),
        ("SCH999", "no finding has the code SCH999"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(run: Run, what: str, sentence: str) -> None:
    said = run("explain", what, STARTER)
    assert said.code == 2
    assert sentence in said.err
    assert "Did you mean" in said.err
