"""Blocks of a configuration: lines that stand together, set apart by `!`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Block = tuple[str, ...]
INDENT = "   "


def section(head: str, *parts: Iterable[str]) -> Block:
    """A mode and the lines in it; the second and later parts are modes of their own, set apart by `!`."""
    lines = [head]
    for number, part in enumerate(parts):
        inner = [INDENT + line for line in part]
        lines += [f"{INDENT}!", *inner] if number and inner else inner
    return tuple(lines)


def spelt(device: str, blocks: Iterable[Block]) -> str:
    return "".join(f"{line}\n" for line in _lines(device, blocks))


def _lines(device: str, blocks: Iterable[Block]) -> Iterator[str]:
    yield f"! {device}: written by Podwright; a change by hand lasts until the next run."
    for block in blocks:
        yield "!"
        yield from block
    yield "!"
    yield "end"
