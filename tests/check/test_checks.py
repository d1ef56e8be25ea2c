"""Each check has a pair of blueprints that differ in one fault: the bad one gives its finding, once, and nothing else new.

Pages in docs/checks/ are made from the checks and these pairs. After an intended change write them again, and read them:

    PODWRIGHT_FREEZE=1 pytest tests/check && git diff docs/checks
"""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path

import pytest

from podwright.check import registry, run_checks
from podwright.check.pages import difference, index, page
from podwright.lint import rules
from podwright.model.blueprint import Blueprint
from podwright.model.report import Finding
from podwright.pipeline import Pod, design_pod

ROOT = Path(__file__).resolve().parents[2]
PAIRS = ROOT / "tests" / "checks"
PAGES = ROOT / "docs" / "checks"
CODES = sorted(registry())
MOST_CHANGED = 14


@lru_cache
def pod_of(path: Path) -> Pod:
    return design_pod(path)


@lru_cache
def findings_of(path: Path) -> tuple[Finding, ...]:
    return run_checks(pod_of(path).design)


def the_finding(code: str) -> Finding:
    good, bad = (findings_of(PAIRS / code / f"{which}.yaml") for which in ("good", "bad"))
    (finding,) = [each for each in bad if each not in good]
    return finding


def test_every_check_has_its_pair_and_every_pair_its_check() -> None:
    assert sorted(path.name for path in PAIRS.iterdir()) == CODES
    assert all((PAIRS / code / which).is_file() for code in CODES for which in ("good.yaml", "bad.yaml"))


@pytest.mark.parametrize("code", CODES)
def test_one_break_gives_one_finding(code: str) -> None:
    good = findings_of(PAIRS / code / "good.yaml")
    assert code not in {each.code for each in good}
    finding = the_finding(code)
    check = registry()[code]
    assert (finding.code, finding.severity) == (code, check.severity)
    assert finding.message[-1] not in ".!"
    assert finding.fix.endswith(".")
    assert finding.see == f"docs/checks/{code}.md"


@pytest.mark.parametrize("code", CODES)
def test_the_pair_differs_in_the_fault_only(code: str) -> None:
    good, bad = ((PAIRS / code / f"{which}.yaml").read_text("utf-8").splitlines() for which in ("good", "bad"))
    assert 0 < sum(line[0] in "+-" for line in difflib.ndiff(good, bad)) <= MOST_CHANGED


@pytest.mark.parametrize("code", CODES)
def test_the_path_leads_into_the_blueprint(code: str) -> None:
    """All steps but the last are written; the last is a key that could be."""
    path = the_finding(code).path.split(".")
    spot: object = pod_of(PAIRS / code / "bad.yaml").source.data
    for step in path[:-1]:
        assert (isinstance(spot, dict) and step in spot) or isinstance(spot, str)
        spot = spot[step] if isinstance(spot, dict) else spot
    assert path[0] in Blueprint.__struct_fields__


@pytest.mark.parametrize("code", CODES)
def test_the_prose_says_what_why_and_how(code: str) -> None:
    check = registry()[code]
    for text in (check.what, check.why, check.fix):
        assert len(text.split()) > 4
        assert text.endswith(".")
    assert check.title[0].islower() or check.title.split()[0].isupper()
    assert not check.title.endswith(".")


def pages() -> dict[str, str]:
    made = {"index.md": index(registry().values(), rules().values())}
    for code, check in registry().items():
        good, bad = ((PAIRS / code / f"{which}.yaml").read_text("utf-8") for which in ("good", "bad"))
        finding = the_finding(code)
        made[f"{code}.md"] = page(check, difference(good, bad), finding.path, finding)
    return made


def test_the_pages_are_current() -> None:
    made = pages()
    if os.environ.get("PODWRIGHT_FREEZE"):
        PAGES.mkdir(exist_ok=True)
        for name, text in made.items():
            (PAGES / name).write_text(text, encoding="utf-8")
    shipped = {path.name: path.read_text("utf-8") for path in PAGES.glob("*.md") if path.stem not in rules()}
    assert shipped == made


def test_the_reference_blueprints_have_notes_at_most() -> None:
    for path in sorted((ROOT / "blueprints").glob("*/pod.yaml")):
        assert {each.severity.word for each in findings_of(path)} <= {"note"}, path
