"""A server with routed ports on two fabrics: one BGP speaker, which keeps the fabrics apart."""

from __future__ import annotations

from pods import built, catalog, front, oob, pod
from podwright.model.design import Design
from podwright.projection import project
from podwright.projection.records import Bgp, HostConfig, SourceChoice
from podwright.verify.routes import expected_routes
from podwright.verify.tenancy import OWN

TOGETHER = pod(("gpu", "r0p1f2m1s2", 2, 1, 1), front=front(), oob=oob())
APART = pod(
    ("gpu", "r0p1f2m1s2", 2, 1, 1),
    archive=front(carries=["storage"], pool="172.16.0.0/14", asn=4202000000, outside={}),
    front=front(carries=["frontend"], pool6="fd10:16::/64"),
    oob=oob(),
)
"""The second fabric comes first in every order there is, so that nothing is right by chance."""


def bgp_of(host: HostConfig) -> Bgp:
    assert host.bgp is not None
    return host.bgp


def split() -> Design:
    return built(APART)


def test_moving_storage_to_its_own_fabric_keeps_as_number_router_id_and_front_address() -> None:
    before, after = built(TOGETHER), split()
    for name in ("gpu-u001-s01", "gpu-u001-s02"):
        (was,) = (router for router in before.routers if router.device == name)
        (now,) = (router for router in after.routers if router.device == name)
        assert was == now
        kept = {each.address for each in before.addresses if each.device == name}
        assert kept <= {each.address for each in after.addresses if each.device == name}


def test_each_fabric_is_told_its_own_loopback_only() -> None:
    design = split()
    gpu = bgp_of(next(host for host in project(design, catalog()).hosts if host.name == "gpu-u001-s01"))
    sets = {each.name: {entry.prefix for entry in each.entries} for each in gpu.prefix_sets}
    assert {name for name in sets if name.startswith("OWN")} == {"OWN-ARCHIVE", "OWN-FRONT", "OWN-FRONT-6"}
    assert sets["OWN-ARCHIVE"] == {"172.16.1.0/32"}
    assert sets["OWN-FRONT"] == {"10.16.1.0/32"}
    towards = {each.interface: (each.import_policy, each.export_policy, each.bfd, each.ipv6) for each in gpu.neighbors}
    assert towards["stor0"] == ("FROM-ARCHIVE", "TO-ARCHIVE", "archive", False)
    assert towards["front0"] == ("FROM-FRONT", "TO-FRONT", "front", True)


def test_packets_carry_the_address_of_the_fabric_they_leave_by() -> None:
    gpu = bgp_of(project(split(), catalog()).hosts[0])
    assert gpu.sources == (
        SourceChoice(
            prefix_set="REACHED-FRONT", address="10.16.1.0", prefix_set6="REACHED-FRONT-6", address6="fd10:16::100"
        ),
        SourceChoice(prefix_set="REACHED-ARCHIVE", address="172.16.1.0"),
    )


def test_a_default_route_is_taken_over_the_home_fabric_only() -> None:
    gpu = bgp_of(project(split(), catalog()).hosts[0])
    sets = {each.name: {entry.prefix for entry in each.entries} for each in gpu.prefix_sets}
    assert sets["REACHED-FRONT"] == {"10.16.0.0/14", "0.0.0.0/0"}
    assert sets["REACHED-ARCHIVE"] == {"172.16.0.0/14"}
    routes = expected_routes(split())["gpu-u001-s01", OWN]
    assert routes["0.0.0.0/0"] == {"front0", "front1"}
    assert routes["172.16.0.0/14"] == {"stor0", "stor1"}
    assert "172.16.1.4/32" not in routes
