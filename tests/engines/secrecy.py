"""Looking for a secret where it must not be: in texts, in files, in the list of processes."""

from __future__ import annotations

import base64
import contextlib
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path


def spelt_in(text: bytes, secrets: Iterable[str]) -> list[bytes]:
    """Spellings of the secrets that the text holds: plain, in base64, as a part of a URL."""
    spellings = [
        spelling
        for secret in secrets
        for spelling in (
            secret.encode(),
            base64.b64encode(secret.encode()).rstrip(b"="),
            urllib.parse.quote(secret, safe="").encode(),
        )
    ]
    return [spelling for spelling in spellings if spelling in text]


def files_with(secrets: Iterable[str], folder: Path) -> list[Path]:
    """Files below the folder that hold one of the secrets in some spelling."""
    wanted = tuple(secrets)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if spelt_in(path.read_bytes(), wanted)]


@contextlib.contextmanager
def watching_processes(needle: bytes) -> Iterator[list[bytes]]:
    """Command lines of any process of this machine that hold `needle`, as they are seen while this lasts."""
    seen: list[bytes] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    line = path.read_bytes()
                    if needle in line:
                        seen.append(line)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
