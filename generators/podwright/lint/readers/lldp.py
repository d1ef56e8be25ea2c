"""`show lldp table` of SONiC: which port hears which device, by the name and the port that the device gives itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEAD = "LocalPort"
_ROW = re.compile(
    r"^(?P<port>Ethernet\d+)\s+(?P<device>\S+)\s+(?P<far>\S+)(?:\s+(?P<what>[A-Z]{1,8}))?(?:\s+(?P<described>\S.*?))?\s*$"
)


def is_lldp(text: str) -> bool:
    return any(line.startswith(_HEAD) for line in text.splitlines())


def read_lldp(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(port, device, what the device may call its port)."""
    for line in text.splitlines():
        if row := _ROW.match(line):
            described = (row["described"] or "").split()
            yield row["port"], row["device"], (row["far"], *described[:1])
