"""A packet of the lossless class keeps its class through every table of SONiC, and its port has the buffers that it needs."""

from __future__ import annotations

import json
from functools import lru_cache
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
from podwright.projection.records import PodConfig
from podwright.targets.sonic import render

Database = dict[str, dict[str, dict[str, Any]]]
LEAF = "backend-leaf-u001-r0"


def pod_with(**sections: Any) -> PodConfig:
    """hgx-h100-32 with these sections in place of its own."""
    document = yaml.safe_load((reference.BLUEPRINTS / "hgx-h100-32" / "pod.yaml").read_text()) | sections
    catalog = load_catalog()
    return project(design(msgspec.convert(document, Blueprint), catalog).design, catalog)


def database(pod: PodConfig, device: str = LEAF) -> Database:
    (found,) = (json.loads(artifact.text) for artifact in render(pod) if artifact.device == device)
    return found


@lru_cache
def leaf() -> Database:
    return database(reference.pod("hgx-h100-32"))


def lossless(**keys: Any) -> Database:
    return database(pod_with(lossless={"rocev2": keys}))


def path_of(tables: Database, port: str, dscp: int) -> tuple[str, str, str]:
    """(traffic class, priority group, queue) of a packet that comes in by a port."""
    maps = tables["PORT_QOS_MAP"][port]
    traffic_class = tables["DSCP_TO_TC_MAP"][maps["dscp_to_tc_map"]][str(dscp)]
    group = tables["TC_TO_PRIORITY_GROUP_MAP"][maps["tc_to_pg_map"]][traffic_class]
    return traffic_class, group, tables["TC_TO_QUEUE_MAP"][maps["tc_to_queue_map"]][traffic_class]


@pytest.mark.parametrize(
    ("dscp", "expected"), [(26, ("3", "3", "3")), (48, ("6", "0", "6")), (0, ("0", "0", "0")), (63, ("0", "0", "0"))]
)
def test_a_mark_leads_to_one_class_on_every_lossless_port(dscp: int, expected: tuple[str, str, str]) -> None:
    assert {path_of(leaf(), port, dscp) for port in leaf()["PORT_QOS_MAP"]} == {expected}


def test_a_pause_stops_the_queue_of_the_class_alone() -> None:
    for port in leaf()["PORT_QOS_MAP"].values():
        (priority,) = port["pfc_enable"].split(",")
        assert leaf()["MAP_PFC_PRIORITY_TO_QUEUE"][port["pfc_to_queue_map"]] == {priority: "3"}
        assert leaf()["PFC_PRIORITY_TO_PRIORITY_GROUP_MAP"][port["pfc_to_pg_map"]] == {priority: "3"}
        assert port["pfcwd_sw_enable"] == priority


def test_every_port_that_pauses_has_headroom_in_the_group_that_it_pauses_for() -> None:
    for port in leaf()["PORT_QOS_MAP"]:
        profile = leaf()["BUFFER_PROFILE"][leaf()["BUFFER_PG"][f"{port}|3"]["profile"]]
        assert int(profile["xoff"]) > 0
        assert int(profile["size"]) >= int(profile["xoff"]) + int(profile["xon"])
        assert profile["pool"] in leaf()["BUFFER_POOL"]


def test_the_lossless_queue_marks_and_is_never_dropped_from() -> None:
    queue = leaf()["QUEUE"]["Ethernet0|3"]
    wred = leaf()["WRED_PROFILE"][queue["wred_profile"]]
    assert wred["ecn"] == "ecn_all"
    assert int(wred["green_min_threshold"]) < int(wred["green_max_threshold"])
    assert leaf()["BUFFER_PROFILE"][leaf()["BUFFER_QUEUE"]["Ethernet0|3"]["profile"]]["dynamic_th"] == "7"
    assert "wred_profile" not in leaf()["QUEUE"]["Ethernet0|6"]


def test_notifications_go_first_and_the_rest_shares_by_weight() -> None:
    schedulers = {key: leaf()["SCHEDULER"][row["scheduler"]] for key, row in leaf()["QUEUE"].items()}
    assert schedulers["Ethernet0|6"] == {"type": "STRICT"}
    assert schedulers["Ethernet0|3"] == schedulers["Ethernet0|0"] == {"type": "DWRR", "weight": "50"}


def test_what_the_blueprint_says_is_what_is_written(judge: Checker) -> None:
    tables = lossless(
        dscp=24,
        priority=4,
        cnp={"dscp": 46, "traffic_class": 5},
        bandwidth=70,
        ecn=[{"min_bytes": 100_000, "max_bytes": 200_000, "probability": 20}],
        watchdog={"detection_ms": 300, "poll_ms": 150, "action": "forward"},
        measured=[{"speed": "400G", "xoff_bytes": 150_000, "xon_bytes": 19_456, "size_bytes": 169_456}],
    )
    assert path_of(tables, "Ethernet0", 24) == ("4", "4", "4")
    assert path_of(tables, "Ethernet0", 46) == ("5", "0", "5")
    assert tables["BUFFER_PROFILE"]["pg_lossless_400000_15m_profile"]["xoff"] == "150000"
    assert tables["WRED_PROFILE"]["ROCEV2_400G"]["green_drop_probability"] == "20"
    assert tables["SCHEDULER"]["scheduler.lossless"]["weight"] == "70"
    assert tables["PFC_WD"]["GLOBAL"] == {"POLL_INTERVAL": "150"}
    assert tables["PFC_WD"]["Ethernet0"] == {"action": "forward", "detection_time": "300", "restoration_time": "600"}
    assert judge.check(tables) == []


def test_a_watchdog_may_be_left_off() -> None:
    tables = lossless(watchdog={"action": "none"})
    assert "PFC_WD" not in tables
    assert "pfcwd_sw_enable" not in tables["PORT_QOS_MAP"]["Ethernet0"]


def test_a_switch_without_lossless_ports_has_none_of_it() -> None:
    tables = database(reference.pod("hgx-h100-32"), "front-leaf-u001-1")
    assert not {"PORT_QOS_MAP", "BUFFER_PG", "PFC_WD", "WRED_PROFILE"} & set(tables)
    assert "buffer_model" not in tables["DEVICE_METADATA"]["localhost"]


def test_logs_telemetry_and_logins_are_taken_by_sonic_and_hold_no_secret(judge: Checker) -> None:
    tables = database(
        pod_with(
            observability={
                "syslog": ["192.0.2.60", "2001:db8::60"],
                "gnmi": {},
                "sflow": {"collectors": ["192.0.2.61"], "sampling": 50_000},
            },
            management={"tacacs": {"servers": ["192.0.2.62", "192.0.2.63"], "secret": {"env": "TACACS_KEY"}}},
        )
    )
    assert list(tables["SYSLOG_SERVER"]) == ["192.0.2.60", "2001:db8::60"]
    assert tables["GNMI"]["gnmi"]["port"] == "50051"
    assert tables["SFLOW_COLLECTOR"]["collector1"] == {"collector_ip": "192.0.2.61", "collector_port": "6343"}
    assert tables["SFLOW_SESSION"]["Ethernet0"] == {"admin_state": "up", "sample_rate": "50000"}
    assert tables["TACPLUS"]["global"]["passkey"] == "<podwright:management.tacacs.secret>"
    assert int(tables["TACPLUS_SERVER"]["192.0.2.62"]["priority"]) > int(
        tables["TACPLUS_SERVER"]["192.0.2.63"]["priority"]
    )
    assert judge.check(tables) == []


@pytest.fixture(scope="module")
def judge() -> Checker:
    return Checker()


def with_asic(asic: str) -> PodConfig:
    """The reference leaf, alone, as if it had another switching chip."""
    switch = next(each for each in reference.pod("hgx-h100-32").switches if each.name == LEAF)
    assert switch.qos is not None
    return replace(reference.pod("hgx-h100-32"), switches=(replace(switch, qos=replace(switch.qos, asic=asic)),))


def test_queue_pairs_are_told_apart_on_equal_paths() -> None:
    """The UDP source port is all that differs between two queue pairs of one pair of NICs, and between two tunnels' flows."""
    fields = leaf()["SWITCH_HASH"]["GLOBAL"]["ecmp_hash"]
    assert "L4_SRC_PORT" in fields
    assert not [field for field in fields if field.startswith("INNER")]


@pytest.mark.parametrize(("asic", "written"), [("spectrum-4", True), ("silicon-one-g200", True), ("tomahawk-5", False)])
def test_a_chip_of_unknown_ability_keeps_the_platforms_hash(asic: str, written: bool) -> None:
    tables = database(with_asic(asic))
    assert ("SWITCH_HASH" in tables) is written
    assert list(Checker().check(tables)) == []


def test_a_field_that_sonic_has_not_is_noticed() -> None:
    tables = database(with_asic("spectrum-4"))
    tables["SWITCH_HASH"]["GLOBAL"]["ecmp_hash"].append("QUEUE_PAIR")
    assert {problem.table for problem in Checker().check(tables)} == {"SWITCH_HASH"}
