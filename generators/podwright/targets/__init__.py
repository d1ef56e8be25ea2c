"""Targets spell projections. One folder is one target; each has `render(pod) -> Iterator[Artifact]` and touches no disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets import ansible, containerlab, docs, eos, frr, nfd, nfs, nvue, pulumi, roce, sonic

Render = Callable[[PodConfig], Iterator[Artifact]]

TARGETS: Mapping[str, Render] = {
    "frr": frr.render,
    "sonic": sonic.render,
    "eos": eos.render,
    "nvue": nvue.render,
    "nfd": nfd.render,
    "nfs": nfs.render,
    "roce": roce.render,
    "ansible": ansible.render,
    "pulumi": pulumi.render,
    "docs": docs.render,
}
TWIN_TARGETS: Mapping[str, Render] = {
    "containerlab": containerlab.render,
    "frr": frr.render,
    "nfs": nfs.render,
    "roce": roce.render,
    "ansible": ansible.render,
}

__all__ = ["TARGETS", "TWIN_TARGETS", "Render"]
