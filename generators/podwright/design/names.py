"""Names of devices: the operator's template or the default; fixed padding, so that growth renames nothing."""

from __future__ import annotations

from podwright.model.blueprint import Names

LEAF = "{fabric}-leaf-u{unit:03}-{number}"
RAIL_LEAF = "{fabric}-leaf-u{unit:03}-r{rail}"
SPINE = "{fabric}-spine-{number:03}"
ROOT = "{fabric}-root-{number}"
SERVER = "{group}-u{unit:03}-s{slot:02}"
OUTSIDE = "{fabric}-{group}"


class Namer:
    """Spells device names. The second plane, and the second leaf of a rail in a unit, are marked; the first is not."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def leaf(self, fabric: str, unit: int, number: int) -> str:
        return (self.names.leaf or LEAF).format(fabric=fabric, unit=unit, number=number, plane=1, rail=number - 1)

    def rail_leaf(self, fabric: str, plane: int, unit: int, rail: int, row: int) -> str:
        template = self.names.rail_leaf or RAIL_LEAF
        name = template.format(fabric=fabric, unit=unit, rail=rail, plane=plane, number=row)
        if row > 1 and "{number" not in template:
            name += f"-{row}"
        return _with_plane(name, template, plane)

    def spine(self, fabric: str, plane: int, number: int) -> str:
        template = self.names.spine or SPINE
        return _with_plane(template.format(fabric=fabric, number=number, plane=plane), template, plane)

    def root(self, fabric: str, number: int) -> str:
        return ROOT.format(fabric=fabric, number=number)

    def server(self, group: str, unit: int, slot: int) -> str:
        return (self.names.server or SERVER).format(group=group, unit=unit, slot=slot)

    def outside(self, fabric: str, group: str) -> str:
        return (self.names.outside or OUTSIDE).format(fabric=fabric, group=group)


def _with_plane(name: str, template: str, plane: int) -> str:
    return f"{name}-p{plane}" if plane > 1 and "{plane" not in template else name
