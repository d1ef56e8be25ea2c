"""From YAML events to plain data, the spot of every value, and a finding for everything a blueprint may not hold.

One pass over the parser's events with a stack of our own: nesting costs no recursion, nothing is ever expanded, and
work is bounded by the limits below whatever the text holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

import yaml

from podwright.errors import BlueprintError
from podwright.load.notation import meant
from podwright.load.scalars import Refusal, resolve
from podwright.load.secrecy import REFERENCE, names_a_secret
from podwright.load.source import Page, Span, Spot, Value, located
from podwright.load.syntax import explain
from podwright.load.text import SEE, forbidden
from podwright.model.prose import shown
from podwright.model.report import Finding, Place, Severity

DEEPEST = 40
MOST_VALUES = 150_000  # the assets of 100,000 GPUs are about half as many
MOST_FINDINGS = 100


class _Beginning(NamedTuple):
    """How a kind of file is called, and how it begins: said of an empty file, and of one that holds something else."""

    article: str
    empty: str
    other: str


_BEGINNINGS = {
    "blueprint": _Beginning(
        "a blueprint",
        "Write `podwright: 1`, a name and the sections.",
        "Begin the file with `podwright: 1` and one key a section.",
    ),
    "entry": _Beginning(
        "an entry of the catalogue",
        "Write its keys; `podwright catalog show NAME` prints those of a shipped entry.",
        "Begin the file with `title:` and one key a line; `podwright catalog show NAME` prints a shipped entry.",
    ),
}

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


EXTENDS = "extends"
REMOVED = "null"  # what a blueprint that extends another writes for a key of the other that is to go


def extended_by(data: Mapping[str, Value]) -> str:
    """The blueprint that one with this data extends, as it is written; empty where it extends none."""
    written = data.get(EXTENDS)
    return written if isinstance(written, str) else ""


class Sheet(NamedTuple):
    """What one file holds: its data, its spots, and how many values that are.

    None stands for a key that is to be removed from the blueprint it extends, and occurs in no other.
    """

    data: dict[str, Value]
    top: Spot
    values: int


def grow(text: str, page: Page) -> Sheet:
    """What `text`, one mapping, holds.

    Raises BlueprintError with all findings: at once where the parser can't go on, else after the last line.
    """
    return _Grower(page).run(text)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; `key` is the name that waits for its value.

    `in_secret`: it stands where a reference to a secret belongs.
    """

    data: dict[str, Value] | list[Value]
    inside: dict[str | int, Spot]
    in_secret: bool
    key: str | None = None
    key_span: Span | None = None


@dataclass(slots=True)
class _Anchor:
    name: str
    span: Span
    in_secret: bool
    uses: list[int] = field(default_factory=list)


class _Grower:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._findings: list[Finding] = []
        self._anchors: dict[str, _Anchor] = {}
        self._all_anchors: list[_Anchor] = []
        self._removals: list[tuple[str, Span]] = []
        self._stack: list[_Open] = []
        self._values = 0
        self._documents = 0
        self._root: Value = None
        self._top = Spot(page, Span(0, 0))

    def run(self, text: str) -> Sheet:
        for event in self._events(text):
            self._take(event)
        self._finish_anchors()
        self._finish_removals()
        if self._documents == 0 or (self._root is None and not self._findings):
            self._note("SRC007", f"the {self._page.noun} is empty", Span(0, 0), _BEGINNINGS[self._page.noun].empty)
        elif not isinstance(self._root, dict) and not self._findings:
            kind = "a list" if isinstance(self._root, list) else "a single value"
            self._note(
                "SRC009",
                f"{_BEGINNINGS[self._page.noun].article} is a mapping of keys, and this document is {kind}",
                self._top.value,
                _BEGINNINGS[self._page.noun].other,
            )
        if self._findings or not isinstance(self._root, dict):
            self._stop()
        return Sheet(self._root, self._top, self._values)

    # What the parser says

    def _events(self, text: str) -> Iterator[yaml.Event]:
        loader = _LOADER(text)
        try:
            while loader.check_event():
                yield loader.get_event()
        except yaml.YAMLError as problem:
            self._findings.append(explain(problem, self._page.file, self._page.lines))
            self._stop()
        finally:
            loader.dispose()

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._start(event, {})
            case yaml.SequenceStartEvent():
                self._start(event, [])
            case yaml.CollectionEndEvent():
                self._stack.pop()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)

    def _document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._note(
                "SRC008",
                "a second document begins here; a blueprint is one document",
                _span(event),
                "Remove the `---` line, or keep the other document in a file of its own.",
            )
            self._stop()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._properties(event)
        span = _span(event)
        plain = event.style in (None, "")
        if self._key_is_due():
            self._key(event.value, span, plain)
            return
        value: Value = event.value
        if plain:
            value = self._plain(event.value, span)
        elif character := forbidden(event.value):
            self._note_character(character, span)
        self._put(value, span)

    def _start(self, event: yaml.CollectionStartEvent, data: dict[str, Value] | list[Value]) -> None:
        self._properties(event)
        span = _span(event)
        if self._key_is_due():
            kind = "a mapping" if isinstance(data, dict) else "a list"
            self._note("SRC011", f"a key is text, and this key is {kind}", span, "Write the key as one plain name.")
            self._stop()
        if len(self._stack) >= DEEPEST:
            self._note(
                "SRC006",
                f"more than {DEEPEST} levels of nesting",
                span,
                "No blueprint needs so many; look for unclosed brackets or wrong indentation.",
            )
            self._stop()
        inside: dict[str | int, Spot] = {}
        opened = _Open(data, inside, self._is_in_secret())
        self._put(data, span, inside)
        self._stack.append(opened)

    # Keys and values

    def _key_is_due(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].data, dict) and self._stack[-1].key is None

    def _key(self, typed: str, span: Span, plain: bool) -> None:
        mapping = self._stack[-1]
        if plain:
            self._judge_key(typed, span)
        elif character := forbidden(typed):
            self._note_character(character, span)
        if typed in mapping.inside:
            first = mapping.inside[typed].key or span
            self._note(
                "SRC010",
                f"the key {shown(typed)} is written twice; the first is in line {first.line + 1}",
                span,
                "Remove one of the two, or merge them by hand.",
            )
        mapping.key, mapping.key_span = typed, span

    def _judge_key(self, typed: str, span: Span) -> None:
        if typed == "<<":
            self._note(
                "SRC013",
                "merge keys are not part of a blueprint: what a section says stands in that section",
                span,
                "Write the merged keys out here.",
            )
            return
        value = resolve(typed)
        if isinstance(value, Refusal):
            self._refuse(typed, value, span)
        elif not isinstance(value, str):
            kind = "true or false" if isinstance(value, bool) else "a number"
            self._note("SRC011", f"a key is text, and {shown(typed)} is {kind}", span, f"{_in_quotes(typed)}.")

    def _plain(self, typed: str, span: Span) -> Value:
        value = resolve(typed)
        if not isinstance(value, Refusal):
            return value
        holder = self._stack[-1] if self._stack else None
        if typed == REMOVED and holder is not None and not any(isinstance(each.data, list) for each in self._stack):
            self._removals.append((holder.key or "", span))
        elif typed or holder is None:
            if holder is not None:
                self._refuse(typed, value, span, holder.key or "")
        elif holder.key is not None:
            self._note(
                "SRC027",
                f"the key {shown(holder.key)} has no value",
                holder.key_span or span,
                "Write its value, or remove the key; check the indentation of the lines below it.",
            )
        else:
            self._note("SRC027", "this item of the list is empty", span, "Write its value, or remove the item.")
        return None

    def _refuse(self, typed: str, refusal: Refusal, span: Span, key: str = "") -> None:
        if not typed:
            self._note("SRC011", "a key is missing before this colon", span, "Write the key.")
            return
        remedy = f"{_in_quotes(typed)} to keep it as text"
        if number := meant(key, typed):
            remedy = f"Write {number}"
        elif refusal.code == "SRC027":
            remedy = f"Remove the key, or {remedy[0].lower()}{remedy[1:]}"
        elif refusal.otherwise:
            remedy += f", or write {refusal.otherwise}"
        self._note(refusal.code, f"{shown(typed)} without quotes is read as {refusal.reading}", span, f"{remedy}.")

    def _put(self, value: Value, span: Span, inside: dict[str | int, Spot] | None = None) -> None:
        """Hang the value into the innermost open collection."""
        self._values += 1
        if self._values > MOST_VALUES:
            self._note("SRC005", f"more than {MOST_VALUES} values", span, "Check that this is the blueprint.")
            self._stop()
        if not self._stack:
            self._root, self._top = value, Spot(self._page, span, None, inside)
            return
        holder = self._stack[-1]
        if isinstance(holder.data, list):
            holder.inside[len(holder.data)] = Spot(self._page, span, None, inside)
            holder.data.append(value)
        elif holder.key is not None:
            holder.inside[holder.key] = Spot(self._page, span, holder.key_span, inside)
            holder.data[holder.key] = value
            holder.key = None

    # Tags, anchors, aliases

    def _properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._note(
                "SRC014",
                f"the tag {shown(_short_tag(event.tag))} is not allowed: a blueprint holds plain data only",
                _span(event),
                "Remove the tag; quotes make a value text.",
            )
        if event.anchor is not None:
            anchor = _Anchor(event.anchor, _span(event), self._is_in_secret())
            self._anchors[event.anchor] = anchor
            self._all_anchors.append(anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        span, name = _span(event), f"*{event.anchor}"
        anchor = self._anchors.get(name[1:])
        if anchor is None:
            self._note(
                "SRC012",
                f"the alias {shown(name)} refers to nothing, and a blueprint has no aliases",
                span,
                "Write the value itself, or put it in quotes to keep it as text.",
            )
        else:
            anchor.uses.append(span.line + 1)
        if self._key_is_due():
            self._stack[-1].key, self._stack[-1].key_span = name, span
        else:
            self._put(None, span)

    def _finish_anchors(self) -> None:
        for anchor in self._all_anchors:
            if anchor.in_secret:
                self._note_secret("SRC012", anchor.span)
                continue
            self._note(
                "SRC012",
                f"the anchor {shown('&' + anchor.name)}{_used_in(anchor.uses)} is not allowed: "
                "each value of a blueprint stands where it counts, and is not composed from another place",
                anchor.span,
                "Write the value out in each place, without `&` and `*`.",
            )

    def _finish_removals(self) -> None:
        """Where there is nothing to remove from, `null` is a missing value as in any other place."""
        if isinstance(self._root, dict) and extended_by(self._root):
            return
        refusal = resolve(REMOVED)
        for key, span in self._removals:
            if isinstance(refusal, Refusal):
                self._refuse(REMOVED, refusal, span, key)

    # Findings

    def _note_character(self, character: str, span: Span) -> None:
        self._note(
            "SRC004",
            f"this text holds the character {character} as an escape, which no blueprint needs",
            span,
            "Remove the escape.",
        )

    def _note(self, code: str, message: str, span: Span, fix: str) -> None:
        if self._is_in_secret():
            self._note_secret(code, span)
        else:
            self._add(code, message, span, fix)

    def _note_secret(self, code: str, span: Span) -> None:
        """What stands here may be the secret itself, so that no sentence repeats it."""
        message = "this is no plain reference to a secret; it is not repeated here, since it may be the secret itself"
        self._add(code, message, span, REFERENCE)

    def _is_in_secret(self) -> bool:
        if not self._stack:
            return False
        holder = self._stack[-1]
        return holder.in_secret or (holder.key is not None and names_a_secret(holder.key))

    def _add(self, code: str, message: str, span: Span, fix: str) -> None:
        self._findings.append(Finding(code, Severity.ERROR, message, self._at(span), fix=fix, see=SEE))
        if len(self._findings) >= MOST_FINDINGS:
            self._stop()

    def _at(self, span: Span) -> Place:
        return located(self._page.file, self._page.lines, span)

    def _stop(self) -> NoReturn:
        raise BlueprintError(sorted(self._findings, key=_position))


def _position(finding: Finding) -> tuple[int, int]:
    return (finding.place.line, finding.place.column) if finding.place else (0, 0)


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # only events made by hand have no marks
        return Span(0, 0)
    width = end.column - start.column if end.line == start.line else 10**6  # cut to its line by `located`
    return Span(start.line, start.column, max(1, width))


def _in_quotes(typed: str) -> str:
    """The instruction to quote a scalar, with the quoted spelling where it is short."""
    quoted = typed.replace("\\", "\\\\").replace('"', '\\"')
    return f'Put it in quotes, "{quoted}",' if len(quoted) <= 60 else "Put it in quotes"


def _short_tag(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag


def _used_in(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    lines = list(dict.fromkeys(lines))
    named = ", ".join(str(line) for line in lines[:3])
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return f" (used in line{'s' if len(lines) > 1 else ''} {named}{more})"
