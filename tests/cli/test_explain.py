"""`explain` tells what stands behind a code, a device, a port."""

from __future__ import annotations

import os
import re
import shutil
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml

from podwright.check import registry
from podwright.cli.prose_of_codes import prose_of
from podwright.design.codes import CODES
from podwright.lint import rules
from podwright.pipeline import design_pod

from .conftest import ROOT, STARTER, Run

PACKAGE = ROOT / "generators" / "podwright"


def codes_of(*stages: str) -> set[str]:
    """Every code that the modules of these stages can say."""
    sources = [path.read_text() for stage in stages for path in (PACKAGE / stage).rglob("*.py")]
    return {code for source in sources for code in re.findall(r'"((?:SRC|SCH|DES|OBS)[0-9]{3})"', source)}


@pytest.mark.parametrize(
    "code", sorted(codes_of("load", "validate", "design", "lint") | set(registry()) | set(rules()))
)
def test_every_code_that_can_be_said_is_explained(code: str) -> None:
    assert prose_of(code).startswith(f"# {code}")


def test_no_page_explains_a_code_that_nobody_says() -> None:
    pages = "".join(
        (ROOT / "docs" / "stages" / f"{stage}.md").read_text() for stage in ("load", "validate", "design", "lint")
    )
    assert set(re.findall(r"^### ([A-Z]{3}[0-9]{3})", pages, re.MULTILINE)) == codes_of(
        "load", "validate", "design", "lint"
    )


def test_the_page_of_the_design_says_what_the_design_knows() -> None:
    """After a change in design/codes.py: PODWRIGHT_FREEZE=1 pytest tests/cli/test_explain.py, then read the diff."""
    page = ROOT / "docs" / "stages" / "design.md"
    introduction, heading, _ = page.read_text().partition("## What can't be built\n")
    sections = "".join(
        f"\n### {code}: {prose.title}\n\n{prose.why}\n\n**What to do:** {prose.fix}\n"
        for code, prose in sorted(CODES.items())
    )
    if os.environ.get("PODWRIGHT_FREEZE"):
        page.write_text(introduction + heading + sections)
    assert page.read_text() == introduction + heading + sections


def test_a_device(run: Run) -> None:
    said = run("explain", "gpu-u001-s01", STARTER).out
    assert said.startswith("gpu-u001-s01: server of group gpu, hgx-h100, unit 1, slot 1\n")
    assert "decided by servers.gpu (" in said
    assert "\n  stands in u001-rack-01, U1 to U6\n" in said
    assert "rail0" in said


def test_a_port(run: Run) -> None:
    said = run("explain", "gpu-u001-s01:rail0", "--in", STARTER).out
    assert said.startswith("gpu-u001-s01:rail0\n")
    assert "cable to pod-leaf-u001-1:" in said


def test_what_an_override_says_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        f"extends: {os.path.relpath(STARTER, tmp_path)}\n"
        "overrides:\n"
        "  systems: {linux: {management: {user: ubuntu}}}\n"
        "  devices: {gpu-u001-s01: {watch_by_bfd: false, management: {python: /opt/python3}}}\n"
    )
    said = run("explain", "gpu-u001-s01", tmp_path).out
    assert (
        f"configured as ubuntu, decided by overrides.systems.linux.management.user ({tmp_path}/pod.yaml:3:34)" in said
    )
    python = "overrides.devices.gpu-u001-s01.management.python"
    assert f"configured with /opt/python3, decided by {python} ({tmp_path}/pod.yaml:4:62)" in said
    sessions = said.partition("BGP sessions")[2].partition("\n\n")[0].strip().splitlines()[2:]
    assert sessions
    assert all(line.endswith(" no") for line in sessions)
    assert "not watched by BFD" in run("explain", "gpu-u001-s01:front0", tmp_path).out
    assert "configured as" not in run("explain", "pod-leaf-u001-1", tmp_path).out


def test_a_code_in_any_case(run: Run) -> None:
    assert run("explain", "fab001").out == run("explain", "FAB001").out
    assert run("explain", "Des405").out.startswith("# DES405")


def test_without_a_pod_it_says_how_to_name_one(run: Run) -> None:
    said = run("explain", "gpu-u001-s01")
    assert said.code == 2
    assert "`gpu-u001-s01` is looked up in a pod, and there is no pod.yaml here" in said.err
    assert "Name the blueprint: `podwright explain gpu-u001-s01 FILE`." in said.err


def test_every_address_of_the_design_leads_back_to_its_device(run: Run) -> None:
    design = design_pod(Path(STARTER)).design
    held = {each.address.split("/")[0]: each.device for each in design.addresses}
    held |= {each.bmc.split("/")[0]: each.device for each in design.management if each.bmc}
    for address, device in list(held.items())[::7]:
        said = run("explain", address, STARTER)
        assert (said.code, f"{address}: " in said.out) == (0, True)
        assert re.search(rf" of {device}$", said.out.split("\n\n")[0], re.MULTILINE), (address, said.out)


def test_an_address_is_told_with_its_port_and_the_ranges_around_it(run: Run) -> None:
    design = design_pod(Path(STARTER)).design
    rail = next(each for each in design.addresses if each.interface == "rail0")
    said = run("explain", rail.address.split("/")[0], STARTER).out
    assert f"interface rail0 of {rail.device}\n  in " in said
    assert ", rail 0" in said
    assert f"\n\n{rail.device}:rail0\n" in said


def test_a_prefix_is_told_with_its_fabric(run: Run) -> None:
    design = design_pod(Path(STARTER)).design
    pool = next(each for each in design.prefixes if each.use == "pool")
    said = run("explain", pool.prefix, STARTER).out
    assert f"{pool.prefix}: " in said
    assert f"in {pool.prefix}, the pool of fabric {pool.fabric}" in said


def test_an_address_of_nobody_is_told_by_its_range_or_refused(run: Run) -> None:
    design = design_pod(Path(STARTER)).design
    pool = ip_network(next(each.prefix for each in design.prefixes if each.use == "pool"))
    assert run("explain", str(pool[-2]), STARTER).out.startswith(f"{pool[-2]}: no device has it\n  in {pool}")
    said = run("explain", "203.0.113.9", STARTER)
    assert said.code == 2
    assert "has no range with 203.0.113.9\n  fix: Its pools are " in said.err


def test_a_name_without_padding_leads_to_the_device(run: Run) -> None:
    assert "Did you mean `gpu-u001-s01`?" in run("explain", "gpu-u1-s1", STARTER).err
    assert "Did you mean `gpu-u001-s01`?" in run("explain", "GPU-u001-s1", STARTER).err


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("gpu-u001-s0", "the pod starter has no device `gpu-u001-s0`"),
        ("gpu-u001-s01:rail9", "gpu-u001-s01 has no port `rail9` in use"),
        ("SCH999", "no finding has the code SCH999"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(run: Run, what: str, sentence: str) -> None:
    said = run("explain", what, STARTER)
    assert said.code == 2
    assert sentence in said.err
    assert "Did you mean" in said.err


def test_a_zone_with_its_flows_and_who_implies_them(run: Run) -> None:
    said = run("explain", "zone:compute", "--in", STARTER).out
    assert said.startswith("zone compute: servers of gpu\n")
    assert "inside the zone everything may pass" in said
    assert "the resolvers" in said
    assert "Flows of its zone, compute" in run("explain", "gpu-u001-s01", STARTER).out


def test_a_zone_that_is_not_there(run: Run) -> None:
    failed = run("explain", "zone:compte", "--in", STARTER)
    assert "has no zone `compte`" in failed.err
    assert "fix: Did you mean `compute`?" in failed.err


@pytest.mark.parametrize("name", ["nope", "anyon", "pod.link"])
def test_zones_that_nobody_wrote_are_not_proposed(run: Run, name: str) -> None:
    assert "fix: Use one of `compute`, `storage`." in run("explain", f"zone:{name}", "--in", STARTER).err


def test_where_a_zone_without_servers_is_enforced(run: Run) -> None:
    """The pod has one router outside, on two leaves; ten servers of `gpu` have six ports each."""
    text = (ROOT / "blueprints" / "rag-16" / "pod.yaml").read_text()
    for old, new in (
        ("outside: [edge]}", "outside: [edge], vast: [198.51.100.0/24], idle: [203.0.113.0/24]}"),
        ("  administrators:", "    - {from: compute, to: vast, service: nfs}\n  administrators:"),
    ):
        assert old in text
        text = text.replace(old, new)
    Path("pod.yaml").write_text(text)
    borders = "enforced where it comes in, at 2 ports of switches to routers outside\n"
    of_compute = "  and, for its flows with compute, at 60 ports of switches and on 10 servers\n"
    assert borders + of_compute in run("explain", "zone:vast", "pod.yaml").out
    assert borders + "\n" in run("explain", "zone:idle", "pod.yaml").out
    of_both = "  and, for its flows with compute, control, at 66 ports of switches and on 13 servers\n"
    assert borders + of_both in run("explain", "zone:outside", "pod.yaml").out
    assert "enforced" not in run("explain", "zone:site.dns", "pod.yaml").out


def test_it_says_which_override_decided_an_mtu_and_a_description(run: Run) -> None:
    said = {"mtu": 9100, "description": "to the left"}
    Path("pod.yaml").write_text(
        yaml.safe_dump(
            {
                "extends": "starter/pod.yaml",
                "overrides": {"devices": {"gpu-u001-s01": {"interfaces": {"front0": said}}}},
            }
        )
    )
    shutil.copytree(STARTER, "starter")
    path = "overrides.devices.gpu-u001-s01.interfaces.front0"
    port = run("explain", "gpu-u001-s01:front0", "pod.yaml").out
    assert f"MTU 9100 decided by {path}.mtu (pod.yaml:" in port
    assert (
        f"front0 is called `to the left`, decided by {path}.description"
        in run("explain", "gpu-u001-s01", "pod.yaml").out
    )
    assert "MTU 9100 decided by" in run("explain", "pod-leaf-u001-1:Ethernet256", "pod.yaml").out


def test_zones_of_a_server_that_is_in_several(run: Run) -> None:
    pod = str(Path(__file__).parent.parent / "projection" / "fabrics-as-zones.yaml")
    said = run("explain", "gpu-u001-s01", pod).out
    flows = said.partition("Flows of its zones, training, compute, clients and management\n")[2]
    assert re.search(r"^ *clients +storage +nfs +tcp 2049 ", flows, re.MULTILINE)
    assert re.search(r"^ *control +compute +ssh +tcp 22 ", flows, re.MULTILINE)
    parts = {
        "storage": "servers of files on front, fabric store",
        "management": "fabric oob",
        "clients": "servers of gpu on store",
    }
    for zone, holds in parts.items():
        assert run("explain", f"zone:{zone}", pod).out.startswith(f"zone {zone}: {holds}\n")
    assert "enforced at 0 ports of switches and on 8 servers" in run("explain", "zone:management", pod).out


def test_one_headroom_for_all_ports_and_a_pool_apart_are_said_of_a_port(run: Run, tmp_path: Path) -> None:
    eos = ROOT / "tests" / "targets" / "eos" / "pod.yaml"
    (budget,) = [
        each for each in design_pod(eos).design.buffer_budgets if (each.fabric, each.tier) == ("backend", "leaf")
    ]
    said = run("explain", "backend-leaf-u001-r0:Ethernet1/1", str(eos)).out
    assert f"one headroom for all its ports, that of the port that needs most: {budget.headroom_bytes} B" in said
    cumulus = tmp_path / "pod.yaml"
    cumulus.write_text(
        (ROOT / "blueprints" / "hgx-h100-32" / "pod.yaml").read_text().replace("nos: sonic", "nos: cumulus")
    )
    said = run("explain", "backend-leaf-u001-r0:swp1s0", str(cumulus)).out
    assert "while 128 priority groups are congested and share 50 % of the buffer" in said
    assert "one headroom" not in said
