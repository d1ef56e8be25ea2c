"""Names that a Linux kernel takes, for the twin and for switches that run Linux.

The kernel refuses names over 15 bytes, and `/`; everything else stays production's own.
"""

from __future__ import annotations

from hashlib import blake2b

LONGEST = 15


def marker(secret: str) -> str:
    """What stands in a rendered file in place of a secret, until the file is delivered."""
    return f"<podwright:{secret}>"


def linux_name(name: str, kind: str = "port") -> str:
    """`Ethernet1/1` -> `Ethernet1_1`; a loopback is `lo`; what is too long keeps its head and gets a digest."""
    if kind == "loopback":
        return "lo"
    plain = name.replace("/", "_").replace(":", "_")
    if len(plain) <= LONGEST:
        return plain
    return f"{plain[:9]}-{blake2b(plain.encode(), digest_size=2).hexdigest()}"
