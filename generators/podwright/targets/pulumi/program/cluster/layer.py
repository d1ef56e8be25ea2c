"""What all layers share."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

LAYERS = ("scheduling", "tenancy", "isolation", "storage")


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
