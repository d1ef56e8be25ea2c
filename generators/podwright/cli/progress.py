"""Progress of what takes longer than a second: bars on a terminal, a line now and then elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[str, int, int], None]
_SILENT_SECONDS = 1.0
_SECONDS_BETWEEN_LINES = 3.0
_BESIDE_A_BAR = 60


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A function to be called with (phase, done, total); a total of 0 is one that nobody knows."""
    if quiet:
        yield _nothing
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _Lines()


def _nothing(_phase: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar on stderr that is gone at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("", total=None, count="")

        def show(phase: str, done: int, total: int) -> None:
            count = f"{done}/{total}" if total else str(done or "")
            drawn.update(task, description=_shortened(phase), completed=done, total=total or None, count=count)

        yield show


def _shortened(phase: str) -> str:
    """A phase that leaves room for its bar."""
    return phase if len(phase) <= _BESIDE_A_BAR else f"{phase[: _BESIDE_A_BAR - 1]}…"


class _Lines:
    """Says nothing for a second; then a line every few seconds, none of them twice in a row.

    A phase whose beginning was told is told to its end.
    """

    def __init__(self) -> None:
        self.next = time.monotonic() + _SILENT_SECONDS
        self.phase = ""
        self.line = ""

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        ends = bool(total) and done == total and phase == self.phase
        line = f"{phase}: {done} of {total}" if total else phase
        if (now >= self.next or ends) and line != self.line:
            click.echo(line, err=True)
            self.phase, self.line = phase, line
            self.next = now + _SECONDS_BETWEEN_LINES
