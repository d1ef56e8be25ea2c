"""Ansible reaches the nodes through the connection plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from podwright.lab import labs, registry
from podwright.lab.ansible.overlay import overlay, plugin_folder
from podwright.lab.process import Process
from podwright.lab.registry import Lab
from podwright.lab.topology import Node, Topology

PLAYBOOK = """
- hosts: all
  become: true
  tasks:
    - ansible.builtin.copy:
        content: "{{ role }} {{ ansible_facts.hostname }}\\n"
        dest: /etc/podwright-test/motd
        mode: "0640"
    - ansible.builtin.fetch: {src: /etc/podwright-test/motd, dest: "{{ taken }}/"}
    - ansible.builtin.command: cat
      args: {stdin: "from the controller"}
      register: heard
      changed_when: false
    - ansible.builtin.assert: {that: heard.stdout == "from the controller"}
  pre_tasks:
    - ansible.builtin.file: {path: /etc/podwright-test, state: directory, mode: "0755"}
"""
INVENTORY = """
all:
  hosts: {leaf1: {}, gpu1: {}, gpu2: {}}
  vars: {ansible_connection: ssh, ansible_user: admin, ansible_host: 192.0.2.1, role: production}
"""


def play(folder: Path, over: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the playbook over the pod's inventory with `over` laid on top."""
    (folder / "inventory.yml").write_text(INVENTORY)
    (folder / "over.yml").write_text(over)
    (folder / "play.yml").write_text(PLAYBOOK)
    program = Path(sys.executable).with_name("ansible-playbook")
    inventories = ["-i", str(folder / "inventory.yml"), "-i", str(folder / "over.yml")]
    environment = {
        **os.environ,
        "ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder()),
        "ANSIBLE_HOME": str(folder / "home"),
        **settings,
    }
    return subprocess.run(
        [str(program), *inventories, "-e", f"taken={folder / 'taken'}", str(folder / "play.yml")],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def taken(folder: Path, node: str) -> str:
    return (folder / "taken" / node / "etc" / "podwright-test" / "motd").read_text()


@pytest.mark.lab
@pytest.mark.usefixtures("root_lab")
@pytest.mark.parametrize("pipelining", ["true", "false"])
def test_the_plugin_runs_modules_and_moves_files(pair: Path, tmp_path: Path, pipelining: str) -> None:
    lab = labs.up(pair)
    done = play(tmp_path, overlay(lab).replace("ansible_pipelining: true", f"ansible_pipelining: {pipelining}"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [taken(tmp_path, node) for node in ("leaf1", "gpu1")] == ["production leaf1\n", "production gpu1\n"]


@pytest.mark.lab
@pytest.mark.usefixtures("root_lab")
def test_a_process_number_used_again_by_something_else_is_never_entered(pair: Path, tmp_path: Path) -> None:
    lab = labs.up(pair)
    start = lab.nodes["gpu1"].start
    done = play(tmp_path, overlay(lab).replace(f"podwright_node_start: {start}", f"podwright_node_start: {start - 1}"))
    assert done.returncode != 0
    assert "The node no longer runs" in done.stdout


def some_lab(driver: registry.DriverName = "netns", mode: registry.Mode = "root") -> Lab:
    topology = Topology("atlas", "atlas.clab.yml", (Node("gpu1", "server"),), (), prefix="")
    return Lab("atlas", driver, topology, mode, nodes={"gpu1": Process(7, 8)})


def test_the_overlay_changes_connection_variables_only() -> None:
    variables = yaml.safe_load(overlay(some_lab(mode="rootless")))["all"]["hosts"]["gpu1"]
    assert all(name.startswith(("ansible_", "podwright_node_")) for name in variables)
    assert (variables["podwright_node_pid"], variables["podwright_node_start"]) == (7, 8)
    assert variables["podwright_node_rootless"] is True


def test_containers_are_reached_through_docker() -> None:
    variables = yaml.safe_load(overlay(some_lab(driver="containerlab")))["all"]["hosts"]["gpu1"]
    assert variables["ansible_connection"] == "community.docker.docker"
    assert variables["ansible_host"] == "gpu1"
