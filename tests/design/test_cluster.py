"""What is decided of the cluster: what nodes say of their place, what tenants may use, and that growth moves none of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pods import Document, backend, blueprint, built, catalog, changed, front, oob, pod, server, without
from podwright.design import design, scale
from podwright.model.design import Design


def with_cluster(document: Document, **changes: Any) -> Document:
    return document | {
        "kubernetes": {
            "version": "1.36",
            "workers": ["gpu"],
            "pods": "10.244.0.0/16",
            "services": "10.96.0.0/12",
            "tenants": {"research": {"id": 1, "gpus": 8}},
        }
        | changes
    }


TWO_UNITS = with_cluster(
    pod(("gpu", "r4p1f2m1", 10, 1, 1), ("control", "r0p1f2m1", 3, 2, 5), backend=backend(), front=front(), oob=oob()),
    control_plane="control",
)


def labels(made: Design) -> dict[str, dict[str, str]]:
    nodes: dict[str, dict[str, str]] = {}
    for label in made.node_labels:
        nodes.setdefault(label.device, {})[label.key.rpartition("/")[2]] = label.value
    return nodes


def test_nodes_say_where_they_stand() -> None:
    assert labels(built(TWO_UNITS))["gpu-u002-s01"] == {
        "accelerator": "gpu-u002-s01",
        "leaf": "backend-leaf-u002-r0",
        "spine": "backend",
        "pod-unit": "u002",
        "pod-rack": "u002-rack-01",
    }


def test_a_node_without_gpus_or_rails_says_what_it_can() -> None:
    assert labels(built(TWO_UNITS))["control-u002-s05"] == {"pod-unit": "u002", "pod-rack": "u002-rack-02"}


def test_a_server_that_is_no_node_says_nothing() -> None:
    assert not any(
        device.startswith("control") for device in labels(built(with_cluster(TWO_UNITS, control_plane=None)))
    )


def test_servers_on_the_same_leaves_have_one_value_and_others_another() -> None:
    split = changed(without(TWO_UNITS, "fabrics", "oob"), "fabrics", "backend", "leaf", "slots", 4)
    nodes = labels(built(split))
    of = {node: said["leaf"] for node, said in nodes.items() if "leaf" in said}
    assert of["gpu-u001-s01"] == of["gpu-u001-s04"] != of["gpu-u001-s05"] == of["gpu-u001-s08"] != of["gpu-u002-s01"]


def test_nvlink_joins_consecutive_servers_of_a_group() -> None:
    """Two servers a domain, counted from the group's first slot and over its hole."""
    shelf = replace(catalog(), servers=dict(catalog().servers) | {"tray": replace(server(4, 1, 2), nvlink_servers=2)})
    document = with_cluster(pod(("gpu", "tray", 4, 1, 2), backend=backend(), front=front(), oob=oob()))
    document = changed(document, "servers", "gpu", "absent", [{"unit": 1, "slot": 4}])
    nodes = labels(design(blueprint(document), shelf).design)
    assert {node: said["accelerator"] for node, said in nodes.items()} == {
        "gpu-u001-s02": "gpu-nvl-001",
        "gpu-u001-s03": "gpu-nvl-001",
        "gpu-u001-s05": "gpu-nvl-002",
        "gpu-u001-s06": "gpu-nvl-003",
    }


def test_the_twin_keeps_the_labels_of_its_nodes_and_the_whole_cluster() -> None:
    whole = built(TWO_UNITS)
    twin = scale(whole, 14)
    kept = {device.name for device in twin.devices}
    assert labels(twin) == {node: said for node, said in labels(whole).items() if node in kept}
    assert (twin.clusters, twin.tenants, twin.quotas) == (whole.clusters, whole.tenants, whole.quotas)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("servers", "gpu", "count"), 12),
        (("kubernetes", "tenants", "alpha"), {"id": 9, "gpus": 1}),
        (("kubernetes", "tenants", "research", "cpus"), 64),
        (("kubernetes", "priorities"), {"batch": {"value": 1000, "preempts": False}, "now": {"value": 5}}),
    ],
)
def test_growth_moves_no_label_no_tenant_and_no_quota(path: tuple[str, ...], value: object) -> None:
    before, after = built(TWO_UNITS), built(changed(TWO_UNITS, *path, value))
    assert set(before.node_labels) <= set(after.node_labels)
    assert set(before.quotas) <= set(after.quotas)
    assert {(each.name, each.id, each.namespace) for each in before.tenants} <= {
        (each.name, each.id, each.namespace) for each in after.tenants
    }


def test_the_gpus_resource_is_that_of_the_workers_or_the_written_one() -> None:
    shelf = replace(
        catalog(), servers=dict(catalog().servers) | {"amd": replace(server(4, 1, 2), gpu_resource="amd.com/gpu")}
    )
    document = with_cluster(pod(("gpu", "amd", 4, 1, 1), backend=backend(), front=front(), oob=oob()))
    assert [quota.resource for quota in design(blueprint(document), shelf).design.quotas] == ["requests.amd.com/gpu"]
    written = changed(document, "kubernetes", "gpu_resource", "example.net/gpu")
    assert [quota.resource for quota in design(blueprint(written), shelf).design.quotas] == ["requests.example.net/gpu"]


def with_store(document: Document, **store: Any) -> Document:
    scratch = {"kind": "nfs", "servers": "control", "fabric": "front", "export": "/scratch", "mount": {"gpu": "/mnt"}}
    tenants = {"research": {"id": 1, "mounts": ["scratch"]}, "serving": {"id": 2}}
    return changed(document | {"storage": {"scratch": scratch | store}}, "kubernetes", "tenants", tenants)


def test_a_tenant_has_a_volume_for_every_export_of_its_stores() -> None:
    made = built(with_store(TWO_UNITS))
    exports = {(export.server, export.address) for export in made.exports}
    assert len(exports) == 3
    assert {(each.tenant, each.store, each.path) for each in made.volumes} == {("research", "scratch", "/scratch")}
    assert {(each.server, each.address) for each in made.volumes} == exports
    assert {each.options for each in made.volumes} == {("nfsvers=4.2", "nconnect=8", "hard")}


def test_a_store_outside_is_one_volume_whatever_its_addresses() -> None:
    outside = with_store(TWO_UNITS, external={"addresses": ["198.51.100.7", "198.51.100.8"]})
    volumes = built(without(outside, "storage", "scratch", "servers")).volumes
    assert [(each.server, each.address) for each in volumes] == [("", "198.51.100.7")]


def test_a_further_server_of_a_store_adds_a_volume_and_moves_none() -> None:
    before = built(with_store(TWO_UNITS))
    after = built(changed(with_store(TWO_UNITS), "servers", "control", "count", 4))
    assert set(before.volumes) < set(after.volumes)
