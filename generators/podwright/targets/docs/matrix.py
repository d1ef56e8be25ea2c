"""The zones of a pod as a matrix: who may open what to whom, and what is implied besides."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from podwright.model.design import Flow, Zone
from podwright.projection.records import PodConfig

EVERYTHING, NOTHING = "everything", "-"


class Member(msgspec.Struct, frozen=True):
    """A written zone: what is in it, and its addresses."""

    name: str
    members: str
    prefixes: tuple[str, ...]


class Implied(msgspec.Struct, frozen=True):
    """A flow that nobody wrote."""

    source: str
    target: str
    service: str
    reason: str


class Matrix(msgspec.Struct, frozen=True):
    """Rows are where a connection begins, columns where it ends, in the order of `zones`. Empty without zones."""

    zones: tuple[Member, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    implied: tuple[Implied, ...]


def matrix(pod: PodConfig) -> Matrix:
    """The matrix over the zones that the blueprint writes."""
    written = [zone for zone in pod.zones if zone.kind not in ("pod", "anyone")]
    return Matrix(
        zones=tuple(Member(zone.name, ", ".join(zone.members), zone.prefixes) for zone in written),
        rows=tuple((source.name, tuple(_cell(pod.flows, source, target) for target in written)) for source in written),
        implied=tuple(_implied(pod.flows)),
    )


def _cell(flows: tuple[Flow, ...], source: Zone, target: Zone) -> str:
    if source.name == target.name and not source.isolated:
        return EVERYTHING
    if source.kind != "servers" and target.kind != "servers":
        return NOTHING
    services = dict.fromkeys(flow.service for flow in flows if (flow.source, flow.target) == (source.name, target.name))
    return ", ".join(services) or NOTHING


def _implied(flows: tuple[Flow, ...]) -> Iterator[Implied]:
    told = dict.fromkeys((flow.source, flow.target, flow.service, flow.implied_by) for flow in flows if flow.implied_by)
    return (Implied(*each) for each in told)
