"""Where everything of the rack picture goes: elevations side by side, rack unit 1 at the bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from podwright.targets.docs.picture.layout import (
    BOLD_GLYPH,
    LABEL,
    MARGIN,
    MONO_GLYPH,
    SMALL,
    TITLE,
    Area,
    Box,
    Frame,
    Scene,
    Text,
    cut,
)
from podwright.targets.docs.racks import Elevation, RackRoom, Unit

COLUMNS = 5
PITCH = 212.0
SCALE = 24.0
"""Width left of a rack, where its units are numbered."""

WIDTH = PITCH - SCALE - 10
UNIT = 15.0
NAME = 10.5
HEAD = 84.0
FACTS = 3
RACK_HEAD = LABEL + FACTS * SMALL * 1.3 + 12
RACK_FOOT = 26.0
FOOT = 30.0
TICKS = 6
"""Rack units between two numbers of the scale."""


def elevations(room: RackRoom, title: str, colours: Mapping[str, int]) -> Scene:
    """All elevations in rows, and what is not drawn in words below. `colours` numbers the fabrics."""
    frames: list[Frame] = []
    boxes: list[Box] = []
    texts = [Text(MARGIN, 36, TITLE, title, "title", glyph=BOLD_GLYPH), Text(MARGIN, 60, SMALL, _note(room), "muted")]
    y = HEAD
    for begin in range(0, len(room.elevations), COLUMNS):
        row = room.elevations[begin : begin + COLUMNS]
        tallest = max(each.height for each in row) * UNIT
        for column, elevation in enumerate(row):
            x = MARGIN + column * PITCH
            floor = y + RACK_HEAD + tallest
            texts += _head(elevation, x, floor - elevation.height * UNIT - RACK_HEAD)
            frames.append(Frame(Area(x + SCALE, floor - elevation.height * UNIT, WIDTH, elevation.height * UNIT), -1))
            texts += _scale(elevation, x, floor)
            boxes += [
                _box(unit, label, x + SCALE, floor, colours)
                for unit, label in zip(elevation.units, elevation.labels, strict=True)
            ]
        y += RACK_HEAD + tallest + RACK_FOOT
    return Scene(
        width=2 * MARGIN + COLUMNS * PITCH,
        height=y + FOOT,
        frames=tuple(frames),
        lines=(),
        boxes=tuple(boxes),
        texts=tuple(texts),
    )


def _note(room: RackRoom) -> str:
    alike = "Racks that hold the same are drawn once. All places are in racks.csv."
    return f"{alike} {room.hidden} racks of further kinds are listed there only." if room.hidden else alike


def _head(elevation: Elevation, x: float, top: float) -> Iterator[Text]:
    left = x + SCALE
    yield Text(left, top + LABEL, LABEL, cut(elevation.title, WIDTH, LABEL, BOLD_GLYPH), "tier", glyph=BOLD_GLYPH)
    for number, fact in enumerate(elevation.facts, start=1):
        yield Text(left, top + LABEL + number * SMALL * 1.3, SMALL, cut(fact, WIDTH, SMALL), "muted")


def _scale(elevation: Elevation, x: float, floor: float) -> Iterator[Text]:
    for unit in (1, *range(TICKS, elevation.height + 1, TICKS)):
        yield Text(x + 2, floor - (unit - 1) * UNIT - 3, NAME, str(unit), "muted")


def _box(unit: Unit, label: str, x: float, floor: float, colours: Mapping[str, int]) -> Box:
    top = floor - (unit.position - 1 + unit.height) * UNIT
    area = Area(x + 3, top + 0.5, WIDTH - 6, unit.height * UNIT - 1)
    lines = [label] if unit.height == 1 or label.endswith(unit.model) else [label, unit.model]
    colour = colours.get(unit.fabric, -1)
    look = "switch" if unit.fabric else "server"
    where = f"U{unit.position}" if unit.height == 1 else f"U{unit.position} to U{unit.position + unit.height - 1}"
    return Box(area, tuple(_inside(area, lines)), look, colour, f"{label}, {unit.model}, {where}")


def _inside(area: Area, lines: Sequence[str]) -> Iterator[Text]:
    leading = NAME * 1.25
    first = area.y + (area.height - len(lines) * leading) / 2 + NAME
    for number, line in enumerate(lines):
        fitting = cut(line, area.width - 6, NAME, MONO_GLYPH)
        yield Text(
            area.x + area.width / 2, first + number * leading, NAME, fitting, "name", centred=True, glyph=MONO_GLYPH
        )
