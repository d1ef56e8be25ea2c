"""`podwright headroom`: the numbers, where they come from, and sentences for words that it can't take."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.catalog import load
from podwright.cli.headroom_words import cable_of, speed_of
from podwright.errors import UsageError

from .conftest import Run
from .test_completion import offered

PORT = ("headroom", "--asic", "spectrum-4", "--speed", "400G", "--cable", "40m")


def answered(run: Run, *words: str | Path) -> dict[str, Any]:
    said = run("headroom", *words, "--format", "json")
    assert said.code == 0, said.out
    data: dict[str, Any] = json.loads(said.out)
    return data


def test_a_published_row_by_words_alone(run: Run) -> None:
    """SN5600, 400 Gb/s over 40 m, from SONiC's table."""
    data = answered(run, *PORT[1:], "--small-packets", "100")
    assert (data["xoff_bytes"], data["xon_bytes"], data["size_bytes"]) == (283648, 19456, 303104)
    assert data["formula"] == "spectrum"
    assert {"name", "value", "unit", "formula", "source"} == set(data["terms"][0])


def test_a_published_row_of_an_older_table_needs_no_word_more(run: Run) -> None:
    """SN3700, made before pause quanta."""
    data = answered(
        run, "--asic", "spectrum-2", "--speed", "200G", "--cable", "300m", "--small-packets", "100", "--no-pause-quanta"
    )
    assert (data["xoff_bytes"], data["xon_bytes"], data["size_bytes"]) == (203776, 19456, 223232)


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ([], "xoff_bytes", 117760),
        (["--arithmetic", "current"], "xoff_bytes", 119808),
        (["--asic", "spectrum-3"], "xoff_bytes", 102400),
        (["--asic", "spectrum-3", "--arithmetic", "current"], "xoff_bytes", 112640),
        (["--shared-headroom-pool"], "size_bytes", 19456),
        (["--lanes", "8"], "xon_bytes", 38912),
        (["--peer-response", "100000", "--small-packets", "100"], "xoff_bytes", 410624),
        (["--gearbox-delay", "100", "--small-packets", "100"], "xoff_bytes", 313344),
        (["--arithmetic", "current"], "size_bytes", 139264),
    ],
)
def test_each_word_has_its_effect(run: Run, words: list[str], key: str, value: int) -> None:
    assert answered(run, *PORT[1:], *words)[key] == value


def test_inputs_are_shown_with_the_defaults_that_were_taken(run: Run) -> None:
    inputs = answered(run, *PORT[1:])["inputs"]
    assert inputs["lanes"] == 4
    assert (inputs["port_mtu"], inputs["lossless_mtu"], inputs["small_packets"]) == (9216, 1024, 50)


def test_the_text_has_every_term_with_its_numbers_and_source(run: Run) -> None:
    said = run(*PORT).out
    assert "spectrum-4, 400G over 40 m: by SONiC's formula for NVIDIA Spectrum" in said
    assert "2 x 40 m x 400000 Mb/s / 198 m/us / 8" in said
    assert "905 quanta x 512 bit / 8" in said
    assert "buffer_headroom_mellanox.lua" in said
    for term in answered(run, *PORT[1:])["terms"]:
        assert term["name"] in said


def test_speeds_lengths_and_chips_may_be_written_as_sonic_has_them(run: Run) -> None:
    plain = answered(run, *PORT[1:])
    assert answered(run, "--asic", "SPECTRUM-4", "--speed", "400000", "--cable", "40") == plain
    assert answered(run, "--asic", "spectrum-4", "--speed", "0.4T", "--cable", "40.0m") == plain


def test_the_chip_of_one_s_own_catalogue(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "catalog" / "asics"
    folder.mkdir(parents=True)
    (folder / "acme-one.yaml").write_text(
        "title: Acme One\nvendor: Acme\nheadroom: ieee\nspeeds: [400]\nlane: 100\nsource: [https://acme.example/one]\n"
    )
    starter = Path(__file__).parents[2] / "blueprints" / "starter-4" / "pod.yaml"
    (tmp_path / "pod.yaml").write_text(starter.read_text("utf-8") + "catalog: catalog\n")
    data = answered(run, tmp_path, "--asic", "acme-one", "--speed", "400G", "--cable", "40m")
    assert data["formula"] == "ieee"
    assert run("headroom", "--asic", "acme-one", "--speed", "400G", "--cable", "40m").code == 2


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "pg_profile_lookup.ini"
    path.write_text(
        "# speed cable size xon xoff threshold\n400000 5m 60000 19456 40000 0\n400000 40m 60000 19456 40000 0\n"
    )
    return path


def test_a_row_of_the_platform_goes_before_the_formula_which_stands_beside_it(run: Run, table: Path) -> None:
    data = answered(run, *PORT[1:], "--table", table)
    assert (data["xoff_bytes"], data["computed"]["xoff_bytes"]) == (40000, 117760)
    assert data["source"] == "pg_profile_lookup.ini line 3"
    assert data["table"]["row"]["line"] == 3
    assert data["table"]["shorter"] is True
    assert data["table"]["placeholder"] is True
    said = run(*PORT, "--table", table).out
    assert "the formula: 117760 B" in said
    assert "note: the table is shorter than the formula: xoff 40000 is 77760 bytes below 117760" in said
    assert "note: the table is a placeholder: in lines 2 and 3" in said


def test_without_a_row_the_next_longer_one_is_named(run: Run, table: Path) -> None:
    data = answered(run, "--asic", "spectrum-4", "--speed", "400G", "--cable", "30m", "--table", table)
    assert data["table"]["row"] is None
    assert data["table"]["longer"]["metres"] == 40
    assert data["source"] == "pg_profile_lookup.ini line 3, the next longer row: 40 m"


@pytest.mark.parametrize(
    ("words", "sentence", "fix"),
    [
        (("--asic", "spectrum4"), "the catalogue has no switching chip `spectrum4`", "Did you mean `spectrum-4`"),
        (("--asic", "zzz"), "the catalogue has no switching chip `zzz`", "Write one of jericho-2, silicon-one-g200"),
        (
            ("--speed", "300G"),
            "spectrum-4 has no port of 300G",
            "Write one of 10G, 25G, 40G, 50G, 100G, 200G, 400G, 800G.",
        ),
        (("--speed", "400"), "spectrum-4 has no port of 400 Mb/s", "Did you mean `400G`?"),
        (("--speed", "fast"), "`fast` is no speed of a port", "Write one of 10G"),
        (("--cable", "-5m"), "a cable cannot be -5 m long", "Write its length in metres, as 40m."),
        (("--cable", "0m"), "a cable cannot be 0 m long", "Write its length in metres, as 40m."),
        (("--cable", "400km"), "`400km` is no length of a cable", "Write its length in metres, as 40m."),
        (("--cable", "9e9m"), "`9e9m` is no length of a cable", "Write its length in metres, as 40m."),
        (("--cable", "400000m"), "a cable of 400000 m is longer than the 100 km that are computed", "Write its length"),
        (
            ("--port-mtu", "1500", "--lossless-mtu", "4096"),
            "lossless frames of 4096 bytes do not fit a port whose largest frame has 1500",
            "Raise --port-mtu, or lower --lossless-mtu.",
        ),
        (("--asic", "sn5600"), "`sn5600` is a switch, and headroom is its chip's", "Write --asic spectrum-4."),
        (
            ("--lanes", "2"),
            "400G takes 4 lanes of spectrum-4, of 100G each, and not 2",
            "Raise --lanes, or leave it out.",
        ),
        (("--small-packets", "101"), "Invalid value for '--small-packets'", "Run `podwright headroom --help`."),
        (("--small-packets", "nan"), "Invalid value for '--small-packets': 'nan' is not a number", "Run `podwright"),
        (("--gearbox-delay", "nan"), "Invalid value for '--gearbox-delay': 'nan' is not a number", "Run `podwright"),
        (("--gearbox-delay", "inf"), "Invalid value for '--gearbox-delay'", "Run `podwright headroom --help`."),
        (("--lanes", "3"), "Invalid value for '--lanes'", "Run `podwright headroom --help`."),
        (("--table", "absent.ini"), "there is no file absent.ini", "Name a platform's pg_profile_lookup.ini."),
    ],
)
def test_wrong_words_are_answered_with_a_sentence_and_a_remedy(
    run: Run, words: tuple[str, ...], sentence: str, fix: str
) -> None:
    said = run(*PORT, *words)
    assert said.code == 2
    assert f"error: {sentence}" in said.err
    assert f"fix: {fix}" in said.err


def test_every_line_that_is_no_row_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.ini"
    path.write_text("100G 5m 1 2 3 0\n\nhello\n")
    said = run(*PORT, "--table", path)
    assert said.code == 1
    assert said.err.splitlines()[:3] == [
        f"error: {path} is not a table of headroom:",
        "  line 1: speed is `100G`, and must be a speed in Mb/s, as 400000",
        "  line 3: it has 1 columns, and a row has 6 or 7: speed cable size xon xoff threshold xon_offset",
    ]
    assert json.loads(run(*PORT, "--table", path, "--format", "json").out)["error"]


def test_a_row_that_stands_twice_is_taken_as_sonic_takes_it(run: Run, table: Path) -> None:
    with table.open("a") as file:
        file.write("400000 40m 303104 19456 283648 0\n")
    assert answered(run, *PORT[1:], "--table", table)["xoff_bytes"] == 283648
    assert "in lines 3 and 4: SONiC takes the last" in run(*PORT, "--table", table).out


def test_of_many_problems_twenty_are_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.ini"
    path.write_text("hello\n" * 30)
    said = run(*PORT, "--table", path)
    assert said.err.count("it has 1 columns") == 20
    assert "  and 10 more" in said.err


def test_a_mark_of_the_byte_order_and_line_ends_of_windows_do_no_harm(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "windows.ini"
    path.write_bytes(b"\xef\xbb\xbf400000 40m 303104 19456 283648 0\r\n")
    assert answered(run, *PORT[1:], "--table", path)["xoff_bytes"] == 283648


@given(st.text(max_size=12) | st.from_regex(r"-?[0-9.]{1,8}[mMGgTt]?", fullmatch=True))
def test_whatever_is_written_for_a_speed_or_a_cable_is_taken_or_answered(text: str) -> None:
    for read in (cable_of, lambda text: speed_of(text, "spectrum-4", load().asics["spectrum-4"])):
        with suppress(UsageError):
            assert read(text) > 0


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"1" * 1_000_001])
def test_what_is_no_text_or_too_much_of_it_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.ini"
    path.write_bytes(content)
    assert run(*PORT, "--table", path).code == 1


def test_chips_are_completed() -> None:
    assert offered("headroom", "--asic", "") == list(load().asics)
    assert offered("headroom", "--asic", "spectrum-4") == ["spectrum-4"]
