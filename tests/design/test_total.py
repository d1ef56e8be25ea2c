"""The design never raises for what a blueprint says, and what it accepts is sound, however odd the numbers are."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pods import Document, catalog, designed, pod, pods
from podwright.check import run_checks
from podwright.design import scale
from podwright.model.report import Severity
from podwright.projection import project

from .test_invariants import Case, broken

FIELDS = {"plane": 3, "rail": 5, "unit": 12, "slot": 8, "host": 8}
SPEEDS = ["1G", "25G", "40G", "100G", "200G", "400G", "800G"]
MODELS = ["r8p1f2m1", "r4p2f1m1", "r0p1f2m0", "r1p1f0m1", "slow", "stores", "many", "ancient", "two-loms"]
TEMPLATES = [
    "{fabric}-{number}",
    "{fabric}-u{unit}-{number}",
    "x-{unit:02}-{rail}",
    "n{number}",
    "{fabric}-p{plane}-u{unit}r{rail}n{number}",
]

ODDITIES: dict[str, st.SearchStrategy[Any]] = {
    "layout": st.fixed_dictionaries({}, optional={field: st.integers(0, most) for field, most in FIELDS.items()}),
    "planes": st.integers(1, 8),
    "rails": st.integers(1, 16),
    "homes": st.integers(1, 2),
    "planned_units": st.integers(1, 40),
    "oversubscription": st.sampled_from([1.0, 1.5, 3.0, 64.0]),
    "asn": st.sampled_from([1, 65000, 4200000000, 4250000000, 4294967294]),
    "mtu": st.integers(1280, 9216),
    "topology": st.sampled_from(["single", "leaf-spine", "rail-optimised", "tree"]),
    "pool": st.sampled_from(
        ["10.0.0.0/8", "10.128.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "192.168.1.0/24", "127.0.0.0/8"]
    ),
    "link_speed": st.fixed_dictionaries(
        {}, optional={role: st.sampled_from(SPEEDS) for role in ("compute", "frontend", "storage", "uplink")}
    ),
    "leaf": st.fixed_dictionaries(
        {
            "model": st.sampled_from(["small", "large", "mixed", "none"]),
            "nos": st.sampled_from(["sonic", "eos", "none"]),
        },
        optional={"slots": st.integers(1, 8)},
    ),
    "spine": st.fixed_dictionaries(
        {"model": st.sampled_from(["small", "large", "mixed"]), "nos": st.just("sonic")},
        optional={"count": st.integers(1, 200)},
    ),
}


@st.composite
def odd_pods(draw: st.DrawFn) -> Document:
    """A good pod with some numbers replaced by any that the schema lets pass."""
    document = deepcopy(draw(pods()))
    for _ in range(draw(st.integers(1, 3))):
        fabric = document["fabrics"][draw(st.sampled_from(sorted(document["fabrics"])))]
        key = draw(st.sampled_from(sorted(ODDITIES)))
        if key == "topology" and "management" in fabric["carries"]:
            continue  # refused before the design
        fabric[key] = draw(ODDITIES[key])
        if fabric["topology"] in ("leaf-spine", "rail-optimised"):
            fabric.setdefault("spine", {"model": "large", "nos": "sonic"})
        if fabric["topology"] == "single":
            fabric.pop("spine", None)
        if fabric["topology"] != "rail-optimised":
            fabric.pop("planes", None)
    if draw(st.booleans()):
        group = document["servers"][draw(st.sampled_from(sorted(document["servers"])))]
        group["model"] = draw(st.sampled_from(MODELS))
        group["at"] = {"unit": draw(st.sampled_from([1, 2, 63, 511, 999])), "slot": 1}
    if draw(st.booleans()):
        document["names"] = {draw(st.sampled_from(["leaf", "rail_leaf", "spine"])): draw(st.sampled_from(TEMPLATES))}
    return document


LEAVES_OF_ONE_NAME: Document = {
    **pod(("gpu", "r1p1f0m0s2", 1, 1, 1)),
    "fabrics": {
        "all": {
            "carries": ["compute", "frontend", "storage"],
            "topology": "leaf-spine",
            "leaf": {"model": "large", "nos": "sonic"},
            "spine": {"model": "large", "nos": "sonic"},
            "planned_units": 4,
            "pool": "10.128.0.0/10",
            "host_pool": "10.16.0.0/14",
            "link_pool": "10.64.0.0/12",
            "asn": 4_250_000_000,
            "rails": 1,
            "homes": 2,
            "underlay": "numbered",
            "link_speed": {"uplink": "25G"},
        }
    },
    "units": {"slots": 2},
    "names": {"leaf": "x-{unit:02}-{rail}"},
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(odd_pods())
@example(LEAVES_OF_ONE_NAME)
def test_it_refuses_or_designs_soundly(document: Document) -> None:
    product = designed(document)
    assert all(finding.message and finding.fix.endswith((".", "?")) and finding.path for finding in product.findings)
    if any(finding.severity is Severity.ERROR for finding in product.findings):
        return
    assert not broken(product.design, Case(document, catalog()))
    run_checks(product.design)
    project(scale(product.design, 10), catalog())
