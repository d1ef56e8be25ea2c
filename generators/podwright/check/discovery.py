"""All checks, found by walking the package they lie in: a new module is a new page, and no list is kept."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from podwright.check import rules
from podwright.check.framework import Check, Fault
from podwright.design import Index


def registry() -> dict[str, Check[Index, Fault]]:
    """Every check of a design by its code, in order of codes."""
    return found_in(rules)


def found_in(package: ModuleType) -> dict[str, Check[Any, Any]]:
    """Every check that a module of `package` defines, by its code, in order of codes."""
    checks: dict[str, Check[Any, Any]] = {}
    for module in sorted(each.name for each in walk_packages(package.__path__, f"{package.__name__}.")):
        for value in vars(import_module(module)).values():
            if isinstance(value, Check) and checks.setdefault(value.code, value) is not value:
                raise AssertionError(f"two checks have the code {value.code}")
    return dict(sorted(checks.items()))
