"""What SONiC's YANG models accept and hardware does not: numbers, speeds, lanes, breakouts, tunnels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from podwright.catalog import ports_of
from podwright.check import check
from podwright.lint.chain import does, listed, numbers, paused_groups
from podwright.lint.framework import Fault
from podwright.lint.records import Port, Seen, Spot, Switch
from podwright.model.prose import shown
from podwright.model.report import Severity

CLASSES = range(8)
DSCPS = range(64)
TRAFFIC_CLASSES = range(16)
"""`tc_type` of sonic-types.yang. No packet comes with a class from 8 on, but a switch may give itself one: images of SONiC map
class 8, which trimmed packets get, to a queue of theirs (qos.json.j2 of Mellanox-SN5600-C256S1 in sonic-buildimage).
"""
SPEEDS = (
    10,
    100,
    1_000,
    2_500,
    5_000,
    10_000,
    20_000,
    25_000,
    40_000,
    50_000,
    100_000,
    200_000,
    400_000,
    800_000,
    1_600_000,
)
"""Speeds of Ethernet in Mb/s that any switch of today has."""
_MODE = re.compile(r"(\d)x(\d+)G")


@check("LNT050", "classes, groups, queues and priorities are numbers that hardware has", severity=Severity.ERROR)
def numbers_exist(seen: Seen) -> Iterator[Fault]:
    """Looks at every number of the five maps, of `pfc_enable` and of BUFFER_PG: a DSCP is 0 to 63, a priority 0 to 7, and chips
    have eight groups and queues. A traffic class from 8 to 15 may be there where TC_TO_QUEUE_MAP gives it one of those queues;
    no packet of it is lossless.

    Why: SONiC's models accept some that no chip has. The orchestration agent logs an error and leaves the whole map, or the
    whole port, as it was.

    Fix: Write a number from 0 to 7.
    """
    for switch in seen.switches:
        served, kept = _served(switch), _paused(switch)
        for said in switch.maps:
            table, each = said.value
            for key, value in each.values.items():
                if wrong := _wrong(table, key, value, served, kept):
                    yield Fault(
                        each.spot.at(str(key)),
                        f"{table} `{each.name}` of {switch.name} maps {key} to {value}, and {wrong[0]}",
                        f"Write a number from 0 to {wrong[1]}.",
                    )
        yield from _of_ports(switch)


def _wrong(table: str, key: int, value: int, served: set[int], kept: set[int]) -> tuple[str, int] | None:
    """What is wrong with a pair of a map, and up to which number it may go."""
    keys = DSCPS if table.startswith("DSCP") else TRAFFIC_CLASSES if table.startswith("TC") else CLASSES
    if key not in keys:
        return f"there is no {key}: 0 to {keys[-1]}", keys[-1]
    if value not in CLASSES and not (table.startswith("DSCP") and value in served):
        return f"there is no {value}: 0 to {CLASSES[-1]}", CLASSES[-1]
    if table == "TC_TO_PRIORITY_GROUP_MAP" and key not in CLASSES and value in kept:
        return f"group {value} is lossless, and no packet comes with a class from {CLASSES.stop} on", CLASSES[-1]
    return None


def _served(switch: Switch) -> set[int]:
    """The traffic classes from 8 on to which the switch gives a queue."""
    queues = (each for table, each in (said.value for said in switch.maps) if table == "TC_TO_QUEUE_MAP")
    pairs = (pair for each in queues for pair in each.values.items())
    return {tc for tc, queue in pairs if tc in TRAFFIC_CLASSES[CLASSES.stop :] and queue in CLASSES}


def _paused(switch: Switch) -> set[int]:
    return {group for port in switch.ports.values() for group in paused_groups(port).values()}


def _of_ports(switch: Switch) -> Iterator[Fault]:
    told: set[tuple[str, int]] = set()
    for port in switch.ports.values():
        wrong = [(port.pfc.spot, "pfc_enable", each) for each in port.pfc.value] if port.pfc else []
        wrong += [(each.spot, "BUFFER_PG", number) for number, each in port.groups.items()]
        for spot, where, number in wrong:
            if number not in CLASSES and (where, number) not in told:
                told.add((where, number))
                yield Fault(
                    spot,
                    f"{where} of {port.name} of {switch.name} names {number}, and there is 0 to 7",
                    "Write a number from 0 to 7.",
                )


@check("LNT051", "ports have speeds that the chip has", severity=Severity.ERROR)
def speeds_exist(seen: Seen) -> Iterator[Fault]:
    """Compares the speed of every port, in Mb/s, with those of the switch's chip, or of Ethernet where the chip is not known, and
    with what its lanes can carry.

    Why: SONiC's model takes any number up to its limit. A speed that the chip does not have leaves the port down.

    Fix: Write a speed of the port in Mb/s, as 400000 or 800000.
    """
    for switch in seen.switches:
        wrong: dict[tuple[str, str], list[Port]] = defaultdict(list)
        for port in switch.ports.values():
            if found := _wrong_speed(switch, port):
                wrong[found].append(port)
        for (told, remedy), ports in wrong.items():
            names = listed(port.name for port in ports)
            yield Fault(
                ports[0].spot.at("speed"),
                f"{names} of {switch.name} {does(ports, 'has', 'have')} a speed of {told}",
                remedy,
            )


def _wrong_speed(switch: Switch, port: Port) -> tuple[str, str] | None:
    """What is wrong with the speed of a port, and what to do."""
    if port.mbps is None:
        return None
    asic = switch.asic
    known = [each * 1000 for each in asic.speeds] if asic and asic.speeds else list(SPEEDS)
    of = asic.title if asic else "Ethernet"
    if port.mbps not in known:
        speeds = numbers(each // 1000 for each in known if each >= 1000)
        return f"{port.mbps} Mb/s, and {of} has {speeds} Gb/s", "Write a speed that the chip has, in Mb/s."
    most = len(port.lanes) * asic.lane * 1000 if asic else 0
    if most and port.mbps > most:
        told = f"{port.mbps} Mb/s on {len(port.lanes)} lanes, which carry {most} at most on {of}"
        return told, "Give the port more lanes, or a lower speed."
    return None


@check("LNT052", "a lane belongs to one port", severity=Severity.ERROR)
def lanes_are_apart(seen: Seen) -> Iterator[Fault]:
    """Looks for lanes that two ports of a switch name.

    Why: Lanes decide what a port is, not its name and speed. After a breakout whose first port kept its lanes, two ports own
    the same ones: the second does not come up, or the switch's daemons crash.

    Fix: Delete the parent port, then create the ports of the breakout with their own lanes. Where no breakout explains it,
    take the lanes of both from the platform's files.
    """
    for switch in seen.switches:
        owners: dict[int, str] = {}
        shared: dict[tuple[str, str], list[int]] = defaultdict(list)
        for port in switch.ports.values():
            for lane in port.lanes:
                owner = owners.setdefault(lane, port.name)
                if owner != port.name:
                    shared[owner, port.name].append(lane)
        for (first, second), lanes in shared.items():
            yield Fault(
                switch.ports[second].spot.at("lanes"),
                f"{_spanned(sorted(lanes))} to {first} and {second} of {switch.name}",
                _lanes_apart(switch, switch.ports[first], switch.ports[second]),
            )


def _spanned(lanes: list[int]) -> str:
    begin, last = lanes[0], lanes[-1]
    if begin == last:
        return f"lane {begin} belongs"
    return f"lanes {begin}-{last} belong" if last - begin + 1 == len(lanes) else f"lanes {numbers(lanes)} belong"


def _lanes_apart(switch: Switch, one: Port, other: Port) -> str:
    """How the lanes come apart. Only a breakout tells whose they are: the parent kept lanes that all are a new port's, and
    those that are left to it carry its speed.
    """
    if set(one.lanes) == set(other.lanes):
        return "Delete one of the ports."
    parent, child = (one, other) if len(one.lanes) > len(other.lanes) else (other, one)
    taken = {lane for port in switch.ports.values() if port is not parent for lane in port.lanes}
    left = [lane for lane in parent.lanes if lane not in taken]
    if set(child.lanes) < set(parent.lanes) and _carry(switch, parent, left, child):
        return (
            f"Delete {parent.name}, then create both: {parent.name} keeps {', '.join(map(str, left))},"
            f" {child.name} gets {', '.join(map(str, child.lanes))}."
        )
    return (
        f"Look up the lanes of {one.name} and {other.name} in the platform's platform.json, or in port_config.ini of the SKU,"
        " and give each its own."
    )


def _carry(switch: Switch, parent: Port, left: list[int], child: Port) -> bool:
    """Whether the lanes that are left carry the parent's speed, each as much as the chip's lanes, or else the child's, do."""
    if not parent.mbps or not child.mbps:
        return False
    most = switch.asic.lane * 1000 if switch.asic else child.mbps / len(child.lanes)
    return parent.mbps <= len(left) * most and child.mbps <= len(child.lanes) * most


@check("LNT053", "breakouts are modes that the platform has", severity=Severity.ERROR, requires=("LNT051", "LNT052"))
def breakouts_exist(seen: Seen) -> Iterator[Fault]:
    """Compares the mode of every port in BREAKOUT_CFG with those of the platform (its platform.json in the folder, else the
    catalogue), and the ports and speeds of PORT with the mode.

    Why: A mode that the platform does not list for this port and SKU is refused, or crashes the switch's daemons. One that
    differs from the ports leaves ports of the mode before.

    Fix: Take a mode from the platform's list, delete the ports of the old mode and create those of the new one.
    """
    for switch in seen.switches:
        cages = _cages(switch) if switch.breakouts else {}
        for parent, said in switch.breakouts.items():
            own = switch.port_modes.get(parent)
            known = own or tuple(cages.get(parent, {}))
            lanes = switch.port_lanes.get(parent, 0) if own else max(cages.get(parent, {}).values(), default=0)
            if known and not any(_plain(said.value) in _plain(each).split("+") or each == said.value for each in known):
                yield Fault(
                    said.spot,
                    f"{parent} of {switch.name} is split as {shown(said.value)}, and the platform lists {', '.join(known)}",
                    "Take a mode of that list.",
                )
            elif told := _differing(switch, parent, said.value, lanes):
                yield Fault(said.spot, told, "Delete the ports of the mode before, then create those of the new one.")


def _cages(switch: Switch) -> dict[str, dict[str, int]]:
    """The modes of each port that the catalogue knows, as the platform spells them, and how many lanes the port has in each."""
    nos = switch.model.nos.get("sonic") if switch.model else None
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if switch.model and nos:
        for port in ports_of(switch.model, nos):
            found[port.name.name][nos.breakout_modes.get(port.mode, port.mode)] = len(port.lanes)
    return found


def _plain(mode: str) -> str:
    return re.sub(r"\[[^\]]*\]|\(\d+\)", "", mode)


def _differing(switch: Switch, parent: str, mode: str, cage: int) -> str:
    """Where the first port is faster than the mode, or has more than its part of the `cage` lanes; 0 where nobody knows them."""
    parts = _MODE.fullmatch(_plain(mode))
    port = switch.ports.get(parent)
    if parts is None or port is None or not port.mbps:
        return ""
    count, gbps = int(parts[1]), int(parts[2])
    known = [gbps * 1000, *(each * 1000 for each in _slower(mode))]
    if port.mbps not in known and port.mbps > gbps * 1000:
        return f"{parent} of {switch.name} is split as {shown(mode)}, and its speed is {port.mbps} Mb/s"
    if cage and len(port.lanes) * count > cage:
        return (
            f"{parent} of {switch.name} is split as {shown(mode)}, and has {len(port.lanes)} of the cage's {cage} lanes,"
            f" {cage // count} being its part"
        )
    return ""


def _slower(mode: str) -> list[int]:
    found = re.search(r"\[([^\]]*)\]", mode)
    return [int(each) for each in re.findall(r"(\d{1,4})G", found[1])] if found else []


@check("LNT054", "tunnels map to VLANs and VRFs that are there", severity=Severity.ERROR)
def tunnels_lead_somewhere(seen: Seen) -> Iterator[Fault]:
    """Looks for VNIs in VXLAN_TUNNEL_MAP whose VLAN is not in VLAN, for VRFs whose VNI has no VLAN, for VLAN interfaces in a VRF
    that is not there, and for an EVPN instance without its tunnel.

    Why: The tables are loaded one by one, and a reference to nothing leaves the tunnel without the tenant: no error, no route.

    Fix: Add the missing row, or correct the name.
    """
    for switch in seen.switches:
        for each in switch.overlays:
            if not each.there:
                what = f"VNI {each.vni} maps to" if each.vni else f"`{each.spot.path[1]}` names"
                name = f"{each.kind} {shown(each.name)}" if each.name else f"no {each.kind}"
                told = ", which is not there" if each.name else ": VXLAN_TUNNEL_MAP has no row for it"
                yield Fault(
                    each.spot, f"{what} {name} on {switch.name}{told}", f"Add the {each.kind}, or correct the name."
                )


@check("LNT055", "ports name rows that are there", severity=Severity.ERROR)
def references_lead_somewhere(seen: Seen) -> Iterator[Fault]:
    """Looks for maps, WRED profiles and schedulers that ports and queues name and that the file does not have.

    Why: SONiC waits for the row, and leaves the port without: a port that names a DSCP_TO_TC_MAP which is not there puts every
    packet into one class.

    Fix: Correct the name, or add the row.
    """
    for switch in seen.switches:
        naming: dict[str, list[tuple[Port, Spot]]] = defaultdict(list)
        for port in switch.ports.values():
            for said in port.missing:
                naming[said.value].append((port, said.spot))
        for name, ports in naming.items():
            names = [port.name for port, _ in ports]
            yield Fault(
                ports[0][1],
                f"{listed(names)} of {switch.name} {does(names, 'names', 'name')} {name}, which is not there",
                "Correct the name, or add the row.",
            )


@check("LNT056", "both ends of a cable have one speed", severity=Severity.ERROR, requires=("LNT051",))
def ends_have_one_speed(seen: Seen) -> Iterator[Fault]:
    """Compares the speeds of two ports that DEVICE_NEIGHBOR joins, and that of a port with its NIC.

    Why: Ends of different speeds do not come up, or one falls back, and buffers were sized for the other.

    Fix: Set one speed, and one breakout, at both ends.
    """
    speeds = {(switch.name, port.name): port.mbps for switch in seen.switches for port in switch.ports.values()}
    speeds |= {(host.name, nic.netdev): nic.mbps for host in seen.hosts for nic in host.nics.values()}
    told = set()
    for switch in seen.switches:
        for port in switch.ports.values():
            other = speeds.get(port.peer) if port.peer and port.up else None
            ends = frozenset(((switch.name, port.name), port.peer))
            if other and port.mbps and other != port.mbps and ends not in told:
                told.add(ends)
                device, name = port.peer or ("", "")
                yield Fault(
                    port.spot.at("speed"),
                    f"{port.name} of {switch.name} has {port.mbps} Mb/s, and {name} of {device} at the other end {other}",
                    "Set one speed at both ends.",
                )
