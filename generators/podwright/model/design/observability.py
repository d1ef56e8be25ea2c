"""What switches tell of themselves, and how they know people."""

from __future__ import annotations

import msgspec


class Monitoring(msgspec.Struct, frozen=True, kw_only=True):
    """Where switches send their logs and samples of packets, and the port of their gNMI servers; 0 is none.

    One packet in `sflow_sampling` is sampled; 0 is the speed of each port in Mb/s, SONiC's own default.
    """

    syslog: tuple[str, ...]
    gnmi_port: int
    sflow_collectors: tuple[str, ...]
    sflow_port: int
    sflow_sampling: int
    origin: str


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The TACACS+ servers (RFC 8907) that know the people who may log in to switches; `key` names the shared secret."""

    servers: tuple[str, ...]
    port: int
    key: str
    origin: str
