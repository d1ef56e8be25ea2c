"""The roles on real nodes: applied once, again, in check mode, after drift, and by the paths of systemd and SONiC.

Nodes of the twin have no systemd and no SONiC; for those paths, stand-ins of their programs (shims/) are put before the
system's own in a node, and everything but them is real. One lab serves all tests: each leaves it as it is designed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from podwright.apply import apply
from podwright.catalog import load as load_catalog
from podwright.design import scale
from podwright.errors import PodwrightError
from podwright.lab import labs
from podwright.lab.ansible.overlay import overlay, plugin_folder
from podwright.lab.netns import abilities
from podwright.model.report import Applied
from podwright.projection import project
from podwright.projection.records import PodConfig
from podwright.targets import ansible, containerlab, frr, roce

pytestmark = [pytest.mark.lab, pytest.mark.engine]

SHIMS = Path(__file__).with_name("shims")
LEAF, SERVER, MANAGEMENT = "pod-leaf-u001-1", "gpu-u001-s01", "oob-leaf-u001-1"
NODES = (LEAF, SERVER, MANAGEMENT)
LAB_NODES = 4
ONLY_WITH_SYSTEMD = ("/10-podwright-rail0.link", "/10-podwright.network", "/chrony.sources", "/resolved.conf")


class Session(NamedTuple):
    """A BGP session, and how often it has come up and gone down since its daemon started."""

    state: str
    ups: int
    downs: int


class Pod:
    """A twin that runs, and its rendered tree."""

    def __init__(self, tree: Path, name: str) -> None:
        self.tree = tree
        self.fabric = labs.fabric(name)
        self.overlay = tree / "overlay.yml"
        self.overlay.write_text(overlay(labs.running(name)))
        self.log = tree / "ansible.log"

    def try_play(self, *, check: bool = False, variables: Mapping[str, object] | None = None) -> Applied:
        """One run of the playbook; `variables` are laid over every host's own."""
        more = self.tree / "variables.yml"
        more.write_text(yaml.safe_dump({"all": {"hosts": {node: dict(variables or {}) for node in NODES}}}))
        settings = {"ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder()), "ANSIBLE_FORKS": "4"}
        return apply(self.tree, log=self.log, overlays=(self.overlay, more), environment=settings, check=check)

    def play(self, *, check: bool = False, variables: Mapping[str, object] | None = None) -> dict[str, int]:
        """One run that succeeds: how many tasks changed something, of each host that had any."""
        done = self.try_play(check=check, variables=variables)
        assert done.good, self.log.read_text()
        return done.changed

    def run(self, node: str, script: str) -> str:
        done = self.fabric.run(node, ["sh", "-c", script])
        assert done.status == 0, done.stderr
        return done.stdout

    def sessions(self) -> dict[str, Session]:
        """The server's BGP sessions, once all are up."""
        self.run(
            SERVER,
            "for i in $(seq 200); do vtysh -c 'show bgp summary failed' | grep -q front || break; sleep 0.1; done",
        )
        told = json.loads(self.run(SERVER, "vtysh -c 'show bgp neighbors json'"))
        return {
            name: Session(each["bgpState"], each["connectionsEstablished"], each["connectionsDropped"])
            for name, each in told.items()
        }

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[str]:
        """A rendered file with other words in it for a while; gives its new text."""
        file = self.tree / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        yield file.read_text()
        file.write_text(text)

    def install_shims(self, node: str) -> None:
        """Put the stand-ins before the system's programs, in this node only."""
        self.run(node, "mount -t tmpfs shims /usr/local/sbin; mkdir -p /run/shims")
        for shim in SHIMS.iterdir():
            script = f"cat > /usr/local/sbin/{shim.name}; chmod 755 /usr/local/sbin/{shim.name}"
            self.fabric.run(node, ["sh", "-c", script], stdin=shim.read_text())


class AppliedPod(NamedTuple):
    """The pod after its first run, with what the check before it said, and what the run did."""

    pod: Pod
    said: dict[str, int]
    rails_after_check: str
    done: dict[str, int]


def twin() -> PodConfig:
    return project(scale(reference.designed("starter-4"), LAB_NODES), load_catalog())


def write(tree: Path) -> None:
    """The tree of the twin; Ansible knows a node of each kind only, to be quick."""
    pod = twin()
    played = replace(pod, entries=tuple(entry for entry in pod.entries if entry.name in NODES))
    for artifact in (*containerlab.render(pod), *frr.render(pod), *roce.render(pod), *ansible.render(played)):
        path = tree / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
        path.chmod(artifact.mode)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedPod]:
    """The smallest twin, checked and then applied."""
    if shutil.which("vtysh") is None:
        pytest.skip("FRRouting is not there (packages frr, frr-pythontools)")
    try:
        if abilities.choose_mode() != "root":
            pytest.skip("the roles' own files need root")
    except PodwrightError as problem:
        pytest.skip(f"no labs here: {problem.message}")
    folder = tmp_path_factory.mktemp("roles")
    name = f"roles-{os.getpid()}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PODWRIGHT_STATE", str(folder / "state"))
        environment.setenv("ANSIBLE_HOME", str(folder / "home"))
        write(folder / "build")
        labs.up(next((folder / "build").glob("*.clab.yml")), name=name)
        pod = Pod(folder / "build", name)
        said = pod.play(check=True)
        rails = pod.run(SERVER, "ip -br -4 addr")
        yield AppliedPod(pod, said, rails, pod.play())
        labs.down(name)


@pytest.fixture
def pod(applied: AppliedPod) -> Pod:
    return applied.pod


def test_a_check_says_what_a_run_does_and_does_nothing(applied: AppliedPod) -> None:
    assert set(applied.said) == set(NODES)
    assert "10.128.2.1" not in applied.rails_after_check
    assert applied.done == applied.said


def test_a_pod_that_is_as_designed_rests(pod: Pod) -> None:
    before = pod.sessions()
    assert set(before) == {"front0", "front1"}
    assert {session.state for session in before.values()} == {"Established"}
    assert pod.play() == {}
    assert pod.play(check=True) == {}
    assert pod.sessions() == before, "a run without a change lets every session live"


def test_a_change_touches_what_it_is_about(pod: Pod) -> None:
    """One list more on one switch: its sessions live, and nobody else is touched."""
    before = pod.sessions()
    line = "ip prefix-list NEW seq 5 permit 192.0.2.0/24"
    with pod.edited(f"configs/{LEAF}/frr.conf", "!\nroute-map", f"!\n{line}\n!\nroute-map") as text:
        assert pod.play(check=True) == {LEAF: 1}
        assert line not in pod.run(LEAF, "vtysh -c 'show running-config'")
        assert pod.play() == {LEAF: 1}
        assert line in pod.run(LEAF, "vtysh -c 'show running-config'")
        assert pod.run(LEAF, "cat /etc/frr/frr.conf") == text
    assert pod.play() == {LEAF: 1}
    assert pod.sessions() == before


def test_drift_is_found_by_a_check_and_mended_by_a_run(pod: Pod) -> None:
    pod.run(SERVER, "ip rule del from 10.128.2.1; nft delete table inet podwright_mark; ip link set rail1 mtu 1500")
    pod.run(SERVER, "echo 2 > /proc/sys/net/ipv4/conf/rail0/arp_ignore; kill $(cat /run/lldpd.pid); sleep 1")
    pod.run(LEAF, "vtysh -c 'configure terminal' -c 'ip route 192.0.2.0/24 blackhole' -c 'end' -c 'write'")
    pod.run(LEAF, ": > /etc/frr/vtysh.conf")
    pod.run(MANAGEMENT, "ip link set swp2 nomaster")

    expected = {SERVER: 4, LEAF: 1, MANAGEMENT: 1}
    assert pod.play(check=True) == expected, "the server: kernel, network, LLDP, marks"
    assert pod.play() == expected
    assert "192.0.2.0/24" not in pod.run(LEAF, "vtysh -c 'show running-config'; cat /etc/frr/frr.conf")
    assert "service integrated-vtysh-config" in pod.run(LEAF, "cat /etc/frr/vtysh.conf")
    assert "from 10.128.2.1 lookup 100" in pod.run(SERVER, "ip rule")
    assert pod.play(check=True) == {}


def test_what_frr_refuses_is_an_error_that_names_the_line(pod: Pod) -> None:
    with pod.edited(f"configs/{LEAF}/frr.conf", "maximum-paths 2", "maximum-paths 99999"):
        done = pod.try_play()
        assert done.failed == (LEAF,)
        assert "maximum-paths 99999" in pod.log.read_text()
    pod.play()
    assert "99999" not in pod.run(LEAF, "vtysh -c 'show running-config'")


def test_a_device_without_a_rendered_folder_is_named(pod: Pod) -> None:
    folder = pod.tree / "configs" / MANAGEMENT
    folder.rename(folder.with_name("elsewhere"))
    done = pod.try_play(check=True)
    folder.with_name("elsewhere").rename(folder)
    assert done.failed == (MANAGEMENT,)
    assert "Render the pod again." in done.messages[0]


def test_with_systemd_everything_is_there_at_the_next_start(pod: Pod) -> None:
    """Units, names and data are delivered and enabled, a second run changes nothing, and a check is honest."""
    before = pod.sessions()
    for node in NODES:
        pod.install_shims(node)
    pod.run(SERVER, "mkdir -p /etc/chrony/sources.d")
    given = {"podwright_init": "systemd"}
    for artifact in frr.render(reference.pod("starter-4")):
        if artifact.device == SERVER and artifact.path.endswith(ONLY_WITH_SYSTEMD):
            (pod.tree / artifact.path).write_text(artifact.text)

    assert set(pod.play(check=True, variables=given)) == set(NODES)
    pod.play(variables=given)
    commands = pod.run(SERVER, "cat /run/shims/log").splitlines()
    for unit in ("podwright-network", "podwright-mark", "podwright-roce", "frr", "lldpd"):
        assert f"systemctl enable {unit}.service" in commands
    assert "systemctl restart systemd-networkd.service" not in commands, "it does not run here, and is not started"
    assert "udevadm trigger --settle --action=add --subsystem-match=net" in commands
    assert "chronyc reload sources" in commands
    assert "server 192.0.2.123 iburst" in pod.run(SERVER, "cat /etc/chrony/sources.d/podwright.sources")
    assert "DNS=192.0.2.53\n" in pod.run(SERVER, "cat /etc/systemd/resolved.conf.d/podwright.conf")
    assert "Path=pci-0000:1a:00.0" in pod.run(SERVER, "cat /etc/systemd/network/10-podwright-rail0.link")
    at_the_next_start = "/usr/local/sbin/podwright-network /etc/podwright/network.json"
    assert pod.run(SERVER, at_the_next_start) == "", "the program and its data are there, and agree with what runs"
    of_nics = "/usr/local/sbin/podwright-roce /etc/podwright/roce.json"
    assert pod.run(SERVER, of_nics) == "", "no NIC is behind an interface of the twin"

    assert pod.play(check=True, variables=given) == {}
    assert set(pod.sessions()) == set(before)


def test_a_sonic_switch_takes_its_database_and_its_routing(pod: Pod) -> None:
    before = pod.sessions()
    pod.install_shims(LEAF)
    factory, designed = {"BGP_NEIGHBOR": {"10.0.0.1": {"asn": "1"}}}, {"PORT": {"Ethernet0": {"lanes": "0"}}}
    pod.run(LEAF, f"mkdir -p /etc/sonic; echo '{json.dumps(factory)}' > /etc/sonic/running.json")
    (pod.tree / "configs" / LEAF / "config_db.json").write_text(json.dumps(designed))
    with pod.edited("ansible/inventory.yml", "podwright_linux", "podwright_linux") as text:
        inventory = yaml.safe_load(text.replace("!unsafe ", ""))
        groups = inventory["all"]["children"]
        groups["podwright_sonic"]["hosts"] = {LEAF: groups["podwright_linux"]["hosts"].pop(LEAF)}
        (pod.tree / "ansible" / "inventory.yml").write_text(yaml.safe_dump(inventory))

        assert pod.play(check=True)[LEAF] == 1, "the database; routing is as it was"
        assert json.loads(pod.run(LEAF, "cat /etc/sonic/running.json")) == factory
        pod.play()
        assert json.loads(pod.run(LEAF, "cat /etc/sonic/running.json")) == designed
        assert pod.play(check=True) == {}
    assert pod.sessions() == before


def test_a_cumulus_switch_takes_its_objects_on_trial(pod: Pod) -> None:
    """Replaced with its own accounts in it, shown, applied, reached by a new connection, and only then kept."""
    pod.install_shims(MANAGEMENT)
    startup = "- set: {system: {aaa: {user: {cumulus: {hashed-password: $6$hash}}}}}"
    pod.run(MANAGEMENT, f"mkdir -p /etc/nvue.d; cd /etc/nvue.d; echo '{startup}' | tee startup.yaml > applied")
    designed = {"set": {"system": {"hostname": MANAGEMENT}}}
    (pod.tree / "configs" / MANAGEMENT / "nvue.yaml").write_text(yaml.safe_dump([designed]))
    with pod.edited("ansible/inventory.yml", "podwright_linux", "podwright_linux") as text:
        inventory = yaml.safe_load(text.replace("!unsafe ", ""))
        groups = inventory["all"]["children"]
        groups["podwright_nvue"]["hosts"] = {MANAGEMENT: groups["podwright_linux"]["hosts"].pop(MANAGEMENT)}
        (pod.tree / "ansible" / "inventory.yml").write_text(yaml.safe_dump(inventory))

        assert pod.play(check=True) == {MANAGEMENT: 1}
        said = pod.log.read_text()
        assert "hostname" in said
        assert "$6$hash" not in said
        assert pod.run(MANAGEMENT, "cat /etc/nvue.d/applied") == startup + "\n"
        assert pod.play() == {MANAGEMENT: 1}
        (told,) = yaml.safe_load(pod.run(MANAGEMENT, "cat /etc/nvue.d/applied"))
        users = {"cumulus": {"hashed-password": "$6$hash"}}
        assert told == {"set": {"system": {"hostname": MANAGEMENT, "aaa": {"user": users}}}}
        commands = pod.run(MANAGEMENT, "grep '^nv ' /run/shims/log").splitlines()
        assert [line.split(maxsplit=2)[2] for line in commands[-4:]] == [
            "diff",
            "apply --assume-yes --confirm",
            "apply --confirm-yes",
            "save",
        ]
        assert pod.play(check=True) == {}
        assert pod.play() == {}

        pod.run(MANAGEMENT, "touch /etc/nvue.d/refuse")
        done = pod.try_play()
        assert done.failed == (MANAGEMENT,)
        assert "'swp99' is not a port." in done.messages[0]


def test_a_batch_in_which_a_device_fails_is_the_last(pod: Pod) -> None:
    broken = pod.tree / "broken.yml"
    broken.write_text(yaml.safe_dump({"all": {"hosts": {LEAF: {"podwright_config": "/nowhere"}}}}))
    settings = {"ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder())}

    def play(batch: str) -> Applied:
        return apply(
            pod.tree, log=pod.log, overlays=(pod.overlay, broken), environment=settings, batch=batch, check=True
        )

    assert play("").untried == (), "one device that fails keeps nobody else waiting"
    inventory = yaml.safe_load((pod.tree / "ansible" / "inventory.yml").read_text().replace("!unsafe ", ""))
    order = list(inventory["all"]["children"]["podwright_linux"]["hosts"])
    last = play("1")
    assert last.failed == (LEAF,)
    assert set(last.untried) == set(order[order.index(LEAF) + 1 :])
