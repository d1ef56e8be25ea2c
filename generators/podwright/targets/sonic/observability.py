"""Logs, telemetry and logins in SONiC's tables.

The gNMI server asks its clients for certificates: those are files that day 0 puts on the switch, since a configuration must
not hold a key. The shared secret of TACACS+ is a marker, filled in on delivery.
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.model.design import Login, Monitoring
from podwright.projection.records import SwitchConfig
from podwright.projection.spelling import marker

Row = Mapping[str, str | list[str]]
Table = dict[str, Row]

CERTIFICATES = {
    "ca_crt": "/etc/sonic/telemetry/dsmsroot.cer",
    "server_crt": "/etc/sonic/telemetry/streamingtelemetryserver.cer",
    "server_key": "/etc/sonic/telemetry/streamingtelemetryserver.key",
}
"""Where SONiC's own examples keep them: https://github.com/sonic-net/sonic-buildimage, src/sonic-yang-models/doc/Configuration.md"""


def monitoring_tables(switch: SwitchConfig) -> dict[str, Table]:
    """Nothing where the blueprint says nothing."""
    if switch.monitoring is None:
        return {}
    return {
        "SYSLOG_SERVER": {address: {} for address in switch.monitoring.syslog},
        **_gnmi(switch.monitoring),
        **_sflow(switch, switch.monitoring),
    }


def login_tables(login: Login | None) -> dict[str, Table]:
    """People by TACACS+; local accounts answer only where no server does, so that nobody is locked out."""
    if login is None:
        return {}
    return {
        "AAA": {"authentication": {"failthrough": "False", "fallback": "True", "login": "tacacs+,local"}},
        "TACPLUS": {"global": {"passkey": marker(login.key)}},
        "TACPLUS_SERVER": {
            address: {"priority": str(priority), "tcp_port": str(login.port)}
            for priority, address in zip(range(len(login.servers), 0, -1), login.servers, strict=True)
        },
    }


def _gnmi(monitoring: Monitoring) -> dict[str, Table]:
    if not monitoring.gnmi_port:
        return {}
    server = {"client_auth": "true", "log_level": "2", "port": str(monitoring.gnmi_port)}
    return {"GNMI": {"certs": CERTIFICATES, "gnmi": server}}


def _sflow(switch: SwitchConfig, monitoring: Monitoring) -> dict[str, Table]:
    if not monitoring.sflow_collectors:
        return {}
    ports = [port.name for port in switch.ports if port.peer_device]
    sessions: Table = {}
    if monitoring.sflow_sampling:
        rate = str(monitoring.sflow_sampling)
        sessions = {name: {"admin_state": "up", "sample_rate": rate} for name in ports}
    return {
        "SFLOW": {"global": {"admin_state": "up"}},
        "SFLOW_COLLECTOR": {
            f"collector{number}": {"collector_ip": address, "collector_port": str(monitoring.sflow_port)}
            for number, address in enumerate(monitoring.sflow_collectors, start=1)
        },
        "SFLOW_SESSION": sessions,
    }
