"""What tenants may do in their namespace.

Kubernetes' own roles `edit` and `admin` also write network policies, and whoever writes those can undo the isolation of a
namespace. These two don't, and neither touches quotas, limit ranges or the namespace itself. Nobody gives away more than
they have: the API server refuses a role that exceeds its author's.
"""

from __future__ import annotations

from typing import Any

READ = ["get", "list", "watch"]
WRITE = [*READ, "create", "update", "patch", "delete", "deletecollection"]


def _rule(group: str, verbs: list[str], *resources: str) -> dict[str, Any]:
    return {"api_groups": [group], "resources": list(resources), "verbs": verbs}


EDIT = [
    _rule(
        "",
        WRITE,
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "secrets",
        "serviceaccounts",
        "services",
    ),
    _rule("", ["get", "create"], "pods/attach", "pods/exec", "pods/portforward"),
    _rule("", ["create"], "pods/eviction"),
    _rule("", READ, "endpoints", "events", "limitranges", "namespaces", "pods/log", "pods/status", "resourcequotas"),
    _rule("apps", WRITE, "daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale"),
    _rule("apps", WRITE, "statefulsets", "statefulsets/scale"),
    _rule("apps", READ, "controllerrevisions"),
    _rule("autoscaling", WRITE, "horizontalpodautoscalers"),
    _rule("batch", WRITE, "cronjobs", "jobs"),
    _rule("networking.k8s.io", WRITE, "ingresses"),
    _rule("networking.k8s.io", READ, "networkpolicies"),
    _rule("policy", WRITE, "poddisruptionbudgets"),
    _rule("discovery.k8s.io", READ, "endpointslices"),
]
ADMIN = [*EDIT, _rule("rbac.authorization.k8s.io", WRITE, "rolebindings", "roles")]

RULES = {"admin": ADMIN, "edit": EDIT}
