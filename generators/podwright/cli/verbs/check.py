"""Design a pod and prove the design on paper.

Ports, speeds, addresses, redundancy, lossless classes: everything that can be proved before a cable is bought.
FILE is ./pod.yaml unless written. `podwright explain CODE` tells what stands behind a finding. `--config DIR` looks at
configurations that Podwright did not write, as `podwright lint DIR` does.

\b
  podwright check pod.yaml
  podwright check pods/*/pod.yaml --format json
  podwright check --changed catalog/switches/leaf-64.yaml
  podwright check --config seen/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from podwright.check import proof_in_a_line
from podwright.cli.findings import as_data, has_errors
from podwright.cli.linting import CONGESTED, report
from podwright.cli.verb import PATH, POD_HERE, form, print_findings, print_json, quiet, verb
from podwright.errors import BlueprintError, UsageError
from podwright.lint import Options
from podwright.model.network import DeadlockProof
from podwright.model.report import Finding, Severity
from podwright.pipeline import check_pod, pods_that_read


@verb(__doc__)
@click.argument("files", type=PATH, nargs=-1, metavar="[FILE]...")
@click.option(
    "--config", type=PATH, default=None, metavar="DIR", help="A folder of configurations in place of blueprints."
)
@click.option(
    "--changed",
    is_flag=True,
    help="FILE... are what changed: check each pod.yaml from here down that is one of them, extends one, or has one in its "
    "catalogue.",
)
@CONGESTED
@form()
@quiet
def command(files: Sequence[Path], config: Path | None, changed: bool, congested: int, form: str, quiet: bool) -> int:
    if not files and config is None and not changed and POD_HERE.exists():
        files = (POD_HERE,)
    if (config is None) == (not files):
        raise UsageError(
            "`podwright check` looks at blueprints, or at one folder of configurations",
            fix="Name FILE, or `--config DIR`.",
            see="docs/stages/check.md",
        )
    if config is not None:
        return report(config, Options(congested=congested), form)
    pods = pods_that_read(files, Path()) if changed else files
    checked = {file: _checked(file) for file in pods}
    everything = [finding for each in checked.values() for finding in each.findings]
    if form == "json":
        proofs = [proof for each in checked.values() for proof in each.proofs]
        print_json({**as_data(everything), "proofs": proofs})
    else:
        for file, each in checked.items() if not quiet else ():
            _tell(file, each)
        print_findings([each for each in everything if not quiet or each.severity > Severity.NOTE])
    return int(has_errors(everything))


class _Checked(NamedTuple):
    findings: tuple[Finding, ...]
    proofs: tuple[DeadlockProof, ...] = ()


def _checked(file: Path) -> _Checked:
    try:
        pod = check_pod(file)
    except BlueprintError as problem:
        return _Checked(problem.findings)
    return _Checked(pod.findings, pod.proofs)


def _tell(file: Path, checked: _Checked) -> None:
    """What is good about a pod; what is not are findings."""
    if not checked.findings:
        click.echo(f"{file}: every check passes")
    for proof in checked.proofs:
        if proof.free:
            click.echo(f"{file}: {proof_in_a_line(proof)}")
