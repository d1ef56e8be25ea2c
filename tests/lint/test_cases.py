"""Reports of others as cases: what happened to them, in a small input of our own, gets its right answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from lint.writing import STOCK, Tables, addresses, dscp_map, gids, mapped, mlnx_qos, pci, port, switch, write
from podwright.catalog import load
from podwright.lint import Linted, Options, lint
from podwright.lint.records import Pool, Port, Profile, Spot, Switch
from podwright.lint.sizes import need, pauses_at
from podwright.model.report import Finding, Severity


def linted(folder: Path) -> Linted:
    return lint(folder, load(), Options())


def the_only(folder: Path, code: str) -> Finding:
    """The one finding, which is of this code and an error."""
    (finding,) = linted(folder).findings
    assert finding.code == code
    assert finding.severity is Severity.ERROR
    return finding


class TestNicDefaultsMeetTheStockMap:
    """NICs mark RoCE 26 and CNP 48; the switch has SONiC's stock map (sonic-net/sonic-buildimage#8770)."""

    def folder(
        self, path: Path, marks: dict[str, str], priorities: dict[int, int], pfc: tuple[int, ...] = (3,)
    ) -> Path:
        switch(
            path,
            {
                "DSCP_TO_TC_MAP": {"AZURE": marks},
                "PORT_QOS_MAP": {"global": {"pfc_enable": "3,4"}},
                "PORT": {"Ethernet0": port()},
            },
        )
        write(path, "gpu-1/mlnx_qos.eth0.txt", mlnx_qos(priorities, pfc))
        write(
            path,
            "gpu-1/sysfs.txt",
            "/sys/class/infiniband/mlx5_0/tc/1/traffic_class:106\n/sys/class/net/eth0/ecn/roce_np/cnp_dscp:48\n",
        )
        return path

    def test_the_mark_goes_to_a_lossy_class(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path, STOCK, {26: 3, 48: 7}), "LNT001")
        assert "RoCE DSCP 26 (traffic_class) into traffic class 1, which is lossy" in finding.message
        assert "The NICs' PFC priority 3 would never be asked to pause for it" in finding.message
        assert "Map DSCP 26 to traffic class 3" in finding.fix
        assert "or mark 3 on every NIC" in finding.fix
        assert finding.path == '.DSCP_TO_TC_MAP.AZURE["26"]'

    def test_either_remedy_is_good(self, tmp_path: Path) -> None:
        assert not linted(self.folder(tmp_path / "map", dscp_map({26: 3, 48: 6}, 0), {26: 3, 48: 7})).findings
        marked = self.folder(tmp_path / "mark", STOCK, {3: 3, 48: 7})
        write(marked, "gpu-1/sysfs.txt", "/sys/class/infiniband/mlx5_0/tc/1/traffic_class:14\n")
        assert not linted(marked).findings

    def test_a_map_that_leaves_the_mark_out(self, tmp_path: Path) -> None:
        marks = {key: value for key, value in STOCK.items() if key in ("3", "4", "46", "48")}
        assert "into traffic class 0, as every DSCP that the map leaves out" in the_only(
            self.folder(tmp_path, marks, {26: 3}), "LNT001"
        ).message  # fmt: skip

    @pytest.mark.parametrize(("value", "dscp"), [("96", 24), ("136", 34), ("160", 40)])
    def test_other_marks_of_the_field(self, tmp_path: Path, value: str, dscp: int) -> None:
        folder = self.folder(tmp_path, STOCK, {dscp: 3})
        (folder / "gpu-1/sysfs.txt").unlink()
        write(folder, "nccl.conf", f"NCCL_IB_TC={value}\n")
        assert f"RoCE DSCP {dscp} (NCCL_IB_TC)" in the_only(folder, "LNT001").message

    def test_nothing_set_is_zero_for_nccl(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, dscp_map({26: 3, 48: 6}, 0), {26: 3})
        (folder / "gpu-1/sysfs.txt").unlink()
        write(folder, "nccl.conf", "NCCL_SOCKET_IFNAME=eth0\n")
        found = {finding.code: finding for finding in linted(folder).findings}
        assert "RoCE DSCP 0 (NCCL_IB_TC, which is 0 where it is not set)" in found["LNT001"].message

    @pytest.mark.parametrize("variable", ["NCCL_DEBUG=INFO", "NCCL_IB_TC=0"])
    @pytest.mark.parametrize(
        ("map_to_class_3", "remedy"),
        [
            (range(24, 32), "Set NCCL_IB_TC to 106 on every host, which is DSCP 26. "),
            ((0, 10), "Set NCCL_IB_TC to 42 on every host, which is DSCP 10. "),
            ((), "Set NCCL_IB_TC to 106 on every host, which is DSCP 26, and map DSCP 26 to traffic class 3 in every"),
        ],
    )
    def test_best_effort_is_never_to_be_lossless(
        self, tmp_path: Path, variable: str, map_to_class_3: Iterable[int], remedy: str
    ) -> None:
        lossless = {dscp: 3 for dscp in map_to_class_3 if dscp}
        folder = self.folder(tmp_path, dscp_map({**lossless, 48: 6}, 1), {**lossless, 48: 7})
        (folder / "gpu-1/sysfs.txt").unlink()
        write(folder, "nccl.conf", f"{variable}\n")
        found = {finding.code: finding for finding in linted(folder).findings}
        assert set(found) == {"LNT001", "LNT002"}
        assert found["LNT001"].fix.startswith(remedy)
        assert found["LNT002"].fix.startswith(remedy.partition(" on")[0])
        assert all(each.fix.endswith("Leave DSCP 0 lossy: it is all best effort.") for each in found.values())
        assert found["LNT001"].place is not None
        assert found["LNT001"].place.file.endswith("nccl.conf")

    def test_the_many_follow_the_one_that_marks(self, tmp_path: Path) -> None:
        for number in range(3):
            write(tmp_path, f"gpu-{number}/mlnx_qos.eth0.txt", mlnx_qos({}, (3,)))
            write(tmp_path, f"gpu-{number}/nccl.conf", "NCCL_IB_TC=106\n" if number == 0 else "NCCL_DEBUG=INFO\n")
        found = {finding.code: finding for finding in linted(tmp_path).findings}
        assert found["LNT005"].fix.startswith("Set NCCL_IB_TC to 106 on every host, which is DSCP 26.")

    def test_one_other_mark_is_named(self, tmp_path: Path) -> None:
        """Of those that the map knows, the one that the NICs pause."""
        folder = self.folder(tmp_path, dscp_map({3: 3, 24: 3, 48: 6}, 1), {26: 3, 48: 7})
        assert "or mark 24 on every NIC" in the_only(folder, "LNT001").fix

    def test_nics_that_the_job_leaves_out_need_no_pfc(self, tmp_path: Path) -> None:
        """The frontend's NIC is an RDMA device, too, and has its file."""
        folder = self.folder(tmp_path, dscp_map({26: 3, 48: 6}, 0), {26: 3, 48: 7})
        write(folder, "gpu-1/mlnx_qos.front0.txt", mlnx_qos({}, ()))
        write(folder, "gpu-1/pairs.txt", "mlx5_0 port 1 ==> eth0 (Up)\nmlx5_9 port 1 ==> front0 (Up)\n")
        assert the_only(folder, "LNT002").message.startswith("front0 of gpu-1")
        write(folder, "gpu-1/nccl.conf", "NCCL_IB_TC=106\nNCCL_IB_HCA==mlx5_0\n")
        assert not linted(folder).findings

    def test_broadcom_nics_by_dcb(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, STOCK, {26: 3})
        (folder / "gpu-1/mlnx_qos.eth0.txt").unlink()
        states = " ".join(f"{priority}:{'on' if priority == 3 else 'off'}" for priority in range(8))
        write(folder, "gpu-1/dcb.eth0.txt", f"pfc-cap 8 delay 0\nprio-pfc {states}\ndscp-prio AF31:3 CS6:7\n")
        assert "priority 3 would never be asked" in the_only(folder, "LNT001").message


class TestDropsBeforePauses:
    """A queue that drops below the threshold of its pause (sonic-net/sonic-buildimage#27606)."""

    def folder(self, path: Path, wred: dict[str, str], xoff: str = "2000000", **metadata: str) -> Path:
        tables: Tables = {
            "DEVICE_METADATA": {"localhost": metadata} if metadata else {},
            "PORT": {"Ethernet0": port(400_000)},
            "DSCP_TO_TC_MAP": {"AZURE": dscp_map({26: 3, 48: 6}, 0)},
            "PORT_QOS_MAP": {"Ethernet0": {"dscp_to_tc_map": "AZURE", "pfc_enable": "3"}},
            "BUFFER_PROFILE": {
                "lossless": {"pool": "ingress_lossless_pool", "size": "0", "xoff": "400000", "static_th": xoff}
            },
            "BUFFER_PG": {"Ethernet0|3": {"profile": "lossless"}},
            "QUEUE": {"Ethernet0|3": {"wred_profile": "W"}},
            "WRED_PROFILE": {"W": {"wred_green_enable": "true", **wred}},
        }
        switch(path, tables)
        return path

    def curve(self, least: int, most: int, ecn: str = "ecn_all") -> dict[str, str]:
        return {"green_min_threshold": str(least), "green_max_threshold": str(most), "ecn": ecn}

    @pytest.mark.parametrize(
        ("ecn", "metadata"),
        [
            ("ecn_none", {}),
            ("ecn_all", {"switch_type": "voq", "hwsku": "Arista-Q3D"}),
            ("ecn_all", {"asic_type": "broadcom-dnx"}),
            *(
                ("ecn_all", {"platform": f"x86_64-{each}"})
                for each in (
                    "arista_7280r4_32qf_32df",
                    "arista_7280cr3_32p4",
                    "arista_7280dr3am_36",
                    "arista_7800r3a_36d2_lc",
                    "nokia_ixr7250e_36x400g-r0",
                )
            ),
        ],
    )
    def test_the_queue_drops_first(self, tmp_path: Path, ecn: str, metadata: dict[str, str]) -> None:
        finding = the_only(self.folder(tmp_path, self.curve(500_000, 1_000_000, ecn), **metadata), "LNT022")
        assert "drops at 1000000 B and would pause at 2000000 B" in finding.message
        assert "the order must be ecn_min < ecn_max <= XOFF < drop limit" in finding.message

    @pytest.mark.parametrize("platform", ["", "x86_64-arista_7060x6_64pe", "x86_64-arista_7260cx3_64"])
    def test_marking_alone_is_the_right_order(self, tmp_path: Path, platform: str) -> None:
        folder = self.folder(tmp_path, self.curve(500_000, 1_000_000), platform=platform)
        assert not linted(folder).findings

    def test_a_drop_limit_above_the_pause_is_good(self, tmp_path: Path) -> None:
        voq = self.folder(tmp_path, self.curve(500_000, 8_000_000), switch_type="voq")
        assert not linted(voq).findings

    def test_marking_begins_after_the_pause(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path, self.curve(3_000_000, 4_000_000)), "LNT020")
        assert "marks from 3000000 B on, and its group pauses at 2000000 B" in finding.message

    def test_marking_is_complete_after_the_pause(self, tmp_path: Path) -> None:
        (finding,) = linted(self.folder(tmp_path, self.curve(500_000, 2_500_000))).findings
        assert (finding.code, finding.severity) == ("LNT021", Severity.WARNING)

    def test_an_egress_limit_below_the_pause(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, self.curve(500_000, 1_000_000))
        tables = json.loads((folder / "leaf-1/config_db.json").read_text())
        tables["BUFFER_PROFILE"]["out"] = {"pool": "egress_lossless_pool", "size": "0", "static_th": "1500000"}
        tables["BUFFER_QUEUE"] = {"Ethernet0|3": {"profile": "out"}}
        switch(folder, tables)
        assert "may hold 1500000 B" in the_only(folder, "LNT022").message

    @pytest.mark.parametrize(("tclass", "state", "codes"), [(104, "0", ["LNT023"]), (104, "1", []), (106, "0", [])])
    def test_packets_that_cannot_be_marked(self, tmp_path: Path, tclass: int, state: str, codes: list[str]) -> None:
        folder = self.folder(tmp_path, self.curve(500_000, 1_000_000))
        ecn = f"/sys/class/net/eth0/ecn/roce_rp/enable/3:{state}"
        write(folder, "gpu-1/sysfs.txt", f"/sys/class/infiniband/mlx5_0/tc/1/traffic_class:{tclass}\n{ecn}\n")
        assert [finding.code for finding in linted(folder).findings] == codes

    def test_where_it_is_not_said_the_report_says_so(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, self.curve(500_000, 1_000_000))
        write(folder, "nccl.conf", "NCCL_IB_TC=104\n")
        write(folder, "gpu-1/mlnx_qos.eth0.txt", mlnx_qos({}, (3,)))
        assert any("whether NICs of gpu-1 set ECN bits themselves" in each for each in linted(folder).unknown)


class TestPausesWithoutHeadroom:
    """Two ports pause and have no headroom (sonic-net/SONiC#480): their cable length has no row in the platform's table."""

    def tables(self, metres: str | None = "30m", **more: dict[str, object]) -> Tables:
        ports = ("Ethernet4", "Ethernet12")
        return {
            "DEVICE_METADATA": {"localhost": {"buffer_model": "traditional"}},
            "PORT": {name: port(100_000) for name in ports},
            "CABLE_LENGTH": {"AZURE": dict.fromkeys(ports, metres)} if metres else {},
            "PORT_QOS_MAP": {"global": {"pfc_enable": "3,4"}},
            "BUFFER_PG": {},
            **more,
        }

    def test_a_length_without_a_row(self, tmp_path: Path) -> None:
        switch(tmp_path, self.tables())
        finding = the_only(tmp_path, "LNT030")
        assert finding.message.startswith(
            "Ethernet4 and Ethernet12 of leaf-1 have PFC on 3 and 4 but no lossless profile for priority groups 3-4: 30 m has no row"
        )
        assert finding.fix.startswith("Set CABLE_LENGTH to 40m")
        assert "`Ethernet4|3-4`" in finding.fix

    def test_the_table_of_the_platform_decides(self, tmp_path: Path) -> None:
        switch(tmp_path, self.tables())
        rows = (
            "# speed cable size xon xoff threshold\n 100000 5m 50176 19456 30720 0\n 100000 40m 58368 19456 38912 0\n"
        )
        write(tmp_path, "leaf-1/pg_profile_lookup.ini", rows)
        finding = the_only(tmp_path, "LNT030")
        assert "30 m has no row for 100000 Mb/s in leaf-1/pg_profile_lookup.ini" in finding.message
        write(tmp_path, "leaf-1/pg_profile_lookup.ini", " 100000 30m 58368 19456 38912 0\n")
        assert not linted(tmp_path).findings

    def test_what_the_switch_runs_with_decides(self, tmp_path: Path) -> None:
        """The profile that the buffer manager has made, which stands in APPL_DB alone."""
        switch(tmp_path, self.tables("40m"))
        groups = {
            f"BUFFER_PG_TABLE:{name}:3-4": {"type": "hash", "value": {"profile": "p"}}
            for name in ("Ethernet4", "Ethernet12")
        }
        running = {
            **groups,
            "BUFFER_PROFILE_TABLE:p": {"type": "hash", "value": {"pool": "in", "size": "0", "xoff": "0"}},
        }
        write(tmp_path, "leaf-1/appl_db.json", json.dumps(running, indent=2))
        finding = the_only(tmp_path, "LNT030")
        assert "its profile `p` has no xoff" in finding.message
        assert finding.place is not None
        assert finding.place.text.strip() == '"value": {'
        running["BUFFER_PROFILE_TABLE:p"]["value"] = {"pool": "in", "size": "58368", "xoff": "38912"}
        write(tmp_path, "leaf-1/appl_db.json", json.dumps(running))
        assert not linted(tmp_path).findings

    def test_what_older_releases_run_with(self, tmp_path: Path) -> None:
        """Their references have brackets, with a colon before the name of the row."""
        switch(tmp_path, self.tables("40m"))
        groups = {
            f"BUFFER_PG_TABLE:{name}:3-4": {"profile": "[BUFFER_PROFILE_TABLE:pg_lossless_100000_40m_profile]"}
            for name in ("Ethernet4", "Ethernet12")
        }
        profile = {"pool": "[BUFFER_POOL_TABLE:ingress_lossless_pool]", "size": "58368", "xoff": "38912"}
        running = {**groups, "BUFFER_PROFILE_TABLE:pg_lossless_100000_40m_profile": profile}
        write(tmp_path, "leaf-1/appl_db.json", json.dumps(running))
        assert not linted(tmp_path).findings

    @pytest.mark.parametrize(
        ("metres", "message", "fix"),
        [
            (None, "no cable length is set", "Write the true length of the cable into CABLE_LENGTH as `40m`, or name"),
            (
                "40",
                "is not a number of metres",
                "Write the true length of the cable into CABLE_LENGTH as `40m`, without",
            ),
            (
                "40 m",
                "is not a number of metres",
                "Write the true length of the cable into CABLE_LENGTH as `40m`, without",
            ),
            (
                "0m",
                "is `0m`, which asks for none",
                "Write the true length of the cable into CABLE_LENGTH, take PFC from",
            ),
        ],
    )
    def test_no_length_that_is_one(self, tmp_path: Path, metres: str | None, message: str, fix: str) -> None:
        switch(tmp_path, self.tables(metres))
        finding = the_only(tmp_path, "LNT030")
        assert message in finding.message
        assert finding.fix.startswith(fix)

    def test_a_length_that_some_platforms_know_leaves_it_open(self, tmp_path: Path) -> None:
        """The SN5610N has rows of 250 and 1000 m, and its table is not in the folder."""
        metadata = {"localhost": {"buffer_model": "traditional", "platform": "x86_64-nvidia_sn5610n-r0"}}
        for metres in ("250m", "1000m"):
            switch(tmp_path, self.tables(metres, DEVICE_METADATA=metadata))
            found = linted(tmp_path)
            assert not found.findings
            assert any("pg_profile_lookup.ini is not there" in each for each in found.unknown)

    def test_only_groups_without_a_profile_are_named(self, tmp_path: Path) -> None:
        xoff = {"pool": "ingress_lossless_pool", "size": "58368", "xoff": "38912"}
        groups = {"Ethernet4,Ethernet12|3": {"profile": "lossless"}}
        switch(tmp_path, self.tables(BUFFER_PROFILE={"lossless": xoff}, BUFFER_PG=groups))
        finding = the_only(tmp_path, "LNT030")
        assert "no lossless profile for priority group 4: 30 m has no row" in finding.message
        assert finding.fix.endswith("or name a profile with headroom in BUFFER_PG (`Ethernet4|4`).")

    def test_a_row_that_is_there_is_the_one_to_change(self, tmp_path: Path) -> None:
        lossy = {"lossy": {"pool": "ingress_lossless_pool", "size": "0", "dynamic_th": "3"}}
        groups = {"Ethernet4,Ethernet12|3-4": {"profile": "lossy"}}
        switch(tmp_path, self.tables(BUFFER_PROFILE=lossy, BUFFER_PG=groups))
        assert the_only(tmp_path, "LNT030").fix == (
            "Name a profile with headroom in BUFFER_PG (`Ethernet4,Ethernet12|3-4`)."
        )

    def test_a_usual_length_leaves_it_open(self, tmp_path: Path) -> None:
        switch(tmp_path, self.tables("40m"))
        found = linted(tmp_path)
        assert not found.findings
        assert any("pg_profile_lookup.ini is not there" in each for each in found.unknown)

    def test_a_profile_without_xoff(self, tmp_path: Path) -> None:
        lossy = {"lossy": {"pool": "ingress_lossless_pool", "size": "0", "dynamic_th": "3"}}
        groups = {f"{name}|3-4": {"profile": "lossy"} for name in ("Ethernet4", "Ethernet12")}
        switch(tmp_path, self.tables(BUFFER_PROFILE=lossy, BUFFER_PG=groups))
        assert "its profile `lossy` has no xoff" in the_only(tmp_path, "LNT030").message

    def test_the_dynamic_model_needs_a_row(self, tmp_path: Path) -> None:
        tables = self.tables()
        tables["DEVICE_METADATA"]["localhost"]["buffer_model"] = "dynamic"
        switch(tmp_path, tables)
        assert (
            "the dynamic buffer model makes one only for groups that BUFFER_PG has"
            in the_only(tmp_path, "LNT030").message
        )
        tables["BUFFER_PG"] = {f"{name}|3-4": {"profile": "NULL"} for name in ("Ethernet4", "Ethernet12")}
        switch(tmp_path, tables)
        assert not linted(tmp_path).findings


class TestHeadroomShortOrOverTheLimit:
    """xoff below what the cable holds (sonic-net/sonic-mgmt#20422), and a sum that the switch refuses (sonic-mgmt#8041)."""

    def tables(self, metadata: dict[str, str], groups: dict[str, dict[str, str]], metres: str) -> Tables:
        return {
            "DEVICE_METADATA": {"localhost": metadata},
            "PORT": {"Ethernet0": port(400_000, range(8))},
            "CABLE_LENGTH": {"AZURE": {"Ethernet0": metres}},
            "PORT_QOS_MAP": {"Ethernet0": {"pfc_enable": "3,4"}},
            "BUFFER_PG": groups,
        }

    def short(self, path: Path, xoff: int, metres: str = "50m", **metadata: str) -> None:
        tables = self.tables(metadata, {"Ethernet0|3-4": {"profile": "lossless"}}, metres)
        profile = {"pool": "ingress_lossless_pool", "size": "0", "xoff": str(xoff), "dynamic_th": "-5"}
        switch(path, {**tables, "BUFFER_PROFILE": {"lossless": profile}})

    @pytest.mark.parametrize(
        "metadata", [{}, {"hwsku": "Arista-7800R3-DNX", "switch_type": "voq"}, {"platform": "x86_64-jericho-2"}]
    )
    def test_less_than_the_cable_holds(self, tmp_path: Path, metadata: dict[str, str]) -> None:
        self.short(tmp_path, 20_000, **metadata)
        finding = the_only(tmp_path, "LNT031")
        assert "xoff of `lossless` is 20000 B, less than 400G over 50 m has in flight" in finding.message
        assert "2 x 50 m x 5 ns/m x 400 Gb/s / 8 = 25000 B on the cable" in finding.message

    def test_enough_is_enough(self, tmp_path: Path) -> None:
        self.short(tmp_path, 400_000)
        assert not linted(tmp_path).findings

    def test_a_longer_cable_needs_more(self, tmp_path: Path) -> None:
        self.short(tmp_path, 400_000, "1000m")
        assert "= 500000 B on the cable" in the_only(tmp_path, "LNT031").message

    def dynamic(self, path: Path, metres: str, groups: str = "3-4", **metadata: str) -> None:
        tables = self.tables(
            {"buffer_model": "dynamic", **metadata}, {f"Ethernet0|{groups}": {"profile": "NULL"}}, metres
        )
        tables["PORT_QOS_MAP"]["Ethernet0"]["pfc_enable"] = groups.replace("-", ",")
        switch(path, tables)

    @pytest.mark.parametrize(
        "metadata",
        [{"platform": "x86_64-mlnx_msn4700-r0"}, {"hwsku": "ACS-SN5600"}, {"hwsku": "x", "asic_type": "spectrum-3"}],
    )
    def test_more_than_the_port_may_have(self, tmp_path: Path, metadata: dict[str, str]) -> None:
        self.dynamic(tmp_path, "300m", **metadata)
        finding = the_only(tmp_path, "LNT032")
        assert "for 2 priorities at 400G over 300 m" in finding.message
        assert "would be refused and the old size stay" in finding.message
        assert finding.fix.startswith("Keep one lossless priority")

    @pytest.mark.parametrize(("metres", "groups"), [("50m", "3-4"), ("300m", "3")])
    def test_the_remedies_are_good(self, tmp_path: Path, metres: str, groups: str) -> None:
        self.dynamic(tmp_path, metres, groups, platform="x86_64-mlnx_msn4700-r0")
        assert not linted(tmp_path).findings

    def test_the_switch_knows_its_limit_best(self, tmp_path: Path) -> None:
        self.dynamic(tmp_path, "50m", platform="x86_64-mlnx_msn4700-r0")
        write(
            tmp_path, "leaf-1/headroom_limits.txt", "BUFFER_MAX_PARAM_TABLE|Ethernet0 {'max_headroom_size': '90000'}\n"
        )
        assert "max_headroom_size of STATE_DB is 90000 B" in the_only(tmp_path, "LNT032").message

    @pytest.mark.parametrize(("limit", "refused"), [(391184, True), (391185, False)])
    def test_what_sonic_counts_beside_the_headroom(self, tmp_path: Path, limit: int, refused: bool) -> None:
        """buffer_check_headroom_mellanox.lua: 4096 to begin with, 37 KiB of eight lanes and again for a lossy group whose size
        is 0, 40 KiB that are mirrored; it refuses where the limit is the sum.
        """
        tables = self.tables(
            {"buffer_model": "dynamic", "platform": "x86_64-mlnx_msn4700-r0"},
            {"Ethernet0|0": {"profile": "lossy"}, "Ethernet0|3-4": {"profile": "own"}},
            "50m",
        )
        profiles = {
            "lossy": {"pool": "ingress_lossless_pool", "size": "0", "dynamic_th": "3"},
            "own": {"pool": "ingress_lossless_pool", "size": "135176", "xoff": "115000", "dynamic_th": "0"},
        }
        switch(tmp_path, {**tables, "BUFFER_PROFILE": profiles})
        counted = f"BUFFER_MAX_PARAM_TABLE|Ethernet0 {{'max_headroom_size': '{limit}'}}\n"
        write(tmp_path, "leaf-1/headroom_limits.txt", counted)
        if not refused:
            assert not linted(tmp_path).findings
            return
        assert (
            "135176 + 135176 + 4096 (for deviations) + 37888 (latency of the pipeline) + 40960 (mirrored at the egress)"
            " + 37888 (lossy groups) = 391184 B for 2 priorities"
        ) in the_only(tmp_path, "LNT032").message

    def test_a_pool_of_headroom_leaves_each_group_its_xon(self, tmp_path: Path) -> None:
        """buffer_headroom_mellanox.lua takes xoff from the pool wherever the pool has any."""
        tables = self.tables(
            {"buffer_model": "dynamic", "platform": "x86_64-mlnx_msn4700-r0"},
            {"Ethernet0|3-4": {"profile": "NULL"}},
            "300m",
        )
        pool = {"type": "ingress", "mode": "dynamic", "size": "50000000", "xoff": "3000000"}
        switch(tmp_path, {**tables, "BUFFER_POOL": {"ingress_lossless_pool": pool}})
        assert not linted(tmp_path).findings
        pool["xoff"] = "300000"
        switch(tmp_path, {**tables, "BUFFER_POOL": {"ingress_lossless_pool": pool}})
        assert "of 300000 B; one priority takes" in the_only(tmp_path, "LNT034").message

    @pytest.mark.parametrize(("ratio", "codes"), [("2", []), ("0", ["LNT032"])])
    def test_a_ratio_makes_a_pool_of_headroom_too(self, tmp_path: Path, ratio: str, codes: list[str]) -> None:
        tables = self.tables(
            {"buffer_model": "dynamic", "platform": "x86_64-mlnx_msn4700-r0"},
            {"Ethernet0|3-4": {"profile": "NULL"}},
            "300m",
        )
        parameters = {"AZURE": {"default_dynamic_th": "0", "over_subscribe_ratio": ratio}}
        switch(tmp_path, {**tables, "DEFAULT_LOSSLESS_BUFFER_PARAMETER": parameters})
        assert [each.code for each in linted(tmp_path).findings] == codes


class TestAProfileForAShorterCable:
    """The platform's own table is in the folder, and a port has the profile of another row."""

    ROWS = (
        " 400000 5m 250880 19456 231424 0\n"
        " 400000 40m 303104 19456 283648 0\n"
        " 400000 300m 697344 19456 677888 0\n"
        " 800000 300m 1198080 38912 1150976 0\n"
    )

    def folder(self, path: Path, metres: str, name: str, xoff: int, rows: str = ROWS) -> Path:
        profile = {"pool": "ingress_lossless_pool", "size": str(xoff + 19456), "xoff": str(xoff), "dynamic_th": "0"}
        tables: Tables = {
            "DEVICE_METADATA": {"localhost": {"platform": "x86_64-nvidia_sn5600-r0", "hwsku": "ACS-SN5600"}},
            "PORT": {"Ethernet0": port(400_000, range(4))},
            "CABLE_LENGTH": {"AZURE": {"Ethernet0": metres}},
            "PORT_QOS_MAP": {"Ethernet0": {"pfc_enable": "3"}},
            "BUFFER_PROFILE": {name: profile},
            "BUFFER_PG": {"Ethernet0|3": {"profile": name}},
        }
        switch(path, tables)
        if rows:
            write(path, "leaf-1/pg_profile_lookup.ini", rows)
        return path

    @pytest.mark.parametrize("name", ["pg_lossless_400000_5m_profile", "own"])
    def test_the_row_of_the_port_decides(self, tmp_path: Path, name: str) -> None:
        finding = the_only(self.folder(tmp_path, "300m", name, 231424), "LNT031")
        assert f"xoff of `{name}` is 231424 B, less than 400G over 300 m has in flight" in finding.message
        assert "line 3 of leaf-1/pg_profile_lookup.ini has 677888 B for it" in finding.message

    def test_the_row_itself_is_enough_whatever_the_formula_has(self, tmp_path: Path) -> None:
        """The SN5610N's row of 1000 m is below the formula."""
        rows = "400000 1000m 19456 19456 610304 0\n"
        assert not linted(self.folder(tmp_path, "1000m", "own", 610304, rows)).findings
        assert not linted(self.folder(tmp_path, "300m", "pg_lossless_400000_5m_profile", 677888)).findings

    @pytest.mark.parametrize(
        ("name", "metres", "told"),
        [
            ("pg_lossless_400000_5m_profile", "40m", "is by its name for 400G over 5 m, and not for 400G over 40 m"),
            ("pg_lossless_200000_40m_profile", "40m", "is by its name for 200G over 40 m, and not for 400G over 40 m"),
            ("pg_lossless_400000_5m_th3_profile", "40m", "is by its name for 400G over 5 m"),
            ("pg_lossless_400000_40m_profile", "40m", ""),
            ("pg_lossless_400000_300m_profile", "40m", ""),
            ("own", "40m", ""),
        ],
    )
    def test_the_name_tells_where_no_table_does(self, tmp_path: Path, name: str, metres: str, told: str) -> None:
        folder = self.folder(tmp_path, metres, name, 231424, rows="")
        if not told:
            assert not linted(folder).findings
            return
        finding = the_only(folder, "LNT031")
        assert told in finding.message
        assert finding.fix.startswith("Name `pg_lossless_400000_40m_profile` in BUFFER_PG")

    def test_of_a_row_that_stands_twice_the_last_holds(self, tmp_path: Path) -> None:
        rows = "400000 40m 303104 19456 283648 0\n400000 40m 60000 19456 140000 0\n"
        assert not linted(self.folder(tmp_path, "40m", "own", 140000, rows)).findings
        finding = the_only(self.folder(tmp_path, "40m", "own", 130000, rows), "LNT031")
        assert "line 2 of leaf-1/pg_profile_lookup.ini (not line 1: SONiC takes the last)" in finding.message


def test_a_speed_that_no_port_has_needs_no_headroom_that_is_known() -> None:
    spot = Spot("config_db.json")
    leaf = Switch(name="leaf-1", spot=spot, asic=load().asics["spectrum-4"])
    for mbps in (-400_000, 0, 10**400):
        assert need(leaf, Port(name="Ethernet0", spot=spot, mbps=mbps, metres=40, lanes=(1, 2))) is None


PUBLISHED = yaml.safe_load((Path(__file__).parents[1] / "design" / "headroom" / "spectrum.yaml").read_text("utf-8"))


@pytest.mark.parametrize("table", PUBLISHED)
@pytest.mark.parametrize("mtu", [None, 9216])
def test_no_published_row_is_too_short_without_its_table(table: str, mtu: int | None) -> None:
    asic, spot = load().asics[PUBLISHED[table]["asic"]], Spot("config_db.json")
    for mbps, metres, _, _, xoff in PUBLISHED[table]["rows"]:
        found = need(
            Switch(name="leaf-1", spot=spot, asic=asic),
            Port(name="Ethernet0", spot=spot, mbps=mbps, metres=metres, mtu=mtu),
        )
        assert found is not None
        assert found.xoff_bytes <= xoff


@pytest.mark.parametrize("threshold", [1023, -1100, 9])
def test_a_threshold_that_no_chip_has_is_not_known(threshold: int) -> None:
    spot = Spot("config_db.json")
    pools = {"in": Pool("in", "ingress", 10**8, None, spot), "huge": Pool("huge", "ingress", 10**400, None, spot)}
    leaf = Switch(name="leaf-1", spot=spot, pools=pools)
    assert pauses_at(leaf, Profile("own", "in", 0, 1, 1, threshold, None, spot), 1) is None
    assert pauses_at(leaf, Profile("own", "huge", 0, 1, 1, 0, None, spot), 1) is None


LINK_LOCAL = "fe80:0000:0000:0000:0a94:efff:fe00:0001"


class TestGidIndexAsAConstant:
    """An index that is good on one node and not there on the other (NVIDIA/nccl#769 and others)."""

    A = (
        ("mlx5_0", 0, LINK_LOCAL, "", 1),
        ("mlx5_0", 1, LINK_LOCAL, "", 2),
        ("mlx5_0", 2, mapped("10.1.0.6"), "10.1.0.6", 1),
        ("mlx5_0", 3, mapped("10.1.0.6"), "10.1.0.6", 2),
    )
    B = (("rdma0", 0, LINK_LOCAL, "", 2), ("rdma0", 1, mapped("10.102.9.101"), "10.102.9.101", 2))

    def folder(self, path: Path, index: str | None) -> Path:
        write(path, "node-a/show_gids.txt", gids(self.A))
        write(path, "node-b/show_gids.txt", gids(self.B))
        variable = f"NCCL_IB_GID_INDEX={index}\n" if index is not None else ""
        write(path, "nccl.conf", f"NCCL_IB_TC=106\n{variable}")
        return path

    def test_the_index_is_not_there(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path, "3"), "LNT060")
        assert (
            "index 3 does not exist on rdma0 of node-b; a routable RoCE v2 address has index 1 there" in finding.message
        )
        assert "right only where every node has the same table" in finding.message
        assert finding.fix.startswith("Unset NCCL_IB_GID_INDEX; NCCL 2.21 and later")
        assert finding.place is not None
        assert finding.place.text == "NCCL_IB_GID_INDEX=3"

    def test_an_index_that_is_link_local(self, tmp_path: Path) -> None:
        assert "is link-local" in the_only(self.folder(tmp_path, "1"), "LNT060").message

    def test_an_index_of_v1(self, tmp_path: Path) -> None:
        found = linted(self.folder(tmp_path, "2")).findings
        assert [finding.code for finding in found] == ["LNT060", "LNT060"]
        assert "is RoCE v1 (10.1.0.6)" in found[0].message

    @pytest.mark.parametrize("index", [None, "-1"])
    def test_no_index_is_the_remedy(self, tmp_path: Path, index: str | None) -> None:
        assert not linted(self.folder(tmp_path, index)).findings

    def test_private_addresses_are_routable(self, tmp_path: Path) -> None:
        """10/8 is no overlay."""
        folder = self.folder(tmp_path, "1")
        (folder / "node-a/show_gids.txt").unlink()
        assert not linted(folder).findings

    def test_a_device_that_the_job_leaves_out(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, "3")
        write(folder, "nccl.conf", "NCCL_IB_TC=106\nNCCL_IB_HCA=mlx5\nNCCL_IB_GID_INDEX=3\n")
        assert not linted(folder).findings


class TestSeveralNicsInOneSubnet:
    """Eight NICs of a node in one /24 (NVIDIA/nccl#1109, openucx/ucx#5598)."""

    def folder(self, path: Path, length: int = 24, rules: bool = False, **settings: int) -> Path:
        nics = {f"eth{number}": f"10.0.0.{number + 1}/{length}" for number in range(8)}
        write(path, "node/ip-addr.json", addresses(nics))
        listed = [{"priority": 0, "src": "all", "table": "local"}]
        if rules:
            listed += [{"priority": 100, "src": each.partition("/")[0], "table": "100"} for each in nics.values()]
        write(path, "node/ip-rule.json", json.dumps(listed))
        values = {"all.rp_filter": 1, "all.arp_ignore": 0, "all.arp_announce": 0} | {
            f"eth{n}.rp_filter": 0 for n in range(8)
        }
        values |= {f"all.{name}": value for name, value in settings.items()}
        write(path, "node/sysctl.txt", "".join(f"net.ipv4.conf.{name} = {value}\n" for name, value in values.items()))
        return path

    def test_everything_is_wrong(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path), "LNT062")
        assert finding.message.startswith("8 NICs of node share 10.0.0.0/24")
        assert "the kernel's default ARP (arp_ignore 0, arp_announce 0)" in finding.message
        assert "no source rule for" in finding.message
        assert "rp_filter strict in effect" in finding.message
        assert finding.fix.startswith("Give each rail a subnet of its own, or a /31 a port")

    def test_the_long_remedy_is_good(self, tmp_path: Path) -> None:
        assert not linted(self.folder(tmp_path, rules=True, arp_ignore=1, arp_announce=2, rp_filter=2)).findings

    def test_the_short_remedy_leaves_the_filter(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, 32)
        assert [finding.code for finding in linted(folder).findings] == ["LNT063"]
        assert not linted(self.folder(tmp_path, 32, rp_filter=2)).findings

    def test_ipv6_knows_no_arp(self, tmp_path: Path) -> None:
        write(tmp_path, "node/ip-addr.json", addresses({f"eth{n}": f"2001:db8::{n + 1}/64" for n in range(2)}))
        write(tmp_path, "node/sysctl.txt", "net.ipv4.conf.all.rp_filter = 1\n")
        assert not linted(tmp_path).findings

    @pytest.mark.parametrize("name", ["arp_ignore", "arp_announce", "rp_filter"])
    def test_each_part_is_needed(self, tmp_path: Path, name: str) -> None:
        settings = {"arp_ignore": 1, "arp_announce": 2, "rp_filter": 2} | {name: 1 if name == "rp_filter" else 0}
        assert name in the_only(self.folder(tmp_path, rules=True, **settings), "LNT062").message


class TestRails:
    """Rails by name, by another node's buses, by functions in another order, by function (NVIDIA/nccl#2165, k8s-launch-kit#234)."""

    def test_by_slot_never_by_name(self, tmp_path: Path) -> None:
        write(tmp_path, "node/sysfs.txt", pci({"eth10": "0000:18:00.0", "eth2": "0000:3a:00.0"}))
        finding = the_only(tmp_path, "LNT070")
        assert (
            "rail 0 of node is 0000:18:00.0 (eth10), by PCI address, never eth2 (0000:3a:00.0) by name"
            in finding.message
        )

    def test_the_gpu_says_the_same(self, tmp_path: Path) -> None:
        write(tmp_path, "node/sysfs.txt", pci({"eth10": "0000:18:00.0", "eth2": "0000:3a:00.0"}))
        write(tmp_path, "node/pairs.txt", "mlx5_0 port 1 ==> eth10 (Up)\nmlx5_1 port 1 ==> eth2 (Up)\n")
        matrix = "\tGPU0\tGPU1\tmlx5_0\tmlx5_1\nGPU0\t X \tNV18\tPIX\tSYS\nGPU1\tNV18\t X \tSYS\tPIX\n\nLegend:\n"
        write(tmp_path, "node/topology.txt", matrix)
        assert "is 0000:18:00.0 (eth10), by PCI address and GPU 0, never eth2" in the_only(tmp_path, "LNT070").message

    def test_names_do_not_matter_where_addresses_follow_the_slot(self, tmp_path: Path) -> None:
        write(tmp_path, "node/sysfs.txt", pci({"eth10": "0000:18:00.0", "eth2": "0000:3a:00.0"}))
        write(tmp_path, "node/ip-addr.json", addresses({"eth10": "10.0.0.1/31", "eth2": "10.0.1.1/31"}))
        assert not linted(tmp_path).findings

    def template(self, *rails: list[str], functions: int = 1, **named: str) -> str:
        return json.dumps({"kind": "NicInterfaceNameTemplate", "metadata": {"name": "x", **named},
                           "spec": {"pfsPerNic": functions, "railPciAddresses": rails}})  # fmt: skip

    def test_two_sets_of_buses_need_two_templates(self, tmp_path: Path) -> None:
        first, second = (["0000:aa:00.0", "0000:aa:00.1"], ["0000:bb:00.0", "0000:bb:00.1"])
        write(tmp_path, "node-a/sysfs.txt", pci({"p0": first[0], "p1": first[1]}))
        write(tmp_path, "node-b/sysfs.txt", pci({"p0": second[0], "p1": second[1]}))
        write(tmp_path, "operator.yaml", self.template(first, functions=2))
        finding = the_only(tmp_path, "LNT071")
        assert "which node-a has and node-b has not" in finding.message
        assert finding.fix == "Write 2 templates, one for each set of PCI addresses."
        write(
            tmp_path,
            "operator.yaml",
            f"{self.template(first, functions=2)}\n---\n{self.template(second, functions=2, name='y')}\n",
        )
        assert not linted(tmp_path).findings

    def test_the_second_template_of_a_name_overwrites_the_first(self, tmp_path: Path) -> None:
        write(tmp_path, "a.yaml", self.template(["0000:aa:00.0", "0000:aa:00.1"], functions=2))
        write(tmp_path, "b.yaml", self.template(["AA:00.0", "aa:00.1"], functions=2))
        assert not linted(tmp_path).findings
        write(tmp_path, "b.yaml", self.template(["0000:bb:00.0", "0000:bb:00.1"], functions=2))
        finding = the_only(tmp_path, "LNT071")
        assert finding.message == (
            "NicInterfaceNameTemplate `x` stands twice, with 0000:aa:00.0 and 0000:aa:00.1 in a.yaml and with 0000:bb:00.0 and"
            " 0000:bb:00.1 here: the second overwrites the first"
        )
        write(tmp_path, "b.yaml", self.template(["0000:bb:00.0", "0000:bb:00.1"], functions=2, namespace="other"))
        assert not linted(tmp_path).findings

    def test_spellings_of_an_address_are_one_address(self, tmp_path: Path) -> None:
        write(tmp_path, "operator.yaml", self.template(["0000:0A:00.0"], ["1a:00.0"], ["0000:3B:00.0"]))
        assert not linted(tmp_path).findings
        write(tmp_path, "node-a/sysfs.txt", pci({"p0": "0000:0a:00.0", "p1": "0000:1a:00.0", "p2": "0000:3b:00.0"}))
        write(tmp_path, "node-b/sysfs.txt", pci({"p0": "0000:0a:01.0", "p1": "0000:1a:01.0", "p2": "0000:3b:01.0"}))
        assert "which node-a has and node-b has not" in the_only(tmp_path, "LNT071").message

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("rails: [{pci: 'slot 3'}, {pci: '0000:1a:00.0'}]", ".rails"),
            ("{kind: NicConfigurationTemplate, spec: {nicSelector: {pciAddresses: [slot 3]}}}", ".spec.nicSelector"),
        ],
    )
    def test_what_is_no_address_is_said(self, tmp_path: Path, text: str, path: str) -> None:
        write(tmp_path, "operator.yaml", text)
        finding = the_only(tmp_path, "OBS002")
        assert finding.message == "`slot 3` is no PCI address"
        assert finding.path.startswith(path)

    def test_planes_in_another_order(self, tmp_path: Path) -> None:
        write(tmp_path, "node-a/sysfs.txt", pci({"p0": "0000:18:01.0", "p1": "0000:18:02.0"}))
        write(tmp_path, "node-b/sysfs.txt", pci({"p0": "0000:18:06.0", "p1": "0000:18:03.0"}))
        finding = the_only(tmp_path, "LNT072")
        assert "differs between node-a (p0, p1) and node-b (p1, p0)" in finding.message
        assert "check it by subnet" in finding.fix

    def test_planes_in_another_order_by_subnet(self, tmp_path: Path) -> None:
        for node, nics in (
            ("a", {"x": "10.0.0.1/24", "y": "10.0.1.1/24"}),
            ("b", {"v": "10.0.1.2/24", "w": "10.0.0.2/24"}),
        ):
            first, second = nics
            write(tmp_path, f"node-{node}/sysfs.txt", pci({first: "0000:18:01.0", second: "0000:18:02.0"}))
            write(tmp_path, f"node-{node}/ip-addr.json", addresses(nics))
        assert "10.0.1.0/24 would be paired with 10.0.0.0/24" in the_only(tmp_path, "LNT072").message

    def test_functions_are_no_rails(self, tmp_path: Path) -> None:
        functions = [[f"0000:{bus}:00.{function}"] for bus in ("18", "3a", "9c", "cc") for function in (0, 1)]
        write(tmp_path, "operator.yaml", self.template(*functions))
        finding = the_only(tmp_path, "LNT073")
        assert "has 8 rails on 4 NICs" in finding.message
        assert "It is 4 rails" in finding.message


class TestLanesOverlap:
    """A breakout whose first port keeps the old lanes (sonic-net/sonic-buildimage#10131)."""

    def folder(
        self, path: Path, first: range, mode: str = "2x100G", modes: tuple[str, ...] = ("1x200G[100G]", "2x100G")
    ) -> Path:
        tables: Tables = {
            "PORT": {"Ethernet0": port(100_000, first), "Ethernet4": port(100_000, range(4, 8))},
            "BREAKOUT_CFG": {"Ethernet0": {"brkout_mode": mode}},
        }
        switch(path, tables)
        listed = {"interfaces": {"Ethernet0": {"breakout_modes": {mode: ["etp1"] for mode in modes}}}}
        write(path, "leaf-1/platform.json", json.dumps(listed))
        return path

    def test_lanes_belong_to_two_ports(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path, range(8)), "LNT052")
        assert finding.message.startswith("lanes 4-7 belong to Ethernet0 and Ethernet4")
        assert (
            finding.fix == "Delete Ethernet0, then create both: Ethernet0 keeps 0, 1, 2, 3, Ethernet4 gets 4, 5, 6, 7."
        )

    def overlap(self, path: Path, **ports: dict[str, str]) -> None:
        switch(path, {"PORT": ports})

    def test_every_port_of_a_breakout_gets_its_own(self, tmp_path: Path) -> None:
        children = {f"Ethernet{first}": port(100_000, range(first, first + 2)) for first in (2, 4, 6)}
        self.overlap(tmp_path, Ethernet0=port(100_000, range(8)), **children)
        assert [finding.fix for finding in linted(tmp_path).findings] == [
            f"Delete Ethernet0, then create both: Ethernet0 keeps 0, 1, Ethernet{first} gets {first}, {first + 1}."
            for first in (2, 4, 6)
        ]

    def test_the_parent_is_the_one_with_more_lanes(self, tmp_path: Path) -> None:
        self.overlap(tmp_path, Ethernet12=port(400_000, range(12, 16)), Ethernet8=port(400_000, range(8, 16)))
        assert "Ethernet8 keeps 8, 9, 10, 11, Ethernet12 gets 12" in the_only(tmp_path, "LNT052").fix

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (port(400_000, range(8)), port(800_000, range(4, 12))),
            (port(800_000, range(8)), port(400_000, range(4, 8))),
            ({"lanes": "0,1,2,3,4,5,6,7"}, port(400_000, range(4, 8))),
        ],
        ids=["other lanes, too", "a speed that four lanes do not carry", "a speed that nobody knows"],
    )
    def test_no_breakout_tells_whose_lanes_they_are(
        self, tmp_path: Path, first: dict[str, str], second: dict[str, str]
    ) -> None:
        self.overlap(tmp_path, Ethernet0=first, Ethernet8=second)
        finding = the_only(tmp_path, "LNT052")
        assert finding.message == "lanes 4-7 belong to Ethernet0 and Ethernet8 of leaf-1"
        assert finding.fix == (
            "Look up the lanes of Ethernet0 and Ethernet8 in the platform's platform.json, or in port_config.ini of the SKU,"
            " and give each its own."
        )

    def test_the_same_lanes_are_one_port(self, tmp_path: Path) -> None:
        self.overlap(tmp_path, Ethernet0=port(400_000, range(8)), Ethernet1=port(400_000, range(8)))
        assert the_only(tmp_path, "LNT052").fix == "Delete one of the ports."

    def test_lanes_that_are_apart_are_named_one_by_one(self, tmp_path: Path) -> None:
        self.overlap(tmp_path, Ethernet0=port(400_000, range(8)), Ethernet8=port(400_000, (0, 4, 9, 10)))
        assert the_only(tmp_path, "LNT052").message.startswith("lanes 0 and 4 belong to")

    def test_own_lanes_are_good(self, tmp_path: Path) -> None:
        assert not linted(self.folder(tmp_path, range(4))).findings

    def test_a_mode_that_the_platform_does_not_list(self, tmp_path: Path) -> None:
        finding = the_only(self.folder(tmp_path, range(4), "4x25G"), "LNT053")
        assert "is split as `4x25G`, and the platform lists 1x200G[100G], 2x100G" in finding.message
