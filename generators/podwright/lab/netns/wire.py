"""What the process that brings a lab up and the lab's keeper say to each other: one JSON object a line."""

from __future__ import annotations

import msgspec

from podwright.lab.process import Process
from podwright.lab.registry import Mode
from podwright.lab.topology import Topology


class Order(msgspec.Struct, frozen=True):
    """To the keeper: what to build."""

    topology: Topology
    mode: Mode


class Keep(msgspec.Struct, frozen=True):
    """To the keeper: the lab is recorded, stay. Without it the keeper takes everything down again."""


class Hello(msgspec.Struct, frozen=True, tag=True):
    """From the keeper, first: who it is."""

    keeper: Process


class Step(msgspec.Struct, frozen=True, tag=True):
    """From the keeper: `done` of `total` are there."""

    phase: str
    done: int
    total: int


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From the keeper: everything stands. `nodes` maps names to the PID 1 of each, as this host counts."""

    nodes: dict[str, Process]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """From the keeper, last: what went wrong."""

    message: str


Word = Hello | Step | Ready | Failed

# Made on import: msgspec 0.22 crashes where Ctrl-C comes while it makes a decoder.
ORDERS = msgspec.json.Decoder(Order)
WORDS: msgspec.json.Decoder[Word] = msgspec.json.Decoder(Word)
