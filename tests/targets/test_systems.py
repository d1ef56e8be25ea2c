"""Which operating systems of switches are configured: the catalogue's list and the targets agree."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.catalog import CONFIGURED_SYSTEMS
from podwright.catalog import load as load_catalog
from podwright.targets import TARGETS

OF_THE_POD = {"ansible", "docs", "pulumi"}
"""Targets that write no device's configuration."""
CATALOG = load_catalog()
SYSTEMS = sorted({system for switch in CATALOG.switches.values() for system in switch.nos} | {"linux", "frr"})


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_said_to_be_configured_is(system: str) -> None:
    """A switch of another system would silently get nothing."""
    switch = replace(reference.pod("hgx-h100-32").switches[0], nos=system)
    pod = replace(reference.pod("hgx-h100-32"), switches=(switch,), hosts=(), outsides=())
    files = [each for name, render in TARGETS.items() if name not in OF_THE_POD for each in render(pod)]
    assert bool(files) == (system in CONFIGURED_SYSTEMS)
    assert all(each.path.startswith(f"configs/{switch.name}/") for each in files)
