"""Tenants on a kernel that has VRFs: FRR joins their tables by EVPN over VXLAN, and keeps them apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .twins import Twin, configured, failures, podwright, tried

LEAF = "converged-leaf-u001-1"
ROUTED, BRIDGED = "13001", "10040"
"""VNIs of the routed tenant, and of the first rail of the bridged one."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    with configured("shared", tmp_path_factory.mktemp("shared") / "build") as twin:
        yield twin


@pytest.fixture(scope="module")
def trials(shared: Twin) -> list[dict[str, Any]]:
    return tried(shared)


def test_every_claim_holds(trials: list[dict[str, Any]]) -> None:
    assert failures(trials) == []


def test_tenants_are_tried_against_each_other(trials: list[dict[str, Any]]) -> None:
    apart = [each for each in trials if "keeps apart" in each["claim"]]
    assert sum(each["facts"]["pairs"] for each in apart) > 0


def test_each_tenant_has_its_tunnels(shared: Twin) -> None:
    vnis = json.loads(shared.inside(LEAF, "vtysh", "-c", "show evpn vni json"))
    assert vnis[ROUTED]["type"] == "L3"
    assert vnis[ROUTED]["tenantVrf"] == "Vrfresearch"
    assert vnis[BRIDGED]["type"] == "L2"
    assert vnis[BRIDGED]["tenantVrf"] == "Vrfserving"


def test_a_second_apply_changes_nothing(shared: Twin) -> None:
    said = podwright("apply", str(shared.build), "--lab", shared.name, "--check", "--quiet", "--format", "json")
    assert json.loads(said)["changed"] == {}
