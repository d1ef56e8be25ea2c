"""Where devices stand, and what cables are made of. Heights and positions are rack units, lengths metres."""

from __future__ import annotations

from typing import Literal

import msgspec

LinkUse = Literal["host", "fabric", "outside", "management"]
CableEnds = Literal["attached", "transceiver", ""]


class Rack(msgspec.Struct, frozen=True, kw_only=True):
    """A rack of `height` rack units in a scalable unit; unit 0 is the network row."""

    name: str
    unit: int
    use: Literal["servers", "network"]
    height: int


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device stands: it takes `height` rack units from `position` up; positions count from 1 at the bottom."""

    device: str
    rack: str
    position: int
    height: int


class LinkClass(msgspec.Struct, frozen=True, kw_only=True):
    """Cables that are bought as one kind: those of one use in a fabric, of one speed in all and a lane.

    `medium` is the catalogue's name of the cable, empty where the catalogue has none; with `ends` of `attached` its plugs
    belong to it, else each end takes a transceiver. `reach` is how far the medium goes at `lane_gbps`, by `standard`: that
    of `gbps` in all, or "lanes as" another's where none is known.
    """

    fabric: str
    use: LinkUse
    gbps: int
    lane_gbps: int
    metres: int
    medium: str
    ends: CableEnds
    reach: int
    standard: str
    origin: str
