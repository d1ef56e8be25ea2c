"""What the pairs of blueprints leave out of the checks across tenants: stores outside the pod, and flows that some pairs have."""

from __future__ import annotations

from pathlib import Path

from podwright.check import run_checks
from podwright.pipeline import design_pod

PAIRS = Path(__file__).parents[1] / "checks"
OUTSIDE = """storage:
  home:
    kind: nfs
    external: {addresses: [198.51.100.10]}
    fabric: front
    export: /export/home
    mount: {gpu: /home}
    bandwidth: {read_gb_s: 400, write_gb_s: 400}
"""


def said(folder: Path, text: str) -> list[tuple[str, str]]:
    path = folder / "pod.yaml"
    path.write_text(text)
    return [(each.path, each.message) for each in run_checks(design_pod(path).design) if each.code.startswith("TEN")]


def test_a_filer_outside_is_reached_by_the_tenant_of_a_router_outside(tmp_path: Path) -> None:
    good = (PAIRS / "TEN001" / "good.yaml").read_text().partition("storage:")[0] + OUTSIDE
    assert said(tmp_path, good) == []
    assert said(tmp_path, good.replace(", tenant: research", "")) == [
        (
            "storage.home.mount.gpu",
            "`gpu` of the tenant `research` mounts `home`, which is outside the pod, and no router outside is in that table "
            "of `front`",
        )
    ]


def test_a_flow_that_one_pair_of_groups_has_is_no_mistake(tmp_path: Path) -> None:
    bad = (PAIRS / "TEN002" / "bad.yaml").read_text()
    zones = "compute: [gpu], files: [nfs]"
    assert zones in bad
    assert said(tmp_path, bad.replace(zones, "compute: [gpu, nfs]")) == []
    assert [path for path, _ in said(tmp_path, bad)] == ["security.allow.0"]
