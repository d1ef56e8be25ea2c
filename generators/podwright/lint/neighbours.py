"""Which device is meant by a neighbour's name, and which port of it, whoever spells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from podwright.lint.records import Host, Port, Switch

Heard = Mapping[str, tuple[str, tuple[str, ...]]]


def with_neighbours(
    switches: Iterable[Switch], hosts: Iterable[Host], heard: Mapping[str, Heard]
) -> tuple[Switch, ...]:
    """The switches with their ports' peers by the names of the folder: those of DEVICE_NEIGHBOR, else those `heard` by LLDP,
    by the name of the switch.

    Domains and capitals do not count; a port may be called by its alias.
    """
    listed = tuple(switches)
    names = {_plain(each): each for each in (*(s.name for s in listed), *(h.name for h in hosts))}
    known = {switch.name: switch.ports for switch in listed}
    return tuple(
        replace(
            switch,
            ports={
                name: _with_peer(port, heard.get(switch.name, {}).get(name), names, known)
                for name, port in switch.ports.items()
            },
        )
        for switch in listed
    )


def _with_peer(
    port: Port,
    heard: tuple[str, tuple[str, ...]] | None,
    names: Mapping[str, str],
    known: Mapping[str, Mapping[str, Port]],
) -> Port:
    spelt = (port.peer[0], (port.peer[1],)) if port.peer else heard
    if spelt is None:
        return port
    device, candidates = spelt
    name = names.get(_plain(device), device)
    return replace(port, peer=(name, _port(known.get(name, {}), candidates)))


def _port(ports: Mapping[str, Port], candidates: tuple[str, ...]) -> str:
    """The port that one of the words names, else the first word."""
    aliases = {port.alias: name for name, port in ports.items() if port.alias}
    found = (each if each in ports else aliases.get(each) for each in candidates)
    return next((each for each in found if each), candidates[0] if candidates else "")


def _plain(name: str) -> str:
    return name.partition(".")[0].lower()
