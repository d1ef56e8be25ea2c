"""Bring a pod to its rendered state: the official runner over the rendered Ansible, with progress and a summary."""

from podwright.apply.playbook import Progress, apply

__all__ = ["Progress", "apply"]
