"""Checks of the fabrics: uplinks, spines, the way out, MTU, BFD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.design import FabricPlan
from podwright.model.report import Severity

ROCE_PAYLOAD = 4096
# UDP 8, base transport header 12, RDMA header 16, immediate 4, invariant CRC 4 (InfiniBand specification, annexes 16, 17)
ROCE_HEADERS = 44
IPV4_HEADER, IPV6_HEADER = 20, 40
BFD_PACKETS_A_SECOND = 1000
FIRST_BASE, ANOTHER_BASE = 4_200_000_000, 4_250_000_000


def _routed(index: Index) -> list[FabricPlan]:
    return [fabric for fabric in index.design.fabrics if "management" not in fabric.carries]


@check("FAB001", "the leaf uplinks of a lossless fabric must not be oversubscribed", severity=Severity.WARNING)
def lossless_uplinks_carry_all(index: Index) -> Iterator[Fault]:
    """Compares, on every leaf of a fabric with a lossless class, the cabled speed towards servers with the speed towards spines.

    Why: A lossless class does not drop what exceeds an uplink, it pauses the senders. Pauses spread from the full uplink
    to servers that have nothing to do with it, so an oversubscribed lossless fabric slows down all collectives at once.

    Fix: Write `oversubscription: 1.0` for the fabric, or take `lossless` away from it.
    """
    down: dict[str, int] = defaultdict(int)
    up: dict[str, int] = defaultdict(int)
    for link in index.design.links:
        if link.use == "host":
            down[link.b_device] += link.gbps
        elif link.use == "fabric":
            up[link.a_device] += link.gbps
    for fabric in _routed(index):
        if not fabric.lossless or not fabric.spines:
            continue
        leaves = [
            device.name for device in index.design.devices if device.fabric == fabric.name and device.tier == "leaf"
        ]
        over = [leaf for leaf in leaves if down[leaf] > up[leaf]]
        if over:
            worst = min(over, key=lambda leaf: (-down[leaf] / up[leaf], leaf))
            yield Fault(
                f"{fabric.origin}.oversubscription",
                f"`{fabric.name}` is lossless, and {len(over)} of its {len(leaves)} leaves have more speed down than up: "
                f"`{worst}` has {down[worst]}G down and {up[worst]}G up",
                "Write `oversubscription: 1.0`.",
            )


@check("FAB002", "a fabric has two spines or more in each plane")
def spines_are_redundant(index: Index) -> Iterator[Fault]:
    """Counts the spines of a plane.

    Why: With one spine, its failure or its next software update parts every leaf from all others.

    Fix: Write `count: 2` or more under `spine`, or leave `count` out: the design never takes fewer than two.
    """
    for fabric in _routed(index):
        if fabric.spines == 1:
            yield Fault(
                f"{fabric.origin}.spine.count",
                f"`{fabric.name}` has one spine, and all traffic between leaves passes through it",
                "Write `count: 2` or more, or remove the key.",
            )


@check("FAB003", "a fabric does not stand on one switch", severity=Severity.NOTE)
def one_switch_is_one_failure(index: Index) -> Iterator[Fault]:
    """Looks for routed fabrics of topology `single`.

    Why: One switch is the cheapest way to begin, and all servers lose the fabric while it restarts.

    Fix: Take topology `leaf-spine` with two homes once the pod matters; names and addresses of servers stay.
    """
    for fabric in _routed(index):
        if fabric.topology == "single":
            yield Fault(
                f"{fabric.origin}.topology",
                f"`{fabric.name}` stands on one switch, and stops with it",
                "Take topology `leaf-spine` where that matters.",
            )


@check("FAB004", "the MTU of a lossless fabric carries RoCE packets of 4096 bytes")
def mtu_carries_roce(index: Index) -> Iterator[Fault]:
    """Compares the IP MTU of a fabric with a lossless class to the largest RoCE packet: 4096 bytes of payload and its headers.

    Why: The RDMA path MTU steps from 4096 to 2048 or 1024 bytes where the network's is too small. The fabric works, with
    more packets for the same data, and no counter says why it is slow.

    Fix: Write an `mtu` of 4180 or more, or leave the key out: 9000 applies.
    """
    for fabric in _routed(index):
        header = IPV6_HEADER if any(":" in pool for pool in fabric.pools) else IPV4_HEADER
        needed = ROCE_PAYLOAD + ROCE_HEADERS + header
        if fabric.lossless and fabric.mtu < needed:
            yield Fault(
                f"{fabric.origin}.mtu",
                f"`{fabric.name}` is lossless and its MTU is {fabric.mtu}; a RoCE packet of {ROCE_PAYLOAD} bytes takes "
                f"{ROCE_PAYLOAD} + {ROCE_HEADERS} + {header} (IP) = {needed}",
                f"Write `mtu: 9000`, or at least {needed}.",
            )


@check("FAB005", "BFD timers suit the number of sessions of a switch")
def bfd_is_not_too_fast(index: Index) -> Iterator[Fault]:
    """Multiplies the BFD sessions of the busiest switch of a fabric by the packets that each sends and gets a second.

    Why: BFD of FRRouting runs on the switch's own CPU, beside BGP. We assume that 1000 packets a second leave room for
    the rest; above that, a busy moment looks like many dead neighbours at once, and the fabric tears itself down.

    Fix: Write a longer `interval_ms` under `bfd`; after `interval_ms` x `multiplier` a neighbour is lost.
    """
    for fabric in _routed(index):
        switches = [
            device.name for device in index.design.devices if device.fabric == fabric.name and device.kind == "switch"
        ]
        counts = {switch: sum(session.bfd for session in index.sessions_of[switch]) for switch in switches}
        busiest = min(switches, key=lambda switch: (-counts[switch], switch), default="")
        if not busiest or not counts[busiest]:
            continue
        packets = counts[busiest] * 2000 // fabric.bfd_interval_ms
        if packets > BFD_PACKETS_A_SECOND:
            enough = -(-counts[busiest] * 2000 // BFD_PACKETS_A_SECOND)
            yield Fault(
                f"{fabric.origin}.bfd.interval_ms",
                f"`{busiest}` has {counts[busiest]} BFD sessions at {fabric.bfd_interval_ms} ms, which is {packets} packets a second "
                f"in and out, and its CPU is trusted with {BFD_PACKETS_A_SECOND}",
                f"Write `interval_ms: {enough}` or more.",
            )


@check("FAB006", "the fabric that carries frontend has a way out", severity=Severity.NOTE)
def frontend_has_a_way_out(index: Index) -> Iterator[Fault]:
    """Looks for routers outside on fabrics that carry frontend.

    Why: The default route of servers comes from the routers outside. Without one, servers reach each other and nothing
    beyond the pod: no packages, no images, no users.

    Fix: Add `outside` to the fabric, with the router's AS number and one network a link.
    """
    joined = {device.fabric for device in index.design.devices if device.kind == "outside"}
    for fabric in _routed(index):
        if "frontend" in fabric.carries and fabric.name not in joined:
            yield Fault(
                fabric.origin,
                f"`{fabric.name}` carries frontend and has no router outside, so servers get no default route",
                "Add `outside: {edge: {asn: 64999, peers: [192.0.2.0/31, 192.0.2.2/31]}}` with your router's numbers.",
            )


@check("FAB007", "the way out has two links or more", requires=("FAB006",))
def the_way_out_is_redundant(index: Index) -> Iterator[Fault]:
    """Counts the links of a fabric to routers outside.

    Why: One cable, one transceiver or one port then decides whether the pod is reachable.

    Fix: Add a second network to `peers`; the design spreads links over the spines.
    """
    links: dict[str, list[str]] = defaultdict(list)
    for link in index.design.links:
        if link.use == "outside":
            links[link.fabric].append(link.origin)
    for fabric, origins in links.items():
        if len(origins) == 1:
            yield Fault(
                f"{origins[0]}.peers",
                f"`{fabric}` has one link to the outside",
                "Add a second network to `peers`.",
            )


@check("FAB008", "every plane of a fabric has servers")
def planes_are_in_use(index: Index) -> Iterator[Fault]:
    """Looks for planes of a fabric on which no server has a port.

    Why: Such a plane has spines, addresses and a place in the bill of materials, and carries nothing. Mostly a number of
    planes was written that the NICs do not have, or a role is carried that no server has.

    Fix: Write the number of planes that the NICs have, or take the fabric away.
    """
    used = {(attachment.fabric, attachment.plane) for attachment in index.design.attachments}
    for fabric in _routed(index):
        idle = [plane for plane in range(1, fabric.planes + 1) if (fabric.name, plane) not in used]
        if idle:
            yield Fault(
                f"{fabric.origin}.planes" if len(idle) < fabric.planes else fabric.origin,
                f"no server has a port on plane {', '.join(map(str, idle))} of `{fabric.name}`",
                f"Write `planes: {fabric.planes - len(idle)}`."
                if len(idle) < fabric.planes
                else "Take the fabric away, or servers that have its roles.",
            )


@check("FAB009", "fabrics count their AS numbers from different bases", severity=Severity.NOTE)
def bases_differ(index: Index) -> Iterator[Fault]:
    """Compares the `asn` that routed fabrics count from.

    Why: Fabrics that exchange no routes may use the same numbers, and BGP works. But a leaf of the one and a leaf of the
    other then have the same AS number, and whoever reads a path, an alarm or a trace can't tell which is meant.

    Fix: Write another `asn` for one of them before anything is built, as 4200000000 for the one and 4250000000 for the other.
    """
    first: dict[int, FabricPlan] = {}
    for fabric in _routed(index):
        other = first.setdefault(fabric.asn, fabric)
        if other is not fabric:
            yield Fault(
                f"{fabric.origin}.asn",
                f"`{other.name}` and `{fabric.name}` both count from {fabric.asn}, so leaves of both have the same AS numbers",
                f"Write another `asn` for one of them, as {ANOTHER_BASE if fabric.asn != ANOTHER_BASE else FIRST_BASE}.",
            )


EOS_MULTIPLIERS = range(3, 51)
"""https://www.arista.com/en/um-eos/eos-bidirectional-forwarding-detection"""


@check("FAB010", "EOS can watch its neighbours as the fabric asks", severity=Severity.ERROR)
def eos_takes_the_timers(index: Index) -> Iterator[Fault]:
    """Compares the BFD multiplier of fabrics that have switches with EOS with what EOS takes.

    Why: EOS refuses a configuration as a whole when it does not take a line of it.

    Fix: Write a `multiplier` from 3 to 50; for a faster notice make `interval_ms` shorter instead.
    """
    watched = {
        session.fabric
        for session in index.design.sessions
        if session.bfd and "eos" in (index.device[session.a_device].nos, index.device[session.b_device].nos)
    }
    for fabric in _routed(index):
        if fabric.name in watched and fabric.bfd_multiplier not in EOS_MULTIPLIERS:
            yield Fault(
                f"{fabric.origin}.bfd.multiplier",
                f"`{fabric.name}` loses a neighbour after {fabric.bfd_multiplier} missed packets, and EOS takes "
                f"{EOS_MULTIPLIERS[0]} to {EOS_MULTIPLIERS[-1]}",
                f"Write a `multiplier` from {EOS_MULTIPLIERS[0]} to {EOS_MULTIPLIERS[-1]}.",
            )
