"""The schema and the typed model say the same, and the schema keeps to what every editor understands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import jsonschema
import msgspec
import pytest
import yaml

from podwright.load import read
from podwright.model import blueprint as model
from podwright.model.blueprint import Blueprint
from podwright.resources import folder
from podwright.validate import validate

WHOLE = Path(__file__).parent / "whole.yaml"
DOCUMENT: dict[str, Any] = json.loads((folder("schemas") / "blueprint.schema.json").read_text("utf-8"))
PORTABLE = {
    "$schema", "$id", "$ref", "$defs", "title", "description", "default", "type", "enum", "pattern", "properties",
    "required", "additionalProperties", "propertyNames", "items", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems",
}  # fmt: skip


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    return DOCUMENT["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else node


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in the document with the path it stands at, definitions included."""
    yield path, node
    for name, inner in (node.get("properties", {}) | node.get("$defs", {})).items():
        yield from nodes(inner, f"{path}/{name}")
    for keyword in ("items", "propertyNames", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            yield from nodes(node[keyword], f"{path}/{keyword}")


NODES = dict(nodes(DOCUMENT))
SAYING = {path: node for path, node in NODES.items() if "$ref" not in node}


def structs() -> Iterator[tuple[type[msgspec.Struct], dict[str, Any]]]:
    """Every struct of the model beside the schema of its section."""
    for kind in vars(model).values():
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
            yield kind, DOCUMENT if kind is Blueprint else DOCUMENT["$defs"][name]


STRUCTS = list(structs())
FIELDS = [(kind, field, node) for kind, node in STRUCTS for field in msgspec.structs.fields(kind)]


def test_both_have_the_same_sections() -> None:
    assert len(STRUCTS) == len(DOCUMENT["$defs"]) + 1


@pytest.mark.parametrize(("kind", "node"), STRUCTS, ids=lambda part: getattr(part, "__name__", ""))
def test_both_have_the_same_keys_and_demand_the_same(kind: type[msgspec.Struct], node: dict[str, Any]) -> None:
    fields = msgspec.structs.fields(kind)
    assert set(node["properties"]) == {field.encode_name for field in fields}
    assert set(node.get("required", [])) == {field.encode_name for field in fields if field.required}


@pytest.mark.parametrize(("kind", "field", "node"), FIELDS, ids=lambda part: getattr(part, "__name__", None))
def test_both_have_the_same_defaults(kind: type[msgspec.Struct], field: Any, node: dict[str, Any]) -> None:
    prop = resolved(node["properties"][field.encode_name])
    if field.default is not msgspec.NODEFAULT:
        default = field.default
    elif field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    else:
        default = None
    if default is None:
        assert "default" not in prop, f"{kind.__name__}.{field.name}"
    else:
        written = msgspec.convert(prop["default"], field.type)
        assert written == default
        assert type(written) is type(default)


def shape_of(kind: Any) -> Any:
    """A type of the model as the schema's words: what `told` must give for the same key."""
    if get_origin(kind) is Literal:
        return ("string", *get_args(kind))
    if get_origin(kind) is tuple:
        return ["array", shape_of(get_args(kind)[0])]
    if get_origin(kind) is dict:
        return ["map", shape_of(get_args(kind)[1])]
    options = [option for option in get_args(kind) if option is not type(None)]
    if len(options) > 1:
        return {"either": [shape_of(option) for option in options]}
    if options:
        return shape_of(options[0])
    return {str: "string", int: "integer", float: "number", bool: "boolean"}.get(kind) or kind.__name__


def told(node: dict[str, Any]) -> Any:
    """A schema in the same words as `shape_of`."""
    node = resolved(node)
    for kind, section in STRUCTS:
        if section is node and node["type"] == "object":
            return kind.__name__
        if section is node:
            return {"either": [kind.__name__ if each == "object" else each for each in node["type"]]}
    if isinstance(node["type"], list):
        return {"either": [told({**node, "type": each}) for each in node["type"]]}
    if node["type"] == "array":
        return ["array", told(node["items"])]
    if node["type"] == "object":
        return ["map", told(node["additionalProperties"])]
    if node["type"] == "string" and "enum" in node:
        return ("string", *node["enum"])
    return node["type"]


@pytest.mark.parametrize(("kind", "field", "node"), FIELDS, ids=lambda part: getattr(part, "__name__", None))
def test_both_have_the_same_types_and_choices(kind: type[msgspec.Struct], field: Any, node: dict[str, Any]) -> None:
    assert told(node["properties"][field.encode_name]) == shape_of(field.type), f"{kind.__name__}.{field.name}"


def test_only_keywords_that_every_draft_since_7_knows() -> None:
    assert {keyword for node in NODES.values() for keyword in node} <= PORTABLE
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)
    jsonschema.Draft7Validator.check_schema({**DOCUMENT, "$schema": "http://json-schema.org/draft-07/schema#"})


def test_nothing_stands_beside_a_reference() -> None:
    assert [path for path, node in NODES.items() if "$ref" in node and len(node) > 1] == []


def test_every_object_is_closed() -> None:
    for path, node in SAYING.items():
        if node.get("type") == "object":
            named, mapped = "properties" in node, "propertyNames" in node
            assert named != mapped, path
            assert node["additionalProperties"] is False if named else node["additionalProperties"], path


@pytest.mark.parametrize("path", SAYING)
def test_every_key_teaches(path: str) -> None:
    node = SAYING[path]
    assert node["title"]
    assert node["description"].endswith(".")


@pytest.mark.parametrize("path", [path for path, node in SAYING.items() if node.get("type") == "string"])
def test_every_text_is_bounded_and_says_how_it_is_written(path: str) -> None:
    node = SAYING[path]
    if "enum" in node:
        return
    assert node["maxLength"] <= 500
    assert " Written as " in node["description"]
    assert node["pattern"].startswith("^")
    assert node["pattern"].endswith("$")
    assert not re.search(r"\\[dws]", node["pattern"]), "these mean more in Python than in ECMA 262"


def test_every_number_is_bounded() -> None:
    for path, node in SAYING.items():
        if node.get("type") in ("integer", "number"):
            assert "enum" in node or {"minimum", "maximum"} <= set(node), path


@pytest.mark.parametrize("path", [path for path, node in SAYING.items() if "Example: " in node.get("description", "")])
def test_every_example_is_one(path: str) -> None:
    """The example that a description gives is YAML that its own schema takes."""
    node = SAYING[path]
    text = re.search(r"Example: (.*?)\.?(?: Written as .*)?$", node["description"])
    assert text
    section = {**node, "$defs": DOCUMENT["$defs"]}
    jsonschema.validators.validator_for(DOCUMENT)(section).validate(yaml.safe_load(text[1]))


def test_the_schema_itself_is_sound() -> None:
    jsonschema.validators.validator_for(DOCUMENT).check_schema(DOCUMENT)


def test_a_blueprint_with_every_key_is_valid_and_arrives_whole() -> None:
    blueprint = validate(read(WHOLE))
    written = yaml.safe_load(WHOLE.read_text("utf-8"))
    arrived = msgspec.to_builtins(blueprint)

    def is_kept(part: Any, whole: Any) -> bool:
        if isinstance(part, dict):
            return all(is_kept(value, whole[key]) for key, value in part.items())
        if isinstance(part, list):
            return len(part) == len(whole) and all(map(is_kept, part, whole))
        return part == whole and type(part) is type(whole)

    assert is_kept(written, arrived)


def test_the_whole_blueprint_does_name_every_key() -> None:
    written = yaml.safe_load(WHOLE.read_text("utf-8"))

    def keys(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for key, value in part.items():
                yield key
                yield from keys(value)
        elif isinstance(part, list):
            for item in part:
                yield from keys(item)

    unused = {field.encode_name for _, field, _ in FIELDS} - set(keys(written))
    assert unused == {
        "host_pool",  # these two stand in a fabric that carries compute and frontend
        "host_pool6",
        "extends",  # these two need other files
        "catalog",
    }


def test_editors_agree_with_us_on_the_whole_blueprint() -> None:
    jsonschema.Draft7Validator(DOCUMENT).validate(yaml.safe_load(WHOLE.read_text("utf-8")))


INJECTIONS = [
    "\n",
    "x\n",
    "x\ny",
    "{{ x }}",
    "{% x %}",
    "$(id)",
    "`id`",
    "a;b",
    "a|b",
    "a b",
    "../x",
    "x/../y",
    "'",
    '"',
    "\\",
]


@pytest.mark.parametrize("injection", INJECTIONS)
def test_no_text_but_the_description_takes_what_a_shell_or_template_would_act_on(injection: str) -> None:
    for path, node in SAYING.items():
        is_path = (
            path.endswith(("/management/python", "/access_override/python", "/reference/file", "/extends", "/catalog"))
            and ".." in injection
        )
        has_blanks = path == "/interface_override/description" and injection == "a b"
        if node.get("type") == "string" and path != "/description" and not is_path and not has_blanks:
            example = re.search(r"Example: \"?(.*?)\"?\.?(?: Written as .*)?$", node["description"])
            for text in (injection, (example[1] if example else "x") + injection):
                assert "enum" in node or not re.search(node["pattern"].removesuffix("$") + r"\Z", text), (path, text)
