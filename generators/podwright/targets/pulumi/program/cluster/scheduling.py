"""Who gets a place first."""

from __future__ import annotations

import pulumi_kubernetes as kubernetes

from .data import Data
from .layer import Layer, metadata


class Scheduling(Layer):
    """The priority classes. None of them is the cluster's default, so pods outside the tenants keep what they have."""

    def __init__(self, name: str, data: Data, cluster: kubernetes.Provider) -> None:
        super().__init__(name, cluster)
        for each in data.priority_classes:
            kubernetes.scheduling.v1.PriorityClass(
                each["name"],
                metadata=metadata(each["name"]),
                value=each["value"],
                preemption_policy="PreemptLowerPriority" if each["preempts"] else "Never",
                global_default=False,
                opts=self.options(),
            )
        self.register_outputs({})
