"""Compare running devices with their design, by reading only.

Sessions, routes and neighbours of the devices of BUILD, a folder that `podwright render` wrote: those with SONiC,
Cumulus Linux, FRR or Linux. Claims about others, as EOS, are skipped. With --lab the virtual fabric is read instead of
the real devices.

\b
  podwright verify build --lab atlas
  podwright verify build --format json
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.labs import in_lab
from podwright.cli.progress import progress
from podwright.cli.report import report_data, report_text
from podwright.cli.verb import form, print_json, quiet, rendered, verb
from podwright.pipeline import verify_build


@verb(__doc__)
@rendered
@in_lab("Read this virtual fabric instead of real devices.")
@form()
@quiet
def command(build: Path, lab: str, form: str, quiet: bool) -> int:
    with progress(quiet) as tell:
        report = verify_build(build, lab=lab, progress=tell)
    if form == "json":
        print_json(report_data(report))
    elif report.failed or not quiet:
        click.echo(report_text(report, quiet))
    return int(report.failed)
