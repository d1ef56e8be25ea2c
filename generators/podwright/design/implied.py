"""Flows that nobody writes, because something else in the blueprint needs them.

`IMPLIED` is the register: a section that needs flows adds a function here, which yields them from the blueprint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from podwright.design.draft import Draft
from podwright.design.membership import bridged_fabrics
from podwright.model.design import Flow, Zone
from podwright.model.design.security import Protocol

ANYONE = "anyone"
LINKS, BORDERS, SWITCHES, SPACE = "pod.links", "pod.borders", "pod.switches", "pod.space"
MANAGEMENT, ADMINISTRATORS = "pod.management", "pod.administrators"
RESOLVERS, CLOCKS = "site.dns", "site.ntp"


class Needs(NamedTuple):
    """What implied flows are derived from: the blueprint's tables so far, and the zones that hold servers."""

    draft: Draft
    zones: tuple[Zone, ...]

    @property
    def routed_zones(self) -> tuple[Zone, ...]:
        """The zones but those that are out of band as a whole."""
        bridged = bridged_fabrics(self.draft)
        fabrics: dict[str, set[str]] = {}
        for each in self.draft.memberships:
            fabrics.setdefault(each.zone, set()).add(each.fabric)
        return tuple(zone for zone in self.zones if not fabrics.get(zone.name) or fabrics[zone.name] - bridged)

    def zone_at(self, group: str, fabric: str) -> str:
        """The zone of a group of servers by its addresses on a fabric, empty where it is in none."""
        found = (each.zone for each in self.draft.memberships if (each.group, each.fabric) == (group, fabric))
        return next(found, "")

    def zones_on(self, fabric: str) -> set[str]:
        """The zones that have addresses of a fabric."""
        return {each.zone for each in self.draft.memberships if each.fabric == fabric}


Implied = Callable[[Needs], Iterator[Flow]]


def of_the_protocols(needs: Needs) -> Iterator[Flow]:
    """IPv6 finds its neighbours by ICMP (RFC 4861), and both families tell about lost packets by it (RFC 4890)."""
    if needs.draft.fabrics:
        for protocol in ("neighbours", "errors"):
            yield _flow(ANYONE, ANYONE, protocol, protocol, implied_by="IP itself", origin="fabrics")


def of_the_routing(needs: Needs) -> Iterator[Flow]:
    """Servers and routers outside speak BGP (RFC 4271) and BFD (RFC 5881) with the switch at the other end of the cable."""
    for plan in needs.draft.fabrics:
        uses = {session.use for session in needs.draft.sessions if session.fabric == plan.name}
        for use, ends in (("host", LINKS), ("outside", BORDERS)):
            if use in uses:
                reason = f"the sessions of fabric {plan.name}"
                yield _flow(ends, ends, "bgp", "tcp", 179, implied_by=reason, origin=plan.origin)
                yield _flow(ends, ends, "bfd", "udp", 3784, 3785, implied_by=reason, origin=plan.origin)
                yield _flow(ends, ends, "ping", "ping", implied_by=reason, origin=plan.origin)


def of_the_switches(needs: Needs) -> Iterator[Flow]:
    """Servers and switches find each other by ping: the first thing that anybody tries."""
    for zone in needs.routed_zones:
        for source, target in ((zone.name, SWITCHES), (SWITCHES, zone.name)):
            yield _flow(source, target, "ping", "ping", implied_by="fault finding", origin="fabrics")


def of_the_site(needs: Needs) -> Iterator[Flow]:
    """Servers ask the site's resolvers and time servers."""
    for zone in needs.zones:
        if needs.draft.blueprint.site.dns:
            for protocol in ("tcp", "udp"):
                yield _flow(zone.name, RESOLVERS, "dns", protocol, 53, implied_by="the resolvers", origin="site.dns")
        if needs.draft.blueprint.site.ntp:
            yield _flow(zone.name, CLOCKS, "ntp", "udp", 123, implied_by="the time servers", origin="site.ntp")


def of_the_management(needs: Needs) -> Iterator[Flow]:
    """People and Ansible reach every server by SSH, out of band and, where their networks are written, in band.

    Devices of the out-of-band network answer pings of one another.
    """
    blueprint = needs.draft.blueprint
    port = blueprint.management.port
    written = blueprint.security is not None and bool(blueprint.security.administrators)
    origin = "security.administrators" if written else "fabrics"
    for target in (MANAGEMENT, *(zone.name for zone in needs.routed_zones if written)):
        yield _flow(ADMINISTRATORS, target, "ssh", "tcp", port, implied_by="configuration by SSH", origin=origin)
    yield _flow(MANAGEMENT, MANAGEMENT, "ping", "ping", implied_by="fault finding", origin="fabrics")


def of_the_lossless_classes(needs: Needs) -> Iterator[Flow]:
    """Servers of an isolated zone still exchange RoCE where their fabric was made for it."""
    classes = {each.name: each for each in needs.draft.classes}
    for plan in needs.draft.fabrics:
        if plan.lossless not in classes:
            continue
        present = needs.zones_on(plan.name)
        for zone in needs.zones:
            if zone.isolated and zone.name in present:
                reason = f"the lossless class of fabric {plan.name}"
                port = classes[plan.lossless].udp_port
                yield _flow(zone.name, zone.name, "roce", "udp", port, implied_by=reason, origin=plan.origin)


def of_the_cluster(needs: Needs) -> Iterator[Flow]:
    """Nodes speak to the API server, the API server to kubelets, and members of etcd to one another.

    Ports: https://kubernetes.io/docs/reference/networking/ports-and-protocols/ (6443, 10250, 2379 and 2380).
    """
    spec = needs.draft.blueprint.kubernetes
    if spec is None or spec.control_plane is None:
        return
    meetings = dict.fromkeys(
        (needs.zone_at(workers, plan.name), needs.zone_at(spec.control_plane, plan.name))
        for workers in spec.workers
        for plan in needs.draft.fabrics
        if plan.underlay != "bridged"
    )
    for zone, control in meetings:
        if zone and control:
            yield _flow(zone, control, "kube-api", "tcp", 6443, implied_by="kubernetes", origin="kubernetes")
            yield _flow(control, zone, "kubelet", "tcp", 10250, implied_by="kubernetes", origin="kubernetes")
    for control in dict.fromkeys(control for _, control in meetings if control):
        yield _flow(control, control, "etcd", "tcp", 2379, 2380, implied_by="kubernetes", origin="kubernetes")


def _flow(
    source: str, target: str, service: str, protocol: Protocol, *ports: int, implied_by: str, origin: str
) -> Flow:
    return Flow(
        source=source,
        target=target,
        service=service,
        protocol=protocol,
        ports=ports,
        implied_by=implied_by,
        origin=origin,
    )


IMPLIED: tuple[Implied, ...] = (
    of_the_protocols,
    of_the_routing,
    of_the_switches,
    of_the_site,
    of_the_management,
    of_the_lossless_classes,
    of_the_cluster,
)
