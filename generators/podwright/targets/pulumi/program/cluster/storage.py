"""The files that tenants share with the rest of the pod."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

from .data import Data, Item
from .layer import Layer, metadata

NOBODY = "kubernetes.io/no-provisioner"


class Storage(Layer):
    """A class for each store, and for each export and tenant a volume with its claim.

    A volume names its claim, so that no other namespace can bind it. Nothing here makes, formats or deletes files.
    """

    def __init__(
        self, name: str, data: Data, cluster: kubernetes.Provider, namespaces: Mapping[str, pulumi.Resource]
    ) -> None:
        super().__init__(name, cluster)
        for each in data.storage_classes:
            kubernetes.storage.v1.StorageClass(
                each["name"],
                metadata=metadata(each["name"]),
                provisioner=NOBODY,
                reclaim_policy="Retain",
                volume_binding_mode="Immediate",
                opts=self.options(),
            )
        for tenant in data.tenants:
            namespace = tenant["namespace"]["name"]
            for volume in tenant["volumes"]:
                self._claim(namespace, volume, [namespaces[namespace], self._volume(namespace, volume)])
        self.register_outputs({})

    def _volume(self, namespace: str, volume: Item) -> pulumi.Resource:
        return kubernetes.core.v1.PersistentVolume(
            volume["name"],
            metadata=metadata(volume["name"]),
            spec={
                "access_modes": ["ReadWriteMany"],
                "capacity": {"storage": volume["capacity"]},
                "claim_ref": {"namespace": namespace, "name": volume["claim"]},
                "mount_options": volume["options"],
                "nfs": {"server": volume["server"], "path": volume["path"]},
                "persistent_volume_reclaim_policy": "Retain",
                "storage_class_name": volume["storage_class"],
            },
            opts=self.options(),
        )

    def _claim(self, namespace: str, volume: Item, after: list[pulumi.Resource]) -> None:
        kubernetes.core.v1.PersistentVolumeClaim(
            f"{namespace}/{volume['claim']}",
            metadata=metadata(volume["claim"], namespace),
            spec={
                "access_modes": ["ReadWriteMany"],
                "resources": {"requests": {"storage": volume["capacity"]}},
                "storage_class_name": volume["storage_class"],
                "volume_name": volume["name"],
            },
            opts=self.options(after=after),
        )
