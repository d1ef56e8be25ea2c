"""The verbs that work on devices, with the pipeline's functions replaced: here is only what they print and return.

The same verbs run against real labs in tests/docs.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from podwright.cli.verbs import apply, verify
from podwright.cli.verbs.lab import test as lab_test
from podwright.cli.verbs.lab import up
from podwright.model.report import Applied, Report, Trial
from podwright.pipeline import LabUp, Reach

from .conftest import STARTER, Run

REPORT = Report(
    "lab test atlas",
    (
        Trial("sessions", "every session is up", "passed", seconds=1.5),
        Trial("mtu", "a full packet passes", "failed", tuple(f"link {number}" for number in range(12))),
        Trial("marking", "servers mark RoCE packets", "skipped", ("This kernel has no nftables.",)),
    ),
)
APPLIED = Applied(3, {"leaf": 2, "gpu": 1}, (), (), (), "/tmp/apply.log", 12.0)


def replaced(monkeypatch: pytest.MonkeyPatch, verb: Any, name: str, result: object) -> dict[str, Any]:
    """Replace a function of the pipeline; the dictionary holds what it was called with."""
    called: dict[str, Any] = {}

    def function(*arguments: object, **named: object) -> object:
        called.update(named, arguments=arguments)
        return result

    monkeypatch.setattr(verb, name, function)
    return called


@pytest.fixture(autouse=True)
def large_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel has room for every lab."""
    monkeypatch.setattr(lab_test, "lab_shortages", lambda _name: ())


def test_what_the_kernel_has_too_little_of_is_said_before_the_trials(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_test, "lab_shortages", lambda name: (f"{name} has too many neighbours",))
    replaced(monkeypatch, lab_test, "lab_test", REPORT)
    assert "warning: atlas has too many neighbours\n" in run("lab", "test", "atlas", "--quiet").err


def test_a_report_shows_groups_failures_and_reasons(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    called = replaced(monkeypatch, lab_test, "lab_test", REPORT)
    said = run("lab", "test", "atlas", "--faults", "sample", "--junit", "report.xml")
    assert (called["arguments"], called["faults"]) == (("atlas",), "sample")
    assert said.code == 1
    assert "  sessions       1       0        0      1.5" in said.out
    assert "failed [mtu] a full packet passes\n  link 0\n" in said.out
    assert "and 2 more" in said.out
    assert "skipped [marking] servers mark RoCE packets\n  This kernel has no nftables." in said.out
    assert said.out.endswith("3 claims: 1 passed, 1 failed, 1 skipped\n")
    assert ElementTree.parse("report.xml").getroot().get("failures") == "1"


def test_a_quiet_report_shows_failures_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, verify, "verify_build", REPORT)
    assert run("verify", "build", "--quiet").out.startswith("failed [mtu]")
    replaced(monkeypatch, verify, "verify_build", Report("verify", REPORT.trials[:1]))
    assert run("verify", "build", "--quiet") == (0, "", "")


def test_a_report_as_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, verify, "verify_build", REPORT)
    said = run("verify", "build", "--format", "json")
    assert said.code == 1
    document = json.loads(said.out)
    assert document["trials"][1]["outcome"] == "failed"
    assert document["summary"] == {"passed": 1, "failed": 1, "skipped": 1}


def test_a_junit_file_that_cannot_be_written_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, lab_test, "lab_test", REPORT)
    assert run("lab", "test", "atlas", "--junit", "no/such/folder.xml").code == 3


def test_apply_counts_changes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    called = replaced(monkeypatch, apply, "apply_build", APPLIED)
    assert run("apply", "build", "--lab", "atlas", "--check") == (0, "3 changes on 2 of 3 hosts in 12 s\n", "")
    assert (called["arguments"], called["lab"], called["check"]) == ((Path("build"),), "atlas", True)


def test_apply_reaches_as_far_as_it_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    called = replaced(monkeypatch, apply, "apply_build", APPLIED)
    assert run("apply", "build", "--device", "leaf", "--device", "gpu", "--batch", "25%").code == 0
    assert called["reach"] == Reach(None, ("leaf", "gpu"), "25%")
    assert run("apply", "build", "--layer", "fabric", "--device", "leaf").code == 2
    assert "Write a number of devices or a share" in run("apply", "build", "--batch", "few").err


def test_apply_knows_the_devices_of_the_pod(run: Run) -> None:
    run("render", STARTER, "--output", "build")
    said = run("apply", "build", "--device", "gpu-u001-s1")
    assert said.code == 2
    assert "the pod has no device `gpu-u001-s1`" in said.err
    assert "gpu-u001-s01" in said.err


def test_apply_names_what_failed_and_the_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Applied(3, {}, ("leaf",), ("gpu",), ("leaf: frr: no such file",), "/tmp/apply.log", 1.0)
    replaced(monkeypatch, apply, "apply_build", failed)
    said = run("apply", "build", "--quiet")
    assert said.code == 1
    for line in (
        "leaf: frr: no such file",
        "failed: leaf",
        "unreachable: gpu",
        "all that Ansible said: /tmp/apply.log",
    ):
        assert line in said.out


def test_apply_counts_hosts_that_it_never_came_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tuple(f"gpu-u001-s{slot:02}" for slot in range(1, 21))
    messages = tuple(f"{host}: guard: Connection timed out" for host in gone)
    applied = Applied(25, {}, (), gone, messages, "/tmp/apply.log", 1.0, untried=("leaf-1", "leaf-2"))
    replaced(monkeypatch, apply, "apply_build", applied)
    said = run("apply", "build", "--check")
    assert said.code == 1
    assert said.out.startswith("0 changes on 0 of 25 hosts in 1 s\n")
    assert "and 10 more: --format json holds them all" in said.out
    assert "unreachable: 20 hosts, gpu-u001-s01, gpu-u001-s02, " in said.out
    assert "not tried: leaf-1, leaf-2" in said.out
    assert not Applied(2, {}, (), (), (), "", 1.0, untried=("leaf-1",)).good


def test_up_says_what_came_up_and_what_comes_next(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    called = replaced(
        monkeypatch, up, "lab_up", LabUp("starter", 6, 12, ("lldp",), ("too few neighbours",), Path("twin"), 2.5)
    )
    said = run("lab", "up", STARTER, "--scale", "6")
    assert (called["size"], called["driver"], called["name"]) == ("6", "netns", "starter")
    assert said.out.startswith("lab starter: 6 nodes and 12 cables in 2.5 s\nthis machine can't do: lldp\nconfigure it")
    assert said.err.endswith("warning: too few neighbours\n")


def test_an_unknown_lab_is_exit_code_5(run: Run) -> None:
    assert run("lab", "down", "nobody").code == 5
    assert run("lab", "exec", "nobody", "node", "--", "true").code == 5


def test_no_labs_are_an_empty_list(run: Run) -> None:
    assert run("lab", "list").out == "Labs\n  none\n"
    assert json.loads(run("lab", "list", "--format", "json").out) == {"labs": []}


@pytest.fixture
def heeded() -> Iterator[None]:
    """Hang-ups are not ignored, even where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_who_is_told_to_end_cleans_up_first(
    run: Run, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    mended = []

    def cut_a_cable(*_: object, **__: object) -> Report:
        try:
            os.kill(os.getpid(), number)
            raise AssertionError("it went on")
        finally:
            mended.append("the cable")

    monkeypatch.setattr(lab_test, "lab_test", cut_a_cable)
    assert run("lab", "test", "atlas").code == code
    assert mended == ["the cable"]


def test_claims_skipped_for_one_reason_are_listed_together_and_the_reason_is_said_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = [Trial("routes", f"{number} has its routes", "skipped", ("Nobody asks it.",)) for number in range(12)]
    replaced(monkeypatch, verify, "verify_build", Report("verify", (alike[0], *REPORT.trials, *alike[1:])))
    said = run("verify", "build").out
    assert "skipped [routes] 0 has its routes\nskipped [routes] 1 has its routes\n" in said
    assert "skipped [routes] 9 has its routes\nand 2 more: --format json and --junit hold them all\n" in said
    assert said.count("Nobody asks it.") == 1
