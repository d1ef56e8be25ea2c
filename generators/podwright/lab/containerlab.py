"""The other driver: hands the same topology file to the user's own `containerlab`, nodes are its containers."""

from __future__ import annotations

import shutil

from podwright.errors import EngineError, LabError
from podwright.lab import registry
from podwright.lab.driver import Completed, Fabric, Progress
from podwright.lab.fabric import EnteredFabric, execute
from podwright.lab.registry import Lab
from podwright.lab.topology import Topology

_DEPLOY_SECONDS = 1800.0
_PROGRAMS = {
    "containerlab": "Install it (https://containerlab.dev/install), or use the driver netns, which needs none.",
    "docker": "Install Docker Engine, or use the driver netns, which needs none.",
}


class ContainerlabDriver:
    """Runs labs with containerlab (a `Driver`); containers are entered with `docker exec`."""

    def up(self, topology: Topology, name: str, progress: Progress) -> Lab:
        _require_programs()
        total = len(topology.nodes)
        progress("nodes", 0, total)
        done = execute(["containerlab", "deploy", "--topo", topology.path, "--name", name], timeout=_DEPLOY_SECONDS)
        lab = Lab(name, "containerlab", topology)
        if done.status != 0:
            _destroy(lab)
            raise EngineError(
                f"containerlab could not deploy {topology.path}: {_last_line(done)}",
                fix="Read its own output: run the same command.",
            )
        progress("nodes", total, total)
        registry.write(lab)
        return lab

    def down(self, lab: Lab) -> None:
        _require_programs()
        done = _destroy(lab)
        if done.status != 0:
            raise EngineError(
                f"containerlab could not destroy lab {lab.name!r}: {_last_line(done)}",
                fix=f"Run: containerlab destroy --name {lab.name}",
            )

    def alive(self, lab: Lab) -> bool:
        """Whether Docker runs a container that carries containerlab's label of this lab."""
        if shutil.which("docker") is None:
            return False
        done = execute(["docker", "ps", "--quiet", "--filter", f"label=containerlab={lab.name}"])
        return done.status == 0 and bool(done.stdout.strip())

    def fabric(self, lab: Lab) -> Fabric:
        return EnteredFabric(lab.topology, ContainerEntrance(lab))


class ContainerEntrance:
    """How containers are entered (an `Entrance`)."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def inside(self, node: str) -> list[str]:
        return ["docker", "exec", "--interactive", container_of(self._lab, node)]

    def outside(self) -> list[str]:
        return []

    def pid(self, node: str) -> int:
        container = container_of(self._lab, node)
        done = execute(["docker", "inspect", "--format", "{{.State.Pid}}", container])
        if done.status != 0 or int(done.stdout) == 0:
            raise LabError(f"The container {container} does not run.", fix="Run: containerlab inspect --all")
        return int(done.stdout)


def container_of(lab: Lab, node: str) -> str:
    """The name containerlab gives the container of `node`: `<prefix>-<lab>-<node>`, plain where the prefix is empty.

    Raises LabError where the topology has no such node.
    """
    if all(known.name != node for known in lab.topology.nodes):
        raise LabError(
            f"Lab {lab.name!r} has no node {node!r}.",
            fix=f"Choose one of: {', '.join(node.name for node in lab.topology.nodes)}.",
        )
    match lab.topology.prefix:
        case "":
            return node
        case "__lab-name":
            return f"{lab.name}-{node}"
        case prefix:
            return f"{prefix or 'clab'}-{lab.name}-{node}"


def _destroy(lab: Lab) -> Completed:
    return execute(
        ["containerlab", "destroy", "--topo", lab.topology.path, "--name", lab.name, "--cleanup"],
        timeout=_DEPLOY_SECONDS,
    )


def _require_programs() -> None:
    for program, remedy in _PROGRAMS.items():
        if shutil.which(program) is None:
            raise EngineError(f"The program {program} is missing.", fix=remedy)


def _last_line(done: Completed) -> str:
    return (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
