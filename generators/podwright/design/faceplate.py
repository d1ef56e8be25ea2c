"""Ports of a switch model by position: which cage, which sub-port, which lanes, and how the NOS spells it.

Blocks of equal ports are taken from the first free cage up (hosts, leaf links of a spine) or from the last down
(uplinks, routers outside), so that each block can grow without moving another.
"""

from __future__ import annotations

from typing import NamedTuple

from podwright.catalog import Cage, Cages, Nos, Switch, cages, spell
from podwright.design.sizing import gbps


class Spot(NamedTuple):
    """One port: `sub` is 0 where the cage is whole."""

    name: str
    alias: str
    cage: int
    sub: int
    lanes: tuple[int, ...]
    mode: str
    form: str
    cage_gbps: int


class Block(NamedTuple):
    """Equal ports in whole cages; `mode` splits each into `per_cage` ports of `gbps`."""

    cages: tuple[Cage, ...]
    mode: str
    per_cage: int
    gbps: int

    def runs_at(self, speed: int) -> bool:
        """Whether a port of this block may run at `speed`: its own, or a slower one that its cage has in some mode."""
        if speed >= self.gbps:
            return speed == self.gbps
        run = self.cages[0].run
        return f"{speed}G" in run.slower or any(_mode_gbps(mode) == speed for mode in run.modes)


class Faceplate:
    """The cages of one model, as blocks of ports are cut from them."""

    def __init__(self, model: Switch) -> None:
        self.free = list(cages(model))

    def fastest(self) -> int:
        """Speed of the fastest whole cage, in Gb/s."""
        runs = {id(cage.run): cage.run for cage in self.free}.values()
        return max(_mode_gbps(mode) for run in runs for mode in run.modes)

    def speeds(self) -> list[int]:
        """Every speed that a port of the free cages may have, in Gb/s, slowest first."""
        runs = {id(cage.run): cage.run for cage in self.free}.values()
        return sorted(
            {_mode_gbps(mode) for run in runs for mode in run.modes}
            | {gbps(speed) for run in runs for speed in run.slower}
        )

    def capacity(self, speed: int) -> int:
        """The most equal ports of `speed` that the free cages could give as one block."""
        return max((len(alike) * per_cage for (_, per_cage), alike in _by_split(self.free, speed).items()), default=0)

    def low(self, ports: int, speed: int) -> Block | None:
        """Cut `ports` ports of `speed` from the first free cages; None where there are not enough."""
        return self._cut(self.free, ports, speed)

    def high(self, ports: int, speed: int) -> Block | None:
        """Cut them from the last free cages, the last cage first."""
        return self._cut(self.free[::-1], ports, speed)

    def _cut(self, offered: list[Cage], ports: int, speed: int) -> Block | None:
        """Ports of a block are equal, so they come from cages that split alike: the first kind that has enough."""
        for (mode, per_cage), same in _by_split(offered, speed).items():
            needed = -(-ports // per_cage)
            if needed <= len(same):
                taken = tuple(same[:needed])
                numbers = {cage.number for cage in taken}
                self.free = [cage for cage in self.free if cage.number not in numbers]
                return Block(taken, mode, per_cage, _mode_gbps(mode))
        return None


def spot_at(nos: Nos, block: Block, position: int) -> Spot:
    """The port at `position` (from 0) of a block, spelt as `nos` does."""
    cage = block.cages[position // block.per_cage]
    whole = block.per_cage == 1
    sub = 0 if whole else position % block.per_cage + 1
    width = cage.run.lanes // block.per_cage
    begin = cage.lane + max(sub - 1, 0) * width
    spelt = spell(nos, cage, block.mode, sub)
    return Spot(
        name=spelt.name,
        alias=spelt.alias,
        cage=cage.number,
        sub=sub,
        lanes=tuple(range(begin, begin + width)),
        mode=block.mode,
        form=cage.run.form,
        cage_gbps=_mode_gbps(cage.run.modes[0]),
    )


def _mode_gbps(mode: str) -> int:
    return gbps(mode.split("x", 1)[1])


def _by_split(offered: list[Cage], speed: int) -> dict[tuple[str, int], list[Cage]]:
    """The cages that can give ports of `speed`, by how they split for it, in the order they come."""
    kinds: dict[tuple[str, int], list[Cage]] = {}
    splits: dict[int, tuple[str, int]] = {}
    for cage in offered:
        run = id(cage.run)
        if run not in splits:
            splits[run] = _split(cage.run, speed)
        if splits[run][1]:
            kinds.setdefault(splits[run], []).append(cage)
    return kinds


def _split(run: Cages, speed: int) -> tuple[str, int]:
    """The mode that gives the most ports of exactly `speed`, else the densest mode that may run slower; count 0 if none."""
    exact = [mode for mode in run.modes if _mode_gbps(mode) == speed]
    if not exact and f"{speed}G" in run.slower:
        exact = [mode for mode in run.modes if _mode_gbps(mode) > speed]
    if not exact:
        return "", 0
    return exact[-1], int(exact[-1].split("x", 1)[0])
