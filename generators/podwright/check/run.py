"""Runs checks over a design; a check is silent where one that it requires has spoken."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from podwright.check.discovery import registry
from podwright.check.framework import Check, Fault, Subject, Told
from podwright.design import Index
from podwright.model.design import Design
from podwright.model.report import Finding


def run_checks(design: Design) -> tuple[Finding, ...]:
    """Put every check to the design. Findings come in order of codes; `path` leads into the blueprint."""
    checks = registry()
    told = faults_of(checks, Index(design))
    return tuple(_finding(each, fault) for code, each in checks.items() for fault in told[code])


def faults_of(checks: Mapping[str, Check[Subject, Told]], subject: Subject) -> dict[str, list[Told]]:
    """What each check, by its code, has against the subject."""
    found: dict[str, list[Told]] = {}
    for code in TopologicalSorter({each.code: each.requires for each in checks.values()}).static_order():
        each = checks[code]
        failed = any(found[required] for required in each.requires)
        found[code] = [] if failed else list(each.look(subject))
    return found


def _finding(each: Check[Index, Fault], fault: Fault) -> Finding:
    return Finding(
        code=each.code, severity=each.severity, message=fault.message, fix=fault.fix, see=each.see, path=fault.path
    )
