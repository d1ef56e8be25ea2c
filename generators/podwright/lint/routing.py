"""The network that the switches of a folder make, as far as routes and pauses are concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from podwright.lint.chain import carrying
from podwright.lint.records import Port, Seen, Session, Switch
from podwright.model.network import Destination, Network, Node, Peering, Terms, Wire
from podwright.network import End


def paused_priorities(seen: Seen) -> tuple[int, ...]:
    """The priorities that any port pauses."""
    ports = [port for switch in seen.switches for port in carrying(switch)]
    return tuple(sorted({priority for port in ports if port.pfc for priority in port.pfc.value}))


def network_of_switches(seen: Seen) -> Network:
    """Switches of the folder forward, whoever else is cabled to them is a server. Classes are priorities that a port
    pauses, `3`. A switch announces its servers as one destination.
    """
    switches = {switch.name: switch for switch in seen.switches}
    wires = tuple(_wires(switches))
    servers = dict.fromkeys(wire.a_device for wire in wires if wire.a_device not in switches)
    serving = dict.fromkeys(wire.b_device for wire in wires if wire.a_device not in switches)
    return Network(
        name="the folder",
        nodes=(
            *(Node(name, switch.routing.asn) for name, switch in switches.items()),
            *(Node(name, rank=0, forwards=False) for name in servers),
        ),
        wires=wires,
        peerings=tuple(_peerings(switches, wires)),
        destinations=tuple(Destination(f"servers of {name}", (name,)) for name in serving),
    )


def silent_switches(network: Network) -> list[str]:
    """Switches that are cabled to other switches, and of which no file tells a session over any of these cables."""
    forwarding = {node.name for node in network.nodes if node.forwards}
    between = [wire for wire in network.wires if wire.a_device in forwarding]
    speaking = {device for each in network.peerings for device in (each.a_device, each.b_device)}
    return sorted({device for wire in between for device in (wire.a_device, wire.b_device)} - speaking)


def _wires(switches: dict[str, Switch]) -> Iterator[Wire]:
    """Cables between switches once, and those to servers, whose end stands first."""
    seen: set[frozenset[End]] = set()
    for name, switch in switches.items():
        for port in carrying(switch):
            if port.peer is None:
                continue
            near, classes = _end(switch, port.name), _classes(port)
            other = switches.get(port.peer[0])
            if other is None:
                yield Wire(port.peer[0], port.peer[1] or f"to {near}", *near, b_classes=classes)
                continue
            far_port = _far_port(other, port, name)
            if far_port is None:
                continue
            far = _end(other, far_port.name)
            if frozenset({near, far}) not in seen:
                seen.add(frozenset({near, far}))
                yield Wire(*near, *far, a_classes=classes, b_classes=_classes(far_port))


def _far_port(other: Switch, port: Port, name: str) -> Port | None:
    """The port at the other end: as this end says, else the one there that says it is cabled here."""
    if port.peer and port.peer[1] in other.ports:
        return other.ports[port.peer[1]]
    return next((each for each in other.ports.values() if each.peer == (name, port.name)), None)


def _end(switch: Switch, port: str) -> End:
    """A port, or the bundle that it is in, which fails as one."""
    return End(switch.name, switch.routing.bundles.get(port, port))


def _classes(port: Port) -> tuple[str, ...]:
    return tuple(str(priority) for priority in port.pfc.value) if port.pfc else ()


def _peerings(switches: dict[str, Switch], wires: Iterable[Wire]) -> Iterator[Peering]:
    sessions = {
        End(name, session.port): session for name, switch in switches.items() for session in switch.routing.sessions
    }
    for wire in wires:
        a, b = End(wire.a_device, wire.a_port), End(wire.b_device, wire.b_port)
        if a in sessions and b in sessions:
            yield Peering(*a, *b, _terms(sessions[a], sessions[b]), _terms(sessions[b], sessions[a]))


def _terms(near: Session, far: Session) -> Terms:
    return Terms(near.adds, near.withholds, own_as=near.own_as or far.hides_as)
