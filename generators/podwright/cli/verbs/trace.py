"""Follow a flow through a fabric, hop by hop.

From SOURCE to TARGET over the routes of the design: servers with a rail or a port (gpu-u001-s01:3 is rail 3), servers and
switches alone for their loopbacks. The pod is that of FILE, which is ./pod.yaml unless written. With --fail, routes are
those after a cable or a device has failed: DEVICE, DEVICE:PORT, or DEVICE:PORT-DEVICE:PORT, as often as needed.

\b
  podwright trace gpu-u001-s01:3 gpu-u001-s32:3
  podwright trace gpu-u001-s01:rail3 gpu-u001-s32:rail5 pod.yaml --all
  podwright trace gpu-u001-s01:3 gpu-u001-s32:5 --fail backend-spine-001
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from podwright.cli.verb import PATH, form, print_json, verb
from podwright.cli.way import way_data, way_text
from podwright.errors import PodwrightError, UsageError
from podwright.pipeline import design_pod, trace_flow

_HERE = Path()


def _ends(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Devices of the pod here, and behind a colon their ports."""
    try:
        design = design_pod(ctx.params.get("inside") or _HERE).design
    except PodwrightError:
        return []
    device, colon, _ = begun.partition(":")
    ports = [f"{each.device}:{each.interface}" for each in design.attachments if each.device == device]
    names = ports if colon else [each.name for each in design.devices]
    return [name for name in names if name.startswith(begun)]


@verb(__doc__)
@click.argument("source", metavar="SOURCE", shell_complete=_ends)
@click.argument("target", metavar="TARGET", shell_complete=_ends)
@click.argument("file", type=PATH, default=_HERE)
@click.option("--in", "inside", type=PATH, default=None, metavar="FILE", help="The same as FILE.")
@click.option("--fail", "failing", multiple=True, metavar="LINK|DEVICE", help="What has failed; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="List every equal way, not one of them.")
@form()
def command(
    source: str,
    target: str,
    file: Path,
    inside: Path | None,
    failing: Sequence[str],
    everything: bool,
    form: str,
) -> int:
    traced = trace_flow(design_pod(_file(source, target, inside or file)).design, source, target, failing)
    if form == "json":
        print_json(way_data(traced, everything))
    else:
        click.echo(way_text(traced, everything))
    return int(not traced.arrives)


def _file(source: str, target: str, file: Path) -> Path:
    if file == _HERE and not (file / "pod.yaml").exists():
        raise UsageError(
            "flows are traced in a pod, and there is no pod.yaml here",
            fix=f"Name the blueprint: `podwright trace {source} {target} FILE`.",
            see="docs/stages/trace.md",
        )
    return file
