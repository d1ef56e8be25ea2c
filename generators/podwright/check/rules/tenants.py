"""Checks across tenants of a fabric and what is asked of it elsewhere: mounts, flows, a cluster, ways out, and the tunnels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.design import FabricPlan, Flow, Link, Store
from podwright.model.report import Severity

OWN = ""
"""The routing table of the fabric itself, which has everybody who is no tenant's."""


class Tables:
    """Which routing table of a fabric a group of servers is in, and by which of them packets leave the pod."""

    def __init__(self, index: Index) -> None:
        self._tenant = {(vrf.fabric, group): vrf.name for vrf in index.design.vrfs for group in vrf.servers}
        self._fabrics = {
            group: dict.fromkeys(
                each.fabric for each in index.design.attachments if index.device[each.device].group == group
            )
            for group in dict.fromkeys(device.group for device in index.design.devices if device.kind == "server")
        }
        self._outside: dict[str, set[str]] = {}
        for session in index.design.sessions:
            if session.use == "outside":
                self._outside.setdefault(session.fabric, set()).add(session.vrf)

    def of(self, fabric: str, group: str) -> str:
        return self._tenant.get((fabric, group), OWN)

    def shared(self, group: str, other: str) -> list[str]:
        """The fabrics that both groups are on."""
        return [fabric for fabric in self._fabrics.get(group, ()) if fabric in self._fabrics.get(other, ())]

    def apart(self, group: str, other: str, fabrics: Iterable[str]) -> bool:
        """Whether no fabric of several carries packets between two groups; false where there is none."""
        listed = list(fabrics)
        return bool(listed) and all(self.of(fabric, group) != self.of(fabric, other) for fabric in listed)

    def leads_out(self, fabric: str, group: str) -> bool:
        return self.of(fabric, group) in self._outside.get(fabric, ())

    def has_borders(self, fabric: str) -> bool:
        return fabric in self._outside

    def said(self, fabric: str, group: str) -> str:
        """`red` of the tenant `research`."""
        tenant = self.of(fabric, group)
        return f"`{group}` of the tenant `{tenant}`" if tenant else f"`{group}` of no tenant"


@check("TEN001", "stores are mounted inside a tenant", severity=Severity.ERROR)
def mounts_stay_inside_a_tenant(index: Index) -> Iterator[Fault]:
    """Compares, on the fabric that files travel on, the tenant of each group that mounts a store with that of the group which
    serves it, or where the store is outside the pod, with those of the routers outside.

    Why: No route leads from one tenant to another, so the mount never comes back.

    Fix: Put both groups into one tenant of that fabric, let the store use a fabric where they are in one, or give the tenant a
    store of its own.
    """
    tables = Tables(index)
    for store in index.design.stores:
        for group in store.groups:
            if store.group and tables.of(store.fabric, group) != tables.of(store.fabric, store.group):
                yield _mount_between(tables, store, group)
            elif not store.group and tables.has_borders(store.fabric) and not tables.leads_out(store.fabric, group):
                yield _mount_outside(tables, store, group)


def _mount_between(tables: Tables, store: Store, group: str) -> Fault:
    client, server = tables.said(store.fabric, group), tables.said(store.fabric, store.group)
    return Fault(
        f"{store.origin}.mount.{group}",
        f"{client} mounts `{store.name}` from {server}, and no route of `{store.fabric}` leads from one to the other",
        f"Put both into one tenant of `{store.fabric}`, or remove the mount.",
    )


def _mount_outside(tables: Tables, store: Store, group: str) -> Fault:
    return Fault(
        f"{store.origin}.mount.{group}",
        f"{tables.said(store.fabric, group)} mounts `{store.name}`, which is outside the pod, and no router outside is in that "
        f"table of `{store.fabric}`",
        f"Give a router outside of `{store.fabric}` to the tenant, or remove the mount.",
    )


@check("TEN002", "allowed flows have a tenant that carries them")
def flows_are_carried(index: Index) -> Iterator[Fault]:
    """Looks, for each written flow between zones of servers, at the groups of both and the fabrics that they share as
    members: whether any pair of groups is in one tenant (or both in none) on any of them.

    Why: The rule opens filters for packets that no route carries. Who wrote it believes that something is reachable which
    is not.

    Fix: Put the groups into one tenant of a fabric that they share, or remove the rule.
    """
    tables = Tables(index)
    for flow in index.design.flows:
        pairs = list(_pairs(index, flow)) if not flow.implied_by else []
        if pairs and all(tables.of(fabric, one) != tables.of(fabric, other) for fabric, one, other in pairs):
            fabric, one, other = pairs[0]
            yield Fault(
                flow.origin,
                f"`{flow.service}` from `{flow.source}` to `{flow.target}` is allowed, and no route carries it: on `{fabric}`, "
                f"{tables.said(fabric, one)} and {tables.said(fabric, other)} never meet",
                "Put them into one tenant of a fabric that they share, or remove the rule.",
            )


def _pairs(index: Index, flow: Flow) -> Iterator[tuple[str, str, str]]:
    """Fabrics with a group of each zone."""
    members = [each for each in index.design.memberships if each.group]
    sources = [each for each in members if each.zone == flow.source]
    targets = [each for each in members if each.zone == flow.target]
    for source, target in product(sources, targets):
        if source.fabric == target.fabric:
            yield source.fabric, source.group, target.group


@check("TEN003", "workers of a cluster are in a tenant with its control plane", severity=Severity.ERROR)
def clusters_are_inside_a_tenant(index: Index) -> Iterator[Fault]:
    """Compares the tenants of each group of workers and of the control plane on the fabrics, other than out-of-band ones, that
    both are on.

    Why: A kubelet that has no route to the API server never joins, and a node's pods have no route to the control plane's.

    Fix: Put both groups into one tenant of a fabric that they share.
    """
    tables = Tables(index)
    for cluster in index.design.clusters:
        for number, workers in enumerate(cluster.workers):
            shared = [each for each in tables.shared(workers, cluster.control_plane) if _routes(index.fabric[each])]
            if cluster.control_plane and tables.apart(workers, cluster.control_plane, shared):
                fabric = shared[0]
                yield Fault(
                    f"{cluster.origin}.workers.{number}",
                    f"no route leads from workers {tables.said(fabric, workers)} to the control plane, "
                    f"{tables.said(fabric, cluster.control_plane)}, on {_listed(shared)}",
                    f"Put both into one tenant of `{fabric}`.",
                )


@check("TEN004", "a tenant that talks to the outside has a way out")
def tenants_have_a_way_out(index: Index) -> Iterator[Fault]:
    """Looks, for each written flow between servers and what is outside the pod, whether a router outside is in the tenant of one
    of the groups, on any fabric with such a router.

    Why: A default route is learned in the routing table that the router outside is in, and no other tenant hears of it.

    Fix: Write `tenant` for a router outside, or give the tenant a router of its own.
    """
    tables = Tables(index)
    for flow in index.design.flows:
        if flow.implied_by:
            continue
        ends = (index.zone[flow.source], index.zone[flow.target])
        inside = [zone.name for zone in ends if zone.kind == "servers"]
        if len(inside) != 1 or not any(zone.kind in ("outside", "networks") for zone in ends):
            continue
        members = [
            each
            for each in index.design.memberships
            if each.zone == inside[0] and each.group and tables.has_borders(each.fabric)
        ]
        if members and not any(tables.leads_out(each.fabric, each.group) for each in members):
            first = members[0]
            yield Fault(
                flow.origin,
                f"`{flow.service}` from `{flow.source}` to `{flow.target}` is allowed, and {tables.said(first.fabric, first.group)} "
                f"has no way out of `{first.fabric}`: every router outside is in another table",
                f"Write the tenant of `{first.group}` for a router outside of `{first.fabric}`.",
            )


@check("TEN005", "links between switches carry packets of servers with their tunnel", severity=Severity.ERROR)
def tunnels_fit(index: Index) -> Iterator[Fault]:
    """Compares, on each fabric with tenants, the MTU of every link between switches with the largest of a link to a server and
    what the tunnel adds: 20 bytes of IP, 8 of UDP, 8 of VXLAN and 14 of the Ethernet header inside (RFC 7348).

    Why: A leaf may not fragment what it puts into a tunnel (RFC 7348, section 4.3), so it drops the largest packets: pings pass
    and files stall.

    Fix: Write the larger `mtu` for the whole fabric, or remove the override of the server's port.
    """
    for fabric in index.design.fabrics:
        if not fabric.overhead:
            continue
        links = [link for link in index.design.links if link.fabric == fabric.name]
        largest = max((link for link in links if link.use == "host"), key=lambda link: link.mtu, default=None)
        narrow = min((link for link in links if link.use == "fabric"), key=lambda link: link.mtu, default=None)
        if largest and narrow and narrow.mtu < largest.mtu + fabric.overhead:
            yield _narrow(fabric, largest, narrow)


def _narrow(fabric: FabricPlan, largest: Link, narrow: Link) -> Fault:
    needed = largest.mtu + fabric.overhead
    return Fault(
        f"{fabric.origin}.mtu",
        f"{narrow.a_device}:{narrow.a_port} carries {narrow.mtu} bytes, and {largest.a_device}:{largest.a_port} sends "
        f"{largest.mtu}: {largest.mtu} + {fabric.overhead} of the tunnel = {needed}",
        f"Write `mtu: {largest.mtu}` for `{fabric.name}`, or remove the override of {largest.a_device}:{largest.a_port}.",
    )


@check("TEN006", "switches that are managed in band can be reached", severity=Severity.NOTE)
def switches_are_reached(index: Index) -> Iterator[Fault]:
    """Looks for fabrics whose switches are managed by their loopbacks, in the fabric's own routing table, while every server and
    router outside is a tenant's.

    Why: No tenant has a route to the loopbacks, so that nobody can log in to a switch, or send it a configuration.

    Fix: Add a fabric that carries management, or keep the servers that administrators come from out of the tenants.
    """
    tables = Tables(index)
    in_band = {each.device for each in index.design.management if not each.interface}
    for fabric in index.design.fabrics:
        switches = [
            device for device in index.design.devices if device.kind == "switch" and device.fabric == fabric.name
        ]
        groups = {index.device[each.device].group for each in index.design.attachments if each.fabric == fabric.name}
        own = any(tables.of(fabric.name, group) == OWN for group in groups) or tables.leads_out(fabric.name, "")
        if fabric.overhead and not own and any(switch.name in in_band for switch in switches):
            yield Fault(
                f"{fabric.origin}.tenants",
                f"switches of `{fabric.name}` are managed by their loopbacks, and every server of `{fabric.name}` is a tenant's: "
                "nobody has a route to them",
                "Add a fabric that carries management, or keep the administrators' servers out of the tenants.",
            )


@check("TEN007", "switches with tenants are known to end tunnels", severity=Severity.NOTE)
def tunnels_are_known(index: Index) -> Iterator[Fault]:
    """Looks for switches with a tenant's routing table whose chip nothing public states to end VXLAN tunnels and to route what
    was in them.

    Why: The configuration is written and valid, and a chip that lacks the one or the other drops a tenant's packets, or sends
    each twice through a port.

    Fix: Ask the vendor, and put an entry with `vxlan: true` for the chip into a catalogue of your own.
    """
    for fabric in index.design.fabrics:
        unknown = {
            member.device for member in index.design.vrf_members if member.fabric == fabric.name and not member.vxlan
        }
        models = Counter(index.device[name].model for name in sorted(unknown))
        for model, count in models.items():
            switches = "a switch" if count == 1 else f"{count} switches"
            yield Fault(
                f"{fabric.origin}.tenants",
                f"{switches} of `{fabric.name}` ({model}) would end tunnels of tenants, and nothing public states that the chip can",
                "Ask the vendor, and put an entry with `vxlan: true` for the chip into your own catalogue.",
            )


def _routes(fabric: FabricPlan) -> bool:
    return fabric.underlay != "bridged"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
