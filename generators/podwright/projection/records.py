"""Vendor-neutral configuration of one device: all that a target reads.

The records are shaped for three readers at once: SONiC's tables, FRR's statements, and the table in
docs/targets/fields.md that gives each field's statement in EOS, NVUE, NX-OS and Junos. So policies are named lists of
match and set, neighbours say what they are for, and a number is given once, in the unit of its name.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from podwright.model.design import (
    Access,
    Breakout,
    BufferProfile,
    EcnProfile,
    Export,
    FabricPlan,
    Flow,
    LinkClass,
    Login,
    Monitoring,
    Placement,
    Prefix,
    Rack,
    SecretPlace,
    SecurityPlan,
    Segment,
    Sizing,
    Store,
    TrafficClass,
    Vrf,
    VrfMember,
    Zone,
)
from podwright.projection.cluster_records import ClusterConfig
from podwright.projection.host_records import CollectivesConfig, HostQos
from podwright.projection.overlay_records import OverlayConfig


class PortConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A front-panel port. `linux` is the name where the NOS's own can't be a Linux interface; else equal to `name`.

    `edge`: no switch of the same fabric is at its other end. `adaptive`: packets of the lossless class may leave by any of
    the equal paths as their load is, since the ASIC can choose so at this speed.
    """

    name: str
    linux: str
    alias: str
    cage: int
    lanes: tuple[int, ...]
    gbps: int
    fec: Literal["rs", "none"]
    mtu: int
    description: str
    peer_device: str
    peer_port: str
    edge: bool
    adaptive: bool


class BreakoutConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a cage is split: `mode` as `2x400G`, named by its first port.

    `platform_mode` is the same mode as the switch's platform spells it, empty where the catalogue does not know that.
    """

    port: str
    mode: str
    platform_mode: str


class InterfaceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A routed interface: a port, a loopback or a bridge (`members`). Addresses carry their prefix length.

    `vrf` is the tenant whose routing table it is in, empty for the switch's own.
    """

    name: str
    linux: str
    kind: Literal["port", "loopback", "bridge", "management"]
    mtu: int
    addresses: tuple[str, ...]
    unnumbered: bool
    description: str
    members: tuple[str, ...] = ()
    vlan: int = 0
    vrf: str = ""


class PrefixMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A prefix, and the lengths of the routes in it that match; 0 is the prefix's own length."""

    prefix: str
    min_length: int = 0
    max_length: int = 0


class PrefixSet(msgspec.Struct, frozen=True, kw_only=True):
    """Prefixes of one address family, `family` 4 or 6. An empty set matches nothing."""

    name: str
    family: int
    entries: tuple[PrefixMatch, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a policy: where all that is named matches, act. Empty names match everything."""

    action: Literal["permit", "deny"]
    prefix_set: str = ""
    prefix_set6: str = ""
    community: str = ""
    add_community: str = ""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Statements in order; what none of them permits is denied. A statement with a prefix set of each family means either."""

    name: str
    statements: tuple[Statement, ...]


class Neighbor(msgspec.Struct, frozen=True, kw_only=True):
    """A BGP neighbour: by `interface` (unnumbered), or by `address` (and `address6`).

    `password` names the secret that authenticates it, empty where nothing does.
    `bfd` names its timers, empty where the session is not watched; `ipv6` tells whether its fabric speaks IPv6.
    `evpn_import` and `evpn_export` are policies of tenants' routes, empty where the session carries none.
    """

    interface: str
    linux: str
    address: str
    address6: str
    remote_asn: int
    device: str
    use: Literal["spine", "leaf", "host", "outside", "pod"]
    import_policy: str
    export_policy: str
    password: str
    bfd: str
    ipv6: bool
    evpn_import: str = ""
    evpn_export: str = ""


class BfdTimers(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a fabric notices a lost neighbour: after `interval_ms` x `multiplier`."""

    name: str
    interval_ms: int
    multiplier: int


class SourceChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Packets along routes in these sets leave with this address of the loopback; empty where a family is not spoken."""

    prefix_set: str
    address: str
    prefix_set6: str = ""
    address6: str = ""


class VrfRouting(msgspec.Struct, frozen=True, kw_only=True):
    """The routes of one tenant: as in Bgp, of which policies and sets are. Details of the tenant are in OverlayConfig."""

    vrf: str
    networks: tuple[str, ...]
    aggregates: tuple[str, ...]
    neighbors: tuple[Neighbor, ...]


class Bgp(msgspec.Struct, frozen=True, kw_only=True):
    """A BGP speaker. `networks` are originated as they stand; `aggregates` by a discard route of their own.

    `sources` are a server's, which has other addresses than those of its loopback. `neighbors` are those of the device's
    own routing table, and each tenant has its own in `vrfs`.
    """

    asn: int
    router_id: str
    max_paths: int
    networks: tuple[str, ...]
    aggregates: tuple[str, ...]
    neighbors: tuple[Neighbor, ...]
    prefix_sets: tuple[PrefixSet, ...]
    communities: tuple[tuple[str, str], ...]
    policies: tuple[Policy, ...]
    sources: tuple[SourceChoice, ...]
    bfd: tuple[BfdTimers, ...]
    ipv6: bool
    vrfs: tuple[VrfRouting, ...] = ()


class MarkClass(msgspec.Struct, frozen=True, kw_only=True):
    """The lossless class on a server: UDP `udp_port` marked `dscp`, carried on `priority`, on these interfaces."""

    name: str
    dscp: int
    priority: int
    udp_port: int
    interfaces: tuple[str, ...]


class QueueConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An egress queue: what is in it, and how it is served. `weight` is its per cent of a port where `strict` is not set."""

    number: int
    use: Literal["default", "lossless", "notifications"]
    strict: bool
    weight: int


class LosslessPort(msgspec.Struct, frozen=True, kw_only=True):
    """A port that carries the lossless class: the names of its profiles, and how long its cable is."""

    name: str
    linux: str
    metres: int
    buffer: str
    ecn: str


class SwitchQos(msgspec.Struct, frozen=True, kw_only=True):
    """The lossless class on a switch.

    `dscp_to_tc` has all 64 values, `tc_to_group` and `tc_to_queue` all 8 traffic classes; priorities of PFC are numbers of
    groups by `priority_to_group` and of queues by `priority_to_queue`. Port profiles are in `buffers` and `ecn` by name.
    `pool_bytes` and `headroom_pool_bytes` are what the ASIC gives to lossless traffic and to headroom alone; 0 is unknown.
    `shared_bytes` is what the former has beside that which the ports set aside, `shared_percent` the part of it that is there
    for what may pause. `headroom_bytes` is what all ports have alike where the system knows one headroom a switch; else 0.
    """

    traffic_class: TrafficClass
    asic: str
    dscp_to_tc: tuple[int, ...]
    tc_to_group: tuple[int, ...]
    tc_to_queue: tuple[int, ...]
    priority_to_group: dict[int, int]
    priority_to_queue: dict[int, int]
    queues: tuple[QueueConfig, ...]
    ports: tuple[LosslessPort, ...]
    buffers: tuple[BufferProfile, ...]
    ecn: tuple[EcnProfile, ...]
    pool_bytes: int
    shared_bytes: int
    shared_percent: int
    headroom_bytes: int
    headroom_pool_bytes: int


Family = Literal[4, 6]


class FilterRule(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about packets of one address family; empty `sources`, `targets` and `protocol` match everything.

    `ports` are destination ports, or where `answer` is set source ports: an answer is a TCP segment of an open
    connection (ACK or RST), a UDP packet, or an echo reply. `icmp_types` are numbers of the family (RFC 792, RFC 4443). `note`
    says which flow is meant.
    """

    action: Literal["permit", "deny"]
    family: Family
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    protocol: Literal["tcp", "udp", "icmp", ""] = ""
    ports: tuple[int, ...] = ()
    icmp_types: tuple[int, ...] = ()
    answer: bool = False
    note: str = ""


class PortFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What may come in by some ports of a switch, whatever it is for; what no rule permits is dropped.

    It knows no connections: equal paths are asymmetric, and an ASIC keeps no state. `name` is the zone behind the ports.
    `linux` are the ports' names in Linux.
    """

    name: str
    interfaces: tuple[str, ...]
    linux: tuple[str, ...]
    rules: tuple[FilterRule, ...]


class HostFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What may come in and go out by the designed interfaces of a server; answers of open connections always may."""

    zones: tuple[str, ...]
    interfaces: tuple[str, ...]
    incoming: tuple[FilterRule, ...]
    outgoing: tuple[FilterRule, ...]


class SshConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How SSH knows people: files of an authority's public key and of public keys that may log in as `user`."""

    user: str
    trusted_ca: str
    authorized_keys: tuple[str, ...]


class ManagementConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The management port. `address` has its prefix length; `pool` is all that lies behind `gateway`."""

    interface: str
    address: str
    gateway: str
    pool: str


class SwitchConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All that a switch's target reads. `routed` tells a router from a plain bridge.

    `load_balancing` is how it chooses among equal paths: by a hash of the packet alone, or `dynamic`, by how loaded they are.
    """

    name: str
    domain: str
    role: str
    fabric: str
    failure_domain: str
    model: str
    nos: str
    platform: str
    hwsku: str
    mac: str
    serial: str
    dns: tuple[str, ...]
    ntp: tuple[str, ...]
    management: ManagementConfig | None
    ports: tuple[PortConfig, ...]
    breakouts: tuple[BreakoutConfig, ...]
    interfaces: tuple[InterfaceConfig, ...]
    bgp: Bgp | None
    overlay: OverlayConfig | None
    qos: SwitchQos | None
    load_balancing: Literal["hash", "dynamic"]
    monitoring: Monitoring | None
    login: Login | None
    filters: tuple[PortFilter, ...]
    routed: bool


class HostInterface(msgspec.Struct, frozen=True, kw_only=True):
    """A NIC port of a server under its designed name; `pci` keys the name, empty in the twin and on loopbacks.

    `nic` is the model of the NIC.
    """

    name: str
    pci: str
    mac: str
    role: str
    rail: int
    plane: int
    mtu: int
    addresses: tuple[str, ...]
    configured: bool
    gbps: int
    peer_device: str
    peer_port: str
    description: str
    nic: str


class RouteConfig(msgspec.Struct, frozen=True, kw_only=True):
    table: int
    prefix: str
    via: str
    interface: str
    source: str


class RuleConfig(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    table: int


class ExportConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that the server gives to `clients` (prefixes), at its `address` in the fabric that files travel on."""

    path: str
    address: str
    clients: tuple[str, ...]


class MountConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The folder `export` at `address`, mounted at `path` by that version of NFS over so many TCP connections."""

    address: str
    export: str
    path: str
    version: str
    connections: int


class HostConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All that a server's target reads. `labels` are those of its node, where it is one of a Kubernetes cluster.

    `cluster_node`: it is one of a Kubernetes cluster, whose network plugin decides what it forwards for pods.

    `classes` is what its kernel marks, `qos` what its NICs do, of the same lossless classes. `peer_to_peer` tells that its
    NICs read and write memory of GPUs.
    """

    name: str
    domain: str
    group: str
    purpose: str
    failure_domain: str
    model: str
    nos: str
    serial: str
    dns: tuple[str, ...]
    ntp: tuple[str, ...]
    management: ManagementConfig | None
    bmc: str
    interfaces: tuple[HostInterface, ...]
    loopbacks: tuple[str, ...]
    routes: tuple[RouteConfig, ...]
    rules: tuple[RuleConfig, ...]
    bgp: Bgp | None
    classes: tuple[MarkClass, ...]
    qos: tuple[HostQos, ...]
    collectives: CollectivesConfig | None
    peer_to_peer: bool
    cluster_node: bool
    exports: tuple[ExportConfig, ...]
    mounts: tuple[MountConfig, ...]
    labels: dict[str, str]
    filter: HostFilter | None
    ssh: SshConfig | None


class DeviceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What inventories and pictures say of a device: where it stands, how it is reached, which groups it is in.

    `unit` 0 is the network row; `rail` is -1 where none applies. `groups` are inventory groups.
    `access` is how it is reached where that is not as all are.
    """

    name: str
    kind: Literal["switch", "server", "outside"]
    tier: Literal["leaf", "spine", "root", "host", "outside"]
    role: str
    group: str
    fabric: str
    plane: int
    unit: int
    slot: int
    rail: int
    number: int
    model: str
    nos: str
    failure_domain: str
    address: str
    bmc: str
    loopbacks: tuple[str, ...]
    asn: int
    serial: str
    groups: tuple[str, ...]
    access: Access | None = None


class Cable(msgspec.Struct, frozen=True, kw_only=True):
    """A cable; `a` is the lower end. `*_linux` are the ports' names in the twin.

    `medium` is the catalogue's name of what it is made of, `metres` the length that it is bought in; empty and 0 in the
    twin, which has no room to stand in.
    """

    a_device: str
    a_port: str
    a_linux: str
    b_device: str
    b_port: str
    b_linux: str
    fabric: str
    use: Literal["host", "fabric", "outside", "management"]
    gbps: int
    mtu: int
    label: str
    medium: str
    metres: int


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue says of a model that the pod has. Watts of 0 are not published."""

    name: str
    kind: Literal["switch", "server"]
    title: str
    vendor: str
    rack_units: int
    max_watts: int
    gpus: int
    gpu_model: str


class PodConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All of a pod as targets see it, devices in order of name.

    `fabrics`, `sizings`, `prefixes`, `breakouts`, `racks`, `placements`, `link_classes`, `stores`, `exports`, `vrfs`,
    `segments` and `vrf_members` are the design's own records; `models` has the catalogue's facts on the models of the pod,
    `media` titles of the cables by their names.

    `init` is `none` in the twin: its nodes are bare, packages are there, and daemons are started without systemd.
    """

    pod: str
    description: str
    domain: str
    user: str
    python: str
    port: int
    init: Literal["systemd", "none"]
    entries: tuple[DeviceEntry, ...]
    switches: tuple[SwitchConfig, ...]
    hosts: tuple[HostConfig, ...]
    outsides: tuple[SwitchConfig, ...]
    cables: tuple[Cable, ...]
    fabrics: tuple[FabricPlan, ...]
    sizings: tuple[Sizing, ...]
    prefixes: tuple[Prefix, ...]
    security: SecurityPlan | None
    ssh: SshConfig | None
    zones: tuple[Zone, ...]
    flows: tuple[Flow, ...]
    secrets: tuple[SecretPlace, ...]
    breakouts: tuple[Breakout, ...]
    racks: tuple[Rack, ...]
    placements: tuple[Placement, ...]
    link_classes: tuple[LinkClass, ...]
    stores: tuple[Store, ...]
    exports: tuple[Export, ...]
    vrfs: tuple[Vrf, ...]
    segments: tuple[Segment, ...]
    vrf_members: tuple[VrfMember, ...]
    models: tuple[ModelEntry, ...]
    media: dict[str, str]
    cluster: ClusterConfig | None
