"""Show what is decided: counts, arithmetic, addresses, devices.

As tables for people, or as the whole design in JSON, byte for byte the design.json that `podwright render` writes. FILE is
./pod.yaml unless written.

\b
  podwright design pod.yaml
  podwright design pod.yaml --show-defaults
  podwright design pod.yaml --format json
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.defaults import unwritten
from podwright.cli.design_tables import design_tables
from podwright.cli.table import table
from podwright.cli.verb import blueprint, form, print_json, quiet, verb, warn
from podwright.pipeline import design_json, design_pod


@verb(__doc__)
@blueprint
@form("table", "json")
@click.option("--show-defaults", is_flag=True, help="Show every key that was not written, with the value that applies.")
@quiet
def command(file: Path, form: str, show_defaults: bool, quiet: bool) -> None:
    pod = design_pod(file)
    warn(pod.findings, quiet)
    if show_defaults:
        defaults = list(unwritten(pod))
        if form == "json":
            print_json({"defaults": [default._asdict() for default in defaults]})
        else:
            click.echo(table("Keys that were not written", ("key", "value", "where it comes from"), defaults))
    elif form == "json":
        click.echo(design_json(pod.design), nl=False)
    else:
        click.echo(design_tables(pod.design))
