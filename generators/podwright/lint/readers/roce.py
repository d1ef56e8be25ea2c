"""roce.json, by which a server of a pod sets its NICs when it starts: what they trust, pause and mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Mark, NicQos, Said, Spot

FORCED = "traffic_class"


class _Class(msgspec.Struct, frozen=True):
    trust: str
    dscp_to_priority: dict[str, int]
    pfc: list[int]
    traffic_class: int
    cnp_dscp: int
    cnp_priority: int


class _Interface(msgspec.Struct, frozen=True, rename={"lossless": "class"}):
    name: str
    lossless: str
    rdma_device: str = ""


class _File(msgspec.Struct, frozen=True):
    classes: dict[str, _Class]
    interfaces: list[_Interface]


class NicSettings(msgspec.Struct, frozen=True):
    """What the file sets on one NIC."""

    netdev: str
    rdma: str
    qos: NicQos
    mark: Mark
    cnp: Said[int]
    cnp_priority: Said[int]


def is_roce(data: object) -> bool:
    return isinstance(data, dict) and {"classes", "interfaces"} <= data.keys()


def read_roce(file: str, data: Any, problems: Problems) -> Iterator[NicSettings]:
    """The settings of every NIC that the file names."""
    try:
        read = msgspec.convert(data, _File)
    except msgspec.ValidationError as problem:
        problems.unreadable(Spot(file), f"it is no roce.json of a pod: {problem}", "Render the pod again.")
        return
    for each in read.interfaces:
        lossless = read.classes.get(each.lossless)
        if lossless is not None:
            yield _settings(Spot(file, ("classes", each.lossless)), each, lossless)


def _settings(spot: Spot, each: _Interface, lossless: _Class) -> NicSettings:
    paused = tuple(priority for priority, on in enumerate(lossless.pfc) if on)
    priorities = {int(dscp): priority for dscp, priority in lossless.dscp_to_priority.items() if dscp.isdecimal()}
    return NicSettings(
        netdev=each.name,
        rdma=each.rdma_device,
        qos=NicQos(
            netdev=each.name,
            spot=spot,
            trust=Said(lossless.trust, spot.at("trust")),
            priorities=priorities,
            pfc=Said(paused, spot.at("pfc")),
        ),
        mark=Mark(FORCED, each.rdma_device or each.name, lossless.traffic_class, spot.at(FORCED), forced=True),
        cnp=Said(lossless.cnp_dscp, spot.at("cnp_dscp")),
        cnp_priority=Said(lossless.cnp_priority, spot.at("cnp_priority")),
    )
