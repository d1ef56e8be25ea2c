"""The lossless class on servers: what NICs are set to, and what libraries that send through them are told.

`roce.json` is read by the program `podwright-roce` of the role `roce`, at every start and whenever a NIC appears. `nccl.conf`
(`rccl.conf` where AMD maintains the library), `ucx.conf` and `nvshmem.sh` mark what does not ask the kernel. Every value with its
reason and its source stands in docs/stages/hosts.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from podwright.model.artifact import Artifact
from podwright.projection.host_records import HostQos
from podwright.projection.records import HostConfig, PodConfig
from podwright.targets.roce.libraries import nccl, nvshmem, ucx

PASSED_THROUGH = "iommu=pt"
"""Of DMA by the kernel's own devices the IOMMU translates nothing: what passes through it does not go by way of the root
complex. https://docs.kernel.org/admin-guide/kernel-parameters.html"""


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<server>/... of every server with a NIC in a lossless fabric.

    A node of the twin gets what its kernel can be asked about, which is `roce.json` without what belongs to a whole machine:
    it shares the machine's PCI devices and /etc.
    """
    for host in pod.hosts:
        if host.qos:
            for name, text in _files(host, in_twin=pod.init == "none"):
                yield Artifact(path=f"configs/{host.name}/{name}", text=text, target="roce", device=host.name)


def _files(host: HostConfig, *, in_twin: bool) -> Iterator[tuple[str, str]]:
    yield "roce.json", _json(settings(host, in_twin=in_twin))
    if in_twin:
        return
    if host.collectives is not None:
        yield f"{host.collectives.library}.conf", nccl(host.collectives)
        yield "nvshmem.sh", nvshmem(host.collectives)
    yield "ucx.conf", ucx(host)


def settings(host: HostConfig, *, in_twin: bool) -> dict[str, Any]:
    """What `podwright-roce` reads: the classes by name, the NICs that carry them, and what is set once for a machine.

    The last is empty where no NIC reads the memory of GPUs. What `dscp_to_priority` does not name is of priority 0.
    """
    alone = host.peer_to_peer and not in_twin
    return {
        "classes": {each.name: _class(each) for each in host.qos},
        "interfaces": [
            {
                "name": nic.name,
                "class": qos.name,
                "rdma_device": nic.name if nic.pci and not in_twin else "",
                "cable_metres": nic.metres,
                **({"dpu": nic.dpu} if nic.dpu else {}),
            }
            for qos in host.qos
            for nic in qos.nics
        ],
        "machine": {"acs": "off", "kernel_arguments": [PASSED_THROUGH]} if alone else {},
    }


def _class(qos: HostQos) -> dict[str, Any]:
    return {
        "trust": "dscp",
        "dscp_to_priority": {str(dscp): each for dscp, each in enumerate(qos.dscp_to_priority) if each},
        "pfc": [int(each) for each in qos.pfc],
        "priority_to_tc": qos.priority_to_tc,
        "transmission": qos.transmission,
        "bandwidth": qos.bandwidth,
        "traffic_class": qos.traffic_byte,
        "cnp_dscp": qos.cnp_dscp,
        "cnp_priority": qos.cnp_priority,
        "ecn_priorities": [qos.priority],
    }


def _json(value: dict[str, Any]) -> str:
    """A setting a line, and an interface a line, so that a difference names what differs."""
    classes = ",\n".join(f"  {json.dumps(name)}: {_lines(each)}" for name, each in value["classes"].items())
    interfaces = ",\n".join(f"  {json.dumps(each)}" for each in value["interfaces"])
    machine = json.dumps(value["machine"])
    return f'{{\n "classes": {{\n{classes}\n }},\n "interfaces": [\n{interfaces}\n ],\n "machine": {machine}\n}}\n'


def _lines(value: dict[str, Any]) -> str:
    lines = ",\n".join(f"   {json.dumps(key)}: {json.dumps(each)}" for key, each in value.items())
    return f"{{\n{lines}\n  }}"


__all__ = ["render"]
