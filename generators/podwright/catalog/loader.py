"""Reads the shipped catalogue. One YAML file an entry; the file's name is the entry's."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from podwright.catalog.records import Catalog, Server, Switch
from podwright.errors import EngineError

_HERE = Path(__file__).resolve().parent
_Entry = TypeVar("_Entry", Switch, Server)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(folder: Path = _HERE) -> Catalog:
    """The catalogue in `folder` (`switches/*.yaml`, `servers/*.yaml`).

    Raises EngineError where an entry has not the shape of its record.
    """
    return Catalog(
        switches=_entries(folder / "switches", Switch),
        servers=_entries(folder / "servers", Server),
    )


def _entries(folder: Path, shape: type[_Entry]) -> dict[str, _Entry]:
    return {path.stem: _entry(path, shape) for path in sorted(folder.glob("*.yaml"))}


def _entry(path: Path, shape: type[_Entry]) -> _Entry:
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader), shape)
    except (yaml.YAMLError, msgspec.ValidationError) as problem:
        raise EngineError(
            f"the catalogue entry {path.parent.name}/{path.name} is not readable: {problem}",
            fix="Correct the entry; schemas/catalog.schema.json describes its shape.",
        ) from problem
