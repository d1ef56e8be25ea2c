"""What a zone, or a server in one, may do: written flows and implied ones, with who says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from podwright.cli.table import table
from podwright.errors import UsageError
from podwright.model.design import Design, Device, FilterPoint, Flow, Zone
from podwright.model.near import likely_meant
from podwright.pipeline import Pod

HEADINGS = ("from", "to", "service", "ports", "because of")


def explain_zone(pod: Pod, name: str) -> str:
    """Raises UsageError where the pod has no zone `name`."""
    zones = {zone.name: zone for zone in pod.design.zones}
    if name not in zones:
        written = [zone.name for zone in pod.design.zones if zone.kind not in ("pod", "anyone")]
        raise UsageError(f"the pod {pod.design.pod.name} has no zone `{name}`", fix=_instead(name, written))
    zone = zones[name]
    facts = [
        f"zone {name}: {_kind(zone)}",
        f"  decided by {zone.origin} ({pod.source.place(tuple(zone.origin.split('.')), key=True)})",
        *(f"  {prefix}" for prefix in zone.prefixes),
    ]
    if zone.kind == "servers":
        inside = "nothing but the flows below" if zone.isolated else "everything"
        facts.append(f"  inside the zone {inside} may pass")
    facts += (f"  {fact}" for fact in _where_enforced(pod.design, zone))
    return "\n\n".join(["\n".join(facts), table("Flows", HEADINGS, _rows(pod, _flows_of(pod.design, {name})))])


def _instead(name: str, written: list[str]) -> str:
    """The zones of the blueprint only: those that implied flows need are nobody's to name."""
    if near := likely_meant(name, written):
        return f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
    return f"Use one of {', '.join(f'`{each}`' for each in written)}." if written else "Write the section `security`."


def _where_enforced(design: Design, zone: Zone) -> Iterator[str]:
    """Where filters decide what a written zone may send and take.

    Nobody beyond the pod filters for it: what comes from there is judged at the borders, and what is between it and servers
    also at these. Parts of the pod that implied flows need have no places of their own.
    """
    if zone.kind == "servers":
        yield f"enforced at {_places(point for point in design.filter_points if point.zone == zone.name)}"
    elif zone.kind in ("outside", "networks"):
        yield f"enforced where it comes in, at {_borders_of(design, zone)} ports of switches to routers outside"
        if peers := _zones_of_servers_with(design, zone):
            points = (point for point in design.filter_points if point.zone in peers)
            yield f"and, for its flows with {', '.join(peers)}, at {_places(points)}"


def _places(points: Iterable[FilterPoint]) -> str:
    sides = Counter(point.side for point in points)
    return f"{sides['switch']} ports of switches and on {sides['host']} servers"


def _borders_of(design: Design, zone: Zone) -> int:
    """How many enforcing ports a zone beyond the pod may come in by: networks are behind any router, a router has its own."""
    outside = {(link.b_device, link.b_port) for link in design.links if link.use == "outside"}
    return sum(
        (point.device, point.interface) in outside and (zone.kind == "networks" or point.zone == zone.name)
        for point in design.filter_points
    )


def _zones_of_servers_with(design: Design, zone: Zone) -> list[str]:
    ends = {
        end for flow in design.flows for end in (flow.source, flow.target) if zone.name in (flow.source, flow.target)
    }
    return [each.name for each in design.zones if each.kind == "servers" and each.name in ends]


def flows_of_server(pod: Pod, device: Device) -> str:
    """The table of what a server may begin, and others with it; empty where the pod has no zones."""
    if not pod.design.zones or device.kind != "server":
        return ""
    zones = list(dict.fromkeys(each.zone for each in pod.design.memberships if each.group == device.group))
    title = _title(zones)
    names = {"pod.links", "pod.management", *zones}
    return table(title, HEADINGS, _rows(pod, _flows_of(pod.design, names)))


def _title(zones: list[str]) -> str:
    if len(zones) > 1:
        return f"Flows of its zones, {', '.join(zones[:-1])} and {zones[-1]}"
    return f"Flows of its zone, {zones[0]}" if zones else "Flows of a server in no zone"


def _flows_of(design: Design, names: set[str]) -> Iterator[Flow]:
    return (flow for flow in design.flows if {flow.source, flow.target} & (names | {"anyone"}))


def _rows(pod: Pod, flows: Iterator[Flow]) -> Iterator[tuple[object, ...]]:
    for flow in flows:
        because = flow.implied_by or f"{flow.origin} ({pod.source.place(tuple(flow.origin.split('.')))})"
        yield flow.source, flow.target, flow.service, _ports(flow), because


def _ports(flow: Flow) -> str:
    if flow.protocol in ("tcp", "udp"):
        return f"{flow.protocol} {', '.join(map(str, flow.ports))}"
    return {"ping": "ICMP echo", "neighbours": "ICMPv6 neighbour discovery", "errors": "ICMP errors"}[flow.protocol]


def _kind(zone: Zone) -> str:
    match zone.kind:
        case "servers":
            return _parts(zone.members)
        case "outside":
            return f"everything behind {', '.join(zone.members)}"
        case "networks":
            return "networks beyond the pod"
        case "pod":
            return "a part of the pod that implied flows need"
        case "anyone":
            return "every address"


def _parts(members: tuple[str, ...]) -> str:
    """Groups first, then fabrics as a whole."""
    fabrics = [member for member in members if member.startswith("fabric ")]
    groups = ", ".join(member for member in members if member not in fabrics)
    return ", ".join([*([f"servers of {groups}"] if groups else []), *fabrics]) or "servers of no group"
