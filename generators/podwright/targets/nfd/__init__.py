"""What a Kubernetes node says of its place, as a feature file of Node Feature Discovery.

Source: the section "Local feature source" of NFD's customization guide. A line is `key=value`; keys that have a domain keep it.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import HostConfig, PodConfig

HEADER = "# Written by Podwright from the blueprint. Node Feature Discovery makes labels of this node from it.\n"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<server>/node-labels of every server that is a node of the cluster."""
    for host in pod.hosts:
        if host.labels:
            yield Artifact(
                path=f"configs/{host.name}/node-labels", text=feature_file(host), target="nfd", device=host.name
            )


def feature_file(host: HostConfig) -> str:
    return HEADER + "".join(f"{key}={value}\n" for key, value in sorted(host.labels.items()))


__all__ = ["render"]
