"""List all entries by name: switches, servers, cables and chips.

With FILE, a blueprint, also the entries of its own catalogue.

\b
  podwright catalog list
  podwright catalog list pod.yaml
  podwright catalog list --format json
"""

from __future__ import annotations

from pathlib import Path

import click

from podwright.catalog import CONFIGURED_SYSTEMS, Asic, Cable, Catalog, Server, Switch, load
from podwright.cli.table import table
from podwright.cli.verb import PATH, form, print_json, verb
from podwright.pipeline import read_blueprint


@verb(__doc__)
@click.argument("file", type=PATH, required=False)
@form()
def command(file: Path | None, form: str) -> None:
    catalog = read_blueprint(file)[2] if file else load()
    switches = [_switch(name, catalog.switches[name], _origin(catalog, "switches", name)) for name in catalog.switches]
    servers = [_server(name, catalog.servers[name], _origin(catalog, "servers", name)) for name in catalog.servers]
    cables = [_cable(name, catalog.cables[name], _origin(catalog, "cables", name)) for name in catalog.cables]
    asics = [_asic(name, catalog.asics[name], _origin(catalog, "asics", name)) for name in catalog.asics]
    if form == "json":
        print_json({"switches": switches, "servers": servers, "cables": cables, "asics": asics})
    else:
        click.echo(table("Switches", ("name", "vendor", "title", "ports", "systems", "from"), map(_row, switches)))
        click.echo()
        click.echo(table("Servers", ("name", "vendor", "title", "GPUs", "NICs", "from"), map(_row, servers)))
        click.echo()
        click.echo(table("Cables", ("name", "title", "ends", "reaches", "from"), map(_row, cables)))
        click.echo()
        click.echo(table("Switching chips", ("name", "title", "headroom", "cell", "fastest", "from"), map(_row, asics)))


def _row(entry: dict[str, object]) -> tuple[object, ...]:
    return tuple(entry.values())


def _origin(catalog: Catalog, kind: str, name: str) -> str:
    return "your catalogue" if f"{kind}/{name}" in catalog.own else "Podwright"


def _switch(name: str, switch: Switch, origin: str) -> dict[str, object]:
    ports = ", ".join(f"{cages.count} x {cages.modes[0].removeprefix('1x')}" for cages in switch.cages)
    return {
        "name": name,
        "vendor": switch.vendor,
        "title": switch.title,
        "ports": ports,
        "systems": [_system(name) for name in sorted(switch.nos)],
        "from": origin,
    }


def _system(name: str) -> str:
    return name if name in CONFIGURED_SYSTEMS else f"{name} (design only)"


def _server(name: str, server: Server, origin: str) -> dict[str, object]:
    gpus = f"{server.gpus} x {server.gpu_model}" if server.gpus else ""
    speeds: dict[tuple[str, int], int] = {}
    for nic in server.nics:
        speeds[nic.role, nic.gbps] = speeds.get((nic.role, nic.gbps), 0) + 1
    nics = ", ".join(f"{count} {role} {gbps}G" for (role, gbps), count in speeds.items())
    return {
        "name": name,
        "vendor": server.vendor,
        "title": server.title,
        "gpus": gpus,
        "nics": nics,
        "from": origin,
    }


def _cable(name: str, cable: Cable, origin: str) -> dict[str, object]:
    reaches = ", ".join(f"{each.metres} m at {each.lane_gbps}G a lane" for each in cable.reach)
    return {"name": name, "title": cable.title, "ends": cable.ends, "reaches": reaches, "from": origin}


def _asic(name: str, asic: Asic, origin: str) -> dict[str, object]:
    cell = f"{asic.cell_bytes} B" if asic.cell_bytes else ""
    fastest = f"{max(asic.speeds)}G"
    return {
        "name": name,
        "title": asic.title,
        "headroom": asic.headroom,
        "cell": cell,
        "fastest": fastest,
        "from": origin,
    }
