"""Headroom as published: every row of NVIDIA's tables to the byte, the growth of Broadcom's within a thousandth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from podwright.catalog import load
from podwright.design.headroom import Question, headroom, lanes_of, slope

HERE = Path(__file__).parent
ASICS = load().asics
SPECTRUM = yaml.safe_load((HERE / "spectrum.yaml").read_text("utf-8"))
BROADCOM = yaml.safe_load((HERE / "broadcom.yaml").read_text("utf-8"))
OTHERS = [name for name, asic in ASICS.items() if asic.headroom == "ieee"]


def rows_of_spectrum() -> Iterator[object]:
    for name, table in SPECTRUM.items():
        for mbps, metres, size, xon, xoff in table["rows"]:
            question = Question(mbps=mbps, metres=metres, **table["asked"])
            yield pytest.param(table["asic"], question, (xoff, xon, size), id=f"{name}-{mbps}-{metres}m")


def rows_of_broadcom() -> Iterator[object]:
    for name, table in BROADCOM.items():
        for mbps, *xoffs in table["rows"]:
            yield pytest.param(table["asic"], mbps, xoffs, id=f"{name}-{mbps}")


@pytest.mark.parametrize(("asic", "question", "published"), list(rows_of_spectrum()))
def test_spectrum_to_the_byte(asic: str, question: Question, published: tuple[int, int, int]) -> None:
    found = headroom(ASICS[asic], question)
    assert (found.xoff_bytes, found.xon_bytes, found.size_bytes) == published


@pytest.mark.parametrize(("metres", "xoff"), [(5, 95232), (40, 132096), (300, 411648)])
def test_spectrum_at_800_gb_s_with_the_frames_of_rocev2(metres: int, xoff: int) -> None:
    """The SN5610N's rows of 800 Gb/s, whose sizes leave out the frame that SONiC's script adds for eight lanes."""
    question = Question(mbps=800_000, metres=metres, **SPECTRUM["SN5610N-C256S2"]["asked"])
    found = headroom(ASICS["spectrum-4"], question)
    assert (found.xoff_bytes, found.xon_bytes) == (xoff, 38912)


def test_only_three_published_sizes_are_not_the_sum_of_their_rounded_parts() -> None:
    """SONiC's script adds what it has rounded, so on the switch these are 1 KiB larger than in the table."""
    table = SPECTRUM["ACS-SN5600"]
    asked = table["asked"] | {"size_rounded_once": False}
    larger = {
        (mbps, metres): headroom(ASICS["spectrum-4"], Question(mbps=mbps, metres=metres, **asked)).size_bytes - size
        for mbps, metres, size, _, _ in table["rows"]
    }
    assert {key: value for key, value in larger.items() if value} == {
        (40000, 5): 1024,
        (800000, 5): 1024,
        (800000, 300): 1024,
    }


@pytest.mark.parametrize(("asic", "mbps", "xoffs"), list(rows_of_broadcom()))
def test_broadcom_grows_with_the_cable_within_a_thousandth(asic: str, mbps: int, xoffs: list[int]) -> None:
    near, _, far = xoffs
    assert (far - near) / 295 == pytest.approx(float(slope(ASICS[asic], mbps)), rel=1e-3)
    computed = [headroom(ASICS[asic], Question(mbps=mbps, metres=metres)).xoff_bytes for metres in (5, 300)]
    assert computed[1] - computed[0] == pytest.approx(far - near, rel=1e-3)


@pytest.mark.parametrize(("asic", "mbps", "xoffs"), list(rows_of_broadcom()))
def test_the_fit_of_broadcom_meets_tables_or_lies_a_little_above(asic: str, mbps: int, xoffs: list[int]) -> None:
    lowest, highest = {"tomahawk-5": (-0.002, 0.002), "tomahawk-4": (0, 0.04)}[asic]
    for metres, published in zip((5, 40, 300), xoffs, strict=True):
        beyond = headroom(ASICS[asic], Question(mbps=mbps, metres=metres)).xoff_bytes / published - 1
        assert lowest <= beyond <= highest, metres


def test_a_tomahawk_reserves_and_resumes_as_its_platforms_do() -> None:
    found = headroom(ASICS["tomahawk-5"], Question(mbps=400_000, metres=40))
    assert (found.size_bytes, found.xon_bytes, found.xon_offset_bytes) == (18796, 0, 3556)


@pytest.mark.parametrize("asic", OTHERS)
def test_other_chips_have_the_sum_of_the_standard_s_delays(asic: str) -> None:
    """9216 and 2300 bytes of frames over 100 m at 100 Gb/s, added by hand."""
    question = Question(mbps=100_000, metres=100, lossless_mtu=2300)
    bits = 73888 + 672 + 2 * 100 * 5 * 100 + 2 * 122880 + 201728 + 18560
    found = headroom(ASICS[asic], question)
    assert found.xoff_bytes == bits // 8
    assert found.size_bytes == found.xoff_bytes
    assert found.xon_bytes == 0
    assert any("not published" in note for note in found.notes)


@pytest.mark.parametrize(
    ("asic", "gbps", "lanes"),
    [
        ("spectrum-1", 100, 4), ("spectrum-2", 200, 4), ("spectrum-3", 400, 8), ("spectrum-3", 200, 4),
        ("spectrum-4", 400, 4), ("spectrum-4", 800, 8), ("spectrum-5", 800, 8), ("spectrum-6", 800, 4),
        ("spectrum-4", 10, 1),
    ],
)  # fmt: skip
def test_lanes_that_a_speed_takes(asic: str, gbps: int, lanes: int) -> None:
    assert lanes_of(ASICS[asic], gbps * 1000) == lanes


def test_eight_lanes_double_xon_and_add_a_frame() -> None:
    """A whole cage of Spectrum-4 that runs 400 Gb/s on eight lanes of 50."""
    four = headroom(ASICS["spectrum-4"], Question(mbps=400_000, metres=40))
    eight = headroom(ASICS["spectrum-4"], Question(mbps=400_000, metres=40, lanes=8))
    assert eight.xoff_bytes == four.xoff_bytes
    assert eight.xon_bytes == 2 * four.xon_bytes
    assert eight.size_bytes == four.size_bytes + four.xon_bytes + 9216


def test_spectrum_6_gets_its_extra_whatever_else_is_asked() -> None:
    for pool in (False, True):
        asked = headroom(ASICS["spectrum-6"], Question(mbps=400_000, metres=40, shared_headroom_pool=pool))
        extra = next(term for term in asked.terms if term.name == "extra of the chip")
        assert extra.value == 18432
        assert asked.xon_bytes == 42 * 1024


@pytest.mark.parametrize(("pool", "small", "added"), [(False, 50, 2048), (True, 50, 0), (False, 100, 0)])
def test_the_compensation_is_for_few_small_packets_without_a_pool(pool: bool, small: int, added: int) -> None:
    question = Question(mbps=400_000, metres=40, shared_headroom_pool=pool, small_packets=small)
    without = Question(mbps=400_000, metres=40, shared_headroom_pool=pool, small_packets=small, compensation=False)
    asic = ASICS["spectrum-4"]
    assert headroom(asic, question).xoff_bytes - headroom(asic, without).xoff_bytes == added


def test_a_speed_without_pause_quanta_says_what_stands_in_for_them() -> None:
    asic = ASICS["spectrum-6"]
    found = headroom(asic, Question(mbps=1_600_000, metres=40))
    assert any("1600000 Mb/s" in note for note in found.notes)
    told = headroom(asic, Question(mbps=1_600_000, metres=40, peer_response_bytes=115_840))
    assert not any("1600000 Mb/s" in note for note in told.notes)
    assert told.xoff_bytes > found.xoff_bytes


def test_more_than_a_port_may_have_is_said() -> None:
    found = headroom(ASICS["spectrum-4"], Question(mbps=800_000, metres=10_000, small_packets=100))
    assert any("8388608 bytes" in note for note in found.notes)


@pytest.mark.parametrize(
    ("small", "notes"),
    [
        (
            50,
            [
                "the arithmetic of the tables that SONiC ships for NVIDIA's platforms has xoff 117760 (--arithmetic published)"
            ],
        ),
        (100, []),
    ],
)
def test_what_the_other_arithmetic_has_is_said_where_it_differs(small: int, notes: list[str]) -> None:
    found = headroom(ASICS["spectrum-4"], Question(mbps=400_000, metres=40, small_packets=small))
    assert list(found.notes) == notes
