"""`podwright apply --layer cluster` where it can't go on: a sentence at once, in a preview too, and nothing that a run leaves."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import yaml

from podwright.pipeline import design_pod, render_pod
from podwright.render import write

from .conftest import STARTER, Run

SEE = "  read: docs/stages/apply.md\n"
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


def test_rendering_asks_no_cluster_and_no_kubeconfig(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same bytes without a kubeconfig, with one that is missing, and with one whose cluster is down."""
    refusing = kubeconfig(tmp_path / "config", f"https://127.0.0.1:{closed_port()}")
    expected = (tree / "manifest.json").read_bytes()
    for value in ("", "/nowhere/config", str(refusing)):
        monkeypatch.setenv("KUBECONFIG", value)
        assert run("render", STARTER, "--output", tmp_path / "build", "--quiet").code == 0
        assert (tmp_path / "build" / "manifest.json").read_bytes() == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layer", "cluster", "--lab", "x"), "a virtual fabric has no cluster"),
        (("--layer", "cluster", "--offline"), "--offline shows what a cluster would get"),
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
