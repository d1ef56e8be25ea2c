"""The way of a flow for people, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import click

from podwright.cli.class_on_the_way import HEADINGS, ClassOnTheWay
from podwright.cli.table import table
from podwright.network.graph import End
from podwright.network.tenancy import outer_of, tunnelled
from podwright.network.trace import Out, Step
from podwright.pipeline import Traced

_HEADINGS = ("hop", "device", "in", "out", "speed", "MTU", "class")
_DECIDES = "Of equal next hops a hash of addresses, protocol and UDP ports decides; RoCE gives each queue pair a UDP source port."


class _Hop(NamedTuple):
    """A device on the way: the ports packets may come in by, and the ways on that are shown, of `equal` in all."""

    number: int
    device: str
    ins: tuple[str, ...]
    outs: tuple[Out, ...]
    equal: int


def way_text(traced: Traced, everything: bool) -> str:
    """Who to whom in what class, what has failed, then a table of hops, and what decides between equal ones."""
    hops = _every_hop(traced) if everything else _one_path(traced)
    tunnel = ("tunnel",) if traced.tunnel else ()
    rows = table("Hops", (*_HEADINGS, *tunnel, "next"), (row for hop in hops for row in _rows(traced, hop, everything)))
    parts = ["\n".join(_heading(traced)), rows, _class_of(traced, hops), "\n".join(_verdict(traced, hops, everything))]
    return "\n\n".join(part for part in parts if part)


def _class_of(traced: Traced, hops: Sequence[_Hop]) -> str:
    """A table of what the class is at each hop; where there are many ports, at the first of them."""
    if traced.lossless is None:
        return ""
    on_the_way = ClassOnTheWay(traced.design, traced.lossless)
    rows = [
        (
            hop.number,
            hop.device,
            *on_the_way.cells(_arrival(hop), End(hop.device, hop.outs[0].port) if hop.outs else None),
        )
        for hop in hops
    ]
    return table(f"Class {traced.lossless.name}", ("hop", "device", *HEADINGS), rows)


def _arrival(hop: _Hop) -> End | None:
    return End(hop.device, hop.ins[0]) if hop.ins else None


def way_data(traced: Traced, everything: bool) -> dict[str, object]:
    """The JSON document of a trace: the hops of one path, or of all where asked, each with what becomes of the class."""
    hops = _every_hop(traced) if everything else _one_path(traced)
    on_the_way = ClassOnTheWay(traced.design, traced.lossless) if traced.lossless else None
    return {
        "fabric": traced.fabric,
        "source": traced.flow.source._asdict(),
        "target": traced.flow.target._asdict(),
        "class": traced.lossless,
        "tenant": _tenant_data(traced),
        "failure": traced.failure.what,
        "arrives": traced.arrives,
        "hops": [_record(traced, hop, on_the_way) for hop in hops],
    }


def _tenant_data(traced: Traced) -> dict[str, object] | None:
    if traced.tunnel is None:
        return None
    outer = outer_of(traced.design, traced.graph, traced.way)
    return traced.tunnel._asdict() | {"outer": outer._asdict() if outer else None}


def _record(traced: Traced, hop: _Hop, on_the_way: ClassOnTheWay | None) -> dict[str, object]:
    ins = [End(hop.device, port) for port in hop.ins]
    outs = [(out, End(hop.device, out.port)) for out in hop.outs]
    return {
        "hop": hop.number,
        "device": hop.device,
        "in": [{"port": end.port} | (on_the_way.taken_in(end) if on_the_way else {}) for end in ins],
        "equal": hop.equal,
        "ways": [_way(traced, out) | (on_the_way.let_out(end) if on_the_way else {}) for out, end in outs],
    }


def _one_path(traced: Traced) -> list[_Hop]:
    return [
        _Hop(number, step.device, tuple(filter(None, [step.port])), step.outs[:1], len(step.outs))
        for number, step in enumerate(traced.way.chosen(), 1)
    ]


def _every_hop(traced: Traced) -> list[_Hop]:
    """Devices in the order in which packets reach them; where they go next does not depend on where they came in."""
    numbers = {traced.way.steps[0].device: 1}
    steps: dict[str, list[Step]] = {}
    for step in traced.way.steps:
        steps.setdefault(step.device, []).append(step)
        for out in step.outs:
            numbers.setdefault(out.far.device, numbers[step.device] + 1)
    return [
        _Hop(numbers[device], device, tuple(step.port for step in mine if step.port), mine[0].outs, len(mine[0].outs))
        for device, mine in steps.items()
    ]


def _heading(traced: Traced) -> Iterator[str]:
    source, target = traced.flow.source, traced.flow.target
    lossless = traced.lossless
    marked = f", class {lossless.name}: DSCP {lossless.dscp}, priority {lossless.priority}" if lossless else ""
    begin = ":".join([source.device, *traced.flow.ports])
    yield f"{begin} ({source.address}) to {target} ({target.address}) on {traced.fabric}{marked}"
    yield from _tenant(traced)
    if traced.failure.what:
        yield f"after {traced.failure.what}"


def _tenant(traced: Traced) -> Iterator[str]:
    """Whose routes they are, and what is around packets between switches."""
    tunnel = traced.tunnel
    if tunnel is None:
        return
    if tunnel.layer == "bridged":
        yield f"tenant {tunnel.tenant}: bridged in VLAN {tunnel.vlan}, L2 VNI {tunnel.vni}, of VRF {tunnel.vrf}"
    else:
        yield f"tenant {tunnel.tenant}: routed in VRF {tunnel.vrf}, L3 VNI {tunnel.vni}"
    outer = outer_of(traced.design, traced.graph, traced.way)
    if outer is None:
        yield "no tunnel: one switch has both ends"
    else:
        marked = f", DSCP {traced.lossless.dscp}" if traced.lossless else ""
        yield f"tunnel {outer.source} to {outer.target}, UDP 4789{marked}: {tunnel.overhead} bytes around each packet"


def _rows(traced: Traced, hop: _Hop, everything: bool) -> Iterator[tuple[object, ...]]:
    """One row, or where every way is asked for, one for each device that is next."""
    come_in = hop.ins[0] if len(hop.ins) == 1 else f"{len(hop.ins)} ports" if hop.ins else ""
    if not hop.outs:
        arrived = hop.device == traced.way.aim.device
        nothing = ("",) * (5 if traced.tunnel else 4)
        yield hop.number, hop.device, come_in, *nothing, "arrived" if arrived else "lost"
    groups: dict[str, list[Out]] = {}
    for out in hop.outs:
        groups.setdefault(out.far.device, []).append(out)
    for device, group in groups.items():
        wire = traced.graph.wire[group[0].far]
        onward = device if everything else _share(hop)
        facts = f"{wire.gbps}G", wire.mtu, _class_on(traced, group[0].far), *_tunnel_on(traced, group[0].far)
        yield hop.number, hop.device, come_in, tuple(out.port for out in group), *facts, onward


def _share(hop: _Hop) -> str:
    return f"1 of {hop.equal} equal" if hop.equal > 1 else "only way"


def _tunnel_on(traced: Traced, end: End) -> tuple[str, ...]:
    """A cell of its own where the flow is in a tenant: what packets are in between switches."""
    if traced.tunnel is None:
        return ()
    return (f"VNI {traced.tunnel.vni}, +{traced.tunnel.overhead} B" if tunnelled(traced.graph, end) else "",)


def _class_on(traced: Traced, end: End) -> str:
    """The class where the cable pauses for it, from either side."""
    if traced.lossless is None:
        return ""
    return traced.lossless.name if _pauses(traced, end) else "lossy"


def _pauses(traced: Traced, end: End) -> bool:
    name, graph = traced.lossless.name if traced.lossless else "", traced.graph
    return graph.lossless(end, name) and graph.lossless(graph.far[end], name)


def _verdict(traced: Traced, hops: Sequence[_Hop], everything: bool) -> Iterator[str]:
    if traced.way.circles:
        yield click.style("Packets go round in a circle.", fg="red")
    for device in dict.fromkeys(step.device for step in traced.way.lost):
        yield click.style(_loss(traced, device), fg="red")
    if any(hop.equal > 1 for hop in hops):
        yield _DECIDES if everything else f"{_DECIDES}\n--all lists every way."


def _loss(traced: Traced, device: str) -> str:
    if device == traced.flow.source.device and traced.flow.ports:
        return f"{device} can't send by {traced.flow.ports[0]}: nothing is at its other end."
    return f"{device} knows no way to {traced.flow.target.address}: packets end there."


def _way(traced: Traced, out: Out) -> dict[str, object]:
    wire = traced.graph.wire[out.far]
    return {
        "out": out.port,
        "to": out.far._asdict(),
        "gbps": wire.gbps,
        "mtu": wire.mtu,
        "lossless": _pauses(traced, out.far),
        "tunnelled": traced.tunnel is not None and tunnelled(traced.graph, out.far),
    }
