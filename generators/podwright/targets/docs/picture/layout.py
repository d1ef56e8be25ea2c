"""Where everything of a drawing goes: plain arithmetic, in units of the picture (CSS pixels at its natural size).

Text is measured, not guessed at: block labels are monospaced, of which every glyph is as wide as any other; for other
text a width that no common sans-serif face exceeds on average is taken. So a box is never narrower than its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from podwright.targets.docs.picture.drawing import Block, Drawing, Join, Panel, Tier

LEAST_WIDTH = 1080.0
MARGIN = 20.0
LABELS = 186.0
"""Width of the column on the left that names tiers and counts cables."""

PADDING = 7.0
BLOCK_GAP = 10.0
BLOCK_MOST = 168.0
ROW_GAP = 76.0
PANEL_HEAD = 46.0
PANEL_FOOT = 18.0
PANEL_GAP = 16.0
HEAD = 84.0
FOOT = 34.0

MONO = 12.0
MONO_GLYPH = 0.61
SANS_GLYPH = 0.56
BOLD_GLYPH = 0.66
LEADING = 1.3
EXTENT = 1.25
"""Of a line of text, from the top of its letters to below its baseline, in shares of its size."""

HEAVIEST = 4
"""Weight of a line: each step is four times the cables."""

TITLE, SUBTITLE, PANEL_TITLE, LABEL, SMALL = 22.0, 14.0, 16.0, 13.0, 12.0


class Area(msgspec.Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Area) -> bool:
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        above = self.y + self.height <= other.y or other.y + other.height <= self.y
        return not (beside or above)

    def holds(self, other: Area) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


class Text(msgspec.Struct, frozen=True):
    """One line; `x`, `y` is where its baseline begins (its middle, if `centred`)."""

    x: float
    y: float
    size: float
    text: str
    look: str
    centred: bool = False
    glyph: float = SANS_GLYPH

    @property
    def area(self) -> Area:
        """Where its glyphs are, at most."""
        width = text_width(self.text, self.size, self.glyph)
        return Area(self.x - width / 2 if self.centred else self.x, self.y - self.size, width, self.size * EXTENT)


class Box(msgspec.Struct, frozen=True):
    """A block with its label. `look` is what it stands for, `colour` the number of its fabric, -1 for none."""

    area: Area
    texts: tuple[Text, ...]
    look: str
    colour: int
    tooltip: str


class Line(msgspec.Struct, frozen=True):
    """A bundle of cables. `dense` says how many lines share the space: 0 few, 1 many, 2 very many; `weight` how many cables
    a line is, from 0 for one to 4 for 64 and more, where few lines share the space.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    colour: int
    dense: int
    weight: int
    tooltip: str


class Frame(msgspec.Struct, frozen=True):
    """A panel's background."""

    area: Area
    colour: int


class Scene(msgspec.Struct, frozen=True):
    """A picture ready to be spelled: frames lie under lines, lines under boxes, texts on top."""

    width: float
    height: float
    frames: tuple[Frame, ...]
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]


class _Placed(msgspec.Struct, frozen=True):
    frame: Frame
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]


def text_width(text: str, size: float, glyph: float = SANS_GLYPH) -> float:
    """The width that a text takes at most; `glyph` is a glyph's, in shares of `size`."""
    return len(text) * size * glyph


def layout(drawing: Drawing) -> Scene:
    """Panels one below the other, as wide as the widest row needs."""
    width = max([LEAST_WIDTH, *(_needed(tier) for panel in drawing.panels for tier in panel.tiers)])
    heading = [
        Text(MARGIN, 36, TITLE, cut(drawing.title, width - 2 * MARGIN, TITLE, BOLD_GLYPH), "title", glyph=BOLD_GLYPH),
        Text(MARGIN, 62, SUBTITLE, cut(drawing.subtitle, width - 2 * MARGIN, SUBTITLE), "muted"),
    ]
    colours = {panel.fabric: number for number, panel in enumerate(drawing.panels)}
    placed: list[_Placed] = []
    y = HEAD
    for panel in drawing.panels:
        placed.append(_panel(panel, colours, y, width))
        y += placed[-1].frame.area.height + PANEL_GAP
    samples, legend = _legend(y + 4)
    return Scene(
        width=width,
        height=y + FOOT,
        frames=tuple(each.frame for each in placed),
        lines=tuple(line for each in placed for line in each.lines),
        boxes=(*(box for each in placed for box in each.boxes), *samples),
        texts=(*(text for text in heading if text.text), *(text for each in placed for text in each.texts), *legend),
    )


def _legend(top: float) -> tuple[list[Box], list[Text]]:
    """What boxes and lines stand for, on one line."""
    samples = {
        "server": "servers",
        "switch": "switches, in the colour of their fabric",
        "outside": "routers outside the pod",
    }
    boxes: list[Box] = []
    texts: list[Text] = []
    x = MARGIN
    for look, words in samples.items():
        boxes.append(Box(Area(x, top, 26, 16), (), look, -1 if look == "server" else 0, words))
        texts.append(Text(x + 34, top + SMALL, SMALL, words, "muted"))
        x = texts[-1].area.x + texts[-1].area.width + 22
    texts.append(Text(x, top + SMALL, SMALL, "heavy lines are many cables: counts stand at the left", "muted"))
    return boxes, texts


def cut(text: str, width: float, size: float, glyph: float = SANS_GLYPH) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    fits = int(width / text_width("m", size, glyph))
    return text if len(text) <= fits else text[: max(fits - 1, 0)].rstrip() + "…"


def wrap(name: str, width: float) -> list[str]:
    """A name on lines of at most `width`, broken after hyphens where it must be."""
    lines: list[str] = []
    for piece in _pieces(name):
        if lines and text_width(lines[-1] + piece, MONO, MONO_GLYPH) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines


def _pieces(name: str) -> list[str]:
    return [piece + "-" for piece in name.split("-")[:-1]] + [name.split("-")[-1]]


def _needed(tier: Tier) -> float:
    """Width of the picture at which every block of a tier can hold the longest piece of its label."""
    longest = max(len(piece) for block in tier.blocks for piece in (*_pieces(block.name), block.count))
    block = longest * MONO * MONO_GLYPH + 2 * PADDING
    return 2 * MARGIN + LABELS + PADDING + len(tier.blocks) * (block + BLOCK_GAP)


def _label(block: Block, width: float) -> list[str]:
    return [*wrap(block.name, width - 2 * PADDING), *([block.count] if block.count else [])]


def _panel(panel: Panel, colours: Mapping[str, int], top: float, width: float) -> _Placed:
    colour = colours[panel.fabric]
    inner = width - 2 * MARGIN
    room = inner - LABELS - PADDING
    rows: dict[str, tuple[Box, ...]] = {}
    texts = list(_panel_head(panel, colour, top, inner))
    y = top + PANEL_HEAD
    for tier in panel.tiers:
        y += ROW_GAP if rows else 0
        rows[tier.name] = tuple(_row(tier.blocks, colours, MARGIN + LABELS, y, room))
        labels = list(_tier_labels(tier, y))
        texts += labels
        y = max(rows[tier.name][0].area.y + rows[tier.name][0].area.height, labels[-1].y)
    below = {name: boxes[0].area.y for name, boxes in rows.items()}
    for name, top_of_row in below.items():
        texts += _captions([join for join in panel.joins if join.lower == name], top_of_row)
    return _Placed(
        frame=Frame(Area(MARGIN, top, inner, y + PANEL_FOOT - top), colour),
        lines=tuple(line for join in panel.joins for line in _lines(join, rows, colour)),
        boxes=tuple(box for boxes in rows.values() for box in boxes),
        texts=tuple(texts),
    )


def _panel_head(panel: Panel, colour: int, top: float, inner: float) -> Iterator[Text]:
    x, y = MARGIN + 14, top + 27
    yield Text(x, y, PANEL_TITLE, panel.fabric, f"fabric c{colour}", glyph=BOLD_GLYPH)
    after = x + text_width(panel.fabric, PANEL_TITLE, BOLD_GLYPH) + 12
    yield Text(after, y, LABEL, cut(panel.facts, MARGIN + inner - after - PADDING, LABEL), "muted")


def _row(blocks: Sequence[Block], colours: Mapping[str, int], left: float, top: float, room: float) -> Iterator[Box]:
    """Blocks of one height, spread over the room, each centred in its share of it."""
    share = room / len(blocks)
    width = min(BLOCK_MOST, share - BLOCK_GAP)
    labels = [_label(block, width) for block in blocks]
    height = max(len(lines) for lines in labels) * MONO * LEADING + 2 * PADDING
    for place, (block, lines) in enumerate(zip(blocks, labels, strict=True)):
        area = Area(left + place * share + (share - width) / 2, top, width, height)
        tooltip = f"{block.name}: {block.count}" if block.count else block.name
        yield Box(area, tuple(_inside(area, lines)), block.kind, colours.get(block.fabric, -1), tooltip)


def _inside(area: Area, lines: Sequence[str]) -> Iterator[Text]:
    leading = MONO * LEADING
    first = area.y + (area.height - len(lines) * leading) / 2 + MONO
    middle = area.x + area.width / 2
    for number, line in enumerate(lines):
        yield Text(middle, first + number * leading, MONO, line, "name", centred=True, glyph=MONO_GLYPH)


def _tier_labels(tier: Tier, top: float) -> Iterator[Text]:
    x, room = MARGIN + 14, LABELS - 14
    yield Text(x, top + LABEL, LABEL, cut(tier.title, room, LABEL, BOLD_GLYPH), "tier", glyph=BOLD_GLYPH)
    for number, model in enumerate(tier.models, start=1):
        yield Text(x, top + LABEL + number * SMALL * LEADING + 1, SMALL, cut(model, room, SMALL), "muted")


def _captions(joins: Sequence[Join], below: float) -> Iterator[Text]:
    """What lies in the gap above a tier, in the column of labels."""
    lines = [line for join in joins for line in join.caption]
    leading = SMALL * LEADING
    first = below - ROW_GAP / 2 - len(lines) * leading / 2 + SMALL
    for number, line in enumerate(lines):
        yield Text(MARGIN + 14, first + number * leading, SMALL, line, "count")


def _lines(join: Join, rows: Mapping[str, Sequence[Box]], colour: int) -> Iterator[Line]:
    """One line a bundle. At an edge of a box lines lie side by side, in the order of their other ends."""
    upper, lower = rows[join.upper], rows[join.lower]
    down: dict[int, list[int]] = {}
    up: dict[int, list[int]] = {}
    for bundle in join.bundles:
        down.setdefault(bundle.upper, []).append(bundle.lower)
        up.setdefault(bundle.lower, []).append(bundle.upper)
    dense = (len(join.bundles) > 24) + (len(join.bundles) > 96)
    for bundle in join.bundles:
        over, under = upper[bundle.upper], lower[bundle.lower]
        yield Line(
            x1=_along(over.area, sorted(down[bundle.upper]).index(bundle.lower), len(down[bundle.upper])),
            y1=over.area.y + over.area.height,
            x2=_along(under.area, sorted(up[bundle.lower]).index(bundle.upper), len(up[bundle.lower])),
            y2=under.area.y,
            colour=colour,
            dense=dense,
            weight=0 if dense else min(HEAVIEST, bundle.cables.bit_length() // 2),
            tooltip=f"{over.tooltip} - {under.tooltip}: {bundle.cables}",
        )


def _along(area: Area, number: int, count: int) -> float:
    return area.x + area.width * (0.15 + 0.7 * (number + 0.5) / count)
