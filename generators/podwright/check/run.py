"""Runs checks over a design; a check is silent where one that it requires has spoken."""

from __future__ import annotations

from graphlib import TopologicalSorter

from podwright.check.discovery import registry
from podwright.check.framework import Check, Fault
from podwright.design import Index
from podwright.model.design import Design
from podwright.model.report import Finding


def run_checks(design: Design) -> tuple[Finding, ...]:
    """Put every check to the design. Findings come in order of codes; `path` leads into the blueprint."""
    checks = registry()
    index = Index(design)
    found: dict[str, list[Finding]] = {}
    for code in TopologicalSorter({each.code: each.requires for each in checks.values()}).static_order():
        each = checks[code]
        failed = any(found[required] for required in each.requires)
        found[code] = [] if failed else [_finding(each, fault) for fault in each.look(index)]
    return tuple(finding for code in checks for finding in found[code])


def _finding(each: Check, fault: Fault) -> Finding:
    return Finding(
        code=each.code, severity=each.severity, message=fault.message, fix=fault.fix, see=each.see, path=fault.path
    )
