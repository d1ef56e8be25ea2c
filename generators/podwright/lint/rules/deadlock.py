"""Whether pauses of a lossless class can go round in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.check import check, deadlock_sentence
from podwright.lint.framework import Fault
from podwright.lint.records import Seen
from podwright.lint.routing import network_of_switches, paused_priorities, silent_switches
from podwright.model.report import Severity
from podwright.network import prove_free_of_deadlock


@check("LNT080", "pauses of a lossless class can't go round in a circle", severity=Severity.ERROR)
def no_circle_of_pauses(seen: Seen) -> Iterator[Fault]:
    """Follows packets of every paused priority from each server to each other one, over the routes that BGP_NEIGHBOR or frr.conf
    make, as the network is built and after any single failure of a cable or a switch, and looks for buffers that wait for
    each other in a circle.

    Why: Once all buffers of the circle are full, each waits for the next, and nothing moves any more until a watchdog drops what
    is in them or a switch restarts.

    Fix: Tell no switch above what another one above told, by a community or by one AS a tier; or take the priority off one
    cable of the circle.
    """
    network = network_of_switches(seen)
    if silent_switches(network):
        return
    switches = {switch.name: switch for switch in seen.switches}
    for priority in paused_priorities(seen):
        proof = prove_free_of_deadlock(network, str(priority))
        if proof.deadlocks:
            shortest = min(proof.deadlocks, key=lambda each: len(each.cycle))
            first = shortest.cycle[0]
            yield Fault(
                switches[first.device].spot.at("DEVICE_NEIGHBOR", first.port),
                deadlock_sentence(proof, f"priority {priority}"),
                "Keep routes from above from switches above, or take the priority off a cable of the circle.",
            )
