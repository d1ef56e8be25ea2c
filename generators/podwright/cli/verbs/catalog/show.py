"""Show one entry of the catalogue, with its sources.

With FILE, a blueprint, also those of its own catalogue.

\b
  podwright catalog show sn5600
  podwright catalog show leaf-64 pod.yaml
  podwright catalog show hgx-h100 --format json
"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
import yaml

from podwright.catalog import Catalog, load, shelves
from podwright.cli.verb import PATH, form, print_json, verb
from podwright.errors import UsageError
from podwright.model.near import likely_meant
from podwright.pipeline import read_blueprint


def _names(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in _known(load()) if name.startswith(begun)]


def _known(catalog: Catalog) -> list[str]:
    return sorted(name for _, shelf in shelves(catalog) for name in shelf)


@verb(__doc__)
@click.argument("name", shell_complete=_names)
@click.argument("file", type=PATH, required=False)
@form()
def command(name: str, file: Path | None, form: str) -> None:
    catalog = read_blueprint(file)[2] if file else load()
    known = _known(catalog)
    if name not in known:
        near = " or ".join(f"`{each}`" for each in likely_meant(name, known))
        hint = f"Did you mean {near}?" if near else "Run `podwright catalog list`."
        raise UsageError(f"the catalogue has no entry `{name}`", fix=hint)
    data = msgspec.to_builtins(next(shelf[name] for _, shelf in shelves(catalog) if name in shelf))
    if form == "json":
        print_json({name: data})
    else:
        click.echo(yaml.safe_dump({name: data}, sort_keys=False, width=120, allow_unicode=True), nl=False)
