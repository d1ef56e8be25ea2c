"""Ansible connection plugin: commands and files reach a node of a lab through its Linux namespaces.

Stands alone: it needs ansible-core and util-linux, nothing of Podwright.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: podwright_netns
short_description: Enter a node of a Podwright lab through its Linux namespaces
description:
  - Runs commands as root of the node with C(nsenter), and copies files through it.
  - A node is named by the process id of its first process together with the start time of that process, so that a
    process id used again by something else is never entered.
author: Podwright
version_added: "1.0"
options:
  node_pid:
    description: Process id, on this host, of the first process of the node.
    type: int
    required: true
    vars:
      - name: podwright_node_pid
  node_start:
    description: Start time of that process, field 22 of its C(/proc/<pid>/stat).
    type: int
    required: true
    vars:
      - name: podwright_node_start
  node_rootless:
    description: Whether the lab runs in a user namespace of the calling user.
    type: bool
    default: false
    vars:
      - name: podwright_node_rootless
extends_documentation_fragment:
  - connection_pipelining
"""

_ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "USER=root",
    "LANG=C.UTF-8",
)


class Connection(ConnectionBase):
    """A node of a lab, entered anew for every command."""

    transport = "podwright_netns"
    has_pipelining = True
    has_tty = False

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a shell command; returns (exit status, stdout, stderr)."""
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return self._run(["/bin/sh", "-c", cmd], in_data or b"")

    def put_file(self, in_path: str, out_path: str) -> None:
        """Copy a file of the controller into the node."""
        super().put_file(in_path, out_path)
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound(f"The file {in_path} does not exist.")
        script = 'exec cat > "$0"'
        status, _, complaint = self._run(["/bin/sh", "-c", script, out_path], Path(in_path).read_bytes())
        if status != 0:
            raise AnsibleError(f"The file {out_path} can't be written in the node: {to_text(complaint)}")

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Copy a file of the node to the controller."""
        super().fetch_file(in_path, out_path)
        status, content, complaint = self._run(["cat", in_path], b"")
        if status != 0:
            raise AnsibleError(f"The file {in_path} can't be read in the node: {to_text(complaint)}")
        Path(out_path).write_bytes(content)

    def close(self) -> None:
        """There is nothing to close: no connection outlives its command."""
        self._connected = False

    def reset(self) -> None:
        """The next command enters the node anew, as every command does."""

    def _run(self, argv: list[str], stdin: bytes) -> tuple[int, bytes, bytes]:
        command = [to_bytes(word, errors="surrogate_or_strict") for word in [*self._entrance(), *argv]]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, cwd="/")
        return done.returncode, done.stdout, done.stderr

    def _entrance(self) -> list[str]:
        pid, start = int(self.get_option("node_pid")), int(self.get_option("node_start"))
        if _start_of(pid) != start:
            raise AnsibleConnectionFailure(
                f"The node no longer runs: process {pid} is not the one that started at {start}. "
                "Bring the lab up again, and write its inventory anew."
            )
        user = ["--user", "--preserve-credentials"] if self.get_option("node_rootless") else []
        spaces = ["--net", "--mount", "--uts", "--ipc", "--pid"]
        return ["nsenter", "--target", str(pid), *user, *spaces, "--", "env", "-i", *_ENVIRONMENT]


def _start_of(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot; None where there is none. Its name may hold spaces."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])
