"""The picture of a pod: what it shows (drawing), where that goes (layout), and how SVG says it (the template)."""

from __future__ import annotations

from podwright.projection.records import PodConfig
from podwright.targets.docs.picture.drawing import describe, draw
from podwright.targets.docs.picture.layout import layout
from podwright.targets.docs.templates import fill

LIGHT = ("#1d4ed8", "#0f766e", "#b45309", "#7e22ce", "#be123c")
DARK = ("#8ab4ff", "#5eead4", "#fbbf24", "#d8b4fe", "#fda4af")
"""Strokes of the fabrics in order, on a light and on a dark page."""


def picture(pod: PodConfig) -> str:
    """topology.svg: readable by eye in light and dark, and by a screen reader from its title and description."""
    drawing = draw(pod)
    return fill(
        "picture/topology.svg.j2",
        title=drawing.title,
        description=describe(drawing),
        scene=layout(drawing),
        light=LIGHT,
        dark=DARK,
    )


__all__ = ["picture"]
