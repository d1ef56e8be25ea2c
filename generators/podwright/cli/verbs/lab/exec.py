"""Run a command in a node of a lab.

Prints what the command prints, once it has ended, and exits as it does.

\b
  podwright lab exec atlas backend-leaf-u001-r0 -- ip route
  podwright lab exec atlas backend-leaf-u001-r0 -- vtysh -c 'show bgp summary'
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from podwright.cli.labs import lab_name
from podwright.cli.verb import verb
from podwright.lab import labs

_SECONDS = 600.0


@verb(__doc__, context_settings={"ignore_unknown_options": True})
@lab_name
@click.argument("node")
@click.argument("words", nargs=-1, required=True, metavar="-- CMD...", type=click.UNPROCESSED)
def command(name: str, node: str, words: Sequence[str]) -> int:
    done = labs.fabric(name).run(node, words, timeout=_SECONDS)
    click.echo(done.stdout, nl=False)
    click.echo(done.stderr, nl=False, err=True)
    return done.status if done.status >= 0 else 128 - done.status
