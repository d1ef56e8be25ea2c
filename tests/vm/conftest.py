"""Tests for `make test-vm`: they run in a virtual machine with a full kernel (tools/vm.sh), and nowhere else."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("PODWRIGHT_IN_VM") else ["test_*.py"]
