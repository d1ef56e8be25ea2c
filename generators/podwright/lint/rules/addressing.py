"""Hosts' addresses: GID tables, subnets, and the kernel's part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Interface, ip_address, ip_interface

from podwright.check import check
from podwright.lint.chain import listed, numbers, uses
from podwright.lint.framework import Fault
from podwright.lint.records import Gid, Host, Nic, Said, Seen, Spot
from podwright.lint.rules.mtu import roce_nics
from podwright.model.report import Severity

INDEX = "NCCL_IB_GID_INDEX"
ROCE_V2 = 2
STRICT = 1
_FIX = (
    f"Unset {INDEX}; NCCL 2.21 and later find the index by NCCL_IB_ROCE_VERSION_NUM=2, NCCL_IB_ADDR_FAMILY=AF_INET and"
    " NCCL_IB_ADDR_RANGE=the rails' prefixes. Keep addresses static."
)
_LINK_LOCAL = "169.254."


def _index(job: Mapping[str, Said[str]]) -> Said[str] | None:
    said = job.get(INDEX)
    return said if said is not None and said.value.lstrip("-").isdecimal() and int(said.value) >= 0 else None


@check("LNT060", "a fixed GID index is a routable RoCE v2 address on every host", severity=Severity.ERROR)
def index_is_good(seen: Seen) -> Iterator[Fault]:
    """Looks up the job's NCCL_IB_GID_INDEX in the GID table of every RDMA device that the job uses: it has to be there, of RoCE v2,
    and an address that other subnets can be reached from.

    Why: The kernel fills the table in the order in which addresses appear, so it differs with the driver, IPv6, VLANs and
    restarts. A missing or link-local entry makes connections time out; one of v1 goes out as another protocol.

    Fix: Leave the index to NCCL (2.21 and later), and say what kind of address it shall take. Try it with the job's own release
    first: one report had 2.22.3 crash and 2.23.4 hang with the version variable in pods.
    """
    wrong: dict[tuple[Spot, str, str], list[str]] = defaultdict(list)
    good: dict[Spot, set[int]] = defaultdict(set)
    for host in seen.hosts:
        index = _index(host.job)
        if index is None:
            continue
        tables: dict[tuple[str, int], list[Gid]] = defaultdict(list)
        for gid in host.gids:
            tables[gid.device, gid.port].append(gid)
        for (device, _), table in tables.items():
            told = _told(table, int(index.value)) if uses(host, device) else ""
            if told:
                wrong[index.spot, index.value, told].append(f"{device} of {host.name}")
                good[index.spot] |= {gid.index for gid in table if _is_good(gid)}
    for (spot, value, told), devices in wrong.items():
        yield Fault(
            spot,
            f"{INDEX} is {value}, and index {value} {told} on {listed(devices)}; a routable RoCE v2 address has index"
            f" {numbers(good[spot])} there. A fixed index is right only where every node has the same table",
            _FIX,
        )


def _told(table: list[Gid], index: int) -> str:
    found = next((gid for gid in table if gid.index == index), None)
    if found is None:
        return "does not exist"
    if found.version != ROCE_V2:
        return f"is RoCE v1 ({found.address})"
    if not _is_good(found):
        return f"is link-local ({found.address})"
    return ""


def _is_good(gid: Gid) -> bool:
    return gid.version == ROCE_V2 and not _is_link_local(gid.address)


def _is_link_local(address: str) -> bool:
    try:
        return ip_address(address).is_link_local
    except ValueError:
        return address.startswith(("fe80", _LINK_LOCAL))


@check("LNT061", "a GID index is not a constant where tables differ", requires=("LNT060",))
def index_is_no_constant(seen: Seen) -> Iterator[Fault]:
    """Looks, where the job fixes NCCL_IB_GID_INDEX, for RDMA devices whose tables are not alike: other routable RoCE v2 indices
    than those of the rest.

    Why: Today's index is good on every device by luck. An address more, a restart or another node moves it.

    Fix: Leave the index to NCCL (2.21 and later).
    """
    tables: dict[tuple[str, str], set[int]] = defaultdict(set)
    index = None
    for host in seen.hosts:
        index = index or _index(host.job)
        for gid in host.gids:
            if _is_good(gid) and uses(host, gid.device):
                tables[host.name, gid.device].add(gid.index)
    if index is not None and len({frozenset(each) for each in tables.values()}) > 1:
        by_index: dict[frozenset[int], list[str]] = defaultdict(list)
        for (host_name, device), each in tables.items():
            by_index[frozenset(each)].append(f"{device} of {host_name}")
        told = "; ".join(f"{numbers(each)} on {listed(devices)}" for each, devices in by_index.items())
        yield Fault(index.spot, f"{INDEX} is {index.value}, and routable RoCE v2 addresses have index {told}", _FIX)


@check("LNT062", "each NIC of a host is in a subnet of its own", severity=Severity.ERROR)
def subnets_are_apart(seen: Seen) -> Iterator[Fault]:
    """Looks for hosts with several RoCE NICs in one IPv4 subnet without a source rule for each address, or with the kernel's default ARP
    behaviour.

    Why: Linux has one route to a subnet, and answers ARP for any of its addresses on any port. All NICs' packets leave by
    one, and the switch learns all addresses there: seven of eight NICs carry nothing, or connections time out.

    Fix: One subnet a rail, or a /31 a port. Else `arp_ignore=1`, `arp_announce=2`, `rp_filter=2` and, for each NIC, a rule from
    its address to a table of its own.
    """
    for host in seen.hosts:
        for subnet, nics in _shared(host).items():
            missing = list(_missing(host, nics))
            if missing:
                yield Fault(
                    nics[0].spot,
                    f"{len(nics)} NICs of {host.name} share {subnet} ({listed(nic.netdev for nic in nics)}) with"
                    f" {', '.join(missing)}",
                    "Give each rail a subnet of its own, or a /31 a port; else set arp_ignore=1, arp_announce=2, rp_filter=2, and a"
                    " rule and a table for each NIC.",
                )


def _interfaces(nic: Nic) -> Iterator[IPv4Interface]:
    """The NIC's IPv4 addresses that others can reach: ARP and reverse path filters are nothing of IPv6."""
    for address in nic.addresses:
        try:
            interface = ip_interface(address)
        except ValueError:
            continue
        if isinstance(interface, IPv4Interface) and not interface.is_link_local and not interface.is_loopback:
            yield interface


_VIRTUAL = ("docker", "cni", "veth", "br-", "virbr", "cali", "flannel", "lo", "tailscale", "podman", "kube", "vxlan")


def _shared(host: Host) -> dict[str, list[Nic]]:
    subnets: dict[str, list[Nic]] = defaultdict(list)
    for nic in roce_nics(host):
        for interface in _interfaces(nic):
            if interface.network.prefixlen < interface.max_prefixlen and not nic.netdev.startswith(_VIRTUAL):
                subnets[str(interface.network)].append(nic)
    return {subnet: nics for subnet, nics in subnets.items() if len({nic.netdev for nic in nics}) > 1}


def _missing(host: Host, nics: list[Nic]) -> Iterator[str]:
    """What makes several NICs in one subnet go wrong on this host."""
    default = [
        name for name, wanted in (("arp_ignore", 1), ("arp_announce", 2)) if _effective(host, nics, name) < wanted
    ]
    if default:
        yield f"the kernel's default ARP ({', '.join(f'{name} {_effective(host, nics, name)}' for name in default)})"
    if host.rules is None:
        yield "source rules unknown (no output of `ip -j rule`)"
    else:
        bare = [nic.netdev for nic in nics if not _has_rule(host, nic)]
        if bare:
            yield f"no source rule for {listed(bare)}"
    if _effective(host, nics, "rp_filter") == STRICT:
        yield "rp_filter strict in effect (the larger of `all` and the NIC's counts)"


def _has_rule(host: Host, nic: Nic) -> bool:
    """Whether packets from an address of the NIC have a table of their own."""
    ruled = {rule.source for rule in host.rules or ()}
    return any(str(each.ip) in ruled for each in _interfaces(nic))


def _effective(host: Host, nics: list[Nic], name: str) -> int:
    """The least that a NIC has, where the kernel takes the larger of `all` and its own; 0 where no file says more."""
    return min(max(_setting(host, "all", name), _setting(host, nic.netdev, name)) for nic in nics)


def _setting(host: Host, netdev: str, name: str) -> int:
    said = host.sysctl.get(f"net.ipv4.conf.{netdev}.{name}")
    return int(said.value) if said is not None and said.value.isdecimal() else 0


@check(
    "LNT063",
    "reverse path filters are not strict where a host has several NICs",
    severity=Severity.ERROR,
    requires=("LNT062",),
)
def filters_are_loose(seen: Seen) -> Iterator[Fault]:
    """Looks for hosts with several RoCE NICs whose reverse path filter is strict in effect: the kernel takes the larger of
    `net.ipv4.conf.all.rp_filter` and the NIC's own. NICs with a source rule and a table of their own pass.

    Why: Strict mode drops what arrives on another NIC than the one that the route back leaves by. 0 on the port does not undo
    1 on all.

    Fix: Set `net.ipv4.conf.all.rp_filter` to 2, or 0, and each NIC's to 2.
    """
    for host in seen.hosts:
        nics = [nic for nic in roce_nics(host) if any(True for _ in _interfaces(nic))]
        strict = [nic for nic in nics if _effective(host, [nic], "rp_filter") == STRICT and not _has_rule(host, nic)]
        if len(nics) > 1 and strict:
            netdev = strict[0].netdev
            common, own = (host.sysctl.get(f"net.ipv4.conf.{each}.rp_filter") for each in ("all", netdev))
            said = common if common is not None and common.value == "1" else own
            yield Fault(
                said.spot if said else host.spot,
                f"reverse path filtering is strict in effect on {listed(nic.netdev for nic in strict)} of {host.name}: the larger of"
                f" all ({common.value if common else 'not given'}) and {netdev} ({own.value if own else 'not given'}) counts",
                "Set net.ipv4.conf.all.rp_filter to 2.",
            )
