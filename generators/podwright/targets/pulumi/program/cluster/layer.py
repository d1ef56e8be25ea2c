"""What all layers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

LAYERS = ("scheduling", "tenancy", "isolation", "storage", "network")


TAKE_BACK = {"pulumi.com/patchForce": "true"}
"""Lets an update set back a field that somebody has changed by hand; else the API server refuses it as theirs."""


def metadata(name: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The metadata of an object of ours."""
    return {
        "name": name,
        "annotations": dict(TAKE_BACK),
        **({"namespace": namespace} if namespace else {}),
        **({"labels": dict(labels)} if labels else {}),
    }


class Layer(pulumi.ComponentResource):
    """One layer of the cluster, and the parent of its resources.

    Pulumi knows a resource by the component it stands in. Each one also answers to the names it would have in every other
    layer and in none, so that a later version may move it without replacing it.
    """

    def __init__(self, name: str, cluster: kubernetes.Provider) -> None:
        super().__init__(_type(name), name, None, pulumi.ResourceOptions(providers=[cluster]))
        others = [pulumi.create_urn(other, _type(other)) for other in LAYERS if other != name]
        self._elsewhere = [pulumi.Alias(parent=each) for each in (pulumi.ROOT_STACK_RESOURCE, *others)]

    def options(self, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """The options of a resource of this layer, which is made after others."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(after), aliases=[*self._elsewhere])


def _type(layer: str) -> str:
    return f"pod:cluster:{layer.capitalize()}"
