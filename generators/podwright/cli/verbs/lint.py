"""Check configurations that Podwright did not write.

DIR holds config_db.json of SONiC switches and facts of hosts: what mlnx_qos, show_gids, sysctl and others print, the job's
NCCL variables, operators' templates. Its layout, and the commands that collect each file, are in docs/stages/lint.md.
Needs no blueprint.

\b
  podwright lint seen/
  podwright lint seen/ --congested 8
  podwright lint seen/ --format json
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.linting import CONGESTED, report
from podwright.cli.verb import PATH, form, verb
from podwright.lint import Options


@verb(__doc__)
@click.argument("folder", type=PATH, metavar="DIR")
@CONGESTED
@form()
def command(folder: Path, congested: int, form: str) -> int:
    return report(folder, Options(congested=congested), form)
