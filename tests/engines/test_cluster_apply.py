"""The rendered program and `podwright apply --layer cluster` against a real API server, by both ways that Pulumi runs programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster import TOKEN, Cluster, ClusterError, SimulatedNode, wait_for
from engine import Pulumi
from secrecy import files_with, spelt_in, watching_processes
from test_engines import changes

from conformance import reference
from podwright.apply import apply_cluster
from podwright.errors import EngineError
from podwright.model.report import ClusterApplied
from podwright.pipeline import design_pod, render_pod
from podwright.render import write
from podwright.resources import folder

pytestmark = pytest.mark.engine

TENANTS: Mapping[str, Any] = {
    "research": {"id": 1, "gpus": 24, "groups": {"research": "edit"}, "priorities": ["batch", "normal"]},
    "serving": {"id": 2, "gpus": 8, "pod_security": "privileged", "groups": {"serving": "admin"}},
}
PASSWORD = "PODWRIGHT_TEST_CANARY"
CANARY = "canary/4791?sesame+open"
QUOTA = "/api/v1/namespaces/research/resourcequotas/resources"

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The rendered starter pod with these tenants, in the same place each time."""

    def rendered(pod: str = "starter-4", **changes: Any) -> Path:
        reference = yaml.safe_load((folder("blueprints") / pod / "pod.yaml").read_text("utf-8"))
        for fabric in reference["fabrics"].values():
            for router in fabric.get("outside", {}).values():
                router["password"] = {"env": PASSWORD}
        section = reference["kubernetes"] | {"tenants": dict(TENANTS)} | changes
        (tmp_path / "pod.yaml").write_text(json.dumps(reference | {"kubernetes": section}))
        write(render_pod(design_pod(tmp_path / "pod.yaml")), tmp_path / "build")
        return tmp_path / "build"

    return rendered


@pytest.fixture
def apply(tmp_path: Path) -> Callable[..., ClusterApplied]:
    """One run on a tree; what Podwright says while it runs is let go."""

    def run(build: Path, **how: bool) -> ClusterApplied:
        design = design_pod(tmp_path / "pod.yaml").design
        return apply_cluster(build, design, state=tmp_path / "podwright", progress=lambda *_: None, **how)

    return run


def total(applied: ClusterApplied) -> int:
    return sum(applied.counts.values())


@pytest.mark.usefixtures("kubeconfig")
def test_a_cluster_from_preview_to_destroy(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied], tmp_path: Path
) -> None:
    before = cluster.inventory()
    build = tree()

    preview = apply(build, check=True)
    assert (preview.good, set(preview.counts), preview.messages) == (True, {"created"}, ())
    assert (preview.server, preview.context, preview.version) == (cluster.url, "tests", "1.36")
    assert cluster.inventory() == before

    first = apply(build)
    assert first.counts == preview.counts
    assert total(first) == len(first.changes)
    assert cluster.get(QUOTA)["status"]["hard"] == {"requests.nvidia.com/gpu": "24"}

    second = apply(build)
    assert (second.counts, second.changes) == ({"unchanged": total(first)}, ())

    cluster.merge(QUOTA, {"spec": {"hard": {"requests.nvidia.com/gpu": "999"}}})
    drifted = apply(build, check=True)
    assert drifted.changes == ("update ResourceQuota research/resources",)
    assert apply(build).changes == ("updated ResourceQuota research/resources",)
    assert cluster.get(QUOTA)["spec"]["hard"] == {"requests.nvidia.com/gpu": "24"}

    cluster.request("DELETE", "/apis/networking.k8s.io/v1/namespaces/research/networkpolicies/default-deny")
    assert apply(build, check=True).changes == ("create NetworkPolicy research/default-deny",)
    assert apply(build).good

    grown = apply(tree(tenants=dict(TENANTS) | {"alpha": {"id": 3, "cpus": 64}}))
    assert set(grown.counts) == {"created", "unchanged"}
    assert grown.counts["unchanged"] == total(first)
    assert all("alpha" in change for change in grown.changes)

    other = apply(tree(version="1.35"), check=True)
    assert other.messages == ("the cluster runs Kubernetes 1.36, and the blueprint says 1.35",)

    assert files_with([TOKEN], tmp_path) == []
    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig")
def test_no_secret_is_in_a_state_a_log_or_a_process(
    pulumi: Pulumi,
    tree: Tree,
    apply: Callable[..., ClusterApplied],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the token of the kubeconfig nor a secret of another layer, though the engine inherits the environment."""
    monkeypatch.setenv(PASSWORD, CANARY)
    secrets = (TOKEN, CANARY)
    build = tree("rag-16", tenants={"research": {"id": 1, "gpus": 8}})
    assert f"place: {PASSWORD}" in (build / "ansible" / "group_vars" / "all.yml").read_text()
    with watching_processes(CANARY.encode()) as seen:
        done = [apply(build, check=True), apply(build), apply(build)]
        data = build / "pulumi" / "cluster.yaml"
        data.write_text(data.read_text().replace("- name: batch", "- name: system-batch"))
        done.append(apply(build))
    assert [each.good for each in done] == [True, True, True, False]
    assert seen == []
    assert spelt_in(repr(done).encode(), secrets) == []
    assert list(pulumi.state.rglob("stacks/**/*.json"))
    assert Path(done[-1].log).is_relative_to(tmp_path)
    assert files_with(secrets, tmp_path) == []
    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")


@pytest.mark.usefixtures("kubeconfig", "language_host")
def test_plain_pulumi_and_podwright_are_one(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    """The program by the user's own `pulumi up`, then by Podwright, which finds nothing left to do; no file of the tree moved."""
    before = cluster.inventory()
    build = tree()
    program = build / "pulumi"
    pulumi.run("stack", "init", "cluster", cwd=program)
    created = changes(pulumi.run("up", "--yes", cwd=program))["created"]
    assert set(changes(pulumi.run("up", "--yes", cwd=program))) == {"unchanged"}
    assert set(changes(pulumi.run("refresh", "--yes", cwd=program))) == {"unchanged"}

    again = apply(build)
    assert set(again.counts) == {"unchanged"}
    assert total(again) < created  # which counts the stack, its layers and the provider too

    pulumi.run("destroy", "--yes", cwd=program)
    assert cluster.inventory() == before
    assert tree() == build  # rendering again finds no file edited


@pytest.mark.usefixtures("kubeconfig")
def test_a_resource_that_moves_to_another_layer_is_not_replaced(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    before = cluster.inventory()
    build = tree()
    assert apply(build).good
    identity = cluster.get("/apis/networking.k8s.io/v1/namespaces/research/networkpolicies/dns")["metadata"]["uid"]

    moved = build.with_name("moved")
    shutil.copytree(build, moved)
    entry = moved / "pulumi" / "cluster" / "__init__.py"
    text = entry.read_text()
    line = '    Isolation("isolation", data, cluster, tenancy.namespaces)\n'
    assert line in text
    entry.write_text(text.replace(line, "    Isolation.options = lambda _, after=(): tenancy.options(after)\n" + line))
    assert set(apply(moved).counts) == {"unchanged"}
    assert (
        cluster.get("/apis/networking.k8s.io/v1/namespaces/research/networkpolicies/dns")["metadata"]["uid"] == identity
    )

    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=moved / "pulumi")
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig")
def test_what_tenants_may_and_may_not(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    """The API server's own word: quotas, priority classes, pod security and roles hold."""
    build = tree()
    assert apply(build).good

    start(cluster, "research", "allowed", gpus=8, priority="normal")
    with pytest.raises(ClusterError, match="exceeded quota: resources"):
        start(cluster, "research", "too-many-gpus", gpus=17)
    for priority in ("urgent", "system-node-critical"):
        with pytest.raises(ClusterError, match="exceeded quota: priorities"):
            start(cluster, "research", "too-urgent", priority=priority)
    start(cluster, "serving", "urgent", priority="urgent")
    with pytest.raises(ClusterError, match=r"violates PodSecurity .*baseline:v1\.36"):
        start(cluster, "research", "privileged", security={"privileged": True})
    start(cluster, "serving", "privileged", security={"privileged": True})

    may = [("pods", "", "create"), ("pods/exec", "", "create"), ("networkpolicies", "networking.k8s.io", "get")]
    may_not = [
        ("networkpolicies", "networking.k8s.io", "delete"),
        ("networkpolicies", "networking.k8s.io", "create"),
        ("resourcequotas", "", "update"),
        ("limitranges", "", "delete"),
    ]
    for group in ("research", "serving"):
        assert [allowed(cluster, group, group, *each) for each in may] == [True] * len(may)
        assert [allowed(cluster, group, group, *each) for each in may_not] == [False] * len(may_not)
    assert not allowed(cluster, "research", "serving", "pods", "", "get")
    assert not allowed(cluster, "research", "research", "rolebindings", "rbac.authorization.k8s.io", "create")
    assert allowed(cluster, "serving", "serving", "rolebindings", "rbac.authorization.k8s.io", "create")

    as_admin = ["--as=somebody", "--as-group=serving", "--namespace=serving", "create", "rolebinding"]
    cluster.kubectl(*as_admin, "guests", "--clusterrole=starter-tenant-edit", "--group=guests")
    with pytest.raises(ClusterError, match="attempting to grant RBAC permissions not currently held"):
        cluster.kubectl(*as_admin, "escape", "--clusterrole=edit", "--group=guests")

    for namespace in TENANTS:
        cluster.request("DELETE", f"/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0")
    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")


@pytest.mark.usefixtures("kubeconfig")
def test_labels_place_pods(cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]) -> None:
    """Nodes that say what their rendered files say, as NFD would label them: a pod that asks for a server gets that one."""
    build = tree()
    assert apply(build).good
    nodes = [
        SimulatedNode(path.parent.name, labels(path)) for path in sorted((build / "configs").glob("*/node-labels"))
    ]
    assert len(nodes) == 4
    cluster.add_nodes(nodes)
    wanted = {"network.topology.nvidia.com/accelerator": "gpu-u001-s03", "feature.node.kubernetes.io/pod-unit": "u001"}
    start(cluster, "research", "placed", gpus=8, where=wanted)

    def placed() -> bool:
        pod = cluster.get("/api/v1/namespaces/research/pods/placed")
        return (pod["spec"].get("nodeName"), pod["status"]["phase"]) == ("gpu-u001-s03", "Running")

    wait_for(placed, 60, "the pod to run on the server that it asked for")
    cluster.request("DELETE", "/api/v1/namespaces/research/pods/placed?gracePeriodSeconds=0")
    cluster.remove_nodes(node.name for node in nodes)
    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")


def labels(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def start(
    cluster: Cluster,
    namespace: str,
    name: str,
    *,
    gpus: int = 0,
    priority: str = "",
    security: Mapping[str, Any] | None = None,
    where: Mapping[str, str] | None = None,
) -> None:
    resources = {"limits": {"nvidia.com/gpu": str(gpus)}} if gpus else {}
    container = {"name": "c", "image": "none", "resources": resources, "securityContext": dict(security or {})}
    spec: dict[str, Any] = {"containers": [container], "nodeSelector": dict(where or {})}
    spec |= {"priorityClassName": priority} if priority else {}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods", pod)


def allowed(cluster: Cluster, group: str, namespace: str, resource: str, api_group: str, verb: str) -> bool:
    """Whether a member of the group may do this in the namespace."""
    name, _, sub = resource.partition("/")
    asked = {"namespace": namespace, "group": api_group, "resource": name, "subresource": sub, "verb": verb}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": "somebody", "groups": [group], "resourceAttributes": asked},
    }
    answer = cluster.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


@pytest.mark.usefixtures("kubeconfig")
def test_a_volume_is_bound_to_its_claim_and_stays_so(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    before = cluster.inventory()
    mounting = {name: tenant | {"mounts": ["scratch"]} for name, tenant in TENANTS.items()}
    build = tree("hgx-h100-32", tenants=mounting)
    assert apply(build).good

    def phases() -> set[str]:
        volumes = cluster.get("/api/v1/persistentvolumes")["items"]
        return {volume["status"]["phase"] for volume in volumes if volume["metadata"]["name"].startswith("atlas.")}

    wait_for(lambda: phases() == {"Bound"}, 60, "all volumes to be bound")
    assert set(apply(build).counts) == {"unchanged"}, "what the cluster writes into a volume is no drift"

    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig")
def test_a_resource_that_the_cluster_refuses_is_named(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    before = cluster.inventory()
    build = tree()
    data = build / "pulumi" / "cluster.yaml"
    data.write_text(data.read_text().replace("- name: batch", "- name: system-batch"))
    applied = apply(build)
    assert not applied.good
    assert "failed PriorityClass system-batch" in applied.changes
    assert [message for message in applied.messages if "system-" in message]

    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")
    assert cluster.inventory() == before


@pytest.mark.usefixtures("kubeconfig")
def test_a_run_that_is_not_over_is_a_sentence(pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]) -> None:
    lock = pulumi.state / ".pulumi" / "locks" / "organization" / "starter" / "cluster" / "one.json"
    build = tree()
    apply(build, check=True)
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(
        json.dumps({"pid": 1, "username": "tests", "hostname": "tests", "timestamp": "2026-01-01T00:00:00Z"})
    )
    with pytest.raises(EngineError, match="another run holds the cluster's state"):
        apply(build)


@pytest.mark.usefixtures("kubeconfig", "pulumi")
def test_a_program_that_fails_is_a_sentence(tree: Tree, apply: Callable[..., ClusterApplied], cluster: Cluster) -> None:
    before = cluster.inventory()
    build = tree()
    (build / "pulumi" / "cluster.yaml").write_text("pod: starter\n")
    with pytest.raises(EngineError, match=r"Pulumi stopped before its first resource: .*KeyError"):
        apply(build)
    assert cluster.inventory() == before


def test_a_preview_without_a_cluster_leaves_nothing(
    pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere/config")
    build = tree()
    files = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}
    preview = apply(build, check=True, offline=True)
    assert set(preview.counts) == {"created"}
    assert [message for message in preview.messages if message.startswith("no cluster was asked")]
    assert {path: path.read_bytes() for path in build.rglob("*") if path.is_file()} == files
    assert not list(pulumi.state.rglob("*.json"))


DEFINITIONS = Path(reference.__file__).parent / "kubernetes" / "crds"
DECLARED = Path(__file__).parents[1] / "targets" / "pulumi" / "mocked.py"


@pytest.fixture
def nic_operator(cluster: Cluster) -> Iterator[None]:
    """What a cluster has before Podwright comes: definitions of NVIDIA's network operator, and its namespace."""
    cluster.kubectl("apply", "--server-side", "-f", str(DEFINITIONS))
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(DEFINITIONS))
    cluster.kubectl("create", "namespace", "nvidia-network-operator")
    yield
    cluster.kubectl("delete", "namespace", "nvidia-network-operator")
    cluster.kubectl("delete", "-f", str(DEFINITIONS))


@pytest.mark.usefixtures("kubeconfig", "nic_operator")
def test_nics_for_pods_are_taken_whole(
    cluster: Cluster, pulumi: Pulumi, tree: Tree, apply: Callable[..., ClusterApplied]
) -> None:
    """By the API server's strictest reading, which refuses a field that a definition does not know."""
    build = tree(nic_operator={"repository": "registry.example.net/mellanox", "version": "network-operator-v26.1.0"})
    first = apply(build)
    assert (first.good, set(first.counts), first.messages) == (True, {"created"}, ())
    assert apply(build).counts == {"unchanged": total(first)}

    kinds = {"CIDRPool", "NicClusterPolicy", "NicConfigurationTemplate", "SriovNetwork", "SriovNetworkNodePolicy"}
    custom = [each for each in declared(build / "pulumi") if each["kind"] in kinds]
    assert {each["kind"] for each in custom} == kinds
    strictly = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", "-")
    for each in custom:
        cluster.kubectl(*strictly, stdin=json.dumps(each))
    custom[0]["spec"]["podwright"] = "no such field"
    with pytest.raises(ClusterError, match="podwright"):
        cluster.kubectl(*strictly, stdin=json.dumps(custom[0]))
    pulumi.run("destroy", "--yes", "--stack", "cluster", cwd=build / "pulumi")


def declared(program: Path) -> list[dict[str, Any]]:
    """The objects of the rendered program, as the engine gets them."""
    printed = subprocess.run(
        [sys.executable, str(DECLARED), "{}"], cwd=program, capture_output=True, text=True, check=True
    ).stdout
    return [each["inputs"] for each in json.loads(printed, parse_float=whole) if "apiVersion" in each["inputs"]]


def whole(number: str) -> float | int:
    """Protocol buffers have one kind of number."""
    return int(float(number)) if float(number).is_integer() else float(number)
