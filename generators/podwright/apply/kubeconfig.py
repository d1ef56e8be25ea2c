"""Which cluster a kubeconfig leads to, by kubectl's own rules: files of a list are merged, and the first one to say a thing wins.

Source: kubernetes.io, "Organizing Cluster Access Using kubeconfig Files".
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from podwright.errors import EngineError

SEE = "docs/stages/apply.md"
DEFAULT = "~/.kube/config"
AMBIENT = "KUBECONFIG"

Entry = Mapping[str, Any]


class Access(NamedTuple):
    """One context: where its API server is, and what it takes to speak to it. Keys and certificates are PEM, or empty."""

    told: str
    context: str
    server: str
    server_name: str = ""
    authority: bytes = b""
    insecure: bool = False
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    proxy: str = ""

    def __str__(self) -> str:
        return f"context `{self.context}` of {self.told}"


def find_access(source: str, name: str, context: str, environment: Mapping[str, str]) -> Access:
    """The access that a reference (`env` or `file`, and its name) and a context lead to; an empty one is the current context.

    Raises EngineError where there is no such file or context.
    """
    told, paths = _paths(source, name, environment)
    files = [(path, _read(path)) for path in paths if path.is_file()]
    if not files:
        raise EngineError(
            f"there is no kubeconfig: {told} does not exist",
            fix=f"Put the cluster's kubeconfig there{_or_say_where(source, name)}.",
            see=SEE,
        )
    wanted = context or next((str(file["current-context"]) for _, file in files if file.get("current-context")), "")
    if not wanted:
        raise EngineError(
            f"{told} has no current context, and the blueprint names none",
            fix="Write `context` in the section `kubernetes`, or run `kubectl config use-context NAME`.",
            see=SEE,
        )
    return _access(told, wanted, files)


def _or_say_where(source: str, name: str) -> str:
    return f", or let {name} name it" if source == "env" else ""


def _paths(source: str, name: str, environment: Mapping[str, str]) -> tuple[str, list[Path]]:
    """The files, and how to speak of them."""
    if source == "file":
        path = Path(name).expanduser()
        return str(path), [path]
    value = environment.get(name, "")
    if value:
        return f"{value} (from {name})", [Path(part) for part in value.split(os.pathsep) if part]
    if name == AMBIENT:
        path = Path(DEFAULT).expanduser()
        return f"{path} ({AMBIENT} is not set)", [path]
    raise EngineError(
        f"the environment variable {name}, which names the kubeconfig, is not set",
        fix=f"Run `export {name}=PATH`.",
        see=SEE,
    )


def _read(path: Path) -> Entry:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise EngineError(f"{path} can't be read as a kubeconfig", fix="Correct the file.", see=SEE) from problem
    if not isinstance(document, Mapping):
        raise EngineError(f"{path} is not a kubeconfig", fix="Correct the file.", see=SEE)
    return document


def _access(told: str, name: str, files: list[tuple[Path, Entry]]) -> Access:
    contexts = dict(reversed(list(_named(files, "contexts", "context"))))
    if name not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise EngineError(
            f"{told} has no context `{name}`; it has {known}",
            fix="Write one of these as `context` in the section `kubernetes`.",
            see=SEE,
        )
    _, context = contexts[name]
    clusters, users = (dict(reversed(list(_named(files, key, key[:-1])))) for key in ("clusters", "users"))
    beside, cluster = clusters.get(str(context.get("cluster")), (Path(), {}))
    if not cluster.get("server"):
        raise EngineError(f"context `{name}` of {told} names no API server", fix="Correct the kubeconfig.", see=SEE)
    home, user = users.get(str(context.get("user")), (Path(), {}))
    return Access(
        told=told,
        context=name,
        server=str(cluster["server"]).rstrip("/"),
        server_name=str(cluster.get("tls-server-name", "")),
        authority=_pem(cluster, "certificate-authority", beside),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        certificate=_pem(user, "client-certificate", home),
        key=_pem(user, "client-key", home),
        token=_token(user, home),
        proxy=str(cluster.get("proxy-url", "")),
    )


def _named(files: list[tuple[Path, Entry]], key: str, inner: str) -> Iterator[tuple[str, tuple[Path, Entry]]]:
    """Each entry of a list by its name, with the folder that its relative paths begin at."""
    for path, file in files:
        for entry in file.get(key) or ():
            yield str(entry["name"]), (path.parent, entry.get(inner) or {})


def _pem(entry: Entry, key: str, beside: Path) -> bytes:
    if data := entry.get(f"{key}-data"):
        return base64.b64decode(data)
    if path := entry.get(key):
        return _bytes(beside / str(path))
    return b""


def _token(user: Entry, beside: Path) -> str:
    if path := user.get("tokenFile"):
        return _bytes(beside / str(path)).decode().strip()
    return str(user.get("token") or "")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise EngineError(
            f"{path}, which the kubeconfig names, can't be read: {problem.strerror}",
            fix="Correct the kubeconfig.",
            see=SEE,
        ) from problem
