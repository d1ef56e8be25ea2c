"""Tenants in `config_db.json`: valid by SONiC's models, whole where those are blind, and frozen for three switches.

Only the tables that tenants change are frozen. After an intended change, freeze again and read the difference:

    PODWRIGHT_FREEZE=1 pytest tests/targets/sonic && git diff tests/golden/sonic
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conformance import reference
from conformance.sonic.sonic_yang_check import Checker
from podwright.targets import frr
from podwright.targets.sonic import render

GOLDEN = Path(reference.__file__).parents[1] / "golden" / "sonic" / "tenants"
FROZEN = ("backend-leaf-u001-1", "front-leaf-u001-1", "front-spine-001")
TENANTS = (
    "INTERFACE",
    "LOOPBACK_INTERFACE",
    "SAG",
    "VLAN",
    "VLAN_INTERFACE",
    "VLAN_MEMBER",
    "VRF",
    "VXLAN_EVPN_NVO",
    "VXLAN_TUNNEL",
    "VXLAN_TUNNEL_MAP",
)

Database = dict[str, dict[str, dict[str, Any]]]


@lru_cache
def rendered() -> dict[str, Database]:
    return {each.device: json.loads(each.text) for each in render(reference.shared("sonic"))}


@pytest.fixture(scope="module")
def judge() -> Checker:
    return Checker()


def test_sonic_takes_every_database(judge: Checker) -> None:
    assert len(rendered()) == 12
    problems = [f"{device}: {problem}" for device, tables in rendered().items() for problem in judge.check(tables)]
    assert problems == []


def test_names_that_the_models_do_not_follow_lead_somewhere() -> None:
    for device, tables in rendered().items():
        assert list(loose(tables)) == [], device


def loose(tables: Database) -> Iterator[str]:
    """VNIs that lead nowhere, or to two places. A VLAN of a map is any text to the models, and a VNI any number."""
    maps = tables.get("VXLAN_TUNNEL_MAP", {}).values()
    yield from (f"map to {row['vlan']}" for row in maps if row["vlan"] not in tables["VLAN"])
    vnis = [row["vni"] for row in maps]
    yield from sorted({f"VNI {vni} twice" for vni in vnis if vnis.count(vni) > 1})
    routed = {row["vni"]: row["vlan"] for row in maps}
    for name, row in tables.get("VRF", {}).items():
        vlan = routed.get(row["vni"], "")
        if tables.get("VLAN_INTERFACE", {}).get(vlan, {}).get("vrf_name") != name:
            yield f"{name} has no VLAN"


def _map_to_no_vlan(tables: Database) -> None:
    del tables["VLAN"]["Vlan3001"]
    del tables["VLAN_INTERFACE"]["Vlan3001"]


def _vni_of_two_vlans(tables: Database) -> None:
    tables["VXLAN_TUNNEL_MAP"]["vtep|map_10042_Vlan42"]["vni"] = "10040"


def _tenant_of_another_vni(tables: Database) -> None:
    tables["VRF"]["Vrfserving"]["vni"] = "13009"


@pytest.mark.parametrize(
    ("mutate", "found"),
    [
        (_map_to_no_vlan, ["map to Vlan3001", "Vrfresearch has no VLAN"]),
        (_vni_of_two_vlans, ["VNI 10040 twice"]),
        (_tenant_of_another_vni, ["Vrfserving has no VLAN"]),
    ],
)
def test_a_loose_end_is_noticed(judge: Checker, mutate: Callable[[Database], None], found: list[str]) -> None:
    tables = deepcopy(rendered()["backend-leaf-u001-1"])
    mutate(tables)
    assert list(loose(tables)) == found
    assert list(judge.check(tables)) == []


def _no_tenant(tables: Database) -> None:
    del tables["VRF"]["Vrfresearch"]


def _no_tunnel(tables: Database) -> None:
    del tables["VXLAN_TUNNEL"]


def _gateway_without_hardware_address(tables: Database) -> None:
    del tables["SAG"]


def _name_that_sonic_refuses(tables: Database) -> None:
    tables["VRF"]["research"] = tables["VRF"].pop("Vrfresearch")


@pytest.mark.parametrize(
    ("mutate", "tables"),
    [
        (_no_tenant, {"INTERFACE", "VLAN_INTERFACE"}),
        (_no_tunnel, {"VXLAN_EVPN_NVO", "VXLAN_TUNNEL_MAP"}),
        (_gateway_without_hardware_address, {"VLAN_INTERFACE"}),
        (_name_that_sonic_refuses, {"VRF", "INTERFACE", "VLAN_INTERFACE"}),
    ],
)
def test_the_judge_notices_the_others(judge: Checker, mutate: Callable[[Database], None], tables: set[str]) -> None:
    broken = deepcopy(rendered()["backend-leaf-u001-1"])
    mutate(broken)
    assert {problem.table for problem in judge.check(broken)} == tables


def test_frr_speaks_of_the_same_tables_and_numbers() -> None:
    """Two files of one switch, each written by itself: a tenant must be the same one in both."""
    spoken = {
        each.device: each.text for each in frr.render(reference.shared("sonic")) if each.path.endswith("frr.conf")
    }
    for device, tables in rendered().items():
        blocks = re.findall(r"^vrf (\S+)\n(.*?)^exit-vrf", spoken[device], re.M | re.S)
        numbers = {name: re.findall(r"^ vni (\d+)$", block, re.M) for name, block in blocks}
        assert numbers == {name: [row["vni"]] for name, row in tables.get("VRF", {}).items()}, device


def test_spines_that_only_pass_tunnels_on_know_no_tenant() -> None:
    backend = rendered()["backend-spine-001"]
    assert not [table for table in backend if table.startswith(("VRF", "VXLAN", "SAG", "VLAN"))]
    assert "VRF" in rendered()["front-spine-001"]


def test_servers_and_routers_of_tenants_are_in_their_tables() -> None:
    leaf, spine = rendered()["front-leaf-u001-1"], rendered()["front-spine-001"]
    assert leaf["INTERFACE"]["Ethernet4"] == {"ipv6_use_link_local_only": "enable", "vrf_name": "Vrfserving"}
    assert leaf["INTERFACE"]["Ethernet504"] == {"ipv6_use_link_local_only": "enable"}
    assert spine["INTERFACE"]["Ethernet504"] == {"vrf_name": "Vrfserving"}


def test_all_leaves_are_one_gateway() -> None:
    leaves = [tables for device, tables in rendered().items() if device.startswith("backend-leaf")]
    gateways = [
        (tables["SAG"]["GLOBAL"]["gateway_mac"], key)
        for tables in leaves
        for key, row in tables["VLAN_INTERFACE"].items()
        if row.get("static_anycast_gateway") == "true"
    ]
    assert {mac for mac, _ in gateways} == {"02:70:6f:64:00:01"}
    assert {vlan for _, vlan in gateways} == {"Vlan40", "Vlan41", "Vlan42", "Vlan43"}


def test_the_way_into_the_tunnel_takes_what_the_tenants_interfaces_take() -> None:
    leaf = rendered()["backend-leaf-u001-1"]
    assert {leaf["VLAN"][name]["mtu"] for name in ("Vlan40", "Vlan3001", "Vlan3002")} == {"9000"}


def test_ipv6_is_asked_for_only_where_it_is_routed() -> None:
    pod = reference.shared("sonic")
    leaf = next(each for each in pod.switches if each.name == "backend-leaf-u001-1")
    assert leaf.bgp is not None
    (without,) = render(replace(pod, switches=(replace(leaf, bgp=replace(leaf.bgp, ipv6=False)),)))
    rows = (rendered()[leaf.name]["VLAN_INTERFACE"], json.loads(without.text)["VLAN_INTERFACE"])
    assert [row["Vlan3001"] for row in rows] == [
        {"ipv6_use_link_local_only": "enable", "vrf_name": "Vrfresearch"},
        {"vrf_name": "Vrfresearch"},
    ]


@pytest.mark.parametrize("device", FROZEN)
def test_frozen(device: str) -> None:
    tables = rendered()[device]
    text = json.dumps({name: tables[name] for name in TENANTS if name in tables}, indent=4) + "\n"
    path = GOLDEN / f"{device}.json"
    if os.environ.get("PODWRIGHT_FREEZE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
