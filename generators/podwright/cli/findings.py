"""Findings for people, in colour where the terminal has it, and for programs, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from podwright.errors import BlueprintError, EngineError, PodwrightError
from podwright.model.prose import spell
from podwright.model.report import Finding, Severity
from podwright.resources import folder

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def coloured(finding: Finding) -> str:
    """`spell` of the finding with its first word and its caret coloured."""
    colour = _COLOURS[finding.severity]
    first, *rest = spell(replace(finding, see=openable(finding.see))).split("\n")
    label, bracket, message = first.partition("]")
    lines = [click.style(label + bracket, fg=colour, bold=True) + message]
    lines += [click.style(line, fg=colour) if _is_caret(line) else line for line in rest]
    return "\n".join(lines)


def openable(page: str) -> str:
    """A page of the documentation as a path that opens from here: relative in a checkout, else that of the shipped file."""
    if not page or Path(page).is_file():
        return page
    try:
        shipped = folder("docs").parent / page
    except EngineError:
        return page
    return str(shipped) if shipped.is_file() else page


def _is_caret(line: str) -> bool:
    return set(line) <= set(" |^") and "^" in line


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings there are of each severity: `{"errors": 1, "warnings": 0, "notes": 2}`."""
    found = Counter(finding.severity for finding in findings)
    return {f"{severity.word}s": found[severity] for severity in sorted(Severity, reverse=True)}


def summary(findings: Sequence[Finding]) -> str:
    """`1 error, 2 notes`, or `no findings`."""
    parts = [f"{count} {word if count != 1 else word[:-1]}" for word, count in counts(findings).items() if count]
    return ", ".join(parts) or "no findings"


def as_data(findings: Sequence[Finding]) -> dict[str, object]:
    """The JSON document of findings: every finding with its place, and the counts."""
    return {"findings": [_record(finding) for finding in findings], "summary": counts(findings)}


def failure_as_data(problem: PodwrightError) -> dict[str, object]:
    """The JSON document of a failure: what, what to do, where to read; and the findings where a blueprint has them."""
    findings = problem.findings if isinstance(problem, BlueprintError) else ()
    return {"error": {"message": problem.message, "fix": problem.fix, "see": problem.see}, **as_data(findings)}


def _record(finding: Finding) -> dict[str, object]:
    record: dict[str, object] = msgspec.to_builtins(finding)
    return {**record, "severity": finding.severity.word}


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
