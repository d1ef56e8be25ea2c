"""Runs the program of the working folder under Pulumi's mocks, and prints the resources that it declares.

Usage: mocked.py CONFIG, where CONFIG is the stack's configuration as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockMonitor

PROJECT = "atlas"


class Recorder(MockMonitor):
    """Keeps each registration as an engine would get it."""

    def __init__(self) -> None:
        super().__init__(Echo())
        self.declared: list[dict[str, Any]] = []
        self.answer, self.RegisterResource = self.RegisterResource, self.record

    def record(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self.declared.append(
                {
                    "type": request.type,
                    "name": request.name,
                    "parent": _component(request.parent),
                    "inputs": MessageToDict(request.object),
                    "aliases": [_alias(each) for each in request.aliases],
                }
            )
        return self.answer(request)


def _alias(alias: Any) -> str:
    """Where the resource may have been: in a component, or in none."""
    return "no component" if alias.spec.noParent else _component(alias.spec.parentUrn)


def _component(urn: str) -> str:
    return urn.rpartition("::")[2]


class Echo(pulumi.runtime.Mocks):
    """A cluster that takes everything as it is said."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"the program asks for {args.token}")


sys.path.insert(0, os.getcwd())
recorder = Recorder()
pulumi.runtime.set_all_config({f"{PROJECT}:{key}": value for key, value in json.loads(sys.argv[1]).items()})
pulumi.runtime.set_mocks(recorder.mocks, project=PROJECT, stack="cluster", monitor=recorder)
pulumi.runtime.test(importlib.import_module("cluster").deploy)()
print(json.dumps(recorder.declared))
