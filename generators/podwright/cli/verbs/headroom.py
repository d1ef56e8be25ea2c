"""Compute the PFC headroom of a port, with every term of the sum.

\b
  podwright headroom --asic spectrum-4 --speed 400G --cable 40m
  podwright headroom --asic spectrum-4 --speed 400G --cable 40m --lossless-mtu 4096
  podwright headroom --asic tomahawk-5 --speed 800G --cable 30m --table pg_profile_lookup.ini

xoff is what still arrives after the port has paused its peer, xon the threshold below which it lets it go on, size what
the priority group reserves in all: the three of a buffer profile in SONiC. Defaults are SONiC's own; RoCE with a path MTU
of 4096 bytes has larger frames than SONiC's 1024: write --lossless-mtu 4096 for it.

The name of a chip is that of an entry of the catalogue (podwright catalog list); with FILE, a blueprint, also of its own.
--table reads a platform's pg_profile_lookup.ini, whose row goes before the formula.
"""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any, Literal

import click

from podwright.catalog import load
from podwright.cli.headroom_report import Asked, report_as_data, report_as_text
from podwright.cli.headroom_words import (
    cable_of,
    chip_of,
    refuse_few_lanes,
    refuse_larger_frames,
    speed_of,
    table_of,
)
from podwright.cli.verb import PATH, form, print_json, verb
from podwright.design.headroom import (
    LOSSLESS_MTU,
    PORT_MTU,
    SMALL_PACKETS,
    Question,
    current,
    headroom,
    look_up,
    published,
    tabled,
)
from podwright.pipeline import read_blueprint

_FRAMES = click.IntRange(64, 65535)


class _Number(click.FloatRange):
    """A number within limits. `nan` is within none, though no comparison finds it beyond one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def _chips(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in load().asics if name.startswith(begun)]


@verb(__doc__)
@click.argument("file", type=PATH, required=False)
@click.option("--asic", required=True, metavar="CHIP", shell_complete=_chips, help="The switching chip, as spectrum-4.")
@click.option("--speed", required=True, metavar="SPEED", help="Of the port, as 400G.")
@click.option("--cable", required=True, metavar="LENGTH", help="To the peer, as 40m.")
@click.option("--port-mtu", type=_FRAMES, default=PORT_MTU, show_default=True, help="Largest frame of the port, bytes.")
@click.option(
    "--lossless-mtu",
    type=_FRAMES,
    default=LOSSLESS_MTU,
    show_default=True,
    help="Largest frame of the lossless class, bytes; 4096 for RoCE with that path MTU.",
)
@click.option(
    "--small-packets",
    type=_Number(0, 100),
    default=SMALL_PACKETS,
    show_default=True,
    help="Packets of 64 bytes, percent.",
)
@click.option(
    "--pause-quanta/--no-pause-quanta",
    default=True,
    show_default=True,
    help="The peer's response by IEEE 802.3, else 3.8 KiB as in older tables.",
)
@click.option(
    "--peer-response", type=click.IntRange(0), default=None, metavar="BYTES", help="The peer's own, measured."
)
@click.option(
    "--gearbox-delay", type=_Number(0, 1_000_000), default=0, metavar="NS", help="Of one gearbox, nanoseconds."
)
@click.option(
    "--lanes",
    type=click.Choice(["1", "2", "4", "8"]),
    default=None,
    help="Lanes of the port; as few as its speed takes unless written. 400G on a whole cage may have 8.",
)
@click.option("--shared-headroom-pool", is_flag=True, help="xoff comes from a pool, so that size is xon alone.")
@click.option(
    "--arithmetic",
    type=click.Choice(["published", "current"]),
    default="published",
    show_default=True,
    help="Of SONiC on NVIDIA Spectrum: as the platforms' published tables, or as its current dynamic buffer model, which "
    "rounds more and adds 2 KiB where few small packets leave too little. Designs of pods use the larger.",
)
@click.option("--table", type=PATH, default=None, metavar="INI", help="A platform's pg_profile_lookup.ini.")
@form()
def command(
    file: Path | None,
    asic: str,
    speed: str,
    cable: str,
    port_mtu: int,
    lossless_mtu: int,
    small_packets: float,
    pause_quanta: bool,
    peer_response: int | None,
    gearbox_delay: float,
    lanes: str | None,
    shared_headroom_pool: bool,
    arithmetic: Literal["published", "current"],
    table: Path | None,
    form: str,
) -> None:
    name, chip = chip_of(asic, read_blueprint(file)[2] if file else load())
    refuse_larger_frames(lossless_mtu, port_mtu)
    question = Question(
        mbps=speed_of(speed, name, chip),
        metres=cable_of(cable),
        port_mtu=port_mtu,
        lossless_mtu=lossless_mtu,
        small_packets=small_packets,
        pause_quanta=pause_quanta,
        peer_response_bytes=peer_response,
        gearbox_ns=gearbox_delay,
        lanes=int(lanes or 0),
        shared_headroom_pool=shared_headroom_pool,
    )
    question = published(chip, question) if arithmetic == "published" else current(question)
    refuse_few_lanes(question.lanes, question.mbps, name, chip)
    computed = headroom(chip, question)
    looked = tabled(look_up(table_of(table), chip, question), computed, question, table.name) if table else None
    asked = Asked(name, question, computed, looked)
    if form == "json":
        print_json(report_as_data(asked))
    else:
        click.echo(report_as_text(asked))
