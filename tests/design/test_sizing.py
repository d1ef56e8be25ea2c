"""Counts of leaves, spines and cables against those that vendors publish for their reference designs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pods import Document, backend, blueprint, built, catalog, changed, oob, pod, switch
from podwright.catalog import Cages
from podwright.design import Designed, design
from podwright.design.sizing import gbps, spine_count, uplinks
from podwright.model.report import Severity

# NVIDIA DGX SuperPOD reference architecture DGX H100, RA-11333-001 V11, table 4:
# https://docs.nvidia.com/dgx-superpod/reference-architecture-scalable-infrastructure-h100/latest/network-fabrics.html
# scalable units, nodes, leaves, spines, cables between leaves and spines
DGX_H100 = [(1, 31, 8, 4, 256), (2, 63, 16, 8, 512), (3, 95, 24, 16, 768), (4, 127, 32, 16, 1024)]
# DGX B200, rows of two tiers:
# https://docs.nvidia.com/dgx-superpod/reference-architecture-scalable-infrastructure-b200/latest/dgx-superpod-architecture.html
DGX_B200 = [(2, 64, 16, 8, 512), (4, 128, 32, 16, 1024), (8, 256, 64, 32, 2048)]
# Juniper validated design, AI data centre multitenancy: ports of 400G of a leaf, servers and GPUs of a stripe:
# https://www.juniper.net/documentation/us/en/software/jvd/ai-dc-evpn-multitenancy/
JUNIPER = [("QFX5220-32CD", 32, 16, 128), ("QFX5230-64CD", 64, 32, 256), ("QFX5240-64OD", 128, 64, 512)]

RADIX, DOWN, RAILS, NODES = 64, 32, 8, 32


def of_400g(ports: int) -> Cages:
    return Cages(first=1, count=ports, form="osfp", lanes=4, modes=("1x400G",), index=0, lane=0)


def superpod(units: int, nodes: int, slots: int = NODES, ports: int = RADIX) -> Designed:
    """A rail-optimised fabric of switches with `ports` ports of 400G."""
    name = {"model": "flat", "nos": "sonic"}
    document = pod(
        ("gpu", "r8p1f0m0", nodes, 1, 1),
        slots=slots,
        backend=backend(leaf=name, spine=name, planned_units=units),
    )
    return design(blueprint(document), replace(catalog(), switches={"flat": switch(of_400g(ports))}))


@pytest.mark.parametrize(("units", "nodes", "leaves", "spines", "cables"), DGX_H100 + DGX_B200)
def test_the_published_superpods(units: int, nodes: int, leaves: int, spines: int, cables: int) -> None:
    assert uplinks(DOWN * 400, 400, 1.0, None) == DOWN
    assert spine_count(DOWN, leaves, RADIX) == spines
    product = superpod(units, nodes)
    assert not product.findings
    (fabric,) = product.design.fabrics
    assert (fabric.leaves, fabric.spines) == (leaves, spines)
    assert sum(link.use == "fabric" for link in product.design.links) == cables
    assert sum(link.use == "host" for link in product.design.links) == nodes * RAILS


def test_what_the_published_design_gives_three_tiers_is_refused() -> None:
    """The B200 table goes to three tiers at sixteen scalable units: 128 leaves are more than two tiers of 64 ports join."""
    assert spine_count(DOWN, 128, RADIX) is None
    assert [finding.code for finding in superpod(16, 512).findings] == ["DES210"]


@pytest.mark.parametrize(("model", "ports", "servers", "gpus"), JUNIPER)
def test_the_published_stripes(model: str, ports: int, servers: int, gpus: int) -> None:
    """A stripe is what one set of rail leaves serves: half of the ports of a leaf down, half up."""
    del model
    product = superpod(1, servers, slots=64, ports=ports)
    assert not [finding for finding in product.findings if finding.severity > Severity.NOTE]
    stripe = [leaf for leaf in product.design.devices if leaf.tier == "leaf"]
    assert len(stripe) == RAILS
    assert len({link.a_device for link in product.design.links if link.use == "host"}) == servers
    assert sum(link.use == "host" for link in product.design.links) == gpus
    full = [sum(port.device == leaf.name for port in product.design.ports) for leaf in stripe]
    assert full == [ports] * RAILS
    more = superpod(2 if servers == 64 else 1, servers + 1, slots=64, ports=ports)
    assert sum(leaf.tier == "leaf" for leaf in more.design.devices) == 2 * RAILS


@given(st.integers(1, 64), st.integers(1, 400), st.integers(2, 512))
def test_a_number_of_spines_fits_and_is_even_and_is_the_smallest(pairs: int, leaves: int, ports: int) -> None:
    links = 2 * pairs
    count = spine_count(links, leaves, ports)
    possible = [each for each in range(2, links + 1) if links % each == 0 and leaves * (links // each) <= ports]
    assert count == (min(possible) if possible else None)


@given(
    st.integers(1, 100_000),
    st.sampled_from([100, 200, 400, 800]),
    st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    st.integers(1, 16),
)
def test_uplinks_carry_what_they_must(down: int, up: int, oversubscription: float, spines: int) -> None:
    count = uplinks(down, up, oversubscription, spines)
    assert count % spines == 0
    assert count * up * oversubscription >= down - 1e-6
    assert (count - spines) * up * oversubscription < down or count == spines


def test_speeds_are_in_gigabits() -> None:
    assert gbps("400G") == 400


@pytest.mark.parametrize(
    ("spine", "uplinks", "spines"),
    [
        ({}, "ceil(3200G / (1 x 800G)), to an even number", "smallest divisor of 4, with ports for 32 leaves"),
        ({"count": 3}, "ceil(3200G / (1 x 800G)), to a multiple of 3", "as written, with ports for 32 leaves"),
    ],
)
def test_the_arithmetic_of_a_fabric_says_what_was_counted(spine: Document, uplinks: str, spines: str) -> None:
    document = pod(("gpu", "r8p1f0m1", 4, 1, 1), backend=backend(), oob=oob())
    document = changed(document, "fabrics", "backend", "spine", {"model": "large", "nos": "sonic"} | spine)
    formulas = {each.name: each.formula for each in built(document).sizings if each.subject == "backend"}
    assert formulas["uplinks of a leaf"] == uplinks
    assert formulas["spines of a plane"].startswith(spines)
