"""Spells the files that differ from pod to pod. Every text is written so that YAML 1.1 and 1.2 read it as text again."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import yaml

from podwright.projection.cluster_records import (
    BindingConfig,
    ClusterConfig,
    FlowConfig,
    NicOperatorConfig,
    PolicyConfig,
    QuotaConfig,
    TenantConfig,
)

HEADER = "# Written by Podwright from the blueprint; a change by hand is found and kept from being overwritten.\n"
# What begins with a letter, but for those that some YAML reads as true, false or null.
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z0-9_./-]*", re.IGNORECASE)


class _Dumper(yaml.SafeDumper):
    """SafeDumper that quotes."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _PLAIN.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def project_file(cluster: ClusterConfig) -> str:
    """Pulumi.yaml."""
    return _dump(
        {
            "name": cluster.pod,
            "description": f"What the pod {cluster.pod} keeps in its Kubernetes cluster",
            "runtime": "python",
        }
    )


def stack_file() -> str:
    """Pulumi.<stack>.yaml as it begins; Pulumi adds its own lines."""
    return (
        "# Yours: written once, never touched by Podwright again. Pulumi keeps the stack's settings here.\nconfig: {}\n"
    )


def cluster_data(cluster: ClusterConfig) -> str:
    """cluster.yaml: every object by its name, layer by layer."""
    return _dump(
        {
            "pod": cluster.pod,
            "kubernetes": {
                "version": cluster.version,
                "kubeconfig": {cluster.kubeconfig.source: cluster.kubeconfig.name},
                "context": cluster.context or None,
            },
            "priority_classes": [msgspec.to_builtins(each) for each in cluster.priority_classes],
            "roles": [msgspec.to_builtins(each) for each in cluster.roles],
            "storage_classes": [msgspec.to_builtins(each) for each in cluster.storage_classes],
            "tenants": [_tenant(each) for each in cluster.tenants],
            "nics": _nics(cluster.nics) if cluster.nics else None,
        }
    )


def _tenant(tenant: TenantConfig) -> Mapping[str, object]:
    return {
        "name": tenant.name,
        "id": tenant.id,
        "namespace": msgspec.to_builtins(tenant.namespace),
        "quotas": [_quota(each) for each in tenant.quotas],
        "limits": msgspec.to_builtins(tenant.limits),
        "bindings": [_binding(each) for each in tenant.bindings],
        "policies": [_policy(each) for each in tenant.policies],
        "volumes": [msgspec.to_builtins(each) for each in tenant.volumes],
    }


def _nics(nics: NicOperatorConfig) -> Mapping[str, object]:
    return {
        "namespace": nics.namespace,
        "images": {"repository": nics.repository, "version": nics.version},
        "templates": [
            {**msgspec.to_builtins(each), "pfc": ",".join(str(int(on)) for on in each.pfc)} for each in nics.templates
        ],
        "policies": [msgspec.to_builtins(each) for each in nics.policies],
        "pools": [msgspec.to_builtins(each) for each in nics.pools],
        "networks": [msgspec.to_builtins(each) for each in nics.networks],
        "spaces": list(nics.spaces),
        "collectives": nics.collectives,
    }


def _quota(quota: QuotaConfig) -> Mapping[str, object]:
    return {"name": quota.name, "most": dict(quota.most), "priority_classes": list(quota.priority_classes)}


def _binding(binding: BindingConfig) -> Mapping[str, object]:
    return {
        "name": binding.name,
        "role": binding.role,
        "subjects": [{"kind": each.kind, "name": each.name} for each in binding.subjects],
    }


def _policy(policy: PolicyConfig) -> Mapping[str, object]:
    """`ingress` and `egress` are there where the policy is about that direction; one without flows is about both."""
    directions = {flow.direction for flow in policy.flows} or {"in", "out"}
    spelt: dict[str, object] = {"name": policy.name}
    for direction, key in (("in", "ingress"), ("out", "egress")):
        if direction in directions:
            spelt[key] = [_flow(flow) for flow in policy.flows if flow.direction == direction]
    return spelt


def _flow(flow: FlowConfig) -> Mapping[str, object]:
    return {
        "namespace": flow.peer.namespace or None,
        "pods": dict(flow.peer.pods),
        "blocks": [{"prefix": each.prefix, "without": list(each.without)} for each in flow.peer.blocks],
        "ports": [{"protocol": each.protocol, "port": each.port} for each in flow.ports],
    }


def _dump(document: object) -> str:
    return HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
