"""Each rule of lint has a fault: one layer of the clean folder is broken, and only that rule speaks, once.

Pages in docs/checks/ are made from the rules and these faults. After an intended change write them again, and read them:

    PODWRIGHT_FREEZE=1 pytest tests/lint/test_rules.py && git diff docs/checks
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lint.folders import BASE, FAULTS, changed, fault
from podwright.catalog import load
from podwright.check.pages import difference, page
from podwright.lint import Linted, Options, lint, rules
from podwright.model.report import Finding

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "checks"
CODES = sorted(rules())


def linted(folder: Path, congested: int = 0) -> Linted:
    return lint(folder, load(), Options(congested=congested))


def test_the_clean_folder_has_no_finding_and_leaves_nothing_open() -> None:
    found = linted(BASE)
    assert found == Linted((), (), switches=4, hosts=2)


def test_every_rule_has_its_fault_and_every_fault_its_rule() -> None:
    assert sorted(path.stem for path in FAULTS.iterdir()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_one_broken_layer_makes_one_rule_speak(code: str, tmp_path: Path) -> None:
    (finding,) = linted(changed(tmp_path, fault(code))).findings
    check = rules()[code]
    assert (finding.code, finding.severity) == (code, check.severity)
    assert finding.see == f"docs/checks/{code}.md"
    assert finding.message[-1] not in ".!"
    assert finding.fix.endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_the_place_is_in_a_file_of_the_folder(code: str, tmp_path: Path) -> None:
    """The line is there, and it is the one of the path's last key that the file has."""
    (finding,) = linted(changed(tmp_path, fault(code))).findings
    assert finding.place is not None
    lines = Path(finding.place.file).read_text("utf-8").splitlines()
    assert lines[finding.place.line - 1] == finding.place.text
    spelt = finding.place.text[finding.place.column - 1 :][: finding.place.width]
    assert spelt.strip()
    if finding.place.file.endswith("config_db.json") and code not in ("LNT030",):
        assert json.loads(spelt) in finding.path


@pytest.mark.parametrize("code", CODES)
def test_the_prose_says_what_why_and_how(code: str) -> None:
    check = rules()[code]
    for text in (check.what, check.why, check.fix):
        assert len(text.split()) > 4
        assert text.endswith(".")
    assert check.title[0].islower() or check.title.split()[0].isupper()
    assert not check.title.endswith(".")


def _page(code: str, folder: Path) -> str:
    bad = changed(folder, fault(code))
    (finding,) = linted(bad).findings
    changes = [f"--- {each['file']} is taken away" for each in fault(code) if each.get("remove")]
    for file in sorted(
        {str(path.relative_to(each)) for each in (BASE, bad) for path in each.rglob("*") if path.is_file()}
    ):
        good_text, bad_text = (_text(each / file) for each in (BASE, bad))
        if bad_text not in ("", good_text):
            changes += difference(good_text, bad_text, file)
    return page(rules()[code], changes, _where(finding, bad), finding)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _where(finding: Finding, folder: Path) -> str:
    assert finding.place is not None
    return f"{Path(finding.place.file).relative_to(folder)}:{finding.place.line} {finding.path}".strip()


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_current(code: str, tmp_path: Path) -> None:
    made = _page(code, tmp_path)
    if os.environ.get("PODWRIGHT_FREEZE"):
        (PAGES / f"{code}.md").write_text(made, encoding="utf-8")
    assert (PAGES / f"{code}.md").read_text("utf-8") == made
