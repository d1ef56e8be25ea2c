"""Labs of namespaces, for real: they carry packets, and leave nothing whatever ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from podwright.errors import LabError
from podwright.lab import cabling, labs, registry
from podwright.lab.driver import Fabric
from podwright.lab.process import await_end
from podwright.lab.registry import Lab
from podwright.lab.topology import Link, read

from .conftest import Writer, inhabitants, pid_namespaces

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("root_lab")]


def surroundings() -> tuple[str, str, str]:
    """What a lab might leave on the machine: interfaces, named namespaces, mounts."""
    commands = (["ip", "-o", "-br", "link"], ["ip", "netns", "list"])
    links, spaces = (subprocess.run(argv, capture_output=True, text=True, check=True).stdout for argv in commands)
    return links, spaces, Path("/proc/self/mounts").read_text()


def everything_of(lab: Lab) -> set[str]:
    return pid_namespaces([node.pid for node in lab.nodes.values()])


def shell(fabric: Fabric, node: str, script: str) -> str:
    done = fabric.run(node, ["sh", "-c", script])
    assert done.status == 0, done.stderr
    return done.stdout


def address_the_pair(fabric: Fabric) -> None:
    shell(fabric, "leaf1", "ip addr add 10.0.0.0/31 dev Ethernet0; ip addr add 10.0.0.2/31 dev Ethernet4")
    shell(fabric, "gpu1", "ip addr add 10.0.0.1/31 dev rail0; ip route add 10.0.0.0/24 via 10.0.0.0")
    shell(fabric, "gpu2", "ip addr add 10.0.0.3/31 dev rail0; ip route add 10.0.0.0/24 via 10.0.0.2")


def test_nodes_come_up_bare_with_interfaces_mtu_macs_and_sysctls(pair: Path) -> None:
    steps = []
    lab = labs.up(pair, progress=lambda *step: steps.append(step))
    assert steps[-1] == ("links", 2, 2)
    assert ("nodes", 3, 3) in steps
    fabric = labs.fabric("atlas")
    for link in lab.topology.links:
        for end in link.ends:
            seen = shell(fabric, end.node, f"ip link show {end.interface}")
            assert "LOWER_UP" in seen
            assert "mtu 9000" in seen
            assert cabling.mac_of(end) in seen
    assert shell(fabric, "gpu1", "hostname; cat /etc/hostname /proc/sys/net/ipv4/ip_forward") == "gpu1\ngpu1\n1\n"
    assert "inet 127.0.0.1" in shell(fabric, "gpu1", "ip -4 addr show lo")


def test_a_node_writes_only_to_itself(pair: Path) -> None:
    labs.up(pair)
    fabric = labs.fabric("atlas")
    places = [
        "/etc/podwright-trace",
        "/run/podwright-trace",
        "/tmp/podwright-trace",
        "/var/log/podwright-trace",
        "/root/podwright-trace",
    ]
    for place in places:
        shell(fabric, "gpu1", f"echo mine > {place}")
        assert fabric.run("gpu2", ["cat", place]).status != 0
        assert not Path(place).exists()


def test_down_leaves_nothing_even_of_daemons_that_detached_themselves(pair: Path) -> None:
    before = surroundings()
    lab = labs.up(pair)
    spaces = everything_of(lab)
    shell(labs.fabric("atlas"), "gpu1", "setsid --fork sleep 1000 > /dev/null 2>&1 < /dev/null")
    assert len(inhabitants(spaces)) > len(lab.nodes)
    labs.down("atlas")
    assert inhabitants(spaces) == []
    assert surroundings() == before
    assert not registry.folder_of("atlas").exists()


def test_a_node_reaps_its_orphans(pair: Path) -> None:
    labs.up(pair)
    fabric = labs.fabric("atlas")
    shell(fabric, "gpu1", "setsid --fork sleep 0.05 > /dev/null 2>&1 < /dev/null")
    time.sleep(0.3)
    assert " Z " not in shell(fabric, "gpu1", "ps -eo pid,stat,comm | sed 's/[[:space:]]\\+/ /g'")


def test_when_the_keeper_is_killed_every_node_dies_and_up_sweeps(pair: Path) -> None:
    before = surroundings()
    lab = labs.up(pair)
    spaces = everything_of(lab)
    assert lab.keeper is not None
    os.kill(lab.keeper.pid, signal.SIGKILL)
    assert await_end(list(lab.nodes.values()), 2.0)
    assert soon_empty(spaces)
    assert surroundings() == before
    assert [listed.running for listed in labs.listing()] == [False]
    with pytest.raises(LabError, match="has died"):
        labs.fabric("atlas")
    assert labs.up(pair).keeper != lab.keeper


def test_a_second_up_of_a_running_lab_is_refused_with_the_remedy(pair: Path) -> None:
    labs.up(pair)
    with pytest.raises(LabError, match="runs already") as caught:
        labs.up(pair)
    assert "podwright lab down atlas" in caught.value.fix


def test_labs_side_by_side_share_names_and_addresses_but_no_packet(pair: Path) -> None:
    labs.up(pair, name="first")
    labs.up(pair, name="second")
    first, second = labs.fabric("first"), labs.fabric("second")
    address_the_pair(first)
    shell(second, "gpu1", "ip addr add 10.0.0.1/31 dev rail0; ip route add default via 10.0.0.0")
    assert first.run("gpu1", ["ping", "-c1", "-W2", "10.0.0.3"]).status == 0
    assert second.run("gpu1", ["ping", "-c1", "-W1", "10.0.0.3"]).status != 0
    labs.down("second")
    assert first.run("gpu1", ["ping", "-c1", "-W2", "10.0.0.3"]).status == 0


def test_the_full_mtu_passes_and_one_octet_more_does_not(pair: Path) -> None:
    labs.up(pair)
    fabric = labs.fabric("atlas")
    address_the_pair(fabric)
    headers = 20 + 8
    ping = ["ping", "-c1", "-W2", "-M", "do", "10.0.0.3", "-s"]
    assert fabric.run("gpu1", [*ping, str(9000 - headers)]).status == 0
    assert fabric.run("gpu1", [*ping, str(9001 - headers)]).status != 0


def test_a_cut_takes_the_carrier_from_a_server_and_leaves_its_routes(pair: Path) -> None:
    lab = labs.up(pair)
    fabric = labs.fabric("atlas")
    address_the_pair(fabric)
    cable = lab.topology.links[0]
    fabric.cut(cable)
    wait_for(fabric, "gpu1", "ip link show rail0", "NO-CARRIER")
    assert "via 10.0.0.0 dev rail0" in shell(fabric, "gpu1", "ip route")
    fabric.mend(cable)
    wait_for(fabric, "gpu1", "ip link show rail0", "LOWER_UP")
    assert fabric.run("gpu1", ["ping", "-c1", "-W2", "10.0.0.3"]).status == 0


def test_a_stopped_switch_is_dark_on_every_side_until_started(pair: Path) -> None:
    labs.up(pair)
    fabric = labs.fabric("atlas")
    fabric.stop("leaf1")
    for server in ("gpu1", "gpu2"):
        wait_for(fabric, server, "ip link show rail0", "NO-CARRIER")
    fabric.start("leaf1")
    for server in ("gpu1", "gpu2"):
        wait_for(fabric, server, "ip link show rail0", "LOWER_UP")


def test_swapped_cables_end_at_each_others_far_ends(pair: Path) -> None:
    lab = labs.up(pair)
    fabric = labs.fabric("atlas")
    first, second = lab.topology.links
    crossed = fabric.swap(first, second)
    assert crossed == (Link(first.a, second.b, 9000), Link(second.a, first.b, 9000))
    shell(fabric, "gpu1", "ip addr add 10.9.0.1/31 dev rail0")
    shell(fabric, "leaf1", "ip addr add 10.9.0.0/31 dev Ethernet4")
    assert fabric.run("gpu1", ["ping", "-c1", "-W2", "10.9.0.0"]).status == 0
    assert fabric.swap(*crossed) == (first, second)


def test_a_command_that_hangs_is_killed(pair: Path) -> None:
    labs.up(pair)
    fabric = labs.fabric("atlas")
    with pytest.raises(LabError, match=r"did not end within 0\.3 seconds"):
        fabric.run("gpu1", ["sleep", "77.7"], timeout=0.3)
    assert "sleep 77.7" not in shell(fabric, "gpu1", "ps -eo args")


def test_a_node_that_does_not_exist_is_named(pair: Path) -> None:
    labs.up(pair)
    with pytest.raises(LabError, match="has no node 'gpu9'"):
        labs.fabric("atlas").run("gpu9", ["true"])


def test_a_sysctl_that_the_kernel_lacks_fails_the_lab_by_name_and_leaves_nothing(pair: Path) -> None:
    before = surroundings()
    pair.write_text(pair.read_text().replace("net.ipv4.ip_forward", "net.ipv4.no_such_setting"))
    with pytest.raises(LabError, match="/proc/sys/net/ipv4/no_such_setting can't be set to 1"):
        labs.up(pair)
    assert surroundings() == before
    assert labs.listing() == ()


@pytest.mark.parametrize("moment", ["nodes", "links"])
def test_ctrl_c_during_up_cleans_up(root_lab: Path, write_topology: Writer, moment: str) -> None:
    nodes = {f"gpu{number}": "server" for number in range(12)}
    path = write_topology(nodes, [f"gpu{number}:rail0 gpu{number + 1}:rail1" for number in range(11)])
    before = surroundings()

    def interrupt(phase: str, _done: int, _total: int) -> None:
        if phase == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        labs.up(path, progress=interrupt)
    assert keepers_of(root_lab) == []
    assert surroundings() == before
    assert labs.listing() == ()


def test_a_real_interrupt_of_the_whole_foreground_ends_the_lab(root_lab: Path, pair: Path) -> None:
    script = "; ".join(
        [
            "import pathlib, signal, sys, time",
            "signal.signal(signal.SIGINT, signal.default_int_handler)",
            "from podwright.lab import labs",
            "labs.up(pathlib.Path(sys.argv[1]), progress=lambda *_: (print('up', flush=True), time.sleep(0.2)))",
        ]
    )
    command = [sys.executable, "-c", script, str(pair)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        os.killpg(process.pid, signal.SIGINT)
    assert keepers_of(root_lab) == []
    assert labs.listing() == ()


def test_the_lab_ends_where_the_process_that_orders_it_is_killed(root_lab: Path, pair: Path) -> None:
    script = "; ".join(
        [
            "import os, pathlib, sys",
            "from podwright.lab import labs",
            "labs.up(pathlib.Path(sys.argv[1]), progress=lambda *_: os.kill(os.getpid(), 9))",
        ]
    )
    subprocess.run([sys.executable, "-c", script, str(pair)], check=False)
    deadline = time.monotonic() + 5
    while keepers_of(root_lab) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert keepers_of(root_lab) == []


def test_labs_can_be_built_from_a_thread(pair: Path) -> None:
    built: list[Lab] = []
    thread = threading.Thread(target=lambda: built.append(labs.up(pair)))
    thread.start()
    thread.join()
    assert labs.fabric("atlas").run("gpu1", ["true"]).status == 0
    assert built[0].mode == "root"


@pytest.fixture
def routed(write_topology: Writer) -> Iterator[Fabric]:
    """Two leaves and a spine that speak BGP over unnumbered links, with daemons started by hand."""
    path = write_topology(
        {"leaf1": "leaf", "leaf2": "leaf", "spine1": "spine"},
        ["leaf1:Ethernet4 spine1:Ethernet0", "leaf2:Ethernet4 spine1:Ethernet4"],
    )
    labs.up(path)
    fabric = labs.fabric("atlas")
    for number, (node, ports) in enumerate(
        {"leaf1": ["Ethernet4"], "leaf2": ["Ethernet4"], "spine1": ["Ethernet0", "Ethernet4"]}.items(), 1
    ):
        start_bgp(fabric, node, number, ports)
    yield fabric
    labs.down("atlas")


def test_frr_in_the_nodes_converges_over_unnumbered_links(routed: Fabric) -> None:
    wait_for(routed, "leaf1", "ip route", "10.255.0.2", seconds=20.0)
    wait_for(routed, "leaf2", "ip route", "10.255.0.1", seconds=20.0)
    assert routed.run("leaf1", ["ping", "-c1", "-W2", "-I", "10.255.0.1", "10.255.0.2"]).status == 0


def start_bgp(fabric: Fabric, node: str, number: int, ports: list[str]) -> None:
    neighbours = "\n".join(f" neighbor {port} interface remote-as external" for port in ports)
    configuration = f"""\
frr defaults datacenter
hostname {node}
interface lo
 ip address 10.255.0.{number}/32
router bgp {65000 + number}
 bgp router-id 10.255.0.{number}
 no bgp ebgp-requires-policy
{neighbours}
 address-family ipv4 unicast
  network 10.255.0.{number}/32
"""
    done = fabric.run(node, ["tee", "/etc/frr/frr.conf"], stdin=configuration)
    assert done.status == 0, done.stderr
    daemons = "zebra bgpd staticd"
    shell(fabric, node, f"chown frr:frr /etc/frr/frr.conf; for d in {daemons}; do /usr/lib/frr/$d -d; done; vtysh -b")


def wait_for(fabric: Fabric, node: str, command: str, words: str, seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while words not in (seen := shell(fabric, node, command)):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)


def soon_empty(namespaces: set[str]) -> bool:
    """Whether nobody lives there any more; what the kernel has killed needs a moment to be reaped."""
    deadline = time.monotonic() + 3
    while inhabitants(namespaces):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def keepers_of(state: Path) -> list[int]:
    """Keepers and first processes of nodes that were started with this state folder."""
    mark = f"PODWRIGHT_STATE={state}".encode()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and mark in _environment(entry)
    ]


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def test_a_topology_is_read_before_anything_is_started(pair: Path) -> None:
    pair.write_text(pair.read_text() + "settings: {}\n")
    with pytest.raises(LabError, match="'settings' of the file is not supported"):
        labs.up(pair)
    with pytest.raises(LabError):
        read(pair)
