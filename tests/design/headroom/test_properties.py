"""Whatever is asked: more cable, more speed and larger frames never need less, and the bytes on the cable always fit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from podwright.catalog import load
from podwright.design.headroom import Headroom, Question, headroom

ASICS = dict(load().asics)
IN_FIBRE = 200_000_000
"""Metres a second; light is not faster in any fibre."""

PAUSE_QUANTA = {10: 67, 25: 80, 40: 118, 50: 147, 100: 394, 200: 453, 400: 905, 800: 905}

names = st.sampled_from(sorted(ASICS))
speeds = st.sampled_from([10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000, 800_000])
questions = st.builds(
    Question,
    mbps=speeds,
    metres=st.decimals(0, 2000, places=1).map(float),
    port_mtu=st.integers(1500, 9216),
    lossless_mtu=st.integers(64, 9216),
    small_packets=st.integers(0, 100),
    pause_quanta=st.booleans(),
    peer_response_bytes=st.none() | st.integers(0, 200_000),
    gearbox_ns=st.decimals(0, 100, places=2).map(float),
    lanes=st.sampled_from([0, 1, 2, 4, 8]),
    shared_headroom_pool=st.booleans(),
    ceil_worst_case=st.booleans(),
    compensation=st.booleans(),
    size_rounded_once=st.booleans(),
)


def answer(name: str, question: Question) -> Headroom:
    return headroom(ASICS[name], question)


@given(names, questions, st.integers(0, 500))
def test_a_longer_cable_never_needs_less(name: str, question: Question, more: int) -> None:
    """Without the compensation, which SONiC adds by comparing two rounded values, so that a KiB of cable may end it."""
    question = replace(question, compensation=False)
    longer = replace(question, metres=question.metres + more)
    assert answer(name, longer).xoff_bytes >= answer(name, question).xoff_bytes


@given(names, questions, speeds)
def test_a_faster_port_never_needs_less(name: str, question: Question, other: int) -> None:
    """With one response of the peer: the standard's bounds by speed are no part of this, though they grow too."""
    question = replace(question, compensation=False, peer_response_bytes=20_000, lanes=4)
    slow, fast = (replace(question, mbps=mbps) for mbps in sorted((question.mbps, other)))
    if ASICS[name].headroom != "ieee":  # interface delays of the standard fall from 10 to 25 Gb/s
        assert answer(name, fast).xoff_bytes >= answer(name, slow).xoff_bytes


@given(names, questions, st.integers(0, 3000))
def test_a_larger_port_mtu_never_needs_less(name: str, question: Question, more: int) -> None:
    question = replace(question, compensation=False)
    larger = replace(question, port_mtu=question.port_mtu + more)
    assert answer(name, larger).xoff_bytes >= answer(name, question).xoff_bytes
    assert answer(name, larger).size_bytes >= answer(name, question).size_bytes


@given(names, questions)
def test_what_is_in_flight_on_the_cable_always_fits(name: str, question: Question) -> None:
    in_flight = 2 * question.metres / IN_FIBRE * question.mbps * 1e6 / 8
    assert answer(name, question).xoff_bytes >= in_flight


@given(names, questions)
def test_the_terms_hold_the_answer(name: str, question: Question) -> None:
    found = answer(name, question)
    values = {term.name: term.value for term in found.terms}
    assert values["xoff"] == found.xoff_bytes
    assert values["size"] == found.size_bytes
    assert values.get("xon", 0) == found.xon_bytes
    assert all(term.formula and term.source for term in found.terms)


@given(st.sampled_from(["spectrum-1", "spectrum-2", "spectrum-3", "spectrum-4", "spectrum-5"]), questions)
def test_fractions_and_sonic_s_floating_point_agree_but_at_whole_kib(name: str, question: Question) -> None:
    """SONiC's script, written again with the numbers that Lua has."""
    question = replace(question, pause_quanta=True, peer_response_bytes=None, ceil_worst_case=True, compensation=False)
    asic = ASICS[name]
    cell, small, mbps = asic.cell_bytes, question.small_packets, question.mbps
    worst = math.ceil(cell / 64 if cell > 128 else 2 * cell / (1 + cell))
    share = 100 * 64 / ((small * 64 + (100 - small) * question.lossless_mtu) / 100)
    occupancy = (100 - share + share * worst) / 100
    cable = 2 * question.metres * mbps * 1e9 / 198000000 / (8 * 1000)
    gearbox = mbps * question.gearbox_ns / (8 * 1024)
    response = PAUSE_QUANTA[mbps // 1000] * 512 / 8
    tile = mbps / 1000 * 120 / 8 if name in ("spectrum-4", "spectrum-5") else 0
    exact = question.lossless_mtu + (question.port_mtu + cable + 2 * gearbox + 0.8 * 1024 + response + tile) * occupancy
    ours = headroom(asic, question).xoff_bytes
    assert abs(exact / 1024 - round(exact / 1024)) < 1e-9 or ours == math.ceil(exact / 1024) * 1024


@pytest.mark.parametrize("name", sorted(ASICS))
def test_the_cable_s_own_share_is_shown(name: str) -> None:
    terms = {term.name for term in answer(name, Question(mbps=100_000, metres=40)).terms}
    assert terms & {"cable, both ways", "xoff for each metre"}
