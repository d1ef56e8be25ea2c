"""Thresholds of marking and pausing: the numbers of the DCQCN paper, and how a dynamic threshold shares a pool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.design.thresholds import (
    alpha_of,
    dynamic_ecn_threshold,
    dynamic_pfc_threshold,
    pool_threshold,
    static_ecn_threshold,
    static_pfc_threshold,
)

TRIDENT_II = {"buffer_bytes": 12_000_000, "ports": 32, "flight_bytes": 22_400}
"""The switch of the paper: an Arista 7050QX32, 32 ports of 40 Gb/s, 22.4 KB of headroom for each of 8 priorities."""

MTU = 1500


def test_the_paper_s_static_threshold_of_pausing() -> None:
    """Printed as 24.47 KB."""
    assert static_pfc_threshold(**TRIDENT_II) == pytest.approx(24_475)


def test_with_it_marking_would_have_to_begin_below_one_frame() -> None:
    """Printed as below 0.85 KB, and so infeasible."""
    threshold = static_ecn_threshold(static_pfc_threshold(**TRIDENT_II), ports=32)
    assert threshold == pytest.approx(764.84, abs=0.01)
    assert threshold < 850 < MTU


def test_the_paper_s_dynamic_threshold_of_marking() -> None:
    """Printed as 21.75 KB, of which the paper drops the rest, with beta 8: more than ten frames."""
    threshold = dynamic_ecn_threshold(**TRIDENT_II, beta=8)
    assert threshold == pytest.approx(21_755.56, abs=0.01)
    assert threshold > 10 * MTU


def test_a_dynamic_threshold_of_pausing_falls_with_what_is_occupied() -> None:
    free = 12_000_000 - 8 * 32 * 22_400
    assert dynamic_pfc_threshold(**TRIDENT_II, beta=8) == free
    assert dynamic_pfc_threshold(**TRIDENT_II, beta=8, occupied_bytes=free) == 0


@given(st.integers(1, 64), st.floats(0.0625, 16))
def test_marking_at_its_bound_begins_before_any_input_pauses(ports: int, beta: float) -> None:
    """At the bound of marking, n queues of outputs hold n t_ECN each, and pausing begins at just that on every input."""
    given_buffer = {"buffer_bytes": 64_000_000, "ports": ports, "flight_bytes": 50_000}
    marking = dynamic_ecn_threshold(**given_buffer, beta=beta)
    occupied = 8 * ports * marking
    assert dynamic_pfc_threshold(**given_buffer, beta=beta, occupied_bytes=occupied) == pytest.approx(ports * marking)


@pytest.mark.parametrize(("dynamic_th", "alpha"), [(-8, 1 / 256), (-3, 0.125), (0, 1), (3, 8)])
def test_alpha_is_a_power_of_two(dynamic_th: int, alpha: float) -> None:
    assert alpha_of(dynamic_th) == alpha


@given(st.integers(-8, 8), st.integers(1, 512))
def test_what_congested_groups_hold_leaves_what_their_threshold_is_made_of(dynamic_th: int, congested: int) -> None:
    pool = 60_817_392
    threshold = pool_threshold(dynamic_th, pool, congested)
    assert threshold == pytest.approx(alpha_of(dynamic_th) * (pool - congested * threshold))


def test_one_group_takes_half_of_a_pool_at_zero_and_many_share_it() -> None:
    assert pool_threshold(0, 1_000_000, 1) == 500_000
    assert pool_threshold(3, 1_000_000, 1) == pytest.approx(888_888.9, abs=0.1)
    assert pool_threshold(0, 1_000_000, 99) == 10_000
