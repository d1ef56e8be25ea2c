"""The pages of docs/checks/: what a check looks at, why, how to fix, and the pair of blueprints that proves it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from typing import Any

from podwright.check.framework import Check
from podwright.model.report import Finding

CONTEXT = 2


def difference(good: str, bad: str, name: str = "") -> list[str]:
    """The lines of a unified diff between two texts; a `name` says of which file they are."""
    lines = list(unified_diff(good.splitlines(), bad.splitlines(), "good.yaml", "bad.yaml", lineterm="", n=CONTEXT))
    return [*([f"--- {name}"] if name else []), *lines[2:]]


def page(each: Check[Any, Any], changes: Iterable[str], where: str, finding: Finding) -> str:
    """The page of one check. `changes` are the lines of a diff that makes one fault, `finding` is what it gives at `where`."""
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
            *changes,
            "```",
            "",
            f"gives, at `{where}`:",
            "",
            f"> {finding.message}",
            ">",
            f"> {finding.fix}",
            "",
        ]
    ).replace("\n\n\n", "\n\n")


def index(checks: Iterable[Check[Any, Any]], rules: Iterable[Check[Any, Any]]) -> str:
    """The page that lists all checks of a design, and all rules for configurations that others wrote."""
    return "\n".join(
        [
            "# Checks",
            "",
            "`podwright check` puts these to a design that can be built. They say what it can be built like and better not.",
            "",
            *_table(checks),
            "",
            "`podwright lint` puts these to configurations that Podwright did not write.",
            "",
            *_table(rules),
            "",
        ]
    )


def _table(checks: Iterable[Check[Any, Any]]) -> list[str]:
    rows = [f"| [{each.code}]({each.code}.md) | {each.title} | {each.severity.word} |" for each in checks]
    return ["| code | rule | severity |", "|---|---|---|", *rows]


def _listed(codes: Iterable[str]) -> str:
    return " or ".join(f"[{code}]({code}.md)" for code in codes)
