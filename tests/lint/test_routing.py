"""Routes as files of switches tell them: sessions, marks and AS numbers, and what follows for circles of pauses."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint.folders import BASE, changed, fault
from podwright.catalog import load
from podwright.lint import Options, lint
from podwright.lint.folder import read_folder
from podwright.lint.readers.routing import is_frr, read_frr
from podwright.lint.records import Routing, Session
from podwright.lint.routing import network_of_switches
from podwright.model.network import Network
from podwright.network import lossless_networks, prove_free_of_deadlock
from podwright.pipeline import design_pod, render_design
from podwright.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]

FRR = """\
frr defaults datacenter
router bgp 65001
 neighbor UP peer-group
 neighbor UP remote-as external
 neighbor Ethernet0 interface peer-group UP
 neighbor 10.0.0.1 remote-as 65100
 neighbor 10.0.0.9 remote-as 65101
 neighbor Ethernet8 interface remote-as external
 neighbor Ethernet8 shutdown
 address-family ipv4 unicast
  neighbor UP route-map FROM-UP in
  neighbor UP route-map TO-UP out
  neighbor 10.0.0.1 allowas-in 1
  neighbor 10.0.0.1 remove-private-AS all
 exit-address-family
exit
bgp community-list standard ABOVE seq 5 permit 64900:1
route-map FROM-UP permit 10
 set community 64900:1 additive
exit
route-map TO-UP deny 10
 match community ABOVE
exit
route-map TO-UP permit 20
"""


def network(folder: Path) -> Network:
    return network_of_switches(read_folder(folder, load(), Options()).seen)


def test_frr_tells_sessions_with_their_marks() -> None:
    known = Routing(asn=65999, addresses=(("Ethernet4", "10.0.0.0/31"),), bundles={"Ethernet4": "PortChannel1"})
    assert is_frr(FRR)
    assert read_frr(FRR, known) == Routing(
        asn=65001,
        sessions=(
            Session(port="Ethernet0", adds=("64900:1",), withholds=("64900:1",)),
            Session(port="Ethernet4", own_as=True, hides_as=True),
        ),
        bundles=known.bundles,
        addresses=known.addresses,
    )


@pytest.mark.parametrize(
    ("old", "new", "adds", "withholds"),
    [
        ("route-map FROM-UP permit 10", "route-map FROM-UP permit 5\nroute-map FROM-UP permit 10", (), ("64900:1",)),
        ("route-map TO-UP deny 10", "route-map TO-UP permit 5\nroute-map TO-UP deny 10", ("64900:1",), ()),
        (" match community ABOVE", " match community ABOVE\n match ip address prefix-list X", ("64900:1",), ()),
        ("route-map TO-UP out", "route-map OTHER out", ("64900:1",), ()),
    ],
    ids=["some are not marked", "some pass before", "some of the marked only", "no such map"],
)
def test_marks_count_where_no_route_escapes_them(
    old: str, new: str, adds: tuple[str, ...], withholds: tuple[str, ...]
) -> None:
    first = read_frr(FRR.replace(old, new, 1), Routing()).sessions[0]
    assert (first.adds, first.withholds) == (adds, withholds)


def test_static_routes_with_next_hops_are_known_and_discards_are_not_among_them() -> None:
    assert read_frr("ip route 10.0.0.0/8 10.0.0.1\n" + FRR, Routing()).statics
    assert not read_frr("ip route 10.0.0.0/8 blackhole\n" + FRR, Routing()).statics


def test_a_database_tells_sessions_over_the_networks_of_its_ports() -> None:
    net = network(BASE)
    assert {(each.a_device, each.b_device) for each in net.peerings} == {
        (leaf, spine) for leaf in ("leaf-1", "leaf-2") for spine in ("spine-1", "spine-2")
    }
    assert {node.name: node.asn for node in net.nodes if node.forwards} == {
        "leaf-1": 65001, "leaf-2": 65002, "spine-1": 65100, "spine-2": 65100,
    }  # fmt: skip
    proof = prove_free_of_deadlock(net, "3")
    assert (proof.by, proof.free) == ("tiers", True)


def test_a_bundle_fails_as_one_cable(tmp_path: Path) -> None:
    changes = [
        {"file": f"{switch}/config_db.json", "path": ["PORTCHANNEL_MEMBER", f"PortChannel1|{port}"], "to": {}}
        for switch, ports in (("leaf-1", ("Ethernet8", "Ethernet16")), ("spine-1", ("Ethernet0",)))
        for port in ports
    ]
    wires = network(changed(tmp_path, changes)).wires
    assert ("leaf-1", "PortChannel1", "spine-1", "PortChannel1") in {
        (wire.a_device, wire.a_port, wire.b_device, wire.b_port) for wire in wires
    }


def test_the_failure_and_every_hop_of_the_circle_are_told(tmp_path: Path) -> None:
    (finding,) = lint(changed(tmp_path, fault("LNT080")), load(), Options()).findings
    assert finding.message.startswith("priority 3 can deadlock as it is built: leaf-1:Ethernet")
    assert finding.message.count(" waits for ") == 4


def test_servers_of_spines_that_share_an_as_make_no_circle(tmp_path: Path) -> None:
    other_as, *rest = fault("LNT080")
    assert other_as["path"][-1] == "bgp_asn"
    assert lint(changed(tmp_path, rest), load(), Options()).findings == ()


def test_what_no_file_tells_of_routes_is_left_open(tmp_path: Path) -> None:
    silence = [
        {"file": f"{switch}/config_db.json", "path": ["BGP_NEIGHBOR"], "to": None} for switch in ("leaf-1", "leaf-2")
    ]
    found = lint(changed(tmp_path / "silent", silence), load(), Options())
    assert found.findings == ()
    assert found.unknown == (
        "which routes leaf-1 and 3 more have over cables to switches: no BGP_NEIGHBOR with the addresses of both ends, nor "
        "frr.conf, so whether pauses can go round in a circle",
    )
    static = {"file": "leaf-1/config_db.json", "path": ["STATIC_ROUTE", "0.0.0.0/0"], "to": {"nexthop": "10.1.0.1"}}
    found = lint(changed(tmp_path / "static", [static]), load(), Options())
    assert found.unknown == ("where static routes of leaf-1 lead packets: only routes of BGP are followed",)


def test_a_rendered_pod_is_read_back_as_what_was_designed(tmp_path: Path) -> None:
    """What config_db.json and frr.conf of a pod say makes the same proof as the design they were rendered from."""
    pod = design_pod(ROOT / "blueprints" / "hgx-h100-32")
    ((designed, lossless),) = lossless_networks(pod.design)
    switches = {node.name for node in designed.nodes if node.forwards}
    targets = {name: render for name, render in TARGETS.items() if name in ("sonic", "frr")}
    for artifact in render_design(pod.design, pod.catalog, targets):
        path = Path(artifact.path)
        if path.parent.name in switches and path.name in ("config_db.json", "frr.conf"):
            file = tmp_path / path.parent.name / path.name
            file.parent.mkdir(exist_ok=True)
            file.write_text(artifact.text, encoding="utf-8")
    leaves = {each.a_device for each in designed.peerings}
    for each in network(tmp_path).peerings:
        terms = each.a if each.a_device in leaves else each.b
        assert terms.adds == terms.withholds == ("64900:1",)
    seen, told = prove_free_of_deadlock(network(tmp_path), "3"), prove_free_of_deadlock(designed, lossless)
    assert (seen.by, seen.buffers, seen.dependencies, seen.switches) == (
        told.by,
        told.buffers,
        told.dependencies,
        told.switches,
    )
