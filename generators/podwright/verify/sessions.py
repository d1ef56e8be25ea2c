"""BGP sessions against the design: each one up, in every address family, and no other."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from podwright.errors import PodwrightError
from podwright.model.design import Design, Session
from podwright.model.report import Trial
from podwright.projection.spelling import linux_name
from podwright.verify.asking import Run, ask_json, judge

GROUP = "sessions"
_IPV4, _IPV6 = "ipv4Unicast", "ipv6Unicast"
_SUMMARY = ("vtysh", "-c", "show bgp summary json")
QUESTIONS = (_SUMMARY,)


class Peer(NamedTuple):
    """A neighbour as FRR names it: `key` is an interface (unnumbered) or an address; `device` is who is there."""

    key: str
    asn: int
    device: str


def expected_peers(design: Design) -> Mapping[str, Mapping[str, frozenset[Peer]]]:
    """Router -> address family (as FRR spells it) -> its designed neighbours."""
    ipv6 = {prefix.fabric for prefix in design.prefixes if ":" in prefix.prefix and prefix.use in ("pool", "hosts")}
    peers: dict[str, dict[str, set[Peer]]] = defaultdict(lambda: defaultdict(set))
    for session in design.sessions:
        for device, family, peer in _peers(session, session.fabric in ipv6):
            peers[device][family].add(peer)
    return {
        router.device: {family: frozenset(of_family) for family, of_family in peers[router.device].items()}
        for router in design.routers
    }


def check_sessions(design: Design, run: Run, *, patience: float = 0.0) -> Iterator[Trial]:
    """One trial a router. With `patience` (seconds) a fabric that still converges is asked again until then."""
    deadline = time.monotonic() + patience
    for device, expected in expected_peers(design).items():
        since = time.monotonic()
        complaints = _complaints(run, device, expected)
        while complaints and time.monotonic() < deadline:
            time.sleep(0.5)
            complaints = _complaints(run, device, expected)
        count = sum(len(peers) for peers in expected.values())
        claim = f"Every designed BGP session of {device} is established, and it has no other"
        yield judge(GROUP, claim, complaints, since, {"sessions": count})


def _peers(session: Session, ipv6: bool) -> Iterator[tuple[str, str, Peer]]:
    """(device, family, peer) of both ends: an unnumbered session carries both families, a numbered one its own."""
    ends = (
        (session.a_device, session.a_interface, session.b_device, session.b_asn, session.b_address, session.b_address6),
        (session.b_device, session.b_interface, session.a_device, session.a_asn, session.a_address, session.a_address6),
    )
    for device, interface, other, asn, address, address6 in ends:
        if address:
            yield device, _IPV4, Peer(address, asn, other)
        if address6:
            yield device, _IPV6, Peer(address6, asn, other)
        if not address and not address6:
            for family in (_IPV4, _IPV6) if ipv6 else (_IPV4,):
                yield device, family, Peer(linux_name(interface), asn, other)


def _complaints(run: Run, device: str, expected: Mapping[str, frozenset[Peer]]) -> list[str]:
    try:
        summary = ask_json(run, device, _SUMMARY)
    except PodwrightError as problem:
        return [problem.message]
    actual = summary if isinstance(summary, dict) else {}
    families = sorted({*expected, *(family for family in (_IPV4, _IPV6) if actual.get(family))})
    return [
        complaint
        for family in families
        for complaint in _of_family(device, family, expected.get(family, frozenset()), actual.get(family) or {})
    ]


def _of_family(device: str, family: str, expected: frozenset[Peer], summary: Mapping[str, object]) -> Iterator[str]:
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
