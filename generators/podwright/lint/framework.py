"""What a rule of lint tells: one place in a file where the layers do not fit."""

from __future__ import annotations

from typing import NamedTuple

from podwright.lint.records import Spot


class Fault(NamedTuple):
    """A place, one sentence with the arithmetic, one imperative sentence."""

    spot: Spot
    message: str
    fix: str
