"""What a person quoted arrives as the text it was, whichever YAML reads cluster.yaml; and the files that Pulumi reads are its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from podwright.projection.cluster_records import BindingConfig, ClusterConfig, Subject
from podwright.targets.pulumi import STACK, render
from podwright.targets.pulumi.data import cluster_data

# tests/errors shows that the bare forms are refused; these were quoted in the blueprint.
BITING = [
    "65000.100",
    "on",
    "No",
    "y",
    "null",
    "~",
    "52:54:00:12:34:56",
    "1e3",
    "010",
    "0o10",
    "0x1f",
    "1.10",
    "0123456789",
    "100,200",
    "12:30",
    "1_000",
    "2026-01-01",
    ".inf",
    "=",
    "<<",
    "a: b",
    "a #b",
    "- a",
    "{{ x }}",
    "ümlaut",
    " spaced ",
]
# YAML 1.2's core schema, section 10.3.2: what is not text where it stands bare.
CORE = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


def named(text: str) -> ClusterConfig:
    cluster = reference.pod("hgx-h100-32").cluster
    assert cluster
    binding = BindingConfig(name="b", role="r", subjects=(Subject(kind="User", name=text),))
    return replace(cluster, context=text, tenants=(replace(cluster.tenants[0], bindings=(binding,)),))


@pytest.mark.parametrize("text", BITING)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    document = yaml.safe_load(cluster_data(named(text)))
    assert document["kubernetes"]["context"] == text
    assert document["tenants"][0]["bindings"][0]["subjects"] == [{"kind": "User", "name": text}]


@pytest.mark.parametrize("text", BITING)
def test_no_text_stands_bare_that_another_yaml_takes_for_something_else(text: str) -> None:
    assert bare(named(text)) == bare(named("word"))


def bare(cluster: ClusterConfig) -> list[str]:
    """What stands without quotes and is no text: numbers, true, false and null."""
    scalars = (token for token in yaml.scan(cluster_data(cluster)) if isinstance(token, yaml.ScalarToken))
    return [each.value for each in scalars if each.plain and CORE.fullmatch(each.value)]


def test_every_file_of_the_program_is_ours_but_the_stack_s() -> None:
    artifacts = {artifact.path: artifact for artifact in render(reference.pod("hgx-h100-32"))}
    assert {path for path, each in artifacts.items() if each.keep == "seeded"} == {f"pulumi/Pulumi.{STACK}.yaml"}
    project: dict[str, Any] = yaml.safe_load(artifacts["pulumi/Pulumi.yaml"].text)
    assert (project["name"], project["runtime"]) == ("atlas", "python")
    assert {"pulumi/__main__.py", "pulumi/requirements.txt", "pulumi/README.md"} <= set(artifacts)
    assert not [path for path in artifacts if "__pycache__" in path]


def test_the_program_asks_for_what_it_is_proved_with() -> None:
    artifacts = {artifact.path: artifact.text for artifact in render(reference.pod("hgx-h100-32"))}
    lock = (reference.BLUEPRINTS.parent / "requirements.lock").read_text("utf-8")
    wanted = artifacts["pulumi/requirements.txt"].splitlines()
    assert {line.partition("==")[0] for line in wanted} == {"pulumi", "pulumi-kubernetes", "pyyaml"}
    assert [line for line in wanted if f"{line} " not in lock] == []
