"""One object an identity, whatever was called alike; and everything that is made is in the register."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import load as load_catalog
from podwright.projection import project
from podwright.projection.cluster import ObjectClashError, ObjectName, objects, register
from podwright.projection.records import PodConfig


def atlas() -> PodConfig:
    return reference.pod("hgx-h100-32")


@pytest.mark.parametrize(
    ("first", "second"),
    [("research", "research"), ("research", "Research"), ("team-a", "team_a")],
)
def test_two_objects_of_one_name_are_refused_by_both_origins(first: str, second: str) -> None:
    """NVIDIA/k8s-launch-kit issue 234: the second of a name took the first one's place, and its nodes went without."""
    one = ObjectName("Namespace", "", first, "kubernetes.tenants.a")
    other = ObjectName("Namespace", "", second, "kubernetes.tenants.b")
    with pytest.raises(ObjectClashError, match=r"kubernetes\.tenants\.a .*kubernetes\.tenants\.b"):
        register([one, other])


def test_a_name_may_come_again_in_another_namespace_or_kind() -> None:
    register(
        ObjectName(kind, space, "resources", "tests")
        for kind in ("ResourceQuota", "LimitRange")
        for space in ("research", "serving")
    )


def test_a_design_that_would_make_one_object_twice_is_not_projected() -> None:
    """Validation refuses such a blueprint; the register stands behind it."""
    product = reference.designed("hgx-h100-32")
    first, second = product.tenants
    twisted = replace(product, tenants=(first, replace(second, namespace=first.namespace.upper())))
    with pytest.raises(ObjectClashError, match=r"kubernetes\.tenants\.research makes the Namespace"):
        project(twisted, load_catalog())


def test_the_register_knows_every_object() -> None:
    cluster = atlas().cluster
    assert cluster
    kinds = [each.kind for each in objects(cluster)]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "ClusterRole": 2,
        "LimitRange": 2,
        "Namespace": 2,
        "NetworkPolicy": 8,
        "PersistentVolume": 8,
        "PersistentVolumeClaim": 8,
        "PriorityClass": 3,
        "ResourceQuota": 4,
        "RoleBinding": 2,
        "StorageClass": 1,
    }


def test_no_two_volumes_are_called_alike_whatever_hyphens_say() -> None:
    """Tenant `a` with store `b-c`, and tenant `a-b` with store `c`."""
    product = reference.designed("hgx-h100-32")
    (first, second), volume = product.tenants, product.volumes[0]
    renamed = (replace(first, name="a", namespace="a"), replace(second, name="a-b", namespace="a-b"))
    volumes = (replace(volume, tenant="a", store="b-c"), replace(volume, tenant="a-b", store="c"))
    cluster = project(replace(product, tenants=renamed, volumes=volumes), load_catalog()).cluster
    assert cluster
    assert len({each.name for tenant in cluster.tenants for each in tenant.volumes}) == 2
