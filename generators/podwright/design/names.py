"""Names of devices: the operator's template or the default; fixed padding, so that growth renames nothing."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from podwright.model.blueprint import Names

LEAF = "{fabric}-leaf-u{unit:03}-{number}"
RAIL_LEAF = "{fabric}-leaf-u{unit:03}-r{rail}"
SPINE = "{fabric}-spine-{number:03}"
ROOT = "{fabric}-root-{number}"
SERVER = "{group}-u{unit:03}-s{slot:02}"
OUTSIDE = "{fabric}-{group}"

FIELDS = {
    "leaf": ("fabric", "unit", "number"),
    "rail_leaf": ("fabric", "plane", "unit", "rail", "number"),
    "spine": ("fabric", "plane", "number"),
    "server": ("group", "unit", "slot"),
    "outside": ("fabric", "group"),
}
_BLANK: dict[str, str | int] = {"fabric": "", "group": "", "unit": 0, "slot": 0, "rail": 0, "plane": 1, "number": 0}


class Namer:
    """Spells device names. The second plane, and the second leaf of a rail in a unit, are marked; the first is not."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def leaf(self, fabric: str, unit: int, number: int) -> str:
        return _fill(self.names.leaf or LEAF, fabric=fabric, unit=unit, number=number)

    def rail_leaf(self, fabric: str, plane: int, unit: int, rail: int, row: int) -> str:
        template = self.names.rail_leaf or RAIL_LEAF
        name = _fill(template, fabric=fabric, unit=unit, rail=rail, plane=plane, number=row)
        if row > 1 and "{number" not in template:
            name += f"-{row}"
        return _with_plane(name, template, plane)

    def spine(self, fabric: str, plane: int, number: int) -> str:
        template = self.names.spine or SPINE
        return _with_plane(_fill(template, fabric=fabric, number=number, plane=plane), template, plane)

    def root(self, fabric: str, number: int) -> str:
        return _fill(ROOT, fabric=fabric, number=number)

    def server(self, group: str, unit: int, slot: int) -> str:
        return _fill(self.names.server or SERVER, group=group, unit=unit, slot=slot)

    def outside(self, fabric: str, group: str) -> str:
        return _fill(self.names.outside or OUTSIDE, fabric=fabric, group=group)

    def strange_fields(self) -> Iterator[tuple[str, str]]:
        """(template, field) of every field that the devices of a template do not have."""
        for which, known in FIELDS.items():
            for _, field, _, _ in Formatter().parse(getattr(self.names, which) or ""):
                if field and field not in known:
                    yield which, field


def _fill(template: str, **fields: str | int) -> str:
    """The template filled in; a field that the device lacks is blank, and has been refused by then."""
    return template.format(**_BLANK | fields)


def _with_plane(name: str, template: str, plane: int) -> str:
    return f"{name}-p{plane}" if plane > 1 and "{plane" not in template else name
