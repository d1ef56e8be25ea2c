"""The virtual fabric as a containerlab topology: bare nodes of one image, and the pod's own cables between them.

`<pod>.clab.yml` is meant for a pod that has been scaled to its twin; it is what both drivers of the lab read. A node
gets nothing but its cables and what a container can't always set for itself; all else is delivered as to a real device.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from podwright.model.artifact import Artifact
from podwright.projection.records import Cable, DeviceEntry, PodConfig

IMAGE = "podwright/node:1"
PACKAGES = (
    "frr",
    "frr-pythontools",
    "lldpd",
    "nftables",
    "iproute2",
    "iputils-ping",
    "openssh-server",
    "procps",
    "python3",
)
"""What the roles and the trials expect of a node."""
CAPABILITIES = ("NET_ADMIN", "SYS_ADMIN", "NET_RAW")
GRAPH_LEVELS = {"outside": 1, "root": 2, "spine": 2, "leaf": 3, "host": 4}
"""Rows of a drawing by `containerlab graph`, from the top."""

HEADER = "# The virtual fabric of this pod, written by Podwright: bring it up, then run the playbook beside it.\n"
LINE_WIDTH = 160


DOCKERFILE = f"""\
# The image of every node: docker build --tag {IMAGE} node
FROM debian:bookworm-slim
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \\
        {" ".join(PACKAGES)} \\
    && rm -rf /var/lib/apt/lists/* /etc/frr/frr.conf
CMD ["sleep", "infinity"]
"""


def render(pod: PodConfig) -> Iterator[Artifact]:
    """The topology of the whole pod, and how the image of its nodes is built."""
    yield Artifact(path="node/Dockerfile", text=DOCKERFILE, target="containerlab")
    yield Artifact(path=f"{pod.pod}.clab.yml", text=HEADER + _spell(_document(pod)), target="containerlab")


def _document(pod: PodConfig) -> dict[str, object]:
    forwarding = {switch.name for switch in (*pod.switches, *pod.outsides) if switch.routed}
    return {
        "name": pod.pod,
        # Containers are named like the devices, so that an inventory and a prompt say the same.
        "prefix": "",
        "topology": {
            "defaults": _defaults(),
            "nodes": {entry.name: _node(entry, entry.name in forwarding) for entry in pod.entries},
            "links": [_link(cable) for cable in pod.cables],
        },
    }


def _defaults() -> dict[str, object]:
    return {
        "kind": "linux",
        "image": IMAGE,
        # The pod has a management network of its own, cabled like the rest; the engine's would be a way around it.
        "network-mode": "none",
        "cap-add": list(CAPABILITIES),
        "sysctls": {"net.ipv4.fib_multipath_hash_policy": 1, "net.ipv6.fib_multipath_hash_policy": 1},
    }


def _node(entry: DeviceEntry, forwards: bool) -> dict[str, object]:
    return {
        "group": entry.tier,
        "labels": _labels(entry),
        "sysctls": {"net.ipv4.ip_forward": int(forwards), "net.ipv6.conf.all.forwarding": int(forwards)},
    }


def _labels(entry: DeviceEntry) -> dict[str, str]:
    """What `docker ps --filter label=` selects by; an empty fact has no label."""
    labels = {
        "podwright.kind": entry.kind,
        "podwright.role": entry.role,
        "podwright.fabric": entry.fabric,
        "podwright.group": entry.group,
        "podwright.failure-domain": entry.failure_domain,
        "graph-level": str(GRAPH_LEVELS[entry.tier]),
    }
    return {name: text for name, text in labels.items() if text}


def _link(cable: Cable) -> dict[str, object]:
    return {
        "endpoints": [f"{cable.a_device}:{cable.a_linux}", f"{cable.b_device}:{cable.b_linux}"],
        "mtu": cable.mtu,
    }


def _spell(document: dict[str, object]) -> str:
    """YAML with the innermost mappings and lists on one line: a cable is a line, and so is a node's every section."""
    return yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=LINE_WIDTH)


__all__ = ["render"]
