"""The words of `podwright headroom`: names of chips, speeds, lengths and tables, or a sentence that says what they are not."""

from __future__ import annotations

import re
from pathlib import Path

from podwright.catalog import Asic, Catalog
from podwright.design.headroom import Row, lanes_of, parse
from podwright.errors import PodwrightError, UsageError
from podwright.model.near import likely_meant
from podwright.model.prose import shown

SEE = "docs/stages/headroom.md"
LONGEST_CABLE = 100_000
"""Metres; no Ethernet optic reaches further without an amplifier, and no buffer takes in what is under way on it."""

_LARGEST_TABLE = 1_000_000
_MOST_PROBLEMS = 20
_SPEED = re.compile(r"(?P<number>[0-9]{1,9}(\.[0-9]{1,3})?)(?P<unit>[TGM]?)(bps|b/s)?", re.IGNORECASE)
_CABLE = re.compile(r"(?P<metres>-?[0-9]{1,12}(\.[0-9]{1,3})?) ?m?", re.IGNORECASE)
_MBPS = {"T": 1_000_000, "G": 1_000, "M": 1, "": 1}


def chip_of(name: str, catalog: Catalog) -> tuple[str, Asic]:
    """The entry of a chip, whatever case its name is written in. Raises UsageError where there is none."""
    wanted, asics = name.lower(), catalog.asics
    if wanted in catalog.switches:
        chip = catalog.switches[wanted].asic
        raise UsageError(f"{shown(name)} is a switch, and headroom is its chip's", fix=f"Write --asic {chip}.", see=SEE)
    if wanted not in asics:
        near = " or ".join(f"`{each}`" for each in likely_meant(wanted, asics))
        fix = f"Did you mean {near}?" if near else f"Write one of {', '.join(asics)}."
        raise UsageError(f"the catalogue has no switching chip {shown(name)}", fix=fix, see=SEE)
    return wanted, asics[wanted]


def speed_of(text: str, name: str, asic: Asic) -> int:
    """A speed in Mb/s: `400G`, or `400000` as SONiC has it. Raises UsageError where the chip has no such port."""
    found = _SPEED.fullmatch(text.strip())
    known = ", ".join(f"{gbps}G" for gbps in asic.speeds)
    if not found:
        raise UsageError(f"{shown(text)} is no speed of a port", fix=f"Write one of {known}.", see=SEE)
    mbps = float(found["number"]) * _MBPS[found["unit"].upper()]
    if mbps / 1000 not in asic.speeds:
        near = f"{found['number']}G"
        meant = not found["unit"] and float(found["number"]) in asic.speeds
        fix = f"Did you mean `{near}`?" if meant else f"Write one of {known}."
        raise UsageError(f"{name} has no port of {_spelt(mbps)}", fix=fix, see=SEE)
    return int(mbps)


def _spelt(mbps: float) -> str:
    return f"{mbps / 1000:g}G" if mbps >= 1000 else f"{mbps:g} Mb/s"


def cable_of(text: str) -> float:
    """A length in metres: `40m`, `0.5m`. Raises UsageError for what is none, nothing, or further than Ethernet goes."""
    found = _CABLE.fullmatch(text.strip())
    fix = "Write its length in metres, as 40m."
    if not found:
        raise UsageError(f"{shown(text)} is no length of a cable", fix=fix, see=SEE)
    metres = float(found["metres"])
    if metres <= 0:
        raise UsageError(f"a cable cannot be {metres:g} m long", fix=fix, see=SEE)
    if metres > LONGEST_CABLE:
        raise UsageError(
            f"a cable of {metres:g} m is longer than the {LONGEST_CABLE // 1000} km that are computed", fix=fix, see=SEE
        )
    return metres


def refuse_larger_frames(lossless_mtu: int, port_mtu: int) -> None:
    """Raises UsageError where frames of the lossless class do not fit the port."""
    if lossless_mtu > port_mtu:
        raise UsageError(
            f"lossless frames of {lossless_mtu} bytes do not fit a port whose largest frame has {port_mtu}",
            fix="Raise --port-mtu, or lower --lossless-mtu.",
            see=SEE,
        )


def refuse_few_lanes(lanes: int, mbps: int, name: str, asic: Asic) -> None:
    """Raises UsageError where so many lanes of the chip can't carry the speed; 0 stands for as many as it takes."""
    if lanes and lanes < lanes_of(asic, mbps):
        raise UsageError(
            f"{_spelt(mbps)} takes {lanes_of(asic, mbps)} lanes of {name}, of {asic.lane}G each, and not {lanes}",
            fix="Raise --lanes, or leave it out.",
            see=SEE,
        )


def table_of(path: Path) -> tuple[Row, ...]:
    """The rows of a pg_profile_lookup.ini.

    Raises UsageError where there is no such file, PodwrightError with every line that is no row.
    """
    parsed = parse(_text(path))
    if parsed.problems:
        told = list(parsed.problems[:_MOST_PROBLEMS])
        if more := len(parsed.problems) - len(told):
            told.append(f"and {more} more")
        raise PodwrightError(
            "\n  ".join([f"{path} is not a table of headroom:", *told]),
            fix="Take the file as the platform has it: device/<vendor>/<platform>/<SKU>/pg_profile_lookup.ini.",
            see=SEE,
        )
    return parsed.rows


def _text(path: Path) -> str:
    if not path.is_file():
        raise UsageError(f"there is no file {path}", fix="Name a platform's pg_profile_lookup.ini.", see=SEE)
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LARGEST_TABLE + 1)
    except (OSError, UnicodeDecodeError) as problem:
        raise PodwrightError(f"{path} can't be read as text: {problem}", fix="Name a text file.", see=SEE) from problem
    if len(text) > _LARGEST_TABLE:
        raise PodwrightError(
            f"{path} is too large for a table of headroom", fix="Name a pg_profile_lookup.ini.", see=SEE
        )
    return text
