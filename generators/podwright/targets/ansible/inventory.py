"""Inventory and variables, built as data. What people wrote is tagged `!unsafe`: Ansible evaluates no braces in it."""

from __future__ import annotations

import re

import msgspec
import yaml

from podwright.projection.records import DeviceEntry, PodConfig

HEADER = "# Written by Podwright; a change by hand is found and kept from being overwritten.\n---\n"
PLAYS = {
    "linux": "podwright_linux",
    "frr": "podwright_linux",
    "sonic": "podwright_sonic",
    "cumulus": "podwright_nvue",
    "eos": "podwright_eos",
}
"""The group of the playbook that configures a device, by its operating system."""
FILES = "{{ lookup('ansible.builtin.env', 'PODWRIGHT_FILES') or playbook_dir ~ '/files' }}"
"""Where paths of the blueprint begin that name files of secrets and of public keys: never in what is rendered."""
DEFAULT_ROLLBACK_SECONDS = 60
EOS_VARS = (
    HEADER
    + """\
# By EOS's own command line over SSH; what EOS runs needs no Python, so modules run here.
ansible_connection: ansible.netcommon.network_cli
ansible_network_os: arista.eos.eos
ansible_become_method: ansible.netcommon.enable
ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""
)
CONFIG = "{{ playbook_dir }}/../configs/{{ inventory_hostname }}"


class Unsafe(str):
    """Text of a person's own, of which Ansible must not make a template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """SafeDumper, and one tag more."""


def _represent_unsafe(dumper: yaml.SafeDumper, text: Unsafe) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


_Dumper.add_representer(Unsafe, _represent_unsafe)


def inventory(pod: PodConfig) -> str:
    """Every device with the address it is reached at, and the groups it is in.

    `podwright_linux`, `podwright_sonic`, `podwright_nvue` and `podwright_eos` are what the playbook runs on. A router outside
    is somebody else's machine, and here only where it is a node of the twin.
    """
    groups: dict[str, list[str]] = {play: [] for play in PLAYS.values()}
    entries = [entry for entry in pod.entries if entry.kind != "outside" or pod.init == "none"]
    for entry in entries:
        for group in (*entry.groups, *_play_groups(entry)):
            groups.setdefault(group_name(group), []).append(entry.name)
    everything = {
        "vars": {
            "ansible_user": Unsafe(pod.user),
            "ansible_port": pod.port,
            "ansible_python_interpreter": Unsafe(pod.python),
        },
        "hosts": {entry.name: _reached(entry) for entry in entries},
        "children": {name: {"hosts": {host: {} for host in groups[name]}} for name in sorted(groups)},
    }
    return _dump({"all": everything})


def _reached(entry: DeviceEntry) -> dict[str, str]:
    """Where a host is reached, and as whom where that is not as all are."""
    address = {"ansible_host": entry.address} if entry.address else {}
    if entry.access is None:
        return address
    # EOS runs no module of ours: the Python that counts is the one here.
    python = {} if entry.nos == "eos" else {"ansible_python_interpreter": Unsafe(entry.access.python)}
    return {**address, "ansible_user": Unsafe(entry.access.user), **python}


def group_vars(pod: PodConfig) -> str:
    """What all devices share. `podwright_*` steers the roles (see ansible/README.md)."""
    return _dump(
        {
            "podwright_pod": pod.pod,
            "podwright_description": Unsafe(pod.description),
            "podwright_domain": Unsafe(pod.domain),
            "podwright_config": CONFIG,
            "podwright_init": pod.init,
            "podwright_packages": pod.init == "systemd",
            "podwright_lldp": True,
            "podwright_sonic_method": "replace",
            "podwright_files": FILES,
            **({"podwright_ssh": msgspec.to_builtins(pod.ssh)} if pod.ssh else {}),
            "podwright_secrets": {
                each.name: {"kind": each.kind, "place": each.place, **({"key": each.key} if each.key else {})}
                for each in pod.secrets
            },
            "podwright_rollback_seconds": pod.security.rollback_seconds if pod.security else DEFAULT_ROLLBACK_SECONDS,
        }
    )


def group_name(name: str) -> str:
    """A name that Ansible takes for a group: letters, digits and underscores, no digit first."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain


def _play_groups(entry: DeviceEntry) -> tuple[str, ...]:
    return (PLAYS[entry.nos],) if entry.nos in PLAYS else ()


def _dump(document: object) -> str:
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    return HEADER + text
