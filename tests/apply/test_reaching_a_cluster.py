"""Which cluster a kubeconfig leads to, and the sentence where that cluster can't be used: what was tried, and why it failed."""

from __future__ import annotations

import base64
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from podwright.apply.kubeconfig import Access, find_access
from podwright.apply.reach import ask_version
from podwright.errors import EngineError

from .servers import TOKEN, listening

Document = dict[str, Any]


def kubeconfig(server: str, user: Document | None = None, **cluster: Any) -> Document:
    return {
        "clusters": [{"name": "tests", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "admin", "user": user or {}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
        "current-context": "tests",
    }


def written(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def access(path: Path, context: str = "") -> Access:
    return find_access("file", str(path), context, {})


def refusal(path: Path, context: str = "") -> str:
    """What is said of a cluster that can't be used."""
    with pytest.raises(EngineError) as refused:
        ask_version(access(path, context))
    assert refused.value.fix
    assert refused.value.see == "docs/stages/apply.md"
    return refused.value.message


# Which one


def test_a_reference_leads_to_its_file(tmp_path: Path) -> None:
    path = written(tmp_path / "config", kubeconfig("https://192.0.2.1:6443/"))
    for source, name, environment in (("file", str(path), {}), ("env", "MINE", {"MINE": str(path)})):
        found = find_access(source, name, "", environment)
        assert (found.server, found.context) == ("https://192.0.2.1:6443", "tests")


def test_files_of_a_list_are_merged_and_the_first_says_what_counts(tmp_path: Path) -> None:
    first = written(tmp_path / "a", {"current-context": "tests", "contexts": []})
    second = written(tmp_path / "b", kubeconfig("https://192.0.2.2:6443"))
    third = written(tmp_path / "c", kubeconfig("https://192.0.2.3:6443") | {"current-context": "other"})
    paths = os.pathsep.join(map(str, (first, tmp_path / "absent", second, third)))
    assert find_access("env", "KUBECONFIG", "", {"KUBECONFIG": paths}).server == "https://192.0.2.2:6443"


def test_files_that_a_kubeconfig_names_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ca.crt").write_bytes(b"a certificate")
    (tmp_path / "deep" / "token").write_text(f"{TOKEN}\n")
    document = kubeconfig(
        "https://192.0.2.1:6443",
        {"tokenFile": "token", "client-key-data": base64.b64encode(b"a key").decode()},
        **{"certificate-authority": "ca.crt"},
    )
    found = access(written(tmp_path / "deep" / "config", document))
    assert (found.authority, found.token, found.key) == (b"a certificate", TOKEN, b"a key")


@pytest.mark.parametrize(
    ("source", "name", "environment", "message"),
    [
        ("file", "/nowhere/config", {}, "there is no kubeconfig: /nowhere/config does not exist"),
        (
            "env",
            "KUBECONFIG",
            {"KUBECONFIG": "/nowhere/config"},
            "there is no kubeconfig: /nowhere/config (from KUBECONFIG) does not exist",
        ),
        (
            "env",
            "KUBECONFIG",
            {},
            "there is no kubeconfig: /nowhere/.kube/config (KUBECONFIG is not set) does not exist",
        ),
        ("env", "MINE", {}, "the environment variable MINE, which names the kubeconfig, is not set"),
    ],
)
def test_no_kubeconfig_is_a_sentence(
    source: str, name: str, environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(EngineError) as refused:
        find_access(source, name, "", environment)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("change", "context", "message"),
    [
        ({"current-context": ""}, "", "{path} has no current context, and the blueprint names none"),
        ({}, "other", "{path} has no context `other`; it has tests"),
        ({"contexts": None}, "", "{path} has no context `tests`; it has none"),
        ({"clusters": []}, "", "context `tests` of {path} names no API server"),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_a_sentence(
    change: Document, context: str, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "config", kubeconfig("https://192.0.2.1") | change)
    assert refusal(path, context) == message.format(path=path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "{path} can't be read as a kubeconfig"), ("- a", "{path} is not a kubeconfig")],
)
def test_a_file_that_is_no_kubeconfig_is_a_sentence(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    assert refusal(path) == message.format(path=path)


# Whether it answers


def test_a_cluster_that_answers_tells_its_version(tmp_path: Path) -> None:
    with listening(tls=tmp_path) as server:
        document = kubeconfig(server.url, {"token": TOKEN}, **{"certificate-authority": str(server.certificate)})
        assert ask_version(access(written(tmp_path / "config", document))) == "1.36"
        assert server.seen == [("/version", f"Bearer {TOKEN}")]


def test_a_path_of_the_server_is_kept(tmp_path: Path) -> None:
    """Proxies in front of many clusters have one, as Rancher's."""
    with listening() as server:
        ask_version(access(written(tmp_path / "config", kubeconfig(f"{server.url}/k8s/clusters/c-1"))))
        assert server.seen == [("/k8s/clusters/c-1/version", "")]


@pytest.mark.parametrize("status", [401, 403])
def test_a_cluster_that_tells_strangers_nothing_is_there(status: int, tmp_path: Path) -> None:
    """A kubeconfig whose credentials a program of its own makes has none to send here."""
    with listening(status) as server:
        assert ask_version(access(written(tmp_path / "config", kubeconfig(server.url)))) == ""


def test_credentials_that_are_not_accepted(tmp_path: Path) -> None:
    with listening(401) as server:
        path = written(tmp_path / "config", kubeconfig(server.url, {"token": TOKEN}))
        said = refusal(path)
        assert said == (
            f"the cluster at {server.url} can't be used: it does not accept the credentials (context `tests` of {path})"
        )


def test_something_else_that_answers(tmp_path: Path) -> None:
    with listening(body=b"<html>") as server:
        path = written(tmp_path / "config", kubeconfig(server.url))
        assert refusal(path) == (
            f"the cluster at {server.url} can't be used: what answers there is no Kubernetes API server "
            f"(context `tests` of {path})"
        )


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    with listening(tls=tmp_path) as server:
        path = written(tmp_path / "config", kubeconfig(server.url))
        assert refusal(path) == (
            f"the cluster at {server.url} can't be used: its certificate is not trusted (self-signed certificate) "
            f"(context `tests` of {path})"
        )
        trusting = written(tmp_path / "trusting", kubeconfig(server.url, **{"insecure-skip-tls-verify": True}))
        assert ask_version(access(trusting)) == "1.36"


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{bound.getsockname()[1]}"
    path = written(tmp_path / "config", kubeconfig(url))
    assert refusal(path) == f"the cluster at {url} can't be used: it refuses connections (context `tests` of {path})"


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    path = written(tmp_path / "config", kubeconfig("https://api.invalid:6443"))
    assert refusal(path).startswith("the cluster at https://api.invalid:6443 can't be used: no resolver knows its name")


def test_something_that_listens_and_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podwright.apply.reach.SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        path = written(tmp_path / "config", kubeconfig(url))
        assert "it does not answer within 0 s" in refusal(path)


@pytest.mark.parametrize("from_environment", [True, False])
def test_a_proxy_is_asked_first(from_environment: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening() as proxy:  # which knows no CONNECT
        if from_environment:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            document = kubeconfig("https://192.0.2.1:6443")
        else:
            document = kubeconfig("https://192.0.2.1:6443", **{"proxy-url": proxy.url})
        assert "Tunnel connection failed: 501" in refusal(written(tmp_path / "config", document))


def test_behind_a_socks_proxy_nothing_is_asked(tmp_path: Path) -> None:
    document = kubeconfig("https://192.0.2.1:6443", **{"proxy-url": "socks5://192.0.2.9:1080"})
    assert ask_version(access(written(tmp_path / "config", document))) == ""


def test_no_sentence_gives_a_token_away(tmp_path: Path) -> None:
    for status, body in ((401, b""), (200, b"<html>")):
        with listening(status, body) as server:
            path = written(tmp_path / "config", kubeconfig(server.url, {"token": TOKEN}))
            assert TOKEN not in refusal(path)
