"""Whether pauses can stop a pod for ever: what was proved in a line, and what was found as findings."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.design import Design
from podwright.model.network import Deadlock, DeadlockProof, Wait
from podwright.model.report import Finding, Severity
from podwright.network import lossless_networks, prove_free_of_deadlock

PAGE = "docs/stages/deadlock.md"
CAN_STOP, NOT_KNOWN = "DLK001", "DLK002"


def prove_deadlocks(design: Design) -> tuple[DeadlockProof, ...]:
    """One proof for each fabric with a lossless class."""
    return tuple(prove_free_of_deadlock(network, lossless) for network, lossless in lossless_networks(design))


def proof_in_a_line(proof: DeadlockProof) -> str:
    """What holds of a network that is free of deadlock, and of how much that is said."""
    if proof.by == "tiers":
        reason = "every route goes up the tiers and then down" if proof.dependencies else "no switch waits for another"
        how = f"whatever fails: {reason}"
    else:
        how = f"nor after a failure of any of {_failures(proof)}, each of them tried"
    bound = "up to " if proof.by == "tiers" else ""
    dependencies = bound + _counted(proof.dependencies, "dependency", "dependencies")
    extent = f"{_counted(proof.buffers, 'buffer')}, {dependencies}"
    return f"{proof.lossless} on {proof.network} can't deadlock, {how} ({extent})"


def deadlock_findings(proof: DeadlockProof, path: str = "") -> Iterator[Finding]:
    """An error with the shortest circle, hop by hop; a warning where nothing could be proved. `path` is the class's."""
    if proof.by == "nothing":
        yield Finding(
            code=NOT_KNOWN,
            severity=Severity.WARNING,
            message=f"nobody knows whether `{proof.lossless}` on `{proof.network}` can deadlock: {proof.reason}",
            fix="Describe what is missing, or prove the routes free of loops by hand.",
            see=PAGE,
            path=path,
        )
    if proof.deadlocks:
        yield Finding(
            code=CAN_STOP,
            severity=Severity.ERROR,
            message=deadlock_sentence(proof, f"`{proof.lossless}` on `{proof.network}`"),
            fix="Tell no switch above what another above told (by a community, or one AS a tier), or take the class off a cable "
            "of the circle.",
            see=PAGE,
            path=path,
        )


def deadlock_sentence(proof: DeadlockProof, what: str) -> str:
    """What can deadlock, after which failure, and the shortest circle."""
    shortest = min(proof.deadlocks, key=lambda each: len(each.cycle))
    return f"{what} can deadlock{_when(proof, shortest)}: {circle(shortest)}"


def circle(deadlock: Deadlock) -> str:
    """The buffers that wait for each other, hop by hop, with the packets that wait."""
    return "; ".join(map(_hop, deadlock.cycle))


def _hop(wait: Wait) -> str:
    packets = f"packets from {wait.source} to {wait.destination}, out by {wait.out}"
    return f"{wait.device}:{wait.port} waits for {wait.to_device}:{wait.to_port} ({packets})"


def _when(proof: DeadlockProof, deadlock: Deadlock) -> str:
    if not deadlock.failure:
        return " as it is built"
    others = len(proof.deadlocks) - 1
    more = f", as well as after {_counted(others, 'other failure')}" if others else ""
    return f" once {deadlock.failure}{more}"


def _failures(proof: DeadlockProof) -> str:
    return f"{_counted(proof.links, 'cable')} and {_counted(proof.switches, 'switch', 'switches')}"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
