"""The one tree of exceptions. They carry what, where, what to do; the command line prints them.

PodwrightError              exit 1   anything a person can act on
├── BlueprintError          exit 1   the input has problems: all of them, as findings
├── UsageError              exit 2   wrong words on the command line, a missing file
├── TreeError               exit 3   the output tree can't be written (hand-edited file, foreign folder)
├── EngineError             exit 4   a program that is needed is missing or failed
└── LabError                exit 5   the virtual fabric can't be built, or is not there
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from podwright.model.report import Finding


class PodwrightError(Exception):
    """Base of all errors. `fix` is one imperative sentence, `see` a page of the documentation."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, fix: str = "", see: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.see = see


class BlueprintError(PodwrightError):
    """The blueprint (or a catalogue file) has problems; `findings` holds every one of them, in file order."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = len(findings)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the blueprint")
        self.findings = tuple(findings)


class UsageError(PodwrightError):
    exit_code = 2


class TreeError(PodwrightError):
    exit_code = 3


class EngineError(PodwrightError):
    exit_code = 4


class LabError(PodwrightError):
    exit_code = 5
