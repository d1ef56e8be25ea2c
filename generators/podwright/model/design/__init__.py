"""The one intermediate model: flat tables of plain records, everything decided."""

from __future__ import annotations

from typing import Literal

import msgspec

from podwright.model.design.cluster import Cluster, Grant, NicOperator, NodeLabel, PriorityClass, Quota, Tenant, Volume
from podwright.model.design.fabric import (
    Address,
    FabricPlan,
    Interface,
    Prefix,
    Router,
    Session,
    Sizing,
)
from podwright.model.design.facility import LinkClass, Placement, Rack
from podwright.model.design.hosts import (
    Access,
    Asset,
    Attachment,
    Description,
    HostRoute,
    Management,
    SourceRule,
)
from podwright.model.design.identity import Breakout, Device, Link, Port
from podwright.model.design.lossless import (
    BufferBudget,
    BufferProfile,
    ClassBinding,
    EcnProfile,
    TrafficClass,
)
from podwright.model.design.observability import Login, Monitoring
from podwright.model.design.overlay import Segment, Vrf, VrfMember
from podwright.model.design.security import FilterPoint, Flow, Membership, SecretPlace, SecurityPlan, Zone
from podwright.model.design.storage import Export, Mount, Store, StoreLoad


class PodFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to the pod as a whole. `init` is what starts daemons: systemd, or nothing in the twin's bare nodes."""

    name: str
    description: str
    domain: str
    dns: tuple[str, ...]
    ntp: tuple[str, ...]
    slots: int
    management_user: str
    management_port: int
    python: str
    init: Literal["systemd", "none"] = "systemd"


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """Every table of a pod, each in a stable order. A record's `origin` is the key path in the blueprint behind it."""

    pod: PodFacts
    fabrics: tuple[FabricPlan, ...] = ()
    sizings: tuple[Sizing, ...] = ()
    devices: tuple[Device, ...] = ()
    ports: tuple[Port, ...] = ()
    breakouts: tuple[Breakout, ...] = ()
    links: tuple[Link, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    addresses: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    host_routes: tuple[HostRoute, ...] = ()
    source_rules: tuple[SourceRule, ...] = ()
    routers: tuple[Router, ...] = ()
    sessions: tuple[Session, ...] = ()
    vrfs: tuple[Vrf, ...] = ()
    segments: tuple[Segment, ...] = ()
    vrf_members: tuple[VrfMember, ...] = ()
    classes: tuple[TrafficClass, ...] = ()
    bindings: tuple[ClassBinding, ...] = ()
    buffers: tuple[BufferProfile, ...] = ()
    ecn_profiles: tuple[EcnProfile, ...] = ()
    buffer_budgets: tuple[BufferBudget, ...] = ()
    management: tuple[Management, ...] = ()
    accesses: tuple[Access, ...] = ()
    monitorings: tuple[Monitoring, ...] = ()
    logins: tuple[Login, ...] = ()
    descriptions: tuple[Description, ...] = ()
    assets: tuple[Asset, ...] = ()
    security_plans: tuple[SecurityPlan, ...] = ()
    zones: tuple[Zone, ...] = ()
    memberships: tuple[Membership, ...] = ()
    flows: tuple[Flow, ...] = ()
    filter_points: tuple[FilterPoint, ...] = ()
    secrets: tuple[SecretPlace, ...] = ()
    racks: tuple[Rack, ...] = ()
    placements: tuple[Placement, ...] = ()
    link_classes: tuple[LinkClass, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    nic_operators: tuple[NicOperator, ...] = ()
    priority_classes: tuple[PriorityClass, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    quotas: tuple[Quota, ...] = ()
    grants: tuple[Grant, ...] = ()
    volumes: tuple[Volume, ...] = ()
    node_labels: tuple[NodeLabel, ...] = ()
    stores: tuple[Store, ...] = ()
    exports: tuple[Export, ...] = ()
    mounts: tuple[Mount, ...] = ()
    store_loads: tuple[StoreLoad, ...] = ()


__all__ = [
    "Access",
    "Address",
    "Asset",
    "Attachment",
    "Breakout",
    "BufferBudget",
    "BufferProfile",
    "ClassBinding",
    "Cluster",
    "Description",
    "Design",
    "Device",
    "EcnProfile",
    "Export",
    "FabricPlan",
    "FilterPoint",
    "Flow",
    "Grant",
    "HostRoute",
    "Interface",
    "Link",
    "LinkClass",
    "Login",
    "Management",
    "Membership",
    "Monitoring",
    "Mount",
    "NicOperator",
    "NodeLabel",
    "Placement",
    "PodFacts",
    "Port",
    "Prefix",
    "PriorityClass",
    "Quota",
    "Rack",
    "Router",
    "SecretPlace",
    "SecurityPlan",
    "Segment",
    "Session",
    "Sizing",
    "SourceRule",
    "Store",
    "StoreLoad",
    "Tenant",
    "TrafficClass",
    "Volume",
    "Vrf",
    "VrfMember",
    "Zone",
]
