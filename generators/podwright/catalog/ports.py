"""Ports of a model by position, however an operating system spells them.

A cage is whole or split; the names of its ports follow from its number and the position of the port's lanes in it. The
same position has a name, perhaps an alias, and on some command lines short forms: `find_port` leads all of them to one
identity, and `clash` says when two identities cannot exist together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from podwright.catalog.records import Cages, Nos, Switch

_LEADING_WORD = re.compile(r"[a-z]+")


class Cage(NamedTuple):
    """One cage of a model: `first` is the number that SONiC gives its first port, `lane` its first lane."""

    number: int
    run: Cages
    first: int
    lane: int


class PortId(NamedTuple):
    """A port by position: its cage, and which sub-port of it from 1; 0 is the whole cage."""

    cage: int
    sub: int


class PortName(NamedTuple):
    """How a NOS spells a port; `alias` is empty where it has none."""

    name: str
    alias: str


class CatalogPort(NamedTuple):
    """A port that a model can have, in a cage split as `mode`."""

    position: PortId
    mode: str
    name: PortName
    lanes: tuple[int, ...]


def cages(model: Switch) -> tuple[Cage, ...]:
    """All cages of a model in the order of the faceplate."""
    return tuple(_cage(run, number) for run in model.cages for number in range(run.count))


def _cage(run: Cages, number: int) -> Cage:
    step = run.lane_step or run.lanes
    lane = run.first_lanes[number] if run.first_lanes else run.lane + number * step
    return Cage(run.first + number, run, run.index + number * run.lanes, lane)


def ways(mode: str) -> int:
    """Into how many ports a mode splits a cage: `2x400G` -> 2."""
    return int(mode.split("x", 1)[0])


def spell(nos: Nos, cage: Cage, mode: str, sub: int) -> PortName:
    """The name and the alias of a port; `sub` is 0 where the mode leaves the cage whole, else from 1."""
    offset = max(sub - 1, 0) * (cage.run.lanes // ways(mode))
    fields = {
        "cage": cage.number,
        "sub": sub,
        "sub0": sub - 1,
        "lane": offset + 1,
        "letter": chr(ord("a") + sub - 1) if sub else "",
        "index": cage.first + offset,
    }
    name, alias = _templates(nos, cage, sub)
    return PortName(name.format(**fields), alias.format(**fields))


def _templates(nos: Nos, cage: Cage, sub: int) -> tuple[str, str]:
    if sub:
        return nos.sub, nos.alias_sub
    if cage.run.lanes == 1:
        return nos.single or nos.whole, nos.alias_single or nos.alias_whole
    return nos.whole, nos.alias_whole


def ports_of(model: Switch, nos: Nos) -> Iterator[CatalogPort]:
    """Every port that the model can have: cage by cage, in each in the order of its modes, the whole cage first."""
    for cage in cages(model):
        for mode in cage.run.modes:
            count = ways(mode)
            width = cage.run.lanes // count
            for place in range(count):
                sub = place + 1 if count > 1 else 0
                begin = cage.lane + place * width
                lanes = tuple(range(begin, begin + width))
                yield CatalogPort(PortId(cage.number, sub), mode, spell(nos, cage, mode, sub), lanes)


def find_port(model: Switch, nos: str, spelling: str, mode: str = "") -> PortId | None:
    """The port that `spelling` names on a switch of this model under the NOS `nos`; None where it names none.

    A name, an alias, and what else the command line takes for them lead to the same identity. Some names fit several
    modes: SONiC's `Ethernet0` is the whole first cage and its first sub-port, `Ethernet4` the second of two and the
    third of four. `mode` says how the cage is split; without it the first mode of the entry that has the name decides.

    Raises KeyError where the model is not known to run `nos`.
    """
    naming = model.nos[nos]
    wanted = _normal(naming, spelling)
    ports = [port for port in ports_of(model, naming) if mode in ("", port.mode)]
    # Names before aliases: on some platforms an alias of one port is the name of another.
    named = (port.position for port in ports if _normal(naming, port.name.name) == wanted)
    known_as = (port.position for port in ports if wanted in (_normal(naming, each) for each in _others(naming, port)))
    return next(named, None) or next(known_as, None)


def clash(first: PortId, second: PortId) -> bool:
    """Whether two ports of one switch cannot both be used: they are the same, or one is the whole cage of the other."""
    return first.cage == second.cage and (first.sub == second.sub or 0 in (first.sub, second.sub))


def _others(nos: Nos, port: CatalogPort) -> Iterator[str]:
    """What a port is called besides its name."""
    if port.name.alias:
        yield port.name.alias
    if port.position.sub == 0:
        yield from (other.format(cage=port.position.cage) for other in nos.also)


def _normal(nos: Nos, spelling: str) -> str:
    """The spelling with its short forms written out, where the command line has any."""
    if not nos.abbreviates:
        return spelling
    lowered = "".join(spelling.lower().split())
    word, full = _word(lowered), _word(nos.whole.lower())
    return full + lowered[len(word) :] if word and full.startswith(word) else lowered


def _word(text: str) -> str:
    found = _LEADING_WORD.match(text)
    return found.group() if found else ""
