"""A platform's pg_profile_lookup.ini: its rows, what they say of a port, and what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.catalog import load
from podwright.design.headroom import Question, Tabled, headroom, look_up, parse, tabled

ASICS = load().asics
TH5 = """# PG lossless profiles.
# speed cable size      xon     xoff  threshold xon_offset
 400000  5m   18796     0   393192      0        3556
 400000  40m  18796     0   446024      0        3556
 400000  300m 18796     0   839216      0        3556
"""
SN5600 = """
 400000    5m 250880  19456  231424         0
 400000   40m 303104  19456  283648         0
"""


def answer(text: str, asic: str, question: Question) -> Tabled:
    parsed = parse(text)
    assert not parsed.problems
    chip = ASICS[asic]
    return tabled(look_up(parsed.rows, chip, question), headroom(chip, question), question, "lookup.ini")


def test_the_row_of_speed_and_cable_is_the_answer() -> None:
    found = answer(SN5600, "spectrum-4", Question(mbps=400_000, metres=40))
    assert (found.xoff_bytes, found.xon_bytes, found.size_bytes) == (283648, 19456, 303104)
    assert found.source == "lookup.ini line 3"
    assert found.notes == ()


def test_a_row_that_is_shorter_than_the_formula_is_said_to_be() -> None:
    text = "400000 40m 60000 19456 40000 0\n"
    found = answer(text, "spectrum-4", Question(mbps=400_000, metres=40))
    assert found.xoff_bytes == 40000
    assert found.notes == ("the table is shorter than the formula: xoff 40000 is 79808 bytes below 119808",)


def test_without_a_row_the_next_longer_one_holds() -> None:
    found = answer(SN5600, "spectrum-4", Question(mbps=400_000, metres=30))
    assert found.xoff_bytes == 283648
    assert found.source == "lookup.ini line 3, the next longer row: 40 m"
    assert "write the cable as 40m" in found.notes[0]


def test_on_broadcom_the_need_is_the_row_below_and_the_cable_beyond_it() -> None:
    found = answer(TH5, "tomahawk-5", Question(mbps=400_000, metres=30))
    assert found.xoff_bytes == 446024
    assert found.lookup.need_bytes == pytest.approx(393192 + 25 * 1511.905, abs=1)
    assert f"need {found.lookup.need_bytes} bytes" in found.notes[1]


def test_beyond_the_longest_row_broadcom_s_need_holds_and_the_port_has_none() -> None:
    found = answer(TH5, "tomahawk-5", Question(mbps=400_000, metres=500))
    assert found.xoff_bytes == found.lookup.need_bytes == pytest.approx(839216 + 200 * 1511.905, abs=1)
    assert (found.size_bytes, found.xon_offset_bytes) == (18796, 3556)
    assert "the port has no headroom" in found.notes[0]


@pytest.mark.parametrize("question", [Question(mbps=400_000, metres=60), Question(mbps=100_000, metres=5)])
def test_without_any_row_that_is_long_enough_the_formula_holds(question: Question) -> None:
    found = answer(SN5600, "spectrum-4", question)
    assert found.xoff_bytes == headroom(ASICS["spectrum-4"], question).xoff_bytes
    assert found.source == "the formula, for lookup.ini has no row that is long enough"
    assert "no lossless profile" in found.notes[0]


@pytest.mark.parametrize(
    ("xoffs", "placeholder"),
    [((55120, 55120), (1, 2)), ((55120, 50000), (1, 2)), ((55120, 60000), ()), ((0, 0), (1, 2))],
)
def test_what_does_not_grow_with_the_cable_is_a_placeholder(
    xoffs: tuple[int, int], placeholder: tuple[int, ...]
) -> None:
    text = "".join(f"100000 {metres}m 9000 0 {xoff} 0\n" for metres, xoff in zip((5, 300), xoffs, strict=True))
    found = answer(text, "tomahawk-5", Question(mbps=100_000, metres=5))
    assert found.lookup.placeholder == placeholder
    assert any("placeholder" in note for note in found.notes) == bool(placeholder)


def test_a_difference_below_rounding_makes_no_placeholder() -> None:
    """35 m at 10 Gb/s hold 438 bytes, so NVIDIA's own tables have equal rows of 5 and 40 m."""
    text = "10000 5m 49152 19456 29696 0\n10000 40m 49152 19456 29696 0\n"
    assert answer(text, "spectrum-1", Question(mbps=10_000, metres=5)).lookup.placeholder == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no rows"),
        ("# only a comment\n", "it has no rows"),
        ("../ACS-SN5600/pg_profile_lookup.ini", "line 1: it has 1 columns, and a row has 6 or 7: speed cable size"),
        ("100000 5m 1 2 3\n", "line 1: it has 5 columns"),
        ("100G 5m 1 2 3 0\n", "line 1: speed is `100G`, and must be a speed in Mb/s, as 400000"),
        ("\n100000 5 1 2 3 0\n", "line 2: cable is `5`, and must be metres, as 40m"),
        ("100000 -5m 1 2 3 0\n", "line 1: cable is `-5m`"),
        ("100000 5m 1 2 0x20 0\n", "line 1: xoff is `0x20`, and must be a whole number"),
        ("100000 5m 1 2 -3 0\n", "line 1: xoff is `-3`"),
    ],
)
def test_what_is_no_row_is_named_with_its_line(text: str, problem: str) -> None:
    problems = parse(text).problems
    assert len(problems) == 1
    assert problems[0].startswith(problem)


@given(
    st.lists(st.sampled_from(["400000", "5m", "40m", "0", "-1", "#", "x", "٣", " ", "\n", "\x00", "1e3"]), max_size=30)
)
def test_whatever_a_file_holds_it_has_rows_or_problems(morsels: list[str]) -> None:
    parsed = parse(" ".join(morsels))
    assert parsed.rows or parsed.problems
    assert all(row.mbps >= 0 and row.xoff_bytes >= 0 for row in parsed.rows)


def test_all_problems_are_told_and_comments_and_thresholds_below_zero_are_none() -> None:
    parsed = parse("x\n100000 5m 1 2 3 -8 # shrinks\ny\n")
    assert [row.line for row in parsed.rows] == [2]
    assert [problem.split(":")[0] for problem in parsed.problems] == ["line 1", "line 3"]


def test_of_a_row_that_stands_twice_the_last_holds_as_sonic_reads_it() -> None:
    """buffermgr.cpp writes every row to one place of its map."""
    text = "400000 40m 60000 19456 40000 0\n400000 5m 1 2 3 0\n400000 40.0m 303104 19456 283648 0\n"
    found = answer(text, "spectrum-4", Question(mbps=400_000, metres=40))
    assert (found.xoff_bytes, found.source) == (283648, "lookup.ini line 3")
    assert found.notes == (
        "the table has 400000 Mb/s and 40 m twice with other numbers, in lines 1 and 3: SONiC takes the last",
    )


def test_a_row_that_stands_twice_with_the_same_numbers_is_not_worth_a_note() -> None:
    row = "400000 40m 303104 19456 283648 0\n"
    assert answer(row * 3, "spectrum-4", Question(mbps=400_000, metres=40)).notes == ()
    assert [each.line for each in parse(row * 3).rows] == [3]
    other = "400000 40m 60000 19456 40000 0\n"
    assert [each.instead_of for each in parse(other + row * 2).rows] == [1]
