"""Inventories laid over the pod's own: they change how a host is reached, and nothing else.

Passed after the pod's inventory (`ansible-playbook -i inventory -i overlay.yml`), a later inventory file wins over an
earlier one and over group_vars. Only host_vars would win over it: connection variables do not belong there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from podwright.lab.containerlab import container_of
from podwright.lab.registry import Lab

Variables = dict[str, str | int | bool]

_SYSTEM_PYTHON = "/usr/bin/python3"
_EVERY_NODE: Variables = {
    "ansible_python_interpreter": _SYSTEM_PYTHON,
    "ansible_remote_tmp": "/root/.ansible/tmp",
    "ansible_pipelining": True,
    "ansible_become": False,
}
"""A node is entered as root; its Python is the system's, as a virtualenv of the controller may be out of its sight."""


def overlay(lab: Lab) -> str:
    """The overlay for `lab`, YAML: each node through the driver's own entrance (namespaces, or docker exec).

    Holds process ids: it is good for this run of the lab only.
    """
    return _inventory(lab, _through_docker(lab) if lab.driver == "containerlab" else _through_namespaces(lab))


def plugin_folder() -> Path:
    """Where the connection plugin stands; for ANSIBLE_CONNECTION_PLUGINS."""
    return Path(__file__).with_name("connection_plugins")


def _through_namespaces(lab: Lab) -> Callable[[str], Variables]:
    return lambda node: {
        "ansible_connection": "podwright_netns",
        "podwright_node_pid": lab.nodes[node].pid,
        "podwright_node_start": lab.nodes[node].start,
        "podwright_node_rootless": lab.mode == "rootless",
    }


def _through_docker(lab: Lab) -> Callable[[str], Variables]:
    return lambda node: {"ansible_connection": "community.docker.docker", "ansible_host": container_of(lab, node)}


def _inventory(lab: Lab, variables: Callable[[str], Variables]) -> str:
    hosts = {node.name: {**variables(node.name), **_EVERY_NODE} for node in lab.topology.nodes}
    return yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False, width=1000)
