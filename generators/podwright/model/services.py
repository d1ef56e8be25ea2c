"""The services that rules may name without writing their ports, each with the public source of its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_IANA = "https://www.iana.org/assignments/service-names-port-numbers/"
_KUBERNETES = "https://kubernetes.io/docs/reference/networking/ports-and-protocols/"
_ETCD = "https://etcd.io/docs/v3.5/op-guide/configuration/"


class KnownService(msgspec.Struct, frozen=True, kw_only=True):
    """Destination ports of a service and where they are published; `ping` is ICMP echo."""

    tcp: tuple[int, ...] = ()
    udp: tuple[int, ...] = ()
    ping: bool = False
    source: str = _IANA


SERVICES: Mapping[str, KnownService] = {
    "ping": KnownService(ping=True, source="RFC 792, RFC 4443"),
    "ssh": KnownService(tcp=(22,)),
    "dns": KnownService(tcp=(53,), udp=(53,)),
    "http": KnownService(tcp=(80,)),
    "ntp": KnownService(udp=(123,)),
    "snmp": KnownService(udp=(161,)),
    "ldap": KnownService(tcp=(389,)),
    "https": KnownService(tcp=(443,)),
    "syslog": KnownService(tcp=(514,), udp=(514,), source="RFC 5426, RFC 6587"),
    "ldaps": KnownService(tcp=(636,)),
    "nfs": KnownService(tcp=(2049,), source="RFC 7530: version 4 needs no other port"),
    "nfs-rdma": KnownService(tcp=(20049,), udp=(4791,), source="RFC 8267; RoCE carries it on UDP 4791"),
    "roce": KnownService(udp=(4791,), source="InfiniBand Architecture Specification, annex A17"),
    "iscsi": KnownService(tcp=(3260,)),
    "nvme-tcp": KnownService(tcp=(4420, 8009)),
    "postgresql": KnownService(tcp=(5432,)),
    "syslog-tls": KnownService(tcp=(6514,)),
    "kube-api": KnownService(tcp=(6443,), source=_KUBERNETES),
    "kubelet": KnownService(tcp=(10250,), source=_KUBERNETES),
    "etcd": KnownService(tcp=(2379, 2380), source=_ETCD),
    "registry": KnownService(tcp=(5000,), source="https://distribution.github.io/distribution/about/deploying/"),
    "slurm": KnownService(tcp=(6817, 6818, 6819), source="https://slurm.schedmd.com/network.html"),
    "node-exporter": KnownService(tcp=(9100,), source="https://github.com/prometheus/node_exporter"),
    "dcgm-exporter": KnownService(tcp=(9400,), source="https://github.com/NVIDIA/dcgm-exporter"),
    "prometheus": KnownService(tcp=(9090,), source="https://prometheus.io/docs/introduction/first_steps/"),
}

TUNNEL_PORTS = frozenset({4789, 6081, 8285, 8472, 51820, 51821, 51871})
"""UDP ports that plugins of pods' networks listen on between nodes, unless they are told another.

VXLAN 8472 (flannel, Cilium) and 4789 (Calico, Antrea), Geneve 6081 (Antrea, Cilium, OVN-Kubernetes), flannel's own 8285, and
WireGuard 51820 and 51821 (Calico, Antrea) and 51871 (Cilium), which carries tunnels inside.
https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md
https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules
https://docs.tigera.io/calico/latest/getting-started/kubernetes/requirements#network-requirements
https://github.com/antrea-io/antrea/blob/main/docs/network-requirements.md

BGP (TCP 179) is not among them: it says where pods are, and carries nothing of theirs.
"""
