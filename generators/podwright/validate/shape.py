"""What does not fit the schema, in sentences made from the schema's own titles and descriptions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from msgspec.structs import replace

from podwright.load import REFERENCE, KeyPath, Source, Spot, dotted, meant, names_a_secret
from podwright.model.prose import shown
from podwright.model.report import Finding, Severity
from podwright.validate.schema import Breach, Node, Schema

SEE = "docs/stages/validate.md"
SECRET = "Reference to a secret"
"""The title of what accepts nothing but a reference."""

_MOST_BREACHES = 2000
_LONGEST_GUESSED = 40  # comparing words takes time quadratic in their length
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_COUNTS = ("minItems", "minProperties", "maxItems", "uniqueItems")
_RANK = ("type", "enum", "minLength", "pattern", "maxLength")  # of several misfits of one value, the first one speaks


class Misfit(NamedTuple):
    """A finding, and the path of the smallest value that is not to be trusted because of it."""

    path: KeyPath
    finding: Finding


class _Remark(NamedTuple):
    code: str
    message: str
    fix: str


def misshapes(source: Source, schema: Schema) -> list[Misfit]:
    """Everything in the document that does not fit the schema; at most one finding a value, a missing key, a key."""
    breaches = list(islice(schema.breaches(source.data), _MOST_BREACHES))
    extras = ((breach, key) for breach in breaches for key in _extras(breach))
    strays = [_stray(breach, key, schema) for breach, key in islice(extras, _MOST_BREACHES)]
    meant = {stray.meant for stray in strays}
    lacking = dict.fromkeys((breach.path, key) for breach in breaches for key in _lacking(breach))
    misfits = [
        *(_unknown(stray, source, schema) for stray in strays),
        *(_missing(path, key, source, schema) for path, key in lacking if (*path, key) not in meant),
        *(_unfit(breach, source, schema) for breach in _loudest(breaches)),
    ]
    return list(dict.fromkeys(misfits))  # of a reference to a secret, all that is amiss is told in one sentence


def _extras(breach: Breach) -> list[str]:
    if breach.keyword != "additionalProperties":
        return []
    return [key for key in breach.value if key not in breach.node.get("properties", {})]


def _lacking(breach: Breach) -> list[str]:
    return [key for key in breach.limit if key not in breach.value] if breach.keyword == "required" else []


def _loudest(breaches: Sequence[Breach]) -> list[Breach]:
    """Of the breaches of one value, or of one name, the most basic."""
    chosen: dict[tuple[bool, KeyPath], Breach] = {}
    for breach in breaches:
        about = (breach.is_name, breach.path)
        if breach.keyword in ("additionalProperties", "required"):
            continue
        if about not in chosen or _rank(breach) < _rank(chosen[about]):
            chosen[about] = breach
    return list(chosen.values())


def _rank(breach: Breach) -> int:
    return _RANK.index(breach.keyword) if breach.keyword in _RANK else len(_RANK)


# Keys


class _Stray(NamedTuple):
    """A key that is not known where it stands, and the path it was likely meant to have."""

    path: KeyPath
    meant: KeyPath
    fix: str


def _stray(breach: Breach, key: str, schema: Schema) -> _Stray:
    path, known = (*breach.path, key), list(breach.node.get("properties", {}))
    owner = _owner(breach.path, key, schema)
    if owner is not None:
        return _Stray(path, (*owner, key), f"It belongs to {_called(owner, schema.noun)}; check the indentation.")
    if near := nearest(key, known):
        return _Stray(path, (*breach.path, near), f"Did you mean {shown(near)}?")
    return _Stray(path, path, f"Remove it; the keys known here are {listed(known)}.")


def _owner(path: KeyPath, key: str, schema: Schema) -> KeyPath | None:
    """The nearest mapping around `path` that does know `key`: the sign of a line indented too far."""
    for depth in range(len(path) - 1, -1, -1):
        if key in schema.at(path[:depth]).get("properties", {}):
            return path[:depth]
    return None


def _unknown(stray: _Stray, source: Source, schema: Schema) -> Misfit:
    *above, key = stray.path
    if secret := secret_at(tuple(above), schema):
        return Misfit(secret, _finding(_remark_on_secret(_called(secret)), source, secret, key=True))
    remark = _Remark("SCH002", f"unknown key {shown(str(key))} {_inside(above, schema.noun)}", stray.fix)
    return Misfit(stray.path, _finding(remark, source, stray.path, key=True))


def _missing(path: KeyPath, key: str, source: Source, schema: Schema) -> Misfit:
    example = _as_value(schema.at((*path, key)))
    fix = f"Add it, for example `{key}: {example}`." if example else "Add it."
    remark = _Remark("SCH001", f"the key {shown(key)} is missing {_inside(path, schema.noun)}", fix)
    return Misfit(path, _finding(remark, source, path, key=True))


# Names and values


def _unfit(breach: Breach, source: Source, schema: Schema) -> Misfit:
    if breach.is_name:
        return Misfit(breach.path, _finding(_remark_on_name(breach), source, breach.path, key=True))
    at_key = breach.keyword in _COUNTS or isinstance(breach.value, (dict, list))
    if secret := secret_at(breach.path, schema):
        return Misfit(secret, _finding(_remark_on_secret(_called(secret)), source, secret, key=True))
    remark = _remark_on_value(breach, schema)
    return Misfit(breach.path, _finding(remark, source, breach.path, key=at_key))


def _remark_on_name(breach: Breach) -> _Remark:
    title = str(breach.node["title"])
    noun = title[:1].lower() + title[1:]
    if breach.value == "":
        message = f"the {noun} is empty"
    elif breach.keyword == "maxLength":
        message = f"{shown(breach.value)} has {len(breach.value)} characters, and a {noun} may have {breach.limit}"
    else:
        message = f"{shown(breach.value)} cannot be a {noun}"
    return _Remark("SCH010", message, _written_as(breach.node))


def _remark_on_value(breach: Breach, schema: Schema) -> _Remark:
    value, limit, what, node = breach.value, breach.limit, _called(breach.path), schema.at(breach.path)
    match breach.keyword:
        case "type" if isinstance(limit, list):
            kinds = " or ".join(_KINDS[kind] for kind in limit)
            return _Remark("SCH003", f"{what} must be {kinds}, and {_described(value, limit[0])}", _written_as(node))
        case "type":
            message = f"{what} must be {_KINDS[limit]}, and {_described(value, limit)}"
            fix = _retyped(value, limit, breach.path, node)
            if isinstance(value, dict) and (section := _section_of(breach.path, schema)):
                fix += f" What it is made of goes into the section `{section}`, under that name."
            return _Remark("SCH003", message, fix)
        case "enum":
            choices = [str(choice) for choice in limit]
            near = nearest(value, choices) if isinstance(value, str) else None
            fix = f"Did you mean {shown(near)}?" if near else f"Write {listed(choices, 'or')}."
            can = "can only be" if len(choices) == 1 else "can be"
            return _Remark("SCH004", f"{what} cannot be {_spelt(value)}; it {can} {listed(choices, 'or')}", fix)
        case "pattern":
            return _Remark("SCH005", f"{what} cannot be {_spelt(value)}", _written_as(node))
        case "minimum" | "maximum":
            bounds = f"from {node['minimum']} to {node['maximum']}" if "maximum" in node else f"{limit} or more"
            return _Remark("SCH006", f"{what} is {value}, and must be {bounds}", f"Write a number {bounds}.")
        case "minLength":
            return _Remark("SCH007", f"{what} is empty", _written_as(node))
        case "minItems" | "minProperties":
            example = _example(node)
            return _Remark("SCH007", f"{what} is empty", f"Write at least one, for example {example}.")
        case "maxItems" | "maxLength":
            unit, fix = ("characters", "Shorten it.") if isinstance(value, str) else ("entries", "Remove some.")
            return _Remark("SCH008", f"{what} has {len(value)} {unit}, and may have {limit}", fix)
        case "uniqueItems":
            return _Remark("SCH009", f"{what} holds {_twin(value)} more than once", "Remove the repetition.")
        case keyword:
            raise NotImplementedError(f"the schema uses the keyword {keyword}, which has no sentence yet")


def secret_at(path: KeyPath, schema: Schema) -> KeyPath:
    """The path of the reference to a secret that `path` lies in, empty where it lies in none."""
    depths = range(1, len(path) + 1)
    return next((path[:depth] for depth in depths if schema.at(path[:depth]).get("title") == SECRET), ())


def lost_secrets(source: Source, schema: Schema) -> Iterator[Misfit]:
    """Secrets that a base holds although the blueprint over it says something else: their file is read by others too."""
    for path, value, spot in source.replaced:
        for where, holder in _literals(path, value, spot, schema):
            remark = _remark_on_secret(_called(where))
            place = replace(holder.at(where, key=True), text="")  # the secret may stand in this line
            yield Misfit(
                where, Finding(remark.code, Severity.ERROR, remark.message, place, remark.fix, SEE, dotted(where))
            )


def _literals(path: KeyPath, value: object, spot: Spot, schema: Schema) -> Iterator[tuple[KeyPath, Spot]]:
    """Values at and below `path` that are no references where the schema wants one to a secret."""
    if schema.at(path).get("title") == SECRET:
        if not isinstance(value, dict):
            yield path, spot
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _literals((*path, key), inner, (spot.inside or {})[key], schema)


def _remark_on_secret(what: str) -> _Remark:
    """What stands there may be the secret, so the sentence does not repeat it; `validate` keeps its line back too."""
    return _Remark(
        "SCH011",
        f"{what} must say where the secret is found, in one way, and never hold the secret itself",
        REFERENCE,
    )


def _section_of(path: KeyPath, schema: Schema) -> str:
    """The section at the top of a blueprint that defines what is only named at `path`; empty where there is none."""
    section = schema.at((path[-1],)) if path else {}
    return str(path[-1]) if "propertyNames" in section else ""


def _retyped(value: object, wanted: str, path: KeyPath, node: Node) -> str:
    """How to write the value so that it is of the wanted kind."""
    if wanted in ("integer", "number") and (number := _as_number(value, path)):
        return number
    if wanted == "string" and isinstance(value, (int, float)):
        return f'Put it in quotes, "{str(value).lower()}".'
    if wanted == "array" and isinstance(value, (str, int)) and len(str(value)) <= 60:
        return f"Write a list: [{value}]."
    if example := _example(node):
        return f"Write it like {example}."
    return f"Write {_KINDS[wanted]}."


def _as_number(value: object, path: KeyPath) -> str:
    """How to write a number that has quotes, decimals of no effect, or a notation of its own."""
    key = path[-1] if path else ""
    plain = meant(key, str(value))
    if isinstance(value, float) and value.is_integer():
        return f"Write {int(value)}{f', or {plain} where you mean the dotted form' if plain else ''}."
    if plain:
        return f"Write it as one plain number, {plain}." if key == "asn" else f"Write {plain}."
    if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,14}", value):
        return f"Write {value} without the quotes."
    return "Write it as one plain number." if key == "asn" else ""


def _twin(items: list[Any]) -> str:
    """The first item that has an equal one before it."""
    return next(_spelt(item) for number, item in enumerate(items) if item in items[:number])


# Words


def _finding(remark: _Remark, source: Source, path: KeyPath, key: bool) -> Finding:
    return Finding(
        remark.code,
        Severity.ERROR,
        remark.message,
        source.place(path, key=key),
        fix=remark.fix,
        see=SEE,
        path=dotted(path),
    )


def _called(path: KeyPath, noun: str = "blueprint") -> str:
    return shown(dotted(path), 80) if path else f"the {noun}"


def _inside(path: Sequence[str | int], noun: str) -> str:
    return f"in {dotted(path)}" if path else f"at the top of the {noun}"


def _described(value: object, wanted: str) -> str:
    match value:
        case dict():
            return "this is a mapping"
        case list():
            return "this is a list"
        case bool():
            return f"{_spelt(value)} is true or false"
        case str():
            is_quoted_number = wanted in ("integer", "number") and re.fullmatch(r"[0-9.]{1,40}", value)
            quotes = '"' if is_quoted_number else ""
            return "this is text" if names_a_secret(value) else f"{shown(quotes + value + quotes)} is text"
        case float():
            return f"{_spelt(value)} is a number with decimals"
        case _:
            return f"{_spelt(value)} is a number"


def _spelt(value: object) -> str:
    """The value as a sentence shows it; not one with a word for a secret in it, as where a line ran on into another."""
    if names_a_secret(str(value)):
        return "this value"
    match value:
        case str() if value:
            return shown(value)
        case str():
            return "empty text"
        case bool():
            return shown(str(value).lower())
        case dict():
            return shown("{" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "}")
        case _:
            return shown(str(value))


def listed(words: Sequence[str], last: str = "and") -> str:
    """The words as a sentence lists them: `a`, `b` and `c`."""
    quoted = [shown(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was likely meant to be; case, hyphens and underscores count for nothing."""
    if len(word) > _LONGEST_GUESSED:
        return None
    plain = {_plain(name): name for name in known}
    close = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _example(node: Node) -> str:
    """The example that the description gives, as it stands in YAML."""
    found = re.search(r"Example: (.*?)\.?(?: Written as .*)?$", node.get("description", ""))
    return found[1] if found else ""


def _as_value(node: Node) -> str:
    """The example as it stands behind its key: entries of a mapping need braces there."""
    example = _example(node)
    bare = node.get("type") == "object" and example and not example.startswith("{")
    return f"{{{example}}}" if bare else example


def _written_as(node: Node) -> str:
    """The description's own sentence about how the value is written, as an instruction."""
    _, found, form = node.get("description", "").partition("Written as ")
    return f"Write {form}" if found else "See the page below."
