"""Progress as a bar on a terminal. Apart from progress.py, since rich is slow to import and often not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr that is gone at the end, and the function that moves it by (phase, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("", total=None, count="")

        def show(phase: str, done: int, total: int) -> None:
            count = f"{done}/{total}" if total else str(done or "")
            drawn.update(task, description=phase, completed=done, total=total or None, count=count)

        yield show
