"""What the schema can't say of the section `kubernetes`: names that refer to something, and numbers that are one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from podwright.load import KeyPath
from podwright.model.blueprint import BUILT_IN_PRIORITIES, Kubernetes
from podwright.model.prose import shown
from podwright.validate.fault import Fault, strangers
from podwright.validate.sound import Parts

_SYSTEM_NAMESPACES = frozenset({"default"})
_SYSTEM_PREFIX = "kube-"
_SYSTEM_CLASSES = "system-"
_NFD_OWN = ("feature.node.kubernetes.io", "profile.node.kubernetes.io")


def nodes_are_groups_of_servers(parts: Parts) -> Iterator[Fault]:
    """`workers` and `control_plane` name groups of the section `servers`."""
    otherwise = "Write the name of a group of the section `servers`."
    yield from strangers("SCH081", "group of servers", _groups(parts.kubernetes), parts.server_names, otherwise)


def _groups(section: Kubernetes | None) -> Iterator[tuple[KeyPath, str, bool]]:
    if section is None:
        return
    if section.control_plane is not None:
        yield ("kubernetes", "control_plane"), section.control_plane, True
    for number, group in enumerate(section.workers):
        yield ("kubernetes", "workers", number), group, True


def the_kubeconfig_is_one_reference(parts: Parts) -> Iterator[Fault]:
    """A reference is an environment variable or a file."""
    reference = parts.kubernetes.kubeconfig if parts.kubernetes else None
    if reference is not None and (reference.env is None) == (reference.file is None):
        count = "neither" if reference.env is None else "both"
        yield Fault(
            "SCH082",
            ("kubernetes", "kubeconfig"),
            f"a reference names `env` or `file`, and this one has {count}",
            "Write one of the two, as `{env: KUBECONFIG}` or `{file: ~/.kube/config}`.",
        )


def tenants_are_told_apart(parts: Parts) -> Iterator[Fault]:
    """No two tenants have one number or one namespace."""
    numbers: dict[int, str] = {}
    spaces: dict[str, str] = {}
    for name, tenant in parts.kubernetes.tenants.items() if parts.kubernetes else ():
        path = ("kubernetes", "tenants", name)
        first = numbers.setdefault(tenant.id, name)
        if first != name:
            yield Fault(
                "SCH083",
                (*path, "id"),
                f"the tenants {shown(first)} and {shown(name)} have the same number, {tenant.id}",
                f"Give {shown(name)} a number of its own: {_free(parts)} is free.",
                value=True,
            )
        space = tenant.namespace or name
        first = spaces.setdefault(space, name)
        if first != name:
            yield Fault(
                "SCH084",
                (*path, "namespace") if tenant.namespace else path,
                f"the tenants {shown(first)} and {shown(name)} have the same namespace, {shown(space)}",
                "Write another `namespace` for one of the two.",
                value=tenant.namespace is not None,
            )


def _free(parts: Parts) -> int:
    taken = {tenant.id for tenant in parts.kubernetes.tenants.values()} if parts.kubernetes else set()
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def namespaces_are_not_the_systems(parts: Parts) -> Iterator[Fault]:
    """No tenant lives in a namespace that Kubernetes keeps for itself."""
    for name, tenant in parts.kubernetes.tenants.items() if parts.kubernetes else ():
        space = tenant.namespace or name
        if space in _SYSTEM_NAMESPACES or space.startswith(_SYSTEM_PREFIX):
            yield Fault(
                "SCH085",
                ("kubernetes", "tenants", name, *(("namespace",) if tenant.namespace else ())),
                f"the namespace {shown(space)} is Kubernetes' own",
                "Write another `namespace` for the tenant.",
                value=tenant.namespace is not None,
            )


def priority_classes_exist(parts: Parts) -> Iterator[Fault]:
    """Classes that a tenant names are in the section `priorities`, or built in where that is empty."""
    if parts.kubernetes is not None:
        named = _named_by_tenants(parts.kubernetes, "priorities")
        known = parts.kubernetes.priorities or BUILT_IN_PRIORITIES
        yield from strangers(
            "SCH086", "priority class", named, known, "Write one of these, or add it under `priorities`."
        )


def mounted_stores_exist(parts: Parts) -> Iterator[Fault]:
    """Stores that a tenant mounts are in the section `storage`."""
    if parts.kubernetes is not None:
        named = _named_by_tenants(parts.kubernetes, "mounts")
        otherwise = "Add it to the section `storage`, or remove it here."
        yield from strangers("SCH090", "store", named, parts.store_names, otherwise)


def _named_by_tenants(section: Kubernetes, key: Literal["priorities", "mounts"]) -> Iterator[tuple[KeyPath, str, bool]]:
    for tenant, written in section.tenants.items():
        for number, name in enumerate(getattr(written, key) or ()):
            yield ("kubernetes", "tenants", tenant, key, number), name, True


def priority_classes_are_not_the_systems(parts: Parts) -> Iterator[Fault]:
    """Names that begin with `system-` are kept for Kubernetes' own classes, and the API server refuses them."""
    for name in parts.kubernetes.priorities if parts.kubernetes else ():
        if name.startswith(_SYSTEM_CLASSES):
            yield Fault(
                "SCH087",
                ("kubernetes", "priorities", name),
                f"the priority class {shown(name)} has a name that Kubernetes keeps for its own",
                "Choose a name that does not begin with `system-`.",
            )


def label_keys_are_told_apart(parts: Parts) -> Iterator[Fault]:
    """Every fact about a node has a key of its own, which Node Feature Discovery may set."""
    if parts.kubernetes is None:
        return
    labels, taken = parts.kubernetes.labels, dict[str, str]()
    for fact in labels.__struct_fields__:
        key, path = getattr(labels, fact), ("kubernetes", "labels", fact)
        first = taken.setdefault(key, fact)
        if first != fact:
            message = f"{shown(first)} and {shown(fact)} have the same label key, {shown(key)}"
            yield Fault("SCH088", path, message, "Write another key for one of the two.", value=True)
        if _refused_by_nfd(key.rpartition("/")[0]):
            yield Fault(
                "SCH089",
                path,
                f"Node Feature Discovery sets no label under {shown(key.rpartition('/')[0])}",
                f"Write a key under {_NFD_OWN[0]} or under a domain of your own.",
                value=True,
            )


def _refused_by_nfd(domain: str) -> bool:
    of_kubernetes = domain == "kubernetes.io" or domain.endswith(".kubernetes.io")
    return of_kubernetes and not any(domain == own or domain.endswith(f".{own}") for own in _NFD_OWN)


CLUSTER_RULES = (
    nodes_are_groups_of_servers,
    the_kubeconfig_is_one_reference,
    tenants_are_told_apart,
    namespaces_are_not_the_systems,
    priority_classes_exist,
    mounted_stores_exist,
    priority_classes_are_not_the_systems,
    label_keys_are_told_apart,
)
