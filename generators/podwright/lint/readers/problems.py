"""What readers have against files: collected, so that one run names them all."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.lint.records import Spot
from podwright.model.report import Severity

UNREADABLE = "OBS001"
WRONG_VALUE = "OBS002"
NO_SWITCH = "OBS003"
SEVERITIES = {UNREADABLE: Severity.ERROR, WRONG_VALUE: Severity.ERROR, NO_SWITCH: Severity.WARNING}


class Problems:
    """A list of (code, place, sentence, remedy)."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Spot, str, str], None] = {}

    def unreadable(self, spot: Spot, message: str, fix: str) -> None:
        self._found[UNREADABLE, spot, message, fix] = None

    def wrong(self, spot: Spot, message: str, fix: str) -> None:
        self._found[WRONG_VALUE, spot, message, fix] = None

    def no_switch(self, spot: Spot, message: str, fix: str) -> None:
        self._found[NO_SWITCH, spot, message, fix] = None

    def __iter__(self) -> Iterator[tuple[str, Spot, str, str]]:
        return iter(self._found)
