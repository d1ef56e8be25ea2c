"""`podwright apply --layer cluster` where it can't go on: a sentence at once, in a preview too, and nothing that a run leaves."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import yaml

from podwright.cli.verbs import apply as apply_verb
from podwright.model.report import Applied, ClusterApplied
from podwright.pipeline import Reach, design_pod, render_pod
from podwright.render import write

from .conftest import ROOT, STARTER, Run

SEE = f"  read: {ROOT}/docs/stages/apply.md\n"
MODES = [(), ("--check",)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered starter pod."""
    folder = tmp_path_factory.mktemp("tree") / "build"
    write(render_pod(design_pod(Path(STARTER))), folder)
    return folder


def closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def kubeconfig(path: Path, server: str) -> Path:
    document = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [],
        "contexts": [{"name": "admin@c", "context": {"cluster": "c"}}],
        "current-context": "admin@c",
    }
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("mode", MODES)
def test_no_kubeconfig(run: Run, tree: Path, mode: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", "/nowhere")
    said = run("apply", tree, "--layer", "cluster", *mode)
    assert (said.code, said.out) == (4, "")
    assert said.err == (
        "error: there is no kubeconfig: /nowhere/.kube/config (KUBECONFIG is not set) does not exist\n"
        "  fix: Put the cluster's kubeconfig there, or let KUBECONFIG name it.\n" + SEE
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_kubeconfig_that_does_not_exist(
    run: Run, tree: Path, mode: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere/config")
    said = run("apply", tree, "--layer", "cluster", *mode)
    assert said.code == 4
    assert said.err == (
        "error: there is no kubeconfig: /nowhere/config (from KUBECONFIG) does not exist\n"
        "  fix: Put the cluster's kubeconfig there, or let KUBECONFIG name it.\n" + SEE
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_cluster_that_refuses_connections(
    run: Run, tree: Path, mode: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = f"https://127.0.0.1:{closed_port()}"
    path = kubeconfig(tmp_path / "config", server)
    monkeypatch.setenv("KUBECONFIG", str(path))
    said = run("apply", tree, "--layer", "cluster", *mode)
    assert said.code == 4
    assert said.err == (
        f"error: the cluster at {server} can't be used: it refuses connections "
        f"(context `admin@c` of {path} (from KUBECONFIG))\n"
        "  fix: Start the cluster or correct the kubeconfig; nothing was changed.\n" + SEE
    )
    assert not (tmp_path / "state" / "pulumi").exists()


def test_rendering_asks_no_cluster_and_no_kubeconfig(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same bytes without a kubeconfig, with one that is missing, and with one whose cluster is down."""
    refusing = kubeconfig(tmp_path / "config", f"https://127.0.0.1:{closed_port()}")
    manifests = set()
    for number, value in enumerate(("", "/nowhere/config", str(refusing))):
        monkeypatch.setenv("KUBECONFIG", value)
        build = tmp_path / f"build-{number}"
        assert run("render", STARTER, "--output", build, "--quiet").code == 0
        manifests.add((build / "manifest.json").read_bytes())  # it holds the digest of every file
    assert len(manifests) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layer", "cluster", "--lab", "x"), "a virtual fabric has no cluster"),
        (("--layer", "cluster", "--offline"), "--offline shows what a cluster would get"),
        (("--layer", "cluster", "--batch", "4"), "a cluster has no devices to go through in batches"),
        (("--check", "--offline"), "--offline shows what a cluster would get"),
    ],
)
def test_words_that_contradict_one_another(run: Run, tree: Path, words: tuple[str, ...], message: str) -> None:
    said = run("apply", tree, *words)
    assert said.code == 2
    assert said.err.startswith(f"error: {message}\n  fix: ")


def test_a_pod_without_a_cluster(run: Run, tmp_path: Path) -> None:
    blueprint = yaml.safe_load(Path(STARTER, "pod.yaml").read_text())
    del blueprint["kubernetes"]
    (tmp_path / "pod.yaml").write_text(json.dumps(blueprint))
    build = tmp_path / "build"
    assert run("render", tmp_path / "pod.yaml", "--output", build, "--quiet").code == 0
    assert not (build / "pulumi").exists()
    said = run("apply", build, "--layer", "cluster")
    assert said.code == 2
    assert said.err == (
        f"error: the pod in {build} has no cluster\n  fix: Add the section `kubernetes` to its blueprint.\n" + SEE
    )


def test_a_tree_without_the_program(run: Run, tmp_path: Path) -> None:
    build = tmp_path / "build"
    assert run("render", STARTER, "--output", build, "--only", "design", "--quiet").code == 0
    said = run("apply", build, "--layer", "cluster")
    assert said.code == 2
    assert said.err.startswith(f"error: {build} has no pulumi/\n")


def test_no_engine(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = run("apply", tree, "--layer", "cluster", "--check", "--offline")
    assert said.code == 4
    assert said.err == (
        "error: the program `pulumi` is not on PATH\n  fix: Install Pulumi: https://www.pulumi.com/docs/install/\n"
        + SEE
    )


APPLIED = ClusterApplied(
    server="https://192.0.2.1:6443",
    context="admin@c",
    version="1.35",
    check=False,
    counts={"created": 1, "deleted": 31, "unchanged": 4},
    changes=("created Namespace a", *(f"deleted NetworkPolicy b/{number:02}" for number in range(31))),
    failed=True,
    messages=("the cluster runs Kubernetes 1.35, and the blueprint says 1.36",),
    log="/tmp/apply.log",
    seconds=3.2,
)


def test_what_a_run_did_is_told_change_by_change(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_verb, "apply_cluster_of", lambda *_, **__: APPLIED)
    said = run("apply", tree, "--layer", "cluster")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "  created Namespace a"
    assert lines[30:] == [
        "  and 2 more: --format json names them all",
        "the cluster runs Kubernetes 1.35, and the blueprint says 1.36",
        "1 created, 31 deleted, 4 unchanged in 3 s (https://192.0.2.1:6443, context admin@c)",
        "all that Pulumi said: /tmp/apply.log",
    ]
    document = json.loads(run("apply", tree, "--layer", "cluster", "--format", "json").out)
    assert len(document["changes"]) == 32


@pytest.mark.parametrize("layer", [None, "fabric", "hosts"])
def test_a_layer_of_devices_is_handed_on(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, layer: str | None
) -> None:
    asked: list[str | None] = []

    def applied(_build: Path, *, reach: Reach, **_: object) -> Applied:
        asked.append(reach.layer)
        return Applied(1, {}, (), (), (), "/tmp/apply.log", 1.0)

    monkeypatch.setattr(apply_verb, "apply_build", applied)
    assert run("apply", tree, *(("--layer", layer) if layer else ())).code == 0
    assert asked == [layer]
