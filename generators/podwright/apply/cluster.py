"""Brings the cluster to the rendered state: asks it first, then lets Pulumi's engine run the rendered program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from podwright.apply.kubeconfig import SEE, find_access
from podwright.apply.playbook import Progress
from podwright.apply.reach import ask_version
from podwright.errors import EngineError, UsageError
from podwright.model.design import Cluster, Design
from podwright.model.report import ClusterApplied

PROGRAM = "pulumi"
STACK = "cluster"
VERBS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "same": "unchanged",
    "fail": "failed",
}
NOT_COMPARED = "no cluster was asked: what it holds already, what it would add by default and what it would refuse are not compared"


class Run(NamedTuple):
    """What the engine did to resources of the cluster, and what it said. `ended` is `done`, `failed` or `locked`."""

    steps: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]
    ended: str
    reason: str


def apply_cluster(
    tree: Path, design: Design, *, state: Path, check: bool = False, offline: bool = False, progress: Progress
) -> ClusterApplied:
    """Run `tree`/pulumi; `check` changes nothing, and with `offline` asks no cluster either.

    What Pulumi remembers is in `state` unless PULUMI_BACKEND_URL says otherwise. Raises UsageError where the pod has no
    cluster, EngineError where the cluster can't be reached or Pulumi can't be run; failed resources are in what is returned.
    """
    cluster = _cluster(tree, design)
    began = time.monotonic()
    said: list[str] = []
    server = context = version = ""
    if offline:
        said.append(NOT_COMPARED)
    else:
        access = find_access(cluster.kubeconfig_from, cluster.kubeconfig, cluster.context, os.environ)
        version = ask_version(access)
        server, context = access.server, access.context
        said += _other_version(cluster, version)
    _refuse_without_engine()
    state.mkdir(parents=True, exist_ok=True)
    log = state / "apply.log"
    with _prepared(tree / PROGRAM, state, offline) as (folder, backend, config):
        environment = _environment(backend, offline) | _absolute(cluster)
        run = _run(folder, design.pod.name, environment, "preview" if check else "up", config, log, progress)
    _refuse_failed_start(run, log)
    counts = Counter(VERBS[verb] for verb, _ in run.steps if verb in VERBS)
    return ClusterApplied(
        server=server,
        context=context,
        version=version,
        check=check,
        counts=dict(sorted(counts.items())),
        changes=tuple(
            f"{verb if check else VERBS[verb]} {name}"
            for verb, name in sorted(run.steps)
            if verb in VERBS and verb != "same"
        ),
        failed=run.ended != "done",
        messages=(*said, *run.messages),
        log=str(log),
        seconds=round(time.monotonic() - began, 1),
    )


def _cluster(tree: Path, design: Design) -> Cluster:
    if not design.clusters:
        raise UsageError(
            f"the pod in {tree} has no cluster", fix="Add the section `kubernetes` to its blueprint.", see=SEE
        )
    if not (tree / PROGRAM / "__main__.py").is_file():
        raise UsageError(f"{tree} has no {PROGRAM}/", fix="Run `podwright render FILE --output DIR` first.", see=SEE)
    return design.clusters[0]


def _other_version(cluster: Cluster, version: str) -> list[str]:
    if version in ("", cluster.version):
        return []
    return [f"the cluster runs Kubernetes {version}, and the blueprint says {cluster.version}"]


def _refuse_without_engine() -> None:
    if shutil.which("pulumi") is None:
        raise EngineError(
            "the program `pulumi` is not on PATH", fix="Install Pulumi: https://www.pulumi.com/docs/install/", see=SEE
        )


def _refuse_failed_start(run: Run, log: Path) -> None:
    """A run that ended before its first resource has no result."""
    if run.ended == "locked":
        raise EngineError(
            "another run holds the cluster's state, or one was cut off",
            fix=f"Wait for it to end. If none runs, run `pulumi cancel {STACK}` in the folder {PROGRAM}/ of the tree.",
            see=SEE,
        )
    if run.ended != "done" and not run.steps:
        reason = run.messages[-1] if run.messages else run.reason or "it gave no reason"
        raise EngineError(f"Pulumi stopped before its first resource: {reason}", fix=f"Read {log}.", see=SEE)


def _environment(backend: Path, throw_away: bool) -> dict[str, str]:
    """The user's own, with a backend and a passphrase where they have none: nothing in the state is secret."""
    environment = dict(os.environ)
    if throw_away:
        environment.pop("PULUMI_BACKEND_URL", None)
    environment.setdefault("PULUMI_BACKEND_URL", backend.absolute().as_uri())
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment:
        environment.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    environment.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # the program lies in the rendered tree
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment.get("PATH", os.defpath)))
    return environment


def _absolute(cluster: Cluster) -> dict[str, str]:
    """The variable that names the kubeconfig, with paths that mean the same in the program's folder."""
    value = os.environ.get(cluster.kubeconfig, "") if cluster.kubeconfig_from == "env" else ""
    if not value:
        return {}
    paths = [str(Path(part).absolute()) for part in value.split(os.pathsep) if part]
    return {cluster.kubeconfig: os.pathsep.join(paths)}


@contextmanager
def _prepared(program: Path, state: Path, offline: bool) -> Iterator[tuple[Path, Path, Mapping[str, str]]]:
    """The folder to run in, the folder of the backend, and settings of this run alone; all of it throw-away for `offline`."""
    if not offline:
        backend = state / "stacks"
        backend.mkdir(exist_ok=True)
        yield program, backend, {}
        return
    with tempfile.TemporaryDirectory(prefix="podwright-apply-") as private:
        folder, backend = Path(private) / PROGRAM, Path(private) / "stacks"
        shutil.copytree(program, folder)
        backend.mkdir()
        yield folder, backend, {"manifests": str(Path(private) / "manifests")}


def _run(
    folder: Path,
    project: str,
    environment: Mapping[str, str],
    verb: str,
    config: Mapping[str, str],
    log: Path,
    progress: Progress,
) -> Run:
    command = [sys.executable, "-m", "podwright.apply.automation", verb, STACK, project, json.dumps(config)]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        lines = process.stdout or ()
        return _listen((json.loads(line) for line in lines), progress)


def _listen(told: Iterator[dict[str, Any]], progress: Progress) -> Run:
    steps: dict[str, str] = {}
    messages: dict[str, None] = {}
    ended = reason = ""
    for event in told:
        match event["what"]:
            case "step":
                steps[event["name"]] = event["verb"]
                progress(event["name"], len(steps), 0)
            case "said":
                messages[_sentence(event["text"])] = None
            case _:
                ended, reason = event["what"], event.get("text", "")
    return Run(tuple((verb, name) for name, verb in steps.items()), tuple(messages), ended or "failed", reason)


def _sentence(text: str) -> str:
    return " ".join(text.split())
