"""The action that runs the roles' programs: what goes in, what comes out, and what a failure says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from podwright.resources import folder

ANSIBLE = Path(sys.executable).parent / "ansible-playbook"


def ran(tmp_path: Path, task: dict[str, Any], *words: str, **variables: Any) -> tuple[dict[str, Any], str]:
    """What a task by the action returned, and all that Ansible said."""
    known = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, **variables}
    keep = {"content": "{{ returned }}", "dest": str(tmp_path / "returned.json")}
    tasks = [
        {"name": "Run it", "ignore_errors": True, "register": "returned", **task},
        {"name": "Keep it", "ansible.builtin.copy": keep, "no_log": True, "check_mode": False, "connection": "local"},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars": known, "tasks": tasks}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [str(ANSIBLE), "-i", "localhost,", "play.yml", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ANSIBLE_ACTION_PLUGINS": str(folder("playbooks") / "action_plugins")},
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return json.loads((tmp_path / "returned.json").read_text()), said


def program(script: str, *words: str, **more: str) -> dict[str, Any]:
    return {"podwright_program": {"argv": ["sh", "-c", script, *words], **more}}


def test_words_and_input_arrive_as_they_are(tmp_path: Path) -> None:
    result, _ = ran(tmp_path, program('printf "%s|" "$0" "$1"; cat', "it's", 'a "$b" c', stdin='{"a": [1]}\ntwo'))
    assert result["stdout"] == 'it\'s|a "$b" c|{"a": [1]}\ntwo'
    assert result["stdout_lines"] == ['it\'s|a "$b" c|{"a": [1]}', "two"]
    assert (result["rc"], result["changed"]) == (0, True)


def test_a_failure_keeps_both_streams(tmp_path: Path) -> None:
    result, _ = ran(tmp_path, program("echo done; echo line 3: no such thing >&2; exit 4"))
    assert (result["failed"], result["rc"]) == (True, 4)
    assert (result["stdout"], result["stderr"]) == ("done", "line 3: no such thing")


def test_a_check_runs_it_only_where_the_task_says_so(tmp_path: Path) -> None:
    task = program("echo ran")
    skipped, _ = ran(tmp_path, task, "--check")
    assert skipped["skipped"]
    assert "stdout" not in skipped
    result, _ = ran(tmp_path, {**task, "check_mode": False}, "--check")
    assert result["stdout"] == "ran"


def test_a_secret_that_goes_in_is_in_no_output(tmp_path: Path) -> None:
    task = {**program("cat; false", stdin="canary-4791-sesame"), "no_log": True}
    result, said = ran(tmp_path, task, "-vvv")
    assert result["failed"]
    assert "canary-4791-sesame" not in said


def test_a_connection_that_takes_no_input_gets_the_module(tmp_path: Path) -> None:
    plugins = tmp_path / "connection_plugins"
    plugins.mkdir()
    (plugins / "plain.py").write_text(
        "from ansible.plugins.connection.local import Connection as Local\n\n"
        'DOCUMENTATION = "name: plain\\nshort_description: without pipelining\\noptions: {}"\n\n\n'
        "class Connection(Local):\n    transport = 'plain'\n    has_pipelining = False\n"
    )
    result, _ = ran(tmp_path, program("cat", stdin="text"), ansible_connection="plain")
    assert (result["stdout"], result["rc"]) == ("text", 0)
