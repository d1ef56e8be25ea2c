"""Bring a pod to its rendered state by the official engines, with progress and a summary: devices by Ansible, the cluster by
Pulumi."""

from podwright.apply.cluster import apply_cluster
from podwright.apply.playbook import Progress, apply

__all__ = ["Progress", "apply", "apply_cluster"]
