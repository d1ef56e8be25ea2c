"""Logs, telemetry and logins, by the way that the switch is managed by.

The gNMI server has NVUE's own certificate; one of the site's, and the authority of its clients, are imported on day 0, since
a configuration must not hold a key. The shared secret of TACACS+ is a marker, filled in on delivery.
https://docs.nvidia.com/networking-ethernet-software/cumulus-linux-513/Monitoring-and-Troubleshooting/
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.model.design import Login, Monitoring
from podwright.projection.spelling import marker
from podwright.targets.nvue.spelling import Node, members

PORT: Mapping[str, Node] = {"mgmt": {"interface": "eth0"}, "default": {}}
"""VRF -> how samples of packets get there."""


def monitoring_objects(monitoring: Monitoring | None, vrf: str) -> Node:
    """Branches of `system`; none where the blueprint says nothing."""
    if monitoring is None:
        return {}
    return {
        **_gnmi(monitoring),
        **_sflow(monitoring, vrf),
        **(
            {"syslog": {"server": {address: {"vrf": vrf} for address in monitoring.syslog}}}
            if monitoring.syslog
            else {}
        ),
    }


def login_objects(login: Login | None, vrf: str) -> Node:
    """People by TACACS+, and local accounts where no server answers. Lower numbers come first."""
    if login is None:
        return {}
    servers: Node = {
        address: {"port": login.port, "priority": place, "secret": marker(login.key)}
        for place, address in enumerate(login.servers, start=1)
    }
    order = {"1": members(["tacacs"]), "2": members(["local"])}
    return {"aaa": {"authentication-order": order, "tacacs": {"server": servers, "vrf": vrf}}}


def _gnmi(monitoring: Monitoring) -> Node:
    return {"gnmi-server": {"port": monitoring.gnmi_port, "state": "enabled"}} if monitoring.gnmi_port else {}


def _sflow(monitoring: Monitoring, vrf: str) -> Node:
    """Where no rate is written, NVUE's own are one packet in the speed of a port in Mb/s."""
    if not monitoring.sflow_collectors:
        return {}
    collectors: Node = {
        address: {**PORT[vrf], "port": monitoring.sflow_port} for address in monitoring.sflow_collectors
    }
    rate = {"sampling-rate": {"default": monitoring.sflow_sampling}} if monitoring.sflow_sampling else {}
    return {"sflow": {"collector": collectors, **rate, "state": "enabled"}}
