"""A lab without any address of its design was never configured; one address is enough to say otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from podwright.errors import LabError
from podwright.lab.driver import Completed
from podwright.lab.trials import nodeside
from podwright.lab.trials.bare import refuse_bare

from .tiny import tiny_design


class Nodes:
    """A fabric of which only `ip -j address` is asked."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses

    def run(self, node: str, argv: Sequence[str]) -> Completed:
        assert list(argv) == ["ip", "-j", "address"]
        if node not in self.addresses:
            return Completed(1, "", "no such node")
        held = [{"ifname": "lo", "addr_info": [{"local": "127.0.0.1"}, {"local": self.addresses[node]}]}]
        return Completed(0, json.dumps([*held, {"ifname": "eth0"}]), "")


def look(addresses: Mapping[str, str]) -> None:
    fabric: Any = Nodes(addresses)
    refuse_bare(tiny_design(), "atlas", fabric)


def test_a_lab_that_was_never_configured_is_told_how_to_be() -> None:
    for addresses in ({}, {device.name: "192.0.2.1" for device in tiny_design().devices}):
        with pytest.raises(LabError) as told:
            look(addresses)
        assert told.value.message == "lab `atlas` is not configured: no device of it has an address of its design"
        assert "Run `podwright apply BUILD --lab atlas` first" in told.value.fix


def test_an_address_of_a_device_of_its_own_is_enough() -> None:
    *_, last = tiny_design().addresses
    look({last.device: last.address.split("/")[0]})


def test_an_address_of_another_device_is_none() -> None:
    first, *_, last = tiny_design().addresses
    assert first.device != last.device
    with pytest.raises(LabError):
        look({first.device: last.address.split("/")[0]})


def test_a_node_without_its_address_sends_nothing_and_does_not_fail() -> None:
    absent = {"source": "192.0.2.1", "target": "192.0.2.2", "port": 4791, "count": 2}
    assert nodeside.flows(absent) == 0
    assert nodeside.mark({"targets": [["192.0.2.1", "192.0.2.2", 4791]], "seconds": 0.01}) > 0
