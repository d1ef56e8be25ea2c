"""Who may talk to whom: zones, the flows between them, and where they are enforced."""

from __future__ import annotations

from typing import Literal

import msgspec

ZoneKind = Literal["servers", "outside", "networks", "pod", "anyone"]
Protocol = Literal["tcp", "udp", "ping", "neighbours", "errors"]


class SecurityPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the section `security` says as a whole. Paths are relative to `podwright_files`, or absolute."""

    rollback_seconds: int
    trusted_ca: str = ""
    authorized_keys: tuple[str, ...] = ()
    origin: str


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A set of addresses that rules treat alike.

    `kind` tells what it is made of: `servers` (and what else is on an out-of-band network), a router `outside` with
    everything behind it, `networks` beyond the pod, or a part of the pod itself that implied flows need (`pod`; its name
    holds a dot, as no written one does). `anyone` is every address. `members` says in words what the zone holds. Prefixes
    are the shortest that hold no address of another zone, IPv4 before IPv6.
    """

    name: str
    kind: ZoneKind
    members: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    isolated: bool = False
    origin: str


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """Servers of `group` are in `zone` by their addresses on `fabric`, because of the member of a zone at `origin`.

    An empty `group` is what is no server: on a fabric that bridges, the management ports of switches.
    """

    zone: str
    group: str
    fabric: str
    origin: str


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of zone `source` may open `protocol` to `ports` of zone `target`; answers come back by themselves.

    `ping` is ICMP echo, `neighbours` IPv6 neighbour discovery, `errors` the ICMP messages about lost packets.
    `implied_by` says what needs a flow that nobody wrote.
    """

    source: str
    target: str
    service: str
    protocol: Protocol
    ports: tuple[int, ...] = ()
    implied_by: str = ""
    origin: str


class FilterPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What comes in by `interface` is filtered as coming from `zone`; empty where its server is in none.

    `side` is `switch` for a port that a server or a router outside is cabled to, `host` for a server as a whole
    (`interface` is empty), which also filters what it sends; a server has one for each of its zones.
    """

    device: str
    interface: str
    side: Literal["switch", "host"]
    zone: str


class SecretPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the secret `name` is found when the pod is applied: an environment variable, or a file or path and a key.

    `name` is the key path in the blueprint that refers to it.
    """

    name: str
    kind: Literal["env", "file", "vault", "sops"]
    place: str
    key: str = ""
    origin: str
