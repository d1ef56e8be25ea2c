"""Write configurations, Ansible, documents, the twin's topology.

The folder is Podwright's: files that are no longer rendered are removed, files you edited are never overwritten unless
you say --force, and an interrupted run leaves every file whole. With --only or --device nothing else is touched. FILE is
./pod.yaml unless written.

\b
  podwright render pod.yaml --output build
  podwright render pod.yaml --output build --diff
  podwright render pod.yaml --output build --only frr --device gpu-u001-s01
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from podwright.cli.progress import progress
from podwright.cli.verb import PATH, blueprint, form, print_json, quiet, verb, warn
from podwright.pipeline import PARTS, check_pod, refuse, render_pod
from podwright.render import Written, diff, write


def _targets(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in PARTS if name.startswith(begun)]


@verb(__doc__)
@blueprint
@click.option("-o", "--output", type=PATH, required=True, metavar="DIR", help="The folder to write.")
@click.option(
    "--only",
    multiple=True,
    metavar="TARGET",
    help="Write only what this target renders; may be repeated.",
    shell_complete=_targets,
)
@click.option("--device", multiple=True, metavar="NAME", help="Write only what this device gets; may be repeated.")
@click.option("--diff", "show", is_flag=True, help="Print the changes as a diff and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite hand-edited and foreign files, and the tree of another pod.")
@form()
@quiet
def command(
    file: Path,
    output: Path,
    only: Sequence[str],
    device: Sequence[str],
    show: bool,
    force: bool,
    form: str,
    quiet: bool,
) -> None:
    with progress(quiet) as tell:
        tell("designing", 0, 0)
        pod = check_pod(file)
        refuse(pod.findings)
        tell("rendering", 0, 0)
        artifacts = render_pod(pod)
    warn(pod.findings, quiet)
    if show:
        _print_diff(diff(artifacts, output, only=only, device=device), form)
        return
    written = write(artifacts, output, only=only, device=device, force=force, pod=pod.blueprint.name)
    if form == "json":
        print_json({**written._asdict(), "folder": str(written.folder)})
    elif not quiet:
        click.echo(_sentence(written))


def _print_diff(text: str, form: str) -> None:
    if form == "json":
        print_json({"diff": text})
    else:
        click.echo("".join(map(_coloured, text.splitlines(keepends=True))), nl=False)


def _coloured(line: str) -> str:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    if line.startswith(("+++", "---", "diff ")):
        return click.style(line, bold=True)
    return click.style(line, fg=colours[line[0]]) if line[0] in colours else line


def _sentence(written: Written) -> str:
    counts = {
        "new": len(written.created),
        "changed": len(written.updated),
        "removed": len(written.removed),
        "unchanged": written.unchanged,
        "yours": len(written.kept),
    }
    return f"{written.folder}: " + ", ".join(f"{count} {word}" for word, count in counts.items() if count)
