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


class NicAllocation(msgspec.Struct, frozen=True, kw_only=True):
    """The link of a node's NIC to its leaf, which is `gateway`; `address`, with its length, is what is left for a pod."""

    node: str
    prefix: str
    gateway: str
    address: str


class NicPoolConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of a rail: of `cidr` each node has the prefix of length `node_prefix` that the design gives it.

    Pods reach `routes` by the gateway.
    """

    name: str
    cidr: str
    node_prefix: int
    routes: tuple[str, ...]
    nodes: tuple[NicAllocation, ...]


class NicPolicyConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The NIC at `pci` of the nodes with these labels has one virtual function, which pods request as `resource`."""

    name: str
    nodes: dict[str, str]
    pci: str
    resource: str
    mtu: int


class NicNetworkConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A network that pods of `namespace` may name: a `resource`, with an address of `pool`."""

    name: str
    namespace: str
    resource: str
    pool: str


class NicTemplateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The lossless class on the NICs at `pci` of the nodes with these labels; `nic_type` is NVIDIA's number of the device.

    `ports` is how many ports of such a NIC the servers use. `pfc` has all 8 priorities, `traffic_byte` is the mark of what
    RDMA sends, `metres` the longest cable.
    """

    name: str
    nodes: dict[str, str]
    nic_type: str
    pci: tuple[str, ...]
    ports: int
    pfc: tuple[bool, ...]
    priority: int
    traffic_byte: int
    cnp_dscp: int
    cnp_priority: int
    metres: int


class NicOperatorConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What NVIDIA's network operator, which runs in `namespace`, is told.

    `collectives` are variables of the pods' own libraries, as a config map of that name in each of `spaces`; empty where no
    rail has a lossless class.
    """

    namespace: str
    repository: str
    version: str
    templates: tuple[NicTemplateConfig, ...]
    policies: tuple[NicPolicyConfig, ...]
    pools: tuple[NicPoolConfig, ...]
    networks: tuple[NicNetworkConfig, ...]
    spaces: tuple[str, ...]
    collectives: dict[str, str]


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
    nics: NicOperatorConfig | None
