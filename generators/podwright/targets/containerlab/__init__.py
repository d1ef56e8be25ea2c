"""The twin as a containerlab topology: bare nodes, their cables, and the kernel switches a node can't turn itself.

Configuration is not in it: that comes by the rendered Ansible, as it does in production.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from podwright.model.artifact import Artifact
from podwright.projection.records import Cable, DeviceEntry, PodConfig

IMAGE = "podwright/node:1"
HEADER = "# Rendered by Podwright: the virtual fabric of this pod. Bring it up, then run the playbook beside it.\n"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """One file, `<pod>.clab.yml`."""
    routers = {switch.name for switch in (*pod.switches, *pod.outsides) if switch.routed}
    topology = {
        "name": pod.pod,
        "prefix": "",
        "topology": {
            "defaults": {
                "kind": "linux",
                "image": IMAGE,
                "network-mode": "none",
                "cap-add": ["NET_ADMIN", "SYS_ADMIN", "NET_RAW"],
            },
            "nodes": {entry.name: _node(entry, entry.name in routers) for entry in pod.entries},
            "links": [_link(cable) for cable in pod.cables],
        },
    }
    yield Artifact(path=f"{pod.pod}.clab.yml", text=HEADER + yaml.safe_dump(topology, sort_keys=False, width=1000))


def _node(entry: DeviceEntry, routes: bool) -> dict[str, Any]:
    forward = int(routes)
    return {
        "group": entry.tier,
        "labels": {"podwright-role": entry.role, "podwright-failure-domain": entry.failure_domain},
        "sysctls": {
            "net.ipv4.ip_forward": forward,
            "net.ipv6.conf.all.forwarding": forward,
            "net.ipv4.fib_multipath_hash_policy": 1,
            "net.ipv6.fib_multipath_hash_policy": 1,
        },
    }


def _link(cable: Cable) -> dict[str, Any]:
    ends = [f"{cable.a_device}:{cable.a_linux}", f"{cable.b_device}:{cable.b_linux}"]
    return {"endpoints": ends, "mtu": cable.mtu}
