"""SONiC: `config_db.json` of every switch that runs it, as `config replace` and `config reload` take it.

Routing is not in it. FRR's own frr.conf comes beside it, and `docker_routing_config_mode` is `split-unified`: the BGP
container then reads that file and generates none of its own. BGP_NEIGHBOR, BGP_GLOBALS and the like would be a second
master of the same daemon, so the database says of BGP only what the rest of SONiC reads, the switch's AS number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig
from podwright.targets.sonic.database import database
from podwright.targets.sonic.neighbours import neighbourhood

NOS = "sonic"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<switch>/config_db.json of every SONiC switch, in order of name."""
    others = neighbourhood(pod)
    for switch in pod.switches:
        if switch.nos == NOS:
            text = json.dumps(database(switch, others), indent=4) + "\n"
            yield Artifact(path=f"configs/{switch.name}/config_db.json", text=text, target="sonic", device=switch.name)


__all__ = ["render"]
