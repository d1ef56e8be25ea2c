"""The blueprint's JSON Schema, and the validator that reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from podwright.load import KeyPath
from podwright.resources import folder

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Node = dict[str, Any]

_LONGEST_MATCHED = 4096  # longer text has broken its maxLength anyway


class Breach(NamedTuple):
    """One keyword of the schema that one value breaks.

    `path` leads to `value`; where `is_name` is set, `value` is itself the last key of `path`. `limit` is what the
    keyword says, and `node` the part of the schema it stands in.
    """

    keyword: str
    limit: Any
    path: KeyPath
    value: Any
    node: Node
    is_name: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema document whose `$ref`s are resolved: the validator takes twice as long where it has to.

    `noun` is what a document of this shape is called.
    """

    document: Node
    noun: str = "blueprint"

    @classmethod
    def shipped(cls) -> Schema:
        """schemas/blueprint.schema.json. Raises EngineError where the installation lacks it."""
        written = _shipped("blueprint")
        return cls(_inlined(written, written["$defs"]))

    @classmethod
    def of_entry(cls, kind: str) -> Schema:
        """What schemas/catalog.schema.json says of a `switch`, a `server`, a `cable` or an `asic`. Raises as `shipped` does."""
        written = _shipped("catalog")
        return cls(_inlined(written["$defs"][kind], written["$defs"]), noun="entry")

    def breaches(self, data: object) -> Iterator[Breach]:
        """Everything in `data` that does not fit, in no order."""
        jsonschema = import_module("jsonschema")  # heavy, so not before a blueprint is at hand
        draft = jsonschema.Draft202012Validator
        types = draft.TYPE_CHECKER.redefine("integer", _is_whole)
        validator = jsonschema.validators.extend(draft, {"pattern": _pattern}, type_checker=types)
        return (_breach(error) for error in validator(self.document).iter_errors(data))

    def at(self, path: Sequence[str | int]) -> Node:
        """The part of the schema that speaks of the value at `path`; empty where none does."""
        node = self.document
        for step in path:
            inner = node.get("items") if isinstance(step, int) else _member(node, step)
            node = inner if isinstance(inner, dict) else {}
        return node


def _shipped(name: str) -> Node:
    document: Node = json.loads((folder("schemas") / f"{name}.schema.json").read_text("utf-8"))
    return document


def _inlined(node: Any, definitions: Node) -> Any:
    """The schema with each `$ref` replaced by what it refers to; no definition refers to itself."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items() if key != "$defs"}


def _member(node: Node, key: str) -> object:
    return node.get("properties", {}).get(key, node.get("additionalProperties"))


def _breach(error: ValidationError) -> Breach:
    is_name = "propertyNames" in error.absolute_schema_path
    name = (error.instance,) if is_name else ()
    path = (*error.absolute_path, *name)
    node = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    return Breach(str(error.validator), error.validator_value, path, error.instance, node, is_name)


def _is_whole(_checker: object, instance: object) -> bool:
    """JSON Schema takes 32.0 for a whole number; the typed blueprint, and most readers of YAML, do not."""
    return isinstance(instance, int) and not isinstance(instance, bool)


def _pattern(_validator: object, pattern: str, instance: object, _schema: Node) -> Iterator[ValidationError]:
    """`pattern` as ECMA 262 means it: in Python, `$` would also match before a last newline, and let it through."""
    if not isinstance(instance, str) or len(instance) > _LONGEST_MATCHED:
        return
    if not re.search(pattern.removesuffix("$") + r"\Z", instance):
        jsonschema = import_module("jsonschema")
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
