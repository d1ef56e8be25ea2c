"""What is decided of the Kubernetes cluster: its ranges, its tenants, and what its nodes say of their place."""

from __future__ import annotations

from typing import Literal

import msgspec

PodSecurity = Literal["privileged", "baseline", "restricted"]
TenantRole = Literal["admin", "edit", "view"]


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """An existing cluster. `kubeconfig_from` says whether `kubeconfig` names an environment variable or a file."""

    version: str
    control_plane: str
    workers: tuple[str, ...]
    pods: str
    services: str
    node_prefix: int
    kubeconfig_from: Literal["env", "file"]
    kubeconfig: str
    context: str
    gpu_resource: str
    origin: str

    @property
    def groups(self) -> frozenset[str]:
        """The groups whose servers are its nodes, workers and control plane."""
        return frozenset({*self.workers, self.control_plane} - {""})


class NicOperator(msgspec.Struct, frozen=True, kw_only=True):
    """Pods get NICs of the rails by an operator that runs in `namespace`; nodes say their group by `group_label`."""

    namespace: str
    repository: str
    version: str
    group_label: str
    origin: str


class PriorityClass(msgspec.Struct, frozen=True, kw_only=True):
    """The higher `value` is scheduled first; `preempts`: ends pods of lower classes to get their place."""

    name: str
    value: int
    preempts: bool
    origin: str


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a namespace. `priorities` are the classes that its pods may have.

    `request_cpus` and `request_gib` are what a container requests that says nothing.
    """

    name: str
    id: int
    namespace: str
    pod_security: PodSecurity
    priorities: tuple[str, ...]
    request_cpus: int
    request_gib: int
    origin: str


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """The most of a resource that a tenant's pods may request in all, as Kubernetes writes it: `192`, `8192Gi`."""

    tenant: str
    resource: str
    most: str
    origin: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role in a tenant's namespace for a group or a user that the cluster's identity provider knows."""

    tenant: str
    kind: Literal["Group", "User"]
    subject: str
    role: TenantRole
    origin: str


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """An export of a store for the pods of a tenant. `server` is the device behind `address`, empty outside the pod.

    `options` are those of the mount, as mount(8) takes them.
    """

    tenant: str
    store: str
    server: str
    address: str
    path: str
    options: tuple[str, ...]
    origin: str


class NodeLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What a node says of its place."""

    device: str
    key: str
    value: str
