"""Arista EOS: `eos.cfg` of every switch that runs it, a whole startup-config, as `configure replace` and sessions take it.

Lines are spelled and ordered as EOS itself shows its running-config, defaults left out, so that a session finds no
difference where there is none. Sources stand with the golden configurations, tests/golden/eos/README.md.

What EOS has from the factory stays: LLDP on every port, `copp-system-policy` (rates of what reaches the processor) and
`default-control-plane-acl` (what may reach it). Local users and all else that a design does not say are somebody else's part
of the running-config; the role that delivers the file keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import PodConfig, SwitchConfig
from podwright.targets.eos.blocks import Block, spelt
from podwright.targets.eos.filters import access_lists
from podwright.targets.eos.interfaces import interfaces
from podwright.targets.eos.management import control, identity, name_servers, ssh, time_servers, vrf
from podwright.targets.eos.observability import logins, logs, samples, telemetry
from podwright.targets.eos.overlay import internal_vlans, shared_gateway, tenants, tunnel
from podwright.targets.eos.policies import policies, prefix_lists
from podwright.targets.eos.qos import buffer_profile, marks_and_watchdog, port_profiles, use_of_buffer_profile
from podwright.targets.eos.routing import bgp, forwarding, ipv6_forwarding, static_routes

NOS = "eos"


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<switch>/eos.cfg of every EOS switch, in order of name."""
    for switch in pod.switches:
        if switch.nos == NOS:
            text = spelt(switch.name, _blocks(switch))
            yield Artifact(path=f"configs/{switch.name}/eos.cfg", text=text, target="eos", device=switch.name)


def _blocks(switch: SwitchConfig) -> Iterator[Block]:
    """In the order of a running-config."""
    yield from internal_vlans(switch.overlay)
    yield from control(switch)
    yield from logs(switch)
    yield from buffer_profile(switch.qos)
    yield from identity(switch)
    yield from name_servers(switch)
    yield from port_profiles(switch.qos)
    yield from samples(switch)
    yield ("spanning-tree mode mstp",)
    yield from vrf(switch)
    yield from tenants(switch.overlay)
    yield from telemetry(switch)
    yield from logins(switch)
    yield from interfaces(switch)
    yield from tunnel(switch.overlay)
    yield from shared_gateway(switch.overlay)
    yield from access_lists(switch.filters)
    yield from forwarding(switch)
    yield from prefix_lists(switch.bgp)
    yield from ipv6_forwarding(switch)
    yield from static_routes(switch)
    yield from time_servers(switch)
    yield from marks_and_watchdog(switch.qos)
    yield from policies(switch.bgp)
    yield from bgp(switch)
    yield from use_of_buffer_profile(switch.qos)
    yield from ssh(switch)


__all__ = ["render"]
