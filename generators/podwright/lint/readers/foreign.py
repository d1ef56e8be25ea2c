"""Configurations of switches whose system lint does not read yet: it knows them, so that it can name them."""

from __future__ import annotations

import re

_SYSTEMS = {
    "Arista EOS": re.compile(r"^service routing protocols model |^management api |^! device: .*\bEOS-", re.MULTILINE),
    "Cumulus Linux": re.compile(r"^- +set: *$|^ *nvue-api-version:|^nv set ", re.MULTILINE),
}


def system_of(text: str) -> str:
    """The system whose configuration this is, as it prints its own or as Podwright renders it; empty where it is none of them."""
    return next((system for system, said in _SYSTEMS.items() if said.search(text)), "")
