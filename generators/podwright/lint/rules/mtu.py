"""MTU from end to end, with what tunnels add."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from podwright.check import check
from podwright.lint.chain import carrying, does, listed
from podwright.lint.framework import Fault
from podwright.lint.records import Host, Nic, Port, Seen, Switch
from podwright.model.report import Severity

VXLAN_BYTES = 50
"""What VXLAN adds to an IP packet: inner Ethernet 14, VXLAN 8, UDP 8, outer IPv4 20 (RFC 7348)."""
ROCE_HEADERS = 58
"""What a RoCE v2 packet has around its payload within the IP MTU: IPv4 20, UDP 8, base transport header 12, RDMA extended
header 16, and two bytes that alignment may take."""


@check("LNT010", "no hop has a smaller MTU than the hosts", severity=Severity.ERROR)
def hops_take_what_hosts_send(seen: Seen) -> Iterator[Fault]:
    """Compares the MTU of RoCE NICs with that of the port they are cabled to, where neighbours tell, and the largest of any NIC
    with every other port that carries the class.

    Why: RoCE packets are not fragmented. Whatever is longer than a hop's MTU is dropped there without a word: small messages
    pass, so the job connects, and then hangs.

    Fix: Set one MTU on all ports, not below that of the NICs; 9100 on SONiC's ports for 9000 on hosts is usual.
    """
    nics = [(host, nic) for host in seen.hosts for nic in roce_nics(host) if nic.mtu]
    if not nics:
        return
    for switch in seen.switches:
        small: dict[tuple[int, str], list[Port]] = defaultdict(list)
        for port in carrying(switch):
            host, nic = _sender(port, nics)
            if port.mtu and nic.mtu and port.mtu < nic.mtu:
                small[port.mtu, f"{nic.netdev} of {host.name} sends up to {nic.mtu}"].append(port)
        for (mtu, told), ports in small.items():
            yield Fault(
                ports[0].spot.at("mtu"),
                f"{listed(port.name for port in ports)} of {switch.name} {does(ports, 'passes', 'pass')} {mtu} B, and {told}",
                "Raise the MTU of the port, or lower that of the hosts.",
            )


def roce_nics(host: Host) -> list[Nic]:
    """The network devices that have an RDMA device, where any is known to have one; else all."""
    with_rdma = [nic for nic in host.nics.values() if nic.rdma or nic.netdev in host.qos]
    return with_rdma or list(host.nics.values())


def _sender(port: Port, nics: list[tuple[Host, Nic]]) -> tuple[Host, Nic]:
    mine = [(host, nic) for host, nic in nics if port.peer == (host.name, nic.netdev)]
    return mine[0] if mine else max(nics, key=lambda each: each[1].mtu or 0)


@check("LNT011", "ports with tunnels have room for what a tunnel adds", severity=Severity.ERROR, requires=("LNT010",))
def tunnels_have_room(seen: Seen) -> Iterator[Fault]:
    """On switches with VXLAN tunnels, compares the MTU of ports towards other switches with that of the largest NIC and the 50
    bytes that VXLAN adds.

    Why: The packet grows on the leaf. Ports that are just wide enough for the hosts' packets drop every full one that is
    tunnelled.

    Fix: Raise the MTU of the switches' ports by 50 bytes at least.
    """
    largest = max((nic.mtu or 0 for host in seen.hosts for nic in roce_nics(host)), default=0)
    hosts = {host.name for host in seen.hosts}
    for switch in seen.switches:
        if not largest or not any(each.vni for each in switch.overlays):
            continue
        small: dict[int, list[Port]] = defaultdict(list)
        for port in carrying(switch):
            towards_host = port.peer is not None and port.peer[0] in hosts
            if port.mtu and not towards_host and largest <= port.mtu < largest + VXLAN_BYTES:
                small[port.mtu].append(port)
        yield from (_narrow(switch, mtu, ports, largest) for mtu, ports in small.items())


def _narrow(switch: Switch, mtu: int, ports: list[Port], largest: int) -> Fault:
    names, take = listed(port.name for port in ports), does(ports, "passes", "pass")
    return Fault(
        ports[0].spot.at("mtu"),
        f"{names} of {switch.name} {take} {mtu} B, and a packet of {largest} B in VXLAN has {largest} + {VXLAN_BYTES} ="
        f" {largest + VXLAN_BYTES}",
        f"Set the MTU to {largest + VXLAN_BYTES} at least.",
    )


@check("LNT012", "RDMA devices have the path MTU that their NICs have room for")
def rdma_mtu_fits(seen: Seen) -> Iterator[Fault]:
    """Compares the active MTU of RDMA devices with each other.

    Why: The ends of a connection have to agree, and take the smaller. One NIC whose network MTU was 1500 when its RDMA
    device came up has 1024, and quarters the packets of every flow it takes part in.

    Fix: Set the network device's MTU to 4200 or more before the RDMA device comes up, or bounce the link after.
    """
    devices = [(host, name, said) for host in seen.hosts for name, said in sorted(host.rdma_mtu.items())]
    largest = max((said.value for _, _, said in devices), default=0)
    for host, name, said in devices:
        if said.value < largest:
            yield Fault(
                said.spot,
                f"{name} of {host.name} has an active MTU of {said.value}, others {largest}",
                f"Set its network device's MTU to {largest + ROCE_HEADERS} or more, and bounce the link.",
            )
