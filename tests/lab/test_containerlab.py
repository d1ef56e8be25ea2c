"""The command lines that the containerlab driver issues.

A recording stand-in takes the place of `containerlab` and `docker`: this shows what is asked of them, and is no proof
that the real ones do it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.errors import EngineError, LabError
from podwright.lab import labs
from podwright.lab.containerlab import container_of
from podwright.lab.topology import read

from .conftest import Writer

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "{record}"
case "$*" in
    "ps "*) cat "{folder}/running" ;;
    deploy*) echo 0123 > "{folder}/running"; exit $(cat "{folder}/status") ;;
    destroy*) : > "{folder}/running" ;;
    *cat) cat ;;
esac
"""


pytestmark = pytest.mark.usefixtures("state")


class Recorded:
    def __init__(self, folder: Path) -> None:
        self._record = folder / "record"
        self.status = folder / "status"
        self.status.write_text("0")
        (folder / "running").write_text("")
        for program in ("containerlab", "docker"):
            script = folder / program
            script.write_text(STAND_IN.format(record=self._record, folder=folder))
            script.chmod(0o755)

    @property
    def commands(self) -> list[str]:
        return [line for line in self._record.read_text().splitlines() if not line.startswith("docker ps")]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return Recorded(folder)


def test_the_same_file_is_deployed_entered_and_destroyed(recorded: Recorded, pair: Path) -> None:
    lab = labs.up(pair, driver="containerlab")
    assert lab.driver == "containerlab"
    assert labs.fabric("atlas").run("gpu1", ["cat"], stdin="hello").stdout == "hello"
    labs.down("atlas")
    assert recorded.commands == [
        f"containerlab deploy --topo {pair} --name atlas",
        "docker exec --interactive gpu1 cat",
        f"containerlab destroy --topo {pair} --name atlas --cleanup",
    ]
    assert labs.listing() == ()


def test_a_failed_deploy_is_destroyed_and_told(recorded: Recorded, pair: Path) -> None:
    recorded.status.write_text("1")
    with pytest.raises(EngineError, match="could not deploy"):
        labs.up(pair, driver="containerlab")
    assert recorded.commands[-1].startswith("containerlab destroy")
    assert labs.listing() == ()


def test_a_cut_takes_down_the_end_on_the_switch(recorded: Recorded, pair: Path) -> None:
    lab = labs.up(pair, driver="containerlab")
    fabric = labs.fabric("atlas")
    fabric.cut(lab.topology.links[0])
    fabric.mend(lab.topology.links[0])
    cut, mended = recorded.commands[-2:]
    assert cut.startswith("docker exec --interactive leaf1 sh -c")
    assert cut.endswith("ip link set Ethernet0 down")
    assert mended == "docker exec --interactive leaf1 ip link set Ethernet0 up"


def test_without_the_program_the_remedy_names_the_other_driver(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="containerlab is missing") as caught:
        labs.up(pair, driver="containerlab")
    assert "driver netns" in caught.value.fix


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("prefix", "container"),
    [('""', "leaf1"), ("x", "x-atlas-leaf1"), ("__lab-name", "atlas-leaf1"), (None, "clab-atlas-leaf1")],
)
def test_containers_are_named_as_containerlab_names_them(
    write_topology: Writer, prefix: str | None, container: str
) -> None:
    path = write_topology({"leaf1": "leaf"}, [])
    line = f"prefix: {prefix}\n" if prefix is not None else ""
    path.write_text(path.read_text().replace("prefix: ''\n", line))
    lab = labs.up(path, driver="containerlab")
    assert read(path).prefix == lab.topology.prefix
    assert container_of(lab, "leaf1") == container
    with pytest.raises(LabError):
        container_of(lab, "leaf9")
