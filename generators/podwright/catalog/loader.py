"""Reads the shipped catalogue. One YAML file an entry; the file's name is the entry's.

A file is read when its entry is first asked for, so that a command pays for the models of its blueprint only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from podwright.catalog.records import Cable, Catalog, Server, Switch
from podwright.errors import EngineError

_HERE = Path(__file__).resolve().parent
_Entry = TypeVar("_Entry", bound=msgspec.Struct)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Shelf(Mapping[str, _Entry]):
    """The entries of one folder by name.

    Names are known at once; asking for an entry raises EngineError where its file has not the shape of the record.
    """

    def __init__(self, folder: Path, shape: type[_Entry]) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem)}
        self._shape = shape
        self._entries: dict[str, _Entry] = {}

    def __getitem__(self, name: str) -> _Entry:
        if name not in self._entries:
            self._entries[name] = _read(self._paths[name], self._shape)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def load(folder: Path = _HERE) -> Catalog:
    """The catalogue in `folder` (`switches/`, `servers/` and `cables/*.yaml`), each entry read when it is asked for."""
    return Catalog(
        switches=Shelf(folder / "switches", Switch),
        servers=Shelf(folder / "servers", Server),
        cables=Shelf(folder / "cables", Cable),
    )


def _read(path: Path, shape: type[_Entry]) -> _Entry:
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader), shape)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as problem:
        raise EngineError(
            f"the catalogue entry {path.parent.name}/{path.name} is not readable: {problem}",
            fix="Correct the entry; schemas/catalog.schema.json describes its shape.",
        ) from problem
