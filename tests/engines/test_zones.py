"""Zones and secrets on real nodes: the trials hold, notice what is wrong, and a secret is seen on its devices only."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from secrecy import files_with, spelt_in, watching_processes

from podwright import pipeline
from podwright.cli.report import report_data, report_text
from podwright.lab import labs
from podwright.lab.driver import Fabric
from podwright.lab.trials.suite import run_trials
from podwright.lab.trials.zones import courses
from podwright.model.report import Report, Trial
from podwright.targets import TARGETS
from podwright.verify.junit import junit

pytestmark = [pytest.mark.lab, pytest.mark.engine]

NAME = "zones-tested"
CANARY = "canary/4791?sesame+open"
IN_A_FILE = "canary-of-a-file&5123"
SECRETS = (CANARY, IN_A_FILE, "other-canary")
PASSWORD = "PODWRIGHT_TEST_CANARY"
BLUEPRINT = f"""
podwright: 1
name: zoned
site: {{domain: zoned.example.net, dns: [192.0.2.53], ntp: [192.0.2.123]}}
units: {{slots: 8}}
servers:
  gpu:   {{model: l40s-8,  count: 2, at: {{unit: 1, slot: 1}}}}
  files: {{model: nvme-2u, count: 1, at: {{unit: 1, slot: 4}}}}
fabrics:
  rail:
    carries: [compute]
    topology: single
    leaf: {{model: sn5600, nos: sonic}}
    link_speed: {{compute: 200G}}
    pool: 10.128.0.0/10
    asn: 4200000000
    lossless: rocev2
  pod:
    carries: [frontend, storage]
    topology: single
    leaf: {{model: sn5600, nos: sonic}}
    link_speed: {{frontend: 200G}}
    pool: 10.16.0.0/14
    pool6: fd10:16::/64
    asn: 4250000000
    outside:
      edge:
        asn: 64999
        peers: [192.0.2.0/31]
        peers6: ["fd10:ed6e::/127"]
        password: {{env: {PASSWORD}}}
      second:
        asn: 64998
        peers: [192.0.2.2/31]
        peers6: ["fd10:ed6e::2/127"]
        password: {{file: keys/second}}
  oob:
    carries: [management]
    topology: single
    leaf: {{model: sn2201, nos: cumulus}}
    pool: 10.0.0.0/20
security:
  zones:
    compute: [gpu]
    training: [rail]
    storage: [{{groups: [files], fabrics: [pod]}}]
    management: [oob]
    outside: [edge, second]
  isolated: [compute, training, management]
  services: {{beacon: {{udp: [7001]}}}}
  allow:
    - {{from: compute, to: storage, service: [nfs, ping]}}
    - {{from: training, to: training, service: ping}}
    - {{from: management, to: management, service: node-exporter}}
    - {{from: outside, to: storage, service: [https, beacon]}}
    - {{from: storage, to: outside, service: ntp}}
"""
HOLDERS = {CANARY: ("pod-leaf-u001-1", "pod-edge"), IN_A_FILE: ("pod-leaf-u001-1", "pod-second")}
"""The devices that each secret is for."""


class Zoned:
    """A twin that is configured, with its rendered pod."""

    def __init__(self, build: Path, log: Path, seen: list[bytes]) -> None:
        self.build = build
        self.log = log
        self.seen = seen
        self.record = labs.running(NAME)
        self.fabric: Fabric = labs.fabric(NAME)
        self.design = pipeline.read_design(log.parent / NAME)

    def trials(self, family: str) -> list[Trial]:
        return list(run_trials(self.design, self.record, self.fabric, families=[family]))

    def run(self, node: str, script: str) -> str:
        done = self.fabric.run(node, ["sh", "-c", script])
        assert done.status == 0, done.stderr
        return done.stdout


def quiet(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def zoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoned]:
    folder = tmp_path_factory.mktemp("zoned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("ANSIBLE_VERBOSITY", "5")
        (folder / "pod.yaml").write_text(BLUEPRINT)
        (folder / "files" / "keys").mkdir(parents=True)
        (folder / "files" / "keys" / "second").write_text(f"{IN_A_FILE}\n")
        patch.setenv("PODWRIGHT_FILES", str(folder / "files"))
        pod = pipeline.design_pod(folder / "pod.yaml")
        build = folder / "build"
        pipeline.write(pipeline.render_design(pod.design, pod.catalog, TARGETS), build, force=True)
        pipeline.lab_up(pod, size="full", driver="netns", name=NAME, progress=quiet)
        try:
            with watching_processes(b"canary") as seen:
                patch.setenv(PASSWORD, "other-canary")
                assert pipeline.apply_build(build, lab=NAME, reach=pipeline.Reach(), check=False, progress=quiet).good
                patch.setenv(PASSWORD, CANARY)
                applied = pipeline.apply_build(build, lab=NAME, reach=pipeline.Reach(), check=False, progress=quiet)
            assert applied.good, applied.messages
            yield Zoned(build, Path(applied.log), seen)
        finally:
            pipeline.lab_down(NAME)


def _take_first(chain: str) -> str:
    """A script that takes away the first rule that accepts everything."""
    number = f"$(nft -a list chain {chain} | sed -n 's/^\\t*accept # handle //p' | head -n 1)"
    return f"nft delete rule {chain} handle {number}"


def failed(trials: list[Trial]) -> list[tuple[str, tuple[str, ...]]]:
    return [(trial.claim, trial.detail) for trial in trials if trial.outcome != "passed"]


def test_zones_hold_in_every_round(zoned: Zoned) -> None:
    trials = zoned.trials("zones")
    assert failed(trials) == []
    planned = courses(zoned.design)
    assert {(course.source, course.target) for course in planned} >= {
        ("compute", "storage"), ("compute", "compute"), ("outside", "storage"), ("storage", "outside"),
        ("training", "training"), ("management", "management"),
    }  # fmt: skip
    rounds = {"": 0, "the servers' own firewalls off": 0, "the switches' filters off": 0}
    for trial in trials:
        rounds[trial.claim.partition(", with ")[2]] += 1
    assert rounds["the switches' filters off"] == rounds[""] == len(planned)
    out_of_band = [course for course in planned if course.source == "management"]
    assert out_of_band
    assert rounds["the servers' own firewalls off"] == len(planned) - len(out_of_band), "bridges filter nothing"
    assert any(":" in probe.pair.target.address for course in planned for probe in course.probes)


def test_pings_pass_where_zones_allow_them_and_nowhere_else(zoned: Zoned) -> None:
    assert failed(zoned.trials("reachability")) == []


def test_a_port_that_lets_everything_in_is_noticed(zoned: Zoned) -> None:
    """Only the round without the servers' firewalls can see it."""
    leaf, chain = "pod-leaf-u001-1", "inet podwright_zones from_compute"
    zoned.run(leaf, f"nft insert rule {chain} accept")
    try:
        found = failed(zoned.trials("zones"))
    finally:
        zoned.run(leaf, _take_first(chain))
    assert found
    assert all(claim.endswith("with the servers' own firewalls off") and "From compute" in claim for claim, _ in found)


def test_a_server_that_lets_everything_in_is_noticed(zoned: Zoned) -> None:
    node = "files-u001-s04"
    zoned.run(node, "nft insert rule inet podwright_zones input accept")
    try:
        found = failed(zoned.trials("zones"))
    finally:
        zoned.run(
            node,
            _take_first("inet podwright_zones input"),
        )
    assert found
    assert all(claim.endswith("with the switches' filters off") and "to storage" in claim for claim, _ in found)


def test_sessions_with_a_password_come_up(zoned: Zoned) -> None:
    assert failed(zoned.trials("sessions")) == []
    for secret, nodes in HOLDERS.items():
        for node in nodes:
            assert secret in zoned.run(node, "cat /etc/frr/frr.conf")


def test_a_secret_is_seen_on_its_devices_only(zoned: Zoned) -> None:
    """Neither it nor the one before it, in no spelling, at the highest verbosity."""
    assert zoned.seen == []
    assert zoned.log.is_relative_to(zoned.build.parent / "state")
    assert len(zoned.log.read_text()) > 20_000, "at that verbosity Ansible says much"
    assert [files_with(SECRETS, folder) for folder in (zoned.build, zoned.build.parent / "state")] == [[], []]
    others = [node for node in zoned.record.nodes if not any(node in nodes for nodes in HOLDERS.values())]
    assert others
    for node in others:
        assert "canary" not in zoned.run(node, "cat /etc/frr/frr.conf 2> /dev/null || true")


def test_a_report_of_sessions_that_fail_does_not_tell_it(zoned: Zoned) -> None:
    """In text, JSON or JUnit: of what routers say of a session whose password is wrong at one end, or of one that is up."""
    neighbour = "192.0.2.1"
    wrong = f'-c "configure terminal" -c "router bgp 64999" -c "neighbor {neighbour} password other-canary"'
    zoned.run("pod-edge", f"vtysh {wrong} && vtysh -c 'clear bgp {neighbour}'")
    try:
        trials = [trial for family in ("sessions", "routes", "neighbours") for trial in zoned.trials(family)]
    finally:
        zoned.run("pod-edge", f"vtysh {wrong.replace('other-canary', CANARY)} && vtysh -c 'clear bgp {neighbour}'")
    assert failed(trials)
    report = Report("zoned", tuple(trials))
    for said in (report_text(report, quiet=False), json.dumps(msgspec.to_builtins(report_data(report))), junit(report)):
        assert spelt_in(said.encode(), SECRETS) == []


def test_a_run_that_fails_says_nothing_either(zoned: Zoned, monkeypatch: pytest.MonkeyPatch) -> None:
    """FRR refuses a line of the file that has the secret."""
    monkeypatch.setenv("ANSIBLE_VERBOSITY", "5")
    monkeypatch.setenv("XDG_STATE_HOME", str(zoned.build.parent / "state"))
    monkeypatch.setenv(PASSWORD, CANARY)
    tree = zoned.log.parent / NAME
    conf = tree / "configs" / "pod-edge" / "frr.conf"
    good = conf.read_text()
    conf.write_text(good.replace(" bgp router-id", " bgp nonsense\n bgp router-id"))
    try:
        done = pipeline.apply(
            tree,
            overlays=[zoned.log.parent / f"{NAME}.overlay.yml"],
            environment={"ANSIBLE_CONNECTION_PLUGINS": str(pipeline.plugin_folder())},
            log=zoned.log,
        )
    finally:
        conf.write_text(good)
    assert done.failed == ("pod-edge",)
    assert spelt_in((zoned.log.read_text() + " ".join(done.messages)).encode(), SECRETS) == []


def test_a_secret_that_is_nowhere_is_named(zoned: Zoned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(zoned.build.parent / "state"))
    monkeypatch.delenv(PASSWORD, raising=False)
    done = pipeline.apply_build(zoned.build, lab=NAME, reach=pipeline.Reach(), check=True, progress=quiet)
    assert set(done.failed) == {"pod-leaf-u001-1", "pod-edge"}
    unset = "The secret fabrics.pod.outside.edge.password can't be read: the environment variable is not set"
    assert any(unset in message for message in done.messages)
    assert any(f"env {PASSWORD}" in message for message in done.messages)


def test_rules_come_back_by_themselves_where_the_way_in_is_lost(zoned: Zoned) -> None:
    """What `try` loads is gone after its seconds; time and again, the designed rules are what stands."""
    node = "gpu-u001-s01"
    program = (zoned.log.parent / NAME / "ansible/roles/firewall/files/load-zones.sh").read_text()
    before = zoned.run(node, "nft -s list table inet podwright_zones")
    rules = (
        "table inet podwright_zones {}\ndelete table inet podwright_zones\n"
        "table inet podwright_zones {\nchain input {\ntype filter hook input priority 0; policy drop;\n}\n}\n"
    )
    done = zoned.fabric.run(node, ["sh", "-c", program, "load-zones", "try", "1", "none"], stdin=rules)
    assert done.status == 0, done.stderr
    assert "policy drop" in zoned.run(node, "nft list table inet podwright_zones")
    deadline = time.monotonic() + 10
    while zoned.run(node, "nft -s list table inet podwright_zones") != before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert zoned.run(node, "nft -s list table inet podwright_zones") == before
