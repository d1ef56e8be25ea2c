"""The Ansible content of a pod: its inventory, and the playbook and roles that deliver configs/ to its devices.

What differs from pod to pod is data (inventory.yml, group_vars/, requirements.yml); the playbook and the roles are the
shipped files of playbooks/, copied as they are, but a role that needs a collection only where a device needs the role.
Nothing here spells a configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.resources import folder
from podwright.targets.ansible.collections import has_eos, requirements
from podwright.targets.ansible.inventory import EOS_VARS, group_vars, inventory

EXECUTABLE = 0o755
PLAIN = 0o644
REQUIREMENTS = "requirements.yml"
EOS_ROLE = "roles/eos/"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """ansible/...: runs by plain ansible-playbook, on a machine without Podwright."""
    yield _artifact("inventory.yml", inventory(pod))
    yield _artifact("group_vars/all.yml", group_vars(pod))
    yield _artifact(REQUIREMENTS, requirements(pod))
    if has_eos(pod):
        yield _artifact("group_vars/podwright_eos.yml", EOS_VARS)
    shipped = folder("playbooks")
    for path in sorted(shipped.rglob("*")):
        name = path.relative_to(shipped).as_posix()
        if name.startswith(EOS_ROLE) and not has_eos(pod):
            continue
        if path.is_file() and not _is_of_the_checkout(path.relative_to(shipped)):
            text = path.read_text(encoding="utf-8")
            yield _artifact(name, text, mode=EXECUTABLE if text.startswith("#!") else PLAIN)


def _is_of_the_checkout(path: Path) -> bool:
    """Files that serve the development of the roles, what programs leave behind, and what differs from pod to pod."""
    return path.name == REQUIREMENTS or any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _artifact(name: str, text: str, mode: int = PLAIN) -> Artifact:
    return Artifact(path=f"ansible/{name}", text=text, mode=mode, target="ansible")


__all__ = ["render"]
