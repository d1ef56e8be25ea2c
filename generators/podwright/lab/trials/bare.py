"""A lab that was brought up and never configured: nothing about it is worth a trial, and one sentence says what to do."""

from __future__ import annotations

import json
from collections import defaultdict

from podwright.errors import LabError
from podwright.lab.driver import Fabric
from podwright.model.design import Design


def refuse_bare(design: Design, name: str, fabric: Fabric) -> None:
    """Raises LabError where no node of lab `name` has an address of its design. One that has ends the search."""
    designed: dict[str, set[str]] = defaultdict(set)
    for address in design.addresses:
        designed[address.device].add(address.address.split("/", 1)[0])
    for device, addresses in designed.items():
        if addresses & _addresses(fabric, device):
            return
    if designed:
        raise LabError(
            f"lab `{name}` is not configured: no device of it has an address of its design",
            fix=f"Run `podwright apply BUILD --lab {name}` first; BUILD is what `podwright render` wrote.",
        )


def _addresses(fabric: Fabric, device: str) -> set[str]:
    """The addresses that a node has; none where it can't say."""
    done = fabric.run(device, ["ip", "-j", "address"])
    if done.status != 0:
        return set()
    return {each["local"] for link in json.loads(done.stdout) for each in link.get("addr_info", ()) if "local" in each}
