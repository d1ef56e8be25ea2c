"""BGP sessions against the design: each one up, in every address family, and no other."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from podwright.errors import PodwrightError
from podwright.model.design import Design, Session
from podwright.model.report import Trial
from podwright.projection.overlay import linux_vrf
from podwright.projection.spelling import linux_name
from podwright.verify.asking import NOBODY, Run, Unasked, ask_json, judge, skip

GROUP = "sessions"
_IPV4, _IPV6, _EVPN = "ipv4Unicast", "ipv6Unicast", "l2VpnEvpn"
_SUMMARY = ("vtysh", "-c", "show bgp vrf all summary json")
QUESTIONS = (_SUMMARY,)
_MAIN = "default"
"""FRR's name of the table that is no tenant's."""


class Peer(NamedTuple):
    """A neighbour as FRR names it: `key` is an interface (unnumbered) or an address; `device` is who is there."""

    key: str
    asn: int
    device: str


class Family(NamedTuple):
    """An address family of a table, both as FRR spells them."""

    name: str
    table: str = _MAIN

    def __str__(self) -> str:
        return self.name if self.table == _MAIN else f"{self.name} ({self.table})"


def expected_peers(design: Design) -> Mapping[str, Mapping[Family, frozenset[Peer]]]:
    """Router -> address family -> its designed neighbours."""
    ipv6 = {prefix.fabric for prefix in design.prefixes if ":" in prefix.prefix and prefix.use in ("pool", "hosts")}
    tunnelled = {vrf.fabric for vrf in design.vrfs}
    peers: dict[str, dict[Family, set[Peer]]] = defaultdict(lambda: defaultdict(set))
    for session in design.sessions:
        families: tuple[str, ...] = (_IPV4, _IPV6) if session.fabric in ipv6 else (_IPV4,)
        if session.use == "fabric" and session.fabric in tunnelled:
            families += (_EVPN,)
        for device, family, peer in _peers(session, families):
            table = linux_vrf(session.vrf) if session.vrf and device == session.b_device else _MAIN
            peers[device][Family(family, table)].add(peer)
    return {
        router.device: {family: frozenset(of_family) for family, of_family in peers[router.device].items()}
        for router in design.routers
    }


def check_sessions(design: Design, run: Run, *, unasked: Unasked = NOBODY, patience: float = 0.0) -> Iterator[Trial]:
    """One trial a router, skipped for those `unasked`: their sessions are also those of whoever is at the other end.

    With `patience` (seconds) a fabric that still converges is asked again until then.
    """
    deadline = time.monotonic() + patience
    for device, expected in expected_peers(design).items():
        claim = f"Every designed BGP session of {device} is established, and it has no other"
        if device in unasked:
            yield skip(GROUP, claim, unasked[device])
            continue
        since = time.monotonic()
        complaints = _complaints(run, device, expected)
        while complaints and time.monotonic() < deadline:
            time.sleep(0.5)
            complaints = _complaints(run, device, expected)
        count = sum(len(peers) for peers in expected.values())
        yield judge(GROUP, claim, complaints, since, {"sessions": count})


def _peers(session: Session, families: Sequence[str]) -> Iterator[tuple[str, str, Peer]]:
    """(device, family, peer) of both ends: an unnumbered session carries all families, a numbered one its own, and that of
    tenants goes with IPv4.
    """
    ends = (
        (session.a_device, session.a_interface, session.b_device, session.b_asn, session.b_address, session.b_address6),
        (session.b_device, session.b_interface, session.a_device, session.a_asn, session.a_address, session.a_address6),
    )
    for device, interface, other, asn, address, address6 in ends:
        if address:
            yield device, _IPV4, Peer(address, asn, other)
            if _EVPN in families:
                yield device, _EVPN, Peer(address, asn, other)
        if address6:
            yield device, _IPV6, Peer(address6, asn, other)
        if not address and not address6:
            for family in families:
                yield device, family, Peer(linux_name(interface), asn, other)


def _complaints(run: Run, device: str, expected: Mapping[Family, frozenset[Peer]]) -> list[str]:
    try:
        summary = ask_json(run, device, _SUMMARY)
    except PodwrightError as problem:
        return [problem.message]
    actual = dict(_families(summary))
    return [
        complaint
        for family in sorted({*expected, *actual})
        for complaint in _of_family(device, family, expected.get(family, frozenset()), actual.get(family) or {})
    ]


def _families(summary: object) -> Iterator[tuple[Family, Mapping[str, object]]]:
    """What FRR says of every family that has neighbours, table by table."""
    for table, families in summary.items() if isinstance(summary, dict) else ():
        for name in (_IPV4, _IPV6, _EVPN):
            if isinstance(families, dict) and families.get(name):
                yield Family(name, table), families[name]


def _of_family(device: str, family: Family, expected: frozenset[Peer], summary: Mapping[str, object]) -> Iterator[str]:
    listed = summary.get("peers")
    peers = listed if isinstance(listed, dict) else {}
    for peer in sorted(expected):
        seen = peers.get(peer.key)
        if seen is None:
            yield f"{device} has no {family} session with {peer.device} ({peer.key})"
        elif seen.get("state") != "Established":
            yield f"{device} has the {family} session with {peer.device} ({peer.key}) in state {seen.get('state')}"
        elif seen.get("remoteAs") != peer.asn:
            yield f"{device} meets AS {seen.get('remoteAs')} at {peer.key}, designed {peer.asn} ({peer.device})"
    for key in sorted(set(peers) - {peer.key for peer in expected}):
        yield f"{device} has a {family} session that is not designed, with {key}"
