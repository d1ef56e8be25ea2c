"""`nvue.yaml`: made of objects that NVUE has, whole in itself, and frozen for four switches.

The reference pods run SONiC but for their out-of-band networks, so they are tried with Cumulus Linux on every switch too.
After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/nvue && git diff tests/golden/nvue
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import load as load_catalog
from podwright.design import design
from podwright.model.blueprint import Blueprint
from podwright.model.design import Login, Monitoring
from podwright.projection import project
from podwright.projection.records import PodConfig, SwitchConfig
from podwright.targets.nvue import render
from podwright.targets.nvue.spelling import spelt

CONFORMANCE = Path(reference.__file__).parent / "nvue"
GOLDEN = Path(reference.__file__).parents[1] / "golden" / "nvue"
FROZEN = ("backend-leaf-u001-r0", "front-leaf-u001-1", "oob-leaf-u001-1", "oob-root-1")

Tree = dict[str, Any]


def document(name: str) -> dict[str, Any]:
    """A reference blueprint with Cumulus Linux on every switch."""
    written: dict[str, Any] = yaml.safe_load((reference.BLUEPRINTS / name / "pod.yaml").read_text())
    for fabric in written["fabrics"].values():
        for tier in {"leaf", "spine"} & fabric.keys():
            fabric[tier]["nos"] = "cumulus"
    return written


@lru_cache
def pod(name: str) -> PodConfig:
    catalog = load_catalog()
    return project(design(msgspec.convert(document(name), Blueprint), catalog).design, catalog)


def plain(value: Any) -> Any:
    """As NVUE's own interface has it: every key is text."""
    if isinstance(value, dict):
        return {str(key): plain(branch) for key, branch in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def documents(pod: PodConfig) -> dict[str, Any]:
    return {each.device: plain(yaml.load(each.text, yaml.CSafeLoader)) for each in render(pod)}


@lru_cache
def rendered(name: str) -> dict[str, Any]:
    """The documents of a pod, shared by the tests: one that changes a document copies it first."""
    return documents(pod(name))


def tree(name: str, device: str) -> Tree:
    return dict(rendered(name)[device][0]["set"])


def of(switch: SwitchConfig) -> Tree:
    """What one switch, alone in a pod, is told."""
    return dict(documents(replace(pod("starter-4"), switches=(switch,)))[switch.name][0]["set"])


def switch_named(name: str, device: str) -> SwitchConfig:
    return next(each for each in pod(name).switches if each.name == device)


@pytest.fixture(scope="module")
def judge() -> Draft202012Validator:
    schema = yaml.safe_load((CONFORMANCE / "objects.yaml").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", reference.NAMES)
def test_every_switch_is_told_in_objects_that_nvue_has(judge: Draft202012Validator, name: str) -> None:
    given, everywhere = documents(reference.pod(name)), rendered(name)
    assert list(given) == [each.name for each in reference.pod(name).switches if each.nos == "cumulus"]
    assert list(everywhere) == [each.name for each in pod(name).switches]
    problems = [
        f"{device}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for found in (given, everywhere)
        for device, told in found.items()
        for error in judge.iter_errors(told)
    ]
    assert problems == []


@pytest.mark.parametrize("name", reference.NAMES)
def test_what_is_named_is_there(name: str) -> None:
    for device, told in rendered(name).items():
        assert list(missing(told[0]["set"])) == [], device


def missing(told: Tree) -> Iterator[str]:
    """Names that one part of a configuration uses and no other part explains."""
    interfaces, policy = told["interface"], told.get("router", {}).get("policy", {})
    vlans = told.get("bridge", {}).get("domain", {}).get("br_default", {}).get("vlan", {})
    for port, node in interfaces.items():
        cage = port.rpartition("s")[0]
        if port.startswith("swp") and cage != "" and cage[-1].isdigit():
            count = next(iter(interfaces[cage]["link"]["breakout"]))
            if int(port.rpartition("s")[2]) >= int(count[:-1]):
                yield f"{port}: beyond {count}"
        yield from (f"{port}: list {each}" for each in node.get("acl", {}) if each not in told["acl"])
        for kind, use in node.get("qos", {}).items():
            if kind != "pfc-watchdog" and use["profile"] not in told["qos"][kind]:
                yield f"{port}: profile {use['profile']}"
        access = node.get("bridge", {}).get("domain", {}).get("br_default", {}).get("access")
        if access is not None and str(access) not in vlans:
            yield f"{port}: VLAN {access}"
    for rules in policy.get("route-map", {}).values():
        for rule in rules["rule"].values():
            match = rule.get("match", {})
            yield from (each for each in [match.get("ip-prefix-list")] if each and each not in policy["prefix-list"])
            yield from (each for each in [match.get("community-list")] if each and each not in policy["community-list"])
    for node in told.get("vrf", {}).values():
        for key, session in node["router"].get("bgp", {}).get("neighbor", {}).items():
            if session["type"] == "unnumbered" and key not in interfaces:
                yield f"neighbour {key}"
            for family in session["address-family"].values():
                maps = [each["route-map"] for each in family.get("policy", {}).values()]
                yield from (each for each in maps if each not in policy["route-map"])
    for name, node in interfaces.items():
        vrf = node.get("ip", {}).get("vrf", "mgmt")
        if vrf != "mgmt" and vrf not in told.get("vrf", {}):
            yield f"{name}: VRF {vrf}"


def _unknown_object(told: Tree) -> None:
    told["system"]["hostnam"] = "x"


def _word_of_5_15(told: Tree) -> None:
    told["router"]["bgp"]["state"] = "enabled"


def _trust_of_sonic(told: Tree) -> None:
    told["qos"]["mapping"]["rocev2"]["trust"] = "dscp"


def _priority_that_is_not(told: Tree) -> None:
    told["qos"]["egress-queue-mapping"]["default-global"]["switch-priority"]["8"] = {"traffic-class": 0}


def _speed_that_is_not(told: Tree) -> None:
    told["interface"]["swp1s0"]["link"]["speed"] = "401G"


def _truth_in_place_of_a_word(told: Tree) -> None:
    told["router"]["bgp"]["enable"] = True


def _number_in_place_of_a_word(told: Tree) -> None:
    told["interface"]["swp1"]["link"]["breakout"]["2x"]["lanes-per-port"] = 4


def _interface_that_is_not(told: Tree) -> None:
    told["interface"]["Ethernet0"] = {"type": "swp"}


def _polls_too_often(told: Tree) -> None:
    told["qos"]["pfc-watchdog"]["polling-interval"] = 50


def _prefix_list_of_no_family(told: Tree) -> None:
    del next(iter(told["router"]["policy"]["prefix-list"].values()))["type"]


@pytest.mark.parametrize(
    "damage",
    [
        _unknown_object,
        _word_of_5_15,
        _trust_of_sonic,
        _priority_that_is_not,
        _speed_that_is_not,
        _truth_in_place_of_a_word,
        _number_in_place_of_a_word,
        _interface_that_is_not,
        _polls_too_often,
        _prefix_list_of_no_family,
    ],
)
def test_the_judge_sees_what_nvue_would_refuse(judge: Draft202012Validator, damage: Callable[[Tree], None]) -> None:
    told = deepcopy(rendered("hgx-h100-32")["backend-leaf-u001-r0"])
    assert judge.is_valid(told)
    damage(told[0]["set"])
    assert not judge.is_valid(told)


@pytest.mark.parametrize("device", FROZEN)
def test_golden(device: str) -> None:
    (text,) = (each.text for each in render(pod("hgx-h100-32")) if each.device == device)
    golden = GOLDEN / f"{device}.yaml"
    if os.environ.get("PODWRIGHT_FREEZE"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert golden.read_text() == text


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1)
trees = st.recursive(
    st.dictionaries(words, words | st.integers(0), max_size=3),
    lambda inner: st.dictionaries(words, inner | words | st.integers(0), max_size=3),
)


@given(trees)
def test_what_is_spelt_reads_as_it_was_meant(meant: Tree) -> None:
    (read,) = yaml.safe_load(spelt([{"set": meant}]))
    assert plain(read) == {"set": meant}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_any_secret_can_take_the_place_of_its_marker(secret: str) -> None:
    """On delivery the marker is replaced as text: whatever the secret's characters are, they mean nothing to YAML."""
    text = spelt([{"set": {"password": "<podwright:bgp>", "type": "numbered"}}]).replace("<podwright:bgp>", secret)
    assert yaml.safe_load(text) == [{"set": {"password": secret, "type": "numbered"}}]


class TestInterfaces:
    def test_a_cage_that_is_split_says_into_what_and_its_ports_are_told_alone(self) -> None:
        interfaces = tree("hgx-h100-32", "backend-leaf-u001-r0")["interface"]
        assert interfaces["swp1"] == {"link": {"breakout": {"2x": {"lanes-per-port": "4"}}}, "type": "swp"}
        assert interfaces["swp1s0"]["link"] == {"fec": "rs", "mtu": 9000, "speed": "400G", "state": {"up": {}}}
        assert interfaces["swp1s0"]["ip"] == {"address": {"10.128.2.0/31": {}}}
        assert "breakout" not in interfaces["swp64"]["link"], "a cage that is whole"

    def test_below_25_gigabits_there_is_no_fec_to_choose(self) -> None:
        interfaces = tree("hgx-h100-32", "oob-leaf-u001-1")["interface"]
        assert interfaces["swp1"]["link"] == {"mtu": 1500, "speed": "1G", "state": {"up": {}}}

    def test_only_ports_without_a_switch_of_the_fabric_behind_them_are_edges_of_spanning_tree(self) -> None:
        interfaces = tree("hgx-h100-32", "oob-leaf-u001-1")["interface"]
        edge = {"admin-edge": "on", "bpdu-guard": "on"}
        assert interfaces["swp1"]["bridge"]["domain"]["br_default"] == {"access": 1001, "stp": edge}
        assert interfaces["swp52"]["bridge"]["domain"]["br_default"] == {"access": 1001}

    def test_a_switch_is_managed_in_a_vrf_of_its_own_or_through_its_vlan(self) -> None:
        apart, through = (tree("hgx-h100-32", device) for device in ("backend-leaf-u001-r0", "oob-leaf-u001-1"))
        assert set(apart["interface"]["eth0"]["ip"]) == {"address", "gateway", "vrf"}
        assert set(apart["service"]["dns"]) == set(apart["service"]["ntp"]) == {"mgmt"}
        assert "eth0" not in through["interface"]
        assert through["interface"]["vlan1001"] == {
            "ip": {"address": {"10.0.2.97/23": {}}},
            "type": "svi",
            "vlan": 1001,
        }
        assert set(through["service"]["dns"]) == {"default"}
        static = {"address-family": "ipv4-unicast", "via": {"10.0.3.254": {"type": "ipv4-address"}}}
        assert through["vrf"]["default"]["router"] == {"static": {"0.0.0.0/0": static}}

    def test_adaptive_routing_is_for_links_of_the_fabric_at_speeds_of_the_asic(self) -> None:
        """Reference pods have links of 800G, at which Spectrum-4 has none; were it at 800G, it would be those alone."""
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        assert not any(port.adaptive for port in leaf.ports)
        catalog = load_catalog()
        asics = {**catalog.asics, "spectrum-4": replace(catalog.asics["spectrum-4"], adaptive_routing=(400, 800))}
        able = replace(catalog, asics=asics)
        of_able = project(design(msgspec.convert(document("hgx-h100-32"), Blueprint), able).design, able)
        told = documents(of_able)["backend-leaf-u001-r0"][0]["set"]["interface"]
        balanced = {name for name, node in told.items() if "router" in node}
        assert balanced == {port.name for port in leaf.ports if port.peer_device.startswith("backend-spine")}
        assert told["swp64"]["router"] == {"adaptive-routing": {"enable": "on"}}


class TestRouting:
    def test_communities_are_added_by_the_lines_that_nvue_has_no_word_for(self) -> None:
        told = tree("hgx-h100-32", "backend-leaf-u001-r0")
        assert told["system"]["config"]["snippet"]["frr.conf"].splitlines()[:2] == [
            "route-map FROM-SPINE permit 10",
            "  set community 64900:1 additive",
        ]
        assert set(told["router"]["policy"]["route-map"]["FROM-SPINE"]["rule"]) == {"10", "20"}
        assert not any(
            "set" in rule for each in told["router"]["policy"]["route-map"].values() for rule in each["rule"].values()
        )

    def test_an_unnumbered_session_speaks_every_family_and_a_numbered_one_its_own(self) -> None:
        leaf = switch_named("rag-16", "converged-leaf-u001-1")
        assert leaf.bgp is not None
        some = next(each for each in leaf.bgp.neighbors if not each.address and each.ipv6)
        numbered = replace(some, address="192.0.2.0", address6="2001:db8::", password="bgp")
        told = of(replace(leaf, bgp=replace(leaf.bgp, neighbors=(some, numbered))))
        sessions = told["vrf"]["default"]["router"]["bgp"]["neighbor"]
        assert spoken(sessions[some.interface]) == {"ipv4-unicast", "ipv6-unicast"}
        assert sessions[some.interface]["type"] == "unnumbered"
        assert spoken(sessions["192.0.2.0"]) == {"ipv4-unicast"}
        assert spoken(sessions["2001:db8::"]) == {"ipv6-unicast"}
        assert sessions["192.0.2.0"]["password"] == "<podwright:bgp>"
        assert "password" not in sessions[some.interface]

    def test_aggregates_are_discarded_so_that_they_exist(self) -> None:
        router = tree("starter-4", "pod-leaf-u001-1")["vrf"]["default"]["router"]
        prefix = "10.128.2.0/26"
        assert router["static"][prefix] == {
            "address-family": "ipv4-unicast",
            "via": {"blackhole": {"type": "blackhole"}},
        }
        assert prefix in router["bgp"]["address-family"]["ipv4-unicast"]["network"]

    def test_a_list_without_prefixes_denies_in_writing(self) -> None:
        leaf = switch_named("starter-4", "pod-leaf-u001-1")
        assert leaf.bgp is not None
        first, *rest = leaf.bgp.prefix_sets
        told = of(replace(leaf, bgp=replace(leaf.bgp, prefix_sets=(replace(first, entries=()), *rest))))
        assert told["router"]["policy"]["prefix-list"][first.name]["rule"] == {
            "5": {"action": "deny", "match": {"0.0.0.0/0": {"max-prefix-len": 32}}}
        }

    def test_more_paths_than_nvue_takes_are_as_many_as_it_takes(self) -> None:
        leaf = switch_named("starter-4", "pod-leaf-u001-1")
        assert leaf.bgp is not None
        told = of(replace(leaf, bgp=replace(leaf.bgp, max_paths=512)))
        family = told["vrf"]["default"]["router"]["bgp"]["address-family"]["ipv4-unicast"]
        assert family["multipaths"] == {"ebgp": 128}


def spoken(session: Tree) -> set[str]:
    return {family for family, node in session["address-family"].items() if node["enable"] == "on"}


class TestQos:
    def test_a_port_pauses_so_early_that_its_headroom_is_left(self) -> None:
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        assert leaf.qos is not None
        profiles = tree("hgx-h100-32", leaf.name)["qos"]["pfc"]
        assert len(profiles) == len(leaf.qos.buffers)
        for each, told in zip(leaf.qos.buffers, profiles.values(), strict=True):
            assert told["port-buffer"] - told["xoff-threshold"] == each.xoff_bytes
            assert told["cable-length"] == each.metres
            assert told["switch-priority"] == {"3": {}}
            assert 1 <= told["xon-threshold"] <= told["xoff-threshold"]

    def test_a_measured_distance_to_letting_go_is_taken_as_it_is(self) -> None:
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        assert leaf.qos is not None
        buffers = tuple(replace(each, xon_offset_bytes=4096) for each in leaf.qos.buffers)
        told = of(replace(leaf, qos=replace(leaf.qos, buffers=buffers)))
        assert {each["xon-threshold"] for each in told["qos"]["pfc"].values()} == {4096}

    def test_marks_lead_to_priorities_and_those_to_queues(self) -> None:
        qos = tree("hgx-h100-32", "backend-leaf-u001-r0")["qos"]
        marks = qos["mapping"]["rocev2"]["dscp"]
        assert len(marks) == 64
        assert {mark: marks[mark]["switch-priority"] for mark in ("0", "26", "48")} == {"0": 0, "26": 3, "48": 6}
        queues = qos["egress-queue-mapping"]["default-global"]["switch-priority"]
        assert {queue: node["traffic-class"] for queue, node in queues.items()} == {
            str(each): each for each in range(8)
        }
        assert qos["egress-scheduler"]["rocev2"]["traffic-class"]["6"] == {"mode": "strict"}

    def test_shares_of_bandwidth_and_of_the_buffer_are_wholes(self) -> None:
        qos = tree("hgx-h100-32", "backend-leaf-u001-r0")["qos"]
        weights = [each.get("bw-percent", 0) for each in qos["egress-scheduler"]["rocev2"]["traffic-class"].values()]
        assert sum(weights) == 100
        pools = qos["traffic-pool"]
        assert sum(each["memory-percent"] for each in pools.values()) == 100
        assert sorted(priority for each in pools.values() for priority in each["switch-priority"]) == list("01234567")

    @pytest.mark.parametrize(("exponent", "alpha"), [(-3, "alpha_1_8"), (0, "alpha_1"), (2, "alpha_4")])
    def test_the_share_of_a_port_is_alpha(self, exponent: int, alpha: str) -> None:
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        assert leaf.qos is not None
        traffic = replace(leaf.qos.traffic_class, dynamic_threshold=exponent)
        told = of(replace(leaf, qos=replace(leaf.qos, traffic_class=traffic)))
        region = told["qos"]["advance-buffer-config"]["default-global"]["ingress-lossless-buffer"]
        assert region == {"shared-alpha": alpha}

    @pytest.mark.parametrize(("action", "acts"), [("drop", True), ("forward", True), ("alert", False), ("none", False)])
    def test_the_watchdog_acts_unless_it_shall_only_tell(self, action: str, acts: bool) -> None:
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        assert leaf.qos is not None
        traffic = replace(leaf.qos.traffic_class, watchdog=action, detection_ms=450, poll_ms=200)
        told = of(replace(leaf, qos=replace(leaf.qos, traffic_class=traffic)))
        expected = {"polling-interval": 200, "robustness": 3}
        assert told["qos"].get("pfc-watchdog") == (expected if acts else None)
        assert ("pfc-watchdog" in told["interface"]["swp1s0"]["qos"]) == acts

    def test_a_switch_without_the_class_is_told_nothing_of_it(self) -> None:
        told = tree("hgx-h100-32", "front-leaf-u001-1")
        assert "qos" not in told
        assert not any("qos" in each for each in told["interface"].values())


class TestFilters:
    def test_what_no_rule_permits_is_dropped(self) -> None:
        lists = tree("hgx-h100-32", "front-leaf-u001-1")["acl"]
        for told in lists.values():
            last = told["rule"][max(told["rule"], key=int)]
            assert last == {"action": {"deny": {}}, "match": {"ip": {"dest-ip": "ANY", "source-ip": "ANY"}}}

    def test_lists_are_bound_where_the_zone_is(self) -> None:
        leaf = switch_named("hgx-h100-32", "front-leaf-u001-1")
        interfaces = tree("hgx-h100-32", "front-leaf-u001-1")["interface"]
        compute = next(each for each in leaf.filters if each.name == "compute")
        bound = {name for name, node in interfaces.items() if "ZONE_COMPUTE_V4" in node.get("acl", {})}
        assert bound == set(compute.interfaces)

    def test_an_answer_is_of_an_open_connection(self) -> None:
        rules = tree("hgx-h100-32", "front-leaf-u001-1")["acl"]["ZONE_COMPUTE_V4"]["rule"].values()
        answers = [each["match"]["ip"]["tcp"] for each in rules if each.get("remark", "").endswith("ssh, answers")]
        assert answers
        assert all(each == {"source-port": {"22": {}}, "state": "established"} for each in answers)


class TestObservability:
    MONITORING = Monitoring(
        syslog=("192.0.2.7",),
        gnmi_port=50051,
        sflow_collectors=("192.0.2.8",),
        sflow_port=6343,
        sflow_sampling=4000,
        origin="observability",
    )
    LOGIN = Login(servers=("192.0.2.9", "192.0.2.10"), port=49, key="tacacs", origin="management.tacacs")

    def test_by_the_management_port(self, judge: Draft202012Validator) -> None:
        leaf = switch_named("hgx-h100-32", "backend-leaf-u001-r0")
        told = of(replace(leaf, monitoring=self.MONITORING, login=self.LOGIN))
        assert list(judge.iter_errors([{"set": told}])) == []
        system = told["system"]
        assert system["syslog"] == {"server": {"192.0.2.7": {"vrf": "mgmt"}}}
        assert system["gnmi-server"] == {"port": 50051, "state": "enabled"}
        assert system["sflow"] == {
            "collector": {"192.0.2.8": {"interface": "eth0", "port": 6343}},
            "sampling-rate": {"default": 4000},
            "state": "enabled",
        }
        assert system["aaa"]["authentication-order"] == {"1": {"tacacs": {}}, "2": {"local": {}}}
        assert system["aaa"]["tacacs"]["vrf"] == "mgmt"
        assert system["aaa"]["tacacs"]["server"]["192.0.2.10"] == {
            "port": 49,
            "priority": 2,
            "secret": "<podwright:tacacs>",
        }

    def test_through_a_vlan_of_the_switch(self, judge: Draft202012Validator) -> None:
        leaf = switch_named("hgx-h100-32", "oob-leaf-u001-1")
        quiet = replace(self.MONITORING, gnmi_port=0, sflow_sampling=0)
        told = of(replace(leaf, monitoring=quiet, login=self.LOGIN))
        assert list(judge.iter_errors([{"set": told}])) == []
        assert told["system"]["syslog"] == {"server": {"192.0.2.7": {"vrf": "default"}}}
        assert told["system"]["sflow"] == {"collector": {"192.0.2.8": {"port": 6343}}, "state": "enabled"}
        assert "gnmi-server" not in told["system"]


def test_equal_pods_give_equal_bytes() -> None:
    assert [each.text for each in render(pod("rag-16"))] == [each.text for each in render(pod("rag-16"))]
