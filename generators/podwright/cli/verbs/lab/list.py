"""List the labs on this machine.

\b
  podwright lab list
  podwright lab list --format json
"""

from __future__ import annotations

import click

from podwright.cli.table import table
from podwright.cli.verb import form, print_json, verb
from podwright.lab import labs

_HEADINGS = ("name", "running", "driver", "mode", "nodes", "cables", "can't do")


@verb(__doc__)
@form()
def command(form: str) -> None:
    known = [
        {
            "name": each.lab.name,
            "running": each.running,
            "driver": each.lab.driver,
            "mode": each.lab.mode,
            "nodes": len(each.lab.topology.nodes),
            "links": len(each.lab.topology.links),
            "missing": each.lab.missing,
        }
        for each in labs.listing()
    ]
    if form == "json":
        print_json({"labs": known})
    else:
        click.echo(table("Labs", _HEADINGS, map(_row, known)))


def _row(lab: dict[str, object]) -> tuple[object, ...]:
    return tuple({**lab, "running": "yes" if lab["running"] else "no"}.values())
