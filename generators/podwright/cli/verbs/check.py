"""Design a pod and prove the design on paper.

Ports, speeds, addresses, redundancy, lossless classes: everything that can be proved before a cable is bought.
`podwright explain CODE` tells what stands behind a finding.

\b
  podwright check pod.yaml
  podwright check pods/*/pod.yaml --format json
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from podwright.cli.findings import as_data, has_errors
from podwright.cli.verb import blueprints, form, print_findings, print_json, quiet, verb
from podwright.errors import BlueprintError
from podwright.model.report import Finding, Severity
from podwright.pipeline import check_pod


@verb(__doc__)
@blueprints
@form()
@quiet
def command(files: Sequence[Path], form: str, quiet: bool) -> int:
    found = {file: _findings(file) for file in files}
    everything = [finding for findings in found.values() for finding in findings]
    if form == "json":
        print_json(as_data(everything))
    else:
        for file in (file for file, findings in found.items() if not findings and not quiet):
            click.echo(f"{file}: every check passes")
        print_findings([each for each in everything if not quiet or each.severity > Severity.NOTE])
    return int(has_errors(everything))


def _findings(file: Path) -> tuple[Finding, ...]:
    try:
        return check_pod(file).findings
    except BlueprintError as problem:
        return problem.findings
