"""The Ansible content as Ansible itself reads it: inventory, groups, variables, syntax."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from podwright.model.design import Access
from podwright.projection.records import PodConfig
from podwright.resources import folder
from podwright.targets.ansible import render
from podwright.targets.ansible.inventory import group_name

PROGRAMS = Path(sys.executable).parent


def write(pod: PodConfig, tree: Path) -> Path:
    """The rendered content on disk; returns its folder."""
    for artifact in render(pod):
        path = tree / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        path.chmod(artifact.mode)
    return tree / "ansible"


def run(program: str, *words: str, cwd: Path) -> str:
    done = subprocess.run(
        [str(PROGRAMS / program), *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": str(cwd), "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return done.stdout


def listed(pod: PodConfig, tree: Path) -> dict[str, Any]:
    return dict(json.loads(run("ansible-inventory", "--list", cwd=write(pod, tree))))


@pytest.mark.parametrize("name", reference.NAMES)
@pytest.mark.parametrize("kind", ["full", "twin"])
def test_ansible_finds_every_device_in_its_groups(name: str, kind: str, tmp_path: Path) -> None:
    pod = (reference.pod if kind == "full" else reference.twin)(name)
    found = listed(pod, tmp_path)
    hosts = found["_meta"]["hostvars"]
    ours = [entry for entry in pod.entries if entry.kind != "outside" or kind == "twin"]
    assert set(hosts) == {entry.name for entry in ours}
    for entry in ours:
        assert hosts[entry.name].get("ansible_host", "") == entry.address
        for group in entry.groups:
            assert entry.name in found[group]["hosts"]


def test_every_device_is_played_once(tmp_path: Path) -> None:
    pod = reference.twin("hgx-h100-32")
    found = listed(pod, tmp_path)
    assert sorted(found["podwright_linux"]["hosts"]) == [entry.name for entry in pod.entries]
    assert "hosts" not in found.get("podwright_sonic", {})


def test_a_router_outside_is_somebody_else_s(tmp_path: Path) -> None:
    """It is a host of the play only in the twin, where we run it."""
    found = listed(reference.pod("hgx-h100-32"), tmp_path)
    assert "front-edge" not in found["_meta"]["hostvars"]
    assert "outside" not in found


def test_a_host_is_reached_as_its_override_says_and_the_others_as_all_are(tmp_path: Path) -> None:
    pod = reference.pod("starter-4")
    first, *others = pod.entries
    access = Access(device=first.name, user="{{ 1 + 1 }}", user_origin="a", python="/opt/python3", python_origin="b")
    found = listed(replace(pod, entries=(replace(first, access=access), *others)), tmp_path)["_meta"]["hostvars"]
    assert found[first.name]["ansible_user"] == {"__ansible_unsafe": "{{ 1 + 1 }}"}
    assert found[first.name]["ansible_python_interpreter"] == {"__ansible_unsafe": "/opt/python3"}
    assert {json.dumps(found[each.name]["ansible_user"]) for each in others if each.kind != "outside"} == {
        json.dumps({"__ansible_unsafe": pod.user})
    }


def test_words_that_people_wrote_are_not_templates(tmp_path: Path) -> None:
    """Braces in a description are braces; Ansible must not evaluate them, nor YAML a quote."""
    words = 'runs {{ lookup("pipe", "touch /tmp/owned") }}: "yes" # {% raw %}'
    content = write(replace(reference.twin("starter-4"), description=words, user="{{ 1 + 1 }}"), tmp_path)
    (content / "say.yml").write_text(
        yaml.safe_dump(
            [
                {
                    "hosts": "gpu-u001-s01",
                    "connection": "local",
                    "gather_facts": False,
                    "tasks": [
                        {
                            "ansible.builtin.copy": {
                                "content": "{{ [podwright_description, ansible_user] | to_json }}",
                                "dest": str(tmp_path / "said"),
                                "mode": "0600",
                            },
                            "vars": {"ansible_python_interpreter": sys.executable},
                        }
                    ],
                }
            ]
        )
    )
    run("ansible-playbook", "say.yml", cwd=content)
    assert json.loads((tmp_path / "said").read_text()) == [words, "{{ 1 + 1 }}"]


@pytest.mark.parametrize("name", reference.NAMES)
def test_ansible_takes_what_is_rendered(name: str, tmp_path: Path) -> None:
    run("ansible-playbook", "site.yml", "--syntax-check", cwd=write(reference.pod(name), tmp_path))


def test_what_is_rendered_is_fit_for_production(tmp_path: Path) -> None:
    """One pod whole, and beside it every file in which another pod differs: no text is read twice."""
    first, *others = reference.NAMES
    rendered = write(reference.pod(first), tmp_path)
    for name in others:
        for artifact in render(reference.pod(name)):
            path = Path(artifact.path).relative_to("ansible")
            if not (rendered / path).exists() or (rendered / path).read_text("utf-8") != artifact.text:
                (rendered / name / path).parent.mkdir(parents=True, exist_ok=True)
                (rendered / name / path).write_text(artifact.text, encoding="utf-8")
    assert all((rendered / name / "group_vars" / "all.yml").exists() for name in others)
    run("ansible-lint", "--offline", "--profile", "production", cwd=rendered)


@pytest.mark.parametrize(
    ("name", "group"), [("rail-0", "rail_0"), ("group_gpu", "group_gpu"), ("a.b c", "a_b_c"), ("4th", "_4th")]
)
def test_groups_have_names_that_ansible_takes(name: str, group: str) -> None:
    assert group_name(name) == group


def tasks(value: object) -> Iterable[dict[str, Any]]:
    """Every mapping in a YAML document that may be a task."""
    if isinstance(value, list):
        for item in value:
            yield from tasks(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from tasks(item)


def test_the_roles_need_no_collection_but_that_of_eos() -> None:
    """What has a dot in its name is a module; all are ansible-core's own, but in the role that only pods with EOS get."""
    modules = {
        key
        for path in folder("playbooks").rglob("*.yml")
        for task in tasks(yaml.safe_load(path.read_text()))
        for key in task
        if "." in str(key)
    }
    assert modules
    foreign = {key for key in modules if not re.fullmatch(r"ansible\.builtin\.\w+", key)}
    assert foreign == {"arista.eos.eos_command", "arista.eos.eos_config"}


def test_hosts_know_nothing_of_each_other() -> None:
    """`--limit` gives a host what a run of the whole pod gives it."""
    for path in folder("playbooks").rglob("*.yml"):
        text = path.read_text()
        for word in ("hostvars", "groups[", "run_once", "delegate_to", "ansible_play_hosts"):
            assert word not in text, path


def test_programs_are_executable_and_development_files_stay_behind() -> None:
    artifacts = {artifact.path: artifact for artifact in render(reference.twin("starter-4"))}
    assert artifacts["ansible/roles/network/files/podwright-network"].mode == 0o755
    assert artifacts["ansible/site.yml"].mode == 0o644
    assert not [path for path in artifacts if "/." in path or "__pycache__" in path]
