"""One break in what one part is told of a lossless class, and the comparison of projections speaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import load
from podwright.pipeline import design_pod
from podwright.projection import project
from podwright.projection.agreement import ClassDisagreementError, hold_together
from podwright.projection.host_records import HostQos
from podwright.projection.records import HostConfig, PodConfig, SwitchQos

OPERATOR = {"repository": "registry.example.net/mellanox", "version": "network-operator-v26.1.0"}


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> PodConfig:
    shipped = Path(reference.__file__).parents[2] / "blueprints" / "hgx-h100-32" / "pod.yaml"
    document = yaml.safe_load(shipped.read_text("utf-8"))
    document["kubernetes"]["nic_operator"] = OPERATOR
    path = tmp_path_factory.mktemp("atlas") / "pod.yaml"
    path.write_text(json.dumps(document))
    return project(design_pod(path).design, load())


def with_switch(pod: PodConfig, change: Callable[[SwitchQos], SwitchQos]) -> PodConfig:
    at = next(number for number, each in enumerate(pod.switches) if each.qos is not None)
    switch = pod.switches[at]
    assert switch.qos is not None
    changed = replace(switch, qos=change(switch.qos))
    return replace(pod, switches=(*pod.switches[:at], changed, *pod.switches[at + 1 :]))


def with_server(pod: PodConfig, change: Callable[[HostConfig], HostConfig]) -> PodConfig:
    at = next(number for number, each in enumerate(pod.hosts) if each.qos)
    return replace(pod, hosts=(*pod.hosts[:at], change(pod.hosts[at]), *pod.hosts[at + 1 :]))


def with_nics(pod: PodConfig, change: Callable[[HostQos], HostQos]) -> PodConfig:
    return with_server(pod, lambda host: replace(host, qos=(change(host.qos[0]), *host.qos[1:])))


def with_template(pod: PodConfig, **fields: object) -> PodConfig:
    assert pod.cluster is not None
    assert pod.cluster.nics is not None
    first, *others = pod.cluster.nics.templates
    nics = replace(pod.cluster.nics, templates=(replace(first, **fields), *others))
    return replace(pod, cluster=replace(pod.cluster, nics=nics))


def moved(table: tuple[int, ...], dscp: int, number: int) -> tuple[int, ...]:
    return (*table[:dscp], number, *table[dscp + 1 :])


def test_what_is_projected_agrees(pod: PodConfig) -> None:
    assert any(host.qos for host in pod.hosts)
    assert pod.cluster is not None
    assert pod.cluster.nics is not None
    assert pod.cluster.nics.templates
    hold_together(pod)


BREAKS: dict[str, Callable[[PodConfig], PodConfig]] = {
    "a switch maps the mark to another class": lambda pod: with_switch(
        pod, lambda qos: replace(qos, dscp_to_tc=moved(qos.dscp_to_tc, 26, 0))
    ),
    "a switch takes a second mark into the class": lambda pod: with_switch(
        pod, lambda qos: replace(qos, dscp_to_tc=moved(qos.dscp_to_tc, 24, 3))
    ),
    "a switch pauses another priority": lambda pod: with_switch(
        pod, lambda qos: replace(qos, priority_to_group={4: 3})
    ),
    "a switch puts notifications elsewhere": lambda pod: with_switch(
        pod, lambda qos: replace(qos, dscp_to_tc=moved(qos.dscp_to_tc, 48, 0))
    ),
    "a NIC maps the mark to another priority": lambda pod: with_nics(
        pod, lambda qos: replace(qos, dscp_to_priority=moved(qos.dscp_to_priority, 26, 0))
    ),
    "a NIC pauses another priority": lambda pod: with_nics(
        pod, lambda qos: replace(qos, pfc=tuple(number == 4 for number in range(8)))
    ),
    "a NIC sends notifications with the operator's default": lambda pod: with_nics(
        pod, lambda qos: replace(qos, cnp_dscp=4)
    ),
    "a sender has another mark": lambda pod: with_nics(pod, lambda qos: replace(qos, traffic_byte=96)),
    "the operator has another mark": lambda pod: with_template(pod, traffic_byte=96),
    "the operator pauses another priority": lambda pod: with_template(
        pod, pfc=tuple(number == 4 for number in range(8))
    ),
    "the operator has its default for notifications": lambda pod: with_template(pod, cnp_dscp=4),
    "the operator puts notifications elsewhere": lambda pod: with_template(pod, cnp_priority=0),
}


@pytest.mark.parametrize("name", BREAKS)
def test_one_break_is_found(pod: PodConfig, name: str) -> None:
    with pytest.raises(ClassDisagreementError):
        hold_together(BREAKS[name](pod))


def test_a_library_with_another_mark_is_found() -> None:
    pod = reference.pod("hgx-h100-32")
    assert any(host.collectives is not None for host in pod.hosts)
    hold_together(pod)
    broken = with_server(
        pod,
        lambda host: replace(host, collectives=replace(host.collectives, traffic_byte=0) if host.collectives else None),
    )
    with pytest.raises(ClassDisagreementError, match="a library on gpu-u001-s01"):
        hold_together(broken)
