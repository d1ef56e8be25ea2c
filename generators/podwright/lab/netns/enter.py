"""Entering a node: its namespaces, through nsenter, after checking that its process is still the one recorded."""

from __future__ import annotations

from podwright.errors import LabError
from podwright.lab.process import Process
from podwright.lab.registry import Lab

_SPACES = ("--net", "--mount", "--uts", "--ipc", "--pid")
_OWN_USER_NAMESPACE = ("--user", "--preserve-credentials")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = ("env", "-i", _PATH, "HOME=/root", "LANG=C.UTF-8", "TERM=dumb")
"""What runs in a node begins with root's own environment: a plain user's PATH may lack /usr/sbin, and with it nft and tc."""


class NamespaceEntrance:
    """How the nodes of a lab of this driver are entered (an `Entrance`)."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._user = _OWN_USER_NAMESPACE if lab.mode == "rootless" else ()

    def inside(self, node: str) -> list[str]:
        return ["nsenter", "--target", str(self.pid(node)), *self._user, *_SPACES, "--", *ENVIRONMENT]

    def outside(self) -> list[str]:
        if self._lab.mode == "root":
            return []
        return ["nsenter", "--target", str(self._checked(self._lab.keeper, "The keeper")), *self._user, "--net", "--"]

    def pid(self, node: str) -> int:
        if node not in self._lab.nodes:
            raise LabError(
                f"Lab {self._lab.name!r} has no node {node!r}.",
                fix=f"Choose one of: {', '.join(self._lab.nodes)}.",
            )
        return self._checked(self._lab.nodes[node], f"The node {node!r}")

    def _checked(self, process: Process | None, what: str) -> int:
        if process is None or not process.alive:
            raise LabError(
                f"{what} of lab {self._lab.name!r} no longer runs.",
                fix=f"Run: podwright lab down {self._lab.name}, and bring it up again.",
            )
        return process.pid
