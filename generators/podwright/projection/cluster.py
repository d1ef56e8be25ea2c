"""The projection of the cluster, and the register of the objects that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from podwright.catalog import Catalog
from podwright.design import Index
from podwright.model.design import Cluster, Tenant, Volume
from podwright.projection.cluster_nics import project_nic_operator
from podwright.projection.cluster_records import (
    BindingConfig,
    ClusterConfig,
    FlowConfig,
    KubeconfigReference,
    LimitConfig,
    NamespaceConfig,
    NicOperatorConfig,
    PeerConfig,
    PolicyConfig,
    PortRange,
    PriorityClassConfig,
    QuotaConfig,
    RoleConfig,
    StorageClassConfig,
    Subject,
    TenantConfig,
    VolumeConfig,
)
from podwright.projection.cluster_zones import zone_policies

NOMINAL_CAPACITY = "1Ti"
SYSTEM_PRIORITIES = ("system-cluster-critical", "system-node-critical")
DNS_NAMESPACE, DNS_LABELS, DNS_PORT = "kube-system", {"k8s-app": "kube-dns"}, 53
NIC_CLUSTER_POLICY = "nic-cluster-policy"
"""The operator takes no other name."""
COLLECTIVES = "collectives"
PART_OF, INSTANCE = "app.kubernetes.io/part-of", "app.kubernetes.io/instance"
BUILT_IN_ROLES = {"view": "view"}
"""Kubernetes' own `edit` and `admin` let a tenant delete network policies, so these two are ours."""


class ObjectClashError(RuntimeError):
    """A mistake of ours: two parts of the design would make one object. The message names both."""


class ObjectName(NamedTuple):
    """The identity of an object in the cluster, and what made it."""

    kind: str
    namespace: str
    name: str
    origin: str


def project_cluster(index: Index, catalog: Catalog) -> ClusterConfig | None:
    """The cluster of a pod, or None where it has none. Raises ObjectClashError where two objects would be one."""
    if not index.design.clusters:
        return None
    (cluster,) = index.design.clusters
    pod = index.design.pod.name
    roles = {role: f"{pod}-tenant-{role}" for role in ("admin", "edit")}
    config = ClusterConfig(
        pod=pod,
        version=cluster.version,
        kubeconfig=KubeconfigReference(source=cluster.kubeconfig_from, name=cluster.kubeconfig),
        context=cluster.context,
        priority_classes=tuple(
            PriorityClassConfig(name=each.name, value=each.value, preempts=each.preempts)
            for each in index.design.priority_classes
        ),
        roles=(RoleConfig(name=roles["admin"], grants="admin"), RoleConfig(name=roles["edit"], grants="edit")),
        storage_classes=tuple(
            StorageClassConfig(name=_storage_class(pod, store))
            for store in sorted({volume.store for volume in index.design.volumes})
        ),
        tenants=tuple(_tenant(index, cluster, tenant, roles | BUILT_IN_ROLES) for tenant in index.design.tenants),
        nics=project_nic_operator(index, catalog, [tenant.namespace for tenant in index.design.tenants]),
    )
    register(objects(config))
    return config


def _tenant(index: Index, cluster: Cluster, tenant: Tenant, roles: dict[str, str]) -> TenantConfig:
    labels = {PART_OF: index.design.pod.name, INSTANCE: tenant.name}
    return TenantConfig(
        name=tenant.name,
        id=tenant.id,
        namespace=NamespaceConfig(
            name=tenant.namespace, labels=labels, pod_security=tenant.pod_security, version=f"v{cluster.version}"
        ),
        quotas=tuple(_quotas(index, tenant)),
        limits=LimitConfig(
            name="requests", requests={"cpu": str(tenant.request_cpus), "memory": f"{tenant.request_gib}Gi"}
        ),
        bindings=tuple(_bindings(index, tenant, roles)),
        policies=(*POLICIES, *zone_policies(index, cluster)),
        volumes=tuple(_volume(index, each) for each in index.volumes.get(tenant.name, ())),
        origin=tenant.origin,
    )


def _quotas(index: Index, tenant: Tenant) -> Iterator[QuotaConfig]:
    """What the tenant may use, and no pod at all of a priority class that is not its own."""
    if quotas := index.quotas.get(tenant.name):
        yield QuotaConfig(name="resources", most={quota.resource: quota.most for quota in quotas})
    foreign = {each.name for each in index.design.priority_classes} - set(tenant.priorities)
    yield QuotaConfig(
        name="priorities", most={"pods": "0"}, priority_classes=tuple(sorted({*foreign, *SYSTEM_PRIORITIES}))
    )


def _bindings(index: Index, tenant: Tenant, roles: dict[str, str]) -> Iterator[BindingConfig]:
    grants = index.grants.get(tenant.name, [])
    for role in ("admin", "edit", "view"):
        subjects = tuple(Subject(kind=each.kind, name=each.subject) for each in grants if each.role == role)
        if subjects:
            yield BindingConfig(name=f"tenant-{role}", role=roles[role], subjects=subjects)


def _volume(index: Index, volume: Volume) -> VolumeConfig:
    """Dots join the names, which have none themselves, so that no two volumes are called alike."""
    pod = index.design.pod.name
    parts = [volume.store] + ([volume.server] if volume.server else [])
    return VolumeConfig(
        name=".".join((pod, volume.tenant, *parts)),
        claim=".".join(parts),
        storage_class=_storage_class(pod, volume.store),
        server=volume.address,
        path=volume.path,
        options=volume.options,
        capacity=NOMINAL_CAPACITY,
    )


def _storage_class(pod: str, store: str) -> str:
    return f"{pod}.{store}"


POLICIES = (
    PolicyConfig(name="default-deny", flows=()),
    PolicyConfig(
        name="own-namespace",
        flows=(FlowConfig(direction="in", peer=PeerConfig()), FlowConfig(direction="out", peer=PeerConfig())),
    ),
    PolicyConfig(
        name="dns",
        flows=(
            FlowConfig(
                direction="out",
                peer=PeerConfig(namespace=DNS_NAMESPACE, pods=DNS_LABELS),
                ports=(PortRange(protocol="TCP", port=DNS_PORT), PortRange(protocol="UDP", port=DNS_PORT)),
            ),
        ),
    ),
)
"""A tenant's pods reach one another and the cluster's resolver; zones add to that."""


def objects(config: ClusterConfig) -> Iterator[ObjectName]:
    """Every object that the configuration makes in the cluster."""
    for priority in config.priority_classes:
        yield ObjectName("PriorityClass", "", priority.name, f"priority class {priority.name}")
    for role in config.roles:
        yield ObjectName("ClusterRole", "", role.name, f"role {role.grants}")
    for storage_class in config.storage_classes:
        yield ObjectName("StorageClass", "", storage_class.name, f"storage class {storage_class.name}")
    for tenant in config.tenants:
        space = tenant.namespace.name
        named = (
            ("ResourceQuota", tenant.quotas),
            ("LimitRange", (tenant.limits,)),
            ("RoleBinding", tenant.bindings),
            ("NetworkPolicy", tenant.policies),
        )
        yield ObjectName("Namespace", "", space, tenant.origin)
        for kind, members in named:
            yield from (ObjectName(kind, space, each.name, tenant.origin) for each in members)
        for volume in tenant.volumes:
            yield ObjectName("PersistentVolume", "", volume.name, tenant.origin)
            yield ObjectName("PersistentVolumeClaim", space, volume.claim, tenant.origin)
    if config.nics is not None:
        yield from _nic_objects(config.nics)


def _nic_objects(nics: NicOperatorConfig) -> Iterator[ObjectName]:
    origin = "the NIC operator"
    yield ObjectName("NicClusterPolicy", "", NIC_CLUSTER_POLICY, origin)
    named = (
        ("NicConfigurationTemplate", nics.templates),
        ("SriovNetworkNodePolicy", nics.policies),
        ("CIDRPool", nics.pools),
        ("SriovNetwork", nics.networks),
    )
    for kind, members in named:
        yield from (ObjectName(kind, nics.namespace, each.name, origin) for each in members)
    if nics.collectives:
        yield from (ObjectName("ConfigMap", space, COLLECTIVES, origin) for space in nics.spaces)


def register(names: Iterable[ObjectName]) -> None:
    """Raises ObjectClashError where two objects have one identity, compared without case and with `_` as `-`."""
    seen: dict[tuple[str, str, str], ObjectName] = {}
    for each in names:
        key = (each.kind, _folded(each.namespace), _folded(each.name))
        if key in seen:
            first = seen[key]
            raise ObjectClashError(
                f"{first.origin} makes the {first.kind} `{first.namespace}/{first.name}`, and {each.origin} makes "
                f"`{each.namespace}/{each.name}`: one would replace the other"
            )
        seen[key] = each


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-")
