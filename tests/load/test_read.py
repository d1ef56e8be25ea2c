"""`read` finds the file, keeps every place, and keeps its temper whatever the text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from podwright.errors import BlueprintError, UsageError
from podwright.load import Source, dotted, read

TEXT = """\
# the pod
podwright: 1
name: atlas
servers:
  gpu: {model: hgx-h100, count: 32, at: {unit: 1, slot: 1}}
  "nfs":
    absent:
      - {unit: 1, slot: 7}
      - unit: 2
        slot: 8
"""


def source_of(text: str | bytes, folder: Path) -> Source:
    file = folder / "pod.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(file)


def codes_of(text: str | bytes, folder: Path) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        source_of(text, folder)
    return [finding.code for finding in caught.value.findings]


def test_a_folder_stands_for_its_pod_yaml(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("podwright: 1\n")
    source = read(tmp_path)
    assert source.data == {"podwright": 1}
    assert source.file == str(tmp_path / "pod.yaml")


@pytest.mark.parametrize("name", ["absent.yaml", "", "nul\0byte"])
def test_no_file_is_a_usage_error_with_a_remedy(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path / name)
    assert caught.value.fix


def test_a_device_is_not_read() -> None:
    with pytest.raises(UsageError, match="not a regular file"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("path", "key", "line", "column", "width"),
    [
        ((), False, 2, 1, 1),
        (("name",), False, 3, 7, 5),
        (("name",), True, 3, 1, 4),
        (("servers", "gpu", "count"), False, 5, 33, 2),
        (("servers", "gpu", "at"), True, 5, 37, 2),
        (("servers", "nfs"), True, 6, 3, 5),
        (("servers", "nfs", "absent", 1, "slot"), False, 10, 15, 1),
        (("servers", "nfs", "absent", 0), False, 8, 9, 1),
        (("servers", "nfs", "absent", 0), True, 8, 9, 1),
    ],
)
def test_every_value_and_key_has_its_place(
    path: tuple[str | int, ...], key: bool, line: int, column: int, width: int, tmp_path: Path
) -> None:
    place = source_of(TEXT, tmp_path).place(path, key=key)
    assert (place.line, place.column, place.width) == (line, column, width)
    assert place.text == TEXT.splitlines()[line - 1]
    assert place.path == dotted(path)


def test_a_path_that_is_not_written_has_the_place_of_its_nearest_ancestor(tmp_path: Path) -> None:
    source = source_of(TEXT, tmp_path)
    assert source.place(("servers", "gpu", "purpose")) == source.place(("servers", "gpu", "purpose"), key=True)
    assert (source.place(("servers", "gpu", "purpose")).line, source.place(("fabrics", "x")).line) == (5, 2)
    assert source.place(("servers", "gpu", "purpose")).column == 3


def test_paths_are_spelt_as_people_write_them() -> None:
    assert dotted(("servers", "gpu", "absent", 2, "slot")) == "servers.gpu.absent[2].slot"
    assert dotted(()) == ""


def test_quotes_make_any_scalar_text(tmp_path: Path) -> None:
    typed = ["65000.100", "on", "52:54:00:12:34:56", "1e3", "010", "1.10", "0123456789", "12:30", "~", "", "=", "1"]
    text = "".join(f"k{number}: {quote}{value}{quote}\n" for number, value in enumerate(typed) for quote in ["'"])
    assert list(source_of(text, tmp_path).data.values()) == typed
    assert list(source_of(text.replace("'", '"'), tmp_path).data.values()) == typed


def test_plain_scalars_keep_their_yaml_1_2_meaning(tmp_path: Path) -> None:
    text = "[32, -1, +5, 1.5, 2.0, true, FALSE, 100\\,200, 10.0.0.0/20, fd10::/64, 400G, 0c:42:a1:00:00:01, 1.2.3]"
    values = source_of(f"a: {text}".replace("\\,", ":x,"), tmp_path).data["a"]
    expected = [32, -1, 5, 1.5, 2.0, True, False, "100:x", 200, "10.0.0.0/20", "fd10::/64", "400G"]
    assert values == [*expected, "0c:42:a1:00:00:01", "1.2.3"]


def test_a_list_of_vlans_stays_text(tmp_path: Path) -> None:
    assert source_of("a: 100,200", tmp_path).data == {"a": "100,200"}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_byte_order_marks_do_not_matter(ending: str, tmp_path: Path) -> None:
    source = source_of(b"\xef\xbb\xbf" + TEXT.replace("\n", ending).encode(), tmp_path)
    assert source.place(("servers", "gpu", "count")).line == 5
    assert source.place(("name",), key=True).column == 1
    assert source.place(("podwright",)).text == "podwright: 1"


def test_all_scalars_that_bite_are_told_in_one_run(tmp_path: Path) -> None:
    assert codes_of("a: on\nb: [010, 1e3]\nc: {d: ~}\na: 1\n", tmp_path) == [
        "SRC020",
        "SRC022",
        "SRC024",
        "SRC027",
        "SRC010",
    ]


HOSTILE = {
    "brackets": ("[" * 100_000, "SRC001"),
    "brackets in a key": ("a: " + "[\n" * 100_000, "SRC006"),
    "items": ("- " * 100_000, "SRC006"),
    "question marks": ("? " * 100_000, "SRC011"),
    "aliases": ("a: &a x\nb: [" + "*a, " * 200_000 + "]\n", "SRC005"),
    "values": ("a:\n" + "- x\n" * 300_000, "SRC005"),
    "lines": ("a: 1\n" + "\n" * 1_000_000, "SRC005"),
    "bytes": ("a: " + "x" * 9_000_000, "SRC005"),
    "directives": ("%TAG !a! x\n" * 100_000, "SRC015"),
    "digits": ("a: " + "1" * 1_000_000, "SRC030"),
    "decimals": ("a: 1." + "1" * 1_000_000, "SRC023"),
    "base 60": ("a: 1" + ":1" * 500_000, "SRC021"),
    "hexadecimal": ("a: 0x" + "f" * 1_000_000, "SRC022"),
    "exponent": ("a: 1e" + "9" * 1_000_000, "SRC024"),
    "zeros": ("a: " + "0" * 1_000_000, "SRC022"),
    "underscores": ("a: 1" + "_" * 1_000_000, "SRC025"),
    "no characters": ("\0" * 100_000, "SRC004"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_takes_long_or_ends_in_a_traceback(kind: str, tmp_path: Path) -> None:
    text, code = HOSTILE[kind]
    started = time.process_time()
    assert codes_of(text, tmp_path)[0] == code
    assert time.process_time() - started < 4  # about two seconds on a machine that is busy otherwise


def test_an_endless_stream_of_problems_is_cut(tmp_path: Path) -> None:
    assert len(codes_of("a:\n" + "- yes\n" * 10_000, tmp_path)) == 100


def test_escapes_do_not_smuggle_control_characters(tmp_path: Path) -> None:
    assert codes_of('a: "x\\0y"', tmp_path) == ["SRC004"]
    assert codes_of('"x\\u202ey": 1', tmp_path) == ["SRC004"]
