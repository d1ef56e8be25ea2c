"""Measures the engine on large pods: `python benchmarks/design.py [UNITS ...]`, units of 64 servers with eight GPUs each.

196 units are 100,352 GPUs. No switch of the catalogue has ports enough to join as many leaves in two tiers, so spines and
the out-of-band root are one of the catalogue's with more cages: what is measured is the engine, not a fabric to build.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from podwright.catalog import Catalog, load
from podwright.check import prove_deadlocks, run_checks
from podwright.design import design, scale
from podwright.model.blueprint import Blueprint
from podwright.projection import project
from podwright.targets import docs

SLOTS = 64
GPUS = 8
MANY_CAGES = 8192
LARGE = 1_000_000
_Product = TypeVar("_Product")


def large_pod(units: int) -> Blueprint:
    """Rail-optimised compute, a leaf-spine front and an out-of-band tree over `units` full units."""
    leaf = {"model": "sn5600", "nos": "sonic"}
    huge = {"model": "huge", "nos": "sonic"}
    return msgspec.convert(
        {
            "podwright": 1,
            "name": "large",
            "site": {"domain": "large.example.net", "ntp": ["192.0.2.123"]},
            "units": {"slots": SLOTS},
            "servers": {"gpu": {"model": "hgx-h100", "count": units * SLOTS, "at": {"unit": 1, "slot": 1}}},
            "fabrics": {
                "backend": {
                    "carries": ["compute"],
                    "topology": "rail-optimised",
                    "leaf": leaf,
                    "spine": huge,
                    "planned_units": units,
                    "pool": "10.128.0.0/10",
                    "lossless": "rocev2",
                },
                "front": {
                    "carries": ["frontend", "storage"],
                    "topology": "leaf-spine",
                    "leaf": leaf,
                    "spine": huge,
                    "planned_units": units,
                    "oversubscription": 4.0,
                    "pool": "10.16.0.0/14",
                    "asn": 4250000000,
                },
                "oob": {
                    "carries": ["management"],
                    "topology": "tree",
                    "leaf": {"model": "sn2201", "nos": "cumulus", "slots": 16},
                    "spine": huge,
                    "pool": "10.0.0.0/14",
                },
            },
        },
        Blueprint,
    )


def large_catalog() -> Catalog:
    """The shipped catalogue with a switch `huge`."""
    shipped = load()
    model = shipped.switches["sn5600"]
    huge = replace(model, cages=(replace(model.cages[0], count=MANY_CAGES),))
    return Catalog(
        switches={"sn5600": model, "sn2201": shipped.switches["sn2201"], "huge": huge},
        servers={"hgx-h100": shipped.servers["hgx-h100"]},
        cables=shipped.cables,
    )


def timed(what: str, work: Callable[[], _Product]) -> _Product:
    begin, begin_cpu = time.perf_counter(), time.process_time()
    product = work()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  {what:<10} {seconds:7.2f} s   {cpu:7.2f} s of CPU   {peak:5d} MB at most so far")
    return product


def measure(units: int) -> None:
    blueprint, catalog = large_pod(units), large_catalog()
    print(f"{units} units, {units * SLOTS} servers, {units * SLOTS * GPUS} GPUs")
    designed = timed("design", lambda: design(blueprint, catalog))
    print(
        f"  {len(designed.design.devices)} devices, {len(designed.design.links)} cables, {len(designed.findings)} findings"
    )
    timed("checks", lambda: run_checks(designed.design))
    proofs = timed("deadlock", lambda: prove_deadlocks(designed.design))
    print("  " + "; ".join(f"{each.network}: {each.by}, {each.buffers} buffers" for each in proofs))
    timed("twin of 20", lambda: scale(designed.design, 20))
    projected = timed("project", lambda: project(designed.design, catalog))
    sizes = timed("docs", lambda: {each.path: len(each.text) for each in docs.render(projected)})
    print("  " + ", ".join(f"{Path(path).name} {size / 1e6:.1f} MB" for path, size in sizes.items() if size > LARGE))


if __name__ == "__main__":
    for argument in sys.argv[1:] or ["4", "49", "196"]:
        measure(int(argument))
