"""How the engines are found and kept: by version on PATH, else in the cache, and never half built."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from engine import ENGINES

PULUMI = "v3.274.1"
SYSTEM = "/usr/bin:/bin"


class Machine:
    """A machine with an empty cache, no Go, and the programs that a test puts on PATH."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.cache = folder / "cache"
        self.home = folder

    def offer(self, name: str, script: str) -> Path:
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    def offer_all(self) -> None:
        for name, version in {"pulumi": PULUMI, "etcd": "3.6.8", "kwok": "0.8.0"}.items():
            self.offer(name, f"echo {version}")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"):
            self.offer(name, "echo v1.36.3")
        self.offer("pulumi-language-python-exec", "")
        self.offer_provider()

    def offer_provider(self) -> Path:
        folder = self.home / ".pulumi/plugins/resource-kubernetes-v4.25.0"
        folder.mkdir(parents=True)
        return self.offer("pulumi-resource-kubernetes", "").rename(folder / "pulumi-resource-kubernetes")

    def engines(self, word: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ENGINES), word],
            env={"PATH": f"{self.programs}:{SYSTEM}", "HOME": str(self.home), "PODWRIGHT_TOOLS": str(self.cache)},
            capture_output=True,
            text=True,
            check=False,
        )

    def where(self) -> dict[str, str]:
        done = self.engines("where")
        assert done.returncode == 0
        return dict(line.split("\t") for line in done.stdout.splitlines())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if any(os.access(f"{folder}/go", os.X_OK) for folder in SYSTEM.split(":")):
        pytest.skip("the system's own folders have a Go, and these tests are about a machine without one")
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("states", "fits"),
    [("v3.274.1", True), ("v3.274.0", True), ("v3.300.0", True), ("v3.273.9", False), ("v4.0.0", False), ("", False)],
)
def test_a_program_on_path_is_used_where_its_version_fits(machine: Machine, states: str, fits: bool) -> None:
    program = machine.offer("pulumi", f"echo {states}")
    assert machine.where() == ({"pulumi": str(program)} if fits else {})


def test_a_program_that_does_not_run_is_not_used(machine: Machine) -> None:
    machine.offer("pulumi", "exit 1")
    assert machine.where() == {}


def test_a_provider_is_found_where_pulumi_keeps_plugins(machine: Machine) -> None:
    provider = machine.offer_provider()
    assert machine.where() == {"pulumi-resource-kubernetes": str(provider)}


def test_without_go_what_is_missing_is_named_with_what_to_do(machine: Machine) -> None:
    machine.offer("etcd", "echo etcd Version: 3.6.20")
    done = machine.engines("build")
    assert done.returncode == 1
    assert done.stderr == (
        "These engines are missing: pulumi pulumi-language-python-exec pulumi-resource-kubernetes kube-apiserver"
        " kube-controller-manager kube-scheduler kwok kubectl\n"
        "They are built with Go, and no go is on PATH. Install Go, or the engines themselves, then: make tools\n"
    )


@pytest.mark.parametrize("goes_well", [False, True])
def test_only_a_whole_build_counts(machine: Machine, goes_well: bool) -> None:
    """A stand-in for Go writes half of kwok, and then fails or does not."""
    machine.offer_all()
    (machine.programs / "kwok").unlink()
    machine.offer(
        "go", f"""while [ "$1" != -o ]; do shift; done; echo half >"$2"; {"true" if goes_well else "false"}"""
    )
    assert machine.engines("build").returncode == (0 if goes_well else 1)
    built = str(machine.cache / "kwok-0.8.0/kwok")
    assert machine.where().get("kwok") == (built if goes_well else None)
    assert not list(machine.cache.rglob("*.partial.*"))


def test_where_everything_is_there_nothing_is_built(machine: Machine) -> None:
    machine.offer_all()
    machine.offer("go", "echo called; exit 1")
    done = machine.engines("build")
    assert (done.returncode, done.stdout) == (0, "")


def test_check_names_everything_and_fails_where_something_is_missing(machine: Machine) -> None:
    machine.offer("kwok", "echo kwok version 0.8.0")
    done = machine.engines("check")
    assert done.returncode == 1
    assert f"kwok                         0.8.0     {machine.programs}/kwok\n" in done.stdout
    assert "kubectl                      1.36.3    missing\n" in done.stdout
    assert done.stderr == "8 of the engines are missing; build them with: make tools\n"
