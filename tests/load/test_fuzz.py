"""Whatever the text, `read` and `validate` answer with a value or a BlueprintError."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from podwright.errors import BlueprintError
from podwright.load import read
from podwright.load.scalars import Refusal, resolve
from podwright.model.prose import spell
from podwright.model.report import Finding
from podwright.validate import validate

GOOD = (Path(__file__).parent.parent / "validate" / "whole.yaml").read_text("utf-8")
MORSELS = [
    "[", "]", "{", "}", "- ", "? ", ": ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "!!int ", "!x ", "%", "---\n", "...\n",
    "'", '"', "\\", "|\n", ">\n", "#", "on", "~", "010", "1e3", "12:30", "65000.10", ".nan", "\0", "\u202e", "\ufeff",
    "\u2028", "\x85", "🦊", "gpu", "count", "0", "-1", "9" * 30, "podwright: 1\n", "servers:\n", "fabrics:\n", "{{x}}",
    "extends: pod.yaml\n", "extends: a\n", "null",
]  # fmt: skip
LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def accept_anything(raw: bytes, folder: Path) -> None:
    """Read and validate; any exception but a BlueprintError fails the test."""
    file = folder / "pod.yaml"
    file.write_bytes(raw)
    findings: tuple[Finding, ...] | None = None
    try:
        validate(read(file))
    except BlueprintError as error:
        findings = error.findings
    assert findings is None or findings, "an error without a finding helps nobody"
    assert "".join(map(spell, findings or ())).replace("\n", "").isprintable()


@LIMITS
@given(raw=st.binary(max_size=200))
def test_any_bytes(raw: bytes, tmp_path: Path) -> None:
    accept_anything(raw, tmp_path)


@LIMITS
@given(text=st.text(max_size=200))
def test_any_text(text: str, tmp_path: Path) -> None:
    accept_anything(text.encode("utf-8", "surrogatepass"), tmp_path)


@LIMITS
@given(morsels=st.lists(st.sampled_from(MORSELS), max_size=40))
def test_any_heap_of_yaml(morsels: list[str], tmp_path: Path) -> None:
    accept_anything("".join(morsels).encode(), tmp_path)


@LIMITS
@given(start=st.integers(0, len(GOOD)), cut=st.integers(0, 60), morsels=st.lists(st.sampled_from(MORSELS), max_size=4))
def test_any_blueprint_with_a_piece_replaced(start: int, cut: int, morsels: list[str], tmp_path: Path) -> None:
    text = GOOD[:start] + "".join(morsels) + GOOD[start + cut :]
    accept_anything(text.encode(), tmp_path)


SCALARS = st.one_of(
    st.text("0123456789.:-+_eExobatfTZ ~=<>", min_size=1, max_size=12),
    st.from_regex(r"[-+]?[0-9]{1,4}(:[0-9]{1,2}){0,3}(\.[0-9]{0,3})?", fullmatch=True),
    st.from_regex(r"[-+]?(0[xob])?[0-9a-f_]{1,6}([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(
        [
            "y",
            "n",
            "yes",
            "No",
            "ON",
            "off",
            "true",
            "False",
            "null",
            "Null",
            "~",
            ".inf",
            "-.INF",
            ".NaN",
            "=",
            "<<",
            "2024-01-01",
            "2024-1-1",
        ]
    ),
)


def as_yaml_1_1_reads(typed: str) -> object:
    """What PyYAML, the reader Ansible uses, makes of a plain scalar."""
    try:
        return yaml.safe_load(f"k: {typed}")["k"]
    except (yaml.YAMLError, ValueError, TypeError, KeyError, IndexError):
        return None


@settings(max_examples=1500, deadline=None)
@given(typed=SCALARS)
@example("52:54:00:12:34:56")
@example("00:11:22:33:44:55")
@example("01:30.5")
@example("1.0e+3")
@example("685_230.15")
@example("+.5")
@example("2001-12-14 21:59:43.10 -5")
def test_what_is_accepted_unquoted_is_read_alike_by_yaml_1_1(typed: str) -> None:
    value = resolve(typed)
    if isinstance(value, Refusal) or typed != typed.strip() or (typed[0] in "-?:" and typed[1:2] in ("", " ")):
        return
    if isinstance(value, str) and (": " in typed or typed.endswith(":") or typed[0] in ">=<-"):
        return  # not a plain scalar at all in this place
    read_back = as_yaml_1_1_reads(typed)
    assert (type(read_back), read_back) == (type(value), value)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("52:54:00:12:34:56", "41135085296"),
        ("12:30", "750"),
        ("3:1", "181"),
        ("010", "8"),
        ("1.10", "1.1"),
        ("-010", "-8"),
    ],
)
def test_the_reading_that_is_told_is_the_reading_pyyaml_makes(typed: str, number: str) -> None:
    refusal = resolve(typed)
    assert isinstance(refusal, Refusal)
    assert number in refusal.reading
    assert as_yaml_1_1_reads(typed) == float(number)
