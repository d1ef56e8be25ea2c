"""The pictures of a pod: what they show (drawing), where that goes (layout, elevation), and how SVG says it (the template)."""

from __future__ import annotations

from podwright.projection.records import PodConfig
from podwright.targets.docs import racks
from podwright.targets.docs.picture.drawing import describe, draw
from podwright.targets.docs.picture.elevation import elevations
from podwright.targets.docs.picture.layout import Scene, layout
from podwright.targets.docs.templates import fill
from podwright.targets.docs.words import counted

LIGHT = ("#1d4ed8", "#0f766e", "#b45309", "#7e22ce", "#be123c")
DARK = ("#8ab4ff", "#5eead4", "#fbbf24", "#d8b4fe", "#fda4af")
"""Strokes of the fabrics in order, on a light and on a dark page."""


def topology(pod: PodConfig) -> str:
    """topology.svg: fabrics by tiers; what is many stands together with its count."""
    drawing = draw(pod)
    return _svg("topology", drawing.title, describe(drawing), layout(drawing))


def rack_room(pod: PodConfig) -> str:
    """racks.svg: the elevations of the racks; racks that hold the same are one."""
    room = racks.room(pod)
    title = f"{pod.pod}: {counted(room.racks, 'rack')}"
    colours = {fabric.name: number for number, fabric in enumerate(pod.fabrics)}
    return _svg("racks", title, racks.describe(room), elevations(room, title, colours))


def _svg(name: str, title: str, description: str, scene: Scene) -> str:
    """Readable in light and dark, and by a screen reader from title and description; its styles touch nothing else."""
    return fill(
        "picture/scene.svg.j2",
        name=name,
        title=title,
        description=description,
        scene=scene,
        light=LIGHT,
        dark=DARK,
    )


__all__ = ["rack_room", "topology"]
