"""Lint has nothing against what Podwright renders, and it does look at it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance import reference as pods
from lint.writing import write
from podwright.catalog import load
from podwright.lint import Options, lint
from podwright.model.artifact import Artifact
from podwright.pipeline import design_pod, render_design
from podwright.projection.records import PodConfig
from podwright.targets import TARGETS, eos, nvue, sonic
from targets.eos import pods_of_eos

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = sorted(path.parent.name for path in (ROOT / "blueprints").glob("*/pod.yaml"))
CONFIGS = "configs/"


def rendered(reference: str, folder: Path) -> Path:
    """The configurations of switches and servers, as `podwright render` writes them."""
    pod = design_pod(ROOT / "blueprints" / reference)
    for artifact in render_design(pod.design, pod.catalog, TARGETS):
        if artifact.path.startswith(CONFIGS):
            path = folder / artifact.path.removeprefix(CONFIGS)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("reference", REFERENCES)
def test_there_is_nothing_to_say(reference: str, tmp_path: Path) -> None:
    found = lint(rendered(reference, tmp_path), load(), Options())
    assert [f"{each.code} {each.message}" for each in found.findings] == []
    assert found.switches > 0


def test_a_rendered_switch_is_looked_at(tmp_path: Path) -> None:
    """One line of one leaf: the mark of RoCE goes to the default class."""
    folder = rendered("hgx-h100-32", tmp_path)
    file = sorted(folder.glob("backend-leaf-*/config_db.json"))[0]
    tables = json.loads(file.read_text("utf-8"))
    (marks,) = tables["DSCP_TO_TC_MAP"].values()
    marks["26"] = "0"
    file.write_text(json.dumps(tables), encoding="utf-8")
    codes = {each.code: each for each in lint(folder, load(), Options()).findings}
    assert set(codes) & {"LNT001", "LNT009"}
    assert all(file.parent.name in each.message for each in codes.values())


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [("VXLAN_TUNNEL_MAP", "vtep|map_13001_Vlan3001", "vlan"), ("VRF", "Vrfresearch", "vni")],
)
def test_tenants_are_looked_at(table: str, row: str, field: str, tmp_path: Path) -> None:
    """There is nothing to say of them either; then one leaf's map leads to no VLAN, or a VNI to no map."""
    for artifact in sonic.render(pods.shared("sonic")):
        path = tmp_path / artifact.path.removeprefix(CONFIGS)
        path.parent.mkdir()
        path.write_text(artifact.text, encoding="utf-8")
    assert lint(tmp_path, load(), Options()).findings == ()
    file = tmp_path / "backend-leaf-u001-1" / "config_db.json"
    tables = json.loads(file.read_text("utf-8"))
    tables[table][row][field] = {"vlan": "Vlan999", "vni": "20200"}[field]
    file.write_text(json.dumps(tables), encoding="utf-8")
    findings = lint(tmp_path, load(), Options()).findings
    assert {each.code for each in findings} == {"LNT054"}
    assert all(file.parent.name in each.message for each in findings)


@pytest.mark.parametrize(
    ("render", "pod", "name"), [(eos.render, pods_of_eos.pod, "unnumbered"), (nvue.render, pods.shared, "nvue")]
)
def test_switches_of_other_systems_are_known_for_what_they_are(
    render: Callable[[PodConfig], Iterator[Artifact]], pod: Callable[[str], PodConfig], name: str, tmp_path: Path
) -> None:
    write(tmp_path, "nccl.conf", "NCCL_IB_TC=106\n")
    for artifact in render(pod(name)):
        write(tmp_path, artifact.path.removeprefix(CONFIGS), artifact.text)
    found = lint(tmp_path, load(), Options())
    assert {each.code for each in found.findings} == {"OBS003"}
    assert not found.unread


def test_rendered_servers_are_looked_at_with_the_switches(tmp_path: Path) -> None:
    """One value of one server: its NICs mark what no switch keeps lossless."""
    folder = rendered("hgx-h100-32", tmp_path)
    known = lint(folder, load(), Options()).unknown
    assert not any("gpu-" in each and ("marks RoCE" in each or "PFC and trust" in each) for each in known)
    file = sorted(folder.glob("gpu-*/roce.json"))[0]
    file.write_text(file.read_text("utf-8").replace('"traffic_class": 106', '"traffic_class": 98'), encoding="utf-8")
    (finding,) = lint(folder, load(), Options()).findings
    assert finding.code == "LNT005"
    assert f"{file.parent.name} marks with DSCP 24" in finding.message
