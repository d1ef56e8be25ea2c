"""A kernel whose neighbour table is smaller than the twin is named before trials fail for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.lab.neighbour_table import needed, shortages
from podwright.model.design import Design

from .tiny import tiny_design


@pytest.fixture
def design() -> Design:
    return tiny_design()


def with_limit(folder: Path, **limits: int) -> Path:
    for family, limit in limits.items():
        file = folder / "net" / family / "neigh/default/gc_thresh3"
        file.parent.mkdir(parents=True)
        file.write_text(f"{limit}\n")
    return folder


def test_the_need_is_counted_by_subnet_and_session(design: Design) -> None:
    rails = 2 * 2  # two /31, each end knows the other
    management = 3 * 2  # three addresses in one subnet
    sessions = 2 * (4 + 2 + 4)  # leaf to spine in two fabrics, servers to front leaves
    assert needed(design, 4) == rails + management + sessions
    assert needed(design, 6) == sessions


def test_a_table_that_is_too_small_is_named_with_the_remedy(design: Design, tmp_path: Path) -> None:
    (short,) = shortages(design, with_limit(tmp_path, ipv4=29, ipv6=20))
    assert str(short) == (
        "this twin may have 30 neighbours at once, and net.ipv4.neigh.default.gc_thresh3 stops at 29 for the whole "
        "machine: packets to the others are dropped. As root: sysctl -w net.ipv4.neigh.default.gc_thresh3=64"
    )


def test_a_table_that_is_large_enough_is_not_mentioned(design: Design, tmp_path: Path) -> None:
    assert not shortages(design, with_limit(tmp_path, ipv4=30, ipv6=20))


def test_a_limit_that_cannot_be_read_is_taken_to_suffice(design: Design, tmp_path: Path) -> None:
    assert not shortages(design, tmp_path)
