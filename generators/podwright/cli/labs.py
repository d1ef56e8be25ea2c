"""Names of labs on the command line, completed from those that are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from podwright.errors import PodwrightError
from podwright.lab import registry

Function = TypeVar("Function", bound=Callable[..., Any])


def lab_names(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The labs whose names begin so; none where the records can't be read, since a shell is waiting."""
    try:
        return [lab.name for lab in registry.recorded() if lab.name.startswith(begun)]
    except PodwrightError:
        return []


def lab_name(function: Function) -> Function:
    """The argument NAME: a lab."""
    return click.argument("name", shell_complete=lab_names)(function)


def in_lab(help_text: str) -> Callable[[Function], Function]:
    """The option --lab."""
    return click.option("--lab", default="", metavar="NAME", help=help_text, shell_complete=lab_names)
