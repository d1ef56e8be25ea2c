"""What an Ansible run did, counted over every host that the playbook is for; the runner itself is replaced."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from podwright import scratch
from podwright.apply import apply, playbook
from podwright.cli.starter import references
from podwright.model.report import Applied
from podwright.pipeline import check_pod, render_pod
from podwright.render import write
from podwright.resources import folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered tree of a pod with Linux servers and switches of two systems."""
    reference = references()[0]
    build = tmp_path_factory.mktemp("apply") / "build"
    write(render_pod(check_pod(folder("blueprints") / reference)), build)
    return build


def applied(
    tree: Path, log: Path, monkeypatch: pytest.MonkeyPatch, limit: str = "", **stats: dict[str, int]
) -> Applied:
    """What `apply` makes of a run that ended with these statistics."""
    ended = SimpleNamespace(rc=0, config=SimpleNamespace(artifact_dir=str(log.parent)), stats=stats)
    monkeypatch.setattr(playbook, "_run", lambda *_: ended)
    return apply(tree, log=log, limit=limit)


def play_hosts(tree: Path, *names: str) -> set[str]:
    text = (tree / "ansible/inventory.yml").read_text().replace("!unsafe", "")
    groups = yaml.safe_load(text)["all"]["children"]
    return {host for name in names for host in groups[name]["hosts"]}


def test_hosts_of_a_play_that_was_never_begun_are_named(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ansible ends the run where a play has lost all of its hosts, and its statistics know only those."""
    linux, switches = play_hosts(tree, "podwright_linux"), play_hosts(tree, "podwright_sonic", "podwright_nvue")
    assert linux
    assert switches
    gone = dict.fromkeys(linux, 1)
    done = applied(tree, tmp_path / "log", monkeypatch, processed=gone, dark=gone)
    assert (done.hosts, set(done.unreachable), set(done.untried)) == (len(linux | switches), linux, switches)
    assert not done.good


def test_a_run_over_all_hosts_or_all_of_a_layer_is_good(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = dict.fromkeys(play_hosts(tree, "servers"), 1)
    assert applied(tree, tmp_path / "log", monkeypatch, limit="servers", processed=servers).good
    hosts = dict.fromkeys(play_hosts(tree, "podwright_linux", "podwright_sonic", "podwright_nvue"), 1)
    done = applied(tree, tmp_path / "log", monkeypatch, processed=hosts, changed=hosts)
    assert (done.hosts, done.untried, done.good) == (len(hosts), (), True)


@pytest.mark.parametrize("has_memory", [True, False])
def test_what_the_runner_writes_down_stays_in_memory_where_there_is_any(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_memory: bool
) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    disk.mkdir()
    if has_memory:
        memory.mkdir()
    monkeypatch.setattr(scratch, "_MEMORY", str(memory))
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    seen: list[Path] = []

    def run(_folder: Path, private: str, *_: object) -> SimpleNamespace:
        seen.append(Path(private))
        return SimpleNamespace(rc=0, config=SimpleNamespace(artifact_dir=private), stats={"processed": {"a": 1}})

    monkeypatch.setattr(playbook, "_run", run)
    apply(tree, log=tmp_path / "log")
    assert [private.parent for private in seen] == [memory if has_memory else disk]
    assert not seen[0].exists()
