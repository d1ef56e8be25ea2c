"""The pages of docs/checks/: what a check looks at, why, how to fix, and the pair of blueprints that proves it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff

from podwright.check.framework import Check
from podwright.model.report import Finding

CONTEXT = 2


def page(each: Check, good: str, bad: str, finding: Finding) -> str:
    """The page of one check. `good` and `bad` are blueprints that differ in one fault, `finding` is what the fault gives."""
    difference = list(
        unified_diff(good.splitlines(), bad.splitlines(), "good.yaml", "bad.yaml", lineterm="", n=CONTEXT)
    )
    silent = f"\nIt is silent where {_listed(each.requires)} has spoken.\n" if each.requires else ""
    return "\n".join(
        [
            f"# {each.code}: {each.title}",
            "",
            f"Severity: {each.severity.word}.",
            "",
            "## What it checks",
            "",
            each.what,
            silent,
            "## Why it matters",
            "",
            each.why,
            "",
            "## How to fix it",
            "",
            each.fix,
            "",
            "## Example",
            "",
            "This change",
            "",
            "```diff",
            *difference[2:],
            "```",
            "",
            f"gives, at `{finding.path}`:",
            "",
            f"> {finding.message}",
            ">",
            f"> {finding.fix}",
            "",
        ]
    ).replace("\n\n\n", "\n\n")


def index(checks: Iterable[Check]) -> str:
    """The page that lists all checks."""
    rows = [f"| [{each.code}]({each.code}.md) | {each.title} | {each.severity.word} |" for each in checks]
    return "\n".join(
        [
            "# Checks",
            "",
            "`podwright check` puts these to a design that can be built. They say what it can be built like and better not.",
            "",
            "| code | rule | severity |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _listed(codes: Iterable[str]) -> str:
    return " or ".join(f"[{code}]({code}.md)" for code in codes)
