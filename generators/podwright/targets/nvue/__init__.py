"""Cumulus Linux: `nvue.yaml` of every switch that runs it, the whole of its configuration as `nv config replace` takes it.

NVUE writes frr.conf, the interfaces, the breakouts and the QoS of a switch by itself, so nothing else of ours configures
one. The words are those of Cumulus Linux 5.13 and 5.14; 5.15 renamed many of them. What no blueprint says, the accounts of
people above all, is the switch's own, and is put in on delivery.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets.nvue.configuration import configuration
from podwright.targets.nvue.spelling import spelt

NOS = "cumulus"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<switch>/nvue.yaml of every Cumulus switch, in order of name."""
    for switch in pod.switches:
        if switch.nos == NOS:
            text = f"# {switch.name}: written by Podwright for nv config replace.\n{spelt([{'set': configuration(switch)}])}"
            yield Artifact(path=f"configs/{switch.name}/nvue.yaml", text=text, target="nvue", device=switch.name)


__all__ = ["render"]
