"""Checks of zones: who is in one, which rules mean something, and what holds where the kernel sees nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, combinations_with_replacement

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.design import Cluster
from podwright.model.report import Severity
from podwright.model.services import TUNNEL_PORTS

ADMINISTRATORS = "pod.administrators"


@check("SEC001", "the pod has zones", severity=Severity.NOTE)
def there_are_zones(index: Index) -> Iterator[Fault]:
    """Looks for the section `security`.

    Why: Without it nothing is filtered: whoever is on one server, or comes in by a router outside, reaches every port of
    every other.

    Fix: Write `security` with zones over your groups, and the flows between them; docs/stages/security.md has an example.
    """
    if not index.design.security_plans:
        yield Fault(
            "security",
            "the blueprint has no zones, so nothing is filtered anywhere",
            "Add the section `security` with zones and what may pass between them.",
        )


@check("SEC002", "every group of servers is in a zone")
def groups_are_in_zones(index: Index) -> Iterator[Fault]:
    """Compares the groups of servers, and the fabrics that they are attached to, with the members of zones. Out of band a
    zone is not needed: servers take SSH from administrators there, and nothing else.

    Why: A server in no zone may do what the design implies (routing, DNS, NTP over nothing else) and nothing more; that is
    seldom what a forgotten group was meant to do. The same goes for a group that is in a zone on some of its fabrics only.

    Fix: Add the group to one of the zones, or make a zone of it.
    """
    if not index.design.zones:
        return
    attached: dict[str, dict[str, None]] = {
        device.group: {} for device in index.design.devices if device.kind == "server"
    }
    for each in index.design.attachments:
        if each.mode != "access":
            attached[index.device[each.device].group][each.fabric] = None
    zoned = {group for group, _ in index.zone_at}
    for group, fabrics in attached.items():
        lacking = [fabric for fabric in fabrics if (group, fabric) not in index.zone_at]
        if group not in zoned:
            yield Fault(
                f"servers.{group}",
                f"`{group}` is in no zone, so its servers reach nothing and nobody reaches them",
                "Add it to a zone of `security.zones`.",
            )
        elif lacking:
            yield Fault(
                f"servers.{group}",
                f"`{group}` is in no zone on {_listed(lacking)}, so its servers reach nothing there and nobody reaches them",
                f"Add `{{groups: [{group}], fabrics: [{', '.join(lacking)}]}}` to a zone of `security.zones`.",
            )


@check("SEC003", "every rule allows something that nothing else allows")
def rules_mean_something(index: Index) -> Iterator[Fault]:
    """Looks for rules that can never match, or only where something is allowed already: the same flow twice, a zone that is
    not isolated to itself, two zones that have no fabric in common, and what is outside to what is outside.

    Why: A rule that does nothing is often one that was meant to say something else.

    Fix: Remove the rule, or correct its zones.
    """
    seen: dict[tuple[str, str, str], str] = {}
    fabrics: dict[str, set[str]] = defaultdict(set)
    for each in index.design.memberships:
        fabrics[each.zone].add(each.fabric)
    for flow in index.design.flows:
        if flow.implied_by:
            continue
        source, target = index.zone[flow.source], index.zone[flow.target]
        first = seen.setdefault((flow.source, flow.target, flow.service), flow.origin)
        said = f"`{flow.service}` from `{flow.source}` to `{flow.target}`"
        if first != flow.origin:
            yield Fault(flow.origin, f"{said} is allowed twice", "Remove it from one of the two rules.")
        elif source is target and not source.isolated:
            yield Fault(
                flow.origin,
                f"{said} is allowed anyway, as everything inside a zone is",
                f"Remove the rule, or write `isolated: [{source.name}]`.",
            )
        elif source.kind != "servers" and target.kind != "servers":
            yield Fault(
                flow.origin,
                f"{said} never comes by: both are outside the pod, which passes nothing on",
                "Remove the rule, or correct its zones.",
            )
        elif fabrics[source.name] and fabrics[target.name] and not fabrics[source.name] & fabrics[target.name]:
            yield Fault(
                flow.origin,
                f"{said} never comes by: the two have no fabric in common, and no server passes packets on",
                "Remove the rule, or name the zones that meet on a fabric.",
            )


@check("SEC004", "every zone has members")
def zones_have_members(index: Index) -> Iterator[Fault]:
    """Looks for zones without members.

    Why: Rules about an empty zone do nothing, and read as if they did.

    Fix: Add its members, or remove the zone and its rules.
    """
    for zone in index.design.zones:
        if zone.origin.startswith("security.zones.") and not zone.members:
            yield Fault(
                zone.origin,
                f"the zone `{zone.name}` has no members",
                "Add groups of servers to it, or remove it with its rules.",
            )


@check("SEC005", "zones hold where RDMA flows")
def zones_hold_for_rdma(index: Index) -> Iterator[Fault]:
    """Looks for pairs of zones on a fabric that carries compute or has a lossless class, where the port of a switch does not
    enforce them: Podwright renders filters for SONiC, EOS, Cumulus Linux and Linux.

    Why: Hardware RDMA passes by the kernel, so no firewall of a server and no network policy ever sees it. Only the port of
    the switch does.

    Fix: Run an operating system on the leaves that filters are rendered for, or keep such zones on fabrics of their own.
    """
    filtered = {(point.device, point.interface) for point in index.design.filter_points if point.side == "switch"}
    present: dict[str, set[str]] = defaultdict(set)
    exposed: set[str] = set()
    for each in index.design.attachments:
        fabric = index.fabric[each.fabric]
        zone = index.zone_at.get((index.device[each.device].group, each.fabric))
        if zone and each.mode != "access" and (fabric.lossless or "compute" in fabric.carries):
            present[fabric.name].add(zone)
            if (each.leaf, each.leaf_port) not in filtered:
                exposed.add(fabric.name)
    for name in sorted(exposed):
        pairs = [f"`{first}` and `{second}`" for first, second in combinations(sorted(present[name]), 2)]
        if pairs:
            yield Fault(
                f"fabrics.{name}.leaf.nos",
                f"only the servers' own firewalls keep {', '.join(pairs)} apart on `{name}`, and RDMA passes by them",
                "Write a `nos` for the leaves that filters are rendered for, as sonic.",
            )


@check("SEC006", "administrators come from networks that are written", severity=Severity.NOTE)
def administrators_are_written(index: Index) -> Iterator[Fault]:
    """Looks for `administrators` in the section `security`.

    Why: Unless they are written, SSH is open from all of the out-of-band networks: from there, one server reaches the next.

    Fix: Write the networks that people and Ansible come from; the servers' own management addresses need not be in them.
    """
    zone = index.zone.get(ADMINISTRATORS)
    if zone is not None and zone.prefixes == index.zone["pod.management"].prefixes:
        yield Fault(
            "security.administrators",
            "every device of the out-of-band networks may open SSH to every server",
            "Write `administrators` with the networks that people and Ansible come from.",
        )


@check("SEC007", "zones out of band hold on servers only", severity=Severity.NOTE)
def zones_out_of_band_hold_on_servers(index: Index) -> Iterator[Fault]:
    """Looks for zones with addresses of an out-of-band network.

    Why: Its switches bridge, and filter nothing. Servers filter their own management ports; baseboard controllers and the
    management ports of switches take whatever reaches them, whatever the zone says.

    Fix: Keep strangers off the network where it meets the site, at its gateway, and give controllers and switches access lists
    of their own.
    """
    for fabric in index.design.fabrics:
        zones = dict.fromkeys(each.zone for each in index.design.memberships if each.fabric == fabric.name)
        if fabric.underlay == "bridged" and zones:
            switches = sum(device.kind == "switch" for device in index.design.devices)
            controllers = sum(bool(each.bmc) for each in index.design.management)
            yield Fault(
                f"fabrics.{fabric.name}",
                f"nothing on `{fabric.name}` enforces {_listed(zones)} but the servers: {controllers} baseboard controllers and "
                f"{switches} switches take whatever reaches their management ports",
                "Filter at the gateway of the out-of-band network, and on the controllers and switches themselves.",
            )


@check("SEC008", "every member of a zone stands for something")
def members_stand_for_something(index: Index) -> Iterator[Fault]:
    """Looks for members that have no address left: a group that is in other zones on each of its fabrics, a fabric that no
    server is attached to, a group on a fabric where it has no port.

    Why: A narrower member takes addresses from a wider one: a group on a fabric from that fabric, a fabric from a group. Rules
    about what is left of nothing do nothing.

    Fix: Remove the member, or the narrower one that takes its addresses.
    """
    origins = {each.origin for each in index.design.memberships}
    for zone in index.design.zones:
        for number, member in enumerate(zone.members if zone.kind == "servers" else ()):
            origin = f"{zone.origin}.{number}"
            if origin not in origins:
                yield Fault(
                    origin,
                    f"no address is in the zone `{zone.name}` by its member {member}",
                    "Remove it, or the narrower members of other zones that have its addresses.",
                )


@check("SEC009", "zones let the pods' network through")
def zones_let_the_pods_network_through(index: Index) -> Iterator[Fault]:
    """Looks at the zones of a cluster's nodes, workers and control plane, by their addresses on fabrics that carry frontend.
    From each zone to each other, and inside one that is isolated, a flow must have a UDP port that a plugin of pods' networks
    listens on: 4789, 6081, 8285, 8472, or WireGuard's 51820, 51821 and 51871.

    Why: Pods of different nodes reach each other by packets that nodes send to nodes. Podwright installs no network plugin and
    can't know its port, so it implies no flow for it: firewalls of servers and filters of leaves drop these packets, and pods
    on nodes of one zone reach none on nodes of another, not even the cluster's DNS.

    Fix: Write a service with the port of your plugin, and allow it both ways: UDP 8472 for VXLAN of flannel and Cilium, 4789
    for VXLAN of Calico, 6081 for Geneve of OVN-Kubernetes, Antrea and Cilium. IP-in-IP has no port and passes inside a zone
    only: choose VXLAN in Calico, or put all nodes into one zone that is not isolated. Pods' own addresses, which plugins that
    route without a tunnel send from, are in no zone and pass no leaf.
    """
    for cluster in index.design.clusters:
        for first, second in _pairs_to_let_through(index, cluster):
            ways = dict.fromkeys(((first, second), (second, first)))
            closed = [way for way in ways if not _lets_tunnels_through(index, *way)]
            if closed:
                yield Fault("security.allow", _cut_off(closed, isolated=first == second), _flows_of_an_overlay(closed))


def _pairs_to_let_through(index: Index, cluster: Cluster) -> list[tuple[str, str]]:
    """Pairs of zones with nodes of the cluster that pass only what flows say; a zone with itself where it is isolated."""
    nodes = _zones_of_nodes(index, cluster)
    return [
        (first, second)
        for first, second in combinations_with_replacement(sorted(nodes), 2)
        if first != second or (index.zone[first].isolated and nodes[first] > 1)
    ]


def _zones_of_nodes(index: Index, cluster: Cluster) -> Counter[str]:
    """How many nodes each zone has, by the addresses that nodes are known by: those of the frontend."""
    fabrics = [fabric.name for fabric in index.design.fabrics if "frontend" in fabric.carries]
    places = (
        (device.group, fabric)
        for device in index.design.devices
        if device.group in cluster.groups
        for fabric in fabrics
    )
    return Counter(index.zone_at[place] for place in places if place in index.zone_at)


def _lets_tunnels_through(index: Index, source: str, target: str) -> bool:
    flows = (flow for flow in index.design.flows if (flow.source, flow.target) == (source, target))
    return any(flow.protocol == "udp" and TUNNEL_PORTS.intersection(flow.ports) for flow in flows)


def _cut_off(closed: Iterable[tuple[str, str]], *, isolated: bool) -> str:
    ways = " and ".join(f"from `{source}` to `{target}`" for source, target in closed)
    zones = "which is isolated and has nodes of the cluster" if isolated else "and both have nodes of the cluster"
    return f"no flow lets the tunnels of pods through {ways}, {zones}"


def _flows_of_an_overlay(closed: Iterable[tuple[str, str]]) -> str:
    flows = " and ".join(f"`{{from: {source}, to: {target}, service: overlay}}`" for source, target in closed)
    return (
        "Write `overlay: {udp: [8472]}`, with the port of your network plugin, under `security.services`, and "
        f"{flows} under `security.allow`."
    )


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
