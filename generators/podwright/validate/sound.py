"""The parts of a blueprint that fit the schema, typed, even where other parts do not.

The rules about meaning read these, so that one run shows both kinds of problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from podwright.load import KeyPath, Source
from podwright.model.blueprint import Asset, Fabric, Kubernetes, Security, Servers, Store, Units

Part = TypeVar("Part", bound=msgspec.Struct)


class Parts(msgspec.Struct, frozen=True):
    """What can be trusted of a blueprint. The `..._names` are all that the sections have,
    sound or not."""

    units: Units | None
    servers: dict[str, Servers]
    fabrics: dict[str, Fabric]
    assets: dict[str, Asset]
    lossless_names: frozenset[str]
    server_names: frozenset[str]
    fabric_names: frozenset[str]
    router_names: frozenset[str]
    store_names: frozenset[str]
    stores: dict[str, Store]
    kubernetes: Kubernetes | None
    security: Security | None


def sound_parts(source: Source, misfits: Sequence[KeyPath]) -> Parts:
    """The sections and entries of `source` that no path of `misfits` touches."""
    touched = {path[:depth] for path in misfits for depth in range(len(path) + 1)}
    return Parts(
        units=_section(source, "units", Units, touched),
        servers=_entries(source, "servers", Servers, touched),
        fabrics=_entries(source, "fabrics", Fabric, touched),
        assets=_entries(source, "assets", Asset, touched),
        lossless_names=_names(source, "lossless"),
        server_names=_names(source, "servers"),
        fabric_names=_names(source, "fabrics"),
        router_names=_router_names(source),
        store_names=_names(source, "storage"),
        stores=_entries(source, "storage", Store, touched),
        kubernetes=_section(source, "kubernetes", Kubernetes, touched),
        security=_section(source, "security", Security, touched),
    )


def _section(source: Source, section: str, kind: type[Part], touched: set[KeyPath]) -> Part | None:
    written = source.data.get(section)
    return msgspec.convert(written, kind) if written is not None and (section,) not in touched else None


def _names(source: Source, section: str) -> frozenset[str]:
    written = source.data.get(section)
    return frozenset(written) if isinstance(written, dict) else frozenset()


def _router_names(source: Source) -> frozenset[str]:
    """Routers outside of all fabrics."""
    fabrics = source.data.get("fabrics")
    outsides = (
        [each.get("outside") for each in fabrics.values() if isinstance(each, dict)]
        if isinstance(fabrics, dict)
        else []
    )
    return frozenset(name for outside in outsides if isinstance(outside, dict) for name in outside)


def _entries(source: Source, section: str, kind: type[Part], touched: set[KeyPath]) -> dict[str, Part]:
    written = source.data.get(section)
    if not isinstance(written, dict):
        return {}
    return {name: msgspec.convert(entry, kind) for name, entry in written.items() if (section, name) not in touched}
