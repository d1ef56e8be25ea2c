"""Packets of the designed size cross each fabric whole, and one octet more does not."""

from __future__ import annotations

import time
from collections.abc import Iterator

from podwright.lab.driver import Fabric
from podwright.lab.trials.expectation import Endpoint, Expectation, Pair
from podwright.lab.trials.reachability import answering, name, still_mute
from podwright.model.design import Design, FabricPlan
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "mtu"
_HEADERS = {4: 20 + 8, 6: 40 + 8}
"""Octets of the IP and ICMP headers."""


def try_mtu(design: Design, fabric: Fabric, *, patience: float = 5.0) -> Iterator[Trial]:
    """Two trials a fabric, over one pair from each address of a server, and of each switch where it has no server."""
    expectation = Expectation(design)
    for plan in design.fabrics:
        pairs = _one_each(design, expectation, plan)
        if not pairs:
            continue
        for family, headers in _HEADERS.items():
            chosen = [pair for pair in pairs if (":" in pair.source.address) == (family == 6)]
            if chosen:
                yield from _both(fabric, plan, chosen, family, headers, patience)


def _both(
    fabric: Fabric, plan: FabricPlan, pairs: list[Pair], family: int, headers: int, patience: float
) -> Iterator[Trial]:
    since = time.monotonic()
    mute = still_mute(fabric, pairs, patience, size=plan.mtu - headers)
    claim = f"IPv{family} packets of {plan.mtu} octets cross {plan.name} unfragmented"
    yield judge(GROUP, claim, name(mute, "loses them"), since, {"mtu": plan.mtu, "pairs": len(pairs)})
    since = time.monotonic()
    heard = answering(fabric, pairs, attempts=1, size=plan.mtu - headers + 1)
    claim = f"IPv{family} packets of {plan.mtu + 1} octets do not cross {plan.name}"
    yield judge(GROUP, claim, name(heard, "passes them"), since, {"mtu": plan.mtu, "pairs": len(pairs)})


def _one_each(design: Design, expectation: Expectation, plan: FabricPlan) -> list[Pair]:
    """From each server's address (or each switch's), one to a far device: another unit or leaf where there is one."""
    servers = {device.name for device in design.devices if device.tier == "host"}
    own = [endpoint for endpoint in expectation.endpoints if endpoint.fabric == plan.name]
    sources = [endpoint for endpoint in own if endpoint.device in servers] or own
    pairs = []
    for source in sources:
        candidates = [Pair(source, target) for target in sources if _may_meet(source, target)]
        far = [pair for pair in candidates if expectation.reachable(pair)]
        if far:
            pairs.append(min(far, key=lambda pair: not pair.target.homes.isdisjoint(pair.source.homes)))
    return pairs


def _may_meet(source: Endpoint, target: Endpoint) -> bool:
    return source.device != target.device and bool(source.spaces & target.spaces)
