"""Readers: every shape of folder, what files may look like, and clear sentences for those that can't be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lint.folders import BASE, changed
from lint.writing import dscp_map, gids, mapped, mlnx_qos, port, switch, write
from podwright.catalog import load
from podwright.errors import UsageError
from podwright.lint import Linted, Options, lint
from podwright.lint.chain import chain, is_lossless, lossless_marks
from podwright.lint.folder import read_folder
from podwright.lint.readers.host_text import address_of, read_mlnx_qos
from podwright.lint.readers.json_text import JsonError, parse, places
from podwright.lint.readers.problems import Problems
from podwright.lint.records import Map, Port, Said, Seen, Spot
from podwright.model.report import Severity


def linted(folder: Path) -> Linted:
    return lint(folder, load(), Options())


def seen(folder: Path) -> Seen:
    return read_folder(folder, load(), Options()).seen


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in linted(folder).findings]


TWO_OF_ONE_NAME = {"DEVICE_METADATA": {"localhost": {"hostname": "tor"}}, "PORT": {"Ethernet0": {"lanes": "0"}}}
LLDP = (
    "Capability codes: (R) Router, (B) Bridge, (O) Other\n"
    "LocalPort    RemoteDevice    RemotePortID       Capability    RemotePortDescr\n"
    "-----------  --------------  -----------------  ------------  -----------------\n"
    "Ethernet0    {}           rail0              R\n"
)


class TestFolders:
    def test_a_file_for_each_device(self, tmp_path: Path) -> None:
        shutil.copy(BASE / "leaf-1/config_db.json", tmp_path / "leaf-1.json")
        shutil.copy(BASE / "leaf-2/config_db.json", tmp_path / "leaf-2.json")
        assert [each.name for each in seen(tmp_path).switches] == ["leaf-1", "leaf-2"]

    def test_a_folder_of_switches(self, tmp_path: Path) -> None:
        for name in ("leaf-1", "spine-1"):
            write(tmp_path, f"switches/{name}.json", (BASE / name / "config_db.json").read_text("utf-8"))
        write(tmp_path, "switches/more/tor/config_db.json", '{"PORT": {}}')
        assert [each.name for each in seen(tmp_path).switches] == ["leaf-1", "spine-1", "tor"]

    def test_one_file_at_the_top(self, tmp_path: Path) -> None:
        shutil.copy(BASE / "leaf-1/config_db.json", tmp_path / "config_db.json")
        (only,) = seen(tmp_path).switches
        assert only.name == "leaf-1"

    def test_a_name_where_the_file_has_none(self, tmp_path: Path) -> None:
        switch(tmp_path, {"PORT": {"Ethernet0": port()}}, name="tor-7")
        assert seen(tmp_path).switches[0].name == "tor-7"

    def test_variables_of_one_host_go_before_those_of_all(self, tmp_path: Path) -> None:
        write(tmp_path, "nccl.conf", "NCCL_IB_TC=106\n")
        write(tmp_path, "a/env.txt", "export NCCL_IB_TC='96'\n")
        write(tmp_path, "a/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
        write(tmp_path, "b/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
        assert {host.name: host.job["NCCL_IB_TC"].value for host in seen(tmp_path).hosts} == {"a": "96", "b": "106"}

    def test_files_that_hold_nothing_known_are_named(self, tmp_path: Path) -> None:
        changed(tmp_path, [{"file": "notes.txt", "add": "call me\n"}, {"file": ".git/config", "add": "x"}])
        write(tmp_path, "pod.yaml", "kind: Pod\n")
        write(tmp_path, "policy.yaml", "kind: NicClusterPolicy\n")
        assert linted(tmp_path).unread == ("notes.txt", "pod.yaml")

    @pytest.mark.parametrize(
        "files",
        [
            ("leaf-1/etc/sonic/config_db.json", "leaf-2/etc/sonic/config_db.json"),
            ("rack1/leaf-1.json", "rack2/leaf-1.json"),
            ("rack1/leaf-1/config_db.json", "rack2/leaf-1/config_db.json"),
            ("leaf-1/config/config_db.json", "leaf-2/config/config_db.json"),
            ("leaf-1.json", "leaf-1/config_db.json"),
            ("leaf-1/config_db.json", "leaf-1/config_db.json.bak"),
        ],
    )
    def test_no_file_takes_the_place_of_another(self, tmp_path: Path, files: tuple[str, str]) -> None:
        """Two files are two switches with names of their own, whatever hostname both have, and the fault of the first is told."""
        faulty, good = (json.dumps(TWO_OF_ONE_NAME | {"DSCP_TO_TC_MAP": {"A": {"64": each}}}) for each in ("3", "0"))
        write(tmp_path, files[0], faulty)
        write(tmp_path, files[1], good.replace('"64"', '"63"'))
        found = linted(tmp_path)
        assert (found.switches, [each.code for each in found.findings]) == (2, ["LNT050"])
        assert len({each.name for each in seen(tmp_path).switches}) == 2

    def test_devices_of_one_name_are_called_by_the_folder_that_tells_them_apart(self, tmp_path: Path) -> None:
        for rack in ("rack1", "rack2"):
            write(tmp_path, f"{rack}/gpu-1/etc/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
            write(tmp_path, f"{rack}/gpu-2/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
        write(tmp_path, "more/gpu-3/sysctl.txt", "net.ipv4.conf.all.rp_filter = 2\n")
        write(tmp_path, "marks/gpu-3/cma_roce_tos.mlx5_0.txt", "106\n")
        names = [host.name for host in seen(tmp_path).hosts]
        assert names == ["gpu-3", "rack1/gpu-1", "rack1/gpu-2", "rack2/gpu-1", "rack2/gpu-2"]

    def test_a_switch_of_several_chips_has_a_file_for_each(self, tmp_path: Path) -> None:
        for file in ("config_db.json", "config_db0.json", "config_db1.json"):
            write(tmp_path, f"chassis/etc/sonic/{file}", json.dumps(TWO_OF_ONE_NAME))
        write(tmp_path, "chassis/lldp.txt", LLDP.format("gpu-1"))
        switches = seen(tmp_path).switches
        assert [each.name for each in switches] == ["tor", "tor-asic0", "tor-asic1"]
        assert {each.ports["Ethernet0"].peer for each in switches} == {("gpu-1", "rail0")}
        for file in ("config_db.json", "config_db0.json"):
            write(tmp_path, f"other/{file}", json.dumps(TWO_OF_ONE_NAME))
        names = [each.name for each in seen(tmp_path).switches]
        assert names == ["chassis", "chassis-asic0", "tor-asic1", "other", "other-asic0"]

    def test_variables_in_the_folders_of_hosts_are_of_those_hosts(self, tmp_path: Path) -> None:
        write(tmp_path, "gpu-1/etc/nccl.conf", "NCCL_IB_TC=106\n")
        write(tmp_path, "gpu-2/etc/nccl.conf", "NCCL_IB_TC=96\n")
        assert {host.name: host.job["NCCL_IB_TC"].value for host in seen(tmp_path).hosts} == {
            "gpu-1": "106",
            "gpu-2": "96",
        }

    def test_links_are_followed_once(self, tmp_path: Path) -> None:
        """To folders outside; those to folders that are read anyhow, and circles, lead to nothing new. A file may have two names."""
        write(tmp_path, "elsewhere/config_db.json", '{"PORT": {}}')
        write(tmp_path, "seen/leaf-1/config_db.json", '{"PORT": {}}')
        for name, target in (("a", "leaf-1"), ("tor", "../elsewhere"), ("again", "../elsewhere"), ("up", "..")):
            (tmp_path / "seen" / name).symlink_to(tmp_path / "seen" / target)
        (tmp_path / "seen/file.json").symlink_to(tmp_path / "seen/leaf-1/config_db.json")
        (tmp_path / "seen/leaf-1/self").symlink_to(tmp_path / "seen/leaf-1/self")
        assert [each.name for each in seen(tmp_path / "seen").switches] == ["file", "leaf-1", "tor"]

    def test_resources_of_no_known_kind_are_named(self, tmp_path: Path) -> None:
        changed(tmp_path, [{"file": "pods.yaml", "add": "kind: List\nitems: [{kind: Pod}]\n"}])
        assert linted(tmp_path).unread == ("pods.yaml",)

    def test_no_folder_and_nothing_in_it(self, tmp_path: Path) -> None:
        for folder in (tmp_path, tmp_path / "gone"):
            with pytest.raises(UsageError) as refused:
                linted(folder)
            assert refused.value.see == "docs/stages/lint.md"


EOS = "! device: leaf-9 (DCS-7060X6-64PE, EOS-4.33.1F)\n!\nhostname leaf-9\n"
NVUE = "- header:\n    nvue-api-version: nvue_v1\n- set:\n    system:\n      hostname: leaf-9\n"


class TestSystemsThatLintDoesNotRead:
    SWITCHES = [{"file": name, "remove": True} for name in ("leaf-1", "leaf-2", "spine-1", "spine-2")]  # noqa: RUF012

    @pytest.mark.parametrize(
        ("file", "text", "system"),
        [
            ("eos.cfg", EOS, "Arista EOS"),
            ("startup-config", "service routing protocols model multi-agent\n!\nhostname leaf-9\n", "Arista EOS"),
            ("nvue.yaml", NVUE, "Cumulus Linux"),
            ("nvue.yaml", "# a note\n- set:\n    bridge: {}\n", "Cumulus Linux"),
            ("commands.txt", "nv set interface swp1\n", "Cumulus Linux"),
        ],
    )
    def test_no_switch_was_read(self, tmp_path: Path, file: str, text: str, system: str) -> None:
        found = linted(changed(tmp_path, [*self.SWITCHES, {"file": f"leaf-9/{file}", "add": text}]))
        (finding,) = found.findings
        assert (finding.code, finding.severity, found.switches) == ("OBS003", Severity.WARNING, 0)
        assert finding.message.startswith(
            "no configuration of a switch was read, so nothing holds hosts against switches"
        )
        assert finding.message.endswith(f"leaf-9/{file} is of {system}, which lint does not read yet")
        assert found.unknown[:2] == (
            "no config_db.json of any switch is there, so nothing is known of switches",
            f"what leaf-9/{file} says, since lint does not read {system} yet",
        )
        assert found.unread == ()

    def test_beside_switches_that_were_read(self, tmp_path: Path) -> None:
        files = [{"file": f"leaf-{number}/eos.cfg", "add": EOS} for number in (7, 8, 9)]
        found = linted(changed(tmp_path, files))
        assert not found.findings
        assert found.unknown == ("what leaf-7/eos.cfg and 2 more say, since lint does not read Arista EOS yet",)

    def test_nothing_else_in_the_folder(self, tmp_path: Path) -> None:
        write(tmp_path, "leaf-9/eos.cfg", EOS)
        with pytest.raises(UsageError):
            linted(tmp_path)


class TestNeighbours:
    def test_names_with_domains_and_capitals(self, tmp_path: Path) -> None:
        named = {"name": "GPU-1.cluster.example", "port": "rail0"}
        changed(tmp_path, [{"file": "leaf-1/config_db.json", "path": ["DEVICE_NEIGHBOR", "Ethernet0"], "to": named}])
        ports = seen(tmp_path).switches[0].ports
        assert ports["Ethernet0"].peer == ("gpu-1", "rail0")

    def test_lldp_where_there_is_no_table(self, tmp_path: Path) -> None:
        """SONiC tells its alias; another system its name of the port, or a MAC address."""
        changed(
            tmp_path,
            [
                {"file": "leaf-1/config_db.json", "path": ["DEVICE_NEIGHBOR"], "to": None},
                {"file": "spine-1/config_db.json", "path": ["PORT", "Ethernet0", "alias"], "to": "etp1"},
                {
                    "file": "leaf-1/lldp.txt",
                    "add": "Capability codes: (R) Router, (B) Bridge, (O) Other\n"
                    "LocalPort    RemoteDevice    RemotePortID       Capability    RemotePortDescr\n"
                    "-----------  --------------  -----------------  ------------  -----------------\n"
                    "Ethernet0    gpu-1           b8:59:9f:00:00:01                rail0\n"
                    "Ethernet8    spine-1         etp1               BR            leaf-1:Ethernet8\n"
                    "Ethernet16   spine-2         Ethernet0          BR\n"
                    "--------------------------------------------------\nTotal entries displayed:  3\n",
                },
            ],
        )
        ports = seen(tmp_path).switches[0].ports
        assert {name: port.peer for name, port in ports.items() if port.peer} == {
            "Ethernet0": ("gpu-1", "b8:59:9f:00:00:01"),
            "Ethernet8": ("spine-1", "Ethernet0"),
            "Ethernet16": ("spine-2", "Ethernet0"),
        }

    def test_a_folder_of_the_job_is_no_host(self, tmp_path: Path) -> None:
        changed(
            tmp_path, [{"file": "nccl.conf", "remove": True}, {"file": "job/env.txt", "add": "NCCL_IB_GID_INDEX=3\n"}]
        )
        found = seen(tmp_path)
        assert [host.name for host in found.hosts] == ["gpu-1", "gpu-2"]
        assert all(host.job["NCCL_IB_GID_INDEX"].value == "3" for host in found.hosts)


class TestTables:
    def test_ports_by_lists_and_references_with_brackets(self, tmp_path: Path) -> None:
        """As releases before 202111 wrote them."""
        tables = {
            "PORT": {"Ethernet0": port(), "Ethernet4": port()},
            "DSCP_TO_TC_MAP": {"AZURE": dscp_map({26: 3}, 0), "OTHER": dscp_map({}, 1)},
            "PORT_QOS_MAP": {"Ethernet0,Ethernet4": {"dscp_to_tc_map": "[DSCP_TO_TC_MAP|AZURE]", "pfc_enable": "3"}},
            "BUFFER_PROFILE": {"p": {"pool": "[BUFFER_POOL|in]", "size": "1", "xoff": "90000"}},
            "BUFFER_POOL": {"in": {"type": "ingress", "size": "1000000", "mode": "dynamic"}},
            "BUFFER_PG": {"Ethernet0,Ethernet4|3-4": {"profile": "[BUFFER_PROFILE|p]"}},
        }
        switch(tmp_path, tables)
        ports = seen(tmp_path).switches[0].ports
        for each in ports.values():
            assert each.dscp_to_tc is not None
            assert each.dscp_to_tc.values[26] == 3
            assert sorted(each.groups) == [3, 4]
            profile = each.groups[4].profile
            assert profile is not None
            assert profile.pool == "in"

    def test_a_port_that_names_no_map_while_others_do(self, tmp_path: Path) -> None:
        maps = {"AZURE": dscp_map({26: 3}, 0)}
        qos = {"Ethernet0": {"dscp_to_tc_map": "AZURE", "pfc_enable": "3"}, "Ethernet4": {"pfc_enable": "3"}}
        switch(tmp_path, {"PORT": dict.fromkeys(qos, port()), "DSCP_TO_TC_MAP": maps, "PORT_QOS_MAP": qos})
        assert seen(tmp_path).switches[0].ports["Ethernet4"].dscp_to_tc is None

    @pytest.mark.parametrize(
        ("platform", "chip"),
        [
            ("x86_64-mlnx_msn4410-r0", "NVIDIA Spectrum-3"),
            ("x86_64-nvidia_sn4280-r0", "NVIDIA Spectrum-3"),
            ("x86_64-nvidia_sn6600_ld-r0", "NVIDIA Spectrum-6"),
            ("x86_64-mlnx_msn2410-r0", "NVIDIA Spectrum"),
            ("x86_64-mlnx_msn2740-r0", "NVIDIA Spectrum"),
            ("x86_64-mlnx_msn3420-r0", "NVIDIA Spectrum-2"),
            ("x86_64-mlnx_msn3800-r0", "NVIDIA Spectrum-2"),
            ("x86_64-dellemc_z9332f_d1508-r0", "Broadcom Tomahawk 3"),
            ("x86_64-dell_z9864f-r0", "Broadcom Tomahawk 5"),
            ("x86_64-accton_as9817_64o-r0", "Broadcom Tomahawk 5"),
            ("x86_64-cls_ds5000-r0", "Broadcom Tomahawk 5"),
            ("x86_64-arista_7050cx3_32s", "Broadcom Trident 3"),
            ("x86_64-arista_7260cx3_64", None),
        ],
    )
    def test_platforms_give_their_chip_away(self, tmp_path: Path, platform: str, chip: str | None) -> None:
        switch(tmp_path, {"DEVICE_METADATA": {"localhost": {"platform": platform}}})
        asic = seen(tmp_path).switches[0].asic
        assert (asic.title if asic else None) == chip

    def test_line_cards_name_queues_by_three_words(self, tmp_path: Path) -> None:
        tables = {
            "PORT": {"Ethernet0": port()},
            "QUEUE": {"lc1|asic0|Ethernet0|3": {"wred_profile": "W"}},
            "WRED_PROFILE": {"W": {"ecn": "ecn_all", "green_min_threshold": "1", "green_max_threshold": "2"}},
        }
        switch(tmp_path, tables)
        queue = seen(tmp_path).switches[0].ports["Ethernet0"].queues[3]
        assert queue.wred is not None
        assert queue.wred.marks

    def test_tables_that_nobody_knows_are_passed_over(self, tmp_path: Path) -> None:
        changed(tmp_path, [{"file": "leaf-1/config_db.json", "path": ["MY_TABLE"], "to": {"x": {"y": [1, {}]}}}])
        assert codes(tmp_path) == []

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            (["PORT", "Ethernet0", "speed"], "fast", "`speed` is `fast`, and must be a whole number"),
            (["PORT", "Ethernet0", "mtu"], {"a": 1}, "`mtu` is `{'a': 1}`, and must be text"),
            (["PORT"], ["Ethernet0"], "`PORT` must be a table of rows"),
            (["PORT", "Ethernet0"], 7, "row `Ethernet0` of PORT must be an object of fields"),
            (["DSCP_TO_TC_MAP", "AZURE", "default"], "1", "`default` of map `AZURE` must be a whole number"),
            (["BUFFER_PG", "Ethernet0|x-y"], {"profile": "p"}, "`x-y` must be a number, or two with a hyphen"),
            (
                ["BUFFER_PG", "Ethernet0|0-99999999"],
                {"profile": "p"},
                "`0-99999999` goes beyond 63, which no group or queue does",
            ),
        ],
    )
    def test_a_value_of_a_wrong_type(self, tmp_path: Path, path: list[str], value: object, message: str) -> None:
        changed(tmp_path, [{"file": "leaf-1/config_db.json", "path": path, "to": value}])
        told = [finding for finding in linted(tmp_path).findings if finding.code == "OBS002"]
        assert [finding.message for finding in told] == [message]
        assert told[0].place is not None
        assert told[0].place.file.endswith("leaf-1/config_db.json")
        assert json.loads(told[0].place.text.strip().partition(":")[0]) == path[-1]


class TestUnreadableFiles:
    def test_the_rest_is_looked_at(self, tmp_path: Path) -> None:
        changed(
            tmp_path,
            [
                {"file": "leaf-1/config_db.json", "add": '{\n  "PORT": {\n    "Ethernet0": {"speed": }\n}}'},
                {"file": "operator.yaml", "add": "kind: [\n"},
                {"file": "leaf-2/config_db.json", "path": ["DSCP_TO_TC_MAP", "AZURE", "26"], "to": "1"},
            ],
        )
        (tmp_path / "core.bin").write_bytes(b"\xff\xfe\x00\x9f")
        found = [
            (each.code, each.place.file.rpartition("/")[2], each.place.line)
            for each in linted(tmp_path).findings
            if each.place
        ]
        assert ("OBS001", "config_db.json", 3) in found
        assert ("OBS001", "operator.yaml", 2) in found
        assert ("OBS001", "core.bin", 1) in found
        assert "LNT001" in [code for code, _, _ in found]

    def test_a_key_that_stands_twice(self, tmp_path: Path) -> None:
        write(
            tmp_path, "a/config_db.json", '{"PORT": {\n"Ethernet0": {"speed": "1"},\n"Ethernet0": {"speed": "400000"}}}'
        )
        (finding,) = linted(tmp_path).findings
        assert finding.message == "`Ethernet0` stands twice in one object, and the last counts"
        assert finding.place is not None
        assert finding.place.line == 3
        assert seen(tmp_path).switches[0].ports["Ethernet0"].mbps == 400_000

    @pytest.mark.parametrize(
        "text", ["[" * 100_000, '{"a": ' * 50_000, "nul", '{"PORT": NaN}', '{"PORT": {"Ethernet0": {"speed": 1e999}}}']
    )
    def test_strange_json(self, tmp_path: Path, text: str) -> None:
        write(tmp_path, "a/config_db.json", text)
        changed(tmp_path, [])
        assert linted(tmp_path).switches >= 4

    def test_aliases_of_aliases(self, tmp_path: Path) -> None:
        """290 bytes that stand for three million values."""
        lines = ["a0: &a0 [x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 6)}]" for n in range(1, 8)]
        write(tmp_path, "operator.yaml", "\n".join(lines))
        (finding,) = linted(tmp_path).findings
        assert (finding.code, finding.message) == ("OBS001", "its aliases stand for more values than lint reads")

    def test_an_odd_output_of_mlnx_qos(self) -> None:
        problems = Problems()
        qos = read_mlnx_qos("f", "eth0", "Priority trust state: weird\n", problems)
        assert [message for _, _, message, _ in problems] == [
            "a NIC trusts `dscp` or `pcp`, not `weird`",
            "it has no `PFC configuration` with eight priorities",
        ]
        assert qos.pfc is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_place_of_a_document_is_found(data: object) -> None:
    for indent in (None, 2):
        text = json.dumps(data, indent=indent, ensure_ascii=False)
        found = places(text)
        assert set(found) == set(_paths(data, ()))
        for path, place in found.items():
            line = text.split("\n")[place.line - 1]
            spelt = line[place.column - 1 :][: place.width]
            if not path[-1].isdecimal():
                assert json.loads(spelt) == path[-1]


def _paths(data: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [each for key, value in items for each in [(*path, str(key)), *_paths(value, (*path, str(key)))]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_never_breaks_lint(tmp_path: Path, data: st.DataObject) -> None:
    """A run of characters is cut from any file of the clean folder, or noise is put in."""
    files = sorted(path for path in BASE.rglob("*") if path.is_file())
    victim = data.draw(st.sampled_from(files))
    text = victim.read_text("utf-8")
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 200, len(text))))
    noise = data.draw(st.text(max_size=5))
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    copy = tmp_path / victim.relative_to(BASE)
    copy.write_text(text[:begin] + noise + text[end:], "utf-8", errors="replace")
    for finding in linted(tmp_path).findings:
        assert finding.message
        assert finding.fix.endswith(".")
    copy.write_text(text, "utf-8")


def test_values_of_sysfs_are_facts_too(tmp_path: Path) -> None:
    """GID tables and pairs of devices as sysfs and ibdev2netdev have them."""
    sys = "/sys/class/infiniband/mlx5_0/ports/1"
    lines = [
        f"{sys}/gids/0:{mapped('10.0.0.1')}",
        f"{sys}/gid_attrs/types/0:RoCE v2",
        f"{sys}/gids/1:0000:0000:0000:0000:0000:0000:0000:0000",
    ]
    write(tmp_path, "a/sysfs.txt", "\n".join(lines) + "\n/sys/class/net/eth7/mtu:4200\n")
    write(tmp_path, "a/pairs.txt", "mlx5_0 port 1 ==> eth7 (Up)\n")
    (host,) = seen(tmp_path).hosts
    (gid,) = host.gids
    assert (gid.address, gid.version, host.nics["eth7"].rdma, host.nics["eth7"].mtu) == ("10.0.0.1", 2, "mlx5_0", 4200)


@pytest.mark.parametrize(
    ("text", "in_nccl_conf", "in_a_shell"),
    [
        ("106", "106", "106"),
        ("106 # dscp 26", "106", "106"),
        ("0x6a", "106", "106"),
        ("0152", "106", "106"),
        ("-1", "-1", "-1"),
        ('"106"', "0", "106"),
        ("08", "0", "0"),
        ("high", "0", "0"),
        ("", None, None),
    ],
)
def test_numbers_as_nccl_reads_them(
    tmp_path: Path, text: str, in_nccl_conf: str | None, in_a_shell: str | None
) -> None:
    write(tmp_path, "a/etc/nccl.conf", f"NCCL_DEBUG=INFO\nNCCL_IB_TC={text}\n")
    write(tmp_path, "b/env.txt", f"export NCCL_IB_TC={text}\nexport NCCL_IB_HCA='mlx5'\n")
    jobs = {host.name: host.job for host in seen(tmp_path).hosts}
    values = [said.value if (said := jobs[name].get("NCCL_IB_TC")) else None for name in ("a", "b")]
    assert values == [in_nccl_conf, in_a_shell]
    assert jobs["b"]["NCCL_IB_HCA"].value == "mlx5"


def test_ibv_devinfo_has_gids_and_mtu(tmp_path: Path) -> None:
    text = f"hca_id:\tmlx5_0\n\t\tport:\t1\n\t\t\tactive_mtu:\t\t4096 (5)\n\t\t\tGID[  1]:\t\t{mapped('10.0.0.1')}, RoCE v2\n"
    write(tmp_path, "a/ibv_devinfo.txt", text)
    (host,) = seen(tmp_path).hosts
    assert (host.gids[0].index, host.gids[0].version, host.rdma_mtu["mlx5_0"].value) == (1, 2, 4096)


@pytest.mark.parametrize(
    "file",
    [
        "a/mlnx_qos.eth0.txt",
        "a/mlnx_qos_eth0",
        "a/mlnx_qos-eth0.log",
        "a/eth0.mlnx_qos.txt",
        "a/qos-eth0.txt",
        "a.mlnx_qos.eth0.txt",
    ],
)
def test_the_device_of_a_file_is_in_its_name(tmp_path: Path, file: str) -> None:
    write(tmp_path, file, mlnx_qos({}, (3,)))
    (host,) = seen(tmp_path).hosts
    assert (host.name, list(host.qos)) == ("a", ["eth0"])


def test_marks_in_files_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, "a/cma_roce_tos.mlx5_0.txt", "106\n")
    write(tmp_path, "a/traffic_class.mlx5_1.txt", "Global tclass=96\n")
    marks = {(mark.by, mark.device, mark.dscp, mark.ect, mark.forced) for mark in seen(tmp_path).hosts[0].marks}
    assert marks == {("cma_roce_tos", "mlx5_0", 26, True, False), ("traffic_class", "mlx5_1", 24, False, True)}


def test_slots_by_ethtool(tmp_path: Path) -> None:
    write(tmp_path, "a/ethtool-i.eth0.txt", "driver: mlx5_core\nbus-info: 0000:18:00.0\n")
    assert seen(tmp_path).hosts[0].nics["eth0"].pci == "0000:18:00.0"


def test_addresses_of_gids() -> None:
    assert address_of(mapped("10.1.0.6")) == "10.1.0.6"
    assert address_of("fe80:0000:0000:0000:0a94:efff:fe00:0001") == "fe80::a94:efff:fe00:1"
    assert address_of("nonsense") == "nonsense"
    assert gids([("a", 0, mapped("10.1.0.6"), "10.1.0.6", 2)]).count("\n") == 3


def test_json_that_is_none_has_its_line() -> None:
    with pytest.raises(JsonError) as refused:
        parse('{"a": 1,\n "b" 2}')
    assert (refused.value.line, refused.value.message) == (2, "it is not JSON: expecting ':' delimiter at column 6")


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.integers(0, 63), st.integers(0, 7)),
    st.none() | st.dictionaries(st.integers(0, 7), st.integers(0, 7)),
    st.none() | st.dictionaries(st.integers(0, 7), st.integers(0, 7)),
    st.sets(st.integers(0, 9)),
)
def test_marks_are_lossless_by_either_way_of_asking(
    marks: dict[int, int], groups: dict[int, int] | None, priorities: dict[int, int] | None, pfc: set[int]
) -> None:
    """Mark by mark, or all at once; and the priority that is named for a lossless mark is one that the port pauses."""
    spot = Spot("f")
    each = Port(
        name="Ethernet0",
        spot=spot,
        dscp_to_tc=Map("m", marks, spot),
        tc_to_group=None if groups is None else Map("g", groups, spot),
        priority_to_group=None if priorities is None else Map("p", priorities, spot),
        pfc=Said(tuple(pfc), spot),
    )
    kept = lossless_marks(each)
    assert kept == {dscp for dscp in range(64) if is_lossless(each, dscp)}
    for dscp in range(64):
        found = chain(each, dscp)
        assert found is not None
        assert (dscp in kept) == (found.priority in pfc & set(range(8)))
