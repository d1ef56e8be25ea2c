"""Stores: whose addresses they use, who may mount them and where, and the arithmetic of how fast they are."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from pods import Document, built, changed, designed, front, oob, pod
from podwright.design import scale
from podwright.model.design import Design, StoreLoad

SCRATCH: Document = {
    "kind": "nfs",
    "servers": "nfs",
    "fabric": "front",
    "export": "/scratch",
    "mount": {"gpu": "/mnt/scratch"},
}
HOME: Document = {
    "kind": "nfs",
    "external": {"addresses": ["172.16.0.1", "172.16.0.2", "172.16.0.3"]},
    "fabric": "front",
    "export": "/home",
    "mount": {"gpu": "/home"},
}
GROUPS = (("gpu", "r8p1f2m1", 5, 1, 2), ("nfs", "r0p1f2m1", 2, 1, 8), ("control", "r0p1f2m1", 1, 2, 5))
BACKEND: Document = {
    "carries": ["compute"],
    "topology": "rail-optimised",
    "leaf": {"model": "large", "nos": "sonic"},
    "spine": {"model": "large", "nos": "sonic"},
    "planned_units": 4,
    "pool": "10.128.0.0/10",
}


def with_stores(fabric: Document | None = None, **stores: Document) -> Document:
    return pod(*GROUPS, backend=BACKEND, front=fabric or front(), oob=oob()) | {"storage": stores}


def load_of(design: Design) -> StoreLoad:
    (load,) = design.store_loads
    return load


def formula(design: Design, number: str) -> str:
    (text,) = [each.formula for each in design.sizings if each.subject == "storage.scratch" and each.name == number]
    return text


def test_every_server_exports_and_every_client_has_each_export_in_a_folder_of_its_name() -> None:
    design = built(with_stores(scratch=SCRATCH))
    loopbacks = {
        each.device: each.address.partition("/")[0]
        for each in design.addresses
        if each.interface == "lo" and each.fabric == "front"
    }
    assert [(each.server, each.address) for each in design.exports] == [
        (name, loopbacks[name]) for name in ("nfs-u001-s08", "nfs-u002-s01")
    ]
    assert [(each.group, each.device, each.server, each.path) for each in design.mounts] == [
        ("gpu", "", "nfs-u001-s08", "/mnt/scratch/nfs-u001-s08"),
        ("gpu", "", "nfs-u002-s01", "/mnt/scratch/nfs-u002-s01"),
    ]


def test_clients_are_exactly_the_slots_of_those_that_mount() -> None:
    design = built(with_stores(scratch=SCRATCH))
    (clients,) = {each.clients for each in design.exports}
    networks = [ip_network(client) for client in clients]
    groups = {device.name: device.group for device in design.devices}
    for each in design.addresses:
        if each.interface == "lo" and each.fabric == "front" and each.device in groups:
            allowed = any(ip_address(each.address.partition("/")[0]) in network for network in networks)
            assert allowed == (groups[each.device] == "gpu"), each
    assert sum(network.num_addresses for network in networks) == 5 * 4  # a slot has two bits of host


def test_servers_are_spread_over_a_filer_by_their_place() -> None:
    design = built(with_stores(home=HOME))
    assert {each.address: (each.server, each.clients) for each in design.exports} == {
        f"172.16.0.{number}": ("", ()) for number in (1, 2, 3)
    }
    assert [(each.device, each.address, each.path) for each in design.mounts] == [
        (f"gpu-u001-s0{slot}", f"172.16.0.{(slot - 1) % 3 + 1}", "/home") for slot in range(2, 7)
    ]


def test_what_gpus_ask_follows_their_workload_or_what_is_written() -> None:
    for workload, read, write in (("inference", 15, 7), ("training", 40, 20), ("rag", 125, 62)):
        load = load_of(built(changed(with_stores(scratch=SCRATCH), "servers", "gpu", "workload", workload)))
        assert load.read_demand == pytest.approx(40 * read / 256, abs=0.001)
        assert load.write_demand == pytest.approx(40 * write / 256, abs=0.001)
    assert load_of(built(with_stores(scratch=SCRATCH))).read_demand == 6.25  # GPUs train unless it is written
    load = load_of(built(with_stores(scratch=SCRATCH | {"targets": {"read_mb_s": 500.0}})))
    assert (load.read_demand, load.write_demand) == (20.0, 3.125)


def test_the_least_of_ports_sets_what_a_store_gives() -> None:
    design = built(with_stores(scratch=SCRATCH))
    load = load_of(design)
    assert (load.read_capacity, load.read_limit) == (100.0, "ports of `nfs`")
    assert formula(design, "read capacity").startswith("min(ports of `nfs` 4 x 200 / 8, ports of `gpu` 10 x 200 / 8")
    measured = load_of(built(with_stores(scratch=SCRATCH | {"bandwidth": {"read_gb_s": 30.0}})))
    assert (measured.read_capacity, measured.read_limit) == (30.0, "the store")
    assert measured.write_capacity == 100.0


def test_clients_behind_the_spines_share_the_uplinks() -> None:
    """Leaves of four slots: servers in slots 8 and 9, clients in 2 to 6, of which 5 and 6 share a pair of leaves with one."""
    halves = front(leaf={"model": "large", "nos": "sonic", "slots": 4}, oversubscription=64.0)
    design = built(with_stores(halves, scratch=SCRATCH))
    (plan,) = [fabric for fabric in design.fabrics if fabric.name == "front"]
    uplinks = plan.uplinks * plan.uplink_gbps
    text = formula(design, "read capacity")
    assert f"uplinks of the servers' leaves {4 * uplinks} / 8 / (3 of 5 clients beyond)" in text
    assert f"uplinks of the clients' leaves {2 * uplinks} / 8 / (3 of 5 clients beyond)" in text
    slow = front(
        leaf={"model": "large", "nos": "sonic", "slots": 4}, oversubscription=64.0, link_speed={"uplink": "100G"}
    )
    load = load_of(built(with_stores(slow, scratch=SCRATCH)))
    assert load.read_limit == "uplinks of the clients' leaves"
    assert load.read_capacity == pytest.approx(2 * 2 * 100 / 8 / (3 / 5), abs=0.001)


def test_a_checkpoint_is_divided_by_what_the_store_takes() -> None:
    load = load_of(built(with_stores(scratch=SCRATCH | {"checkpoint": {"parameters_billion": 70}})))
    assert (load.checkpoint_gb, load.checkpoint_s, load.checkpoint_most_s) == (980.0, 9.8, 180.0)
    assert load_of(built(with_stores(scratch=SCRATCH))).checkpoint_s == 0.0


def test_a_twin_keeps_exports_and_mounts_of_what_it_keeps() -> None:
    design = built(with_stores(scratch=SCRATCH, home=HOME))
    twin = scale(design, 1)
    names = {device.name for device in twin.devices}
    assert {each.server for each in twin.exports} == {"", "nfs-u001-s08"}
    assert {each.server for each in twin.mounts if each.store == "scratch"} == {"nfs-u001-s08"}
    assert {each.device for each in twin.mounts if each.store == "home"} < names


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [(("servers", "gpu", "model"), "none", "DES102"), (("fabrics", "front", "pool"), "10.16.0.0/28", "DES301")],
)
@pytest.mark.parametrize("store", [SCRATCH, HOME])
def test_what_is_not_there_is_told_once(path: tuple[str, ...], value: str, code: str, store: Document) -> None:
    """No finding about a store where its servers or its fabric have one already, and no failure."""
    product = designed(changed(with_stores(some=store), *path, value))
    codes = {finding.code for finding in product.findings}
    assert code in codes
    assert not {each for each in codes if each.startswith("DES9")}
    assert not product.design.stores
