"""Compares devices that run with their design, by reading only: sessions, routes, neighbours.

Every check is a function `(design, run) -> Iterator[Trial]` that asks devices through `run` (asking.py) and changes
nothing, so it serves a production pod and the virtual fabric alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.verify.asking import NOBODY, Run, Unasked
from podwright.verify.neighbours import check_neighbours
from podwright.verify.remote import gather, unasked
from podwright.verify.routes import check_routes
from podwright.verify.sessions import check_sessions


class Check(Protocol):
    """A family of checks: it skips claims about devices that are `unasked`, and with `patience` (seconds) asks again
    while a fabric converges.
    """

    def __call__(
        self, design: Design, run: Run, *, unasked: Unasked = NOBODY, patience: float = 0.0
    ) -> Iterator[Trial]:
        """One trial a claim."""


PASSIVE: Mapping[str, Check] = {
    "neighbours": check_neighbours,
    "sessions": check_sessions,
    "routes": check_routes,
}

__all__ = ["PASSIVE", "gather", "unasked"]
