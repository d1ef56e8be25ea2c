"""What the verbs share: their options, and how they print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from podwright.cli.findings import coloured, failure_as_data, summary
from podwright.cli.guard import BROKEN_PIPE, discard_output
from podwright.errors import PodwrightError
from podwright.model.report import Finding, Severity

Function = TypeVar("Function", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)


class Verb(click.Command):
    """A command that, asked for JSON, gives its failure as JSON too."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PodwrightError as problem:
            if ctx.params.get("form") != "json":
                raise
            print_json(failure_as_data(problem))
            return problem.exit_code
        except BrokenPipeError:  # told to the guard here, since click has an exit code of its own for it
            discard_output()
            return BROKEN_PIPE


def verb(documentation: str | None, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a verb whose help is the docstring of its file."""
    return click.command(cls=Verb, help=documentation, **settings)


def blueprint(function: Function) -> Function:
    """The argument FILE: a blueprint, or a folder that holds pod.yaml."""
    return click.argument("file", type=PATH)(function)


def blueprints(function: Function) -> Function:
    """The arguments FILE...: blueprints, or folders that hold pod.yaml."""
    return click.argument("files", type=PATH, nargs=-1, required=True, metavar="FILE...")(function)


def rendered(function: Function) -> Function:
    """The argument BUILD: a folder that `podwright render` wrote."""
    return click.argument("build", type=PATH)(function)


def form(*choices: str) -> Callable[[Function], Function]:
    """The option --format; the first choice is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(choices or ("text", "json")),
        default=(choices or ("text",))[0],
        show_default=True,
        help="How the result is printed.",
    )


def quiet(function: Function) -> Function:
    """The option --quiet."""
    return click.option("-q", "--quiet", is_flag=True, help="Print no progress, and nothing where all is well.")(
        function
    )


def print_json(data: object) -> None:
    """One JSON document on stdout."""
    click.echo(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def print_findings(findings: Sequence[Finding]) -> None:
    """Findings as a report: on stdout, followed by their count."""
    if findings:
        click.echo("\n\n".join(map(coloured, findings)))
        click.echo(f"\n{summary(findings)}")


def caution(sentences: Sequence[str]) -> None:
    """What may go wrong for a reason that lies outside the pod, on stderr."""
    for sentence in sentences:
        click.echo(f"warning: {sentence}", err=True)


def warn(findings: Sequence[Finding], quiet: bool) -> None:
    """What was found beside the verb's own business: warnings on stderr, notes as a count."""
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    for finding in warnings:
        click.echo(f"{coloured(finding)}\n", err=True)
    notes = [finding for finding in findings if finding.severity is Severity.NOTE]
    if notes and not quiet:
        click.echo(f"{summary(notes)}: `podwright check` shows what was noticed.", err=True)
