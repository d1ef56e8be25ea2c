"""The engine's work grows as the pod does: executed lines are counted, never seconds, so that a busy machine fails nothing.

A pod of twice the size may take twice the lines more. benchmarks/design.py measures times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from msgspec.structs import replace

from pods import Document, backend, blueprint, catalog, front, oob, osfp, pod, switch
from podwright.catalog import Catalog
from podwright.check import prove_deadlocks, run_checks
from podwright.design import design, scale
from podwright.model.design import Design
from podwright.projection import project
from podwright.targets import docs

SLOTS = 16
SIZES = (4, 8, 16)
LINEAR = 2.0
TOLERANCE = 1.15


TENANTS: Document = {
    "bridged": {"id": 1, "servers": ["gpu"], "bridged": True},
    "routed": {"id": 1, "servers": ["gpu"]},
}


def large(units: int, tenants: bool = False) -> Document:
    spine = {"model": "huge", "nos": "sonic"}
    bridged, routed = ({name: tenant} if tenants else {} for name, tenant in TENANTS.items())
    return pod(
        ("gpu", "r8p1f2m1", units * SLOTS, 1, 1),
        slots=SLOTS,
        backend=backend(spine=spine, planned_units=SIZES[-1], tenants=bridged),
        front=front(spine=spine, planned_units=SIZES[-1], tenants=routed),
        oob=oob(leaf={"model": "mixed", "nos": "cumulus", "slots": 8}, spine={"model": "huge", "nos": "cumulus"}),
    )


def roomy() -> Catalog:
    return replace(catalog(), switches=dict(catalog().switches) | {"huge": switch(osfp(1024))})


def built(units: int, tenants: bool = False) -> Design:
    product = design(blueprint(large(units, tenants)), roomy())
    assert not product.findings
    return product.design


def lines_of(work: Callable[[], object]) -> int:
    """How many lines of Podwright run; a loop on one line counts each of its rounds."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return line if "podwright" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


STAGES: dict[str, Callable[[int], Callable[[], object]]] = {
    "design": lambda units: lambda: design(blueprint(large(units)), roomy()),
    "design of tenants": lambda units: lambda: design(blueprint(large(units, tenants=True)), roomy()),
    "checks": lambda units: _over(units, run_checks),
    "checks of tenants": lambda units: _over(units, run_checks, tenants=True),
    "deadlock": lambda units: _over(units, prove_deadlocks),
    "project": lambda units: _over(units, lambda product: project(product, roomy())),
    "project tenants": lambda units: _over(units, lambda product: project(product, roomy()), tenants=True),
    "docs": lambda units: _over(units, lambda product: list(docs.render(project(product, roomy())))),
    "twin": lambda units: _over(units, lambda product: scale(product, 40)),
    "whole twin": lambda units: _over(units, lambda product: scale(product, None)),
}


def _over(units: int, work: Callable[[Design], object], *, tenants: bool = False) -> Callable[[], object]:
    product = built(units, tenants)
    return lambda: work(product)


@pytest.mark.parametrize("stage", STAGES)
def test_work_grows_as_the_pod_does(stage: str) -> None:
    small, middle, big = (lines_of(STAGES[stage](units)) for units in SIZES)
    assert (big - middle) / (middle - small) < LINEAR * TOLERANCE


def test_a_quadratic_spot_would_be_seen() -> None:
    """The measure itself: a scan in a scan fails it."""

    def scans(units: int) -> int:
        names = [str(number) for number in range(units * 20)]
        code = compile("[one for one in names for other in names if one == other]", "podwright/quadratic.py", "eval")
        return lines_of(lambda: eval(code, {"names": names}))

    small, middle, big = (scans(units) for units in SIZES)
    assert (big - middle) / (middle - small) > LINEAR * TOLERANCE


def test_records_grow_with_servers() -> None:
    counts = [
        {table: len(getattr(built(units), table)) for table in ("links", "addresses", "sessions", "host_routes")}
        for units in SIZES
    ]
    for table in counts[0]:
        small, middle, big = (count[table] for count in counts)
        assert big - middle == 2 * (middle - small), table
