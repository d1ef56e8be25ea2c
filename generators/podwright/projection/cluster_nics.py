"""NICs of the rails for pods: what NVIDIA's network operator is told, which is what the design says of leaves and servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import ip_interface

from msgspec.structs import replace

from podwright.catalog import Catalog
from podwright.design import Index
from podwright.design.podnics import NIC_TYPES
from podwright.model.design import Attachment, Device, NicOperator
from podwright.projection.cluster_records import (
    NicAllocation,
    NicNetworkConfig,
    NicOperatorConfig,
    NicPolicyConfig,
    NicPoolConfig,
    NicTemplateConfig,
)
from podwright.projection.host_qos import project_collectives, project_host_qos
from podwright.projection.host_records import CollectivesConfig, HostQos, LosslessNic
from podwright.projection.libraries import library_variables

PRIMARY = "eth0"
"""The interface of a pod that Kubernetes itself knows of, by the convention of all CNI runtimes."""


def project_nic_operator(index: Index, catalog: Catalog, tenants: Iterable[str]) -> NicOperatorConfig | None:
    """None where pods get no NICs. `tenants` are the namespaces that networks are made in."""
    for operator in index.design.nic_operators:
        workers, spaces = _workers(index), tuple(tenants)
        rails = _rails(index, workers)
        return NicOperatorConfig(
            namespace=operator.namespace,
            repository=operator.repository,
            version=operator.version,
            templates=tuple(_templates(index, catalog, operator, workers)),
            policies=tuple(_policies(index, operator, workers)),
            pools=tuple(_pool(index, name, members) for name, members in rails.items()),
            networks=tuple(
                NicNetworkConfig(name=f"{space}-{rail}", namespace=space, resource=rail, pool=rail)
                for space in spaces
                for rail in rails
            ),
            spaces=spaces,
            collectives=_collectives(index, catalog, workers),
        )
    return None


def _collectives(index: Index, catalog: Catalog, workers: dict[str, list[Device]]) -> dict[str, str]:
    """What pods of all groups are told: of two vendors' GPUs, what NCCL is, as a variable that RCCL does not know does nothing."""
    found = (project_collectives(index, catalog, devices[0]) for devices in workers.values())
    told = min((each for each in found if each), key=lambda each: each.library != "nccl", default=None)
    return library_variables(_in_pod(told)) if told else {}


def _in_pod(told: CollectivesConfig) -> CollectivesConfig:
    """As on a server, but for names.

    RDMA devices stay unnamed: a pod's are those of virtual functions, whose names are not the design's, and it can open no
    others. Processes find one another in the pods' own network, whose range is IPv4 as the servers' addresses are.
    """
    return replace(told, devices=(), bootstrap=PRIMARY)


def _workers(index: Index) -> dict[str, list[Device]]:
    """Group of workers -> its servers, in order of name."""
    (cluster,) = index.design.clusters
    groups: dict[str, list[Device]] = {group: [] for group in cluster.workers}
    for device in sorted(index.design.devices, key=lambda each: each.name):
        if device.kind == "server" and device.group in groups and _given(index, device):
            groups[device.group].append(device)
    return {group: devices for group, devices in groups.items() if devices}


def _given(index: Index, device: Device) -> list[Attachment]:
    """The NIC ports of a server that pods get, by rail and plane."""
    given = [each for each in index.attachments.get(device.name, ()) if each.addressed_by == "ipam"]
    return sorted(given, key=lambda each: (each.rail, each.plane))


def _rails(index: Index, workers: dict[str, list[Device]]) -> dict[str, list[Attachment]]:
    """Name of an interface -> the ports of all workers that have it."""
    rails: dict[str, list[Attachment]] = defaultdict(list)
    for devices in workers.values():
        for device in devices:
            for each in _given(index, device):
                rails[each.interface].append(each)
    return dict(sorted(rails.items(), key=lambda each: (each[1][0].rail, each[1][0].plane)))


def _pool(index: Index, name: str, members: list[Attachment]) -> NicPoolConfig:
    """The rail's supernet, of which each node has the link to its leaf: the leaf is the gateway, and a pod gets the rest."""
    supernets = {
        route.prefix: None
        for each in members
        for route in index.host_routes.get(each.device, ())
        if route.interface == each.interface and route.table == 0 and ":" not in route.prefix
    }
    nodes = tuple(_allocation(index, each) for each in members)
    (cidr,) = supernets
    return NicPoolConfig(
        name=name, cidr=cidr, node_prefix=int(nodes[0].prefix.partition("/")[2]), routes=(cidr,), nodes=nodes
    )


def _allocation(index: Index, each: Attachment) -> NicAllocation:
    own = next(a for a in index.addresses[each.device, each.interface] if ":" not in a)
    leaf = next(a for a in index.addresses[each.leaf, each.leaf_port] if ":" not in a)
    return NicAllocation(
        node=each.device, prefix=str(ip_interface(own).network), gateway=leaf.partition("/")[0], address=own
    )


def _policies(index: Index, operator: NicOperator, workers: dict[str, list[Device]]) -> Iterator[NicPolicyConfig]:
    """One a rail and group: servers of a group are of one model, and have their NICs in the same places."""
    for group, devices in workers.items():
        mtus = {each.name: each.mtu for each in index.interfaces[devices[0].name]}
        for each in _given(index, devices[0]):
            yield NicPolicyConfig(
                name=f"{group}-{each.interface}",
                nodes={operator.group_label: group},
                pci=each.pci,
                resource=each.interface,
                mtu=mtus[each.interface],
            )


def _templates(
    index: Index, catalog: Catalog, operator: NicOperator, workers: dict[str, list[Device]]
) -> Iterator[NicTemplateConfig]:
    """One a group, class and type of NIC; none where a rail has no lossless class."""
    for group, devices in workers.items():
        given = {each.interface: each for each in _given(index, devices[0])}
        for qos in project_host_qos(index, catalog, devices[0]):
            kinds: dict[str, list[LosslessNic]] = defaultdict(list)
            for nic in qos.nics:
                if nic.name in given:
                    kinds[given[nic.name].nic].append(nic)
            for kind, nics in sorted(kinds.items()):
                nodes, ports = {operator.group_label: group}, _ports(index, devices[0], nics)
                yield _template(f"{group}-{qos.name}-{kind}", nodes, kind, qos, nics, ports)


def _ports(index: Index, device: Device, nics: list[LosslessNic]) -> int:
    """How many ports of these NICs the server uses, by pods or not: the operator sets every port of a NIC that it selects by one."""
    selected = {_place(each.pci) for each in nics}
    return max(_port(each.pci) for each in index.attachments[device.name] if _place(each.pci) in selected)


def _place(pci: str) -> str:
    """Domain, bus and device, which all ports of a NIC share."""
    return pci.partition(".")[0]


def _port(pci: str) -> int:
    """The number of a port, from 1, by which firmware knows it: that of the PCI function, from 0."""
    return int(pci.partition(".")[2]) + 1


def _template(
    name: str, nodes: dict[str, str], kind: str, qos: HostQos, nics: list[LosslessNic], ports: int
) -> NicTemplateConfig:
    return NicTemplateConfig(
        name=name,
        nodes=nodes,
        nic_type=NIC_TYPES[kind],
        pci=tuple(each.pci for each in nics),
        ports=ports,
        pfc=tuple(qos.pfc),
        priority=qos.priority,
        traffic_byte=qos.traffic_byte,
        cnp_dscp=qos.cnp_dscp,
        cnp_priority=qos.cnp_priority,
        metres=max(each.metres for each in nics),
    )
