"""What Linux devices get: which files, what frr.conf says, and how addresses, routes and kernel settings are written.

After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/frr && git diff tests/golden/frr
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import load as load_catalog
from podwright.design import CI_NODES, scale
from podwright.pipeline import design_pod
from podwright.projection import project
from podwright.projection.records import (
    BfdTimers,
    HostConfig,
    ManagementConfig,
    Neighbor,
    PodConfig,
    Policy,
    PrefixMatch,
    PrefixSet,
    QueueConfig,
    Statement,
    SwitchConfig,
)
from podwright.targets.frr import render

GOLDEN = Path(reference.__file__).parents[1] / "golden" / "frr"
FROZEN_FULL = ("backend-leaf-u001-r0", "front-leaf-u001-1", "gpu-u001-s01")
SHARED = Path(reference.__file__).parents[1] / "vm" / "pods" / "shared" / "pod.yaml"
FROZEN_SHARED = ("blue-u001-s02", "converged-leaf-u001-1", "converged-spine-001")
FROZEN_TWIN = ("backend-leaf-u001-r0", "backend-spine-001", "front-leaf-u001-1", "gpu-u001-s01", "oob-root-1")

Files = dict[str, str]


def files(pod: PodConfig) -> dict[str, Files]:
    """Device -> name of a file -> its text."""
    found: dict[str, Files] = {}
    for artifact in render(pod):
        assert artifact.path == f"configs/{artifact.device}/{artifact.path.rpartition('/')[2]}"
        found.setdefault(artifact.device, {})[artifact.path.rpartition("/")[2]] = artifact.text
    return found


@lru_cache
def full(name: str) -> dict[str, Files]:
    return files(reference.pod(name))


@lru_cache
def twin(name: str) -> dict[str, Files]:
    return files(reference.twin(name))


@lru_cache
def shared() -> dict[str, Files]:
    """The twin of a pod with tenants, one of them bridged."""
    return files(project(scale(design_pod(SHARED).design, CI_NODES), load_catalog()))


@pytest.mark.parametrize(
    ("kind", "device"), [("full", each) for each in FROZEN_FULL] + [("twin", each) for each in FROZEN_TWIN]
)
def test_golden(kind: str, device: str) -> None:
    compare((full if kind == "full" else twin)("hgx-h100-32")[device], GOLDEN / kind / device)


@pytest.mark.parametrize("device", FROZEN_SHARED)
def test_golden_of_tenants(device: str) -> None:
    compare(shared()[device], GOLDEN / "shared" / device)


def compare(rendered: Files, folder: Path) -> None:
    if os.environ.get("PODWRIGHT_FREEZE"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in rendered.items():
            (folder / name).write_text(text)
    assert {path.name: path.read_text() for path in folder.iterdir()} == rendered


def test_each_system_gets_its_own_files() -> None:
    pod = full("hgx-h100-32")
    assert set(pod["backend-leaf-u001-r0"]) == {"frr.conf"}, "SONiC takes the rest from its database"
    assert "oob-leaf-u001-1" not in pod, "NVUE writes all the files of a Cumulus switch by itself"
    assert "front-edge" not in pod, "a router outside is somebody else's"
    assert set(twin("hgx-h100-32")["front-edge"]) == {"network.json", "sysctl.conf", "lldpd.conf", "frr.conf"}
    links = {f"10-podwright-{port}.link" for port in (*(f"rail{n}" for n in range(8)), "front0", "front1", "mgmt0")}
    assert set(pod["gpu-u001-s01"]) == links | {
        "10-podwright.network",
        "chrony.sources",
        "resolved.conf",
        "network.json",
        "sysctl.conf",
        "lldpd.conf",
        "frr.conf",
        "marking.nft",
        "zones.nft",
        "sshd.conf",
    }


def test_the_twin_names_no_hardware() -> None:
    """Its interfaces come with their names: no udev runs in a node."""
    assert not [name for each in twin("hgx-h100-32").values() for name in each if name.startswith("10-")]


def test_a_device_that_is_neither_linux_nor_sonic_gets_nothing() -> None:
    pod = reference.twin("starter-4")
    foreign = replace(pod, switches=tuple(replace(switch, nos="eos") for switch in pod.switches))
    assert set(files(foreign)) == {host.name for host in pod.hosts}


def test_sonic_feeds_its_asic_and_keeps_its_names() -> None:
    """Without `fpm address` a SONiC switch would route in its kernel, and not in hardware."""
    full_text = full("hgx-h100-32")["backend-leaf-u001-r0"]["frr.conf"]
    twin_text = twin("hgx-h100-32")["backend-leaf-u001-r0"]["frr.conf"]
    assert "\nfpm address 127.0.0.1\n" in full_text
    assert "fpm" not in twin_text
    assert "neighbor Ethernet504 interface remote-as 4221000000" in full_text


def test_only_servers_forbid_forwarding() -> None:
    pod = twin("hgx-h100-32")
    server = next(host.name for host in reference.twin("hgx-h100-32").hosts if not host.cluster_node)
    assert "\nno ip forwarding\nno ipv6 forwarding\n" in pod[server]["frr.conf"]
    assert "forwarding" not in pod["front-spine-001"]["frr.conf"]
    assert "net.ipv4.ip_forward = 0" in pod[server]["sysctl.conf"]
    assert "net.ipv4.ip_forward = 1" in pod["front-spine-001"]["sysctl.conf"]
    assert "net.ipv4.ip_forward = 0" in pod["oob-leaf-u001-1"]["sysctl.conf"]
    assert "net.ipv4.ip_forward = 1" in pod["oob-root-1"]["sysctl.conf"]


@pytest.mark.parametrize("group", ["gpu", "control"])
def test_nodes_of_a_cluster_forward_as_its_network_plugin_has_it(group: str) -> None:
    """kubeadm and network plugins set it, and a value of ours would cut the pods off."""
    node = twin("hgx-h100-32")[next(host.name for host in reference.twin("hgx-h100-32").hosts if host.group == group)]
    assert "forward" not in node["frr.conf"]
    assert not [line for line in node["sysctl.conf"].splitlines() if "forward" in line]


@pytest.mark.parametrize("name", reference.NAMES)
def test_every_session_has_a_policy_in_both_directions(name: str) -> None:
    """`bgp ebgp-requires-policy` stays on; what a neighbour without policy says would be refused."""
    for device, rendered in {**full(name), **twin(name)}.items():
        words = [line.split() for line in rendered.get("frr.conf", "").splitlines()]
        activated = [each[1] for each in words if each[:1] == ["neighbor"] and each[2:] == ["activate"]]
        for direction in ("in", "out"):
            guarded = [each[1] for each in words if each[2:3] == ["route-map"] and each[4:] == [direction]]
            assert guarded == activated, device


def speaker(**changes: Any) -> str:
    """The frr.conf of a switch whose BGP has `changes`."""
    switch = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "front-spine-001")
    assert switch.bgp is not None
    return alone(replace(switch, bgp=replace(switch.bgp, **changes)))["frr.conf"]


def alone(device: SwitchConfig | HostConfig) -> Files:
    """The files of a device that is a pod of its own."""
    pod = replace(reference.twin("hgx-h100-32"), switches=(), hosts=(), outsides=())
    is_host = isinstance(device, HostConfig)
    return files(replace(pod, hosts=(device,)) if is_host else replace(pod, switches=(device,)))[device.name]


def test_an_empty_set_matches_nothing() -> None:
    """A prefix list without lines does not exist for FRR: it has to deny in writing."""
    sets = (PrefixSet(name="NONE", family=4, entries=()), PrefixSet(name="NONE-6", family=6, entries=()))
    text = speaker(prefix_sets=sets)
    assert "\nip prefix-list NONE seq 5 deny any\nipv6 prefix-list NONE-6 seq 5 deny any\n" in text


@pytest.mark.parametrize(
    ("match", "line"),
    [
        (PrefixMatch(prefix="10.0.0.0/8"), "permit 10.0.0.0/8"),
        (PrefixMatch(prefix="10.0.0.0/8", max_length=32), "permit 10.0.0.0/8 le 32"),
        (PrefixMatch(prefix="10.0.0.0/8", min_length=16, max_length=24), "permit 10.0.0.0/8 ge 16 le 24"),
        (PrefixMatch(prefix="10.1.2.3/32", max_length=32), "permit 10.1.2.3/32"),
        (PrefixMatch(prefix="10.0.0.0/8", min_length=8, max_length=8), "permit 10.0.0.0/8"),
    ],
)
def test_lengths_are_written_where_they_go_beyond_the_prefix(match: PrefixMatch, line: str) -> None:
    """FRR refuses a `le` that is the prefix's own length, and leaves it out of what it shows."""
    text = speaker(prefix_sets=(PrefixSet(name="SET", family=4, entries=(match,)),))
    assert f"ip prefix-list SET seq 5 {line}\n" in text


def test_prefixes_of_two_families_are_two_entries() -> None:
    """FRR ANDs the matches of one entry: a route of either family would match neither."""
    statements = (
        Statement(action="deny", community="SEEN"),
        Statement(action="permit", prefix_set="A", prefix_set6="A-6", add_community="SEEN"),
    )
    text = speaker(communities=(("SEEN", "64900:1"),), policies=(Policy(name="P", statements=statements),), bfd=())
    assert text.endswith(
        """bgp community-list standard SEEN seq 5 permit 64900:1
!
route-map P deny 10
 match community SEEN
exit
!
route-map P permit 20
 match ip address prefix-list A
 set community 64900:1 additive
exit
!
route-map P permit 30
 match ipv6 address prefix-list A-6
 set community 64900:1 additive
exit
!
end
"""
    )


def test_timers_that_are_frr_s_own_are_not_written() -> None:
    """FRR leaves a default out of what runs: written, it would be a difference for ever."""
    usual = speaker(bfd=(BfdTimers(name="front", interval_ms=300, multiplier=3),))
    assert "bfd\n profile front\n exit\n" in usual
    changed = speaker(bfd=(BfdTimers(name="front", interval_ms=100, multiplier=5),))
    assert "  detect-multiplier 5\n  transmit-interval 100\n  receive-interval 100\n" in changed


def neighbor(**changes: Any) -> Neighbor:
    spine = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "front-spine-001")
    assert spine.bgp is not None
    return replace(spine.bgp.neighbors[0], **changes)


def test_without_bfd_there_is_no_word_of_it() -> None:
    assert "bfd" not in speaker(neighbors=(neighbor(bfd=""),), bfd=())


def test_a_numbered_neighbour_has_a_session_for_each_family() -> None:
    text = speaker(neighbors=(neighbor(address="192.0.2.0", address6="2001:db8::"),), ipv6=True)
    four, six = text.split("address-family ipv6 unicast")
    assert "neighbor 192.0.2.0 remote-as" in four
    assert "neighbor 192.0.2.0 activate" in four
    assert "neighbor 2001:db8:: activate" not in four
    assert "neighbor 2001:db8:: activate" in six
    assert "neighbor 192.0.2.0" not in six


def test_an_aggregate_is_discarded_and_announced() -> None:
    text = speaker(aggregates=("10.0.0.0/24", "2001:db8::/48"), ipv6=True)
    assert "\nip route 10.0.0.0/24 blackhole\n" in text
    assert "\nipv6 route 2001:db8::/48 blackhole\n" in text
    four, six = text.split("address-family ipv6 unicast")
    assert "  network 10.0.0.0/24\n" in four
    assert "  network 2001:db8::/48\n" in six


def host() -> HostConfig:
    return next(each for each in reference.twin("hgx-h100-32").hosts if each.name == "gpu-u001-s01")


def network(device: SwitchConfig | HostConfig) -> Any:
    return json.loads(alone(device)["network.json"])


def test_the_way_to_management_is_the_pool_and_never_the_default() -> None:
    for device, rendered in twin("hgx-h100-32").items():
        for route in json.loads(rendered["network.json"])["routes"]:
            assert route["prefix"] not in ("0.0.0.0/0", "::/0"), device
    leaf = json.loads(twin("hgx-h100-32")["front-leaf-u001-1"]["network.json"])
    assert leaf["routes"] == [
        {"table": 254, "prefix": "10.0.0.0/20", "via": "10.0.3.254", "interface": "eth0", "source": ""}
    ]


def test_a_management_address_on_a_bridge_is_not_a_second_interface() -> None:
    leaf = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "oob-leaf-u001-1")
    bridges = [each for each in network(leaf)["interfaces"] if each["name"] == "Vlan1001"]
    assert [each["addresses"] for each in bridges] == [["10.0.2.97/23"]]


def test_ports_of_a_bridge_stand_before_it_with_its_mtu() -> None:
    leaf = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "oob-leaf-u001-1")
    interfaces = network(leaf)["interfaces"]
    bridge = interfaces[-1]
    assert bridge["kind"] == "bridge"
    assert [each["name"] for each in interfaces[:-1]] == bridge["members"]
    assert {each["mtu"] for each in interfaces} == {1500}


def test_a_nic_that_a_cluster_addresses_is_left_to_it() -> None:
    given = host()
    rail = replace(given.interfaces[0], configured=False)
    text = alone(replace(given, interfaces=(rail, *given.interfaces[1:])))
    found = json.loads(text["network.json"])["interfaces"]
    assert [(each["addresses"], each["present"]) for each in found if each["name"] == "rail0"] == [([], False)]
    assert "rail0" not in text["sysctl.conf"]


def test_a_rail_answers_for_its_own_address_only() -> None:
    text = alone(host())["sysctl.conf"]
    for line in ("rp_filter = 2", "arp_ignore = 1", "arp_announce = 2"):
        assert f"-net.ipv4.conf.rail3.{line}\n" in text
    assert "mgmt0" not in text
    assert "front0.arp_ignore" not in text


def test_marks_are_of_the_class_and_its_interfaces() -> None:
    text = alone(host())["marking.nft"]
    assert 'udp dport 4791 ip dscp set 26 comment "rocev2"' in text
    assert 'udp dport 4791 ip6 dscp set 26 comment "rocev2"' in text
    assert '"mgmt0"' not in text
    assert "flush" not in text, "other people's rules are not ours to take away"


def leaf(**changes: Any) -> Files:
    """The files of a lossless leaf whose QoS has `changes`."""
    switch = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "backend-leaf-u001-r0")
    assert switch.qos is not None
    return alone(replace(switch, qos=replace(switch.qos, **changes)))


def test_a_lossless_switch_sorts_by_dscp_and_serves_notifications_first() -> None:
    rendered = leaf()
    for family in ("ip", "ip6"):
        assert (
            f"meta priority set {family} dscp map {{ 26 : 504f:13, 48 : 504f:16, 56 : 504f:16 }}" in rendered["qos.nft"]
        )
    of_port = [line for line in rendered["qos.tc"].splitlines() if " Ethernet0 " in line]
    assert [line.partition("prio ")[2][:1] for line in of_port if "504f:1 classid" in line] == ["1", "1", "0"]
    assert "flush" not in rendered["qos.nft"], "other people's rules are not ours to take away"


def test_queues_share_a_port_by_weight() -> None:
    queues = (
        QueueConfig(number=0, use="default", strict=False, weight=20),
        QueueConfig(number=3, use="lossless", strict=False, weight=80),
        QueueConfig(number=6, use="notifications", strict=True, weight=0),
    )
    words = [line.split() for line in leaf(queues=queues)["qos.tc"].splitlines() if " Ethernet0 " in line]
    quanta = {line[7]: int(line[-1]) for line in words if line[5:7] == ["504f:1", "classid"]}
    assert quanta["504f:13"] == 4 * quanta["504f:10"]
    assert min(quanta.values()) >= 9014, "a queue that may not send a full packet at once is served out of turn"


def test_a_limit_is_what_nft_can_count_and_lets_one_packet_pass() -> None:
    """The kernel refuses a rate and burst whose sum has more than 64 bits in 1e-9 bytes a second."""
    switch = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "backend-leaf-u001-r0")
    assert switch.qos is not None
    small = tuple(replace(profile, min_bytes=1) for profile in switch.qos.ecn)
    limits = [line for line in leaf(ecn=small)["qos.nft"].splitlines() if "limit rate over" in line]
    assert len(limits) == len(switch.qos.ports)
    assert all("limit rate over 17000 mbytes/second burst 9014 bytes jump congested" in line for line in limits)
    assert (17000 * 2**20 + 2**21) * 10**9 < 2**64


def test_a_switch_without_the_class_has_no_queues() -> None:
    assert "qos.tc" in twin("hgx-h100-32")["backend-spine-001"]
    assert not {"qos.nft", "qos.tc"} & set(twin("hgx-h100-32")["front-spine-001"])


def test_a_rail_only_server_runs_no_daemon() -> None:
    given = replace(host(), bgp=None)
    assert "frr.conf" not in alone(given)
    assert json.loads(alone(given)["network.json"])["rules"][0] == {"source": "10.128.2.1/32", "table": 100}


def test_management_without_a_port_of_its_own_is_one_more_interface() -> None:
    spine = next(each for each in reference.twin("hgx-h100-32").switches if each.name == "front-spine-001")
    management = ManagementConfig(interface="eth0", address="10.9.0.2/24", gateway="", pool="")
    found = network(replace(spine, management=management))
    assert found["interfaces"][-1]["name"] == "eth0"
    assert found["interfaces"][-1]["addresses"] == ["10.9.0.2/24"]
    assert found["routes"] == []


def test_equal_pods_give_equal_bytes() -> None:
    pod = reference.twin("rag-16")
    assert list(render(pod)) == list(render(pod))


def test_a_speaker_that_originates_nothing_is_written_too() -> None:
    assert "  network" not in speaker(networks=(), aggregates=())
