"""Check the text, keys, values and references of blueprints.

Every problem of every FILE is shown at once, with its line and how to mend it; FILE is ./pod.yaml unless written. Nothing is
designed yet; `podwright check` goes on from here.

\b
  podwright validate pod.yaml
  podwright validate pods/*/pod.yaml --format json
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from podwright.cli.findings import as_data, has_errors
from podwright.cli.verb import blueprints, form, print_findings, print_json, quiet, verb
from podwright.errors import BlueprintError
from podwright.model.report import Finding
from podwright.pipeline import read_blueprint


@verb(__doc__)
@blueprints
@form()
@quiet
def command(files: Sequence[Path], form: str, quiet: bool) -> int:
    found = {file: _problems(file) for file in files}
    everything = [finding for findings in found.values() for finding in findings]
    if form == "json":
        print_json(as_data(everything))
    else:
        _print_valid([file for file, findings in found.items() if not findings], quiet)
        print_findings(everything)
    return int(has_errors(everything))


def _problems(file: Path) -> tuple[Finding, ...]:
    try:
        read_blueprint(file)
    except BlueprintError as problem:
        return problem.findings
    return ()


def _print_valid(files: Sequence[Path], quiet: bool) -> None:
    for file in () if quiet else files:
        click.echo(f"{file}: valid")
