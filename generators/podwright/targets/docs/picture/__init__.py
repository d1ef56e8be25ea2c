"""The picture of a pod: what it shows (drawing), where that goes (layout), and how SVG says it (the template)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podwright.projection.records import PodConfig
from podwright.targets.docs.picture.drawing import describe, draw
from podwright.targets.docs.picture.layout import layout

if TYPE_CHECKING:
    from jinja2 import Environment

LIGHT = ("#1d4ed8", "#0f766e", "#b45309", "#7e22ce", "#be123c")
DARK = ("#8ab4ff", "#5eead4", "#fbbf24", "#d8b4fe", "#fda4af")
"""Strokes of the fabrics in order, on a light and on a dark page."""


def picture(pod: PodConfig) -> str:
    """topology.svg: readable by eye in light and dark, and by a screen reader from its title and description."""
    drawing = draw(pod)
    template = _environment().get_template("topology.svg.j2")
    return template.render(
        title=drawing.title, description=describe(drawing), scene=layout(drawing), light=LIGHT, dark=DARK
    )


def _coordinate(value: float) -> str:
    """A tenth of a pixel is exact enough, and the same text on every machine."""
    return f"{value:.1f}".removesuffix(".0")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # late: only rendering needs it

    environment = Environment(
        loader=PackageLoader("podwright.targets.docs.picture", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters["n"] = _coordinate
    return environment


__all__ = ["picture"]
