"""The records of cluster.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Item = Mapping[str, Any]


class Data:
    """cluster.yaml by its sections."""

    def __init__(self, document: Item) -> None:
        self.pod: str = document["pod"]
        self.kubernetes: Item = document["kubernetes"]
        self.priority_classes: list[Item] = document["priority_classes"]
        self.roles: list[Item] = document["roles"]
        self.storage_classes: list[Item] = document["storage_classes"]
        self.tenants: list[Item] = document["tenants"]
        self.nics: Item | None = document.get("nics")


def read(path: Path) -> Data:
    """The file at `path`."""
    return Data(yaml.safe_load(path.read_text(encoding="utf-8")))
