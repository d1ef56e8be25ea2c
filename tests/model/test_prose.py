"""Findings are shown with their line, safely, and the caret stands under what is meant."""

from __future__ import annotations

import pytest

from podwright.model.near import likely_meant
from podwright.model.prose import shown, spell
from podwright.model.report import Finding, Place, Severity


def excerpt(text: str, column: int, width: int = 1) -> list[str]:
    place = Place("pod.yaml", 14, column, text=text, width=width)
    return spell(Finding("SCH002", Severity.ERROR, "what is wrong", place)).splitlines()[1:]


def test_a_whole_finding() -> None:
    place = Place("pod.yaml", 14, 5, text="    cuont: 32", width=5)
    finding = Finding(
        "SCH002",
        Severity.ERROR,
        "unknown key `cuont` in servers.gpu",
        place,
        fix="Did you mean `count`?",
        see="docs/stages/validate.md",
    )
    assert spell(finding) == (
        "error[SCH002] pod.yaml:14:5: unknown key `cuont` in servers.gpu\n"
        "    14 |     cuont: 32\n"
        "       |     ^^^^^\n"
        "  fix: Did you mean `count`?\n"
        "  read: docs/stages/validate.md"
    )


def test_a_finding_without_a_place_is_its_sentence() -> None:
    assert spell(Finding("DES001", Severity.WARNING, "no room")) == "warning[DES001] no room"


@pytest.mark.parametrize(
    ("text", "column", "width", "line", "carets"),
    [
        ("\tkey: v", 2, 3, "    key: v", "    ^^^"),
        ("名: 池x", 4, 1, "名: 池x", "    ^^"),
        ("名: 池x", 5, 1, "名: 池x", "      ^"),
        ("e\u0301: v", 5, 1, "e\u0301: v", "   ^"),
        ("a\x1b[31mb", 7, 1, "a<U+001B>[31mb", " " * 13 + "^"),
        ("a: \u202eb", 5, 1, "a: <U+202E>b", " " * 11 + "^"),
    ],
)
def test_the_caret_is_under_its_character(text: str, column: int, width: int, line: str, carets: str) -> None:
    assert excerpt(text, column, width) == [f"    14 | {line}", f"       | {carets}"]


@pytest.mark.parametrize("column", [1, 50, 5000, 99_999])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    text = "x" * (column - 1) + "!" + "x" * (100_000 - column)
    line, carets = excerpt(text, column)
    assert len(line) < 120
    assert line[carets.index("^")] == "!"


def test_a_long_value_is_cut_too() -> None:
    line, carets = excerpt("key: " + "v" * 100_000, 6, 100_000)
    assert len(line) == len(carets) < 120


def test_a_users_text_inside_a_sentence_is_short_and_harmless() -> None:
    assert shown("a\nb\x00") == "`a\\nb<U+0000>`"
    assert shown("x" * 100, 10) == "`xxxxxxxxx…`"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("gpu-u001-s1", ["gpu-u001-s01"]),
        ("gpu-u1-s1", ["gpu-u001-s01"]),
        ("GPU-U1-S10", ["gpu-u001-s10"]),
        ("sn560", ["sn5640", "sn5600"]),
        ("backend-leaf-u01-r0", ["backend-leaf-u001-r0"]),
        ("nothing-like-it", []),
    ],
)
def test_a_name_is_meant_whatever_the_padding_of_its_numbers(word: str, meant: list[str]) -> None:
    known = ["gpu-u001-s01", "gpu-u001-s10", "gpu-u001-s11", "sn5600", "sn5640", "backend-leaf-u001-r0"]
    assert likely_meant(word, known) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Ethernet1", ["Ethernet1/1", "Ethernet1/2"]),
        ("ethernet07", ["Ethernet7/1", "Ethernet7/2"]),
        ("catalog", ["catalogs"]),
    ],
)
def test_names_that_begin_with_the_word_come_first(word: str, meant: list[str]) -> None:
    cages = [f"Ethernet{cage}/{sub}" for cage in range(1, 65) for sub in (1, 2)]
    assert likely_meant(word, [*cages, "catalog-broken-entries", "catalogs"])[: len(meant)] == meant
