"""What holds for the whole suite: where labs may run, and one table that names every skipped test with its reason.

With CI=true a skip is a failure, apart from those that tests/allowed-skips.txt names: a pattern of test names, a space,
and why the machine can't do it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

ALLOWED = Path(__file__).with_name("allowed-skips.txt")

# A worker that has run Pulumi's mocks holds gRPC, whose fork handlers close what it polls: the ansible-playbook that the
# same worker forks next would end without a status. Ours execute at once, and need none of them.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


class Skip(NamedTuple):
    """A test that did not run, and why."""

    test: str
    reason: str


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Labs share the machine's daemons and time, cluster tests one control plane: one worker runs each kind, in order."""
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group("lab"))
        elif "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("cluster"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """A runner that leaves the groups unnamed would start every lab in every worker, side by side."""
    if session.config.getoption("loadgroup", False) and hasattr(session.config, "workerinput"):
        apart = [item for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid]
        if apart:
            raise pytest.UsageError(f"pytest-xdist did not group {apart[0].nodeid}; see the pins in pyproject.toml")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In continuous integration, a suite that skips what it may not skip has failed."""
    if os.environ.get("CI") == "true" and _forbidden(_skips(session.config)) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skips = sorted(set(_skips(config)))
    if not skips:
        return
    forbidden = set(_forbidden(skips)) if os.environ.get("CI") == "true" else set()
    terminalreporter.section("skipped, and why")
    width = max(len(skip.test) for skip in skips)
    for skip in skips:
        mark = "  NOT ALLOWED in CI" if skip in forbidden else ""
        terminalreporter.write_line(f"{skip.test.ljust(width)}  {skip.reason}{mark}")


def _skips(config: pytest.Config) -> Iterator[Skip]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", ()) if reporter else ():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        yield Skip(report.nodeid.split("@")[0], reason.removeprefix("Skipped: "))


def _forbidden(skips: Iterator[Skip] | list[Skip]) -> list[Skip]:
    allowed = [line.split(maxsplit=1)[0] for line in ALLOWED.read_text().splitlines() if re.match(r"[^#\s]", line)]
    return [skip for skip in skips if not any(fnmatch(skip.test, pattern) for pattern in allowed)]
