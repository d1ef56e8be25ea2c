"""The Kubernetes cluster of a pod: whether its ranges are free and wide enough, what tenants may use, what nodes say.

The cluster exists already; its ranges are facts that are checked here. Node labels follow from identities, as all names do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import NamedTuple

from podwright.design.addressing import overlap, parse_pool
from podwright.design.draft import Draft
from podwright.design.layout import Network, Pool
from podwright.design.podnics import refuse_unknown_nics
from podwright.model.blueprint import BUILT_IN_PRIORITIES, Kubernetes, NodeLabels, Priority, Reference, Tenant
from podwright.model.design import (
    Attachment,
    Cluster,
    Device,
    Export,
    Grant,
    NicOperator,
    NodeLabel,
    PriorityClass,
    Quota,
    Sizing,
    Store,
    Volume,
)
from podwright.model.design import Tenant as TenantRecord

SECTION = "kubernetes"
DEFAULT_KUBECONFIG = Reference(env="KUBECONFIG")
DEFAULT_GPU_RESOURCE = "nvidia.com/gpu"
SERVICE_BITS = 20  # kube-apiserver refuses a --service-cluster-ip-range of more addresses
NODE_PREFIX_SOURCE = "kube-controller-manager --node-cidr-mask-size"


class Ranges(NamedTuple):
    """The ranges of pods and of services."""

    pods: Pool
    services: Pool


def design_cluster(draft: Draft) -> None:
    """Adds the tables of the cluster where the blueprint has one; refuses ranges that are taken or too small."""
    spec = draft.blueprint.kubernetes
    if spec is None:
        return
    ranges = _ranges(draft, spec)
    if ranges is None:
        return
    _refuse_taken(draft, ranges)
    _refuse_narrow(draft, spec, ranges)
    refuse_unknown_nics(draft)
    gpu_resource = _gpu_resource(draft, spec)
    _weigh_gpus(draft, spec)
    _record_cluster(draft, spec, gpu_resource)
    for name, tenant in sorted(spec.tenants.items(), key=lambda each: each[1].id):
        _record_tenant(draft, spec, name, tenant, gpu_resource)
        _record_volumes(draft, spec, name, tenant)
    _label_nodes(draft, spec)


# Ranges


def _ranges(draft: Draft, spec: Kubernetes) -> Ranges | None:
    pods = parse_pool(draft, f"{SECTION}.pods", spec.pods, 4)
    services = parse_pool(draft, f"{SECTION}.services", spec.services, 4)
    return Ranges(pods, services) if pods and services else None


def _refuse_taken(draft: Draft, ranges: Ranges) -> None:
    taken = list(_networks(draft))
    for what, key, pool in (("pods", "pods", ranges.pods), ("services", "services", ranges.services)):
        network = pool.network
        for path, other in taken:
            if overlap(network, other):
                draft.refuse(
                    "DES801",
                    f"{SECTION}.{key}",
                    f"the range of {what}, {network}, overlaps {_spelt(other)}, which is `{path}`",
                    "Write a range of which the pod uses no address.",
                )
        taken.append((f"{SECTION}.{key}", network))


def _networks(draft: Draft) -> Iterator[tuple[str, Network]]:
    """Everything in the blueprint that has addresses, with its path."""
    site, fabrics = draft.blueprint.site, draft.blueprint.fabrics
    for name, fabric in fabrics.items():
        for key in ("pool", "pool6", "host_pool", "host_pool6", "link_pool"):
            if text := getattr(fabric, key):
                yield f"fabrics.{name}.{key}", ip_network(text, strict=False)
        for router, outside in fabric.outside.items():
            for text in (*outside.peers, *outside.peers6):
                yield f"fabrics.{name}.outside.{router}", ip_network(text, strict=False)
    for key, addresses in (("dns", site.dns), ("ntp", site.ntp)):
        yield from ((f"site.{key}", ip_network(address)) for address in addresses)
    for device, asset in draft.blueprint.assets.items():
        if asset.bmc_address:
            yield f"assets.{device}.bmc_address", ip_network(asset.bmc_address)


def _spelt(network: Network) -> str:
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if whole else str(network)


def _refuse_narrow(draft: Draft, spec: Kubernetes, ranges: Ranges) -> None:
    length = ranges.pods.network.prefixlen
    nodes = len(_nodes(draft, spec))
    room = 1 << spec.node_prefix - length if spec.node_prefix >= length else 0
    arithmetic = f"2^({spec.node_prefix} - {length}) = {room}" if room else f"a /{length} is smaller than one"
    draft.sizings.append(
        Sizing(
            subject=SECTION,
            name="nodes that the range of pods has room for",
            value=room,
            unit="nodes",
            formula=arithmetic,
            source=NODE_PREFIX_SOURCE,
        )
    )
    if nodes > room:
        needed = spec.node_prefix - (nodes - 1).bit_length()
        draft.refuse(
            "DES802",
            f"{SECTION}.pods",
            f"{nodes} nodes need a /{spec.node_prefix} each, and {ranges.pods.network} has room for {room} ({arithmetic})",
            f"Set the cluster up with a range of /{needed} or wider, or with a longer `node_prefix`.",
        )
    services = ranges.services.network
    if services.max_prefixlen - services.prefixlen > SERVICE_BITS:
        draft.refuse(
            "DES803",
            f"{SECTION}.services",
            f"{services} has 2^{services.max_prefixlen - services.prefixlen} addresses, and the API server takes "
            f"2^{SERVICE_BITS} at most",
            f"Write a range of /{services.max_prefixlen - SERVICE_BITS} or smaller.",
        )


def _nodes(draft: Draft, spec: Kubernetes) -> list[Device]:
    groups = {*spec.workers, spec.control_plane}
    return [device for device in draft.devices if device.kind == "server" and device.group in groups]


# GPUs


def _gpus_of_groups(draft: Draft, spec: Kubernetes) -> Iterator[tuple[int, int]]:
    """(servers, GPUs of one) of each group of workers with GPUs."""
    for name in spec.workers:
        group = draft.blueprint.servers.get(name)
        model = draft.catalog.servers.get(group.model) if group else None
        if group and model and model.gpus:
            yield group.count, model.gpus


def _gpu_resource(draft: Draft, spec: Kubernetes) -> str:
    if spec.gpu_resource is not None:
        return spec.gpu_resource
    models = [draft.catalog.servers.get(draft.blueprint.servers[name].model) for name in spec.workers]
    names = sorted({model.gpu_resource for model in models if model and model.gpus})
    if len(names) > 1:
        draft.refuse(
            "DES805",
            f"{SECTION}.workers",
            f"the workers have GPUs that pods request as {' and as '.join(names)}",
            "Write `gpu_resource` with the one that quotas count.",
        )
    return names[0] if names else DEFAULT_GPU_RESOURCE


def _weigh_gpus(draft: Draft, spec: Kubernetes) -> None:
    groups = list(_gpus_of_groups(draft, spec))
    there = sum(count * gpus for count, gpus in groups)
    arithmetic = " + ".join(f"{count} servers x {gpus}" for count, gpus in groups) or "no server has any"
    draft.sizings.append(
        Sizing(subject=SECTION, name="GPUs of the workers", value=there, unit="GPUs", formula=f"{arithmetic} = {there}")
    )
    quotas = {name: tenant.gpus for name, tenant in spec.tenants.items() if tenant.gpus}
    promised = sum(quotas.values())
    if promised > there:
        terms = " + ".join(f"{gpus} of {name}" for name, gpus in quotas.items())
        draft.warn(
            "DES804",
            f"{SECTION}.tenants",
            f"tenants may use {promised} GPUs ({terms}), and the workers have {there} ({arithmetic})",
            f"Lower the quotas by {promised - there}, or keep them where over-commitment is meant.",
        )


# Records


def _record_cluster(draft: Draft, spec: Kubernetes, gpu_resource: str) -> None:
    reference = spec.kubeconfig or DEFAULT_KUBECONFIG
    draft.clusters.append(
        Cluster(
            version=spec.version,
            control_plane=spec.control_plane or "",
            workers=spec.workers,
            pods=spec.pods,
            services=spec.services,
            node_prefix=spec.node_prefix,
            kubeconfig_from="env" if reference.env else "file",
            kubeconfig=reference.env or reference.file or "",
            context=spec.context or "",
            gpu_resource=gpu_resource,
            origin=SECTION,
        )
    )
    if spec.nic_operator is not None:
        draft.nic_operators.append(
            NicOperator(
                namespace=spec.nic_operator.namespace,
                repository=spec.nic_operator.repository,
                version=spec.nic_operator.version,
                group_label=spec.labels.group,
                origin=f"{SECTION}.nic_operator",
            )
        )
    for name, priority in _priorities(spec).items():
        draft.priority_classes.append(
            PriorityClass(
                name=name,
                value=priority.value,
                preempts=priority.preempts,
                origin=f"{SECTION}.priorities.{name}" if spec.priorities else SECTION,
            )
        )


def _priorities(spec: Kubernetes) -> Mapping[str, Priority]:
    written = spec.priorities or BUILT_IN_PRIORITIES
    return dict(sorted(written.items(), key=lambda each: (each[1].value, each[0])))


def _record_tenant(draft: Draft, spec: Kubernetes, name: str, tenant: Tenant, gpu_resource: str) -> None:
    origin = f"{SECTION}.tenants.{name}"
    draft.tenants.append(
        TenantRecord(
            name=name,
            id=tenant.id,
            namespace=tenant.namespace or name,
            pod_security=tenant.pod_security,
            priorities=tuple(sorted(_priorities(spec) if tenant.priorities is None else tenant.priorities)),
            request_cpus=tenant.container.cpus,
            request_gib=tenant.container.memory_gib,
            origin=origin,
        )
    )
    for key, resource, unit in (
        ("gpus", f"requests.{gpu_resource}", ""),
        ("cpus", "requests.cpu", ""),
        ("memory_gib", "requests.memory", "Gi"),
        ("pods", "pods", ""),
    ):
        most = getattr(tenant, key)
        if most is not None:
            draft.quotas.append(Quota(tenant=name, resource=resource, most=f"{most}{unit}", origin=f"{origin}.{key}"))
    for group, role in sorted(tenant.groups.items()):
        draft.grants.append(Grant(tenant=name, kind="Group", subject=group, role=role, origin=f"{origin}.groups"))
    for user, role in sorted(tenant.users.items()):
        draft.grants.append(Grant(tenant=name, kind="User", subject=user, role=role, origin=f"{origin}.users"))


# Volumes


def _record_volumes(draft: Draft, spec: Kubernetes, name: str, tenant: Tenant) -> None:
    """A volume for every export of a store; a store outside has the same files at each address, so one of them is enough."""
    origin = f"{SECTION}.tenants.{name}.mounts"
    for store in draft.stores:
        if store.name not in tenant.mounts:
            continue
        _warn_of_workers_without(draft, spec, store, f"{origin}.{tenant.mounts.index(store.name)}")
        exports = [export for export in draft.exports if export.store == store.name]
        draft.volumes += [_volume(name, store, each, origin) for each in (exports[:1] if store.shared else exports)]


def _volume(tenant: str, store: Store, export: Export, origin: str) -> Volume:
    return Volume(
        tenant=tenant,
        store=store.name,
        server=export.server,
        address=export.address,
        path=export.path,
        options=(f"nfsvers={store.version}", f"nconnect={store.connections}", "hard"),
        origin=origin,
    )


def _warn_of_workers_without(draft: Draft, spec: Kubernetes, store: Store, path: str) -> None:
    without = [f"`{group}`" for group in spec.workers if group not in store.groups]
    if without and not store.shared:
        draft.warn(
            "DES806",
            path,
            f"pods run on {' and '.join(without)} too, and `{store.name}` is not served to "
            f"{'it' if len(without) == 1 else 'them'}",
            f"Add {' and '.join(without)} to `storage.{store.name}.mount`, or let pods choose other nodes.",
        )


# Labels


def _label_nodes(draft: Draft, spec: Kubernetes) -> None:
    racks = {placement.device: placement.rack for placement in draft.placements}
    leaves = _compute_leaves(draft)
    for device in sorted(_nodes(draft, spec), key=lambda each: each.name):
        fabric, leaf = leaves.get(device.name, ("", ""))
        facts = {
            "nvlink_domain": _nvlink_domain(draft, device),
            "leaf": leaf,
            "fabric": fabric,
            "unit": f"u{device.unit:03}",
            "rack": racks.get(device.name, ""),
            "group": device.group if spec.nic_operator is not None else "",
        }
        draft.node_labels += _labels(device, spec.labels, facts)


def _labels(device: Device, keys: NodeLabels, facts: Mapping[str, str]) -> Iterator[NodeLabel]:
    for fact, value in facts.items():
        if value:
            yield NodeLabel(device=device.name, key=getattr(keys, fact), value=value)


def _compute_leaves(draft: Draft) -> dict[str, tuple[str, str]]:
    """Of each server its compute fabric and the leaf of its first rail there."""
    first: dict[str, Attachment] = {}
    for each in draft.attachments:
        if each.role == "compute":
            known = first.setdefault(each.device, each)
            if (each.plane, each.rail) < (known.plane, known.rail):
                first[each.device] = each
    return {device: (each.fabric, each.leaf) for device, each in first.items()}


def _nvlink_domain(draft: Draft, device: Device) -> str:
    """A server's own name, or the group and number of the servers that NVLink joins; empty where it has no GPU."""
    model = draft.catalog.servers.get(device.model)
    if model is None or not model.gpus:
        return ""
    if model.nvlink_servers == 1:
        return device.name
    slots, at = draft.blueprint.units.slots, draft.blueprint.servers[device.group].at
    place = (device.unit - at.unit) * slots + device.slot - at.slot
    return f"{device.group}-nvl-{place // model.nvlink_servers + 1:03}"
