"""The pods of blueprints/, as every target sees them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

from podwright.catalog import load as load_catalog
from podwright.design import CI_NODES, design, scale
from podwright.load import read
from podwright.model.blueprint import Blueprint
from podwright.model.design import Design
from podwright.projection import project
from podwright.projection.records import PodConfig
from podwright.validate import validate

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
NAMES = tuple(sorted(path.parent.name for path in BLUEPRINTS.glob("*/pod.yaml")))


@lru_cache
def designed(name: str) -> Design:
    return design(validate(read(BLUEPRINTS / name / "pod.yaml")), load_catalog()).design


@lru_cache
def pod(name: str) -> PodConfig:
    """The pod as it is built."""
    return project(designed(name), load_catalog())


@lru_cache
def twin(name: str) -> PodConfig:
    """The pod's twin at the size that continuous integration runs."""
    return project(scale(designed(name), CI_NODES), load_catalog())


@lru_cache
def shared(nos: str) -> PodConfig:
    """A pod of tenants, with one operating system on all switches of its two shared fabrics.

    On the backend one tenant is routed and one bridged, on the front one has the way out, so that spines serve it too.
    """
    document = yaml.safe_load((Path(__file__).parent / "shared.yaml").read_text())
    for name in ("backend", "front"):
        for tier in ("leaf", "spine"):
            document["fabrics"][name][tier]["nos"] = nos
    return project(design(msgspec.convert(document, Blueprint), load_catalog()).design, load_catalog())
