"""An override changes what it names and nothing else; of two, the narrower decides."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pods import Document, buildable, built, catalog, changed, designed, front, pod, pods
from podwright.model.design import Access, Design, Device
from podwright.projection import project

POD = pod(("gpu", "r0p1f2m0", 2, 1, 1), front=front())
SERVER, LEAF = "gpu-u001-s01", "front-leaf-u001-1"


def test_what_pods_have_is_what_the_tests_here_name() -> None:
    assert {SERVER, LEAF} <= {device.name for device in built(POD).devices}


def tables_but(design: Design, *left_out: str) -> dict[str, Any]:
    return {name: getattr(design, name) for name in design.__struct_fields__ if name not in left_out}


def unwatched(design: Design) -> set[tuple[str, str]]:
    """Ends of sessions that BFD does not watch."""
    ends = (
        (each.bfd, ((each.a_device, each.a_interface), (each.b_device, each.b_interface))) for each in design.sessions
    )
    return {end for watched, pair in ends if not watched for end in pair}


def speaks_of(override: Document, device: Device) -> bool:
    group = device.group if device.kind == "server" else ""
    sections = (("systems", device.nos), ("roles", device.role), ("groups", group), ("devices", device.name))
    return any(key in override.get(section, {}) for section, key in sections)


@st.composite
def overrides(draw: st.DrawFn, design: Design) -> Document:
    """One section of overrides that speaks of some devices of the pod, or, by role or system, perhaps of none."""
    section = draw(st.sampled_from(["systems", "roles", "groups", "devices"]))
    keys = {
        "systems": ["sonic", "cumulus", "linux"],
        "roles": ["leaf", "spine", "compute", "storage", "control", "service"],
        "groups": sorted({device.group for device in design.devices if device.kind == "server"}),
        "devices": sorted(device.name for device in design.devices if device.kind != "outside"),
    }
    said = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "watch_by_bfd": st.booleans(),
                "management": st.fixed_dictionaries(
                    {}, optional={"user": st.just("cumulus"), "python": st.just("/opt/py")}
                ),
            },
        )
    )
    return {section: {draw(st.sampled_from(keys[section])): said}}


@settings(max_examples=40, deadline=None)
@given(data=st.data(), document=pods())
def test_an_override_changes_only_what_it_names(data: st.DataObject, document: Document) -> None:
    before = built(document)
    override = data.draw(overrides(before))
    assume(buildable(changed(document, "overrides", override)))
    after = built(changed(document, "overrides", override))
    assert tables_but(after, "accesses", "sessions") == tables_but(before, "accesses", "sessions")
    named = {device.name for device in before.devices if speaks_of(override, device)}
    assert {access.device for access in after.accesses} <= named
    for old, new in zip(before.sessions, after.sessions, strict=True):
        assert msgspec.structs.replace(new, bfd=old.bfd) == old
        assert new == old or {new.a_device, new.b_device} & named


@pytest.mark.parametrize("order", [1, -1])
def test_the_narrower_decides_whatever_stands_first(order: int) -> None:
    role = next(device.role for device in built(POD).devices if device.name == SERVER)
    written = [
        ("systems", {"linux": {"management": {"user": "ubuntu", "python": "/opt/system"}}}),
        ("roles", {role: {"management": {"user": "role"}}}),
        ("groups", {"gpu": {"management": {"python": "/opt/group"}}}),
        ("devices", {SERVER: {"management": {"python": "/opt/device"}}}),
    ]
    accesses = {each.device: each for each in built(changed(POD, "overrides", dict(written[::order]))).accesses}
    assert accesses[SERVER] == Access(
        device=SERVER,
        user="role",
        user_origin=f"overrides.roles.{role}.management.user",
        python="/opt/device",
        python_origin=f"overrides.devices.{SERVER}.management.python",
    )
    second = accesses["gpu-u001-s02"]
    assert (second.user, second.python, second.python_origin) == (
        "role", "/opt/group", "overrides.groups.gpu.management.python"
    )  # fmt: skip
    assert LEAF not in accesses


def test_a_session_is_watched_where_both_ends_want_it() -> None:
    assert unwatched(built(POD)) == set()
    device = built(changed(POD, "overrides", {"devices": {SERVER: {"watch_by_bfd": False}}}))
    assert {name for name, _ in unwatched(device)} >= {SERVER, LEAF}
    assert all(SERVER in (each.a_device, each.b_device) for each in device.sessions if not each.bfd)


def test_an_interface_says_otherwise_than_its_device() -> None:
    silent = {"watch_by_bfd": False, "interfaces": {"front0": {"watch_by_bfd": True}}}
    ends = unwatched(built(changed(POD, "overrides", {"devices": {SERVER: silent}})))
    assert {interface for device, interface in ends if device == SERVER} == {"front1"}


def test_defaults_hold_where_a_fabric_says_nothing_itself() -> None:
    document = changed(POD, "defaults", {"mtu": 4200, "bfd": {"interval_ms": 500}})
    (plan,) = built(document).fabrics
    assert (plan.mtu, plan.bfd_interval_ms, plan.bfd_multiplier) == (4200, 500, 3)
    own = changed(changed(document, "fabrics", "front", "mtu", 1500), "fabrics", "front", "bfd", {"multiplier": 5})
    (plan,) = built(own).fabrics
    assert (plan.mtu, plan.bfd_interval_ms, plan.bfd_multiplier) == (1500, 300, 5)


@pytest.mark.parametrize(
    ("devices", "code", "fix"),
    [
        ({"gpu-u001-s1": {}}, "DES108", f"Did you mean `{SERVER}`?"),
        ({SERVER: {"interfaces": {"fromt0": {}}}}, "DES109", "Did you mean `front0`?"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_nearest(devices: Document, code: str, fix: str) -> None:
    (finding,) = designed(changed(POD, "overrides", {"devices": devices})).findings
    assert (finding.code, finding.fix) == (code, fix)


def test_both_ends_of_an_unwatched_session_are_configured_without_bfd() -> None:
    """front0 is the server's link to the first leaf, front1 that to the second."""
    said = {"devices": {SERVER: {"interfaces": {"front0": {"watch_by_bfd": False}}}}}
    pod_config = project(built(changed(POD, "overrides", said)), catalog())
    (server,) = (host for host in pod_config.hosts if host.name == SERVER)
    assert server.bgp
    assert {each.interface: bool(each.bfd) for each in server.bgp.neighbors} == {"front0": False, "front1": True}
    leaves = {switch.name: switch.bgp.neighbors for switch in pod_config.switches if switch.bgp}
    towards = {name: [bool(each.bfd) for each in near if each.device == SERVER] for name, near in leaves.items()}
    assert {name: found for name, found in towards.items() if found} == {LEAF: [False], "front-leaf-u001-2": [True]}


def sizes(design: Design) -> dict[tuple[str, str], int]:
    """The MTU of every interface."""
    return {(each.device, each.name): each.mtu for each in design.interfaces}


@pytest.mark.parametrize("end", [(SERVER, "front0"), (LEAF, "Ethernet0")])
def test_an_mtu_at_one_end_holds_for_the_cable_and_no_other(end: tuple[str, str]) -> None:
    before = built(POD)
    after = built(changed(POD, "overrides", {"devices": {end[0]: {"interfaces": {end[1]: {"mtu": 9100}}}}}))
    (cable,) = [link for link in after.links if link.mtu == 9100]
    ends = {(cable.a_device, cable.a_port), (cable.b_device, cable.b_port)}
    assert end in ends
    assert sizes(after) == sizes(before) | dict.fromkeys(ends, 9100)
    assert tables_but(after, "interfaces", "links") == tables_but(before, "interfaces", "links")


def test_a_cable_to_a_router_outside_may_take_less() -> None:
    document = changed(POD, "fabrics", "front", "outside", {"edge": {"asn": 64999, "peers": ["192.0.2.0/31"]}})
    after = built(changed(document, "overrides", {"devices": {"front-edge": {"interfaces": {"eth1": {"mtu": 1500}}}}}))
    (cable,) = [link for link in after.links if link.use == "outside"]
    assert cable.mtu == 1500
    assert sizes(after)[cable.b_device, cable.b_port] == 1500


def test_a_description_reaches_the_device_it_is_of_and_no_other() -> None:
    said = {SERVER: {"interfaces": {"front0": {"description": "to the left"}}},
            LEAF: {"interfaces": {"Ethernet0": {"description": "cabinet 7, old"}}}}  # fmt: skip
    before, after = (project(built(each), catalog()) for each in (POD, changed(POD, "overrides", {"devices": said})))
    ports = {(switch.name, port.name): port.description for switch in after.switches for port in switch.ports}
    assert ports[LEAF, "Ethernet0"] == "cabinet 7, old"
    hosts = {(host.name, each.name): each.description for host in after.hosts for each in host.interfaces}
    assert hosts[SERVER, "front0"] == "to the left"
    unlike = [new.name for old, new in zip((*before.switches, *before.hosts), (*after.switches, *after.hosts), strict=True)
              if old != new]  # fmt: skip
    assert sorted(unlike) == sorted(said)
