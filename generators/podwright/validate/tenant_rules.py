"""What the schema can't say of the tenants of fabrics: names that refer to something, and numbers that are one's own."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.load import KeyPath
from podwright.model.prose import shown
from podwright.validate.fault import Fault, Rule, strangers
from podwright.validate.sound import Parts

_JOINS_LEAVES = frozenset({"leaf-spine", "rail-optimised"})


def tenants_have_groups_of_servers(parts: Parts) -> Iterator[Fault]:
    """`servers` of a tenant names groups of the section `servers`."""
    otherwise = "Write the name of a group of the section `servers`."
    yield from strangers("SCH100", "group of servers", _groups(parts), parts.server_names, otherwise)


def _groups(parts: Parts) -> Iterator[tuple[KeyPath, str, bool]]:
    for fabric, spec in parts.fabrics.items():
        for name, tenant in spec.tenants.items():
            for number, group in enumerate(tenant.servers):
                yield ("fabrics", fabric, "tenants", name, "servers", number), group, True


def a_group_has_one_tenant(parts: Parts) -> Iterator[Fault]:
    """No group is in two tenants of one fabric: its ports have one routing table."""
    for fabric, spec in parts.fabrics.items():
        firsts: dict[str, str] = {}
        for name, tenant in spec.tenants.items():
            for number, group in enumerate(tenant.servers):
                first = firsts.setdefault(group, name)
                if first != name:
                    yield Fault(
                        "SCH101",
                        ("fabrics", fabric, "tenants", name, "servers", number),
                        f"the group {shown(group)} is the tenant {shown(first)}'s already",
                        "Remove it from one of the two; a port has one routing table.",
                        value=True,
                    )


def tenants_have_numbers_of_their_own(parts: Parts) -> Iterator[Fault]:
    """No two tenants of a fabric share an `id`, which their VLANs and VNIs are computed from."""
    for fabric, spec in parts.fabrics.items():
        firsts: dict[int, str] = {}
        taken = {tenant.id for tenant in spec.tenants.values()}
        for name, tenant in spec.tenants.items():
            first = firsts.setdefault(tenant.id, name)
            if first != name:
                free = next(number for number in range(1, len(taken) + 2) if number not in taken)
                yield Fault(
                    "SCH102",
                    ("fabrics", fabric, "tenants", name, "id"),
                    f"the tenants {shown(first)} and {shown(name)} of {shown(fabric)} have the same number, {tenant.id}",
                    f"Give {shown(name)} a number of its own: {free} is free.",
                    value=True,
                )


def tenants_meet_at_spines(parts: Parts) -> Iterator[Fault]:
    """Only a fabric of leaves and spines has tenants: their routes travel by EVPN from leaf to leaf."""
    for fabric, spec in parts.fabrics.items():
        if spec.tenants and spec.topology not in _JOINS_LEAVES:
            yield Fault(
                "SCH103",
                ("fabrics", fabric, "tenants"),
                f"the topology of {shown(fabric)} is {shown(spec.topology)}, and tenants need leaves and spines",
                "Remove `tenants`, or choose the topology `leaf-spine`.",
            )


def rails_alone_are_bridged(parts: Parts) -> Iterator[Fault]:
    """A tenant is bridged where its servers have one link to a rail; routed servers announce themselves instead.

    A rail that a cluster gives to pods has a link's addresses for each node, which a bridged one has not.
    """
    for fabric, spec in parts.fabrics.items():
        for name, tenant in spec.tenants.items():
            path = ("fabrics", fabric, "tenants", name, "bridged")
            if tenant.bridged and "compute" not in spec.carries:
                yield Fault(
                    "SCH104",
                    path,
                    f"{shown(fabric)} has no rails to bridge: it carries {' and '.join(spec.carries)}",
                    "Remove `bridged`; servers with two homes are routed, and keep their address when a leaf fails.",
                )
            elif tenant.bridged and _given_away(parts, tenant.servers):
                yield Fault(
                    "SCH105",
                    path,
                    f"rails of {shown(name)} are given to pods by the section `kubernetes`, a link at a time",
                    "Remove `bridged`, or `nic_operator` from `kubernetes`.",
                )


def _given_away(parts: Parts, groups: tuple[str, ...]) -> bool:
    cluster = parts.kubernetes
    return cluster is not None and cluster.nic_operator is not None and not set(groups).isdisjoint(cluster.workers)


def routers_know_their_tenant(parts: Parts) -> Iterator[Fault]:
    """`tenant` of a router outside is one of its fabric."""
    for fabric, spec in parts.fabrics.items():
        named = (
            (("fabrics", fabric, "outside", router, "tenant"), outside.tenant, True)
            for router, outside in spec.outside.items()
            if outside.tenant is not None
        )
        yield from strangers("SCH106", "tenant", named, spec.tenants, f"Add it to `fabrics.{fabric}.tenants`.")


def a_tenant_has_one_number(parts: Parts) -> Iterator[Fault]:
    """A tenant of the cluster and one of a fabric that share a name share their number."""
    if parts.kubernetes is None:
        return
    for fabric, spec in parts.fabrics.items():
        for name, tenant in spec.tenants.items():
            other = parts.kubernetes.tenants.get(name)
            if other is not None and other.id != tenant.id:
                yield Fault(
                    "SCH107",
                    ("fabrics", fabric, "tenants", name, "id"),
                    f"{shown(name)} is number {tenant.id} in {shown(fabric)} and {other.id} in the section `kubernetes`",
                    f"Write {other.id} here, or call one of the two otherwise.",
                    value=True,
                )


TENANT_RULES: tuple[Rule, ...] = (
    tenants_have_groups_of_servers,
    a_group_has_one_tenant,
    tenants_have_numbers_of_their_own,
    tenants_meet_at_spines,
    rails_alone_are_bridged,
    routers_know_their_tenant,
    a_tenant_has_one_number,
)
