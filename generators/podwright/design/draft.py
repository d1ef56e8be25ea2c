"""The design while it is being made: tables to add to, findings to collect. Lives for one call of `design`."""

from __future__ import annotations

from podwright.catalog import Catalog
from podwright.design.names import Namer
from podwright.model.blueprint import Blueprint
from podwright.model.design import (
    Access,
    Address,
    Asset,
    Attachment,
    Breakout,
    BufferBudget,
    BufferProfile,
    ClassBinding,
    Cluster,
    Description,
    Device,
    EcnProfile,
    Export,
    FabricPlan,
    FilterPoint,
    Flow,
    Grant,
    HostRoute,
    Interface,
    Link,
    LinkClass,
    Login,
    Management,
    Membership,
    Monitoring,
    Mount,
    NicOperator,
    NodeLabel,
    Placement,
    Port,
    Prefix,
    PriorityClass,
    Quota,
    Rack,
    Router,
    SecretPlace,
    SecurityPlan,
    Segment,
    Session,
    Sizing,
    SourceRule,
    Store,
    StoreLoad,
    Tenant,
    TrafficClass,
    Volume,
    Vrf,
    VrfMember,
    Zone,
)
from podwright.model.report import Finding, Severity

PAGE = "docs/stages/design.md"


class Draft:
    """Passes append records; none rewrites one."""

    def __init__(self, blueprint: Blueprint, catalog: Catalog) -> None:
        self.blueprint = blueprint
        self.catalog = catalog
        self.namer = Namer(blueprint.names)
        self.findings: list[Finding] = []
        self.fabrics: list[FabricPlan] = []
        self.sizings: list[Sizing] = []
        self.devices: list[Device] = []
        self.ports: list[Port] = []
        self.breakouts: list[Breakout] = []
        self.links: list[Link] = []
        self.prefixes: list[Prefix] = []
        self.interfaces: list[Interface] = []
        self.addresses: list[Address] = []
        self.attachments: list[Attachment] = []
        self.host_routes: list[HostRoute] = []
        self.source_rules: list[SourceRule] = []
        self.routers: list[Router] = []
        self.sessions: list[Session] = []
        self.vrfs: list[Vrf] = []
        self.segments: list[Segment] = []
        self.vrf_members: list[VrfMember] = []
        self.classes: list[TrafficClass] = []
        self.bindings: list[ClassBinding] = []
        self.buffers: list[BufferProfile] = []
        self.ecn_profiles: list[EcnProfile] = []
        self.buffer_budgets: list[BufferBudget] = []
        self.management: list[Management] = []
        self.accesses: list[Access] = []
        self.monitorings: list[Monitoring] = []
        self.logins: list[Login] = []
        self.descriptions: list[Description] = []
        self.assets: list[Asset] = []
        self.security_plans: list[SecurityPlan] = []
        self.zones: list[Zone] = []
        self.memberships: list[Membership] = []
        self.flows: list[Flow] = []
        self.filter_points: list[FilterPoint] = []
        self.secrets: list[SecretPlace] = []
        self.racks: list[Rack] = []
        self.placements: list[Placement] = []
        self.link_classes: list[LinkClass] = []
        self.clusters: list[Cluster] = []
        self.nic_operators: list[NicOperator] = []
        self.priority_classes: list[PriorityClass] = []
        self.tenants: list[Tenant] = []
        self.quotas: list[Quota] = []
        self.grants: list[Grant] = []
        self.volumes: list[Volume] = []
        self.node_labels: list[NodeLabel] = []
        self.stores: list[Store] = []
        self.exports: list[Export] = []
        self.mounts: list[Mount] = []
        self.store_loads: list[StoreLoad] = []

    def refuse(self, code: str, path: str, message: str, fix: str) -> None:
        self._say(code, Severity.ERROR, path, message, fix)

    def warn(self, code: str, path: str, message: str, fix: str) -> None:
        self._say(code, Severity.WARNING, path, message, fix)

    def note(self, code: str, path: str, message: str, fix: str) -> None:
        self._say(code, Severity.NOTE, path, message, fix)

    def _say(self, code: str, severity: Severity, path: str, message: str, fix: str) -> None:
        self.findings.append(Finding(code=code, severity=severity, message=message, fix=fix, see=PAGE, path=path))

    @property
    def failed(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)
