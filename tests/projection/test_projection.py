"""Every projected record names things that exist, for random pods and for their twins."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from pods import Document, backend, built, catalog, front, oob, pod, pods
from podwright.design import scale
from podwright.model.design import Design
from podwright.projection import project
from podwright.projection.records import Bgp, PodConfig
from podwright.projection.spelling import LONGEST, linux_name

LINUX = re.compile(r"[A-Za-z0-9_.-]{1,15}")


def twin_or_whole(design: Design, nodes: int) -> Design:
    return design if nodes == 0 else scale(design, nodes)


def faults(pod: PodConfig) -> list[object]:
    devices = {entry.name for entry in pod.entries}
    found: list[object] = []
    configs = (*pod.switches, *pod.hosts, *pod.outsides)
    found += sorted(devices ^ {each.name for each in configs})
    ends = {end for cable in pod.cables for end in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port))}
    found += [cable for cable in pod.cables if not {cable.a_device, cable.b_device} <= devices]
    for switch in (*pod.switches, *pod.outsides):
        names = {port.name for port in switch.ports}
        found += [port for port in switch.ports if bool(port.peer_device) != ((switch.name, port.name) in ends)]
        found += [each for each in switch.interfaces if each.kind == "port" and each.name not in names]
        known = {port.linux for port in switch.ports}
        found += [member for each in switch.interfaces for member in each.members if member not in known]
        found += [each for each in (switch.qos.ports if switch.qos else ()) if each.name not in names]
        found += [each for each in switch.breakouts if each.port not in names]
    for host in pod.hosts:
        names = {each.name for each in host.interfaces}
        found += [route for route in host.routes if route.interface not in names]
        found += [each for each in host.classes if not set(each.interfaces) <= names]
        tables = {route.table for route in host.routes}
        found += [rule for rule in host.rules if rule.table not in tables]
    for config in configs:
        if config.bgp:
            interfaces = {each.name for each in config.interfaces}
            found += [(config.name, each) for each in undefined(config.bgp)]
            found += [
                each for each in config.bgp.neighbors if each.interface not in interfaces or each.device not in devices
            ]
    return found


def undefined(bgp: Bgp) -> list[str]:
    """Names that a BGP configuration uses and does not define, or defines and does not use."""
    policies = {policy.name for policy in bgp.policies}
    sets = {each.name: each.family for each in bgp.prefix_sets}
    communities = {name for name, _ in bgp.communities}
    statements = [statement for policy in bgp.policies for statement in policy.statements]
    used_policies = {name for each in bgp.neighbors for name in (each.import_policy, each.export_policy)}
    used_sets = {name for each in statements for name in (each.prefix_set, each.prefix_set6) if name}
    used_communities = {name for each in statements for name in (each.community, each.add_community) if name}
    wrong_family = [
        each.prefix_set or each.prefix_set6
        for each in statements
        if (each.prefix_set and sets.get(each.prefix_set) != 4)
        or (each.prefix_set6 and sets.get(each.prefix_set6) != 6)
    ]
    return (
        sorted((policies ^ used_policies) | (set(sets) ^ used_sets) | (communities ^ used_communities)) + wrong_family
    )


@settings(max_examples=80, deadline=None)
@given(pods(), st.sampled_from([0, 1, 12]))
def test_every_name_is_of_something_that_exists(document: Document, nodes: int) -> None:
    assert not faults(project(twin_or_whole(built(document), nodes), catalog()))


@settings(max_examples=40, deadline=None)
@given(pods())
def test_every_session_has_explicit_policies_in_both_directions(document: Document) -> None:
    pod = project(built(document), catalog())
    for config in (*pod.switches, *pod.hosts, *pod.outsides):
        for neighbor in config.bgp.neighbors if config.bgp else ():
            assert neighbor.import_policy
            assert neighbor.export_policy


@settings(max_examples=40, deadline=None)
@given(pods())
def test_no_policy_permits_everything(document: Document) -> None:
    """A statement that names nothing matches every route; a permit always names the prefixes it permits."""
    pod = project(built(document), catalog())
    for config in (*pod.switches, *pod.hosts, *pod.outsides):
        for policy in config.bgp.policies if config.bgp else ():
            for statement in policy.statements:
                assert statement.action == "deny" or statement.prefix_set or statement.prefix_set6


@settings(max_examples=40, deadline=None)
@given(pods())
def test_linux_names_are_legal_and_unique_on_a_device(document: Document) -> None:
    pod = project(built(document), catalog())
    names: Counter[tuple[str, str]] = Counter()
    for switch in pod.switches:
        names.update((switch.name, port.linux) for port in switch.ports)
    for host in pod.hosts:
        names.update((host.name, each.name) for each in host.interfaces)
    assert all(count == 1 and LINUX.fullmatch(name) for (_, name), count in names.items())


def test_long_port_names_stay_apart() -> None:
    names = {linux_name(f"TwentyFiveGigabitEthernet1/0/{number}") for number in range(200)}
    assert len(names) == 200
    assert all(len(name) <= LONGEST for name in names)
    assert linux_name("Ethernet1/1") == "Ethernet1_1"
    assert linux_name("Loopback0", "loopback") == "lo"


@settings(max_examples=30, deadline=None)
@given(pods())
def test_projections_do_not_depend_on_the_order_of_records(document: Document) -> None:
    """Devices and cables come in order of name, so that artifacts are equal for equal pods."""
    pod = project(built(document), catalog())
    for each in (pod.entries, pod.switches, pod.hosts, pod.outsides):
        assert [config.name for config in each] == sorted(config.name for config in each)
    assert list(pod.cables) == sorted(pod.cables, key=lambda cable: (cable.fabric, cable.a_device, cable.a_port))


@settings(max_examples=40, deadline=None)
@given(pods())
def test_every_cable_has_its_class_and_every_model_its_facts(document: Document) -> None:
    design = built(document)
    pod = project(design, catalog())
    classes = {(each.fabric, each.use, each.gbps, each.medium, each.metres) for each in pod.link_classes}
    assert {(each.fabric, each.use, each.gbps, each.medium, each.metres) for each in pod.cables} == classes
    assert {each.medium for each in pod.cables} == set(pod.media)
    assert {model.name for model in pod.models} == {entry.model for entry in pod.entries if entry.kind != "outside"}
    heights = {model.name: model.rack_units for model in pod.models}
    models = {entry.name: entry.model for entry in pod.entries}
    assert all(each.height == heights[models[each.device]] for each in pod.placements)


def test_a_twin_stands_in_no_room() -> None:
    twin = project(scale(built(pod_of_rails()), 14), catalog())
    assert (twin.racks, twin.placements, twin.link_classes, twin.media) == ((), (), (), {})
    assert {(each.medium, each.metres) for each in twin.cables} == {("", 0)}


def pod_of_rails() -> Document:
    return pod(("gpu", "r8p1f2m1", 4, 1, 1), backend=backend(), front=front(), oob=oob())
