"""Build the virtual twin of a pod, bare: cables and interfaces.

FILE is ./pod.yaml unless written. --scale says how much of the pod: a number keeps at most that many devices, `ci` is 14,
`full` all of them; never fewer than show every rail, role and tier.
`podwright apply BUILD --lab NAME` configures it. The driver `netns` needs no container engine.

\b
  podwright lab up pod.yaml
  podwright lab up pod.yaml --scale 20 --name small
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.progress import progress
from podwright.cli.verb import blueprint, caution, form, print_json, quiet, verb, warn
from podwright.lab.registry import DriverName
from podwright.pipeline import LabUp, check_pod, lab_up, refuse


@verb(__doc__)
@blueprint
@click.option("--scale", default="ci", show_default=True, metavar="ci|full|N", help="How much of the pod.")
@click.option(
    "--driver",
    type=click.Choice(["netns", "containerlab"]),
    default="netns",
    show_default=True,
    help="What builds the nodes.",
)
@click.option("--name", default="", metavar="NAME", help="The name of the lab; the pod's unless written.")
@form()
@quiet
def command(file: Path, scale: str, driver: DriverName, name: str, form: str, quiet: bool) -> None:
    pod = check_pod(file)
    refuse(pod.findings)
    warn(pod.findings, quiet)
    with progress(quiet) as tell:
        lab = lab_up(pod, size=scale, driver=driver, name=name or pod.blueprint.name, progress=tell)
    caution(lab.short)
    if form == "json":
        print_json({**lab._asdict(), "build": str(lab.build)})
    elif not quiet:
        click.echo(_sentences(lab))


def _sentences(lab: LabUp) -> str:
    lines = [f"lab {lab.name}: {lab.nodes} nodes and {lab.links} cables in {lab.seconds:.1f} s"]
    lines += [f"this machine can't do: {', '.join(lab.missing)}"] if lab.missing else []
    lines += [f"configure it with `podwright apply BUILD --lab {lab.name}`; BUILD is what `podwright render` wrote"]
    return "\n".join(lines)
