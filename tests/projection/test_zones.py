"""Filters are held against the policy that the trials derive from the design: two readings of one design must agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import ip_address, ip_network
from itertools import product
from pathlib import Path

import pytest

from podwright.catalog import load as load_catalog
from podwright.design import CI_NODES, design, scale
from podwright.lab.trials.expectation import Endpoint, Expectation, Pair
from podwright.lab.trials.policy import Policy
from podwright.load import read
from podwright.model.design import Design
from podwright.projection import project
from podwright.projection.records import FilterRule, PodConfig
from podwright.resources import folder
from podwright.validate import validate

PARTED = "fabrics-as-zones"
"""A pod whose servers are in other zones on each of their fabrics."""
PODS = ("hgx-h100-32", "rag-16", "starter-4", PARTED)
ASKED: tuple[tuple[str, int], ...] = (
    *(("tcp", port) for port in (22, 23, 443, 2049, 6443, 10250, 19530, 20000)),
    *(("udp", port) for port in (53, 4791, 20000)),
    ("ping", 0),
)


@lru_cache
def designed(name: str) -> Design:
    path = Path(__file__).parent / f"{name}.yaml" if name == PARTED else folder("blueprints") / name / "pod.yaml"
    return scale(design(validate(read(path)), load_catalog()).design, CI_NODES)


@lru_cache
def projected(name: str) -> PodConfig:
    return project(designed(name), load_catalog())


ECHO = {(4, False): 8, (4, True): 0, (6, False): 128, (6, True): 129}
"""Types of an echo request and of its answer (RFC 792, RFC 4443)."""


def verdict(
    rules: Iterable[FilterRule], source: str, target: str, protocol: str, port: int, *, answer: bool = False
) -> bool:
    """What the first rule that matches a packet says; nothing passes that none permits."""
    family = 6 if ":" in source else 4
    kind = "icmp" if protocol == "ping" else protocol
    for rule in rules:
        if rule.family != family or (rule.protocol and (rule.protocol != kind or rule.answer != answer)):
            continue
        if rule.icmp_types and ECHO[family, answer] not in rule.icmp_types:
            continue
        if rule.ports and port not in rule.ports:
            continue
        if within(source, rule.sources) and within(target, rule.targets):
            return rule.action == "permit"
    return False


def within(address: str, prefixes: tuple[str, ...]) -> bool:
    return not prefixes or any(ip_address(address) in ip_network(prefix) for prefix in prefixes)


def first_of_each_group(name: str) -> list[Endpoint]:
    """Addresses of the first server of each group, and of routers outside."""
    devices = {device.name: device for device in designed(name).devices}
    found: dict[tuple[str, str], Endpoint] = {}
    for end in Expectation(designed(name)).endpoints:
        device = devices[end.device]
        if device.kind != "switch" and end.fabric != "oob":
            found.setdefault((device.group, end.interface + str(":" in end.address)), end)
    return list(found.values())


def pairs(name: str) -> Iterator[Pair]:
    """Pairs of addresses of different devices that can meet."""
    expectation = Expectation(designed(name))
    later = {(end.device, end.fabric): end for end in expectation.endpoints}
    ends = [*first_of_each_group(name), *later.values()]
    for source, target in product(ends, ends):
        pair = Pair(source, target)
        if source.device != target.device and source.spaces & target.spaces and expectation.connected(pair):
            yield pair


def ports_of(name: str) -> dict[str, tuple[FilterRule, ...]]:
    """The rules at the port of a switch that each server, or router outside, comes in by, by (device, fabric)."""
    config, index = projected(name), {}
    filters = {
        (switch.name, port): each.rules
        for switch in config.switches
        for each in switch.filters
        for port in each.interfaces
    }
    for link in designed(name).links:
        rules = filters.get((link.b_device, link.b_port))
        if rules is not None:
            index.setdefault(f"{link.a_device} {link.fabric} {link.a_port}", rules)
    return index


def rules_at(ports: dict[str, tuple[FilterRule, ...]], end: Endpoint) -> tuple[FilterRule, ...]:
    exact = ports.get(f"{end.device} {end.fabric} {end.interface}")
    if exact is not None:
        return exact
    candidates = [key for key in ports if key.startswith(f"{end.device} {end.fabric} ")]
    front = [key for key in candidates if "rail" not in key.rsplit(" ", 1)[1]]
    return ports[(front or candidates)[0]]


@pytest.mark.parametrize("name", PODS)
def test_a_port_passes_what_zones_allow_and_nothing_else(name: str) -> None:
    policy, ports = Policy(designed(name)), ports_of(name)
    devices = {device.name: device for device in designed(name).devices}
    judged = 0
    for pair in pairs(name):
        source, target = pair
        is_edge = all(devices[end.device].kind != "switch" and end.fabric != "oob" for end in pair)
        if not is_edge:
            continue
        for protocol, port in ASKED:
            allowed = policy.permits((source.device, source.address), (target.device, target.address), protocol, port)
            passed = verdict(rules_at(ports, source), source.address, target.address, protocol, port)
            assert passed == allowed, (str(source), str(target), protocol, port)
            back = verdict(rules_at(ports, target), target.address, source.address, protocol, port, answer=True)
            assert back or not allowed, ("answers", str(target), str(source), protocol, port)
            judged += 1
    assert judged


@pytest.mark.parametrize("name", PODS)
def test_servers_let_in_and_out_what_zones_allow_and_nothing_else(name: str) -> None:
    policy = Policy(designed(name))
    hosts = {host.name: host.filter for host in projected(name).hosts}
    judged = 0
    for source, target in pairs(name):
        for protocol, port in ASKED:
            allowed = policy.permits((source.device, source.address), (target.device, target.address), protocol, port)
            for end, way in ((source, "outgoing"), (target, "incoming")):
                own = hosts.get(end.device)
                if own is not None:
                    passed = verdict(getattr(own, way), source.address, target.address, protocol, port)
                    assert passed == allowed, (way, str(source), str(target), protocol, port)
                    judged += 1
    assert judged


@pytest.mark.parametrize("name", PODS)
def test_nobody_sends_with_an_address_of_another_zone(name: str) -> None:
    ports = ports_of(name)
    policy = Policy(designed(name))
    servers = [each for each in first_of_each_group(name) if ":" not in each.address]
    for source, forged in product(servers, servers):
        if policy.zones_of(source.address) & policy.zones_of(forged.address):
            continue
        for target in servers:
            assert not verdict(rules_at(ports, source), forged.address, target.address, "tcp", 22)


def addresses_of(device: str) -> dict[str, str]:
    """Zone -> the first address by which a server is in it."""
    policy = Policy(designed(PARTED))
    written = {zone.name for zone in designed(PARTED).zones if zone.kind == "servers"}
    found: dict[str, str] = {}
    for each in designed(PARTED).addresses:
        if each.device == device:
            plain = each.address.split("/", 1)[0]
            for zone in policy.zones_of(plain) & written:
                found.setdefault(zone, plain)
    return found


def test_a_server_is_in_the_zone_of_each_of_its_addresses() -> None:
    at = {(each.group, each.fabric): each.zone for each in designed(PARTED).memberships}
    assert at == {
        ("gpu", "backend"): "training",
        ("gpu", "front"): "compute",
        ("gpu", "store"): "clients",
        ("gpu", "oob"): "management",
        ("files", "front"): "storage",
        ("files", "store"): "storage",
        ("files", "oob"): "management",
        ("control", "front"): "control",
        ("control", "oob"): "management",
        ("", "oob"): "management",
    }
    assert set(addresses_of("gpu-u001-s01")) == {"training", "compute", "clients", "management"}


def test_a_server_in_several_zones_tells_its_addresses_apart() -> None:
    """What is inside a zone, or allowed to one, opens none of the server's other addresses."""
    hosts = {host.name: host.filter for host in projected(PARTED).hosts}
    names = [name for name in hosts if name.startswith("gpu")]
    ours, theirs = addresses_of(names[0]), addresses_of(names[-1])
    own = hosts[names[0]]
    assert own is not None
    for here, there in product(ours, theirs):
        inside = here == there == "compute"
        assert verdict(own.incoming, theirs[there], ours[here], "tcp", 20000) == inside, (there, here)
        assert verdict(own.outgoing, ours[here], theirs[there], "tcp", 20000) == inside, (here, there)


def test_the_out_of_band_network_is_one_zone_as_a_whole() -> None:
    zones = {zone.name: zone for zone in designed(PARTED).zones}
    assert zones["management"].prefixes == ("10.0.0.0/20",)
    assert zones["management"].members == ("fabric oob",)
    assert zones["storage"].members == ("fabric store", "files on front")


def test_what_kubernetes_implies_is_where_nodes_meet() -> None:
    implied = {(flow.source, flow.target) for flow in designed(PARTED).flows if flow.implied_by == "kubernetes"}
    assert implied == {("compute", "control"), ("control", "compute"), ("control", "control")}


def test_a_part_of_the_out_of_band_network_leaves_the_rest(tmp_path: Path) -> None:
    """Management ports and controllers of a group in one zone, everything else of the network in another."""
    text = (Path(__file__).parent / f"{PARTED}.yaml").read_text("utf-8")
    part = "management: [oob]\n    stores: [{groups: [files], fabrics: [oob]}]"
    (tmp_path / "pod.yaml").write_text(text.replace("management: [oob]", part))
    made = design(validate(read(tmp_path / "pod.yaml")), load_catalog()).design
    policy = Policy(made)
    groups = {device.name: device.group for device in made.devices if device.kind == "server"}
    for each in made.management:
        expected = "stores" if groups.get(each.device) == "files" else "management"
        for address in filter(None, (each.address, each.bmc)):
            assert policy.zones_of(address) & {"stores", "management"} == {expected}, each
