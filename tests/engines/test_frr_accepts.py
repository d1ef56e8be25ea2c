"""Every rendered configuration of FRR, put to FRR's own parser; every set of marks, to nftables' own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import reference
from podwright.model.artifact import Artifact
from podwright.targets.frr import render

pytestmark = pytest.mark.engine


def artifacts(name: str, file: str) -> list[Artifact]:
    pods = (reference.pod(name), reference.twin(name))
    return [artifact for pod in pods for artifact in render(pod) if artifact.path.endswith(f"/{file}")]


def verdict(*command: str, text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", reference.NAMES)
def test_frr_accepts_every_configuration(name: str, tmp_path: Path) -> None:
    if shutil.which("vtysh") is None:
        pytest.skip("the program vtysh is not there (package frr)")
    file = tmp_path / "frr.conf"
    for artifact in artifacts(name, "frr.conf"):
        file.write_text(artifact.text)
        assert verdict("vtysh", "-C", "-f", str(file)) == "", artifact.path


def test_the_parser_is_not_asleep(tmp_path: Path) -> None:
    if shutil.which("vtysh") is None:
        pytest.skip("the program vtysh is not there (package frr)")
    file = tmp_path / "frr.conf"
    file.write_text("router bgp 64512\n neighbour 192.0.2.1 remote-as 64513\n")
    assert "neighbour" in verdict("vtysh", "-C", "-f", str(file))


@pytest.mark.parametrize("name", reference.NAMES)
def test_nftables_accepts_every_set_of_marks(name: str) -> None:
    if shutil.which("nft") is None or os.geteuid() != 0:
        pytest.skip("nft is not there, or this is not root")
    for text in {artifact.text.partition("\n")[2] for artifact in artifacts(name, "marking.nft")}:
        assert verdict("unshare", "--net", "nft", "--check", "--file", "-", text=text) == ""
