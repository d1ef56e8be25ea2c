"""JSON as text: what is at which line, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from podwright.lint.records import Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class JsonError(Exception):
    """The text is not JSON; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class Place(NamedTuple):
    """Line and column from 1, and how many characters the key takes."""

    line: int
    column: int
    width: int


class Parsed(NamedTuple):
    """A document, and the keys that stand twice in one object, with the line of the second: the last one counts."""

    data: Any
    twice: tuple[tuple[int, str], ...]


def parse(text: str) -> Parsed:
    """Raises JsonError."""
    doubled: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            doubled.extend(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        return found

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as problem:
        raise JsonError(problem.lineno, f"it is not JSON: {problem.msg.lower()} at column {problem.colno}") from None
    except RecursionError:
        raise JsonError(1, "it is nested too deep") from None
    return Parsed(data, tuple(_twice(text)) if doubled else ())


def _twice(text: str) -> Iterator[tuple[int, str]]:
    seen: set[Path] = set()
    for path, place in _places(text):
        if path in seen:
            yield place.line, path[-1]
            seen = {each for each in seen if each[: len(path)] != path}
        seen.add(path)


def places(text: str) -> dict[Path, Place]:
    """The place of every key and of every item of a list, by its path. The text must be JSON."""
    return dict(_places(text))


def _places(text: str) -> Iterator[tuple[Path, Place]]:
    path: list[str] = []
    counters: list[int] = []
    """The index of the next item for a list, -1 for an object that waits for a key, -2 for one that waits for a value."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    line = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        while line + 1 < len(starts) and starts[line + 1] <= match.start():
            line += 1
        place = Place(line + 1, match.start() - starts[line] + 1, len(token))
        if token in "}]":
            counters.pop()
            _leave(path, counters)
        elif token == ":":
            counters[-1] = -2
        elif token == ",":
            continue
        elif counters and counters[-1] == -1:
            path.append(json.loads(token))
            yield tuple(path), place
        else:
            if counters and counters[-1] >= 0:
                path.append(str(counters[-1]))
                yield tuple(path), place
            if token == "{":
                counters.append(-1)
            elif token == "[":
                counters.append(0)
            else:
                _leave(path, counters)


def _leave(path: list[str], counters: list[int]) -> None:
    """A value has ended: its key or index goes from the path, and its container waits for the next."""
    if not counters:
        return
    path.pop()
    counters[-1] = -1 if counters[-1] == -2 else counters[-1] + 1
