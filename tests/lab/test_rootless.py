"""A plain user, made for the test, runs a lab without any privilege."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podwright import resources

from .conftest import Writer

pytestmark = pytest.mark.lab

USER = "podwright-plain"
STORY = """
import json, os, pathlib, subprocess, sys
from podwright.lab import labs
from podwright.lab.ansible.overlay import overlay, plugin_folder
lab = labs.up(pathlib.Path(sys.argv[1]))
fabric = labs.fabric(lab.name)
def shell(node, script):
    done = fabric.run(node, ["sh", "-c", script])
    assert done.status == 0, (node, script, done)
    return done.stdout
for number, node in enumerate(("leaf1", "leaf2"), 1):
    shell(node, f'''cat > /etc/frr/frr.conf <<END
frr defaults datacenter
interface lo
 ip address 10.255.0.{number}/32
router bgp {65000 + number}
 no bgp ebgp-requires-policy
 neighbor Ethernet0 interface remote-as external
 address-family ipv4 unicast
  network 10.255.0.{number}/32
END
for daemon in zebra bgpd; do /usr/lib/frr/$daemon -d; done; vtysh -b''')
for node, far in (("leaf1", 2), ("leaf2", 1)):
    shell(node, f"for i in $(seq 200); do ip route | grep -q 10.255.0.{far} && exit 0; sleep 0.1; done; exit 1")
ping = shell("leaf1", "ping -c1 -W2 -I 10.255.0.1 10.255.0.2")
fabric.cut(lab.topology.links[0])
fabric.mend(lab.topology.links[0])
crossed = fabric.swap(*lab.topology.links)
inventory = pathlib.Path(os.environ["HOME"]) / "overlay.yml"
inventory.write_text(overlay(lab))
ansible = subprocess.run(
    [sys.executable, "-m", "ansible", "adhoc", "all", "-i", str(inventory), "-m", "ansible.builtin.ping"],
    env={**os.environ, "ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder())}, capture_output=True, text=True,
)
assert ansible.returncode == 0, ansible.stdout + ansible.stderr
owner = pathlib.Path(f"/proc/{lab.keeper.pid}").stat().st_uid
labs.down(lab.name)
told = {
    "mode": lab.mode,
    "missing": lab.missing,
    "owner": owner,
    "ping": " 0% packet loss" in ping,
    "ansible": ansible.stdout.count("pong"),
    "crossed": str(crossed[0]),
}
print(json.dumps(told))
"""


@pytest.fixture
def plain_user() -> Iterator[int]:
    if os.geteuid() != 0 or shutil.which("useradd") is None:
        pytest.skip("making a plain user needs root")
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", USER], check=True)
    yield int(subprocess.run(["id", "-u", USER], check=True, capture_output=True, text=True).stdout)
    subprocess.run(["userdel", USER], check=True)


def python_for(user: str) -> list[str]:
    """A Python of this version that the plain user may run: this one, else the system's with this one's path."""
    program = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{program}"):
        # Through a shell: setpriv itself still has root's rights while it starts its own program.
        attempt = as_user(user, "sh", "-c", '"$0" -c pass', candidate)
        if subprocess.run(attempt, capture_output=True, check=False).returncode == 0:
            return [candidate]
    pytest.skip(f"a plain user can run no {program} here")


def as_user(user: str, *argv: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", *argv]


@pytest.fixture
def home(plain_user: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="podwright-", dir="/var/tmp") as folder:
        os.chown(folder, plain_user, -1)
        yield Path(folder)


def run_as_plain_user(home: Path, *words: str) -> str:
    """What Python said to `words`, run as the plain user with little more than a home."""
    environment = {
        "PATH": f"{home}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(
        as_user(USER, *python_for(USER), *words), env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_plain_user_runs_routing_daemons_in_a_lab_of_their_own(
    plain_user: int, home: Path, write_topology: Writer
) -> None:
    topology = write_topology(
        {"leaf1": "leaf", "leaf2": "leaf"}, ["leaf1:Ethernet0 leaf2:Ethernet0", "leaf1:Ethernet4 leaf2:Ethernet4"]
    )
    shutil.copy(topology, home / "atlas.clab.yml")
    told = json.loads(run_as_plain_user(home, "-c", STORY, str(home / "atlas.clab.yml")))
    assert set(told.pop("missing")) >= {"lldp", "sshd"}
    assert told == {
        "mode": "rootless",
        "owner": plain_user,
        "ping": True,
        "ansible": 2,
        "crossed": "leaf1:Ethernet0 - leaf2:Ethernet4",
    }
    assert sorted(path.name for path in home.rglob("*.json")) == []


def test_a_plain_user_proves_a_pod_from_its_blueprint_to_its_twin(home: Path) -> None:
    (home / "bin").mkdir(mode=0o755)
    playbook = home / "bin" / "ansible-playbook"
    playbook.write_text(f'#!/bin/sh\nexec {python_for(USER)[0]} -m ansible playbook "$@"\n', encoding="utf-8")
    playbook.chmod(0o755)
    starter = str(resources.folder("blueprints") / "starter-4")

    def podwright(*words: str) -> str:
        return run_as_plain_user(home, "-m", "podwright", *words)

    podwright("render", starter, "--output", "build")
    podwright("lab", "up", starter, "--name", "plain")
    podwright("apply", "build", "--lab", "plain")
    report = json.loads(podwright("lab", "test", "plain", "--format", "json"))
    verified = json.loads(podwright("verify", "build", "--lab", "plain", "--format", "json"))
    podwright("lab", "down", "plain")

    left_out = {trial["group"] for trial in report["trials"] if trial["outcome"] == "skipped"}
    assert left_out == {"neighbours", "storage"}  # nfs-ganesha needs root
    assert {trial["outcome"] for trial in verified["trials"]} == {"passed", "skipped"}
