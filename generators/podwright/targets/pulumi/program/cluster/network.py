"""NICs of the rails for pods, by NVIDIA's network operator, which the cluster has already.

Sources: the operator's own documents on NicClusterPolicy, on the NIC configuration operator and on nv-ipam
(https://docs.nvidia.com/networking/display/kubernetes2610/index.html), and the resource definitions of its release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from .data import Item
from .layer import Layer, metadata

POLICY = "nic-cluster-policy"
NVIDIA = "15b3"
COLLECTIVES = "collectives"
"""What containers take as their environment: `envFrom: [{configMapRef: {name: collectives}}]`."""


class Network(Layer):
    """The operator's parts, the lossless class on NICs, a virtual function a rail, its addresses, and networks of tenants.

    Everything but the first lives in the operator's namespace; a network is seen in the namespace that it names.
    """

    def __init__(
        self, name: str, nics: Item, cluster: kubernetes.Provider, namespaces: Mapping[str, pulumi.Resource]
    ) -> None:
        super().__init__(name, cluster)
        self._namespace: str = nics["namespace"]
        self._resource("mellanox.com/v1alpha1", "NicClusterPolicy", POLICY, _parts(nics["images"]), namespaced=False)
        for each in nics["templates"]:
            self._resource(
                "configuration.net.nvidia.com/v1alpha1", "NicConfigurationTemplate", each["name"], _template(each)
            )
        for each in nics["policies"]:
            self._resource("sriovnetwork.openshift.io/v1", "SriovNetworkNodePolicy", each["name"], _policy(each))
        for each in nics["pools"]:
            self._resource("nv-ipam.nvidia.com/v1alpha1", "CIDRPool", each["name"], _pool(each))
        for each in nics["networks"]:
            self._resource(
                "sriovnetwork.openshift.io/v1",
                "SriovNetwork",
                each["name"],
                _network(each),
                after=namespaces[each["namespace"]],
            )
        for space in nics["spaces"] if nics["collectives"] else ():
            kubernetes.core.v1.ConfigMap(
                f"{space}/{COLLECTIVES}",
                metadata=metadata(COLLECTIVES, space),
                data=nics["collectives"],
                opts=self.options(after=[namespaces[space]]),
            )
        self.register_outputs({})

    def _resource(
        self,
        version: str,
        kind: str,
        name: str,
        spec: Mapping[str, Any],
        *,
        namespaced: bool = True,
        after: pulumi.Resource | None = None,
    ) -> None:
        kubernetes.apiextensions.CustomResource(
            f"{kind}/{name}",
            api_version=version,
            kind=kind,
            metadata=metadata(name, self._namespace if namespaced else None),
            spec=spec,
            opts=self.options(after=[after] if after else []),
        )


def _parts(images: Item) -> Mapping[str, Any]:
    return {
        "nvIpam": {"image": "nvidia-k8s-ipam", **images, "enableWebhook": False},
        "secondaryNetwork": {
            "cniPlugins": {"image": "plugins", **images},
            "multus": {"image": "multus-cni", **images},
        },
        "nicConfigurationOperator": {
            "operator": {"image": "nic-configuration-operator", **images},
            "configurationDaemon": {"image": "nic-configuration-operator-daemon", **images},
        },
    }


def _template(template: Item) -> Mapping[str, Any]:
    """Every value is written, for every port: left out, notifications would carry DSCP 4, and RDMA no mark at all."""
    cable = {"cableLen": template["metres"]} if template["metres"] else {}
    return {
        "nodeSelector": template["nodes"],
        "nicSelector": {"nicType": template["nic_type"], "pciAddresses": template["pci"]},
        "template": {
            "linkType": "Ethernet",
            "numVfs": 1,
            "roceOptimized": {
                "enabled": True,
                "qos": {
                    "trust": "dscp",
                    "pfc": template["pfc"],
                    "tos": template["traffic_byte"],
                    "ecn": {"enabled": True, "priority": template["priority"]},
                    "pauseFrames": {"enabled": False},
                    **cable,
                },
            },
            "rawNvConfig": [
                {"name": f"{name}_P{port}", "value": str(template[key])}
                for port in range(1, template["ports"] + 1)
                for name, key in (("CNP_DSCP", "cnp_dscp"), ("CNP_802P_PRIO", "cnp_priority"))
            ],
        },
    }


def _policy(policy: Item) -> Mapping[str, Any]:
    return {
        "nodeSelector": policy["nodes"],
        "nicSelector": {"vendor": NVIDIA, "rootDevices": [policy["pci"]]},
        "resourceName": policy["resource"],
        "deviceType": "netdevice",
        "isRdma": True,
        "linkType": "eth",
        "mtu": policy["mtu"],
        "numVfs": 1,
        "priority": 90,
    }


def _pool(pool: Item) -> Mapping[str, Any]:
    """Allocations by node: what the operator would choose by itself is not what the leaf has at the other end."""
    return {
        "cidr": pool["cidr"],
        "perNodeNetworkPrefix": pool["node_prefix"],
        "gatewayIndex": 0,
        "routes": [{"dst": each} for each in pool["routes"]],
        "staticAllocations": [
            {"nodeName": each["node"], "prefix": each["prefix"], "gateway": each["gateway"]} for each in pool["nodes"]
        ],
    }


def _network(network: Item) -> Mapping[str, Any]:
    ipam = {"type": "nv-ipam", "poolName": network["pool"], "poolType": "cidrpool"}
    return {
        "networkNamespace": network["namespace"],
        "resourceName": network["resource"],
        "ipam": json.dumps(ipam),
    }
