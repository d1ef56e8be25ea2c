"""The program that brings a Cumulus switch to its nvue.yaml, over a stand-in for NVUE's own command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from podwright.resources import folder

PROGRAM = folder("playbooks") / "roles" / "nvue" / "files" / "podwright-nvue"
SHIM = Path(__file__).parents[2] / "engines" / "shims" / "nv"

Run = Callable[..., subprocess.CompletedProcess[str]]

STARTUP = """
- header: {model: vx}
- set:
    acl:
      acl-default-dos: {rule: {30: {match: {ip: {recent-list: {hit-count: 3}}}}}}
      OLD_V4: {type: ipv4}
      PEOPLE: {type: ipv4}
    system:
      aaa:
        authentication-order: {1: {radius: {}}}
        class: {nvapply: {action: allow}}
        user: {cumulus: {hashed-password: $6$salt$hash, role: system-admin}}
      api: {state: enabled}
      control-plane: {acl: {acl-default-dos: {inbound: {}}, PEOPLE: {inbound: {}}}}
      hostname: cumulus
      wjh: {enable: on}
"""
DESIGNED = """
- set:
    acl: {ZONE_GPU_V4: {type: ipv4}}
    interface: {swp1: {type: swp}}
    system: {hostname: leaf1}
"""


def given(designed: str = DESIGNED, startup: str = STARTUP) -> str:
    """What the role puts in: both documents as Ansible reads them, so with truth values for NVUE's `on`."""
    return json.dumps({"designed": yaml.safe_load(designed), "startup": yaml.safe_load(startup) or []})


@pytest.fixture
def switch(tmp_path: Path) -> Path:
    """The folder in which the stand-in keeps what is applied, pending and started with."""
    (tmp_path / "applied").write_text("nothing yet\n")
    return tmp_path


@pytest.fixture
def run(switch: Path) -> Run:
    programs = switch / "programs"
    programs.mkdir()
    shim = programs / "nv"
    shim.write_text(SHIM.read_text().replace("/etc/nvue.d", str(switch)).replace("/run/shims", str(switch)))
    shim.chmod(0o755)
    program = switch / "program"
    program.write_text(PROGRAM.read_text().replace("/run/podwright-nvue.yaml", str(switch / "delivered.yaml")))

    def once(stdin: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["python3", str(program), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        )

    return once


def log(switch: Path) -> list[str]:
    return [line.split()[2] for line in (switch / "log").read_text().splitlines()]


def applied(switch: Path) -> dict[str, Any]:
    (told,) = yaml.safe_load((switch / "applied").read_text())
    return dict(told["set"])


def test_a_check_says_what_a_run_does_and_leaves_nothing_pending(run: Run, switch: Path) -> None:
    done = run(given(), "--check")
    assert done.returncode == 0, done.stderr
    assert '"hostname": "leaf1"' in done.stdout
    assert (switch / "applied").read_text() == "nothing yet\n"
    assert not (switch / "pending").exists()
    assert log(switch) == ["replace", "diff", "detach"]


def test_a_run_is_on_trial_until_somebody_comes_through(run: Run, switch: Path) -> None:
    assert run(given()).returncode == 0
    assert log(switch) == ["replace", "diff", "apply"]
    assert (switch / "before").read_text() == "nothing yet\n", "what NVUE goes back to by itself"
    assert not (switch / "delivered.yaml").exists(), "it held the hashes of passwords"


def test_a_second_run_changes_nothing(run: Run, switch: Path) -> None:
    first = run(given())
    again = run(given())
    assert first.stdout
    assert (again.returncode, again.stdout) == (0, "")
    assert log(switch)[3:] == ["replace", "diff", "detach"]


def test_what_is_the_switch_s_own_stays(run: Run, switch: Path) -> None:
    """To replace without the account that is logged in would delete it."""
    run(given())
    told = applied(switch)
    assert told["system"]["aaa"]["user"] == {"cumulus": {"hashed-password": "$6$salt$hash", "role": "system-admin"}}
    assert told["system"]["control-plane"] == {"acl": {"acl-default-dos": {"inbound": {}}, "PEOPLE": {"inbound": {}}}}
    assert told["system"]["api"] == {"state": "enabled"}
    assert set(told["acl"]) == {"acl-default-dos", "PEOPLE", "ZONE_GPU_V4"}, "a list that was ours once goes"
    assert told["system"]["hostname"] == "leaf1"
    assert "wjh" not in told["system"], "everything else is the design's"


def test_of_aaa_the_design_replaces_what_it_speaks_of(run: Run, switch: Path) -> None:
    run(given(DESIGNED.replace("hostname: leaf1", "hostname: leaf1, aaa: {authentication-order: {2: {tacacs: {}}}}")))
    aaa = applied(switch)["system"]["aaa"]
    assert aaa["authentication-order"] == {"2": {"tacacs": {}}}
    assert set(aaa) == {"authentication-order", "class", "user"}


def test_words_that_yaml_takes_for_truth_are_nvue_s_words_again(run: Run, switch: Path) -> None:
    run(given(startup=STARTUP.replace("{state: enabled}", "{state: on}")))
    assert applied(switch)["system"]["api"] == {"state": "on"}


def test_a_switch_without_a_configuration_to_start_with_takes_the_design(run: Run, switch: Path) -> None:
    assert run(given(startup="")).returncode == 0
    assert applied(switch) == yaml.safe_load(DESIGNED)[0]["set"]


def test_a_secret_is_never_printed(run: Run) -> None:
    designed = DESIGNED + "    vrf: {default: {router: {bgp: {neighbor: {swp1: {password: open-sesame}}}}}}\n"
    done = run(given(designed))
    assert "password" in done.stdout
    assert "open-sesame" not in done.stdout + done.stderr
    assert "$6$" not in done.stdout + done.stderr


def test_what_nvue_refuses_is_an_error_in_its_words(run: Run, switch: Path) -> None:
    (switch / "refuse").touch()
    done = run(given())
    assert done.returncode == 1
    assert "nv config replace" in done.stderr
    assert "'swp99' is not a port." in done.stderr
    assert "Cumulus Linux 5.13 and 5.14" in done.stderr
    assert (switch / "applied").read_text() == "nothing yet\n"
    assert not (switch / "delivered.yaml").exists()
