"""Labs for tests: a state folder of their own, topologies written on the spot, a look at what a lab leaves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from podwright.errors import PodwrightError
from podwright.lab import labs, registry
from podwright.lab.netns import abilities

DEFAULTS = {
    "kind": "linux",
    "image": "podwright/node:1",
    "network-mode": "none",
    "cap-add": ["NET_ADMIN", "SYS_ADMIN", "NET_RAW"],
    "sysctls": {"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1},
}
Writer = Callable[..., Path]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of the test's own; labs that a failed test leaves running are taken down."""
    monkeypatch.setenv("PODWRIGHT_STATE", str(tmp_path / "state"))
    yield tmp_path / "state"
    for lab in registry.recorded():
        if lab.driver == "netns":
            labs.down(lab.name)


@pytest.fixture
def write_topology(tmp_path: Path) -> Writer:
    """Writes a topology file: nodes as {name: group}, links as "a:if b:if" strings, one MTU."""

    def write(nodes: dict[str, str], links: Sequence[str], *, mtu: int = 9000, name: str = "atlas") -> Path:
        document = {
            "name": name,
            "prefix": "",
            "topology": {
                "defaults": DEFAULTS,
                "nodes": {node: {"group": group} for node, group in nodes.items()},
                "links": [{"endpoints": link.split(), "mtu": mtu} for link in links],
            },
        }
        path = tmp_path / f"{name}.clab.yml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def pair(write_topology: Writer) -> Path:
    """Two servers on one leaf."""
    return write_topology(
        {"leaf1": "leaf", "gpu1": "server", "gpu2": "server"},
        ["gpu1:rail0 leaf1:Ethernet0", "gpu2:rail0 leaf1:Ethernet4"],
    )


@pytest.fixture
def root_lab(state: Path) -> Path:
    """The state folder, where this process can build labs as root; skips elsewhere."""
    try:
        mode = abilities.choose_mode()
    except PodwrightError as problem:
        pytest.skip(f"no labs here: {problem.message} {problem.fix}")
    if mode != "root":
        pytest.skip("this test needs root")
    return state


def pid_namespaces(pids: Sequence[int]) -> set[str]:
    """The pid namespaces that these processes live in."""
    return {os.readlink(f"/proc/{pid}/ns/pid") for pid in pids}


def inhabitants(namespaces: set[str]) -> list[int]:
    """Every process of the machine that lives in one of these pid namespaces, zombies included."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "ns" / "pid") in namespaces:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
