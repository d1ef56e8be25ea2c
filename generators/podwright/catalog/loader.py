"""Reads the shipped catalogue, and joins the user's own entries to it. One YAML file an entry; the file's name is the
entry's.

A file is read when its entry is first asked for, so that a command pays for the models of its blueprint only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from podwright.catalog.records import Asic, Cable, Catalog, Server, Switch
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
    """The catalogue in `folder` (`switches/`, `servers/`, `cables/` and `asics/*.yaml`), read entry by entry when asked."""
    return Catalog(
        switches=Shelf(folder / "switches", Switch),
        servers=Shelf(folder / "servers", Server),
        cables=Shelf(folder / "cables", Cable),
        asics=Shelf(folder / "asics", Asic),
    )


class Joined(Mapping[str, _Entry]):
    """The user's own entries and the shipped ones, by name; of two with one name the user's."""

    def __init__(self, own: Mapping[str, _Entry], shipped: Mapping[str, _Entry]) -> None:
        self._own = own
        self._shipped = shipped
        self._names = sorted({*own, *shipped})

    def __getitem__(self, name: str) -> _Entry:
        return self._own[name] if name in self._own else self._shipped[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._shipped

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def join(own: Catalog, shipped: Catalog) -> Catalog:
    """The two as one catalogue, which knows the entries of `own` as the user's."""
    return Catalog(
        switches=Joined(own.switches, shipped.switches),
        servers=Joined(own.servers, shipped.servers),
        cables=Joined(own.cables, shipped.cables),
        asics=Joined(own.asics, shipped.asics),
        own=frozenset(f"{kind}/{name}" for kind, shelf in shelves(own) for name in shelf),
    )


def shelves(catalog: Catalog) -> tuple[tuple[str, Mapping[str, Switch | Server | Cable | Asic]], ...]:
    """The entries of each kind, with the folder that they lie in."""
    return (
        ("switches", catalog.switches),
        ("servers", catalog.servers),
        ("cables", catalog.cables),
        ("asics", catalog.asics),
    )


def entry_texts(catalog: Catalog, names: Iterable[str]) -> dict[str, str]:
    """The user's own entries of these names, as files of a folder that `load` reads: `switches/leaf-64.yaml`."""
    return {
        f"{kind}/{name}.yaml": yaml.safe_dump(
            msgspec.to_builtins(shelf[name]), sort_keys=False, width=120, allow_unicode=True
        )
        for kind, shelf in shelves(catalog)
        for name in sorted(set(names))
        if f"{kind}/{name}" in catalog.own
    }


def _read(path: Path, shape: type[_Entry]) -> _Entry:
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader), shape)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as problem:
        raise EngineError(
            f"the catalogue entry {path.parent.name}/{path.name} is not readable: {problem}",
            fix="Correct the entry; schemas/catalog.schema.json describes its shape.",
        ) from problem
