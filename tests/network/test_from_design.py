"""The network of a designed fabric: what configurations will say, and free of deadlock by tiers and by search alike."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from pods import Document, backend, blueprint, catalog, converged, front, pod, pods
from podwright.design import Index, design
from podwright.model.design import Design
from podwright.network import lossless_networks, network_of, prove_free_of_deadlock, search_deadlocks
from podwright.network.forwarding import Routes
from podwright.network.from_design import FROM_SPINE
from podwright.network.graph import Graph
from podwright.pipeline import design_pod
from podwright.projection.routing import project_bgp
from podwright.verify.paths import Sessions

ROOT = Path(__file__).resolve().parents[2]


@lru_cache
def reference(name: str) -> Design:
    return design_pod(ROOT / "blueprints" / name).design


def built(document: Document) -> Design:
    return design(blueprint(document), catalog()).design


def small(**fabrics: Any) -> Design:
    return built(pod(("gpu", "r2p1f2m1", 6, 1, 1), slots=2, **fabrics))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "blueprints").glob("*/pod.yaml")))
def test_reference_pods_are_free_of_deadlock_by_tiers(name: str) -> None:
    proofs = [prove_free_of_deadlock(*each) for each in lossless_networks(reference(name))]
    assert [(proof.by, proof.free) for proof in proofs] == [("tiers", True)] * len(proofs)
    assert proofs


@pytest.mark.parametrize(
    "fabrics",
    [
        {"backend": backend(), "front": front(lossless="rocev2")},
        {"all": converged(lossless="rocev2", rails=2)},
        {"all": converged(lossless="rocev2", rails=2, homes=1)},
    ],
    ids=["apart", "converged", "single homes"],
)
def test_the_search_finds_no_circle_after_any_single_failure_either(fabrics: Document) -> None:
    for network, lossless in lossless_networks(small(**fabrics)):
        proof = search_deadlocks(network, lossless)
        assert proof.free
        assert 0 < proof.dependencies <= prove_free_of_deadlock(network, lossless).dependencies


@settings(max_examples=40, deadline=None)
@given(pods())
def test_whatever_is_designed_is_free_by_tiers(document: Document) -> None:
    for network, lossless in lossless_networks(built(document)):
        assert prove_free_of_deadlock(network, lossless).by == "tiers"


def test_the_tiers_of_a_designed_fabric_are_those_that_cables_show() -> None:
    network, lossless = next(lossless_networks(reference("hgx-h100-32")))
    unranked = replace(network, nodes=tuple(replace(node, rank=-1) for node in network.nodes))
    assert prove_free_of_deadlock(unranked, lossless) == prove_free_of_deadlock(network, lossless)


def test_marks_are_those_that_configurations_make() -> None:
    """Each leaf marks what it hears from a spine, and keeps from spines what is marked; it does neither towards servers."""
    design = reference("rag-16")
    index = Index(design)
    (network, _), *_ = lossless_networks(design)
    leaves = [device for device in design.devices if device.tier == "leaf" and device.fabric == network.name]
    assert leaves
    for leaf in leaves:
        bgp = project_bgp(index, leaf)
        assert bgp is not None
        policies = {policy.name: policy for policy in bgp.policies}
        terms = {each.a_port: each.a for each in network.peerings if each.a_device == leaf.name}
        terms |= {each.b_port: each.b for each in network.peerings if each.b_device == leaf.name}
        for neighbor in bgp.neighbors:
            taken = policies[neighbor.import_policy].statements
            told = policies[neighbor.export_policy].statements
            marks = {each.add_community for each in taken if each.action == "permit"} - {""}
            withheld = {each.community for each in told if each.action == "deny" and each.community}
            assert (marks, withheld) == (set(terms[neighbor.interface].adds), set(terms[neighbor.interface].withholds))
            assert (marks == {FROM_SPINE}) == (neighbor.use == "spine")


@pytest.mark.parametrize("fabric", ["backend", "front"])
def test_next_hops_are_those_that_a_running_pod_is_verified_against(fabric: str) -> None:
    """Of every switch, for each address that servers seek: as verify's own account of sessions has them."""
    design = small(backend=backend(), front=front(lossless="rocev2"))
    graph = Graph(network_of(design, fabric))
    routes = Routes(graph)
    sessions = Sessions(design, [each for each in design.sessions if each.fabric == fabric])
    sought = [each for each in graph.network.destinations if each.sought]
    assert sought
    for each in sought:
        learned = sessions.learned(each.origins[0])
        own = {
            device: set(ports) for device, ports in routes.own(each).items() if graph.node[device].forwards and ports
        }
        assert own == {
            device: {hop.interface for hop in known.hops}
            for device, known in learned.items()
            if graph.node[device].forwards
        }
