"""Checks of zones where servers are in several of them: what the pairs of blueprints do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.check import run_checks
from podwright.pipeline import design_pod

PARTED = Path(__file__).parent.parent / "projection" / "fabrics-as-zones.yaml"
CLUSTER = Path(__file__).parent.parent / "checks" / "SEC009" / "good.yaml"


def said(folder: Path, old: str, new: str) -> list[tuple[str, str, str]]:
    """(code, path, message) of what a change of the pod adds."""
    text = PARTED.read_text("utf-8")
    assert old in text
    changed = folder / "pod.yaml"
    changed.write_text(text.replace(old, new))
    before, after = (
        [(each.code, each.path, each.message) for each in run_checks(design_pod(path).design)]
        for path in (PARTED, changed)
    )
    return [each for each in after if each not in before]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            ", {groups: [files], fabrics: [front]}",
            "",
            (
                "SEC002",
                "servers.files",
                "`files` is in no zone on `front`, so its servers reach nothing there and nobody reaches them",
            ),
        ),
        (
            "{from: compute, to: outside",
            "{from: training, to: storage, service: nfs}\n    - {from: compute, to: outside",
            (
                "SEC003",
                "security.allow.2",
                "`nfs` from `training` to `storage` never comes by: the two have no fabric in common, and no server passes "
                "packets on",
            ),
        ),
        (
            "{from: clients, to: storage",
            "{from: compute, to: storage",
            (
                "STO004",
                "storage.scratch.mount.gpu",
                "`gpu` mounts `scratch` from `files`, and no flow lets nfs from zone `clients` to `storage`",
            ),
        ),
        (
            "storage: [store, ",
            "storage: [",
            (
                "STO004",
                "storage.scratch.mount.gpu",
                "`files` is in no zone on `store`, so nothing lets `gpu` through to `scratch` on `files`",
            ),
        ),
        (
            "fabrics: [store]}",
            "fabrics: [store, front]}",
            ("SEC008", "security.zones.compute.0", "no address is in the zone `compute` by its member gpu"),
        ),
    ],
)
def test_a_change_of_the_zones_is_told(tmp_path: Path, old: str, new: str, finding: tuple[str, str, str]) -> None:
    assert finding in said(tmp_path, old, new)


def test_the_same_addresses_in_the_longer_form_change_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, "training: [backend]", "training: [{groups: [gpu], fabrics: [backend]}]") == []


def cut_off(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """What SEC009 says of the cluster's pod after the changes."""
    text = CLUSTER.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    changed = folder / "pod.yaml"
    changed.write_text(text)
    return [each.message for each in run_checks(design_pod(changed).design) if each.code == "SEC009"]


@pytest.mark.parametrize("port", [4789, 6081, 8472, 51871])
def test_any_known_overlay_lets_pods_through(tmp_path: Path, port: int) -> None:
    assert cut_off(tmp_path, ("udp: [8472]", f"udp: [{port}]")) == []


@pytest.mark.parametrize("ports", ["udp: [53]", "tcp: [179]", "tcp: [8472]"])
def test_what_carries_nothing_of_pods_is_no_overlay(tmp_path: Path, ports: str) -> None:
    assert cut_off(tmp_path, ("udp: [8472]", ports)) == [
        "no flow lets the tunnels of pods through from `compute` to `control` and from `control` to `compute`, and both have "
        "nodes of the cluster"
    ]


def test_each_pair_of_zones_with_nodes_is_told_once(tmp_path: Path) -> None:
    said = cut_off(tmp_path, ("workers: [gpu]", "workers: [gpu, guest]"))
    assert [message.partition(", and")[0].partition("through ")[2] for message in said] == [
        "from `compute` to `guests` and from `guests` to `compute`",
        "from `control` to `guests` and from `guests` to `control`",
    ]


def test_nodes_of_an_isolated_zone_need_a_flow_inside_it(tmp_path: Path) -> None:
    isolated = ("  services: {overlay", "  isolated: [compute]\n  services: {overlay")
    assert cut_off(tmp_path, isolated) == [
        "no flow lets the tunnels of pods through from `compute` to `compute`, which is isolated and has nodes of the cluster"
    ]
    inside = ("  allow:\n", "  allow:\n    - {from: compute, to: compute, service: overlay}\n")
    assert cut_off(tmp_path, isolated, inside) == []


def test_nodes_of_one_zone_and_one_node_alone_need_none(tmp_path: Path) -> None:
    shut = ("udp: [8472]", "tcp: [8472]")
    assert cut_off(tmp_path, shut, ("  control_plane: control\n", "")) == []
    alone = ("{model: hgx-h100, count: 3,", "{model: hgx-h100, count: 1,")
    isolated = ("  services: {overlay", "  isolated: [compute]\n  services: {overlay")
    assert cut_off(tmp_path, shut, ("  control_plane: control\n", ""), alone, isolated) == []
