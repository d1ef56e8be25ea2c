"""Bring devices and the cluster to the rendered state.

BUILD is a folder that `podwright render` wrote. Switches and servers get it by the rendered Ansible, at the addresses of
the inventory, or with --lab in that virtual fabric; the Kubernetes cluster by the rendered Pulumi program. Without --layer
it is the switches and servers: the cluster is touched only where it is asked for. --check changes nothing and shows what
would change.

\b
  podwright apply build --lab atlas
  podwright apply build --layer fabric --check
  podwright apply build --device backend-spine-001
  podwright apply build --layer fabric --batch 1
  podwright apply build --layer cluster
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from podwright.cli.labs import in_lab
from podwright.cli.progress import progress
from podwright.cli.report import applied_text, cluster_text
from podwright.cli.verb import form, print_json, quiet, rendered, verb
from podwright.errors import UsageError
from podwright.model.report import Applied, ClusterApplied
from podwright.pipeline import LAYERS, Reach, apply_build, apply_cluster_of

CLUSTER = "cluster"
BATCH = re.compile(r"[1-9]\d*%?")


@verb(__doc__)
@rendered
@in_lab("Configure this virtual fabric instead of real devices.")
@click.option(
    "--layer", type=click.Choice((*LAYERS, CLUSTER)), help="Only switches, only servers, or the Kubernetes cluster."
)
@click.option("--device", "devices", multiple=True, metavar="NAME", help="Only this device; may be repeated.")
@click.option(
    "--batch", default="", metavar="N|N%", help="So many devices at a time; stops after a batch in which one failed."
)
@click.option("--check", is_flag=True, help="Change nothing; show what would change.")
@click.option("--offline", is_flag=True, help="With --layer cluster --check: ask no cluster either.")
@form()
@quiet
def command(
    build: Path,
    lab: str,
    layer: str | None,
    devices: tuple[str, ...],
    batch: str,
    check: bool,
    offline: bool,
    form: str,
    quiet: bool,
) -> int:
    _refuse_contradictions(lab, layer, check, offline)
    if devices and layer:
        raise UsageError("a device is of one layer", fix="Leave out --layer or --device.")
    if batch and layer == CLUSTER:
        raise UsageError("a cluster has no devices to go through in batches", fix="Leave out --batch.")
    if batch and not BATCH.fullmatch(batch):
        raise UsageError(f"`{batch}` is no batch", fix="Write a number of devices or a share, as 4 or 25%.")
    with progress(quiet) as tell:
        applied: Applied | ClusterApplied
        if layer == CLUSTER:
            applied = apply_cluster_of(build, check=check, offline=offline, progress=tell)
            text = cluster_text(applied)
        else:
            part = next((each for each in LAYERS if each == layer), None)
            applied = apply_build(build, lab=lab, reach=Reach(part, devices, batch), check=check, progress=tell)
            text = applied_text(applied)
    if form == "json":
        print_json(applied)
    elif not (quiet and applied.good):
        click.echo(text)
    return int(not applied.good)


def _refuse_contradictions(lab: str, layer: str | None, check: bool, offline: bool) -> None:
    if lab and layer == CLUSTER:
        raise UsageError("a virtual fabric has no cluster", fix="Leave out --lab, or choose another --layer.")
    if offline and not (check and layer == CLUSTER):
        raise UsageError("--offline shows what a cluster would get", fix="Add --layer cluster --check.")
