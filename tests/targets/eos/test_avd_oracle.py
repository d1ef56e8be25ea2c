"""Every EOS configuration against pyavd, Arista's own generator: the same content, valid by its schema, in the same lines.

`structured.py` writes a switch's projection in AVD's words. AVD checks it by the schema of `eos_cli_config_gen`, which
knows the names and limits of EOS, and spells it. Both texts are compared as sets of lines, each with the modes that it
stands in, since EOS itself sorts what has no sequence number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from pods_of_eos import NAMES, configurations, pod, switches
from pyavd import get_device_config, validate_structured_config
from structured import structured

from podwright.targets.eos import render

Line = tuple[str, ...]


class Difference(NamedTuple):
    """What AVD spells otherwise (a pattern over one line, and what replaces it), and why that is right too."""

    avd: str
    ours: str
    reason: str


TOLERATED = (
    Difference(
        r"^(neighbor \S+ password) 7 (<podwright:)",
        r"\1 0 \2",
        "AVD takes obfuscated passwords only; the marker is filled with the plain one, which EOS obfuscates itself",
    ),
)


def lines(text: str) -> list[Line]:
    """Every line with the heads of the modes that it stands in, in order; `!`, comments and `end` say nothing."""
    return sorted(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    modes: list[tuple[int, str]] = []
    for line in text.splitlines():
        words = line.strip()
        if not words or words.startswith("!") or words == "end":
            continue
        depth = len(line) - len(line.lstrip())
        modes = [mode for mode in modes if mode[0] < depth]
        modes.append((depth, words))
        yield tuple(words for _, words in modes)


def tolerant(line: Line) -> Line:
    words = line[-1]
    for each in TOLERATED:
        words = re.sub(each.avd, each.ours, words)
    return (*line[:-1], words)


def violations(data: dict[str, object]) -> list[str]:
    found = validate_structured_config(data).validation_result.violations
    return [f"{each.path}: {each.message}" for each in found]


@pytest.mark.parametrize("name", NAMES)
def test_the_content_is_valid_by_the_schema_of_avd(name: str) -> None:
    assert switches(name)
    assert {switch.name: violations(structured(switch)) for switch in _kinds(name)} == {
        switch.name: [] for switch in _kinds(name)
    }


@pytest.mark.parametrize("name", NAMES)
def test_avd_spells_the_same_lines(name: str) -> None:
    for switch in _kinds(name):
        theirs = sorted(map(tolerant, lines(get_device_config(structured(switch)))))
        assert lines(configurations(name)[switch.name]) == theirs, switch.name


def _kinds(name: str) -> list:
    """One switch of each role of each fabric: the others differ in numbers."""
    return list({(switch.fabric, switch.role, switch.model): switch for switch in switches(name)}.values())


def test_a_difference_is_seen() -> None:
    switch = switches("numbered")[0]
    changed = replace(switch, ntp=("192.0.2.124",))
    (artifact,) = render(replace(pod("numbered"), switches=(changed,)))
    theirs = set(lines(get_device_config(structured(switch))))
    assert set(lines(artifact.text)) ^ theirs == {
        ("ntp server vrf MGMT 192.0.2.123 iburst",),
        ("ntp server vrf MGMT 192.0.2.124 iburst",),
    }


def test_what_eos_does_not_know_is_seen() -> None:
    data = structured(switches("numbered")[0])
    data["ethernet_interfaces"][0]["speed"] = "400g-3"
    assert len(violations(data)) == 1


def test_every_tolerated_difference_is_there() -> None:
    spelt = [
        line[-1] for name in NAMES for switch in switches(name) for line in lines(get_device_config(structured(switch)))
    ]
    for each in TOLERATED:
        assert any(re.search(each.avd, line) for line in spelt), each.reason
