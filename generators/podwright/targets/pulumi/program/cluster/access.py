"""How the program reaches the cluster. The kubeconfig is found when the program runs and nothing of it enters the state
but its path.

`pulumi config set manifests DIR` writes the objects as YAML files into DIR instead, and needs no cluster.
"""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from .data import Data

AMBIENT = "KUBECONFIG"
"""Pulumi's provider follows this variable by itself, as kubectl does."""


def provider(data: Data) -> kubernetes.Provider:
    """The provider of all resources; `cluster_identifier` keeps them where only the path of the kubeconfig changes."""
    if manifests := pulumi.Config().get("manifests"):
        os.environ.pop(AMBIENT, None)  # the provider would take it, and refuses it beside a folder of manifests
        return kubernetes.Provider("cluster", render_yaml_to_directory=manifests)
    return kubernetes.Provider(
        "cluster",
        kubeconfig=_path(data.kubernetes["kubeconfig"]),
        context=data.kubernetes["context"],
        cluster_identifier=data.pod,
    )


def _path(reference: dict[str, str]) -> str | None:
    if reference.get("env") == AMBIENT:
        return None
    if "env" in reference:
        variable = reference["env"]
        if not os.environ.get(variable):
            raise pulumi.RunError(f"the environment variable {variable} does not name a kubeconfig")
        return os.environ[variable]
    path = Path(reference["file"]).expanduser()
    if not path.is_file():
        raise pulumi.RunError(f"there is no kubeconfig at {path}")
    return str(path)
