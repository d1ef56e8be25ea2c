"""Other ways to break the layers of the clean folder: each makes the rules speak that see the cause, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint.folders import BASE, Change, changed
from lint.test_rules import linted
from lint.writing import addresses, mlnx_qos, port, switch, write

SWITCHES = ("leaf-1", "leaf-2", "spine-1", "spine-2")
DB = "config_db.json"


def at(device: str, *path: str, to: object) -> Change:
    return {"file": f"{device}/{DB}", "path": list(path), "to": to}


def ports(device: str) -> list[str]:
    return list(json.loads((BASE / device / DB).read_text("utf-8"))["PORT"])


def on_every_port(field: str, value: str | None, *devices: str) -> list[Change]:
    return [at(device, "PORT_QOS_MAP", port, field, to=value) for device in devices for port in ports(device)]


def without(field: str, *devices: str) -> list[Change]:
    return on_every_port(field, None, *devices)


def text(file: str, old: str, new: str) -> Change:
    return {"file": file, "old": old, "new": new}


def on_every_host(old: str, new: str) -> list[Change]:
    return [text(f"gpu-{number}/sysfs.txt", old, new) for number in (1, 2)]


def parameter(name: str, value: int) -> Change:
    """One more parameter of the firmware in the operator's template."""
    added = f'    rawNvConfig:\n      - name: {name}\n        value: "{value}"\n'
    return text("operator.yaml", "    rawNvConfig:\n", added)


SECOND_FUNCTION = text("operator.yaml", '      - "0000:3c:00.0"\n', '      - "0000:3c:00.0"\n      - "0000:3c:00.1"\n')
PAUSED_AND_GUARDED = [
    *on_every_port("pfc_enable", "4", *SWITCHES),
    *on_every_port("pfcwd_sw_enable", "4", *SWITCHES),
]
CASES: dict[str, tuple[list[Change], set[str]]] = {
    "PFC on 4 with RoCE on 3": (PAUSED_AND_GUARDED, {"LNT001"}),
    "PFC on 4 at one port": (
        [at("leaf-1", "PORT_QOS_MAP", "Ethernet0", field, to="4") for field in ("pfc_enable", "pfcwd_sw_enable")],
        {"LNT008"},
    ),
    "a port without a row of PORT_QOS_MAP": ([at("leaf-1", "PORT_QOS_MAP", "Ethernet4", to=None)], {"LNT008"}),
    "a spine without the table": ([at("spine-1", "PORT_QOS_MAP", to=None)], {"LNT008"}),
    "a port that names no map": ([at("leaf-2", "PORT_QOS_MAP", "Ethernet0", "dscp_to_tc_map", to=None)], {"LNT001"}),
    "a switch whose ports name no map": (without("dscp_to_tc_map", "leaf-1"), {"LNT001"}),
    "no switch that names a map": (without("dscp_to_tc_map", *SWITCHES), {"LNT001"}),
    "no switch that names a map of DSCP, classes or groups": (
        [
            change
            for field in ("dscp_to_tc_map", "tc_to_queue_map", "tc_to_pg_map")
            for change in without(field, *SWITCHES)
        ],
        {"LNT001"},
    ),
    "a switch that goes by VLAN tags": (
        [*without("dscp_to_tc_map", "leaf-1"), *on_every_port("dot1p_to_tc_map", "AZURE", "leaf-1")],
        {"LNT001"},
    ),
    "one map for the whole switch": (
        [
            *without("dscp_to_tc_map", "leaf-1"),
            at("leaf-1", "PORT_QOS_MAP", "global", to={"dscp_to_tc_map": "AZURE"}),
        ],
        set(),
    ),
    "a class in another group": ([at("leaf-1", "TC_TO_PRIORITY_GROUP_MAP", "AZURE", "3", to="0")], {"LNT004"}),
    "a class in another queue": ([at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "3", to="1")], {"LNT004"}),
    "a queue that no chip has": ([at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "7", to="9")], {"LNT050"}),
    "a class for trimmed packets": ([at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "8", to="4")], set()),
    "a class for trimmed packets in a queue that no chip has": (
        [at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "8", to="8")],
        {"LNT050"},
    ),
    "a mark of a class that has a queue": (
        [at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "8", to="4"), at("leaf-1", "DSCP_TO_TC_MAP", "AZURE", "10", to="8")],
        set(),
    ),
    "a class from 8 on that would be lossless": (
        [at("leaf-1", "TC_TO_PRIORITY_GROUP_MAP", "AZURE", "8", to="3")],
        {"LNT050"},
    ),
    "a class that the model of SONiC has not": ([at("leaf-1", "TC_TO_QUEUE_MAP", "AZURE", "16", to="4")], {"LNT050"}),
    "a priority from 8 on": ([at("leaf-1", "MAP_PFC_PRIORITY_TO_QUEUE", "AZURE", "8", to="4")], {"LNT050"}),
    "a DSCP that no packet has": ([at("leaf-1", "DSCP_TO_TC_MAP", "AZURE", "64", to="3")], {"LNT050"}),
    "a priority that no chip has": ([at("leaf-1", "PORT_QOS_MAP", "Ethernet4", "pfc_enable", to="3,8")], {"LNT050"}),
    "a speed that lanes do not carry": ([at("leaf-1", "PORT", "Ethernet0", "speed", to="800000")], {"LNT051"}),
    "ends of two speeds": ([at("leaf-1", "PORT", "Ethernet8", "speed", to="400000")], {"LNT056"}),
    "a VRF that is not there": ([at("leaf-1", "VRF", to={})], {"LNT054"}),
    "a VNI without a VLAN": ([at("leaf-1", "VRF", "Vrf_blue", to={"vni": "20200"})], {"LNT054"}),
    "a tunnel that is not there": ([at("leaf-1", "VXLAN_TUNNEL", to={})], {"LNT054"}),
    "a WRED profile that is not there": ([at("leaf-1", "QUEUE", "Ethernet0|3", "wred_profile", to="X")], {"LNT055"}),
    "a buffer profile that is not there": ([at("leaf-1", "BUFFER_PG", "Ethernet0|3", "profile", to="X")], {"LNT030"}),
    "polling faster than it may": ([at("leaf-1", "PFC_WD", "GLOBAL", "POLL_INTERVAL", to="50")], {"LNT040"}),
    "polling slower than it detects": ([at("leaf-1", "PFC_WD", "GLOBAL", "POLL_INTERVAL", to="500")], {"LNT040"}),
    "a NIC that trusts VLAN tags": ([text("gpu-1/mlnx_qos.rail0.txt", "state: dscp", "state: pcp")], {"LNT002"}),
    "CNP by the operator's default everywhere": (
        [*on_every_host("cnp_dscp:48", "cnp_dscp:4"), text("operator.yaml", 'value: "48"', 'value: "4"')],
        {"LNT006"},
    ),
    "CNP of second ports by the operator's default": ([SECOND_FUNCTION], {"LNT007"}),
    "CNP of second ports as of the first": ([SECOND_FUNCTION, parameter("CNP_DSCP_P2", 48)], set()),
    "CNP of second ports otherwise, whatever is known of them": ([parameter("CNP_DSCP_P2", 4)], {"LNT007"}),
    "CNP of second ports where the operator sets none": (
        [SECOND_FUNCTION, text("operator.yaml", "enabled: true", "enabled: false")],
        set(),
    ),
    "CNP of second ports on the priority of RoCE": ([parameter("CNP_802P_PRIO_P2", 3)], {"LNT014"}),
    "CNP of first ports on the priority of RoCE": ([parameter("CNP_802P_PRIO_P1", 3)], {"LNT014"}),
    "CNP of both ports on another priority": (
        [parameter("CNP_802P_PRIO_P1", 6), parameter("CNP_802P_PRIO_P2", 6)],
        set(),
    ),
    "CNP in the class of RoCE": (
        [*on_every_host("cnp_dscp:48", "cnp_dscp:26"), text("operator.yaml", 'value: "48"', 'value: "26"')],
        {"LNT006"},
    ),
    "a template that marks otherwise": ([text("operator.yaml", "tos: 106", "tos: 96")], {"LNT005"}),
    "a template that trusts VLAN tags": ([text("operator.yaml", "trust: dscp", "trust: pcp")], {"LNT013"}),
    "NCCL unset where the NIC forces the mark": ([text("nccl.conf", "NCCL_IB_TC=106\n", "")], set()),
    "NCCL unset where only the RDMA-CM is set": (
        [
            text("nccl.conf", "NCCL_IB_TC=106\n", ""),
            *on_every_host("traffic_class:Global tclass=106", "traffic_class:"),
        ],
        {"LNT005"},
    ),
    "strict filters with rules and tables for each NIC": (
        [text("gpu-2/sysctl.txt", "rp_filter = 2", "rp_filter = 1")],
        set(),
    ),
    "one NIC that forces no mark, and NCCL unset": (
        [
            text("nccl.conf", "NCCL_IB_TC=106\n", ""),
            text("gpu-1/sysfs.txt", "/sys/class/infiniband/mlx5_1/tc/1/traffic_class:Global tclass=106\n", ""),
        ],
        {"LNT005"},
    ),
    "a port that is down may be anything": (
        [
            at("leaf-1", "PORT", "Ethernet4", "admin_status", to="down"),
            at("leaf-1", "PORT_QOS_MAP", "Ethernet4", to=None),
        ],
        set(),
    ),
    "hosts that send more than switches pass": ([text("gpu-1/ip-addr.json", '"mtu": 9000', '"mtu": 9216')], {"LNT010"}),
    "a longer cable than at the other end": (
        [at("spine-2", "CABLE_LENGTH", "AZURE", "Ethernet8", to="30m")],
        {"LNT035"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_only_the_cause_is_told(name: str, tmp_path: Path) -> None:
    changes, codes = CASES[name]
    assert {finding.code for finding in linted(changed(tmp_path, changes)).findings} == codes


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([], "name no DSCP_TO_TC_MAP, so RoCE DSCP 26 (traffic_class) is of class 0 there"),
        (
            on_every_port("dot1p_to_tc_map", "AZURE", "leaf-1"),
            "name no DSCP_TO_TC_MAP but a DOT1P_TO_TC_MAP, so RoCE DSCP 26 (traffic_class) is of class 0 there",
        ),
    ],
)
def test_a_switch_that_trusts_no_mark(changes: list[Change], told: str, tmp_path: Path) -> None:
    (finding,) = linted(changed(tmp_path, [*without("dscp_to_tc_map", "leaf-1"), *changes])).findings
    assert finding.message == f"Ethernet0 and 3 more of leaf-1 {told}, as every packet without a VLAN tag is"
    assert finding.path == ".PORT_QOS_MAP.Ethernet0.pfc_enable"


class TestNobodyIsKnownToMark:
    """Facts of hosts are not there: then a map of DSCP on some switch says that the class is by DSCP."""

    HOSTS = [{"file": file, "remove": True} for file in ("gpu-1", "gpu-2", "nccl.conf", "operator.yaml")]  # noqa: RUF012

    def test_a_map_that_no_port_names(self, tmp_path: Path) -> None:
        changes = [*self.HOSTS, *without("dscp_to_tc_map", *SWITCHES)]
        findings = linted(changed(tmp_path, changes)).findings
        assert {finding.code for finding in findings} == {"LNT001"}
        assert "so every DSCP is of class 0 there" in findings[0].message

    def test_tags_in_its_place_may_be_meant(self, tmp_path: Path) -> None:
        by_tag = on_every_port("dot1p_to_tc_map", "AZURE", *SWITCHES)
        found = linted(changed(tmp_path, [*self.HOSTS, *without("dscp_to_tc_map", *SWITCHES), *by_tag]))
        assert not found.findings
        assert any("the class of a mark is not known there" in each for each in found.unknown)


def test_what_an_excerpt_is_taken_to_mean_is_named(tmp_path: Path) -> None:
    """Without DEVICE_METADATA and rows of ports the file may have left out which map a port has."""
    switch(
        tmp_path,
        {
            "PORT": {"Ethernet0": {"speed": "400000"}},
            "DSCP_TO_TC_MAP": {"AZURE": {"26": "3"}},
            "PORT_QOS_MAP": {"global": {"pfc_enable": "3"}},
        },
    )
    write(tmp_path, "nccl.conf", "NCCL_IB_TC=106\n")
    write(tmp_path, "gpu-1/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
    found = linted(tmp_path)
    assert not found.findings
    assert (
        "which maps the ports of leaf-1 name, since its file is an excerpt: DSCP_TO_TC_MAP `AZURE` is taken for all of them"
        in found.unknown
    )


def test_many_devices_with_one_fault_are_one_finding(tmp_path: Path) -> None:
    changes = [at(device, "DSCP_TO_TC_MAP", "AZURE", "10", to="8") for device in SWITCHES]
    (finding,) = linted(changed(tmp_path, changes)).findings
    assert finding.message.startswith("DSCP_TO_TC_MAP `AZURE` of leaf-1 maps 10 to 8")
    assert finding.message.endswith("; the same on leaf-2, spine-1, spine-2")


def test_how_many_groups_are_congested_is_for_the_owner_to_say(tmp_path: Path) -> None:
    """The pool of the clean folder is 136209408 bytes, alpha is 1: T = B / (1 + n)."""
    folder = changed(tmp_path, [at("leaf-1", "WRED_PROFILE", "AZURE_LOSSLESS", "green_max_threshold", to="40000000")])
    (finding,) = linted(folder).findings
    assert finding.code == "LNT021"
    assert "2^0 x 136209408 / (1 + 4 x 2^0) = 27241881 B with n = 4 congested groups" in finding.message
    assert not linted(folder, congested=2).findings
    assert "n = 3 congested groups" in linted(folder, congested=3).findings[0].message


def test_the_stock_configuration_fails_the_worst_case(tmp_path: Path) -> None:
    """The dynamic buffer model with SONiC's default threshold and marks: the pool's size is the catalogue's, and said to be."""
    changes = [
        at("spine-1", "DEVICE_METADATA", "localhost", "buffer_model", to="dynamic"),
        at("spine-1", "DEFAULT_LOSSLESS_BUFFER_PARAMETER", "AZURE", to={"default_dynamic_th": "-3"}),
        at("spine-1", "BUFFER_POOL", "ingress_lossless_pool", "size", to=None),
        *(at("spine-1", "BUFFER_PG", f"{port}|3", "profile", to="NULL") for port in ports("spine-1")),
        at("spine-1", "WRED_PROFILE", "AZURE_LOSSLESS", "green_max_threshold", to="16000000"),
    ]
    (finding,) = linted(changed(tmp_path, changes)).findings
    assert finding.code == "LNT021"
    assert "2^-3 x 158229504 / (1 + 2 x 2^-3) = 15822950 B with n = 2 congested groups" in finding.message
    assert "no file has the pool's size, SONiC's example for NVIDIA Spectrum-4 has 158229504 B" in finding.message


def test_the_default_of_second_ports_is_told_with_the_releases_that_have_it(tmp_path: Path) -> None:
    (finding,) = linted(changed(tmp_path, [SECOND_FUNCTION])).findings
    assert finding.message == (
        "`roceOptimized` of NicConfigurationTemplate `rails` (the operator's default for second ports before release 26.10) sends"
        " congestion notifications with DSCP 4, others with 48"
    )
    assert finding.path == ".spec.template.roceOptimized.enabled"


def test_errors_come_first(tmp_path: Path) -> None:
    changes = [
        at("leaf-1", "QUEUE", "Ethernet0|6", "scheduler", to="scheduler.0"),
        at("leaf-1", "WRED_PROFILE", "AZURE_LOSSLESS", "green_max_threshold", to="40000000"),
        at("leaf-1", "PORT", "Ethernet0", "speed", to="850000"),
    ]
    assert [each.code for each in linted(changed(tmp_path, changes)).findings] == ["LNT051", "LNT021", "LNT015"]


def test_what_is_unknown_of_many_is_told_once(tmp_path: Path) -> None:
    changes = [at(device, "TC_TO_QUEUE_MAP", to=None) for device in SWITCHES]
    changes += on_every_port("tc_to_queue_map", "", *SWITCHES)
    assert linted(changed(tmp_path, changes)).unknown == (
        "leaf-1 names no TC_TO_QUEUE_MAP, so numbers are taken to lead to themselves there; the same on leaf-2, spine-1, spine-2",
    )


@pytest.mark.parametrize(
    ("queues", "told"),
    [((3, 6), "queues 3 and 6 of Ethernet0 and Ethernet4"), ((6,), "queue 6 of Ethernet0 and Ethernet4")],
)
def test_queues_without_a_scheduler_are_named(queues: tuple[int, ...], told: str, tmp_path: Path) -> None:
    """Queue 0 is nobody's matter."""
    rows = [f"{port}|{number}" for port in ("Ethernet0", "Ethernet4") for number in (0, *queues)]
    found = linted(changed(tmp_path, [at("leaf-1", "QUEUE", row, "scheduler", to=None) for row in rows]))
    assert not found.findings
    assert found.unknown == (
        f"how leaf-1 serves {told}, for RoCE and its notifications: no scheduler is named, and platforms differ",
    )


def test_networks_that_share_only_servers_are_two(tmp_path: Path) -> None:
    """A front network without PFC, whose leaf is cabled to the same servers; their NICs there need none."""
    tables = json.loads((BASE / "leaf-1" / DB).read_text("utf-8"))
    tables["DEVICE_METADATA"]["localhost"]["hostname"] = "front-1"
    tables["DEVICE_NEIGHBOR"] = {f"Ethernet{4 * n}": {"name": f"gpu-{n + 1}", "port": "front0"} for n in (0, 1)}
    for table in ("PORT_QOS_MAP", "DSCP_TO_TC_MAP", "BUFFER_PG", "PFC_WD", "QUEUE", "WRED_PROFILE"):
        del tables[table]
    switch(changed(tmp_path, []), tables, name="front-1")
    assert not linted(tmp_path).findings
    write(tmp_path, "gpu-1/mlnx_qos.front0.txt", mlnx_qos({}, ()))
    assert not linted(tmp_path).findings
    tables["DEVICE_NEIGHBOR"]["Ethernet8"] = {"name": "spine-1", "port": "Ethernet16"}
    switch(tmp_path, tables, name="front-1")
    assert {finding.code for finding in linted(tmp_path).findings} == {"LNT002", "LNT008"}


@pytest.mark.parametrize(("pfc", "codes"), [("2,3,4,6", []), ("2,3,4", ["LNT041"]), ("3,4,5", ["LNT041"])])
def test_the_watchdog_leaves_out_the_tunnel_of_a_dual_tor(tmp_path: Path, pfc: str, codes: list[str]) -> None:
    tables = {
        "PORT": {"Ethernet0": port()},
        "PORT_QOS_MAP": {"Ethernet0": {"pfc_enable": pfc, "pfcwd_sw_enable": "3,4"}},
        "PFC_WD": {"Ethernet0": {"action": "drop", "detection_time": "200", "restoration_time": "400"}},
    }
    switch(tmp_path, tables)
    assert [finding.code for finding in linted(tmp_path).findings] == codes


def test_breakouts_of_a_platform_that_tells_its_own(tmp_path: Path) -> None:
    """Its modes and its lanes count, not those of the catalogue's switch of the same name."""
    changes = [
        at("leaf-1", "BREAKOUT_CFG", "Ethernet8", "brkout_mode", to="2x400G"),
        at("leaf-1", "PORT", "Ethernet8", "speed", to="400000"),
        at("spine-1", "PORT", "Ethernet0", "speed", to="400000"),
    ]
    folder = changed(tmp_path, changes)
    assert "and has 8 of the cage's 8 lanes" in _told(folder, "LNT053")
    for lanes, told in ((16, ""), (8, "and has 8 of the cage's 8 lanes"), (0, "")):
        cage = {"lanes": ",".join(map(str, range(lanes))), "breakout_modes": {"2x400G": ["etp2a", "etp2b"]}}
        write(folder, "leaf-1/platform.json", json.dumps({"interfaces": {"Ethernet8": cage}}))
        assert told in _told(folder, "LNT053")
        assert bool(told) == bool(_told(folder, "LNT053"))


def _told(folder: Path, code: str) -> str:
    return next((each.message for each in linted(folder).findings if each.code == code), "")


def test_a_port_to_a_router_outside_carries_no_roce(tmp_path: Path) -> None:
    changes = [
        at("spine-1", "DEVICE_NEIGHBOR", "Ethernet504", to={"name": "edge", "port": "et1"}),
        at("spine-1", "PORT", "Ethernet504", to={"speed": "800000", "lanes": "504,505,506,507,508,509,510,511"}),
    ]
    assert not linted(changed(tmp_path, changes)).findings


def test_virtual_devices_are_no_nics(tmp_path: Path) -> None:
    """A bridge and a tunnel of containers in one subnet with each other; no NIC has an RDMA device that files know."""
    write(
        tmp_path,
        "node/ip-addr.json",
        addresses({"docker0": "172.17.0.1/16", "cni0": "172.17.0.2/16", "eth0": "10.0.0.1/24"}),
    )
    assert not linted(tmp_path).findings


def test_what_no_file_says_is_named(tmp_path: Path) -> None:
    tables = {
        "DEVICE_METADATA": {"localhost": {"hostname": "tor", "platform": "x86_64-acme_one-r0"}},
        "PORT": {"Ethernet0": {"lanes": "0"}},
        "PORT_QOS_MAP": {"Ethernet0": {"pfc_enable": "3"}},
        "BUFFER_PG": {"Ethernet0|3": {"profile": "p"}},
        "BUFFER_PROFILE": {"p": {"pool": "in", "size": "100000", "xoff": "90000", "dynamic_th": "0"}},
    }
    switch(tmp_path, tables, name="tor")
    write(tmp_path, "gpu-1/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
    assert linted(tmp_path).unknown == (
        "the chip of tor (platform x86_64-acme_one-r0), so its speeds, headroom formula, port limit and pool are not known",
        "tor has no DSCP_TO_TC_MAP that its ports name, so the class of a mark is not known there",
        "tor names no TC_TO_PRIORITY_GROUP_MAP and 3 more maps, so numbers are taken to lead to themselves there",
        "how tor serves queue 3 of Ethernet0, for RoCE and its notifications: no scheduler is named, and platforms differ",
        "the cable length of Ethernet0 of tor, so headroom is not compared there",
        "the speed of Ethernet0 of tor",
        "at which threshold priority groups of tor pause: no profile with a threshold, or no size of its pool",
        "no DEVICE_NEIGHBOR says which ports are cabled to which, so every port that has the class is compared",
        "which DSCP gpu-1 marks RoCE with: no traffic_class, default_roce_tos or NCCL variables",
        "PFC and trust of the NICs (mlnx_qos or dcb) of gpu-1",
        "addresses and MTU of gpu-1",
        "which DSCP the NICs mark congestion notifications with (cnp_dscp in sysfs)",
    )
