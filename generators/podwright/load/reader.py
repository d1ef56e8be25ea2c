"""The stage's one function."""

from __future__ import annotations

from pathlib import Path

from podwright.load.source import Source
from podwright.load.syntax import refuse_directives
from podwright.load.text import decode, fetch, find, split
from podwright.load.tree import grow


def read(path: Path) -> Source:
    """The blueprint at `path`: a YAML file, or a folder that holds pod.yaml.

    Raises UsageError where there is no such file or it can't be read, and BlueprintError with everything that is
    wrong with its text (findings SRC001 and on).
    """
    file = find(path)
    text = decode(fetch(file), str(file))
    lines = split(text)
    refuse_directives(str(file), lines)
    data, top = grow(text, str(file), lines)
    return Source(str(file), lines, data, top)
