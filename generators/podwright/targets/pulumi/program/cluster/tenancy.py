"""Who shares the cluster, what each may use, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from .data import Data, Item
from .layer import Layer, metadata
from .roles import RULES

POD_SECURITY = "pod-security.kubernetes.io"


class Tenancy(Layer):
    """Namespaces with their pod security level, quotas, limit ranges, roles and bindings.

    `namespaces` holds each tenant's namespace by its name.
    """

    def __init__(self, name: str, data: Data, cluster: kubernetes.Provider) -> None:
        super().__init__(name, cluster)
        self.namespaces: dict[str, kubernetes.core.v1.Namespace] = {}
        for role in data.roles:
            self._role(role)
        for tenant in data.tenants:
            space = self._namespace(tenant["namespace"])
            for quota in tenant["quotas"]:
                self._quota(tenant["namespace"]["name"], quota, space)
            self._limits(tenant["namespace"]["name"], tenant["limits"], space)
            for binding in tenant["bindings"]:
                self._binding(tenant["namespace"]["name"], binding, space)
        self.register_outputs({})

    def _role(self, role: Item) -> None:
        kubernetes.rbac.v1.ClusterRole(
            role["name"], metadata=metadata(role["name"]), rules=RULES[role["grants"]], opts=self.options()
        )

    def _namespace(self, spec: Item) -> kubernetes.core.v1.Namespace:
        security: Mapping[str, str] = {
            f"{POD_SECURITY}/enforce": spec["pod_security"],
            f"{POD_SECURITY}/enforce-version": spec["version"],
            f"{POD_SECURITY}/warn": "restricted",
            f"{POD_SECURITY}/warn-version": spec["version"],
        }
        space = kubernetes.core.v1.Namespace(
            spec["name"], metadata=metadata(spec["name"], labels={**spec["labels"], **security}), opts=self.options()
        )
        self.namespaces[spec["name"]] = space
        return space

    def _quota(self, namespace: str, quota: Item, space: pulumi.Resource) -> None:
        kubernetes.core.v1.ResourceQuota(
            f"{namespace}/{quota['name']}",
            metadata=metadata(quota["name"], namespace),
            spec={"hard": quota["most"], **_scope(quota["priority_classes"])},
            opts=self.options(after=[space]),
        )

    def _limits(self, namespace: str, limits: Item, space: pulumi.Resource) -> None:
        kubernetes.core.v1.LimitRange(
            f"{namespace}/{limits['name']}",
            metadata=metadata(limits["name"], namespace),
            spec={"limits": [{"type": "Container", "default_request": limits["requests"]}]},
            opts=self.options(after=[space]),
        )

    def _binding(self, namespace: str, binding: Item, space: pulumi.Resource) -> None:
        group = "rbac.authorization.k8s.io"
        kubernetes.rbac.v1.RoleBinding(
            f"{namespace}/{binding['name']}",
            metadata=metadata(binding["name"], namespace),
            role_ref={"api_group": group, "kind": "ClusterRole", "name": binding["role"]},
            subjects=[{"api_group": group, "kind": each["kind"], "name": each["name"]} for each in binding["subjects"]],
            opts=self.options(after=[space]),
        )


def _scope(priority_classes: list[str]) -> Mapping[str, Any]:
    """Count pods of these classes only; all pods where none is named."""
    if not priority_classes:
        return {}
    expression = {"operator": "In", "scope_name": "PriorityClass", "values": priority_classes}
    return {"scope_selector": {"match_expressions": [expression]}}
