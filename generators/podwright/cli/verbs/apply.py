"""Bring devices to the rendered state, by the rendered Ansible.

BUILD is a folder that `podwright render` wrote. Without --lab, Ansible reaches the real devices as the inventory says.
With --lab it configures that virtual fabric instead. --check changes nothing and shows what would change.

\b
  podwright apply build --lab atlas
  podwright apply build --check
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.progress import progress
from podwright.cli.report import applied_text
from podwright.cli.verb import form, print_json, quiet, rendered, verb
from podwright.pipeline import apply_build


@verb(__doc__)
@rendered
@click.option("--lab", default="", metavar="NAME", help="Configure this virtual fabric instead of real devices.")
@click.option("--check", is_flag=True, help="Change nothing; show what would change.")
@form()
@quiet
def command(build: Path, lab: str, check: bool, form: str, quiet: bool) -> int:
    with progress(quiet) as tell:
        applied = apply_build(build, lab=lab, check=check, progress=tell)
    if form == "json":
        print_json(applied)
    elif not (quiet and applied.good):
        click.echo(applied_text(applied))
    return int(not applied.good)
