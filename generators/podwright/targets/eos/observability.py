"""Logs, samples, gNMI and logins, by the management port where the switch has one.

The gNMI server shows a certificate and asks its clients for one: day 0 puts the files under these names on the switch, since
a configuration must not hold a key. Sources: https://www.arista.com/en/um-eos/eos-sflow and
https://www.arista.com/en/um-eos/eos-user-security
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.design import Monitoring
from podwright.projection.records import SwitchConfig
from podwright.projection.spelling import marker
from podwright.targets.eos.blocks import Block, section
from podwright.targets.eos.management import VRF, managed_apart

PROFILE, CERTIFICATE, KEY, CLIENTS_AUTHORITY = "gnmi", "gnmi.crt", "gnmi.key", "gnmi-ca.crt"
SAFE_SAMPLING = 16384
"""EOS takes a sampling of fewer packets than this only as `dangerous`: samples are copied to the processor."""
TACACS_PORT = 49


def logs(switch: SwitchConfig) -> Iterator[Block]:
    if switch.monitoring is not None and switch.monitoring.syslog:
        yield (
            *(f"logging {_table(switch)}host {address}" for address in switch.monitoring.syslog),
            *_from_the_management_port(switch, "logging"),
        )


def samples(switch: SwitchConfig) -> Iterator[Block]:
    monitoring = switch.monitoring
    if monitoring is not None and monitoring.sflow_collectors:
        yield (
            *_sampling(monitoring),
            *(
                f"sflow {_table(switch)}destination {address} {monitoring.sflow_port}"
                for address in monitoring.sflow_collectors
            ),
            *_from_the_management_port(switch, "sflow"),
            "sflow run",
        )


def telemetry(switch: SwitchConfig) -> Iterator[Block]:
    if switch.monitoring is not None and switch.monitoring.gnmi_port:
        table = (f"   vrf {VRF}",) if managed_apart(switch.management) else ()
        yield section(
            "management api gnmi",
            (
                "transport grpc default",
                f"   ssl profile {PROFILE}",
                f"   port {switch.monitoring.gnmi_port}",
                *table,
                "provider eos-native",
            ),
        )
        yield section(
            "management security",
            (),
            (
                f"ssl profile {PROFILE}",
                f"   certificate {CERTIFICATE} key {KEY}",
                f"   trust certificate {CLIENTS_AUTHORITY}",
            ),
        )


def logins(switch: SwitchConfig) -> Iterator[Block]:
    """People by TACACS+; local accounts answer only where no server does, so that nobody is locked out."""
    login = switch.login
    if login is None:
        return
    port = f"port {login.port} " if login.port != TACACS_PORT else ""
    yield tuple(
        f"tacacs-server host {address} {_table(switch)}{port}key 0 {marker(login.key)}" for address in login.servers
    )
    # Servers say what a person may do, too: EOS would make everyone an operator.
    yield (
        "aaa authentication login default group tacacs+ local",
        "aaa authorization exec default group tacacs+ local",
    )


def _sampling(monitoring: Monitoring) -> Iterator[str]:
    if monitoring.sflow_sampling:
        caution = "dangerous " if monitoring.sflow_sampling < SAFE_SAMPLING else ""
        yield f"sflow sample {caution}{monitoring.sflow_sampling}"


def _table(switch: SwitchConfig) -> str:
    return f"vrf {VRF} " if managed_apart(switch.management) else ""


def _from_the_management_port(switch: SwitchConfig, service: str) -> Iterator[str]:
    if switch.management is not None and managed_apart(switch.management):
        yield f"{service} vrf {VRF} source-interface {switch.management.interface}"
