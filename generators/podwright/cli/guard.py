"""What stands between an exception and the user: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import TracebackType

BROKEN_PIPE = 128 + 13  # what a shell reports of a program that SIGPIPE ended


class Guard:
    """Catches whatever leaves the block; `code` is the exit code then."""

    def __init__(self) -> None:
        self.code = 0

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if problem is None or isinstance(problem, SystemExit):
            return False
        if isinstance(problem, BrokenPipeError):
            discard_output()
            self.code = BROKEN_PIPE
        else:
            self.code = import_module("podwright.cli.failure").tell(problem)
        return True


def discard_output() -> None:
    """Nobody reads on: what is still buffered goes nowhere, so that Python says nothing about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
