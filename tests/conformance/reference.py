"""The pods of blueprints/, as every target sees them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from podwright.catalog import load as load_catalog
from podwright.design import CI_NODES, design, scale
from podwright.load import read
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
