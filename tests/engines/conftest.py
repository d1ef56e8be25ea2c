"""Fixtures over the real engines: `cluster` and `kubeconfig` (a Kubernetes control plane), `pulumi`, `language_host`.

Each skips a test where its programs are missing; `make tools` builds them.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path

import engine
import pytest
from cluster import CONTROL_PLANE, Cluster, running

Programs = Mapping[str, Path]


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The engines that are there, by name."""
    return engine.programs()


@pytest.fixture(scope="session")
def cluster(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The control plane that serves all tests of the run."""
    _need(CONTROL_PLANE, programs)
    with running(tmp_path_factory.mktemp("cluster"), programs) as cluster:
        yield cluster


@pytest.fixture
def kubeconfig(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The control plane's kubeconfig, which KUBECONFIG names too."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    return cluster.kubeconfig


@pytest.fixture
def pulumi(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> engine.Pulumi:
    """Pulumi with an empty state, in the test's own environment; without a language host, as inline programs need none."""
    _need(engine.PULUMI, programs)
    folder = tmp_path / "pulumi"
    folder.mkdir()
    for name, value in engine.environment(folder, programs).items():
        monkeypatch.setenv(name, value)
    return engine.Pulumi(folder / "state")


@pytest.fixture
def language_host(pulumi: engine.Pulumi, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tests' own language host on PATH, for a plain `pulumi up` of a program in a folder."""
    _need([engine.RUNNER], programs)
    folder = pulumi.state.with_name("bin")
    folder.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    return engine.install_language_host(folder, programs[engine.RUNNER])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the control plane was doing."""
    report = yield
    cluster = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(cluster, Cluster):
        report.sections.append(("control plane", cluster.logs()))
    return report


def _need(names: Iterable[str], programs: Programs) -> None:
    missing = [name for name in names if name not in programs]
    if missing:
        pytest.skip(f"engines are missing, build them with make tools: {', '.join(missing)}")
