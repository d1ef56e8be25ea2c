"""The programs that the roles run on devices, each run for real: in namespaces, or over stand-ins for SONiC."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import reference
from podwright.resources import folder
from podwright.targets.frr import render

ROLES = folder("playbooks") / "roles"
NETWORK = ROLES / "network" / "files" / "podwright-network"
SYSCTL = ROLES / "kernel" / "files" / "podwright-sysctl"
CONFIG_DB = ROLES / "sonic" / "files" / "podwright-config-db"
QOS = ROLES / "qos" / "files" / "load-qos.sh"
MARKING = ROLES / "marking" / "files" / "load-marking.sh"
SHIMS = Path(__file__).parents[2] / "engines" / "shims"

SPACES = ("unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--mount-proc", "--propagation=private")

LEAF = "converged-leaf-u001-1"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces of one's own need root here")


def in_a_namespace(script: str, folder_of_files: Path) -> str:
    """What a shell script prints in namespaces of its own, with a private /run and the files' folder as $F."""
    preamble = "set -eu; mount -t tmpfs run /run; ip link set lo up; "
    done = subprocess.run(
        [*SPACES, "bash", "-c", preamble + script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "F": str(folder_of_files), "NETWORK": str(NETWORK), "SYSCTL": str(SYSCTL)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def interface(name: str, **changes: Any) -> dict[str, Any]:
    given = {"name": name, "kind": "port", "mtu": 0, "addresses": [], "members": [], "description": "", "present": True}
    return given | changes


SERVER: dict[str, Any] = {
    "interfaces": [
        interface("lo", kind="loopback", addresses=["10.16.1.0/32", "fd10::1/128"]),
        interface("rail0", mtu=9000, addresses=["10.128.2.1/31", "fd10:128::201/127"]),
        interface("front0", mtu=9000),
        interface("vf0", present=False),
    ],
    "routes": [
        {"table": 254, "prefix": "10.128.0.0/14", "via": "10.128.2.0", "interface": "rail0", "source": "10.128.2.1"},
        {"table": 100, "prefix": "10.128.0.0/10", "via": "10.128.2.0", "interface": "rail0", "source": "10.128.2.1"},
        {"table": 254, "prefix": "fd11::/16", "via": "fd10:128::200", "interface": "rail0", "source": ""},
    ],
    "rules": [{"source": "10.128.2.1/32", "table": 100}, {"source": "fd10:128::201/128", "table": 100}],
}
CABLES = """
for port in rail0 front0; do ip link add $port type veth peer name x$port; ip link set x$port mtu 9000 up; done
"""


@pytest.fixture
def server(tmp_path: Path) -> Path:
    (tmp_path / "server.json").write_text(json.dumps(SERVER))
    return tmp_path


@needs_root
class TestNetwork:
    def test_what_it_says_it_does_and_then_there_is_nothing_to_say(self, server: Path) -> None:
        script = (
            CABLES
            + "$NETWORK --check $F/server.json; echo ==; $NETWORK $F/server.json; echo ==; $NETWORK $F/server.json"
        )
        said, done, again = in_a_namespace(script, server).split("==\n")
        assert said == done
        assert "rail0: MTU 1500 set to 9000" in done
        assert again == ""

    def test_the_kernel_has_it_afterwards(self, server: Path) -> None:
        script = (
            CABLES + "$NETWORK $F/server.json >/dev/null; ip rule; ip -6 rule; ip route show table 100; ip -br addr"
        )
        state = in_a_namespace(script, server)
        assert "from 10.128.2.1 lookup 100" in state
        assert "from fd10:128::201 lookup 100" in state
        assert "10.128.0.0/10 via 10.128.2.0 dev rail0 proto 201 src 10.128.2.1" in state
        assert "10.16.1.0/32 fd10::1/128" in state

    def test_drift_is_mended(self, server: Path) -> None:
        drift = "ip link set rail0 down; ip rule del from 10.128.2.1 table 100; ip addr del 10.16.1.0/32 dev lo; "
        run = "$NETWORK $F/server.json"
        script = f"{CABLES} {run} >/dev/null; {drift} {run}; echo ==; {run}"
        mended, again = in_a_namespace(script, server).split("==\n")
        assert "rail0: set up" in mended
        assert "lo: address 10.16.1.0/32 added" in mended
        assert "rule from 10.128.2.1/32 table 100 added" in mended
        assert again == ""

    def test_what_is_no_longer_wanted_goes_and_what_is_not_ours_stays(self, server: Path) -> None:
        less = json.loads(json.dumps(SERVER))
        less["interfaces"][0]["addresses"] = ["fd10::1/128"]
        less["routes"], less["rules"] = [], []
        (server / "less.json").write_text(json.dumps(less))
        foreign = (
            "ip addr add 10.77.0.1/32 dev lo; ip rule add from 10.77.0.1 table 77; "
            "ip route add 10.78.0.0/16 via 10.128.2.0 dev rail0; "
        )
        script = (
            f"{CABLES} $NETWORK $F/server.json >/dev/null; {foreign} $NETWORK $F/less.json; echo ==; "
            "$NETWORK $F/less.json; ip rule; ip route; ip -br addr show lo"
        )
        removed, left = in_a_namespace(script, server).split("==\n")
        assert "lo: address 10.16.1.0/32 removed" in removed
        assert "rule from 10.128.2.1/32 table 100 removed" in removed
        assert "10.16.1.0/32" not in left
        assert "10.128.0.0/14" not in left
        for others in ("10.77.0.1/32", "from 10.77.0.1 lookup 77", "10.78.0.0/16"):
            assert others in left

    def test_a_new_address_in_the_old_one_s_network_survives_it(self, server: Path) -> None:
        """The kernel takes a network's secondary addresses away with the first one, and routes with their source."""
        moved = json.loads(json.dumps(SERVER).replace("10.128.2.1", "10.128.2.9").replace("/31", "/24"))
        (server / "moved.json").write_text(json.dumps(moved))
        before = json.loads(json.dumps(SERVER).replace("/31", "/24"))
        (server / "before.json").write_text(json.dumps(before))
        script = (
            f"{CABLES} $NETWORK $F/before.json >/dev/null; $NETWORK $F/moved.json >/dev/null; $NETWORK $F/moved.json; "
            "ip -br addr show rail0; ip route"
        )
        state = in_a_namespace(script, server)
        assert "10.128.2.9/24" in state
        assert "10.128.2.1/24" not in state
        assert "10.128.0.0/14 via 10.128.2.0 dev rail0 proto 201 src 10.128.2.9" in state

    def test_bridges_come_change_and_go(self, tmp_path: Path) -> None:
        ports = [interface(name, mtu=1500) for name in ("swp1", "swp2")]
        bridge = interface("Vlan1001", kind="bridge", mtu=1500, addresses=["10.0.3.254/23"], members=["swp1", "swp2"])
        plans = {
            "both": [*ports, bridge],
            "one": [*ports, bridge | {"members": ["swp2"]}],
            "none": ports,
        }
        for name, interfaces in plans.items():
            (tmp_path / name).write_text(json.dumps({"interfaces": interfaces, "routes": [], "rules": []}))
        script = """
            for port in swp1 swp2; do ip link add $port type veth peer name x$port; done
            for plan in both one none; do
                $NETWORK $F/$plan > /dev/null; $NETWORK $F/$plan
                echo "$plan $(ip -br link show master Vlan1001 2> /dev/null | cut -d@ -f1 | tr '\\n' ' ')"
            done
        """
        assert in_a_namespace(script, tmp_path).splitlines() == ["both swp1 swp2 ", "one swp2 ", "none "]

    def test_tunnels_of_bridged_networks_come_change_and_go(self, tmp_path: Path) -> None:
        """A tunnel carries the mark of what is in it, and its bridge learns from BGP alone; another end is another tunnel."""
        port = interface("swp1", mtu=9000)
        tunnel = interface("vni10040", kind="tunnel", mtu=9000) | {"vni": 10040, "local": "10.128.0.1"}
        mac = "02:70:6f:64:00:01"
        bridge = interface(
            "Vlan40", kind="bridge", mtu=9000, addresses=["10.128.1.255/14"], members=["swp1", "vni10040"]
        )
        plans = {
            "one": [tunnel, port, bridge | {"mac": mac}],
            "other": [tunnel | {"local": "10.128.0.2"}, port, bridge | {"mac": mac}],
            "none": [port],
        }
        for name, interfaces in plans.items():
            (tmp_path / name).write_text(json.dumps({"interfaces": interfaces, "routes": [], "rules": []}))
        script = """
            ip link add swp1 type veth peer name xswp1
            for plan in one other none; do
                $NETWORK $F/$plan > /dev/null; $NETWORK $F/$plan
                echo "$plan $(ip -br link show master Vlan40 2> /dev/null | cut -d@ -f1 | cut -d' ' -f1 | sort | tr '\n' ' ')"
                ip -d link show vni10040 2> /dev/null | grep -oE 'local [^ ]*|tos inherit|nolearning|learning off|neigh_suppress on' || true
                ip -br link show Vlan40 2> /dev/null | grep -o '02:70:[^ ]*' || true
            done
        """
        settings = ["nolearning", "tos inherit", "learning off", "neigh_suppress on"]
        said = in_a_namespace(script, tmp_path).splitlines()
        assert said == [
            *("one swp1 vni10040 ", "local 10.128.0.1", *settings, mac),
            *("other swp1 vni10040 ", "local 10.128.0.2", *settings, mac),
            "none ",
        ]

    def test_a_table_ends_nowhere_and_a_link_needs_no_router(self, tmp_path: Path) -> None:
        """A tenant's table on a switch, and a bridged rail on a server; each is put there once."""

        def route(**known: object) -> dict[str, object]:
            return {"via": "", "interface": "", "source": ""} | known

        routes = [
            route(table=3001, prefix="0.0.0.0/0"),
            route(table=3001, prefix="::/0"),
            route(table=100, prefix="10.128.0.0/14", interface="rail0", source="10.128.2.9"),
        ]
        rail = interface("rail0", mtu=1500, addresses=["10.128.2.9/14"])
        (tmp_path / "plan").write_text(json.dumps({"interfaces": [rail], "routes": routes, "rules": []}))
        script = """
            ip link set lo up; ip link add rail0 type veth peer name xrail0
            $NETWORK $F/plan | grep ^route; $NETWORK $F/plan
            ip route show table 3001; ip -6 route show table 3001; ip route show table 100
        """
        said = in_a_namespace(script, tmp_path).splitlines()
        assert said[:3] == [
            "route 10.128.0.0/14 dev rail0 table 100 added",
            "route 0.0.0.0/0 nowhere table 3001 added",
            "route ::/0 nowhere table 3001 added",
        ]
        assert [line.split(" proto")[0] for line in said[-3:]] == [
            "unreachable default",
            "unreachable default dev lo",
            "10.128.0.0/14 dev rail0",
        ]

    def test_a_missing_nic_is_named(self, server: Path) -> None:
        script = "$NETWORK $F/server.json 2>&1 || echo status $?"
        said = in_a_namespace(script, server)
        missing = "These interfaces are not there: front0, rail0. A NIC takes its designed name at the next start."
        assert said == f"{missing}\nstatus 1\n"


@needs_root
class TestSysctl:
    def test_settings_change_once(self, tmp_path: Path) -> None:
        (tmp_path / "sysctl.conf").write_text("# words\nnet.ipv4.ip_forward = 1\n-net.ipv4.conf.rail7.rp_filter = 2\n")
        runs = "$SYSCTL --check $F/sysctl.conf; $SYSCTL $F/sysctl.conf; $SYSCTL $F/sysctl.conf; "
        script = f"{runs} cat /proc/sys/net/ipv4/ip_forward"
        line = "net.ipv4.ip_forward: 0 set to 1\n"
        assert in_a_namespace("echo 0 > /proc/sys/net/ipv4/ip_forward; " + script, tmp_path) == line + line + "1\n"

    def test_a_setting_that_is_not_there_is_an_error_unless_it_may_be_absent(self, tmp_path: Path) -> None:
        (tmp_path / "sysctl.conf").write_text("net.ipv4.conf.rail7.rp_filter = 2\n")
        said = in_a_namespace("$SYSCTL $F/sysctl.conf 2>&1 || echo status $?", tmp_path)
        assert said == "This kernel has no setting net.ipv4.conf.rail7.rp_filter.\nstatus 1\n"


@needs_root
def test_marks_are_loaded_once_and_other_tables_stay(tmp_path: Path) -> None:
    if shutil.which("nft") is None:
        pytest.skip("the program nft is not there")
    (tmp_path / "rules").write_text(
        "table inet podwright_mark {}\ndelete table inet podwright_mark\ntable inet podwright_mark {\nchain output {\n"
        'type filter hook output priority mangle; oifname { "rail0" } udp dport 4791 ip dscp set 26\n}\n}\n'
    )
    script = f"""
        load() {{ sh {MARKING} $1 < $F/rules; }}
        nft add table inet others
        load check > /run/checked; load apply > /run/applied; cmp /run/checked /run/applied
        echo "first $(wc -l < /run/applied)"; load apply; load check
        nft flush table inet podwright_mark; load check | grep -c '^+' ; load apply > /dev/null
        nft list tables; nft list table inet podwright_mark | grep -c dscp
    """
    first, *rest = in_a_namespace(script, tmp_path).splitlines()
    assert first != "first 0"
    assert rest[1:] == ["table inet others", "table inet podwright_mark", "1"]


@needs_root
class TestQueues:
    """The queues of a switch of a reference pod's twin, on ports with as many transmit queues as NICs may have."""

    PORTS = """
        load() { sh "$QOS" $1 < $F/given; }
        for port in $(sed -n 's/^qdisc add dev \\([^ ]*\\) root .*/\\1/p' $F/given) idle; do
            number=$((${number:-0} + 1)); ip link add $port numtxqueues 4 type veth peer name peer$number
        done
    """

    @pytest.fixture
    def given(self, tmp_path: Path) -> Path:
        for program in ("nft", "tc"):
            if shutil.which(program) is None:
                pytest.skip(f"the program {program} is not there")
        texts = {
            each.path.rpartition("/")[2]: each.text for each in render(reference.twin("rag-16")) if each.device == LEAF
        }
        (tmp_path / "given").write_text(texts["qos.nft"] + "\n" + texts["qos.tc"])
        return tmp_path

    def test_they_are_loaded_once_and_other_queues_stay(self, given: Path) -> None:
        script = f"""QOS={QOS}; {self.PORTS}
            tc qdisc add dev idle root tbf rate 1mbit burst 16kb latency 50ms
            load check > /run/checked; load apply > /run/applied; cmp /run/checked /run/applied
            grep -c '^+' /run/applied; load apply; load check; echo ==
            tc qdisc show dev idle; tc -d class show dev Ethernet0; nft list tables
        """
        first, state = in_a_namespace(script, given).split("==\n")
        assert int(first) > 100
        assert "qdisc tbf" in state
        assert "class htb 504f:16 parent 504f:1 prio 0 quantum 9014" in state
        assert "class htb 504f:1 root rate 200Gbit ceil 200Gbit" in state
        assert state.endswith("table inet podwright_qos\n")

    def test_drift_is_mended_and_queues_of_ours_go_from_a_port_that_has_none_any_more(self, given: Path) -> None:
        script = f"""QOS={QOS}; {self.PORTS}
            load apply > /dev/null
            tc qdisc add dev idle root handle 504f: htb
            tc class change dev Ethernet0 parent 504f: classid 504f:1 htb rate 20mbit
            load apply; echo ==; load apply; tc qdisc show dev idle
        """
        mended, after = in_a_namespace(script, given).split("==\n")
        lines = [line for line in mended.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        assert [line.split(" linklayer")[0] for line in lines] == [
            "-Ethernet0: class htb 504f:1 root rate 20Mbit ceil 20Mbit",
            "+Ethernet0: class htb 504f:1 root rate 200Gbit ceil 200Gbit",
            "-idle: qdisc htb 504f: root r2q 10 default 0",
        ]
        assert "htb" not in after

    def test_a_kernel_marks_in_one_of_two_ways(self, given: Path) -> None:
        script = f"""QOS={QOS}; {self.PORTS}
            load apply > /dev/null; nft list table inet podwright_qos | grep -c 'limit rate over' || :; tc qdisc show | grep -c red || :
        """
        counted, red = map(int, in_a_namespace(script, given).split())
        assert sorted([counted, red]) == [0, 28]


@pytest.fixture
def sonic(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the program for config_db.json over stand-ins for SONiC's own programs, whose files are in `tmp_path`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("config", "sonic-cfggen"):
        text = (SHIMS / name).read_text().replace("/etc/sonic", str(tmp_path)).replace("/run/shims", str(tmp_path))
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    program = tmp_path / "program"
    program.write_text(CONFIG_DB.read_text().replace("/etc/sonic", str(tmp_path)))
    (tmp_path / "running.json").write_text(json.dumps(FACTORY))

    def run(desired: object, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["python3", str(program), "-", *words],
            input=json.dumps(desired),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        )

    return run


FACTORY = {
    "DEVICE_METADATA": {"localhost": {"hostname": "sonic", "mac": "00:00:5e:00:53:01", "hwsku": "Some-SKU"}},
    "PORT": {"Ethernet0": {"lanes": "0,1", "speed": "100000"}, "Ethernet4": {"lanes": "4,5"}},
    "BGP_NEIGHBOR": {"10.0.0.1": {"asn": "65200", "name": "ARISTA01T2"}},
    "RADIUS_SERVER": {"192.0.2.9": {"passkey": "secret"}},
}
DESIRED = {
    "DEVICE_METADATA": {"localhost": {"hostname": "leaf1", "hwsku": "Some-SKU"}},
    "PORT": {"Ethernet0": {"lanes": "0,1", "speed": "400000"}},
    "LOOPBACK": {"Loopback0": {}},
}


def log(tmp_path: Path) -> list[str]:
    path = tmp_path / "log"
    return path.read_text().splitlines() if path.exists() else []


class TestConfigDb:
    def test_a_check_says_everything_and_does_nothing(self, sonic: Any, tmp_path: Path) -> None:
        done = sonic(DESIRED, "--check")
        assert done.returncode == 0
        assert done.stdout.splitlines() == [
            "BGP_NEIGHBOR|10.0.0.1 removed",
            "DEVICE_METADATA|localhost hostname: sonic set to leaf1",
            "LOOPBACK|Loopback0 added: no fields",
            "PORT|Ethernet0 speed: 100000 set to 400000",
            "PORT|Ethernet4 removed",
        ]
        assert "secret" not in done.stdout
        assert log(tmp_path) == []

    def test_tables_are_replaced_and_the_rest_is_kept(self, sonic: Any, tmp_path: Path) -> None:
        done = sonic(DESIRED)
        assert done.returncode == 0, done.stderr
        running = json.loads((tmp_path / "running.json").read_text())
        assert running["PORT"] == DESIRED["PORT"]
        assert running["RADIUS_SERVER"] == FACTORY["RADIUS_SERVER"]
        assert running["DEVICE_METADATA"]["localhost"]["mac"] == "00:00:5e:00:53:01"
        assert "BGP_NEIGHBOR" not in running, "a maker's examples would make sessions of their own"
        assert [line.split()[1] for line in log(tmp_path)] == ["delete-checkpoint", "checkpoint", "replace", "save"]
        assert stat.S_IMODE((tmp_path / "podwright.json").stat().st_mode) == 0o600

    def test_a_secret_is_never_printed(self, sonic: Any) -> None:
        added = sonic(DESIRED | {"TACPLUS": {"global": {"passkey": "first-key"}}})
        changed = sonic(DESIRED | {"TACPLUS": {"global": {"passkey": "second-key"}}})
        assert "TACPLUS|global added: passkey a secret" in added.stdout
        assert changed.stdout.splitlines() == ["TACPLUS|global passkey: a secret set to a secret"]
        assert "-key" not in added.stdout + added.stderr + changed.stdout + changed.stderr

    def test_a_second_run_does_nothing(self, sonic: Any, tmp_path: Path) -> None:
        sonic(DESIRED)
        commands = log(tmp_path)
        again = sonic(DESIRED)
        assert (again.returncode, again.stdout, log(tmp_path)) == (0, "", commands)

    def test_what_sonic_refuses_is_rolled_back_and_the_way_out_is_named(self, sonic: Any, tmp_path: Path) -> None:
        (tmp_path / "refuse").touch()
        done = sonic(DESIRED)
        assert done.returncode == 1
        assert "The switch is as it was." in done.stderr
        assert "podwright_sonic_method=reload" in done.stderr
        assert json.loads((tmp_path / "running.json").read_text()) == FACTORY
        assert [line.split()[1] for line in log(tmp_path)][-1] == "rollback"

    def test_a_reload_takes_what_a_replace_can_not(self, sonic: Any, tmp_path: Path) -> None:
        (tmp_path / "refuse").touch()
        assert sonic(DESIRED, "--method", "reload").returncode == 0
        assert [line.split()[1] for line in log(tmp_path)] == ["reload", "save"]
        assert sonic(DESIRED).stdout == ""
