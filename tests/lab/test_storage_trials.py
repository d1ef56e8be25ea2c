"""The trials of stores on three servers around a router: all hold as designed, and each fails where the list is not the designed one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from podwright.lab import labs
from podwright.lab.driver import Fabric
from podwright.lab.registry import Lab
from podwright.lab.trials import storage
from podwright.lab.trials.suite import run_trials
from podwright.model.design import Address, Design, Device, Export, Store
from podwright.model.report import Trial
from podwright.resources import folder

from .conftest import Writer
from .tiny import tiny_design

PLACES = {"nfs1": 1, "gpu1": 2, "gpu2": 3, "ctl1": 4}
LISTED = "# who may\n/scratch 10.16.0.2/32(rw,sync,root_squash,no_subtree_check) 10.16.0.3/32(rw,sync,root_squash)\n"


def device(name: str, place: int) -> Device:
    return Device(
        name=name,
        kind="server",
        tier="host",
        role="compute",
        group=name[:3],
        unit=1,
        slot=place,
        model="none",
        nos="linux",
        failure_domain="u001",
        origin="servers",
    )


STORE = Store(
    name="scratch",
    kind="nfs",
    group="nfs",
    fabric="front",
    path="/scratch",
    shared=False,
    version="4.2",
    connections=8,
    groups=("gpu",),
    origin="storage.scratch",
)
EXPORT = Export(
    store="scratch",
    server="nfs1",
    address="10.16.0.1",
    path="/scratch",
    clients=("10.16.0.2/31",),
    origin="storage.scratch",
)
DESIGN = Design(
    pod=tiny_design().pod,
    devices=tuple(device(name, place) for name, place in PLACES.items()),
    addresses=tuple(
        Address(device=name, interface="lo", address=f"10.16.0.{place}/32", fabric="front")
        for name, place in PLACES.items()
    ),
    stores=(STORE,),
    exports=(EXPORT,),
)


@pytest.fixture
def lab(root_lab: Path, write_topology: Writer) -> Iterator[Lab]:
    """Three servers and one that may not, each with an address on its loopback, around a router."""
    del root_lab  # it has said where state is kept
    lacking = [name for name in storage.PROGRAMS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    if lacking:
        pytest.skip(f"{', '.join(lacking)} is not installed")
    nodes = {"leaf1": "leaf"} | dict.fromkeys(PLACES, "server")
    links = [f"{name}:front0 leaf1:Ethernet{place}" for name, place in PLACES.items()]
    lab = labs.up(write_topology(nodes, links, name="files"))
    fabric = labs.fabric("files")
    for name, place in PLACES.items():
        here, there = f"10.0.0.{2 * place + 1}", f"10.0.0.{2 * place}"
        on(fabric, "leaf1", f"ip address add {there}/31 dev Ethernet{place}; ip route add 10.16.0.{place} via {here}")
        own = f"ip address add {here}/31 dev front0; ip address add 10.16.0.{place}/32 dev lo; ip link set lo up"
        on(fabric, name, f"{own}; ip route add default via {there} src 10.16.0.{place}")
    deliver(fabric, LISTED)
    yield lab
    labs.down("files")


def on(fabric: Fabric, node: str, script: str, stdin: str = "") -> str:
    done = fabric.run(node, ["sh", "-ec", script], stdin=stdin)
    assert done.status == 0, done.stderr
    return done.stdout


def deliver(fabric: Fabric, listed: str) -> None:
    on(fabric, "nfs1", "cat >/run/podwright.exports", listed)


def tried(lab: Lab, design: Design = DESIGN) -> list[Trial]:
    return list(run_trials(design, lab, labs.fabric(lab.name), families=["storage"]))


def failures(lab: Lab) -> list[str]:
    return [line for trial in tried(lab) if trial.outcome == "failed" for line in trial.detail]


@pytest.mark.lab
def test_files_reach_those_that_mount_them_and_nobody_else(lab: Lab) -> None:
    fabric = labs.fabric("files")
    assert [(trial.outcome, trial.claim, trial.detail) for trial in tried(lab)] == [
        ("passed", "gpu1 reads a file of scratch from nfs1, every octet of it", ()),
        ("passed", "gpu1 writes a file of scratch to nfs1, and gpu2 reads the same", ()),
        ("passed", "ctl1, which may not mount scratch, is refused by nfs1", ()),
    ]
    assert on(fabric, "nfs1", "ls -d /run/podwright*; ss -Hltn") == "/run/podwright.exports\n"
    deliver(fabric, "/scratch 10.16.0.0/24(rw)\n")
    assert failures(lab) == ["nfs1 let it mount /scratch"]
    deliver(fabric, "/scratch 10.16.9.0/24(rw)\n")
    assert failures(lab) == ["gpu1 got other contents, or none: nothing", "gpu1 cannot write"]


@pytest.mark.lab
def test_a_pod_without_stores_has_no_trial_and_a_plain_user_a_reason(lab: Lab) -> None:
    """No store, no trial; where a server cannot run, the trial is skipped with the reason."""
    assert tried(lab, replace(DESIGN, stores=())) == []
    assert tried(lab, replace(DESIGN, exports=())) == []
    (skipped,) = tried(replace(lab, mode="rootless"))
    assert skipped.outcome == "skipped"
    assert skipped.detail == ("An NFS server opens files by handle, which takes root of the machine.",)


@pytest.mark.lab
def test_what_is_missing_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that was not delivered, a server that cannot start, programs that are not installed."""
    fabric = labs.fabric("files")
    (refused,) = tried(lab, replace(DESIGN, exports=(replace(EXPORT, address="10.16.77.1"),)))
    assert refused.detail[0] == "nfs-ganesha does not serve at 10.16.77.1"
    assert on(fabric, "nfs1", "ls -d /run/podwright*") == "/run/podwright.exports\n"
    on(fabric, "nfs1", "rm /run/podwright.exports")
    (failed,) = tried(lab)
    assert (failed.outcome, failed.detail) == ("failed", ("/run/podwright.exports is not there: apply the pod",))
    monkeypatch.setattr(storage, "PROGRAMS", ("ganesha.nfsd", "nfs-of-nobody"))
    (skipped,) = tried(lab)
    assert skipped.outcome == "skipped"
    assert skipped.detail[0].startswith("nfs-of-nobody is not installed (packages nfs-ganesha,")


def test_the_server_s_configuration_is_made_of_the_delivered_list() -> None:
    text = storage.configuration(LISTED + "/home 10.16.0.3/32(rw)\n", "10.16.0.1")
    assert "Bind_addr = 10.16.0.1;" in text
    assert text.count("EXPORT {") == 2
    assert "Clients = 10.16.0.2/32, 10.16.0.3/32;" in text
    assert 'Export_Id = 2; Path = "/run/podwright-nfs/files/home"; Pseudo = "/home";' in text


def test_the_list_is_where_the_role_puts_it() -> None:
    role = folder("playbooks") / "roles" / "nfs_server"
    variables = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    (delivery,) = yaml.safe_load((role / "tasks" / "none.yml").read_text())
    assert "nfs_server_run ~ '/podwright.exports'" in delivery["podwright_program"]["argv"]
    assert variables["nfs_server_run"] + "/podwright.exports" == storage.LIST
