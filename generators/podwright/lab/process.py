"""Processes told apart for certain: a process id together with the moment the process started."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec

_STATE, _START = 0, 19
_GONE_STATES = frozenset("ZX")


class Process(msgspec.Struct, frozen=True):
    """A process of this machine. `start` is its start in clock ticks since boot (field 22 of /proc/<pid>/stat)."""

    pid: int
    start: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; a zombie, or another process under the same id, does not count."""
        fields = _stat(self.pid)
        return bool(fields) and int(fields[_START]) == self.start and fields[_STATE] not in _GONE_STATES

    def signal(self, number: int) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def myself() -> Process:
    """The calling process."""
    return Process(os.getpid(), int(_stat(os.getpid())[_START]))


def await_end(processes: list[Process], seconds: float) -> bool:
    """Wait until all `processes` are gone; False where some still run after `seconds`."""
    deadline = time.monotonic() + seconds
    while any(process.alive for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _stat(pid: int) -> list[str]:
    """The fields after the name of the process (which may hold spaces and brackets); empty where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
