"""Tenants of fabrics where people look for them: the design's tables, a device, a port."""

from __future__ import annotations

from .conftest import ROOT, STARTER, Run

PODS = ROOT / "tests" / "targets" / "eos"
TENANTS = PODS / "tenants.yaml"


def test_the_design_has_a_table_of_tenants(run: Run) -> None:
    block = run("design", TENANTS).out.split("\nTenants of fabrics\n", 1)[1].split("\n\n", 1)[0]
    rows = [line.split() for line in block.splitlines()[1:]]
    assert rows[0] == ["backend", "research", "1", "research", "3001", "13001", "64900:13001", "red,", "red2", "-", "4"]
    assert rows[1][:9] == ["backend", "serving", "2", "serving", "3002", "13002", "64900:13002", "blue,", "blue2"]
    assert rows[1][9:11] == ["40", "(10040),"]
    assert [(row[0], row[1], row[-1]) for row in rows[2:]] == [("front", "research", "4"), ("front", "serving", "6")]


def test_a_pod_without_tenants_has_no_table_of_them(run: Run) -> None:
    assert "Tenants of fabrics" not in run("design", STARTER).out


def test_devices_and_ports_say_whose_they_are(run: Run) -> None:
    leaf = run("explain", "backend-leaf-u001-1", TENANTS).out
    assert (
        "  has a routing table of the tenant serving, VRF serving, VLAN 3002, VNI 13002, bridges VLANs 40, 42\n" in leaf
    )
    server = run("explain", "blue-u001-s03", TENANTS).out
    assert "  in the tenant serving on backend, VRF serving, VLAN 3002, VNI 13002\n" in server
    assert "of the tenant" not in run("explain", "backend-spine-001", TENANTS).out
    bridged = run("explain", "backend-leaf-u001-1:Ethernet1/5", TENANTS).out
    assert "  bridged in Vlan40 of the tenant serving\n" in bridged
    routed = run("explain", "backend-leaf-u001-1:Ethernet1/1", TENANTS).out
    assert "  routed in the table of the tenant research\n" in routed
