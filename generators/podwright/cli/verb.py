"""What the verbs share: their options, and how they print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from podwright.cli.findings import coloured, failure_as_data, summary
from podwright.cli.guard import BROKEN_PIPE, discard_output
from podwright.errors import PodwrightError, UsageError
from podwright.model.report import Finding, Severity

Function = TypeVar("Function", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
POD_HERE = Path("pod.yaml")


class Verb(click.Command):
    """A command that, asked for JSON, gives its failure as JSON too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = list(args)  # click uses them up
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as problem:
            problem.ctx = problem.ctx or ctx  # click forgets it where an option lacks its value
            if not self._asked_for_json(words):
                raise
            wrong = UsageError(problem.format_message(), fix=f"Run `{ctx.command_path} --help`.")
            print_json(failure_as_data(wrong))
            ctx.exit(wrong.exit_code)

    def _asked_for_json(self, words: list[str]) -> bool:
        """Told from the words themselves, since they could not be read as options."""
        has_form = any(parameter.name == "form" for parameter in self.params)
        return has_form and ("--format=json" in words or ("--format", "json") in pairwise(words))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PodwrightError as problem:
            if ctx.params.get("form") != "json":
                raise
            print_json(failure_as_data(problem))
            return problem.exit_code
        except click.UsageError as problem:
            problem.ctx = problem.ctx or ctx
            raise
        except BrokenPipeError:  # told to the guard here, since click has an exit code of its own for it
            discard_output()
            return BROKEN_PIPE


def verb(documentation: str | None, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a verb whose help is the docstring of its file."""
    return click.command(cls=Verb, help=documentation, **settings)


def blueprint(function: Function) -> Function:
    """The argument FILE: a blueprint, or a folder that holds pod.yaml; ./pod.yaml unless written."""
    return click.argument("file", type=PATH, required=False, callback=_file_or_pod_here)(function)


def blueprints(function: Function) -> Function:
    """The arguments FILE...: blueprints, or folders that hold pod.yaml; ./pod.yaml unless written."""
    return click.argument("files", type=PATH, nargs=-1, metavar="[FILE]...", callback=_files_or_pod_here)(function)


def _file_or_pod_here(ctx: click.Context, parameter: click.Parameter, file: Path | None) -> Path:
    return file or _pod_here(ctx, parameter)


def _files_or_pod_here(ctx: click.Context, parameter: click.Parameter, files: tuple[Path, ...]) -> tuple[Path, ...]:
    return files or (_pod_here(ctx, parameter),)


def _pod_here(ctx: click.Context, parameter: click.Parameter) -> Path:
    if not POD_HERE.exists():
        raise click.MissingParameter("There is no pod.yaml here.", ctx=ctx, param=parameter, param_hint="'FILE'")
    return POD_HERE


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
