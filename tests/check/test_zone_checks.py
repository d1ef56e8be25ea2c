"""Checks of zones where servers are in several of them: what the pairs of blueprints do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.check import run_checks
from podwright.pipeline import design_pod

PARTED = Path(__file__).parent.parent / "projection" / "fabrics-as-zones.yaml"


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
