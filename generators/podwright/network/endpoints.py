"""Where flows begin and end, and what is to fail, in the words of a person: `gpu-u001-s01:3`, `leaf-1:Ethernet0`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from podwright.errors import UsageError
from podwright.model.design import Attachment, Design, Device
from podwright.model.near import likely_meant
from podwright.model.network import Network
from podwright.network.graph import End, Failure, Graph, cut, down
from podwright.network.trace import Aim

PAGE = "docs/stages/trace.md"
TENANTS = "docs/stages/tenants.md"


class Endpoint(NamedTuple):
    """An address that sends or receives. `port` is the NIC port it sits on; empty for a loopback, which any port reaches.
    `leaf` is who routes to it where it speaks no BGP itself. `tenant` is whose routing table it is in, empty for the fabric's.
    """

    device: str
    port: str
    address: str
    fabric: str
    plane: int
    leaf: str = ""
    tenant: str = ""

    def __str__(self) -> str:
        return f"{self.device}:{self.port}" if self.port else self.device


class Flow(NamedTuple):
    """A source and a target on one fabric; `ports` are those that the source is told to send by, none where its routes decide."""

    source: Endpoint
    target: Endpoint
    ports: tuple[str, ...]


def flow_between(design: Design, source: str, target: str) -> Flow:
    """The flow that two words name. Raises UsageError for a device, port or pair that there is not."""
    begins, ends = list(_endpoints(design, source)), list(_endpoints(design, target))
    pairs = [(one, other) for one in begins for other in ends if one.fabric == other.fabric]
    if not pairs:
        raise UsageError(
            f"{begins[0]} is on {_listed(begins)} and {ends[0]} on {_listed(ends)}; packets don't pass between fabrics",
            fix="Name two ends on one fabric.",
            see=PAGE,
        )
    begin, end = min(pairs, key=lambda pair: (pair[0].tenant != pair[1].tenant, pair[0].plane != pair[1].plane))
    if begin.device == end.device:
        raise UsageError(
            f"`{source}` and `{target}` are on one device, and a flow has two", fix="Name two devices.", see=PAGE
        )
    if begin.tenant != end.tenant:
        raise UsageError(
            f"{begin} is in {_table(begin)} on {begin.fabric} and {end} in {_table(end)}: no route leads from one to the other",
            fix="Name two ends in one tenant, or put their groups into one.",
            see=TENANTS,
        )
    named = source.partition(":")[2]
    interface = begin.port or (_port_named(design, begin.device, named).interface if named else "")
    return Flow(begin, end, (interface,) if interface else ())


def aim_of(network: Network, target: Endpoint) -> Aim:
    """What routes know of the target: a route of its own, or what its leaf announces."""
    announcer = target.leaf or target.device
    for each in sorted(network.destinations, key=lambda each: not each.sought):
        if announcer in each.origins and (":" in each.name) == (":" in target.address):
            return Aim(target.device, target.port, each.name)
    raise UsageError(f"nobody announces a route to {target}", fix="Name a server, or a switch that routes.", see=PAGE)


def failure_of(graph: Graph, words: Iterable[str]) -> Failure:
    """Everything that is to fail, as one. Raises UsageError for what the network has not."""
    parts = [_failing(graph, word) for word in words]
    return Failure(
        devices=frozenset[str]().union(*(each.devices for each in parts)),
        ends=frozenset[End]().union(*(each.ends for each in parts)),
        what=" and ".join(each.what for each in parts),
    )


def _failing(graph: Graph, word: str) -> Failure:
    """`device`, `device:port`, or `device:port-device:port`; names have dashes themselves, so every dash is tried."""
    if word in graph.node:
        return down(word)
    whole = _end(word)
    if whole in graph.wire:
        return cut(graph.wire[whole])
    dashes = [place for place, letter in enumerate(word) if letter == "-"]
    for a, b in ((_end(word[:place]), _end(word[place + 1 :])) for place in dashes):
        if a in graph.far and graph.far[a] == b:
            return cut(graph.wire[a])
    device, _, port = word.partition(":")
    if port and device in graph.node:
        near = likely_meant(port, [end.port for end in graph.ends[device]])
        raise UsageError(
            f"no cable of {graph.network.name} ends at `{word}`",
            fix=_did_you_mean([f"{device}:{each}" for each in near], f"`podwright explain {device}` lists its ports."),
            see=PAGE,
        )
    raise UsageError(
        f"{graph.network.name} has no device or cable `{word}` that could fail",
        fix=_did_you_mean(likely_meant(device, graph.node), "Write a device, device:port, or device:port-device:port."),
        see=PAGE,
    )


def _end(word: str) -> End:
    device, _, port = word.partition(":")
    return End(device, port)


def _endpoints(design: Design, word: str) -> Iterator[Endpoint]:
    """What a word may mean: a port's own address, or the loopbacks of a device, that of its home first."""
    name, _, port = word.partition(":")
    devices = {device.name: device for device in design.devices}
    if name not in devices:
        raise UsageError(
            f"the pod {design.pod.name} has no device `{name}`",
            fix=_did_you_mean(likely_meant(name, devices), "`podwright design` lists all."),
            see=PAGE,
        )
    found = list(_at_port(design, devices[name], port) if port else _loopbacks(design, name))
    if not found:
        raise UsageError(
            f"{name} has no address of its own that others route to",
            fix=_ports(design, name),
            see=PAGE,
        )
    yield from found


def _at_port(design: Design, device: Device, port: str) -> Iterator[Endpoint]:
    named = _port_named(design, device.name, port)
    if named.mode == "access":
        raise UsageError(
            f"{device.name}:{named.interface} is on {named.fabric}, which bridges and has no routes to trace",
            fix=_ports(design, device.name),
            see=PAGE,
        )
    if named.mode == "bgp":
        yield from (each for each in _loopbacks(design, device.name) if each.fabric == named.fabric)
        return
    rails = [named] if port == named.interface else _on_rail(design, device.name, named.rail)
    for each in rails:
        for address in design.addresses:
            if (address.device, address.interface) == (device.name, each.interface):
                plain = address.address.partition("/")[0]
                tenant = _tenant(design, device, each.fabric)
                yield Endpoint(device.name, each.interface, plain, each.fabric, each.plane, each.leaf, tenant)


def _port_named(design: Design, device: str, port: str) -> Attachment:
    attached = [each for each in design.attachments if each.device == device]
    for each in attached:
        if each.interface == port:
            return each
    on_rail = _on_rail(design, device, int(port)) if port.isdecimal() else []
    if on_rail:
        return on_rail[0]
    raise UsageError(
        f"{device} has no port or rail `{port}`",
        fix=_did_you_mean(
            [f"{device}:{near}" for near in likely_meant(port, [each.interface for each in attached])],
            _ports(design, device),
        ),
        see=PAGE,
    )


def _on_rail(design: Design, device: str, rail: int) -> list[Attachment]:
    return [
        each for each in design.attachments if each.device == device and each.rail == rail and each.mode == "routed"
    ]


def _loopbacks(design: Design, device: str) -> Iterator[Endpoint]:
    interfaces = {each.name for each in design.interfaces if each.device == device and each.kind == "loopback"}
    home = next((router.fabric for router in design.routers if router.device == device), "")
    itself = next(each for each in design.devices if each.name == device)
    mine = [each for each in design.addresses if each.device == device and each.interface in interfaces]
    for each in sorted(mine, key=lambda each: each.fabric != home):
        tenant = _tenant(design, itself, each.fabric)
        yield Endpoint(device, "", each.address.partition("/")[0], each.fabric, itself.plane, tenant=tenant)


def _tenant(design: Design, device: Device, fabric: str) -> str:
    """A server's by its group; switches themselves are in the fabric's own table."""
    mine = (vrf.name for vrf in design.vrfs if vrf.fabric == fabric and device.group in vrf.servers)
    return next(mine, "") if device.kind == "server" else ""


def _table(end: Endpoint) -> str:
    return f"the tenant {end.tenant}" if end.tenant else "no tenant"


def _ports(design: Design, device: str) -> str:
    """What to name instead, as a sentence."""
    routed = [each.interface for each in design.attachments if each.device == device and each.mode != "access"]
    if not routed:
        return "Name a server with one of its ports, or a switch that routes."
    return f"{device} has {', '.join(routed)}."


def _listed(endpoints: Iterable[Endpoint]) -> str:
    return " and ".join(dict.fromkeys(each.fabric for each in endpoints))


def _did_you_mean(near: list[str], else_: str) -> str:
    return f"Did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else else_
