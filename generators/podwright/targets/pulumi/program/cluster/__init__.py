"""What a pod keeps in its Kubernetes cluster: one component a layer, over the data of cluster.yaml."""

from __future__ import annotations

from pathlib import Path

from .access import provider
from .data import Data, read
from .isolation import Isolation
from .layer import Layer
from .network import Network
from .scheduling import Scheduling
from .storage import Storage
from .tenancy import Tenancy

DATA = Path(__file__).parent.parent / "cluster.yaml"


def deploy(data: Data | None = None) -> None:
    """Declare every layer; without `data`, that of cluster.yaml."""
    data = data or read(DATA)
    cluster = provider(data)
    Scheduling("scheduling", data, cluster)
    tenancy = Tenancy("tenancy", data, cluster)
    Isolation("isolation", data, cluster, tenancy.namespaces)
    Storage("storage", data, cluster, tenancy.namespaces)
    if data.nics is not None:
        Network("network", data.nics, cluster, tenancy.namespaces)


__all__ = ["Data", "Isolation", "Layer", "Network", "Scheduling", "Storage", "Tenancy", "deploy", "read"]
