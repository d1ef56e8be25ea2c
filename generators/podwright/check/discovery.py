"""All checks, found by walking the package `podwright.check.rules`: a new module is a new page, and no list is kept."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from podwright.check import rules
from podwright.check.framework import Check


def registry() -> dict[str, Check]:
    """Every check by its code, in order of codes."""
    checks: dict[str, Check] = {}
    for module in sorted(each.name for each in walk_packages(rules.__path__, f"{rules.__name__}.")):
        for value in vars(import_module(module)).values():
            if isinstance(value, Check) and checks.setdefault(value.code, value) is not value:
                raise AssertionError(f"two checks have the code {value.code}")
    return dict(sorted(checks.items()))
