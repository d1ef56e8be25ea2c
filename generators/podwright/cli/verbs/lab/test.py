"""Put a configured lab to the test.

Sessions, routes, neighbours, reachability, MTU, paths, marking, congestion, zones and files; with
--faults also cables and switches that fail: `sample` takes one of each kind, `all` every one of them. The lab is whole
again afterwards.

\b
  podwright lab test atlas
  podwright lab test atlas --faults sample --junit report.xml
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.labs import lab_name
from podwright.cli.progress import progress
from podwright.cli.report import report_data, report_text
from podwright.cli.verb import PATH, caution, form, print_json, quiet, verb
from podwright.errors import TreeError
from podwright.pipeline import lab_shortages, lab_test
from podwright.verify.junit import junit


@verb(__doc__)
@lab_name
@click.option("--faults", type=click.Choice(["sample", "all"]), default=None, help="Cut cables and switches too.")
@click.option("--junit", "file", type=PATH, default=None, metavar="PATH", help="Write the report as JUnit XML as well.")
@form()
@quiet
def command(name: str, faults: str | None, file: Path | None, form: str, quiet: bool) -> int:
    caution(lab_shortages(name))
    with progress(quiet) as tell:
        report = lab_test(name, faults=faults or "", progress=tell)
    if file is not None:
        _write(file, junit(report))
    if form == "json":
        print_json(report_data(report))
    elif report.failed or not quiet:
        click.echo(report_text(report, quiet))
    return int(report.failed)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise TreeError(f"{file} can't be written: {problem.strerror}", fix="Choose another path.") from problem
