"""Begin a pod: a folder with a blueprint, ready for Git.

The blueprint is a copy of a reference one, with positions and pools written, and checks clean. Editors that speak the
YAML language server complete and explain its keys, by the schema beside it.

\b
  podwright new atlas --from hgx-h100-32
  podwright new lab1 --from starter-4 --output pods/lab1
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.starter import references, starter_files, write_starter
from podwright.cli.verb import PATH, quiet, verb


def _references(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in references() if name.startswith(begun)]


@verb(__doc__)
@click.argument("name")
@click.option(
    "--from",
    "reference",
    required=True,
    metavar="BLUEPRINT",
    help="The reference blueprint to begin with.",
    shell_complete=_references,
)
@click.option(
    "-o", "--output", type=PATH, default=None, metavar="DIR", help="The folder; the pod's name unless written."
)
@quiet
def command(name: str, reference: str, output: Path | None, quiet: bool) -> None:
    files = starter_files(name, reference)
    target = output or Path(name)
    write_starter(target, files)
    if not quiet:
        click.echo(f"{target}: {', '.join(sorted(files))}\nnext: podwright check {target}")
