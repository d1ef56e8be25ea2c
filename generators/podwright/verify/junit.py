"""A report as JUnit XML, which every continuous integration shows: one suite a group, one case a claim."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from podwright.model.report import Report, Trial

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The XML text, ending with a newline."""
    root = ElementTree.Element("testsuites", _counts(report.title, report.trials))
    for group, trials in groupby(sorted(report.trials, key=lambda trial: trial.group), key=lambda trial: trial.group):
        of_group = tuple(trials)
        suite = ElementTree.SubElement(root, "testsuite", _counts(group, of_group))
        for trial in of_group:
            _case(suite, trial)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(name: str, trials: tuple[Trial, ...]) -> dict[str, str]:
    return {
        "name": _clean(name),
        "tests": str(len(trials)),
        "failures": str(sum(trial.outcome == "failed" for trial in trials)),
        "skipped": str(sum(trial.outcome == "skipped" for trial in trials)),
        "time": f"{sum(trial.seconds for trial in trials):.3f}",
    }


def _case(suite: ElementTree.Element, trial: Trial) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {"classname": _clean(trial.group), "name": _clean(trial.claim), "time": f"{trial.seconds:.3f}"},
    )
    if trial.facts:
        properties = ElementTree.SubElement(case, "properties")
        for name, value in trial.facts.items():
            ElementTree.SubElement(properties, "property", {"name": name, "value": _clean(str(value))})
    if trial.outcome == "failed":
        failure = ElementTree.SubElement(case, "failure", {"message": _clean(trial.detail[0] if trial.detail else "")})
        failure.text = _clean("\n".join(trial.detail))
    elif trial.outcome == "skipped":
        ElementTree.SubElement(case, "skipped", {"message": _clean(" ".join(trial.detail))})


def _clean(text: str) -> str:
    """XML 1.0 has no spelling for most control characters, and devices do print them."""
    return _NOT_XML.sub("?", text)
