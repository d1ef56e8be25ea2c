"""`eos.cfg`: frozen for some switches, and what Arista's generator would not notice.

After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/eos && git diff tests/golden/eos
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from pods_of_eos import NAMES, configurations, pod, switches

from conformance import reference
from podwright.projection.records import ManagementConfig, PortFilter, SwitchConfig
from podwright.targets.eos import render

GOLDEN = Path(reference.__file__).parents[1] / "golden" / "eos"
FROZEN = (
    ("unnumbered", "backend-leaf-u001-r0"),
    ("unnumbered", "backend-spine-001"),
    ("unnumbered", "front-leaf-u001-1"),
    ("unnumbered", "front-spine-001"),
    ("unnumbered", "oob-root-1"),
    ("numbered", "backend-leaf-u001-r0"),
    ("tenants", "backend-leaf-u001-1"),
    ("tenants", "backend-spine-001"),
    ("tenants", "front-leaf-u001-1"),
    ("tenants", "front-spine-001"),
)
MILLISECONDS_A_DEVICE = 10


def spelt(switch: SwitchConfig) -> str:
    (artifact,) = render(replace(pod("unnumbered"), switches=(switch,)))
    return artifact.text


def named(name: str, device: str) -> SwitchConfig:
    return next(each for each in switches(name) if each.name == device)


LEAF = named("unnumbered", "backend-leaf-u001-r0")


@pytest.mark.parametrize(("name", "device"), FROZEN)
def test_frozen(name: str, device: str) -> None:
    path = GOLDEN / name / f"{device}.cfg"
    text = configurations(name)[device]
    if os.environ.get("PODWRIGHT_FREEZE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_switch_that_runs_eos_has_a_file(name: str) -> None:
    assert list(configurations(name)) == [switch.name for switch in switches(name)]
    artifacts = list(render(pod(name)))
    assert [artifact.path for artifact in artifacts] == [f"configs/{switch.name}/eos.cfg" for switch in switches(name)]


@pytest.mark.parametrize("name", NAMES)
def test_only_ascii_and_no_trailing_spaces(name: str) -> None:
    for text in configurations(name).values():
        assert text.isascii()
        assert text.endswith("!\nend\n")
        assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_referred_to_is_there(name: str) -> None:
    for text in configurations(name).values():
        lines = [line.strip() for line in text.splitlines()]
        for use, definition in (
            ("ip access-group", "ip access-list"),
            ("ipv6 access-group", "ipv6 access-list"),
            ("service-profile", "qos profile"),
            ("match ip address prefix-list", "ip prefix-list"),
            ("match ipv6 address prefix-list", "ipv6 prefix-list"),
        ):
            used = {line.removeprefix(f"{use} ").removesuffix(" in") for line in lines if line.startswith(f"{use} ")}
            defined = {line.removeprefix(f"{definition} ") for line in lines if line.startswith(f"{definition} ")}
            assert used <= defined
        maps = {line.split()[1] for line in lines if line.startswith("route-map ")}
        assert {line.split()[3] for line in lines if line.startswith("neighbor ") and " route-map " in line} == maps


def test_a_switch_managed_through_its_vlan_has_one_table() -> None:
    inband = ManagementConfig(interface="Vlan1001", address="10.0.2.1/23", gateway="10.0.3.254", pool="10.0.0.0/20")
    text = spelt(replace(LEAF, management=inband))
    assert "MGMT" not in text
    assert "interface Management1" not in text
    assert "\nip route 0.0.0.0/0 10.0.3.254\n" in text
    assert "\nip name-server vrf default 192.0.2.53\n" in text


def test_management_may_be_ipv6() -> None:
    port = ManagementConfig(interface="Management1", address="fd00::1/64", gateway="fd00::ff", pool="fd00::/64")
    text = spelt(replace(LEAF, management=port))
    assert "   vrf MGMT\n   ipv6 address fd00::1/64\n" in text
    assert "\nipv6 route vrf MGMT ::/0 fd00::ff\n" in text


def test_a_switch_without_a_management_port_says_nothing_of_one() -> None:
    assert "MGMT" not in spelt(replace(LEAF, management=None))


def test_the_watchdog_polls_as_eos_likes_where_the_design_looks_too_seldom() -> None:
    """The default class polls as seldom as it detects; EOS wants two polls in that time."""
    assert LEAF.qos is not None
    assert "polling-interval" not in spelt(LEAF)
    often = replace(LEAF.qos, traffic_class=replace(LEAF.qos.traffic_class, poll_ms=100))
    assert "priority-flow-control pause watchdog default polling-interval 0.1\n" in spelt(replace(LEAF, qos=often))


def test_times_are_rounded_up_to_what_eos_takes() -> None:
    assert LEAF.qos is not None
    odd = replace(LEAF.qos, traffic_class=replace(LEAF.qos.traffic_class, detection_ms=201, restoration_ms=1250))
    text = spelt(replace(LEAF, qos=odd))
    assert "watchdog default timeout 0.21\n" in text
    assert "watchdog default recovery-time 1.25\n" in text


def test_without_a_watchdog_there_is_none() -> None:
    assert LEAF.qos is not None
    unwatched = replace(LEAF.qos, traffic_class=replace(LEAF.qos.traffic_class, watchdog="none"))
    text = spelt(replace(LEAF, qos=unwatched))
    assert "watchdog" not in text
    assert "guaranteed" not in text


def test_another_chip_has_queues_and_no_profile_of_buffers() -> None:
    assert LEAF.qos is not None
    text = spelt(replace(LEAF, qos=replace(LEAF.qos, asic="jericho-2", headroom_bytes=0)))
    assert "platform trident" not in text
    assert "uc-tx-queue" not in text
    assert "qos map traffic-class 3 to tx-queue 3\n" in text


def test_a_switch_without_the_class_has_no_qos() -> None:
    text = spelt(replace(LEAF, qos=None, load_balancing="hash"))
    for word in ("qos", "priority-flow-control", "service-profile", "trident", "load-balance"):
        assert word not in text


def test_headroom_is_that_of_the_port_that_needs_most() -> None:
    assert LEAF.qos is not None
    assert len({each.xoff_bytes for each in LEAF.qos.buffers}) > 1
    most = max(each.xoff_bytes for each in LEAF.qos.buffers)
    assert f"    ingress headroom {most}\n" in spelt(LEAF)


def test_a_filter_without_rules_drops_everything() -> None:
    """EOS ends every list with a refusal, an empty one too."""
    closed = PortFilter(name="closed", interfaces=("Ethernet1/1",), linux=("Ethernet1_1",), rules=())
    text = spelt(replace(LEAF, filters=(closed,)))
    assert "ip access-list ZONE-CLOSED\n" in text
    assert "   ip access-group ZONE-CLOSED in\n" in text


def test_remarks_are_no_longer_than_eos_takes() -> None:
    rule = LEAF.filters[0].rules[0]
    long = replace(LEAF.filters[0], rules=(replace(rule, note="x" * 200),))
    remarks = [line for line in spelt(replace(LEAF, filters=(long,))).splitlines() if " remark " in line]
    assert [len(line.partition("remark ")[2]) for line in remarks] == [100]


def test_vlans_that_eos_takes_for_itself_are_no_tenants() -> None:
    """A routed port and a tenant's VNI take one each; the largest tenant's are 2980 to 2999 and 3149."""
    texts = configurations("tenants")
    for switch in switches("tenants"):
        said = "vlan internal order ascending range 3150 4094\n" in texts[switch.name]
        assert said == (switch.overlay is not None)


def test_only_switches_that_hand_routes_on_keep_their_next_hops() -> None:
    texts = configurations("tenants")
    kept = {name for name, text in texts.items() if "      bgp next-hop-unchanged\n" in text}
    assert kept == {name for name in texts if "-spine-" in name}


def test_a_tenants_bridge_alone_has_a_shared_address() -> None:
    bridged = [name for name, text in configurations("tenants").items() if "address virtual" in text]
    assert bridged == [each.name for each in switches("tenants") if each.overlay and each.overlay.segments]
    assert not [text for text in configurations("unnumbered").values() if "virtual" in text]


def test_rendering_is_fast() -> None:
    """The best of five: other work on the machine is not ours."""
    kite = pod("unnumbered")
    spent = []
    for _ in range(5):
        begun = time.perf_counter()
        count = len(list(render(kite)))
        spent.append((time.perf_counter() - begun) * 1000 / count)
    assert min(spent) < MILLISECONDS_A_DEVICE
