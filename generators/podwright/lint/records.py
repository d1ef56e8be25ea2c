"""What the files of a folder say, whoever wrote them: switches and hosts as far as a lossless class is concerned.

Only what a file says stands here. None, or an empty tuple, means that no file says it; a default that a platform would put
in its place is named where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec

from podwright.catalog import Asic
from podwright.catalog import Switch as Model
from podwright.design.headroom import Row

Value = TypeVar("Value")
Path = tuple[str, ...]


class Spot(msgspec.Struct, frozen=True):
    """Where something is said: a file of the folder, and the path of its JSON value or else the line (from 1)."""

    file: str
    path: Path = ()
    line: int = 0

    def at(self, *keys: str) -> Spot:
        """A place within this one."""
        return Spot(self.file, (*self.path, *keys), self.line)


class Said(NamedTuple, Generic[Value]):
    """A value, and where it is said."""

    value: Value
    spot: Spot


class Map(msgspec.Struct, frozen=True):
    """One of SONiC's maps between numbers, as DSCP to traffic class."""

    name: str
    values: Mapping[int, int]
    spot: Spot


class Pool(msgspec.Struct, frozen=True):
    """A buffer pool, in bytes. `xoff_bytes` is headroom that its priority groups share."""

    name: str
    direction: str
    size_bytes: int | None
    xoff_bytes: int | None
    spot: Spot


class Profile(msgspec.Struct, frozen=True):
    """A buffer profile, in bytes. Its threshold is an exponent of alpha (`dynamic_th`) or fixed (`static_th`)."""

    name: str
    pool: str
    size_bytes: int | None
    xoff_bytes: int | None
    xon_bytes: int | None
    dynamic_th: int | None
    static_th: int | None
    spot: Spot


class Curve(msgspec.Struct, frozen=True):
    """From `min_bytes` on a queue marks or drops, from `max_bytes` on with the full probability, in per cent."""

    min_bytes: int | None
    max_bytes: int | None
    probability: int | None


class Wred(msgspec.Struct, frozen=True):
    """A WRED profile: the curves of the colours that it is on for, and whether it marks packets or drops them."""

    name: str
    marks: bool
    curves: Mapping[str, Curve]
    spot: Spot


class Buffered(msgspec.Struct, frozen=True):
    """A priority group or a queue of a port. `profile` is None where `named` is computed by the switch, or is not there."""

    number: int
    named: str
    profile: Profile | None
    spot: Spot


class Queue(msgspec.Struct, frozen=True):
    """How a queue of a port is served; `strict` is None where no scheduler is named."""

    number: int
    wred: Wred | None
    strict: bool | None
    spot: Spot


class Watchdog(msgspec.Struct, frozen=True):
    """The PFC watchdog of a port, in ms."""

    action: str
    detection_ms: int | None
    restoration_ms: int | None
    spot: Spot


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a switch. Speeds are Mb/s, lengths metres, the MTU that of Ethernet payload as SONiC writes it.

    `peer` is the device and the port at the other end. `pfc` are the priorities that the port pauses, None where nothing
    is said; `guarded` those that the watchdog looks after. `missing` are rows of
    other tables that the port names and that are not there, as `DSCP_TO_TC_MAP AZURE`. `by_tag`: it goes by VLAN tags.
    """

    name: str
    spot: Spot
    alias: str = ""
    mbps: int | None = None
    lanes: tuple[int, ...] = ()
    mtu: int | None = None
    metres: float | None = None
    metres_spot: Spot | None = None
    up: bool = True
    peer: tuple[str, str] | None = None
    missing: tuple[Said[str], ...] = ()
    dscp_to_tc: Map | None = None
    by_tag: bool = False
    tc_to_group: Map | None = None
    tc_to_queue: Map | None = None
    priority_to_queue: Map | None = None
    priority_to_group: Map | None = None
    pfc: Said[tuple[int, ...]] | None = None
    guarded: tuple[int, ...] = ()
    groups: Mapping[int, Buffered] = {}
    queues: Mapping[int, Queue] = {}
    egress: Mapping[int, Buffered] = {}
    watchdog: Watchdog | None = None


class Overlay(msgspec.Struct, frozen=True):
    """A VNI of a tunnel, and the VLAN or VRF that it stands for."""

    vni: str
    kind: str
    name: str
    there: bool
    spot: Spot


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A BGP session over a port or bundle: what it marks routes with that it hears, and which marks it keeps back.

    `own_as` takes paths with the switch's own AS, `hides_as` takes AS numbers off the paths that it tells.
    """

    port: str
    own_as: bool = False
    hides_as: bool = False
    adds: tuple[str, ...] = ()
    withholds: tuple[str, ...] = ()


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """How a switch routes. `asn` is 0 where no file says it; `bundles` leads from a port to its port channel; `addresses` are
    (interface, address with its length); `statics`: it has static routes with next hops.
    """

    asn: int = 0
    sessions: tuple[Session, ...] = ()
    bundles: Mapping[str, str] = {}
    addresses: tuple[tuple[str, str], ...] = ()
    statics: bool = False


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A SONiC switch. `model` and `asic` are the catalogue's; `lookup` are the rows of its pg_profile_lookup.ini, None where
    the folder has none; `headroom_limits` what its ports may have in all, in bytes, as its STATE_DB says. `tells_buffers`
    is false where the file is cut down to other tables, `running` true where the buffers are those of APPL_DB. An `excerpt`
    does not say which maps its ports have: `taken` are those that were taken for every port. With an
    `over_subscribe_ratio` other than 0 priority groups of the dynamic buffer model share headroom. `port_modes` and
    `port_lanes` are those of its platform.json.
    """

    name: str
    spot: Spot
    platform: str = ""
    hwsku: str = ""
    model: Model | None = None
    asic: Asic | None = None
    voq: bool = False
    dynamic_buffers: bool = False
    tells_buffers: bool = True
    running: bool = False
    lossless_mtu: int | None = None
    small_packets: int | None = None
    over_subscribe_ratio: int | None = None
    poll_ms: int | None = None
    maps: tuple[Said[tuple[str, Map]], ...] = ()
    taken: tuple[str, ...] = ()
    excerpt: bool = False
    ports: Mapping[str, Port] = {}
    pools: Mapping[str, Pool] = {}
    profiles: Mapping[str, Profile] = {}
    overlays: tuple[Overlay, ...] = ()
    breakouts: Mapping[str, Said[str]] = {}
    lookup: tuple[Row, ...] | None = None
    lookup_file: str = ""
    headroom_limits: Mapping[str, int] = {}
    port_modes: Mapping[str, tuple[str, ...]] = {}
    port_lanes: Mapping[str, int] = {}
    routing: Routing = Routing()


class NicQos(msgspec.Struct, frozen=True, kw_only=True):
    """What a NIC does with marks: `trust` is dscp or pcp, `priorities` leads from DSCP to priority."""

    netdev: str
    spot: Spot
    trust: Said[str] | None = None
    priorities: Mapping[int, int] = {}
    pfc: Said[tuple[int, ...]] | None = None


class Mark(msgspec.Struct, frozen=True):
    """What a path of a host that can send marks its packets with: an IP traffic class, DSCP and two bits of ECN.

    `device` is empty where it is the mark of every NIC. `forced` marks replace those that applications ask for.
    """

    by: str
    device: str
    tclass: int
    spot: Spot
    forced: bool = False

    @property
    def dscp(self) -> int:
        return self.tclass >> 2

    @property
    def ect(self) -> bool:
        return bool(self.tclass & 3)


class Gid(msgspec.Struct, frozen=True):
    """An entry of an RDMA device's GID table; `version` is 1 or 2, `netdev` may be empty."""

    device: str
    port: int
    index: int
    address: str
    version: int
    netdev: str
    spot: Spot


class Nic(msgspec.Struct, frozen=True, kw_only=True):
    """A network device of a host. `addresses` are as `10.0.0.1/24`, `gpus` the numbers of those that are nearest to it."""

    netdev: str
    spot: Spot
    rdma: str = ""
    pci: str = ""
    mtu: int | None = None
    mbps: int | None = None
    addresses: tuple[str, ...] = ()
    gpus: tuple[int, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """A policy routing rule: from a source to a table."""

    source: str
    table: str
    spot: Spot


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host. `marks` are those of its NICs, `job` the variables of the job that runs on it.

    `cnp` is the DSCP, `cnp_priorities` the priority of congestion notifications of a NIC, `ecn_off` the priorities for which
    a NIC's congestion control is off, `rdma_mtu` the active MTU of RDMA devices in bytes. `rules` is None where no file has
    them.
    """

    name: str
    spot: Spot
    nics: Mapping[str, Nic] = {}
    qos: Mapping[str, NicQos] = {}
    marks: tuple[Mark, ...] = ()
    cnp: Mapping[str, Said[int]] = {}
    cnp_priorities: Mapping[str, Said[int]] = {}
    ecn_off: Mapping[str, Mapping[int, Said[bool]]] = {}
    gids: tuple[Gid, ...] = ()
    rdma_mtu: Mapping[str, Said[int]] = {}
    sysctl: Mapping[str, Said[str]] = {}
    rules: tuple[Rule, ...] | None = None
    job: Mapping[str, Said[str]] = {}


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of an operator that configures NICs: which PCI addresses or nodes it is for, and what it sets.

    `rails` are the PCI addresses of each rail, as the kernel writes them.
    """

    kind: str
    name: str
    spot: Spot
    namespace: str = ""
    pci: tuple[Said[str], ...] = ()
    rails: tuple[Said[tuple[str, ...]], ...] = ()
    roce_optimized: Said[bool] | None = None
    qos: Mapping[str, Said[str]] = {}
    parameters: Mapping[str, Said[str]] = {}


class Options(msgspec.Struct, frozen=True):
    """What the one who asks knows better than the files. `congested` priority groups at once, 0: all that there are."""

    congested: int = 0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that a folder says. `job` are the variables of the job where a file gives them for all hosts; `foreign` are files of
    switches whose system lint does not read, and the system's name.
    """

    switches: tuple[Switch, ...] = ()
    hosts: tuple[Host, ...] = ()
    templates: tuple[Template, ...] = ()
    job: Mapping[str, Said[str]] = {}
    foreign: tuple[Said[str], ...] = ()
    options: Options = Options()
