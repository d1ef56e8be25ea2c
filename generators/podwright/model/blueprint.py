"""The typed mirror of what a person wrote. One struct a section; keys and titles are schemas/blueprint.schema.json's.

A value that is None was not written; the design decides it and `podwright design --show-defaults` shows it.
Addresses, prefixes and speeds stay strings here, exactly as typed; the design parses them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["compute", "frontend", "storage", "management"]
Topology = Literal["single", "leaf-spine", "rail-optimised", "tree"]
Purpose = Literal["compute", "control", "storage", "login", "service"]
Workload = Literal["training", "inference", "rag"]
PodSecurity = Literal["privileged", "baseline", "restricted"]
TenantRole = Literal["admin", "edit", "view"]


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What surrounds the pod: DNS domain, resolvers, time servers (addresses)."""

    domain: str
    dns: tuple[str, ...] = ()
    ntp: tuple[str, ...] = ()


class Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The grid: every scalable unit has `slots` slots. Fixed for the life of the pod."""

    slots: int


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in the grid; units and slots count from 1."""

    unit: int
    slot: int


class Servers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of equal servers: a run of `count` slots from `at` on, wrapping into the next unit.

    `absent` names holes: positions inside the run where no server stands (they count in the run, not in `count`).
    """

    model: str
    count: int
    at: Position
    purpose: Purpose | None = None
    workload: Workload | None = None
    absent: tuple[Position, ...] = ()


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`slots`: how many consecutive slots of a unit one leaf (or one pair) serves; all of them unless written."""

    model: str
    nos: str
    slots: int | None = None


class Spine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count`: spines of a plane; the smallest number that fits and splits each leaf's uplinks evenly unless written."""

    model: str
    nos: str
    count: int | None = None


class VaultKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key of a secret in a key-value store (version 2) of HashiCorp Vault."""

    path: str
    key: str


class SopsKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key at the top of a YAML file that SOPS has encrypted."""

    file: str
    key: str


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is found when the pod is applied: exactly one of these is written, and never the secret itself."""

    env: str | None = None
    file: str | None = None
    vault: VaultKey | None = None
    sops: SopsKey | None = None


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A router beyond the pod: its AS and one /31 a link, which has the lower address for the router, the higher for the
    pod. `peers6` gives the same links their /127, in the same order; without it the router speaks IPv4 only. `password`
    authenticates the sessions (TCP-MD5, RFC 2385). `tenant` names whose routes it exchanges; the fabric's own unless written.
    """

    asn: int
    peers: tuple[str, ...]
    peers6: tuple[str, ...] = ()
    password: Secret | None = None
    tenant: str | None = None


class FabricTenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose servers reach each other in a fabric, and nobody else's: groups of servers with routing tables of their own.

    `id` is carried for life: VLANs and VNIs are computed from it. `bridged`: the NICs of a rail are one subnet, whatever
    leaf they are on, in place of a routed link each.
    """

    id: int
    servers: tuple[str, ...]
    bridged: bool = False


class Bfd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Timers in milliseconds; a neighbour is lost after `interval_ms` x `multiplier`."""

    interval_ms: int = 300
    multiplier: int = 3


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What routed fabrics take where they say nothing themselves. `bfd` counts as a whole, as it does in a fabric."""

    mtu: int | None = None
    bfd: Bfd | None = None


class LinkSpeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Speed of the links of a fabric by what they carry, as 1G, 100G, 400G, ..."""

    compute: str | None = None
    frontend: str | None = None
    storage: str | None = None
    management: str | None = None
    uplink: str | None = None


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Widths, in bits, of the fields of an address, most significant first. A pod keeps them for life."""

    plane: int | None = None
    rail: int | None = None
    unit: int | None = None
    slot: int | None = None
    host: int | None = None


class Fabric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One network of the pod. `carries` names the NIC roles it takes; a role is carried by one fabric."""

    carries: tuple[Role, ...]
    topology: Topology
    leaf: Leaf
    pool: str
    spine: Spine | None = None
    planes: int = 1
    rails: int | None = None
    homes: int | None = None
    planned_units: int | None = None
    link_speed: LinkSpeed = LinkSpeed()
    oversubscription: float = 1.0
    pool6: str | None = None
    host_pool: str | None = None
    host_pool6: str | None = None
    underlay: Literal["unnumbered", "numbered"] = "unnumbered"
    link_pool: str | None = None
    layout: Layout = Layout()
    asn: int = 4200000000
    mtu: int | None = None
    bfd: Bfd | None = None
    outside: dict[str, Outside] = {}
    lossless: str | None = None
    tenants: dict[str, FabricTenant] = {}
    vni_base: int = 10000


class Cnp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How congestion notifications are marked, and the traffic class that carries them."""

    dscp: int = 48
    traffic_class: int = 6


class EcnThresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Queue lengths in bytes at which marking begins and is complete; without tier or speed on all ports."""

    min_bytes: int
    max_bytes: int
    tier: Literal["leaf", "spine"] | None = None
    speed: str | None = None
    probability: int = 100


class PfcWatchdog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a queue that is kept paused too long; times in milliseconds."""

    detection_ms: int = 200
    restoration_ms: int | None = None
    poll_ms: int = 200
    action: Literal["drop", "forward", "alert", "none"] = "drop"


class MeasuredHeadroom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Headroom in place of the computed one, on ports of a model, a speed, and cables of at most so many metres."""

    xoff_bytes: int
    xon_bytes: int
    size_bytes: int
    model: str | None = None
    speed: str | None = None
    metres: int | None = None


class LosslessClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lossless class: how RoCE packets are marked (DSCP), the PFC priority that carries them, and their buffers."""

    dscp: int = 26
    priority: int = 3
    traffic_class: int | None = None
    udp_port: int = 4791
    cnp: Cnp = Cnp()
    packet_bytes: int = 4096
    small_packets: int = 50
    bandwidth: int = 50
    dynamic_threshold: int = 0
    congested_groups: int | None = None
    ecn: tuple[EcnThresholds, ...] = ()
    watchdog: PfcWatchdog = PfcWatchdog()
    measured: tuple[MeasuredHeadroom, ...] = ()


BUILT_IN_LOSSLESS = {"rocev2": LosslessClass()}
"""Classes that a fabric may name without the blueprint defining them."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Destination ports of a service; `ping` is ICMP echo."""

    tcp: tuple[int, ...] = ()
    udp: tuple[int, ...] = ()
    ping: bool = False


class Allow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Members of zone `from_` may use services of the members of zone `to`."""

    from_: str
    to: str
    service: str | tuple[str, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The services, be it one or a list that is written."""
        return (self.service,) if isinstance(self.service, str) else self.service


class ZonePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Servers of `groups` by their addresses on `fabrics`, which is all groups, or all fabrics, where one is not written."""

    groups: tuple[str, ...] | None = None
    fabrics: tuple[str, ...] | None = None


class PublicFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of public keys that is read when the pod is applied."""

    file: str


class Ssh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How SSH on servers knows people: by certificates of an authority, or by keys; never by passwords."""

    trusted_ca: PublicFile | None = None
    authorized_keys: tuple[PublicFile, ...] = ()


class Security(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Zones, and what may pass between them; everything else is denied. Members of a zone are groups of servers, fabrics
    and parts of them, or routers outside, or networks outside. Inside a zone everything may pass, unless the zone is `isolated`.
    """

    zones: dict[str, tuple[str | ZonePart, ...]]
    isolated: tuple[str, ...] = ()
    services: dict[str, Service] = {}
    allow: tuple[Allow, ...] = ()
    administrators: tuple[str, ...] = ()
    rollback_seconds: int = 60
    ssh: Ssh | None = None


class Gnmi(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The TCP port of the switches' gNMI servers."""

    port: int = 50051


class Sflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets samples of packets, one in `sampling`; None is the speed of the port in Mb/s."""

    collectors: tuple[str, ...]
    port: int = 6343
    sampling: int | None = None


class Observability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where switches send what they notice, and by what they are asked."""

    syslog: tuple[str, ...] = ()
    gnmi: Gnmi | None = None
    sflow: Sflow | None = None


class Tacacs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who tells switches that a person may log in; `secret` is shared with the servers."""

    servers: tuple[str, ...]
    secret: Secret
    port: int = 49


class Management(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the pod's devices are reached for configuration after day 0: SSH as `user` with `python`.

    `tacacs` is for people, on switches.
    """

    user: str = "admin"
    python: str = "/usr/bin/python3"
    port: int = 22
    tacacs: Tacacs | None = None


class AccessOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How some devices are reached, where it is not as all are. A key that is not written stays as it was."""

    user: str | None = None
    python: str | None = None


class InterfaceOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs at one interface: whether BFD watches its BGP session, the IP MTU of its cable, what it is called."""

    watch_by_bfd: bool | None = None
    mtu: int | None = None
    description: str | None = None


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs for all devices of an operating system, a role or a group."""

    management: AccessOverride = AccessOverride()
    watch_by_bfd: bool | None = None


class DeviceOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs for one device, and at its interfaces by the name its operating system gives them."""

    management: AccessOverride = AccessOverride()
    watch_by_bfd: bool | None = None
    interfaces: dict[str, InterfaceOverride] = {}


class Overrides(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs for some devices; of two that speak of one value the narrower decides: systems, roles, groups, devices."""

    systems: dict[str, Override] = {}
    roles: dict[str, Override] = {}
    groups: dict[str, Override] = {}
    devices: dict[str, DeviceOverride] = {}


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's own name templates; fields: {fabric} {group} {unit} {slot} {rail} {plane} {number}."""

    leaf: str | None = None
    rail_leaf: str | None = None
    spine: str | None = None
    server: str | None = None
    outside: str | None = None


class Racks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`height` in rack units; `slots`: how many consecutive slots of a unit share a rack, each with its share of it."""

    height: int = 42
    slots: int = 4


class Lengths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lengths in metres to buy cables in: server to leaf, leaf to spine or root, to a router outside, management port."""

    server: int = 15
    uplink: int = 30
    outside: int = 30
    management: int = 15


class Facility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The room that the pod stands in."""

    racks: Racks = Racks()
    lengths: Lengths = Lengths()


class Asset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only the delivery note knows of one device. MACs are written quoted, as 0c:42:a1:00:00:01."""

    serial: str | None = None
    mac: str | None = None
    bmc_mac: str | None = None
    bmc_address: str | None = None


class ExternalStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A filer beyond the pod: addresses that all lead to the same files."""

    addresses: tuple[str, ...]


class StoreTargets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a GPU asks of the store, in MB/s (10^6 bytes); by the group's workload unless written."""

    read_mb_s: float | None = None
    write_mb_s: float | None = None


class StoreBandwidth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the store gives in all, measured or promised, in GB/s (10^9 bytes); what its ports carry unless written."""

    read_gb_s: float | None = None
    write_gb_s: float | None = None


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Checkpoints of the largest model that is trained: 10^9 parameters, bytes of each, how often one is written.

    `most_percent` is the share of the interval that writing may take.
    """

    parameters_billion: float
    bytes_per_parameter: float = 14.0
    every_minutes: int = 60
    most_percent: float = 5.0


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files that groups of servers mount from a fabric: those of `servers`, a group of the pod, or of one `external`.

    `mount` gives each group the folder where it has them.
    """

    kind: Literal["nfs"]
    fabric: str
    export: str
    mount: dict[str, str]
    servers: str | None = None
    external: ExternalStore | None = None
    connections: int = 8
    targets: StoreTargets = StoreTargets()
    bandwidth: StoreBandwidth = StoreBandwidth()
    checkpoint: Checkpoint | None = None


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where something is found that a blueprint never holds: an environment variable, or a file. Exactly one is written."""

    env: str | None = None
    file: str | None = None


class NodeLabels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The label key of each fact that nodes tell about their place."""

    nvlink_domain: str = "network.topology.nvidia.com/accelerator"
    leaf: str = "network.topology.nvidia.com/leaf"
    fabric: str = "network.topology.nvidia.com/spine"
    unit: str = "feature.node.kubernetes.io/pod-unit"
    rack: str = "feature.node.kubernetes.io/pod-rack"
    group: str = "feature.node.kubernetes.io/pod-group"


class NicOperator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """NVIDIA's network operator gives NICs of the rails to pods. Its images come from `repository`, tagged `version`.

    `namespace` is where the operator runs.
    """

    repository: str
    version: str
    namespace: str = "nvidia-network-operator"


class Priority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A priority class: the higher `value` is scheduled first; one that `preempts` ends lower ones to get their place."""

    value: int
    preempts: bool = True


BUILT_IN_PRIORITIES = {
    "batch": Priority(value=1000, preempts=False),
    "normal": Priority(value=10000),
    "urgent": Priority(value=100000),
}
"""The priority classes of a cluster whose blueprint writes none."""


class Container(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a container of a tenant requests that says nothing: cores, and GiB of memory."""

    cpus: int = 1
    memory_gib: int = 4


class Tenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who shares the cluster: one namespace, what may be used in it, who may use it.

    `id` numbers the tenant for life. `groups` and `users` give names that the cluster's identity provider knows a role.
    A quota that is not written does not limit; `priorities` are the classes that pods may have, all unless written.
    `mounts` names stores that its pods may mount.
    """

    id: int
    namespace: str | None = None
    gpus: int | None = None
    cpus: int | None = None
    memory_gib: int | None = None
    pods: int | None = None
    container: Container = Container()
    pod_security: PodSecurity = "baseline"
    priorities: tuple[str, ...] | None = None
    mounts: tuple[str, ...] = ()
    groups: dict[str, TenantRole] = {}
    users: dict[str, TenantRole] = {}


class Kubernetes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An existing cluster on servers of the pod, and the tenants that share it.

    `pods` and `services` are the ranges that the cluster was set up with; each node has a /`node_prefix` of `pods`.
    """

    version: str
    workers: tuple[str, ...]
    pods: str
    services: str
    control_plane: str | None = None
    node_prefix: int = 24
    kubeconfig: Reference | None = None
    context: str | None = None
    gpu_resource: str | None = None
    nic_operator: NicOperator | None = None
    labels: NodeLabels = NodeLabels()
    priorities: dict[str, Priority] = {}
    tenants: dict[str, Tenant] = {}


class Blueprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole pod as written. `podwright` is the version of the blueprint's language.

    `extends` is the file over which this one was laid; what stands here is the two together. `catalog` is the folder of
    the user's own entries, from that of the file which says it.
    """

    podwright: int
    name: str
    site: Site
    units: Units
    servers: dict[str, Servers]
    fabrics: dict[str, Fabric]
    extends: str | None = None
    catalog: str | None = None
    description: str = ""
    lossless: dict[str, LosslessClass] = {}
    security: Security | None = None
    management: Management = Management()
    observability: Observability | None = None
    defaults: Defaults = Defaults()
    overrides: Overrides = Overrides()
    names: Names = Names()
    facility: Facility = Facility()
    storage: dict[str, Store] = {}
    kubernetes: Kubernetes | None = None
    assets: dict[str, Asset] = {}
