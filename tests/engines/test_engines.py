"""The engines themselves, together: a small program goes to a real API server and back, by both ways of running it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pulumi_kubernetes as kubernetes
import pytest
from cluster import Cluster, SimulatedNode, wait_for
from engine import Pulumi, PulumiError
from pulumi import automation

pytestmark = pytest.mark.engine

QUOTA = "/api/v1/namespaces/tenant/resourcequotas/gpus"


def tenant() -> None:
    """The program that all of these tests run: a namespace with a quota of GPUs, which wins over other hands."""
    namespace = kubernetes.core.v1.Namespace("tenant", metadata={"name": "tenant"})
    kubernetes.core.v1.ResourceQuota(
        "gpus",
        metadata={
            "name": "gpus",
            "namespace": namespace.metadata.name,
            "annotations": {"pulumi.com/patchForce": "true"},
        },
        spec={"hard": {"requests.nvidia.com/gpu": "8"}},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The same program as a folder that a user runs `pulumi up` in."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: tenants\nruntime: python\n")
    (folder / "__main__.py").write_text(
        textwrap.dedent("""\
            import pulumi_kubernetes as kubernetes

            namespace = kubernetes.core.v1.Namespace("tenant", metadata={"name": "tenant"})
            kubernetes.core.v1.ResourceQuota(
                "gpus",
                metadata={"name": "gpus", "namespace": namespace.metadata.name},
                spec={"hard": {"requests.nvidia.com/gpu": "8"}},
            )
        """)
    )
    return folder


def changes(printed: str) -> dict[str, int]:
    """The summary that the engine ends with: {"create": 3}, {"unchanged": 3}, ..."""
    summary = printed.split("Resources:")[-1].split("Duration:")[0]
    return {verb: int(number) for number, verb in re.findall(r"(\d+) (?:to )?(\w+)", summary) if verb != "changes"}


@pytest.mark.usefixtures("kubeconfig", "pulumi")
def test_an_inline_program_goes_up_once_heals_drift_and_leaves_nothing(cluster: Cluster) -> None:
    before = cluster.inventory()
    stack = automation.create_stack("test", project_name="tenants", program=tenant)

    assert stack.preview().change_summary == {"create": 3}
    assert cluster.inventory() == before

    assert stack.up().summary.resource_changes == {"create": 3}
    assert cluster.get(QUOTA)["status"]["hard"] == {"requests.nvidia.com/gpu": "8"}
    assert stack.up().summary.resource_changes == {"same": 3}

    cluster.merge(QUOTA, {"spec": {"hard": {"requests.nvidia.com/gpu": "9"}}})
    assert stack.refresh().summary.resource_changes == {"same": 2, "update": 1}
    assert stack.up().summary.resource_changes == {"same": 2, "update": 1}
    assert cluster.get(QUOTA)["spec"]["hard"] == {"requests.nvidia.com/gpu": "8"}

    assert stack.destroy().summary.resource_changes == {"delete": 3}
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig", "language_host")
def test_a_program_in_a_folder_does_the_same_from_the_command_line(
    cluster: Cluster, pulumi: Pulumi, project: Path
) -> None:
    before = cluster.inventory()
    pulumi.run("stack", "init", "test", cwd=project)

    assert changes(pulumi.run("preview", cwd=project)) == {"create": 3}
    assert cluster.inventory() == before

    assert changes(pulumi.run("up", "--yes", cwd=project)) == {"created": 3}
    assert cluster.get(QUOTA)["status"]["hard"] == {"requests.nvidia.com/gpu": "8"}
    assert changes(pulumi.run("up", "--yes", cwd=project)) == {"unchanged": 3}
    assert changes(pulumi.run("refresh", "--yes", cwd=project)) == {"unchanged": 3}

    assert changes(pulumi.run("destroy", "--yes", cwd=project)) == {"deleted": 3}
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig", "language_host")
def test_a_program_that_fails_shows_its_own_error(pulumi: Pulumi, project: Path) -> None:
    (project / "__main__.py").write_text('raise ValueError("the data file is empty")\n')
    pulumi.run("stack", "init", "test", cwd=project)
    with pytest.raises(PulumiError, match="ValueError: the data file is empty"):
        pulumi.run("preview", cwd=project)


def test_simulated_nodes_take_pods_up_to_their_gpus(cluster: Cluster) -> None:
    cluster.add_nodes([SimulatedNode("smoke-1", {"rack": "r1"}), SimulatedNode("smoke-2", {"rack": "r2"})])
    for number in range(3):
        cluster.request("POST", "/api/v1/namespaces/default/pods", pod(f"smoke-{number}", gpus=8))

    def phases() -> list[str]:
        return sorted(
            cluster.get(f"/api/v1/namespaces/default/pods/smoke-{number}")["status"]["phase"] for number in range(3)
        )

    wait_for(lambda: phases() == ["Pending", "Running", "Running"], 60, "two pods on two nodes")

    for number in range(3):
        cluster.request("DELETE", f"/api/v1/namespaces/default/pods/smoke-{number}")
    wait_for(lambda: not cluster.get("/api/v1/namespaces/default/pods")["items"], 60, "the pods to go")
    cluster.remove_nodes(["smoke-1", "smoke-2"])


def pod(name: str, *, gpus: int) -> dict[str, object]:
    container = {"name": "main", "image": "none", "resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


def test_a_control_plane_dies_with_the_tests_that_started_it(cluster: Cluster, tmp_path: Path) -> None:
    """Even where they are killed, and nothing of theirs can clean up."""
    script = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import cluster, engine
with cluster.running(Path({str(tmp_path)!r}), engine.programs()):
    print("ready", flush=True)
    time.sleep(600)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    assert len(processes_of(tmp_path)) >= 4
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_for(lambda: not processes_of(tmp_path), 10, "the processes to end")
    assert cluster.exists("/api/v1/namespaces/default")


def processes_of(folder: Path) -> list[str]:
    """The command lines that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and "import cluster" not in words:
            found.append(words)
    return found
