"""Tell what is behind a code, a device, a port, address or zone.

The code of a finding, the name of a device, DEVICE:PORT, an address or a prefix, or zone:NAME. All but codes are looked
up in the pod of FILE, which is ./pod.yaml unless written.

\b
  podwright explain FAB001
  podwright explain gpu-u001-s01 pod.yaml
  podwright explain gpu-u001-s01:rail0 pod.yaml
  podwright explain port backend-leaf-u001-r0:Ethernet0 pod.yaml
  podwright explain 10.128.2.1 pod.yaml
  podwright explain zone:compute pod.yaml
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.explanation import explain_device, explain_port
from podwright.cli.explanation_of_addresses import as_network, explain_address
from podwright.cli.explanation_of_zones import explain_zone
from podwright.cli.prose_of_codes import as_code, codes, prose_of
from podwright.cli.verb import PATH, verb
from podwright.errors import UsageError
from podwright.pipeline import Pod, design_pod

_HERE = Path()
ZONE = "zone:"
KINDS = frozenset({"code", "device", "port", "address"})


def _codes(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [code for code in codes() if code.startswith(begun.upper())]


@verb(__doc__)
@click.argument("words", metavar="CODE|DEVICE|PORT|ADDRESS|ZONE [FILE]", nargs=-1, required=True, shell_complete=_codes)
@click.option("--in", "inside", type=PATH, default=None, metavar="FILE", help="The same as FILE.")
def command(words: tuple[str, ...], inside: Path | None) -> None:
    what, file = _what_and_where(words)
    code = as_code(what)
    click.echo(prose_of(code) if code else _in_pod(_pod(what, inside or file), what))


def _what_and_where(words: tuple[str, ...]) -> tuple[str, Path]:
    """The kind of thing may be said before it, `port leaf:Ethernet0`; its name says it as well."""
    if len(words) > 1 and words[0] in KINDS:
        words = words[1:]
    what, *rest = words
    if len(rest) > 1:
        raise click.UsageError(f"Got unexpected extra argument ({rest[1]})")
    return what, Path(rest[0]) if rest else _HERE


def _in_pod(pod: Pod, what: str) -> str:
    if as_network(what):
        return explain_address(pod, what)
    if what.startswith(ZONE):
        return explain_zone(pod, what.removeprefix(ZONE))
    device, _, port = what.partition(":")
    return explain_port(pod, device, port) if port else explain_device(pod, device)


def _pod(what: str, file: Path) -> Pod:
    if file == _HERE and not (file / "pod.yaml").exists():
        raise UsageError(
            f"`{what}` is looked up in a pod, and there is no pod.yaml here",
            fix=f"Name the blueprint: `podwright explain {what} FILE`. Codes of findings need none, as FAB001.",
        )
    return design_pod(file)
