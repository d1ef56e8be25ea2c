"""Plays a role's tasks on this machine for real; their files and folders are the test's own, by variables."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from podwright.resources import folder

PROGRAMS = Path(sys.executable).parent


def play(tree: Path, role: str, variables: dict[str, Any], *words: str, part: str = "main") -> int:
    """How many tasks changed something. `part` is the file of the role's tasks, `words` are for ansible-playbook."""
    tasks = [{"ansible.builtin.include_role": {"name": role, "tasks_from": part}}]
    known = variables | {"ansible_python_interpreter": sys.executable}
    document = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": known, "tasks": tasks}
    (tree / "play.yml").write_text(yaml.safe_dump([document]))
    done = subprocess.run(
        [str(PROGRAMS / "ansible-playbook"), "-i", "localhost,", "play.yml", *words],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": f"{PROGRAMS}:/usr/bin:/bin",
            "HOME": str(tree),
            "LANG": "C.UTF-8",
            "ANSIBLE_ROLES_PATH": str(folder("playbooks") / "roles"),
            "ANSIBLE_ACTION_PLUGINS": str(folder("playbooks") / "action_plugins"),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.findall(r"changed=(\d+)", done.stdout)[0])
