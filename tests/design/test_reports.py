"""Public reports of what went wrong elsewhere; each test stands for its whole kind."""

from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from pods import backend, blueprint, built, catalog, changed, converged, designed, front, oob, pod, server
from podwright.catalog import find_port
from podwright.design import design
from podwright.model.design import Design
from podwright.projection import project

PORT_BEFORE_SUBPORT = ("sonic", "cumulus", "eos")


def test_two_groups_of_one_model_with_other_slots_keep_their_own_names() -> None:
    """NVIDIA/k8s-launch-kit issue 234: files named after the model, and the second group of that model replaced the first."""
    nics = server(4, 1, 2).nics
    reslotted = replace(
        server(4, 1, 2), nics=tuple(replace(nic, pci=nic.pci.replace("0000:", "0001:")) for nic in nics)
    )
    document = pod(
        ("left", "r4p1f2m1", 2, 1, 1), ("right", "reslotted", 2, 1, 5), backend=backend(), front=front(), oob=oob()
    )
    shelf = replace(catalog(), servers=dict(catalog().servers) | {"reslotted": reslotted})
    product = design(blueprint(document), shelf)
    assert not product.findings
    hosts = project(product.design, shelf).hosts
    assert len({host.name for host in hosts}) == 4
    by_rail = {
        (host.group, each.name): each.pci for host in hosts for each in host.interfaces if each.role == "compute"
    }
    assert by_rail["left", "rail0"] == "0000:10:00.0"
    assert by_rail["right", "rail0"] == "0001:10:00.0"
    assert len(set(by_rail.values())) == 8


@pytest.mark.parametrize("template", ["{group}{slot:02}", "node-{unit}{slot}"])
def test_names_that_meet_are_refused_and_not_merged(template: str) -> None:
    """As above, by template: `gpu1` with slot 11 and `gpu` with slot 111 read the same, and so do unit 1 slot 11, unit 11 slot 1."""
    groups = (("gpu", "r0p1f2m1", 1, 1, 111), ("gpu1", "r0p1f2m1", 1, 1, 11))
    if "unit" in template:
        groups = (("gpu", "r0p1f2m1", 1, 1, 11), ("gpu1", "r0p1f2m1", 1, 11, 1))
    wide = front(
        leaf={"model": "large", "nos": "sonic", "slots": 16}, layout={"slot": 7}, pool="10.0.0.0/8", planned_units=11
    )
    document = changed(pod(*groups, slots=128, front=wide), "names", {"server": template})
    refused = [finding.code for finding in designed(document).findings if finding.severity.word == "error"]
    assert "DES105" in refused


@pytest.mark.parametrize("nos", PORT_BEFORE_SUBPORT)
def test_a_split_cage_gives_its_lanes_to_its_ports_only(nos: str) -> None:
    """sonic-buildimage issue 10131: a first port that keeps its name and its old lanes after a breakout."""
    made = built(pod(("gpu", "r4p1f0m0", 8, 1, 1), backend=backend(leaf={"model": "large", "nos": nos})))
    split = {breakout.device: breakout for breakout in made.breakouts if breakout.mode == "2x400G"}
    for device, breakout in split.items():
        first, second = [port for port in made.ports if (port.device, port.cage) == (device, breakout.cage)]
        assert not set(first.lanes) & set(second.lanes)
        assert len(first.lanes) == len(second.lanes) == 4
    assert split


@pytest.mark.parametrize("nos", PORT_BEFORE_SUBPORT)
def test_every_spelling_of_a_port_in_use_leads_to_its_cage(nos: str) -> None:
    """githedgehog/fabric issue 816: a port and its first lane, spelt in two ways, were given to two connections."""
    part = {"model": "large", "nos": nos}
    made = built(pod(("gpu", "r4p1f0m0", 8, 1, 1), backend=backend(leaf=part, spine=part)))
    models = {device.name: device.model for device in made.devices}
    modes = {(each.device, each.cage): each.mode for each in made.breakouts}
    for port in made.ports:
        if port.cage:
            mode = modes[port.device, port.cage]
            for spelling in filter(None, (port.name, port.alias)):
                assert find_port(catalog().switches[models[port.device]], nos, spelling, mode) == (port.cage, port.sub)


def rails_of(made: Design) -> dict[str, tuple[int, str]]:
    return {each.interface: (each.rail, each.pci) for each in made.attachments if each.mode == "routed"}


def test_rails_are_numbered_by_slot_and_never_by_name_or_order() -> None:
    """NVIDIA/nccl issue 2165: eth10 came before eth2. The order of ports in a catalogue entry means nothing either."""
    usual, shuffled = (
        replace(catalog(), servers={"gpu": replace(server(8), nics=tuple(nics))})
        for nics in (server(8).nics, reversed(server(8).nics[:8]))
    )
    document = pod(("gpu", "gpu", 2, 1, 1), backend=backend())
    first, second = (design(blueprint(document), shelf).design for shelf in (usual, shuffled))
    assert rails_of(first) == rails_of(second)
    ordered = sorted(rails_of(first).values())
    assert [rail for rail, _ in ordered] == list(range(8))
    assert all(before[1] < after[1] for before, after in pairwise(ordered))
    assert {(each.device, each.interface, each.address) for each in first.addresses} == {
        (each.device, each.interface, each.address) for each in second.addresses
    }


def test_two_ports_of_a_nic_are_two_planes_and_not_two_rails() -> None:
    """NVIDIA/k8s-launch-kit pull 99: a rail per function doubled the rails."""
    made = built(pod(("gpu", "r4p2f0m0", 2, 1, 1), backend=backend(planes=2)))
    (fabric,) = made.fabrics
    assert (fabric.rails, fabric.planes) == (4, 2)
    assert {(each.plane, each.rail) for each in made.attachments} == {
        (plane, rail) for plane in (1, 2) for rail in range(4)
    }
    spines = {device.name: device.plane for device in made.devices if device.tier == "spine"}
    leaves = {device.name: device.plane for device in made.devices if device.tier == "leaf"}
    assert all(leaves[link.a_device] == spines[link.b_device] for link in made.links if link.use == "fabric")


def test_eight_nics_are_in_eight_subnets_with_a_rule_each() -> None:
    """NVIDIA/nccl issue 1109: eight NICs in one /24, and one carried all traffic."""
    made = built(pod(("gpu", "r8p1f2m1", 1, 1, 1), all=converged(), oob=oob()))
    links = [each for each in made.addresses if each.device == "gpu-u001-s01" and each.interface.startswith("rail")]
    assert len(links) == 8
    assert all(each.address.endswith("/31") for each in links)
    rules = {rule.source: rule.table for rule in made.source_rules}
    assert len(set(rules.values())) == len(rules) == 8
