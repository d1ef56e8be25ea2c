"""The stage's one function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podwright.errors import PodwrightError
from podwright.load.chain import Written, merged, parent_of
from podwright.load.secrecy import kept_back
from podwright.load.source import Page, Source
from podwright.load.syntax import refuse_directives
from podwright.load.text import decode, fetch, find, split
from podwright.load.tree import grow

CATALOG = "catalog"


def read(path: Path) -> Source:
    """The blueprint at `path`, a YAML file or a folder that holds pod.yaml, merged over those that it extends.

    Raises UsageError where there is no such file or it can't be read, and BlueprintError with everything that is
    wrong with the text of the first file that has problems (findings SRC001 and on), or with how they are joined.
    """
    chain = [_written(find(path))]
    while (file := parent_of(chain)) is not None:
        chain.append(_written(file))
    return merged(chain)


def read_from(path: Path) -> Iterator[Path]:
    """The files and folders that the blueprint at `path` is read from: itself, what it extends, the catalogues they name.

    It ends, silently, with a file that can't be read: whoever wants to know why reads the blueprint. Raises UsageError
    where there is no blueprint.
    """
    chain: list[Written] = []
    file: Path | None = find(path)
    while file is not None:
        yield file
        try:
            chain.append(_written(file))
            file = parent_of(chain)
        except PodwrightError:
            return
        if isinstance(named := chain[-1].sheet.data.get(CATALOG), str):
            yield chain[-1].file.parent / named


def read_entry(file: Path) -> Source:
    """An entry of a catalogue, as strictly as a blueprint; it extends no other. Raises as `read` does."""
    return merged([_written(file, "entry")])


def _written(file: Path, noun: str = "blueprint") -> Written:
    text = decode(fetch(file), str(file))
    lines = kept_back(split(text))
    refuse_directives(str(file), lines)
    return Written(file, grow(text, Page(str(file), lines, noun)))
