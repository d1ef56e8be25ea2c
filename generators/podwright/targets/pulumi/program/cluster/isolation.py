"""What pods of a tenant may talk to: nothing, but for what a policy names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from .data import Data, Item
from .layer import Layer, metadata

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label by which the API server names each namespace."""


class Isolation(Layer):
    """The network policies of every tenant. They bind the pods' primary network; RDMA does not pass them."""

    def __init__(
        self, name: str, data: Data, cluster: kubernetes.Provider, namespaces: Mapping[str, pulumi.Resource]
    ) -> None:
        super().__init__(name, cluster)
        for tenant in data.tenants:
            namespace = tenant["namespace"]["name"]
            for policy in tenant["policies"]:
                kubernetes.networking.v1.NetworkPolicy(
                    f"{namespace}/{policy['name']}",
                    metadata=metadata(policy["name"], namespace),
                    spec=_spec(policy),
                    opts=self.options(after=[namespaces[namespace]]),
                )
        self.register_outputs({})


def _spec(policy: Item) -> Mapping[str, Any]:
    spec: dict[str, Any] = {"pod_selector": {}, "policy_types": []}
    for key, kind, end in (("ingress", "Ingress", "from_"), ("egress", "Egress", "to")):
        if key in policy:
            spec["policy_types"].append(kind)
            spec[key] = [_rule(flow, end) for flow in policy[key]]
    return spec


def _rule(flow: Item, end: str) -> Mapping[str, Any]:
    rule: dict[str, Any] = {end: [_block(each) for each in flow["blocks"]] or [_pods(flow)]}
    if flow["ports"]:
        rule["ports"] = [{"protocol": each["protocol"], "port": each["port"]} for each in flow["ports"]]
    return rule


def _block(block: Item) -> Mapping[str, Any]:
    """Addresses, but for some."""
    return {"ip_block": {"cidr": block["prefix"], **({"except_": block["without"]} if block["without"] else {})}}


def _pods(flow: Item) -> Mapping[str, Any]:
    """Pods of the policy's own namespace, or of the one that the flow names."""
    peer: dict[str, Any] = {"pod_selector": {"match_labels": flow["pods"]} if flow["pods"] else {}}
    if flow["namespace"]:
        peer["namespace_selector"] = {"match_labels": {NAMESPACE_NAME: flow["namespace"]}}
    return peer
