"""Tenants in `nvue.yaml`: in objects that NVUE has, whole in themselves, and frozen for three switches.

Only what tenants change is frozen. After an intended change, freeze again and read the difference:

    PODWRIGHT_FREEZE=1 pytest tests/targets/nvue && git diff tests/golden/nvue
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from conformance import reference
from podwright.targets.nvue import render

CONFORMANCE = Path(reference.__file__).parent / "nvue"
GOLDEN = Path(reference.__file__).parents[1] / "golden" / "nvue" / "tenants"
FROZEN = {
    "backend-leaf-u001-1": ("swp1s0", "swp1s2", "swp64", "vlan40"),
    "front-leaf-u001-1": ("swp1s0", "swp1s2", "swp64"),
    "front-spine-001": ("swp1", "swp64"),
}
"""Switches, and of their interfaces one of each kind."""

Tree = dict[str, Any]


def plain(value: Any) -> Any:
    """As NVUE's own interface has it: every key is text."""
    return {str(key): plain(branch) for key, branch in value.items()} if isinstance(value, dict) else value


@lru_cache
def rendered() -> dict[str, Tree]:
    return {
        each.device: plain(yaml.load(each.text, yaml.CSafeLoader)[0]["set"])
        for each in render(reference.shared("cumulus"))
    }


@pytest.fixture(scope="module")
def judge() -> Draft202012Validator:
    return Draft202012Validator(yaml.safe_load((CONFORMANCE / "objects.yaml").read_text()))


def test_every_switch_is_told_in_objects_that_nvue_has(judge: Draft202012Validator) -> None:
    assert len(rendered()) == 16
    problems = [
        f"{device}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for device, told in rendered().items()
        for error in judge.iter_errors([{"set": told}])
    ]
    assert problems == []


def test_what_is_named_is_there() -> None:
    for device, told in rendered().items():
        assert list(missing(told)) == [], device


def missing(told: Tree) -> Iterator[str]:
    """Names of tenants and numbers of tunnels that lead nowhere."""
    vrfs, bridged = told.get("vrf", {}), told.get("bridge", {}).get("domain", {}).get("br_default", {}).get("vlan", {})
    maps = told.get("router", {}).get("policy", {}).get("route-map", {})
    for name, node in told["interface"].items():
        vrf = node.get("ip", {}).get("vrf", "mgmt")
        if vrf not in {"mgmt", *vrfs}:
            yield f"{name}: VRF {vrf}"
    vnis = [vni for node in bridged.values() for vni in node.get("vni", {})]
    yield from (f"VNI {vni} of no VLAN" for vni in told.get("evpn", {}).get("vni", {}) if vni not in vnis)
    routed = [vni for node in vrfs.values() for vni in node.get("evpn", {}).get("vni", {})]
    both = [*vnis, *routed]
    yield from sorted({f"VNI {vni} twice" for vni in both if both.count(vni) > 1})
    if both and "nve" not in told:
        yield "no tunnel"
    for node in vrfs.values():
        for session in node["router"].get("bgp", {}).get("neighbor", {}).values():
            policy = session["address-family"].get("l2vpn-evpn", {}).get("policy", {})
            yield from (each["route-map"] for each in policy.values() if each["route-map"] not in maps)


def _tenant_gone(told: Tree) -> None:
    del told["vrf"]["Vrfresearch"]


def _vni_gone(told: Tree) -> None:
    del told["bridge"]["domain"]["br_default"]["vlan"]["40"]["vni"]


def _vni_of_both_kinds(told: Tree) -> None:
    told["vrf"]["Vrfserving"]["evpn"]["vni"] = {"10040": {}}


def _no_tunnel(told: Tree) -> None:
    del told["nve"]


def _policy_gone(told: Tree) -> None:
    del told["router"]["policy"]["route-map"]["TO-SPINE-EVPN"]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (_tenant_gone, ["swp1s0: VRF Vrfresearch"]),
        (_vni_gone, ["VNI 10040 of no VLAN"]),
        (_vni_of_both_kinds, ["VNI 10040 twice"]),
        (_no_tunnel, ["no tunnel"]),
        (_policy_gone, ["TO-SPINE-EVPN"]),
    ],
)
def test_a_loose_end_is_noticed(judge: Draft202012Validator, damage: Callable[[Tree], None], found: list[str]) -> None:
    told = deepcopy(rendered()["backend-leaf-u001-1"])
    damage(told)
    assert list(missing(told))[: len(found)] == found
    assert judge.is_valid([{"set": told}])


def _action_that_is_not(told: Tree) -> None:
    told["nve"]["vxlan"]["encapsulation"]["dscp"]["action"] = "uniform"


def _distinguisher_of_junos(told: Tree) -> None:
    told["vrf"]["Vrfserving"]["router"]["bgp"]["rd"] = "target:64900:1"


def _name_too_long(told: Tree) -> None:
    told["vrf"]["Vrf0123456789abc"] = told["vrf"].pop("Vrfserving")


def _tenant_without_targets(told: Tree) -> None:
    del told["vrf"]["Vrfserving"]["router"]["bgp"]["route-import"]


def _word_of_5_15(told: Tree) -> None:
    told["evpn"]["state"] = told["evpn"].pop("enable")


@pytest.mark.parametrize(
    "damage",
    [_action_that_is_not, _distinguisher_of_junos, _name_too_long, _tenant_without_targets, _word_of_5_15],
)
def test_the_judge_sees_what_nvue_would_refuse(judge: Draft202012Validator, damage: Callable[[Tree], None]) -> None:
    told = deepcopy(rendered()["backend-leaf-u001-1"])
    damage(told)
    assert not judge.is_valid([{"set": told}])


def test_marks_are_copied_into_the_tunnel_and_out_of_it() -> None:
    copied = {"dscp": {"action": "copy"}}
    vxlan = rendered()["backend-leaf-u001-1"]["nve"]["vxlan"]
    assert (vxlan["encapsulation"], vxlan["decapsulation"]) == (copied, copied)


def test_all_leaves_are_one_gateway() -> None:
    leaves = [told for device, told in rendered().items() if device.startswith("backend-leaf")]
    svis = [(name, node) for told in leaves for name, node in told["interface"].items() if name.startswith("vlan")]
    assert {node["link"]["mac-address"] for _, node in svis} == {"02:70:6f:64:00:01"}
    for name in ("vlan40", "vlan41", "vlan42", "vlan43"):
        shared = [node["ip"]["address"] for each, node in svis if each == name]
        assert len(shared) == 2, "two units"
        assert shared[0] == shared[1]


def test_spines_that_only_pass_tunnels_on_speak_evpn_without_a_vni() -> None:
    spine = rendered()["backend-spine-001"]
    assert spine["evpn"] == {"enable": "on"}
    assert set(spine["vrf"]) == {"default"}
    assert "nve" not in spine
    sessions = spine["vrf"]["default"]["router"]["bgp"]["neighbor"].values()
    assert {each["address-family"]["l2vpn-evpn"]["enable"] for each in sessions} == {"on"}


def test_a_tenants_routes_are_told_with_its_target_and_aggregates_exist_there() -> None:
    router = rendered()["backend-leaf-u001-1"]["vrf"]["Vrfresearch"]["router"]
    assert router["bgp"]["rd"] == "10.128.0.1:3001"
    assert router["bgp"]["route-export"]["to-evpn"] == router["bgp"]["route-import"]["from-evpn"]
    assert router["bgp"]["route-export"]["to-evpn"]["route-target"] == {"64900:13001": {}}
    family = router["bgp"]["address-family"]["ipv4-unicast"]
    assert family["route-export"] == {"to-evpn": {"enable": "on"}}
    assert set(family["network"]) < set(router["static"])


def test_what_spines_tell_of_tenants_is_marked_by_a_snippet_too() -> None:
    snippet = rendered()["backend-leaf-u001-1"]["system"]["config"]["snippet"]["frr.conf"]
    assert "route-map FROM-SPINE-EVPN permit 10\n  set community 64900:1 additive\n" in snippet


@pytest.mark.parametrize("device", FROZEN)
def test_frozen(device: str) -> None:
    told = rendered()[device]
    part = {name: told[name] for name in ("bridge", "evpn", "nve", "vrf") if name in told}
    part["interface"] = {
        name: {key: node[key] for key in ("bridge", "ip", "link", "vlan") if key in node}
        for name, node in told["interface"].items()
        if name in FROZEN[device]
    }
    text = yaml.safe_dump(part)
    path = GOLDEN / f"{device}.yaml"
    if os.environ.get("PODWRIGHT_FREEZE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
