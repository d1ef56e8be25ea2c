"""What `lint` and `check --config` print."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.findings import as_data, has_errors
from podwright.cli.verb import print_findings, print_json
from podwright.lint import Linted, Options
from podwright.pipeline import lint_folder

_SHOWN_FILES = 3

CONGESTED = click.option(
    "--congested",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    callback=lambda _ctx, _parameter, value: value or 0,
    help="How many lossless priority groups of a switch are congested at once.  [default: all of them]",
)


def report(folder: Path, options: Options, form: str) -> int:
    """Print what lint finds in the folder; the exit code."""
    linted = lint_folder(folder, options)
    if form == "json":
        counted = {"switches": linted.switches, "hosts": linted.hosts}
        print_json({**as_data(linted.findings), "read": counted, "unknown": linted.unknown, "unread": linted.unread})
    else:
        print_findings(linted.findings)
        click.echo(_closing(linted))
    return int(has_errors(linted.findings))


def _closing(linted: Linted) -> str:
    """What was read, and what it leaves open."""
    read = f"{_counted(linted.switches, 'switch', 'switches')} and {_counted(linted.hosts, 'host', 'hosts')} read"
    lines = [read if linted.findings or not linted.switches else f"{read}: every check passes"]
    lines += ["not known:", *(f"  {each}" for each in linted.unknown)] if linted.unknown else []
    lines += [f"not read, since nothing in it is known: {_some(linted.unread)}"] if linted.unread else []
    return "\n".join(lines)


def _some(files: tuple[str, ...]) -> str:
    more = len(files) - _SHOWN_FILES
    return ", ".join(files[:_SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
