"""Programs of the roles, run on a device as they are.

Stands alone: it needs ansible-core, nothing of Podwright.
"""

from __future__ import annotations

import shlex

from ansible.module_utils.common.text.converters import to_bytes
from ansible.plugins.action import ActionBase

ARGUMENTS = {
    "argv": {"type": "list", "elements": "str", "required": True},
    "stdin": {"type": "str", "default": ""},
}
LOCALE = "LC_ALL=C"
"""Programs read what other programs print, in the same words everywhere."""


class ActionModule(ActionBase):
    """Runs `argv` with `stdin`, and returns what ansible.builtin.command does.

    That module is a Python program of its own, some 200 ms of a processor a task, and in a twin one machine pays them
    for every node. What it would start is started here by the connection itself, and takes a tenth of it.
    """

    TRANSFERS_FILES = False
    _supports_check_mode = False  # what may run in a check says so itself, and is told by its arguments

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(ARGUMENTS)
        if not self._connection.has_pipelining:
            return result | self._execute_module("ansible.builtin.command", module_args=given, task_vars=task_vars)
        command = shlex.join(["env", LOCALE, *given["argv"]])
        # Never empty: SSH would give the command a terminal, which turns its line ends.
        done = self._low_level_execute_command(command, in_data=to_bytes(given["stdin"]) + b"\n")
        for stream in ("stdout", "stderr"):
            done[stream] = done[stream].rstrip("\r\n")
            done[f"{stream}_lines"] = done[stream].splitlines()
        refused = {"failed": True, "msg": "non-zero return code"} if done["rc"] else {"msg": ""}
        return result | done | {"changed": True} | refused
