"""Vendor-neutral configuration of the cluster: every object a target makes there, with its name.

Names are given here and nowhere else, so that one register (`podwright.projection.cluster.register`) knows them all.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class KubeconfigReference(msgspec.Struct, frozen=True, kw_only=True):
    """Where the kubeconfig is found when the program runs: an environment variable that holds a path, or a path."""

    source: Literal["env", "file"]
    name: str


class PriorityClassConfig(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: int
    preempts: bool


class RoleConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster role of our own; `grants` says which set of rules it has."""

    name: str
    grants: Literal["admin", "edit"]


class NamespaceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`pod_security` is the level that is enforced, by the rules of Kubernetes `version`."""

    name: str
    labels: dict[str, str]
    pod_security: str
    version: str


class QuotaConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The most of each resource; of pods of these priority classes only, where it names some."""

    name: str
    most: dict[str, str]
    priority_classes: tuple[str, ...] = ()


class LimitConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a container requests that says nothing."""

    name: str
    requests: dict[str, str]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    kind: Literal["Group", "User"]
    name: str


class BindingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Subjects that have the cluster role `role` in the namespace."""

    name: str
    role: str
    subjects: tuple[Subject, ...]


class BlockConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of `prefix` but for those of `without`, which lie in it."""

    prefix: str
    without: tuple[str, ...] = ()


class PeerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The other end of a flow: addresses of `blocks` where there are some, else pods of the namespace (empty: of the
    policy's own), those with `pods` labels only."""

    namespace: str = ""
    pods: dict[str, str] = {}
    blocks: tuple[BlockConfig, ...] = ()


class PortRange(msgspec.Struct, frozen=True, kw_only=True):
    protocol: Literal["TCP", "UDP"]
    port: int


class FlowConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A flow that is allowed to or from `peer`; on all ports where none is named."""

    direction: Literal["in", "out"]
    peer: PeerConfig
    ports: tuple[PortRange, ...] = ()


class PolicyConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A network policy over all pods of a namespace: what none of its policies allows is dropped, both ways."""

    name: str
    flows: tuple[FlowConfig, ...]


class StorageClassConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A class of volumes that exist already; nothing makes further ones."""

    name: str


class VolumeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An NFS export as a volume `name`, which the claim `claim` of the tenant's namespace has, and no other can get.

    `capacity` is what Kubernetes wants to be told; nobody is held to it.
    """

    name: str
    claim: str
    storage_class: str
    server: str
    path: str
    options: tuple[str, ...]
    capacity: str


class TenantConfig(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: int
    namespace: NamespaceConfig
    quotas: tuple[QuotaConfig, ...]
    limits: LimitConfig
    bindings: tuple[BindingConfig, ...]
    policies: tuple[PolicyConfig, ...]
    volumes: tuple[VolumeConfig, ...]
    origin: str


class ClusterConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All that a target of the cluster reads."""

    pod: str
    version: str
    kubeconfig: KubeconfigReference
    context: str
    priority_classes: tuple[PriorityClassConfig, ...]
    roles: tuple[RoleConfig, ...]
    storage_classes: tuple[StorageClassConfig, ...]
    tenants: tuple[TenantConfig, ...]
