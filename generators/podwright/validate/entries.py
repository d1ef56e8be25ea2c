"""The user's own entries of the catalogue: each as strict as a blueprint, and all of its problems at once.

Names are known at once; an entry is read when its name is asked for. Those that the blueprint names, the chips of those, and
all cables are read together before anything is designed, so that their problems are told together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from podwright.catalog import Asic, Cable, Catalog, Server, Switch, join, shelves
from podwright.errors import BlueprintError
from podwright.load import Source, dotted, likely_neighbour, read_entry
from podwright.model.blueprint import Blueprint
from podwright.model.prose import shown
from podwright.model.report import Finding, Severity
from podwright.validate.entry_rules import Contradiction, contradictions
from podwright.validate.schema import Schema
from podwright.validate.shape import SEE, listed, misshapes, nearest

_Entry = TypeVar("_Entry", Switch, Server, Cable, Asic)
_KINDS = {"switches": "switch", "servers": "server", "cables": "cable", "asics": "asic"}
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
_KEY = ("catalog",)
_MOST_STRAYS = 20


class OwnShelf(Mapping[str, _Entry]):
    """The entries of one folder. Asking for one raises BlueprintError with everything that is wrong with its file."""

    def __init__(self, folder: Path, shape: type[_Entry]) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.yaml")) if _NAME.fullmatch(path.stem)}
        self._shape: type[_Entry] = shape
        self._schema = Schema.of_entry(_KINDS[folder.name]) if self._paths else None
        self._entries: dict[str, _Entry] = {}

    def __getitem__(self, name: str) -> _Entry:
        if name not in self._entries:
            self._entries[name] = self._read(self._paths[name])
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def problems(self, names: set[str]) -> Iterator[Finding]:
        """Everything that is wrong with the entries of these names that are here."""
        for name in sorted(names & self._paths.keys()):
            try:
                self[name]
            except BlueprintError as problem:
                yield from problem.findings

    def source(self, name: str) -> Source:
        """The document of an entry that is here."""
        return read_entry(self._paths[name])

    def _read(self, path: Path) -> _Entry:
        source = read_entry(path)
        misfits = misshapes(source, self._schema) if self._schema else []
        if misfits:
            raise BlueprintError(sorted((misfit.finding for misfit in misfits), key=_position))
        entry = msgspec.convert(source.data, self._shape)
        if found := [_finding(each, source) for each in contradictions(entry)]:
            raise BlueprintError(sorted(found, key=_position))
        return entry


def with_own_entries(blueprint: Blueprint, source: Source, shipped: Catalog) -> Catalog:
    """The catalogue that applies to a blueprint: the shipped one, and the entries of its own folder.

    Raises BlueprintError with everything that is wrong with the folder, the entries that the blueprint names, their chips,
    and cables.
    """
    if blueprint.catalog is None:
        return shipped
    folder = Path(source.place(_KEY).file).parent / blueprint.catalog
    if not folder.is_dir():
        raise BlueprintError([_no_folder(folder, source)])
    switches = OwnShelf(folder / "switches", Switch)
    servers = OwnShelf(folder / "servers", Server)
    cables = OwnShelf(folder / "cables", Cable)
    asics = OwnShelf(folder / "asics", Asic)
    own = Catalog(switches=switches, servers=servers, cables=cables, asics=asics)
    models = {part.model for each in blueprint.fabrics.values() for part in (each.leaf, each.spine) if part}
    findings = [
        *_strays(folder, source),
        *_doubled(own, shipped, source),
        *switches.problems(models),
        *servers.problems({group.model for group in blueprint.servers.values()}),
        *cables.problems(set(cables)),
        *_of_asics(switches, models, asics, shipped),
    ]
    if findings:
        raise BlueprintError(findings)
    return join(own, shipped)


def _of_asics(
    switches: OwnShelf[Switch], models: set[str], asics: OwnShelf[Asic], shipped: Catalog
) -> Iterator[Finding]:
    """What is wrong with the chips of these models that are here; a chip that is no entry has no buffers to compute with."""
    sound = {name: switches[name].asic for name in sorted(models & set(switches)) if not any(switches.problems({name}))}
    shipped_models = {shipped.switches[name].asic for name in models & set(shipped.switches)}
    yield from asics.problems({*sound.values(), *shipped_models})
    known = {*asics, *shipped.asics}
    for name, asic in sound.items():
        if asic not in known:
            place = switches.source(name).place(("asic",))
            near = nearest(asic, sorted(known))
            fix = f"Did you mean {shown(near)}?" if near else f"Describe it in asics/{asic}.yaml of your catalogue."
            message = f"the catalogue has no switching chip {shown(asic)}"
            yield Finding("SCH096", Severity.ERROR, message, place, fix=fix, see=SEE, path="asic")


def _no_folder(folder: Path, source: Source) -> Finding:
    near = likely_neighbour(folder)
    fix = f"Did you mean {shown(near)}?" if near else "Write the path of a folder, from that of this file on."
    return _at_key("SCH092", f"there is no folder {folder} with entries of the catalogue", fix, source)


def _strays(folder: Path, source: Source) -> Iterator[Finding]:
    """Files that look like entries and would have no effect."""
    files = sorted({*folder.glob("*.y*ml"), *folder.glob("*/*.y*ml")})
    strays = [
        file for file in files if not _is_entry(file.relative_to(folder)) and not file.parent.name.startswith(".")
    ]
    for file in strays[:_MOST_STRAYS]:
        known = " or ".join(f"{kind}/" for kind in _KINDS)
        yield _at_key(
            "SCH093",
            f"{file} is in no place for an entry of the catalogue",
            f"Move it to {known}, under a name of lower-case letters, digits, dots, hyphens and underscores, and .yaml.",
            source,
        )


def _is_entry(path: Path) -> bool:
    return (
        len(path.parts) == 2
        and path.parts[0] in _KINDS
        and path.suffix == ".yaml"
        and _NAME.fullmatch(path.stem) is not None
    )


def _doubled(own: Catalog, shipped: Catalog, source: Source) -> Iterator[Finding]:
    """Entries with the name of a shipped one: the same name would mean one thing here and another elsewhere."""
    for (_, ours), (_, theirs) in zip(shelves(own), shelves(shipped), strict=True):
        if both := sorted(set(ours) & set(theirs)):
            yield _at_key(
                "SCH094",
                f"{listed(both)} {'is' if len(both) == 1 else 'are'} in the shipped catalogue and in your own",
                f"Give yours another name, as `{both[0]}-own`, and write that where the blueprint names it.",
                source,
            )


def _at_key(code: str, message: str, fix: str, source: Source) -> Finding:
    return Finding(code, Severity.ERROR, message, source.place(_KEY), fix=fix, see=SEE, path=dotted(_KEY))


def _finding(fault: Contradiction, source: Source) -> Finding:
    return Finding(
        "SCH095",
        Severity.ERROR,
        fault.message,
        source.place(fault.path, key=True),
        fix=fault.fix,
        see=SEE,
        path=dotted(fault.path),
    )


def _position(finding: Finding) -> tuple[int, int]:
    return (finding.place.line, finding.place.column) if finding.place else (0, 0)
