"""Linux devices with FRRouting: servers, switches that run Linux, routers outside, and every node of the twin.

A device gets what it needs of: frr.conf, network.json (addresses, bridges, routes), sysctl.conf, lldpd.conf, marking.nft,
qos.nft and qos.tc, zones.nft, the site's time and name servers, and one .link file a NIC. A SONiC switch gets frr.conf only:
its bgp container reads it in split-unified mode, and the rest of it is SONiC's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import HostConfig, PodConfig, SwitchConfig
from podwright.targets.frr.filtering import host_chains, switch_chains
from podwright.targets.frr.kernel import host_sysctls, switch_sysctls
from podwright.targets.frr.network import host_network, switch_network
from podwright.targets.frr.queues import switch_queues
from podwright.targets.frr.routing import routing_of_host, routing_of_sonic, routing_of_switch
from podwright.targets.frr.spelling import Spelling


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<device>/... of every device that runs FRR, in order of name.

    A router outside is somebody else's machine, and has a configuration of ours only as a node of the twin.
    """
    spelling = Spelling()
    outsides = pod.outsides if pod.init == "none" else ()
    devices: list[SwitchConfig | HostConfig] = [*pod.switches, *pod.hosts, *outsides]
    for device in sorted(devices, key=lambda each: each.name):
        for name, text in _files(spelling, device, pod.init):
            yield Artifact(path=f"configs/{device.name}/{name}", text=text, target="frr", device=device.name)


def _files(spelling: Spelling, device: SwitchConfig | HostConfig, init: str) -> Iterator[tuple[str, str]]:
    match device:
        case SwitchConfig(nos="sonic"):
            yield from _sonic_files(spelling, device)
        case SwitchConfig(nos="linux" | "frr"):
            yield "network.json", _json(switch_network(device))
            yield from _switch_files(spelling, device)
            yield from _qos_files(spelling, device)
        case HostConfig(nos="linux" | "frr"):
            yield "network.json", _json(host_network(device))
            yield from _host_files(spelling, device, on_systemd=init == "systemd")


def _sonic_files(spelling: Spelling, switch: SwitchConfig) -> Iterator[tuple[str, str]]:
    if switch.bgp is not None:
        yield "frr.conf", spelling.frr(routing_of_sonic(switch, switch.bgp))


def _switch_files(spelling: Spelling, switch: SwitchConfig) -> Iterator[tuple[str, str]]:
    yield "sysctl.conf", spelling.sysctl(switch.name, switch_sysctls(switch))
    yield "lldpd.conf", spelling.lldpd(switch.name)
    if switch.bgp is not None:
        yield "frr.conf", spelling.frr(routing_of_switch(switch, switch.bgp))
    if switch.filters:
        of_tenants = frozenset(each.linux for each in switch.interfaces if each.vrf)
        yield "zones.nft", spelling.zones(switch.name, switch_chains(switch.filters, of_tenants))


def _qos_files(spelling: Spelling, switch: SwitchConfig) -> Iterator[tuple[str, str]]:
    if switch.qos is not None:
        queues = switch_queues(switch, switch.qos)
        yield "qos.nft", spelling.sorting(switch.name, queues)
        yield "qos.tc", spelling.queueing(switch.name, queues)


def _host_files(spelling: Spelling, host: HostConfig, *, on_systemd: bool) -> Iterator[tuple[str, str]]:
    yield "sysctl.conf", spelling.sysctl(host.name, host_sysctls(host))
    yield "lldpd.conf", spelling.lldpd(host.name)
    if host.bgp is not None:
        yield "frr.conf", spelling.frr(routing_of_host(host, host.bgp))
    if host.classes:
        yield "marking.nft", spelling.marking(host.name, host.classes)
    if host.ssh is not None:
        yield "sshd.conf", spelling.sshd(host.name, host.ssh)
    if host.filter is not None:
        yield "zones.nft", spelling.zones(host.name, host_chains(host.filter))
    if on_systemd:
        yield from _surroundings(spelling, host)
        for interface in host.interfaces:
            if interface.pci:
                yield f"10-podwright-{interface.name}.link", spelling.link(host.name, interface)
        yield "10-podwright.network", spelling.unmanaged([each.name for each in host.interfaces if each.configured])


def _surroundings(spelling: Spelling, host: HostConfig) -> Iterator[tuple[str, str]]:
    if host.ntp:
        yield "chrony.sources", spelling.time_servers(host)
    if host.dns:
        yield "resolved.conf", spelling.name_servers(host)


def _json(value: object) -> str:
    return json.dumps(value, indent=1) + "\n"


__all__ = ["render"]
