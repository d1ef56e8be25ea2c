"""Exactly the pairs that the design connects are reachable: those it connects answer, those it keeps apart do not."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from podwright.lab.driver import Fabric
from podwright.lab.trials.expectation import Expectation, Pair
from podwright.lab.trials.probing import ask_node, side_by_side
from podwright.model.design import Design
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "reachability"
_MOST_NAMED = 20
_SMALL = 8
"""Octets of payload."""


def try_reachability(design: Design, fabric: Fabric, *, patience: float = 10.0) -> Iterator[Trial]:
    """Two trials an address space: connected pairs answer (asked again for `patience` seconds), the others do not."""
    expectation = Expectation(design)
    spaces: dict[str, list[Pair]] = defaultdict(list)
    for pair in expectation.pairs():
        spaces[min(pair.source.spaces & pair.target.spaces)].append(pair)
    for space, pairs in spaces.items():
        connected = [pair for pair in pairs if expectation.reachable(pair)]
        apart = [pair for pair in pairs if expectation.kept_apart(pair)]
        if connected:
            since = time.monotonic()
            mute = still_mute(fabric, connected, patience)
            claim = f"Every pair of addresses in {space} that the design connects is reachable"
            yield judge(GROUP, claim, name(mute, "does not answer"), since, {"pairs": len(connected)})
        if apart:
            since = time.monotonic()
            heard = answering(fabric, apart, attempts=1)
            claim = f"No pair of addresses in {space} that the design keeps apart is reachable"
            yield judge(GROUP, claim, name(heard, "answers"), since, {"pairs": len(apart)})


def answering(
    fabric: Fabric, pairs: Iterable[Pair], *, attempts: int = 3, wait: float = 0.7, size: int = _SMALL
) -> list[Pair]:
    """The pairs whose target answers an echo request of `size` octets of payload, unfragmented, from its source."""
    jobs: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        jobs[pair.source.device].append(pair)

    def ask(node: str) -> list[Pair]:
        targets = [[pair.source.address, pair.target.address, size] for pair in jobs[node]]
        job = {"do": "ping", "targets": targets, "attempts": attempts, "wait": wait}
        return [jobs[node][number] for number in ask_node(fabric, node, job)]

    return [pair for heard in side_by_side(ask, jobs) for pair in heard]


def still_mute(fabric: Fabric, pairs: Sequence[Pair], patience: float, *, size: int = _SMALL) -> list[Pair]:
    """The pairs that have not answered within `patience` seconds, each asked again and again."""
    deadline = time.monotonic() + patience
    missing = list(pairs)
    while True:
        heard = set(answering(fabric, missing, size=size))
        missing = [pair for pair in missing if pair not in heard]
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(0.3)


def name(pairs: Sequence[Pair], verb: str) -> list[str]:
    """A sentence a pair, the first of them only."""
    named = [f"{pair}: {verb}" for pair in pairs[:_MOST_NAMED]]
    rest = len(pairs) - _MOST_NAMED
    return [*named, f"and {rest} more"] if rest > 0 else named
