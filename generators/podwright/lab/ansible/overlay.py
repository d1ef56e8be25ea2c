"""Inventories laid over the pod's own: they change how a host is reached, and nothing else.

Passed after the pod's inventory (`ansible-playbook -i inventory -i overlay.yml`), a later inventory file wins over an
earlier one and over group_vars. Only host_vars would win over it: connection variables do not belong there.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import yaml

from podwright.errors import LabError
from podwright.lab.containerlab import container_of
from podwright.lab.driver import Fabric
from podwright.lab.netns.enter import NamespaceEntrance
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

_SSHD_SETUP = """
set -e
umask 077
mkdir -p /root/.ssh /run/sshd
cat > /root/.ssh/authorized_keys
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
cat /etc/ssh/ssh_host_ed25519_key.pub
"""
_SSHD = (
    "/usr/sbin/sshd",
    "-i",
    "-o",
    "PermitRootLogin=prohibit-password",
    "-o",
    "HostKey=/etc/ssh/ssh_host_ed25519_key",
)


def overlay(lab: Lab) -> str:
    """The overlay for `lab`, YAML: each node through the driver's own entrance (namespaces, or docker exec).

    Holds process ids: it is good for this run of the lab only.
    """
    return _inventory(lab, _through_docker(lab) if lab.driver == "containerlab" else _through_namespaces(lab))


def ssh_overlay(lab: Lab, fabric: Fabric, key: Path, known_hosts: Path) -> str:
    """The overlay for `lab` over real SSH: the private key `key` (its public half beside it as .pub) is admitted as
    root to every node, and the host keys of the nodes are written to `known_hosts`.

    Each connection is served by an sshd of its own inside the node, on its standard input. Raises LabError where
    the lab is rootless (sshd can't change groups there) or a node refuses.
    """
    if lab.mode == "rootless":
        raise LabError("A rootless lab has no SSH server.", fix="Bring the lab up as root, or use the plain overlay.")
    public = key.with_name(key.name + ".pub").read_text(encoding="utf-8")
    known_hosts.write_text("".join(f"{node} {_admit(fabric, node, public)}" for node in lab.nodes), encoding="utf-8")
    entrance = NamespaceEntrance(lab)

    def variables(node: str) -> Variables:
        proxy = shlex.join([*entrance.inside(node), *_SSHD])
        options = {
            "ProxyCommand": proxy,
            "HostKeyAlias": node,
            "UserKnownHostsFile": str(known_hosts),
            "IdentitiesOnly": "yes",
        }
        return {
            "ansible_connection": "ssh",
            "ansible_host": node,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": shlex.join(
                word for name, value in options.items() for word in ("-o", f"{name}={value}")
            ),
        }

    return _inventory(lab, variables)


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


def _admit(fabric: Fabric, node: str, public_key: str) -> str:
    """Let the holder of a key into `node` as root; returns the node's own public host key."""
    done = fabric.run(node, ["sh", "-c", _SSHD_SETUP], stdin=public_key)
    if done.status != 0:
        raise LabError(
            f"The node {node!r} has no SSH server: {done.stderr.strip()}", fix="Install the package openssh-server."
        )
    return done.stdout
