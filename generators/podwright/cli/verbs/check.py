"""Design a pod and prove the design on paper.

Ports, speeds, addresses, redundancy, lossless classes: everything that can be proved before a cable is bought.
`podwright explain CODE` tells what stands behind a finding.

\b
  podwright check pod.yaml
  podwright check pod.yaml --format json
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.findings import as_data, has_errors
from podwright.cli.verb import blueprint, form, print_findings, print_json, quiet, verb
from podwright.errors import BlueprintError
from podwright.model.report import Finding, Severity
from podwright.pipeline import check_pod


@verb(__doc__)
@blueprint
@form()
@quiet
def command(file: Path, form: str, quiet: bool) -> int:
    findings = _findings(file)
    if form == "json":
        print_json(as_data(findings))
    else:
        print_findings([each for each in findings if not quiet or each.severity > Severity.NOTE])
        if not findings and not quiet:
            click.echo(f"{file}: every check passes")
    return int(has_errors(findings))


def _findings(file: Path) -> tuple[Finding, ...]:
    try:
        return check_pod(file).findings
    except BlueprintError as problem:
        return problem.findings
