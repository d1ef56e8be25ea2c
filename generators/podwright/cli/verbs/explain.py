"""Tell what stands behind a finding, a device or a port.

WHAT is the code of a finding, the name of a device, or DEVICE:PORT. Devices and ports are looked up in the pod of FILE,
which is ./pod.yaml unless written.

\b
  podwright explain FAB001
  podwright explain gpu-u001-s01 pod.yaml
  podwright explain gpu-u001-s01:rail0 pod.yaml
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.explanation import explain_device, explain_port
from podwright.cli.prose_of_codes import CODE, prose_of
from podwright.cli.verb import PATH, verb
from podwright.pipeline import design_pod


@verb(__doc__)
@click.argument("what", metavar="CODE|DEVICE|PORT")
@click.argument("file", type=PATH, default=Path())
@click.option("--in", "inside", type=PATH, default=None, metavar="FILE", help="The same as FILE.")
def command(what: str, file: Path, inside: Path | None) -> None:
    if CODE.fullmatch(what):
        click.echo(prose_of(what))
        return
    pod = design_pod(inside or file)
    device, _, port = what.partition(":")
    click.echo(explain_port(pod, device, port) if port else explain_device(pod, device))
