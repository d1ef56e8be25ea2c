"""Take a lab down: no process and no interface of it stays.

\b
  podwright lab down atlas
"""

from __future__ import annotations

import click

from podwright.cli.labs import lab_name
from podwright.cli.verb import quiet, verb
from podwright.pipeline import lab_down


@verb(__doc__)
@lab_name
@quiet
def command(name: str, quiet: bool) -> None:
    lab_down(name)
    if not quiet:
        click.echo(f"lab {name} is gone")
