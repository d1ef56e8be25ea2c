"""A secret that stands in a blueprint against the rule is repeated nowhere, whatever else is wrong with the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from podwright.errors import BlueprintError
from podwright.load import read
from podwright.load.secrecy import kept_back, names_a_secret
from podwright.model.prose import spell
from podwright.resources import folder
from podwright.validate import validate
from podwright.validate.shape import SECRET

CANARY = "canary-4791"
HEAD = """podwright: 1
name: atlas
site: {domain: atlas.example.net, dns: [192.0.2.53]}
units: {slots: 16}
servers:
  gpu: {model: hgx-h100, count: 4, at: {unit: 1, slot: 1}}
fabrics:
  front:
    carries: [frontend]
    topology: leaf-spine
    leaf:  {model: sn4700, nos: sonic}
    spine: {model: sn4700, nos: sonic}
    pool: 10.16.0.0/14
    outside:
      edge:
        asn: 64999
"""
WAYS = [
    f"        password: {CANARY}\n",
    f'        password: "{CANARY}"\n',
    f"        password: '{CANARY}\n          {CANARY}'\n",
    f"        password: |\n          {CANARY}\n",
    f"        password:\n          {CANARY}\n",
    f"        password: {{env: {CANARY}}}\n",
    f"        password:\n          env: POD\n          value: {CANARY}\n",
    f"        password: [{CANARY}, {CANARY}]\n",
    f"        password: {{\n          {CANARY}: {CANARY}\n        }}\n",
    f"        passwd: {CANARY}\n",
    f"        password {CANARY}\n",
]
TAIL = "        peers: [192.0.2.0/31]\n"
MORSELS = [
    "[", "]", "{", "}", "- ", "? ", ": ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "!!int ", "!x ", "%", "---\n", "...\n",
    "'", '"', "\\", "|\n", ">\n", "#", "on", "~", "010", ",", "@", "`", "\u202e", "\x85",
]  # fmt: skip


def said_of(text: str, file: Path) -> str:
    """All that is said of a blueprint, as text and as JSON."""
    file.write_text(text, "utf-8")
    try:
        validate(read(file))
    except BlueprintError as error:
        return "\n".join(map(spell, error.findings)) + json.dumps(msgspec.to_builtins(error.findings))
    return ""


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=st.sampled_from(WAYS), place=st.integers(0, 10_000), morsels=st.lists(st.sampled_from(MORSELS), max_size=3))
@example(way=WAYS[0], place=len(HEAD) + len("        password:"), morsels=["!"])
@example(way=WAYS[0], place=len(HEAD) + len("        password: "), morsels=["{"])
@example(way=WAYS[0], place=len(HEAD) + len("        password: "), morsels=["\n"])
@example(way=WAYS[-1], place=len(HEAD), morsels=["  "])
def test_no_slip_beside_it_gives_it_away(way: str, place: int, morsels: list[str], tmp_path: Path) -> None:
    """Where the key of the secret is whole and stays where it is: no slip comments out what it belongs to, and no line
    break makes a part of its value a key of its own.
    """
    text = HEAD + way + TAIL
    at = place % len(text)
    word, end = text.index("passw", len(HEAD)), len(HEAD + way)
    assume(not word < at < word + len("password"))
    assume("#" not in morsels or at >= word)
    assume("\n" not in "".join(morsels) or not word < at < end or ":" not in text[at:end])
    assert CANARY not in said_of(text[:at] + "".join(morsels) + text[at:], tmp_path / "pod.yaml")


def test_every_key_of_a_secret_is_told_by_its_name() -> None:
    schema = json.loads((folder("schemas") / "blueprint.schema.json").read_text("utf-8"))
    titled = [name for name, node in schema["$defs"].items() if node.get("title") == SECRET]
    keys = set(_keys_of(schema, [f"#/$defs/{name}" for name in titled]))
    assert keys
    assert [key for key in keys if not names_a_secret(key)] == []


def _keys_of(node: Any, references: list[str]) -> list[str]:
    if isinstance(node, list):
        return [key for item in node for key in _keys_of(item, references)]
    if not isinstance(node, dict):
        return []
    properties = node.get("properties", {})
    here = [key for key, value in properties.items() if isinstance(value, dict) and value.get("$ref") in references]
    return here + [key for value in node.values() for key in _keys_of(value, references)]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["name: a", "password: x", "name: b"], ["name: a", "", "name: b"]),
        (["edge:", "  password:", "    env: X", "  asn: 1"], ["edge:", "  ", "    ", "  asn: 1"]),
        (["password:", "x", "name: b"], ["", "", "name: b"]),
        (["password: 'x", "y'", "name: b"], ["", "", "name: b"]),
        (["- {asn: 1,  # the token", "[  x: 2}", "name: b"], ["", "", "name: b"]),
        (["\tpassword: x"], ["\t"]),
        (["%password"], ["%"]),
        (["passwords: {}", "", "  x"], ["", "", "  "]),
    ],
)
def test_what_is_kept_back(lines: list[str], shown: list[str]) -> None:
    assert list(kept_back(lines)) == shown
