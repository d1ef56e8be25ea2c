"""The role eos: what it asks of the collection arista.eos, what it keeps of a switch, and that its secrets go nowhere else.

The collection here is a stand-in with the interface of the real modules' pages (arista.eos 12.0.0): `eos_command` answers what
a switch runs, `eos_config` takes a file in `src` and with `replace: config` makes it all that the switch runs, in one session
that check mode ends without a commit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from conformance import reference
from podwright.pipeline import check_pod, render_pod
from podwright.projection.records import PodConfig
from podwright.resources import folder
from podwright.targets.ansible import render

PROGRAMS = Path(sys.executable).parent
WRITTEN = Path(__file__).parents[1] / "eos" / "pod.yaml"
SPINE = "front-spine-001"
SECRETS = {"EDGE_PASSWORD": "canary-edge-4791", "TACACS_KEY": "canary-tacacs-4792"}

EOS_COMMAND = """
import os
from pathlib import Path
from ansible.module_utils.basic import AnsibleModule

def main():
    module = AnsibleModule({"commands": {"type": "list", "elements": "raw", "required": True}}, supports_check_mode=True)
    assert module.params["commands"] == ["show running-config"]
    text = (Path(os.environ["STAND_IN"]) / "running.cfg").read_text()
    module.exit_json(changed=False, stdout=[text], stdout_lines=[text.splitlines()])

if __name__ == "__main__":
    main()
"""
EOS_CONFIG = """
import json
import os
from pathlib import Path
from ansible.module_utils.basic import AnsibleModule

def main():
    module = AnsibleModule(
        {
            "src": {"type": "path"},
            "replace": {"choices": ["line", "block", "config"], "default": "line"},
            "save_when": {"choices": ["always", "never", "modified", "changed"], "default": "never"},
        },
        supports_check_mode=True,
    )
    source = Path(module.params["src"])
    seen = {
        "text": source.read_text(),
        "mode": oct(source.stat().st_mode & 0o777),
        "source": str(source),
        "replace": module.params["replace"],
        "save_when": module.params["save_when"],
        "check": module.check_mode,
    }
    (Path(os.environ["STAND_IN"]) / "seen.json").write_text(json.dumps(seen))
    module.exit_json(changed=True, diff={"prepared": seen["text"]})

if __name__ == "__main__":
    main()
"""

WITNESS = """
import os
import sys
from pathlib import Path

SECRETS = os.environ["WITNESS"].encode().split()
MEMORY = "/dev/shm/"

def look(event, arguments):
    if event in ("os.remove", "os.rename"):
        within = arguments[1 if event == "os.remove" else 2]
        path = os.path.join(f"/proc/self/fd/{within}" if within >= 0 else "", os.fsdecode(arguments[0]))
        if os.path.isfile(path) and not path.startswith(MEMORY):
            text = Path(path).read_bytes()
            if any(secret in text for secret in SECRETS):
                with open(os.environ["STAND_IN"] + "/witness", "a") as file:
                    file.write(path + "\\n")

sys.addaudithook(look)
"""
"""Runs in every Python of a play, and writes down which files with a secret are removed or get another name."""

RUNNING = """\
! Command: show running-config
!
no aaa root
!
username admin privilege 15 role network-admin secret sha512 $6$salt$hash
!
snmp-server contact people
!
tacacs-server host 192.0.2.99 key 7 0000
!
aaa authentication login default group tacacs+ local
!
banner login
interface Ethernet9
   in the words of people
EOF
!
management api http-commands
   no shutdown
   !
   vrf MGMT
      no shutdown
!
hostname former
!
interface Ethernet1/1
   description by hand
!
end
"""
KEPT = """\
no aaa root
username admin privilege 15 role network-admin secret sha512 $6$salt$hash
snmp-server contact people
banner login
interface Ethernet9
   in the words of people
EOF
management api http-commands
   no shutdown
   !
   vrf MGMT
      no shutdown
"""


class Switch(NamedTuple):
    """The rendered tree of a pod, and a stand-in for one of its switches."""

    tree: Path
    stand_in: Path

    def play(
        self, *words: str, program: str = "ansible-playbook", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAMS / program), *words],
            cwd=self.tree / "ansible",
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": f"{PROGRAMS}:/usr/bin:/bin",
                "HOME": str(self.tree),
                "LANG": "C.UTF-8",
                "STAND_IN": str(self.stand_in),
                "TMPDIR": str(self.stand_in),
                "ANSIBLE_COLLECTIONS_PATH": str(self.stand_in / "collections"),
                **SECRETS,
                **environment,
            },
        )

    def applied(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        here = ("-e", "ansible_connection=local", "-e", "ansible_become=false")
        return self.play("site.yml", "--limit", SPINE, *here, *words, **environment)

    def seen(self) -> dict[str, str]:
        return dict(json.loads((self.stand_in / "seen.json").read_text()))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kite")
    for artifact in render_pod(check_pod(WRITTEN)):
        if artifact.target in ("ansible", "eos"):
            path = folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text)
            path.chmod(artifact.mode)
    return folder


@pytest.fixture
def switch(tree: Path, tmp_path: Path) -> Switch:
    modules = tmp_path / "collections" / "ansible_collections" / "arista" / "eos" / "plugins" / "modules"
    modules.mkdir(parents=True)
    (modules / "eos_command.py").write_text(EOS_COMMAND)
    (modules / "eos_config.py").write_text(EOS_CONFIG)
    (tmp_path / "running.cfg").write_text(RUNNING)
    return Switch(tree, tmp_path)


def test_a_switch_is_given_the_design_and_what_is_not_ours(switch: Switch) -> None:
    done = switch.applied()
    assert done.returncode == 0, done.stdout + done.stderr
    seen = switch.seen()
    written = (switch.tree / "configs" / SPINE / "eos.cfg").read_text()
    for name, secret in {
        "fabrics.front.outside.edge.password": SECRETS["EDGE_PASSWORD"],
        "management.tacacs.secret": SECRETS["TACACS_KEY"],
    }.items():
        assert f"<podwright:{name}>" in written
        written = written.replace(f"<podwright:{name}>", secret)
    assert seen["text"] == KEPT + written
    assert (seen["replace"], seen["save_when"], seen["check"]) == ("config", "changed", False)


def test_a_dry_run_saves_nothing(switch: Switch) -> None:
    done = switch.applied("--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (switch.seen()["save_when"], switch.seen()["check"]) == ("never", True)


def test_secrets_are_in_no_output_and_no_file_stays(switch: Switch) -> None:
    done = switch.applied("--diff", "-vvv")
    assert done.returncode == 0, done.stdout + done.stderr
    for secret in (*SECRETS.values(), "$6$salt"):
        assert secret in switch.seen()["text"]
        assert secret not in done.stdout + done.stderr
    assert switch.seen()["mode"] == "0o600"
    assert not Path(switch.seen()["source"]).exists()


def test_no_disk_of_this_machine_ever_has_a_secret(switch: Switch) -> None:
    """Nor on the way to the file in memory: what a task writes to the disk would be gone when the run ends."""
    spies = switch.stand_in / "spies"
    spies.mkdir()
    (spies / "sitecustomize.py").write_text(WITNESS)
    wanted = (*SECRETS.values(), "$6$salt")
    done = switch.applied(PYTHONPATH=str(spies), WITNESS=" ".join(wanted))
    assert done.returncode == 0, done.stdout + done.stderr
    assert Path(switch.seen()["source"]).parent == Path("/dev/shm")
    assert not (switch.stand_in / "witness").exists(), (switch.stand_in / "witness").read_text()
    left = [
        path
        for place in (switch.tree, switch.stand_in)
        for path in place.rglob("*")
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in wanted)
    ]
    assert {path.name for path in left} == {"running.cfg", "seen.json"}


def test_where_the_design_says_nothing_all_of_it_is_kept(switch: Switch) -> None:
    """A pod without TACACS+ leaves the servers that people wrote."""
    path = switch.tree / "configs" / SPINE / "eos.cfg"
    whole = path.read_text()
    bare = "".join(line for line in whole.splitlines(True) if not line.startswith(("tacacs-server", "aaa ")))
    try:
        path.write_text(bare)
        assert switch.applied().returncode == 0
    finally:
        path.write_text(whole)
    kept = switch.seen()["text"].partition(f"! {SPINE}")[0]
    assert "tacacs-server host 192.0.2.99 key 7 0000\n" in kept
    assert "aaa authentication login default group tacacs+ local\n" in kept


def test_words_that_look_like_a_template_are_refused(switch: Switch) -> None:
    (switch.stand_in / "running.cfg").write_text(RUNNING.replace("of people\n", "of {{ people }}\n"))
    done = switch.applied()
    assert done.returncode != 0
    assert not (switch.stand_in / "seen.json").exists()


def test_what_is_rendered_is_sound_and_fit_for_production(switch: Switch) -> None:
    for program, words in (
        ("ansible-playbook", ("site.yml", "--syntax-check")),
        ("ansible-lint", ("--offline", "--profile", "production")),
    ):
        done = switch.play(*words, program=program)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stderr, done.stderr


def test_switches_are_reached_by_their_own_command_line(switch: Switch) -> None:
    found = json.loads(switch.play("--list", program="ansible-inventory").stdout)
    names = sorted(path.parent.name for path in (switch.tree / "configs").glob("*/eos.cfg"))
    assert sorted(found["podwright_eos"]["hosts"]) == names
    known = found["_meta"]["hostvars"][SPINE]
    assert known["ansible_connection"] == "ansible.netcommon.network_cli"
    assert known["ansible_network_os"] == "arista.eos.eos"


def texts(pod: PodConfig) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in render(pod)}


def test_the_shipped_list_is_that_of_all_roles(switch: Switch) -> None:
    rendered = (switch.tree / "ansible" / "requirements.yml").read_text()
    assert rendered == (folder("playbooks") / "requirements.yml").read_text()


def test_only_a_pod_with_such_switches_needs_the_collection(switch: Switch) -> None:
    listed = yaml.safe_load((switch.tree / "ansible" / "requirements.yml").read_text())["collections"]
    assert [each["name"] for each in listed] == ["arista.eos"]
    for name in reference.NAMES:
        without = texts(reference.pod(name))
        assert not [path for path in without if "/eos/" in path or "podwright_eos" in path]
        assert yaml.safe_load(without["ansible/requirements.yml"]) == {"collections": []}
