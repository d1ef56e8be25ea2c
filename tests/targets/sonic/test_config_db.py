"""`config_db.json`: valid by SONiC's own YANG models, right where the models are blind, and frozen for three switches.

After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/sonic && git diff tests/golden/sonic
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from conformance.sonic.sonic_yang_check import Checker
from podwright.catalog import load as load_catalog
from podwright.design import design
from podwright.model.blueprint import Blueprint
from podwright.projection import project
from podwright.projection.records import PodConfig, SwitchConfig
from podwright.targets.sonic import render

GOLDEN = Path(reference.__file__).parents[1] / "golden" / "sonic"
FROZEN = {
    "backend-leaf-u001-r0": "hgx-h100-32",
    "backend-spine-001": "hgx-h100-32",
    "front-leaf-u001-1": "hgx-h100-32",
}

Database = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def judge() -> Checker:
    return Checker()


def databases(pod: PodConfig) -> dict[str, Database]:
    return {artifact.device: json.loads(artifact.text) for artifact in render(pod)}


@lru_cache
def rendered(name: str) -> dict[str, Database]:
    """The databases of a blueprint, shared by the tests: one that changes a database copies it first."""
    return databases(reference.pod(name))


def database(name: str, device: str) -> Database:
    return rendered(name)[device]


def switches() -> Iterator[tuple[str, SwitchConfig]]:
    for name in reference.NAMES:
        for switch in reference.pod(name).switches:
            if switch.nos == "sonic":
                yield name, switch


every_switch = pytest.mark.parametrize(
    ("name", "switch"), [pytest.param(name, switch, id=f"{name}-{switch.name}") for name, switch in switches()]
)


def management_on_sonic(name: str) -> PodConfig:
    """The blueprint, with SONiC on its out-of-band switches too: they bridge."""
    document = yaml.safe_load((reference.BLUEPRINTS / name / "pod.yaml").read_text())
    for tier in ("leaf", "spine"):
        if tier in document["fabrics"]["oob"]:
            document["fabrics"]["oob"][tier]["nos"] = "sonic"
    catalog = load_catalog()
    return project(design(msgspec.convert(document, Blueprint), catalog).design, catalog)


@pytest.mark.parametrize("name", reference.NAMES)
def test_every_switch_has_a_database_that_sonic_takes(judge: Checker, name: str) -> None:
    assert list(rendered(name)) == [switch.name for switch in reference.pod(name).switches if switch.nos == "sonic"]
    problems = [f"{device}: {problem}" for device, tables in rendered(name).items() for problem in judge.check(tables)]
    assert problems == []


@pytest.mark.parametrize("name", reference.NAMES)
def test_switches_that_bridge_are_taken_too(judge: Checker, name: str) -> None:
    every = databases(management_on_sonic(name))
    bridges = {device: tables for device, tables in every.items() if "VLAN_MEMBER" in tables}
    assert bridges
    problems = [f"{device}: {problem}" for device, tables in bridges.items() for problem in judge.check(tables)]
    assert problems == []


def test_a_switch_managed_through_its_vlan_finds_its_way_out() -> None:
    tables = databases(management_on_sonic("hgx-h100-32"))["oob-leaf-u001-2"]
    assert tables["STATIC_ROUTE"] == {"default|0.0.0.0/0": {"ifname": "Vlan1001", "nexthop": "10.0.3.254"}}
    assert "MGMT_PORT" not in tables
    assert "bgp_asn" not in tables["DEVICE_METADATA"]["localhost"]


def _unknown_port(tables: Database) -> None:
    tables["INTERFACE"]["Ethernet9999"] = {}


def _address_without_interface(tables: Database) -> None:
    del tables["INTERFACE"]["Ethernet0"]


def _lanes_missing(tables: Database) -> None:
    del tables["PORT"]["Ethernet0"]["lanes"]


def _mtu_too_large(tables: Database) -> None:
    tables["PORT"]["Ethernet0"]["mtu"] = "9217"


def _mode_unknown(tables: Database) -> None:
    tables["DEVICE_METADATA"]["localhost"]["docker_routing_config_mode"] = "elsewhere"


def _field_unknown(tables: Database) -> None:
    tables["PORT"]["Ethernet0"]["colour"] = "blue"


def _gateway_of_the_other_family(tables: Database) -> None:
    (row,) = tables["MGMT_INTERFACE"].values()
    row["gwaddr"] = "fd00::1"


@pytest.mark.parametrize(
    ("mutate", "table"),
    [
        (_unknown_port, "INTERFACE"),
        (_address_without_interface, "INTERFACE"),
        (_lanes_missing, "PORT"),
        (_mtu_too_large, "PORT"),
        (_mode_unknown, "DEVICE_METADATA"),
        (_field_unknown, "PORT"),
        (_gateway_of_the_other_family, "MGMT_INTERFACE"),
    ],
)
def test_the_judge_notices_a_broken_database(judge: Checker, mutate: Callable[[Database], None], table: str) -> None:
    tables = deepcopy(database("hgx-h100-32", "backend-leaf-u001-r0"))
    mutate(tables)
    assert {problem.table for problem in judge.check(tables)} == {table}


@every_switch
def test_no_lane_is_used_twice(name: str, switch: SwitchConfig) -> None:
    rows = database(name, switch.name)["PORT"].values()
    lanes = [lane for row in rows for lane in row["lanes"].split(",")]
    assert len(lanes) == len(set(lanes))


@every_switch
def test_the_ports_of_a_broken_out_cage_share_all_its_lanes_evenly(name: str, switch: SwitchConfig) -> None:
    tables = database(name, switch.name)
    cages: dict[str, list[dict[str, str]]] = {}
    for row in tables["PORT"].values():
        cages.setdefault(row["index"], []).append(row)
    width = load_catalog().switches[switch.model].cages[0].lanes
    assert list(tables["BREAKOUT_CFG"]) == [breakout.port for breakout in switch.breakouts]
    for breakout in switch.breakouts:
        count, speed = breakout.mode.removesuffix("G").split("x")
        rows = cages[tables["PORT"][breakout.port]["index"]]
        lanes = [int(lane) for row in rows for lane in row["lanes"].split(",")]
        assert len(rows) == int(count)
        assert lanes == list(range(lanes[0], lanes[0] + width))
        assert {len(row["lanes"].split(",")) for row in rows} == {width // int(count)}
        assert all(int(row["speed"]) <= int(speed) * 1000 for row in rows)
        assert [row["subport"] for row in rows] == (["0"] if count == "1" else [str(n + 1) for n in range(int(count))])


@every_switch
def test_a_mode_is_written_as_the_platform_spells_it(name: str, switch: SwitchConfig) -> None:
    known = load_catalog().switches[switch.model].nos["sonic"].breakout_modes
    written = {port: row["brkout_mode"] for port, row in database(name, switch.name)["BREAKOUT_CFG"].items()}
    assert written == {breakout.port: known[breakout.mode] for breakout in switch.breakouts}


def test_a_mode_that_the_catalogue_cannot_spell_stays_as_it_is() -> None:
    pod = reference.pod("hgx-h100-32")
    leaf = next(each for each in pod.switches if each.name == "backend-leaf-u001-r0")
    unknown = replace(leaf, breakouts=tuple(replace(each, platform_mode="") for each in leaf.breakouts))
    (tables,) = databases(replace(pod, switches=(unknown,))).values()
    assert {row["brkout_mode"] for row in tables["BREAKOUT_CFG"].values()} == {each.mode for each in leaf.breakouts}


@every_switch
def test_ports_are_up_where_there_is_a_cable_and_have_one_neighbour_there(name: str, switch: SwitchConfig) -> None:
    tables = database(name, switch.name)
    cabled = {port.name for port in switch.ports if port.peer_device}
    assert {port for port, row in tables["PORT"].items() if row["admin_status"] == "up"} == cabled
    assert set(tables["DEVICE_NEIGHBOR"]) == cabled
    assert {row["name"] for row in tables["DEVICE_NEIGHBOR"].values()} == set(tables["DEVICE_NEIGHBOR_METADATA"])


@every_switch
def test_every_session_has_an_interface_under_it(name: str, switch: SwitchConfig) -> None:
    interfaces = database(name, switch.name)["INTERFACE"]
    assert switch.bgp is not None
    for neighbor in switch.bgp.neighbors:
        by_link_local = not neighbor.address and not neighbor.address6
        assert interfaces[neighbor.interface].get("ipv6_use_link_local_only") == ("enable" if by_link_local else None)


@every_switch
def test_values_are_text_and_rows_stand_in_natural_order(name: str, switch: SwitchConfig) -> None:
    tables = database(name, switch.name)
    fields = [value for rows in tables.values() for row in rows.values() for value in row.values()]
    assert all(isinstance(value, str) or all(isinstance(item, str) for item in value) for value in fields)
    assert list(tables) == sorted(tables)
    numbers = [int(port.removeprefix("Ethernet")) for port in tables["PORT"]]
    assert numbers == sorted(numbers)


def test_routing_is_left_to_frr_and_the_database_knows_the_as() -> None:
    tables = database("hgx-h100-32", "backend-leaf-u001-r0")
    metadata = tables["DEVICE_METADATA"]["localhost"]
    assert metadata["docker_routing_config_mode"] == "split-unified"
    assert metadata["frr_mgmt_framework_config"] == "false"
    assert metadata["bgp_asn"] == "4211001000"
    assert not [table for table in tables if table.startswith("BGP")]


def test_tiers_are_called_as_sonic_calls_them() -> None:
    leaf = database("hgx-h100-32", "backend-leaf-u001-r0")
    spine = database("hgx-h100-32", "backend-spine-001")
    assert leaf["DEVICE_METADATA"]["localhost"]["type"] == "ToRRouter"
    assert spine["DEVICE_METADATA"]["localhost"]["type"] == "LeafRouter"
    assert leaf["DEVICE_NEIGHBOR_METADATA"]["gpu-u001-s01"]["type"] == "Server"
    assert leaf["DEVICE_NEIGHBOR_METADATA"]["backend-spine-001"]["type"] == "LeafRouter"


def test_replies_to_the_management_network_leave_by_the_management_port() -> None:
    tables = database("hgx-h100-32", "backend-leaf-u001-r0")
    assert tables["MGMT_INTERFACE"] == {
        "eth0|10.0.2.1/23": {"gwaddr": "10.0.3.254", "forced_mgmt_routes": ["10.0.0.0/20"]},
    }
    assert set(tables["MGMT_PORT"]) == {"eth0"}


def test_the_base_mac_is_written_where_it_is_known(judge: Checker) -> None:
    pod = reference.pod("starter-4")
    (switch,) = (each for each in pod.switches if each.nos == "sonic")
    known = replace(pod, switches=(replace(switch, mac="B8:CE:F6:00:01:02"),))
    (tables,) = databases(known).values()
    assert tables["DEVICE_METADATA"]["localhost"]["mac"] == "b8:ce:f6:00:01:02"
    assert list(judge.check(tables)) == []
    assert "mac" not in database("starter-4", switch.name)["DEVICE_METADATA"]["localhost"]


@pytest.mark.parametrize("device", FROZEN)
def test_frozen(device: str) -> None:
    (artifact,) = (each for each in render(reference.pod(FROZEN[device])) if each.device == device)
    assert artifact.path == f"configs/{device}/config_db.json"
    path = GOLDEN / f"{device}.json"
    if os.environ.get("PODWRIGHT_FREEZE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
    assert artifact.text == path.read_text()
