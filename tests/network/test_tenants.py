"""A flow inside a tenant says what carries it; one between tenants is refused, since no route leads there."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from click import unstyle

from podwright.cli.way import way_data, way_text
from podwright.errors import UsageError
from podwright.model.design import Design
from podwright.network.graph import End
from podwright.network.tenancy import Outer, Tunnel, outer_of, tunnelled
from podwright.pipeline import Traced, design_pod, trace_flow

TENANTS = Path(__file__).parents[1] / "targets" / "eos" / "tenants.yaml"
OWN = Path(__file__).parents[1] / "targets" / "eos" / "pod.yaml"


@lru_cache
def pod(path: Path = TENANTS) -> Design:
    return design_pod(path).design


def traced(source: str, target: str, *failing: str) -> Traced:
    return trace_flow(pod(), source, target, failing)


def cells(text: str) -> list[tuple[str, str]]:
    """Device and tunnel of each hop."""
    heading, *rows = unstyle(text).split("Hops\n", 1)[1].split("\n\n", 1)[0].splitlines()
    tunnel, end = heading.index("tunnel"), heading.index("next")
    return [(row.split()[1], row[tunnel:end].strip()) for row in rows]


def test_a_routed_tenant_has_its_layer_3_vni_between_leaves() -> None:
    found = traced("red-u001-s01:0", "red2-u002-s01:0")
    assert found.tunnel == Tunnel("research", "research", "routed", 3001, 13001, 50)
    assert found.arrives
    assert outer_of(found.design, found.graph, found.way) == Outer("10.128.0.1", "10.128.0.2")
    text = way_text(found, everything=False)
    assert "tenant research: routed in VRF research, L3 VNI 13001\n" in text
    assert "tunnel 10.128.0.1 to 10.128.0.2, UDP 4789, DSCP 26: 50 bytes around each packet\n" in text
    assert cells(text) == [
        ("red-u001-s01", "-"),
        ("backend-leaf-u001-1", "VNI 13001, +50 B"),
        ("backend-spine-001", "VNI 13001, +50 B"),
        ("backend-leaf-u002-1", "-"),
        ("red2-u002-s01", "-"),
    ]


def test_a_bridged_rail_has_a_vni_of_its_own_and_rails_meet_in_the_table() -> None:
    rail = traced("blue-u001-s03:0", "blue2-u002-s02:0")
    assert rail.tunnel == Tunnel("serving", "serving", "bridged", 40, 10040, 50)
    assert "tenant serving: bridged in VLAN 40, L2 VNI 10040, of VRF serving\n" in way_text(rail, everything=False)
    across = traced("blue-u001-s03:0", "blue2-u002-s02:2").tunnel
    assert across == Tunnel("serving", "serving", "routed", 3002, 13002, 50)


def test_servers_of_one_leaf_need_no_tunnel() -> None:
    found = traced("red-u001-s01:0", "red-u001-s02:0")
    assert "no tunnel: one switch has both ends\n" in way_text(found, everything=False)
    assert {tunnel for _, tunnel in cells(way_text(found, everything=False))} == {"-"}


def test_the_outer_packet_fits_every_cable_that_it_crosses() -> None:
    found = traced("red-u001-s01:0", "red2-u002-s01:0")
    wires = {tunnelled(found.graph, end): wire.mtu for end, wire in found.graph.wire.items()}
    assert wires == {False: 9000, True: 9050}
    assert tunnelled(found.graph, End("backend-spine-001", "Ethernet1/1"))


def test_a_flow_goes_round_what_fails_in_its_tunnel() -> None:
    found = traced("red-u001-s01:0", "red2-u002-s01:0", "backend-spine-001")
    assert ("backend-spine-002", "VNI 13001, +50 B") in cells(way_text(found, everything=False))


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (
            "red-u001-s01:0",
            "blue-u001-s03:0",
            "red-u001-s01:rail0 is in the tenant research on backend and blue-u001-s03:rail0 in the tenant serving: "
            "no route leads from one to the other",
        ),
        (
            "red-u001-s01",
            "blue2-u002-s02",
            "red-u001-s01 is in the tenant research on front and blue2-u002-s02 in the tenant serving: "
            "no route leads from one to the other",
        ),
        (
            "red-u001-s01:0",
            "backend-spine-001",
            "red-u001-s01:rail0 is in the tenant research on backend and backend-spine-001 in no tenant: "
            "no route leads from one to the other",
        ),
    ],
)
def test_no_route_leads_from_one_tenant_to_another(source: str, target: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        traced(source, target)
    assert str(raised.value) == said


def test_programs_are_told_the_tenant_and_where_its_tunnel_is() -> None:
    data = way_data(traced("red-u001-s01:0", "red2-u002-s01:0"), everything=False)
    assert data["tenant"] == {
        "tenant": "research",
        "vrf": "research",
        "layer": "routed",
        "vlan": 3001,
        "vni": 13001,
        "overhead": 50,
        "outer": {"source": "10.128.0.1", "target": "10.128.0.2"},
    }


def test_a_pod_without_tenants_says_nothing_of_them() -> None:
    found = trace_flow(pod(OWN), "gpu-u001-s01:0", "gpu-u001-s03:0", ())
    text = way_text(found, everything=False)
    assert found.tunnel is None
    assert "tunnel" not in text
    assert "tenant" not in text
    assert way_data(found, everything=False)["tenant"] is None
