"""Pods whose routed fabrics run EOS: one written for it over both kinds of underlay, one with tenants, every reference pod."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from conformance import reference
from podwright.catalog import load as load_catalog
from podwright.design import design
from podwright.load import read
from podwright.model.report import Severity
from podwright.projection import project
from podwright.projection.records import PodConfig, SwitchConfig
from podwright.targets.eos import render
from podwright.validate import validate

WRITTEN = Path(__file__).with_name("pod.yaml")
LINK_POOLS = {"backend": "10.64.0.0/12", "front": "10.80.0.0/12"}
TENANTS = Path(__file__).with_name("tenants.yaml")
NAMES = ("unnumbered", "numbered", "tenants", *reference.NAMES)

Document = dict[str, Any]


@lru_cache
def pod(name: str) -> PodConfig:
    match name:
        case "unnumbered":
            return projected(written())
        case "numbered":
            return projected(numbered())
        case "tenants":
            return projected(dict(yaml.safe_load(TENANTS.read_text())))
        case _:
            return projected(on_eos(yaml.safe_load((reference.BLUEPRINTS / name / "pod.yaml").read_text())))


def written() -> Document:
    return dict(yaml.safe_load(WRITTEN.read_text()))


def numbered() -> Document:
    document = written()
    for name, pool in LINK_POOLS.items():
        fabric = document["fabrics"][name]
        del fabric["pool6"]
        fabric |= {"underlay": "numbered", "link_pool": pool}
    del document["fabrics"]["front"]["outside"]["edge"]["peers6"]
    return document


def on_eos(document: Document) -> Document:
    """The pod, its routed fabrics on Arista's switches: those that carry GPUs on the faster."""
    for fabric in document["fabrics"].values():
        if fabric["carries"] != ["management"]:
            model = "7060x6-64pe" if "compute" in fabric["carries"] else "7060dx5-64s"
            for tier in {"leaf", "spine"} & set(fabric):
                fabric[tier] |= {"model": model, "nos": "eos"}
    return document


def projected(document: Document) -> PodConfig:
    catalog = load_catalog()
    with TemporaryDirectory() as folder:
        path = Path(folder, "pod.yaml")
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        product = design(validate(read(path)), catalog)
    assert not [each for each in product.findings if each.severity is Severity.ERROR]
    return project(product.design, catalog)


def switches(name: str) -> list[SwitchConfig]:
    return [switch for switch in pod(name).switches if switch.nos == "eos"]


@lru_cache
def configurations(name: str) -> dict[str, str]:
    """Device -> its eos.cfg."""
    return {artifact.device: artifact.text for artifact in render(pod(name))}
