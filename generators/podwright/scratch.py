"""Folders for what programs write down while they run."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

_MEMORY = "/dev/shm"


def private_folder(verb: str) -> TemporaryDirectory[str]:
    """A folder that nobody else can read, there until its block ends; in memory where the system has a file system there.

    ansible-runner writes its environment down, which may hold secrets, as what a program is given may: so they never reach a
    disk, not even where a run is killed and leaves the folder.
    """
    return TemporaryDirectory(prefix=f"podwright-{verb}-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)
