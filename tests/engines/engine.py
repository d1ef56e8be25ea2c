"""Pulumi for tests: its engine and Kubernetes provider, with a home, a state and a passphrase of the test's own."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENGINES = Path(__file__).parents[2] / "tools" / "engines.sh"
PULUMI = ("pulumi", "pulumi-resource-kubernetes")
RUNNER = "pulumi-language-python-exec"
LANGUAGE_HOST = Path(__file__).with_name("language_host.py")


class PulumiError(AssertionError):
    """The engine refused or failed; the message is all that it printed."""


@dataclass(frozen=True)
class Pulumi:
    """The engine as a program of its own. Its environment is the test's too, so what the test starts finds the same."""

    state: Path
    """The folder of the file backend."""

    def run(self, *words: str, cwd: Path) -> str:
        """What `pulumi WORDS` prints in a folder; a failure is a `PulumiError` with all of it."""
        done = self.attempt(*words, cwd=cwd)
        if done.returncode:
            raise PulumiError(f"pulumi {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def attempt(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """The same for a test that expects a failure, or looks at both streams."""
        return subprocess.run(
            ["pulumi", "--non-interactive", "--color=never", *words],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )


def programs() -> dict[str, Path]:
    """The engines that are there, by name; from PATH or from the cache that `make tools` fills."""
    listing = subprocess.run([str(ENGINES), "where"], capture_output=True, text=True, check=True).stdout
    return {name: Path(path) for name, path in (line.split("\t") for line in listing.splitlines())}


def environment(folder: Path, found: Mapping[str, Path]) -> dict[str, str]:
    """What Pulumi needs to be told, with everything it writes under `folder`, and its programs first on PATH."""
    state = folder / "state"
    state.mkdir()
    first = dict.fromkeys(str(found[name].parent) for name in PULUMI)
    return {
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of tests",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PATH": os.pathsep.join([*first, os.environ["PATH"]]),
    }


def install_language_host(folder: Path, runner: Path) -> Path:
    """Puts the tests' own language host into a folder that is on PATH; `runner` is Pulumi's script that runs a program."""
    script = folder / "pulumi-language-python"
    command = shlex.join([sys.executable, str(LANGUAGE_HOST), str(runner)])
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    script.chmod(0o755)
    return script
