"""The lossless class on a switch that runs Linux: its queues as an HTB tree a port, its marks by nftables or by red.

    504f:          HTB of a port; what no rule sorts is in the default queue
    504f:1         the port, at its speed: the one number to lower where a port is to be slower
    504f:1N        queue N. Each is sure of next to nothing of its own and borrows from the port: first the strict ones
                   (`prio`), then the others by weight (`quantum`), so that the port's rate is never exceeded

Linux has no PFC of its own, no shared buffer and no headroom: those of a port belong to its ASIC. Sources: tc-htb(8),
tc-red(8), nft(8), net/netfilter/nft_limit.c.
"""

from __future__ import annotations

from typing import NamedTuple

from podwright.model.design import EcnProfile
from podwright.projection.records import LosslessPort, PortConfig, SwitchConfig, SwitchQos

HANDLE = "504f"
"""Of the HTB of every port, `PO` in ASCII: whose queues are ours can be told by it."""
PORT_CLASS = f"{HANDLE}:1"
RED_HANDLE = "5050"
TABLE, CHAIN = "podwright_qos", "egress"
"""Of nftables, inet: where packets are sorted, and marked by a kernel without red."""
FIRST_QUEUE = 0x10
BURST_SECONDS = 0.002048
"""A port may send so much at once. In a whole number of tc's ticks, so that what tc prints is what it was given."""
ETHERNET_HEADER = 14
MOST_COUNTED = 17000
"""MiB/s: a limit of nft counts rate + burst in 1e-9 bytes a second, which ends at 2 ** 64."""
RED_PACKET = 1000
RED_LIMIT = 10
"""Times Kmax: nobody pauses a sender, so what is beyond that is dropped."""


class Queue(NamedTuple):
    """A class of HTB. `prio` 0 is served first, `quantum` is what it sends at once, in bytes."""

    minor: str
    prio: int
    quantum: int


class QueuedPort(NamedTuple):
    """A lossless port. `burst` bytes at once at `gbps`; the class's share of it is `share` MiB/s.

    Where that is exceeded by `slack` bytes, packets are marked; with red, where more than `red_min` bytes wait.
    """

    name: str
    gbps: int
    burst: int
    share: int
    slack: int
    queues: tuple[Queue, ...]
    red_min: int
    red_max: int
    red_limit: int
    red_burst: int
    red_probability: float


class Queues(NamedTuple):
    """All of a switch: DSCP -> minor number of its queue, for those that are not in the default one.

    `routed` and `bridged` are the ports by what passes packets on to them, since nftables meets those of a bridge apart.
    """

    marks: tuple[tuple[int, str], ...]
    default: str
    lossless: str
    ports: tuple[QueuedPort, ...]
    routed: tuple[QueuedPort, ...]
    bridged: tuple[QueuedPort, ...]


def switch_queues(switch: SwitchConfig, qos: SwitchQos) -> Queues:
    """The queues of every lossless port."""
    ports = {port.name: port for port in switch.ports}
    profiles = {profile.name: profile for profile in qos.ecn}
    numbers = {queue.use: _minor(queue.number) for queue in qos.queues}
    members = {member for each in switch.interfaces for member in each.members}
    queued = tuple(_port(qos, each, ports[each.name], profiles[each.ecn]) for each in qos.ports)
    of_dscp = [(dscp, _minor(qos.tc_to_queue[traffic])) for dscp, traffic in enumerate(qos.dscp_to_tc)]
    return Queues(
        marks=tuple(each for each in of_dscp if each[1] != numbers["default"]),
        default=numbers["default"],
        lossless=numbers["lossless"],
        ports=queued,
        routed=tuple(each for each in queued if each.name not in members),
        bridged=tuple(each for each in queued if each.name in members),
    )


def _minor(number: int) -> str:
    return f"{FIRST_QUEUE + number:x}"


def _port(qos: SwitchQos, lossless: LosslessPort, port: PortConfig, profile: EcnProfile) -> QueuedPort:
    packet = port.mtu + ETHERNET_HEADER
    octets = port.gbps * 10**9 // 8
    return QueuedPort(
        name=lossless.linux,
        gbps=port.gbps,
        burst=round(octets * BURST_SECONDS),
        share=min(octets * qos.traffic_class.bandwidth // 100 // 2**20, MOST_COUNTED),
        slack=max(profile.min_bytes, packet),
        queues=_queues(qos, packet),
        red_min=profile.min_bytes,
        red_max=profile.max_bytes,
        red_limit=RED_LIMIT * profile.max_bytes,
        # The least that tc takes: the average then follows the queue as fast as it can.
        red_burst=-(-profile.min_bytes // RED_PACKET),
        red_probability=profile.probability / 100,
    )


def _queues(qos: SwitchQos, packet: int) -> tuple[Queue, ...]:
    """By number. The lightest queue sends one full packet at once."""
    lightest = min(queue.weight for queue in qos.queues if not queue.strict)
    return tuple(
        Queue(
            minor=_minor(queue.number),
            prio=0 if queue.strict else 1,
            quantum=packet if queue.strict else queue.weight * -(-packet // lightest),
        )
        for queue in sorted(qos.queues, key=lambda each: each.number)
    )
