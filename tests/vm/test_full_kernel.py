"""What the twin leaves out on a small kernel is there on a full one, and every claim holds on it too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from podwright.lab.trials import congestion

from .twins import Twin, failures, lossless_queue, tried


@pytest.fixture(scope="module")
def trials(slate: Twin) -> list[dict[str, Any]]:
    return tried(slate)


def test_a_full_kernel_leaves_nothing_out(slate: Twin) -> None:
    assert slate.missing == ()


def test_every_claim_holds(trials: list[dict[str, Any]]) -> None:
    assert failures(trials) == []


def test_the_marks_of_a_congested_port_are_those_of_its_queue(slate: Twin, trials: list[dict[str, Any]]) -> None:
    """On this kernel `red` marks, at the designed thresholds, and no rule of nftables does."""
    [crowded] = [each for each in trials if each["group"] == congestion.GROUP and "with CE" in each["claim"]]
    leaf, _, port = crowded["claim"].partition(" ")[0].partition(":")
    queue = lossless_queue(slate, leaf, port)
    assert queue["marked"] >= crowded["facts"]["marked"] > 0
    assert (queue["options"]["min"], queue["options"]["max"]) == designed_thresholds(slate, leaf, port)
    assert "limit rate over" not in slate.inside(leaf, "nft", "list", "table", "inet", "podwright_qos")


def designed_thresholds(twin: Twin, switch: str, port: str) -> tuple[int, int]:
    """Kmin and Kmax in bytes, as the design has them for the lossless class on a port."""
    design = json.loads((twin.build / "design.json").read_text(encoding="utf-8"))
    named = {profile["name"]: profile for profile in design["ecn_profiles"]}
    [bound] = [each for each in design["bindings"] if (each["device"], each["interface"]) == (switch, port)]
    return named[bound["ecn"]]["min_bytes"], named[bound["ecn"]]["max_bytes"]
