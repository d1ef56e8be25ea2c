"""Tests for `make test-vm`: they run in a virtual machine with a full kernel (tools/vm.sh), and nowhere else.

A module a theme. A theme that needs another pod puts it into pods/ and brings it up with twins.configured.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .twins import Twin, configured

collect_ignore_glob = [] if os.environ.get("PODWRIGHT_IN_VM") else ["test_*.py"]


@pytest.fixture(scope="session")
def slate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """Two servers, each under two leaves, and two spines. A test that changes something changes it back."""
    with configured("slate", tmp_path_factory.mktemp("slate") / "build") as twin:
        yield twin
