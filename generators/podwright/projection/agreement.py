"""One lossless class is one thing to all that carry it: what switches, servers, libraries and an operator are told is compared.

All of it is projected from one definition, so a difference is a fault of this package and never of a blueprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from podwright.projection.cluster_records import ClusterConfig, NicTemplateConfig
from podwright.projection.records import HostConfig, PodConfig, SwitchConfig

ECN_BITS = 2
"""Of the byte that a sender sets, below the DSCP (RFC 3168)."""


class ClassDisagreementError(RuntimeError):
    """A hop is told another class than the rest."""


class Told(NamedTuple):
    """A class as a hop is told of it: DSCPs that lead to it, priorities that pause, and where notifications go."""

    marks: frozenset[int]
    paused: frozenset[int]
    cnp_dscp: int
    cnp_priority: int


def hold_together(pod: PodConfig) -> None:
    """Raises ClassDisagreementError where switches and servers are told a class differently, or an operator one that they
    do not know. A class that only servers are told has nothing to be compared with.
    """
    known: dict[str, Told] = {}
    for who, name, told in (*_of_switches(pod.switches), *_of_servers(pod.hosts)):
        if known.setdefault(name, told) != told:
            raise ClassDisagreementError(f"{who} is told that {name} is {told}, and others that it is {known[name]}")
    for template in _templates(pod.cluster):
        if _of_template(template) not in known.values():
            raise ClassDisagreementError(
                f"the operator is told {_of_template(template)} by {template.name}: none of {known}"
            )


def _of_switches(switches: Sequence[SwitchConfig]) -> Iterator[tuple[str, str, Told]]:
    for switch in switches:
        if switch.qos is not None:
            traffic, table = switch.qos.traffic_class, switch.qos.dscp_to_tc
            paused = frozenset(switch.qos.priority_to_group)
            marks = _leading_to(table, traffic.traffic_class)
            yield switch.name, traffic.name, Told(marks, paused, traffic.cnp_dscp, table[traffic.cnp_dscp])


def _of_servers(hosts: Sequence[HostConfig]) -> Iterator[tuple[str, str, Told]]:
    """Of each class its NICs, and what sends in it; libraries send in the only one."""
    for host in hosts:
        for qos in host.qos:
            table = qos.dscp_to_priority
            marks = _leading_to(table, qos.priority)
            told = Told(marks, _set(qos.pfc), qos.cnp_dscp, table[qos.cnp_dscp])
            yield host.name, qos.name, told
            yield f"a sender on {host.name}", qos.name, told._replace(marks=_mark(qos.traffic_byte))
            if host.collectives is not None and len(host.qos) == 1:
                sent = _mark(host.collectives.traffic_byte)
                yield f"a library on {host.name}", qos.name, told._replace(marks=sent)


def _templates(cluster: ClusterConfig | None) -> Sequence[NicTemplateConfig]:
    return cluster.nics.templates if cluster is not None and cluster.nics is not None else ()


def _of_template(template: NicTemplateConfig) -> Told:
    return Told(_mark(template.traffic_byte), _set(template.pfc), template.cnp_dscp, template.cnp_priority)


def _leading_to(table: Sequence[int], number: int) -> frozenset[int]:
    return frozenset(dscp for dscp, each in enumerate(table) if each == number)


def _mark(traffic_byte: int) -> frozenset[int]:
    return frozenset({traffic_byte >> ECN_BITS})


def _set(flags: Sequence[bool]) -> frozenset[int]:
    return frozenset(number for number, flag in enumerate(flags) if flag)
