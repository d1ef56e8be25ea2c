"""The schema and the records say the same, every entry keeps to it, and it keeps to what every editor understands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
import yaml

from podwright.catalog import Asic, Cable, Cages, Nic, Nos, Reach, Server, Standard, Switch
from podwright.catalog import loader as reading
from podwright.resources import folder

SCHEMA = folder("schemas") / "catalog.schema.json"
DOCUMENT: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(DOCUMENT)
RECORDS = {
    "switch": Switch, "cages": Cages, "nos": Nos, "server": Server, "nic": Nic, "cable": Cable, "reach": Reach,
    "standard": Standard, "asic": Asic,
}  # fmt: skip
SHARED = {"source", "max_watts"}
PORTABLE = {
    "$schema", "$id", "$ref", "$defs", "title", "description", "default", "type", "enum", "pattern", "properties",
    "required", "additionalProperties", "propertyNames", "items", "minimum", "maximum", "minLength", "minItems",
    "minProperties", "uniqueItems", "if", "then", "else",
}  # fmt: skip
ENTRIES = sorted(Path(reading.__file__).parent.glob("*/*.yaml"))
FIELDS = [
    pytest.param(name, field, id=f"{name}-{field.name}")
    for name, record in RECORDS.items()
    for field in msgspec.structs.fields(record)
]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    return DOCUMENT["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else node


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in the document with the path it stands at, the condition of the root aside."""
    yield path, node
    for name, inner in (node.get("properties", {}) | node.get("$defs", {})).items():
        yield from nodes(inner, f"{path}/{name}")
    for keyword in ("items", "propertyNames", "additionalProperties", "then", "else"):
        if isinstance(node.get(keyword), dict):
            yield from nodes(node[keyword], f"{path}/{keyword}")


NODES = dict(nodes(DOCUMENT))


def test_every_record_has_its_definition() -> None:
    assert set(DOCUMENT["$defs"]) == set(RECORDS) | SHARED


@pytest.mark.parametrize("name", RECORDS)
def test_both_have_the_same_keys_and_demand_the_same(name: str) -> None:
    fields = msgspec.structs.fields(RECORDS[name])
    node = DOCUMENT["$defs"][name]
    assert node["additionalProperties"] is False
    assert set(node["properties"]) == {field.name for field in fields}
    assert set(node["required"]) == {field.name for field in fields if field.required}


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_both_have_the_same_defaults(name: str, field: msgspec.structs.FieldInfo) -> None:
    node = resolved(DOCUMENT["$defs"][name]["properties"][field.name])
    if field.required:
        assert "default" not in node
    else:
        default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        assert node["default"] == (list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_both_have_the_same_types_and_words(name: str, field: msgspec.structs.FieldInfo) -> None:
    node = resolved(DOCUMENT["$defs"][name]["properties"][field.name])
    kind = msgspec.inspect.type_info(field.type)
    expected = {
        msgspec.inspect.StrType: "string",
        msgspec.inspect.LiteralType: "string",
        msgspec.inspect.IntType: "integer",
        msgspec.inspect.BoolType: "boolean",
        msgspec.inspect.VarTupleType: "array",
        msgspec.inspect.DictType: "object",
    }
    assert node["type"] == expected[type(kind)]
    if isinstance(kind, msgspec.inspect.LiteralType):
        assert set(node["enum"]) == set(get_args(field.type))


@pytest.mark.parametrize(("path", "node"), NODES.items(), ids=NODES)
def test_only_portable_keywords_and_nothing_beside_a_reference(path: str, node: dict[str, Any]) -> None:
    assert set(node) <= PORTABLE, path
    if "$ref" in node:
        assert set(node) == {"$ref"}
    else:
        assert {"title", "description"} <= set(node), path
        assert node["description"].endswith(".")


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_every_entry_keeps_to_the_schema(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text("utf-8")))] == []


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_every_entry_names_its_schema_in_its_first_line(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert found.group(1) == "../../../../schemas/catalog.schema.json"


@pytest.mark.parametrize(
    ("stem", "old", "new"),
    [
        ("sn5600", "asic: spectrum-4", "asic: Spectrum 4"),
        ("sn5600", "2x400G", "2 x 400G"),
        ("sn5600", "form: osfp", "form: ospf"),
        ("sn5600", "etp{cage}{letter}", "etp{cage}{lettre}"),
        ("sn5600", "hwsku:", "hw_sku:"),
        ("sn5600", "[200G,100G,50G,40G,25G,10G]", "[200G, 100G]"),
        ("sn5600", "https://", "http://"),
        ("xe9680-h200", "0000:1a:00.0", "1a:00.0"),
        ("xe9680-h200", "role: frontend", "role: front"),
        ("xe9680-h200", "purpose: compute", "purpose: gpu"),
        ("spectrum-4", "headroom: spectrum", "headroom: mellanox"),
        ("spectrum-4", "cell_bytes: 192", "cell: 192"),
        ("spectrum-4", "lane: 100", "lane: 100G"),
        ("tomahawk-5", "speeds: [10, 25", "speeds: [10, 10"),
    ],
)
def test_a_slip_in_an_entry_is_found(stem: str, old: str, new: str) -> None:
    text = next(path for path in ENTRIES if path.stem == stem).read_text("utf-8")
    assert old in text
    assert not VALIDATOR.is_valid(yaml.safe_load(text.replace(old, new)))
