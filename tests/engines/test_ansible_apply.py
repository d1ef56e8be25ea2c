"""The roles on real nodes: applied once, again, in check mode, after drift, and by the paths of systemd and SONiC.

Nodes of the twin have no systemd and no SONiC; for those paths, stand-ins of their programs (shims/) are put before the
system's own in a node, and everything but them is real.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from conformance import reference
from podwright.apply import apply
from podwright.catalog import load as load_catalog
from podwright.design import scale
from podwright.errors import PodwrightError
from podwright.lab import labs
from podwright.lab.ansible.overlay import overlay, plugin_folder
from podwright.lab.driver import Fabric
from podwright.lab.netns import abilities
from podwright.model.report import Applied
from podwright.projection import project
from podwright.projection.records import PodConfig
from podwright.targets import ansible, containerlab, frr

pytestmark = [pytest.mark.lab, pytest.mark.engine]

SHIMS = Path(__file__).with_name("shims")
LEAF, SERVER, OTHER, MANAGEMENT = "pod-leaf-u001-1", "gpu-u001-s01", "gpu-u001-s04", "oob-leaf-u001-1"
NODES = (LEAF, SERVER, OTHER, MANAGEMENT)


class Pod:
    """A twin that runs, and its rendered tree."""

    def __init__(self, tree: Path, name: str) -> None:
        self.tree = tree
        self.fabric: Fabric = labs.fabric(name)
        self.overlay = tree / "overlay.yml"
        self.overlay.write_text(overlay(labs.running(name)))

    def play(self, *, check: bool = False, variables: Mapping[str, object] | None = None) -> Applied:
        """One run of the playbook; `variables` are laid over every host's own."""
        more = self.tree / "variables.yml"
        more.write_text(yaml.safe_dump({"all": {"hosts": {node: dict(variables or {}) for node in NODES}}}))
        settings = {"ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder()), "ANSIBLE_FORKS": "4"}
        log = self.tree / "ansible.log"
        done = apply(self.tree, log=log, overlays=(self.overlay, more), environment=settings, check=check)
        assert done.good, log.read_text()
        return done

    def run(self, node: str, script: str) -> str:
        done = self.fabric.run(node, ["sh", "-c", script])
        assert done.status == 0, done.stderr
        return done.stdout

    def sessions(self) -> dict[str, tuple[str, int]]:
        """The server's BGP sessions: state, and when they came up (seconds since 1970)."""
        summary = json.loads(self.run(SERVER, "vtysh -c 'show bgp neighbors json'"))
        return {name: (each["bgpState"], each.get("bgpTimerUpEstablishedEpoch", 0)) for name, each in summary.items()}

    def wait_for_sessions(self) -> dict[str, tuple[str, int]]:
        script = (
            "for i in $(seq 100); do vtysh -c 'show bgp summary established' | grep -q front1 && break; sleep 0.2; done"
        )
        self.run(SERVER, script)
        return self.sessions()

    def file(self, device: str, name: str) -> Path:
        return self.tree / "configs" / device / name

    def install_shims(self, node: str) -> None:
        """Put the stand-ins before the system's programs, in this node only."""
        self.run(node, "mount -t tmpfs shims /usr/local/sbin; mkdir -p /run/shims")
        for shim in SHIMS.iterdir():
            script = f"cat > /usr/local/sbin/{shim.name}; chmod 755 /usr/local/sbin/{shim.name}"
            self.fabric.run(node, ["sh", "-c", script], stdin=shim.read_text())


def twin() -> PodConfig:
    return project(scale(reference.designed("starter-4"), len(NODES)), load_catalog())


def write(pod: PodConfig, tree: Path, *targets: Callable[[PodConfig], Iterator[frr.Artifact]]) -> None:
    for target in targets:
        for artifact in target(pod):
            path = tree / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text)
            path.chmod(artifact.mode)


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pod]:
    """The smallest twin, up, with nothing applied."""
    monkeypatch.setenv("PODWRIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "home"))
    if shutil.which("vtysh") is None:
        pytest.skip("FRRouting is not there (packages frr, frr-pythontools)")
    try:
        if abilities.choose_mode() != "root":
            pytest.skip("the roles' own files need root")
    except PodwrightError as problem:
        pytest.skip(f"no labs here: {problem.message}")
    tree = tmp_path / "build"
    write(twin(), tree, containerlab.render, frr.render, ansible.render)
    name = f"roles-{os.getpid()}"
    labs.up(next(tree.glob("*.clab.yml")), name=name)
    yield Pod(tree, name)
    labs.down(name)


def test_a_pod_is_applied_once_and_then_rests(pod: Pod) -> None:
    said = pod.play(check=True)
    assert set(said.changed) == set(NODES)
    assert pod.run(SERVER, "ip -br addr show rail0; ls /run/frr").count("10.128.2.1") == 0, "a check changes nothing"

    done = pod.play()
    assert done.changed == said.changed, "what a check says is what is then done"
    before = pod.wait_for_sessions()
    assert {state for state, _ in before.values()} == {"Established"}

    assert pod.play().changed == {}
    assert pod.play(check=True).changed == {}
    assert pod.sessions() == before, "a run without a change lets every session live"


def test_a_change_touches_what_it_is_about(pod: Pod) -> None:
    """One policy more on one switch: its sessions live, and nobody else is touched."""
    pod.play()
    before = pod.wait_for_sessions()
    file = pod.file(LEAF, "frr.conf")
    file.write_text(
        file.read_text().replace("!\nroute-map", "!\nip prefix-list NEW seq 5 permit 192.0.2.0/24\n!\nroute-map", 1)
    )

    assert pod.play(check=True).changed == {LEAF: 1}
    assert "prefix-list NEW" not in pod.run(LEAF, "vtysh -c 'show running-config'")
    assert pod.play().changed == {LEAF: 1}
    assert "ip prefix-list NEW seq 5 permit 192.0.2.0/24" in pod.run(LEAF, "vtysh -c 'show running-config'")
    assert pod.run(LEAF, "cat /etc/frr/frr.conf") == file.read_text()
    assert pod.sessions() == before
    assert pod.play().changed == {}


def test_drift_is_found_by_a_check_and_mended_by_a_run(pod: Pod) -> None:
    pod.play()
    pod.run(
        SERVER,
        "ip rule del from 10.128.2.1; nft delete table inet podwright_mark; echo 1 > /proc/sys/net/ipv4/ip_forward",
    )
    pod.run(LEAF, "vtysh -c 'configure terminal' -c 'ip route 192.0.2.0/24 blackhole' -c 'end' -c 'write'")
    pod.run(
        OTHER,
        "kill $(cat /run/frr/bfdd.pid); while kill -0 $(cat /run/frr/bfdd.pid); do sleep 0.1; done 2>/dev/null; true",
    )

    # The server: kernel, network, marks, and FRR, which shows forwarding as a setting of its own.
    expected = {SERVER: 4, LEAF: 1, OTHER: 2}
    assert pod.play(check=True).changed == {**expected, OTHER: pod.play(check=True).changed[OTHER]}
    assert set(pod.play().changed) == set(expected)
    assert "192.0.2.0/24" not in pod.run(LEAF, "vtysh -c 'show running-config'; cat /etc/frr/frr.conf")
    assert "10.128.2.1" in pod.run(SERVER, "ip rule")
    assert pod.play().changed == {}


def test_what_frr_refuses_is_an_error_that_names_the_line(pod: Pod) -> None:
    file = pod.file(LEAF, "frr.conf")
    file.write_text(file.read_text().replace("maximum-paths 2", "maximum-paths 99999"))
    done = apply(
        pod.tree,
        log=pod.tree / "ansible.log",
        overlays=(pod.overlay,),
        environment={"ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder())},
    )
    assert done.failed == (LEAF,)
    assert "maximum-paths 99999" in (pod.tree / "ansible.log").read_text()


def test_with_systemd_everything_is_there_at_the_next_start(pod: Pod) -> None:
    """Units, names and data are delivered and enabled, a second run changes nothing, and a check is honest."""
    for node in NODES:
        pod.install_shims(node)
    given = {"podwright_init": "systemd"}
    for link in frr.render(reference.pod("starter-4")):
        if link.device == SERVER and "/10-" in link.path:
            (pod.tree / link.path).write_text(link.text)

    assert set(pod.play(check=True, variables=given).changed) == set(NODES)
    pod.play(variables=given)
    commands = pod.run(SERVER, "cat /run/shims/log").splitlines()
    for unit in ("podwright-network", "podwright-mark", "frr", "lldpd"):
        assert f"systemctl enable {unit}.service" in commands
    assert "systemctl restart systemd-networkd.service" not in commands, "it does not run here, and is not started"
    assert "udevadm trigger --settle --action=add --subsystem-match=net" in commands
    names = pod.run(SERVER, "cat /etc/systemd/network/10-podwright-rail0.link")
    assert "Path=pci-0000:1a:00.0" in names
    assert pod.run(SERVER, "/usr/local/sbin/podwright-network /etc/podwright/network.json") == ""
    assert {state for state, _ in pod.wait_for_sessions().values()} == {"Established"}

    assert pod.play(variables=given).changed == {}
    assert pod.play(check=True, variables=given).changed == {}


def test_a_sonic_switch_takes_its_database_and_its_routing(pod: Pod) -> None:
    pod.play()
    before = pod.wait_for_sessions()
    pod.install_shims(LEAF)
    pod.run(
        LEAF, 'mkdir -p /etc/sonic; echo \'{"BGP_NEIGHBOR": {"10.0.0.1": {"asn": "1"}}}\' > /etc/sonic/running.json'
    )
    pod.file(LEAF, "config_db.json").write_text(json.dumps({"PORT": {"Ethernet0": {"lanes": "0"}}}))
    inventory = yaml.load((pod.tree / "ansible" / "inventory.yml").read_text().replace("!unsafe ", ""), yaml.SafeLoader)
    groups = inventory["all"]["children"]
    del groups["podwright_linux"]["hosts"][LEAF]
    groups["podwright_sonic"]["hosts"] = {LEAF: {}}
    (pod.tree / "ansible" / "inventory.yml").write_text(yaml.safe_dump(inventory))

    assert pod.play(check=True).changed == {LEAF: 1}, "the database; routing is as it was"
    assert pod.play().changed == {LEAF: 1}
    running = json.loads(pod.run(LEAF, "cat /etc/sonic/running.json"))
    assert running == {"PORT": {"Ethernet0": {"lanes": "0"}}}
    assert pod.play().changed == {}
    assert pod.sessions() == before
