"""The Pulumi program of a pod's cluster: data rendered from the projection beside a program that is the same for every pod.

`program/` holds the shipped files, copied as they are; cluster.yaml is what they read. Pulumi.<stack>.yaml is the user's from
the first render on, since Pulumi itself writes into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets.pulumi.data import cluster_data, project_file, stack_file

STACK = "cluster"
PROGRAM = Path(__file__).parent / "program"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """pulumi/...: runs by plain `pulumi up`, on a machine without Podwright; nothing where the pod has no cluster."""
    if pod.cluster is None:
        return
    yield _artifact("Pulumi.yaml", project_file(pod.cluster))
    yield Artifact(path=f"pulumi/Pulumi.{STACK}.yaml", text=stack_file(), target="pulumi", keep="seeded")
    yield _artifact("cluster.yaml", cluster_data(pod.cluster))
    for path in sorted(PROGRAM.rglob("*")):
        name = path.relative_to(PROGRAM)
        if path.is_file() and "__pycache__" not in name.parts:
            yield _artifact(name.as_posix(), path.read_text(encoding="utf-8"))


def _artifact(name: str, text: str) -> Artifact:
    return Artifact(path=f"pulumi/{name}", text=text, target="pulumi")


__all__ = ["STACK", "render"]
