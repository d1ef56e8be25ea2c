"""A tree of objects as YAML that reads the same by YAML 1.1 and 1.2.

Keys and words are plain where nobody can take them for anything but text, and quoted otherwise: `on` is a truth value in
YAML 1.1, and an IPv6 address a mapping to the careless. Text with line breaks, and secrets, whose characters are not known
before delivery, are literal blocks, in which no character has a meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | Mapping[str, Value] | Sequence[Mapping[str, Value]]"
Node: TypeAlias = Mapping[str, Value]

PLAIN = re.compile(r"[A-Za-z_][\w./-]*|\d+\.\d+\.\d+\.\d+(/\d+)?|[1-9]\d*[A-Za-z]+")
NUMBER = re.compile(r"0|[1-9]\d*")
TRUTHS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
SECRET = "<podwright:"


def members(names: Iterable[str]) -> Node:
    """A set as NVUE writes it: its members are keys, and nothing stands behind them."""
    return {name: {} for name in names}


def spelt(documents: Sequence[Node]) -> str:
    """A list of mappings as a YAML document."""
    return "".join(f"{line}\n" for line in _sequence(documents))


def _sequence(items: Sequence[Node]) -> Iterator[str]:
    for item in items:
        for number, line in enumerate(_mapping(item)):
            yield f"{'  ' if number else '- '}{line}"


def _mapping(node: Node) -> Iterator[str]:
    for key, value in node.items():
        head = f"{key if NUMBER.fullmatch(key) else _word(key)}:"
        match value:
            case int():
                yield f"{head} {value}"
            case str() if "\n" in value or SECRET in value:
                yield f"{head} {'|' if value.endswith(chr(10)) else '|-'}"
                yield from (f"  {line}" for line in value.splitlines())
            case str():
                yield f"{head} {_word(value)}"
            case Mapping() if not value:
                yield f"{head} {{}}"
            case Mapping():
                yield head
                yield from (f"  {line}" for line in _mapping(value))
            case _:
                yield head
                yield from (f"  {line}" for line in _sequence(value))


def _word(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text.lower() not in TRUTHS else json.dumps(text, ensure_ascii=False)
