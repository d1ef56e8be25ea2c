"""What the role `roce` does to a server: the program on NICs made of files, and the role played into folders of the test's own.

The programs of the NIC (nic/) keep state, print what the real ones print, and log what they are asked to change.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import reference
from playing import play
from podwright.resources import folder
from podwright.targets.roce import render

NIC_PROGRAMS = Path(__file__).with_name("nic")
PROGRAM = folder("playbooks") / "roles" / "roce" / "files" / "podwright-roce"
SERVER = "gpu-u001-s01"
PCI = "0000:1a:00.0"


def rendered() -> dict[str, str]:
    pod = reference.pod("hgx-h100-32")
    return {artifact.path.rpartition("/")[2]: artifact.text for artifact in render(pod) if artifact.device == SERVER}


class Server:
    """A server with one NIC, `rail0`; of the other rails its kernel knows nothing."""

    def __init__(self, tree: Path, driver: str = "mlx5_core", **settings: Any) -> None:
        self.root = tree / "machine"
        self.settings = json.loads(rendered()["roce.json"]) | settings
        device = self.root / "sys/devices" / PCI
        (self.root / "drivers" / driver).mkdir(parents=True)
        (device / "infiniband" / "mlx5_3").mkdir(parents=True)
        (device / "driver").symlink_to(self.root / "drivers" / driver)
        (self.root / "sys/class/net/rail0").mkdir(parents=True)
        (self.root / "sys/class/net/rail0/device").symlink_to(device)
        self.write("sys/class/net/rail0/ecn/roce_np/cnp_dscp", "26")
        self.write("sys/class/net/rail0/ecn/roce_np/cnp_802p_prio", "6")
        for end in ("roce_np", "roce_rp"):
            self.write(f"sys/class/net/rail0/ecn/{end}/enable/3", "0")
        self.write("sys/class/infiniband/mlx5_3/tc/1/traffic_class", "Global tclass=0")
        self.write("sys/kernel/config/rdma_cm/mlx5_3/ports/1/default_roce_tos", "0")
        self.write(f"sys/devices/{PCI}/numa_node", "0")
        self.write(f"sys/devices/{PCI}/local_cpulist", "0-31")
        self.write(f"sys/devices/{PCI}/msi_irqs/120", "msix")
        self.write("proc/irq/120/smp_affinity_list", "0-63")
        self.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet iommu=pt")
        self.write("sys/bus/pci/devices/0000:15:01.0/class", "0x060400")
        self.write("acs-0000:15:01.0", "001d")

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{text}\n")

    def read(self, path: str) -> str:
        return (self.root / path).read_text().strip()

    def changes(self) -> list[str]:
        """What its programs were asked to change."""
        log = self.root / "log"
        return log.read_text().splitlines() if log.exists() else []

    def run(self, *words: str, without: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        programs = self.root / "programs"
        programs.mkdir(exist_ok=True)
        for each in NIC_PROGRAMS.iterdir():
            link = programs / each.name
            link.unlink(missing_ok=True)
            if each.name not in without:
                link.symlink_to(each)
        return subprocess.run(
            [sys.executable, str(PROGRAM), "--root", str(self.root), *words, "-"],
            input=json.dumps(self.settings),
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin", "NIC_ROOT": str(self.root)},
        )


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


CHANGES = """\
rail0: RDMA device mlx5_3 named rail0
rail0: trust pcp set to dscp
rail0: dscp 8:1 9:1 10:1 11:1 12:1 13:1 14:1 15:1 16:2 17:2 18:2 19:2 20:2 21:2 22:2 23:2 24:3 25:3 26:3 27:3 28:3 29:3 30:3 31:3 \
32:4 33:4 34:4 35:4 36:4 37:4 38:4 39:4 40:5 41:5 42:5 43:5 44:5 45:5 46:5 47:5 48:6 49:6 50:6 51:6 52:6 53:6 54:6 55:6 \
56:7 57:7 58:7 59:7 60:7 61:7 62:7 63:7 set to 26:3 48:6
rail0: pfc 0,0,0,0,0,0,0,0 set to 0,0,0,1,0,0,0,0
rail0: cable 7 set to 15
rail0: tc 1,0,2,3,4,5,6,7 set to 0,0,0,3,0,0,6,0
rail0: transmission vendor,vendor,vendor,vendor,vendor,vendor,vendor,vendor set to ets,strict,strict,ets,strict,strict,strict,strict
rail0: bandwidth 0,0,0,0,0,0,0,0 set to 50,0,0,50,0,0,0,0
rail0: link-level pause on set to off
rail0: roce_np of priority 3: 0 set to 1
rail0: roce_rp of priority 3: 0 set to 1
rail0: DSCP of notifications: 26 set to 48
rail0: mark of rdma_cm: 0 set to 106
rail0: mark of verbs: 0 set to 106
rail0: 1 interrupts moved to processors 0-31
0000:15:01.0: access control 001d set to 0000
"""


def test_a_nic_is_brought_to_the_class(server: Server) -> None:
    done = server.run()
    assert (done.returncode, done.stdout) == (0, CHANGES), done.stderr
    assert done.stderr.splitlines() == [
        f"rail{rail}: there is no such interface here; nothing is set." for rail in range(1, 8)
    ]
    assert server.read("sys/class/net/rail0/ecn/roce_np/cnp_dscp") == "48"
    assert server.read("sys/class/infiniband/rail0/tc/1/traffic_class") == "106"
    assert server.read("sys/kernel/config/rdma_cm/rail0/ports/1/default_roce_tos") == "106"
    assert server.read("proc/irq/120/smp_affinity_list") == "0-31"
    marks = " ".join(f"--dscp2prio set,{dscp},{ {26: 3, 48: 6}.get(dscp, 0) }" for dscp in range(64))
    assert server.changes() == [
        "rdma dev set mlx5_3 name rail0",
        "mlnx_qos -i rail0 --trust dscp",
        f"mlnx_qos -i rail0 {marks}",
        "mlnx_qos -i rail0 --pfc 0,0,0,1,0,0,0,0 --cable_len 15",
        "mlnx_qos -i rail0 --prio_tc 0,0,0,3,0,0,6,0 --tsa ets,strict,strict,ets,strict,strict,strict,strict"
        " --tcbw 50,0,0,50,0,0,0,0",
        "ethtool -A rail0 rx off tx off",
        "setpci -s 0000:15:01.0 ECAP_ACS+0x6.w=0000",
    ]


def test_a_second_run_changes_nothing(server: Server) -> None:
    server.run()
    before = server.changes()
    again = server.run()
    assert (again.returncode, again.stdout) == (0, ""), again.stderr
    assert server.changes() == before


def test_a_check_says_the_same_and_changes_nothing(server: Server) -> None:
    checked = server.run("--check")
    assert (checked.returncode, checked.stdout) == (0, CHANGES), checked.stderr
    assert server.changes() == []
    assert server.read("sys/class/infiniband/mlx5_3/tc/1/traffic_class") == "Global tclass=0"
    assert server.read("proc/irq/120/smp_affinity_list") == "0-63"


def test_what_was_changed_by_hand_is_set_back(server: Server) -> None:
    server.run()
    tables = json.loads(server.read("qos-rail0.json"))
    (server.root / "qos-rail0.json").write_text(json.dumps(tables | {"cable": 7}))
    server.write("sys/class/net/rail0/ecn/roce_np/cnp_dscp", "4")
    done = server.run()
    assert done.stdout.splitlines() == ["rail0: cable 7 set to 15", "rail0: DSCP of notifications: 4 set to 48"]
    assert json.loads(server.read("qos-rail0.json"))["pfc"] == [0, 0, 0, 1, 0, 0, 0, 0], "a new length keeps the pauses"


def test_without_mlnx_qos_it_is_dcb(server: Server) -> None:
    done = server.run(without=("mlnx_qos",))
    assert done.returncode == 0, done.stderr
    marks = " ".join(f"{dscp}:{ {26: 3, 48: 6}.get(dscp, 0) }" for dscp in range(64))
    assert [each for each in server.changes() if each.startswith("dcb")] == [
        f"dcb app replace dev rail0 dscp-prio {marks}",
        "dcb pfc set dev rail0 prio-pfc 0:off 1:off 2:off 3:on 4:off 5:off 6:off 7:off",
        "dcb ets set dev rail0 willing off prio-tc 0:0 1:0 2:0 3:3 4:0 5:0 6:6 7:0"
        " tc-tsa 0:ets 1:strict 2:strict 3:ets 4:strict 5:strict 6:strict 7:strict"
        " tc-bw 0:50 1:0 2:0 3:50 4:0 5:0 6:0 7:0",
    ]
    again = server.run(without=("mlnx_qos",))
    assert (again.returncode, again.stdout) == (0, ""), again.stderr


def test_another_vendors_nic_has_dcb_and_its_own_word_on_notifications(tmp_path: Path) -> None:
    server = Server(tmp_path, driver="bnxt_en")
    for path in sorted((server.root / "sys/class/net/rail0/ecn").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (server.root / "sys/class/net/rail0/ecn").rmdir()
    done = server.run()
    assert not any(each.startswith("mlnx_qos") for each in server.changes())
    assert (
        "rail0: its driver bnxt_en shows no setting of congestion notifications; see that the NIC sends DSCP 48."
        in done.stderr.splitlines()
    )


def test_a_driver_of_the_kernel_keeps_notifications_in_debugfs(server: Server) -> None:
    (server.root / "sys/class/net/rail0/ecn").rename(server.root / "no-ecn")
    server.write(f"sys/kernel/debug/mlx5/{PCI}/cc_params/np_cnp_dscp", "0")
    server.write(f"sys/kernel/debug/mlx5/{PCI}/cc_params/np_cnp_prio", "0")
    done = server.run()
    assert "rail0: DSCP of notifications: 0 set to 48" in done.stdout.splitlines()
    assert server.read(f"sys/kernel/debug/mlx5/{PCI}/cc_params/np_cnp_prio") == "6"


def test_a_tool_that_ends_well_and_changes_nothing_is_an_error(server: Server) -> None:
    (server.root / "deaf").touch()
    done = server.run()
    assert done.returncode == 1
    assert "rail0: mlnx_qos took trust dscp and shows pcp." in done.stderr.splitlines()


def test_a_node_of_the_twin_is_left_alone(server: Server) -> None:
    (server.root / "sys/class/net/rail0/device").unlink()
    server.settings["machine"] = {}
    done = server.run()
    assert (done.returncode, done.stdout, server.changes()) == (0, "", [])
    assert done.stderr.splitlines()[0] == "rail0: no NIC is behind this interface; nothing is set."


def test_irqbalance_keeps_the_interrupts(server: Server) -> None:
    server.write("proc/77/comm", "irqbalance")
    done = server.run()
    assert (
        "irqbalance runs, and places interrupts by NUMA node itself; they are left alone." in done.stderr.splitlines()
    )
    assert server.read("proc/irq/120/smp_affinity_list") == "0-63"


def test_what_the_kernel_was_not_started_with_is_said(server: Server) -> None:
    server.write("proc/cmdline", "quiet")
    assert (
        "This kernel was started without iommu=pt: it takes effect when the machine is started again."
        in server.run().stderr.splitlines()
    )


class Played:
    """The role's lasting part, played on this machine into folders of the test's own."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.etc = tree / "etc"
        config = tree / "configs"
        for path in (config, self.etc / "default/grub.d", self.etc / "systemd/system", tree / "sbin"):
            path.mkdir(parents=True)
        for name, text in rendered().items():
            (config / name).write_text(text)
        self.variables = {
            "podwright_config": str(config),
            "podwright_init": "none",
            "roce_etc": str(self.etc),
            "roce_programs": str(tree / "sbin"),
            "roce_root": str(tree),
        }

    def play(self, part: str, *words: str) -> int:
        return play(self.tree, "roce", self.variables, *words, part=part)


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(tmp_path)


def test_libraries_are_told_once(played: Played) -> None:
    (played.etc / "ucx").mkdir()
    (played.etc / "profile.d").mkdir()
    (played.etc / "ucx/ucx.conf").write_text("# UCX_TLS=all\n")
    assert played.play("libraries", "--check") > 0
    assert not (played.etc / "nccl.conf").exists()
    played.play("libraries")
    assert played.play("libraries") == 0
    assert (played.etc / "nccl.conf").read_text() == rendered()["nccl.conf"]
    assert (played.etc / "profile.d/podwright-nvshmem.sh").read_text() == rendered()["nvshmem.sh"]
    assert (played.etc / "ucx/ucx.conf").read_text().splitlines()[0] == "# UCX_TLS=all"
    assert "UCX_IB_TRAFFIC_CLASS=106" in (played.etc / "ucx/ucx.conf").read_text().splitlines()
    assert not (played.etc / "rccl.conf").exists()


def test_a_server_that_has_no_nics_yet_is_no_failure(played: Played) -> None:
    (played.tree / "proc").mkdir()
    (played.tree / "proc/cmdline").write_text("quiet\n")
    assert played.play("main") == 0


def test_the_kernel_is_started_with_what_peers_need(played: Played) -> None:
    assert played.play("kernel_arguments", "--check") == 1
    written = played.etc / "default/grub.d/podwright.cfg"
    assert not written.exists()


def test_a_dpu_becomes_the_nic_that_the_catalogue_wants(server: Server) -> None:
    server.settings["interfaces"][0]["dpu"] = "nic"
    server.write(f"dpu-{PCI}", "0")
    done = server.run("--check")
    assert "rail0: INTERNAL_CPU_OFFLOAD_ENGINE 0 set to 1" in done.stdout.splitlines()
    assert server.read(f"dpu-{PCI}") == "0"
    done = server.run()
    assert f"mlxconfig -y -d {PCI} set INTERNAL_CPU_OFFLOAD_ENGINE=1" in server.changes()
    assert (
        "rail0: the mode of its DPU takes effect when the machine is powered off and on again."
        in done.stderr.splitlines()
    )
    again = server.run()
    assert (again.returncode, again.stdout) == (0, ""), again.stderr


def test_a_dpu_that_cannot_be_asked_is_left_alone(server: Server) -> None:
    server.settings["interfaces"][0]["dpu"] = "nic"
    assert "rail0: mlxconfig shows no mode of a DPU; it is left as it is." in server.run().stderr.splitlines()


def test_a_dpu_with_a_system_of_its_own_has_its_tables_itself(server: Server) -> None:
    server.settings["interfaces"][0]["dpu"] = "dpu"
    server.write(f"dpu-{PCI}", "0")
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert not any(each.startswith("mlnx_qos") for each in server.changes())
    assert "rail0: mark of verbs: 0 set to 106" in done.stdout.splitlines()
    said = "rail0: trust, PFC and notifications are of the DPU's own system; see that they are those of the class."
    assert said in done.stderr.splitlines()
