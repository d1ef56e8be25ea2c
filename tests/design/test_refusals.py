"""What cannot be built is refused by the exact code, at the exact place, in a frozen sentence; its twin without the fault passes.

Cases that the shipped catalogue can show are tests/errors/design-*.yaml; each differs from good.yaml in the fault only. The
rest are here, over the catalogue in memory.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from pods import Document, backend, changed, converged, designed, front, oob, pod, without
from podwright.catalog import loader
from podwright.design.codes import CODES
from podwright.errors import BlueprintError
from podwright.model.report import Severity
from podwright.pipeline import design_pod

HERE = Path(__file__).parent
CASES = sorted((HERE.parent / "errors").glob("design-*.yaml"))
MOST_CHANGED = 5

NUMBERED: Document = {"underlay": "numbered", "link_pool": "10.64.0.0/12"}
BRIDGED: Document = {"blue": {"id": 1, "servers": ["gpu"], "bridged": True}}
RAILS = pod(("gpu", "r8p1f0m0", 4, 1, 1), backend=backend())
DUAL = pod(("gpu", "r4p2f0m0", 4, 1, 1), backend=backend(planes=2))
FRONT = pod(("gpu", "r0p1f2m1", 4, 1, 1), front=front(), oob=oob())
CLUSTER = RAILS | {
    "kubernetes": {
        "version": "1.36",
        "workers": ["gpu"],
        "pods": "10.244.0.0/16",
        "services": "10.96.0.0/12",
        "tenants": {"research": {"id": 1, "gpus": 32}},
    }
}

APART = pod(
    ("gpu", "r0p1f2m1", 4, 1, 1),
    ("nfs", "r0p1f1m1s2", 2, 1, 6),
    front=front(carries=["frontend"], planned_units=1),
    archive=front(carries=["storage"], pool="10.20.0.0/14", asn=4202000000, planned_units=1),
    oob=oob(),
)
STORE = {"kind": "nfs", "fabric": "front", "export": "/scratch", "mount": {"gpu": "/mnt/scratch"}}
FILES = APART | {"storage": {"scratch": STORE | {"servers": "nfs"}}}
STORER = pod(
    ("nfs", "r0p1f1m1s2", 2, 1, 6),
    front=front(carries=["frontend"], planned_units=1),
    archive=front(carries=["storage"], pool="10.20.0.0/14", asn=4202000000, planned_units=1),
    oob=oob(),
) | {"storage": {"home": STORE | {"external": {"addresses": ["172.16.0.10"]}, "mount": {"nfs": "/home"}}}}
MOUNTED = CLUSTER | {
    "servers": {
        "gpu": {"model": "r8p1f2m1", "count": 4, "at": {"unit": 1, "slot": 1}},
        "cpu": {"model": "r0p1f2m1", "count": 2, "at": {"unit": 2, "slot": 1}},
        "nfs": {"model": "r0p1f2m1", "count": 2, "at": {"unit": 2, "slot": 5}},
    },
    "fabrics": {"backend": backend(), "front": front(), "oob": oob()},
    "kubernetes": CLUSTER["kubernetes"]
    | {"workers": ["gpu", "cpu"], "tenants": {"research": {"id": 1, "gpus": 32, "mounts": ["scratch"]}}},
    "storage": {
        "scratch": {
            "kind": "nfs",
            "servers": "nfs",
            "fabric": "front",
            "export": "/scratch",
            "mount": {"cpu": "/mnt/scratch", "gpu": "/mnt/scratch"},
            "targets": {"read_mb_s": 1, "write_mb_s": 1},
        }
    },
}

# code, severity, path, sentence, fix, the good document, and what makes it bad
REFUSALS = [
    (
        "DES901",
        "error",
        "storage.scratch.mount.gpu",
        "servers of `gpu` have no address on `archive`: it takes storage ports, and each of them has 0 compute, 2 frontend, 0 storage",
        "Write `front` as the `fabric` of the store, or take a server model with such ports.",
        FILES,
        ("storage", "scratch", "fabric", "archive"),
    ),
    (
        "DES904",
        "error",
        "storage.home.mount.nfs",
        "servers of `nfs` leave the pod over `front`, their home, and not over `archive`",
        "Write `fabric: front`.",
        STORER,
        ("storage", "home", "fabric", "archive"),
    ),
    (
        "DES806",
        "warning",
        "kubernetes.tenants.research.mounts.0",
        "pods run on `cpu` too, and `scratch` is not served to it",
        "Add `cpu` to `storage.scratch.mount`, or let pods choose other nodes.",
        MOUNTED,
        ("storage", "scratch", "mount", {"gpu": "/mnt/scratch"}),
    ),
    (
        "DES807",
        "error",
        "kubernetes.workers.0",
        "the operator can't find the NICs of the rails of `gpu` (r8p1f0m0): nic is no NIC that it knows",
        "Copy the catalogue's entry under a name of its own, write what your servers have (`lspci -D`), and use that model; or leave "
        "`nic_operator` out.",
        CLUSTER,
        (
            "kubernetes",
            "nic_operator",
            {"repository": "registry.example.net/nics", "version": "network-operator-v26.1.0"},
        ),
    ),
    (
        "DES804",
        "warning",
        "kubernetes.tenants",
        "tenants may use 40 GPUs (32 of research + 8 of serving), and the workers have 32 (4 servers x 8)",
        "Lower the quotas by 8, or keep them where over-commitment is meant.",
        CLUSTER,
        ("kubernetes", "tenants", "serving", {"id": 2, "gpus": 8}),
    ),
    (
        "DES107",
        "error",
        "names.spine",
        "the template has {unit}, which a spine lacks",
        "Use {fabric}, {plane}, {number}.",
        RAILS,
        ("names", {"spine": "{fabric}-u{unit}-{number}"}),
    ),
    (
        "DES206",
        "error",
        "fabrics.backend.planes",
        "the NICs of `gpu` have ports on 2 planes and the fabric has 1",
        "Write `planes: 2`.",
        DUAL,
        ("fabrics", "backend", "planes", 1),
    ),
    (
        "DES208",
        "note",
        "fabrics.backend.leaf",
        "a unit of 128 slots is more than one small can serve, so each serves 16",
        "Write `slots: 16` under `leaf`, so that no later change of model moves it.",
        pod(
            ("gpu", "r4p1f0m0", 4, 1, 1),
            slots=128,
            backend=backend(
                leaf={"model": "small", "nos": "sonic", "slots": 16},
                layout={"slot": 7},
                pool="10.0.0.0/8",
                planned_units=1,
            ),
        ),
        ("fabrics", "backend", "leaf", {"model": "small", "nos": "sonic"}),
    ),
    (
        "DES212",
        "warning",
        "fabrics.backend.planned_units",
        "servers of `backend` stand up to unit 3, and spines were planned for 2: cables of leaves that are there already may move "
        "to other spines",
        "Write `planned_units: 3` or more, and compare the cabling with what is built.",
        pod(("gpu", "r8p1f0m0", 20, 1, 1), backend=backend()),
        ("fabrics", "backend", "planned_units", 2),
    ),
    (
        "DES214",
        "error",
        "servers.gpu.model",
        "the compute ports of `gpu` run at 1G, and a cage of large split as 2x400G does not",
        "Write `link_speed: {compute: 1G}` for `backend`, or take a leaf that has that speed.",
        pod(("gpu", "r4p1f0m0", 2, 1, 1), backend=backend(link_speed={"compute": "400G"})),
        ("servers", "gpu", "model", "ancient"),
    ),
    (
        "DES405",
        "warning",
        "fabrics.backend.link_speed.compute",
        "no compute port of a server runs at 800G: there is 400G",
        "Write `link_speed: {compute: 400G}`, or leave it where faster servers are to come.",
        RAILS,
        ("fabrics", "backend", "link_speed", {"compute": "800G"}),
    ),
    (
        "DES302",
        "error",
        "fabrics.backend.pool",
        "`fd10::/64` is IPv6, and this pool is IPv4",
        "Write an IPv4 prefix.",
        RAILS,
        ("fabrics", "backend", "pool", "fd10::/64"),
    ),
    (
        "DES302",
        "error",
        "fabrics.backend.pool",
        "`ten` is not a prefix",
        "Write an address and a length, as 10.128.0.0/10.",
        RAILS,
        ("fabrics", "backend", "pool", "ten"),
    ),
    (
        "DES308",
        "error",
        "fabrics.backend.layout.host",
        "a rail link has two addresses, and the field `host` has no bit for them",
        "Write `host: 1` or more, before anything is built.",
        RAILS,
        ("fabrics", "backend", "layout", {"host": 0}),
    ),
    (
        "DES307",
        "error",
        "fabrics.front.link_pool",
        "servers stand up to unit 5, and the layout unit 2 | plane 1 | leaf 5 | uplink 6 | end 1 has room up to unit 3",
        "Give it a wider pool that begins at the same address, before anything is built.",
        pod(("gpu", "r0p1f2m0", 4, 5, 1), front=front(planned_units=5, **NUMBERED)),
        ("fabrics", "front", "link_pool", "10.64.0.0/17"),
    ),
    (
        "DES312",
        "error",
        "fabrics.backend",
        "there are 64 leaves of a unit, rails and rows counted, and the addresses have room for 32",
        "Use larger switches or let a leaf serve more slots; or widen the layout, before anything is built.",
        pod(("gpu", "r8p1f0m0", 4, 1, 1), backend=backend(planned_units=1, **NUMBERED)),
        ("fabrics", "backend", "leaf", {"model": "large", "nos": "sonic", "slots": 1}),
    ),
    (
        "DES313",
        "error",
        "fabrics.backend.tenants.blue.bridged",
        "a bridged tenant has VLANs for 2 planes of 10 rails, and `backend` has 1 of 16",
        "Remove `bridged`: a routed tenant has one VLAN.",
        pod(
            ("gpu", "r8p1f0m0", 4, 1, 1),
            backend=backend(rails=8, pool="10.0.0.0/8", layout={"rail": 4}, tenants=BRIDGED),
        ),
        ("fabrics", "backend", "rails", 16),
    ),
    (
        "DES314",
        "error",
        "fabrics.backend.tenants.blue.bridged",
        "the gateway of a bridged rail is address 3 of unit 0, and there the leaf of unit 3 has its loopback",
        "Remove `bridged`, or widen `slot` or `host` in the layout, before anything is built.",
        pod(
            ("gpu", "r8p1f0m0", 2, 1, 1),
            ("more", "r8p1f0m0", 1, 2, 1),
            backend=backend(layout={"slot": 1, "host": 1}, tenants=BRIDGED),
        )
        | {"units": {"slots": 2}},
        ("servers", "more", "at", {"unit": 3, "slot": 1}),
    ),
    (
        "DES315",
        "error",
        "fabrics.backend.mtu",
        "packets of 9200 bytes and 50 of their tunnel (VXLAN over IPv4) exceed the 9216 of a port",
        "Write an `mtu` of 9166 or less for `backend`.",
        pod(("gpu", "r8p1f0m0", 4, 1, 1), backend=backend(mtu=9166, tenants=BRIDGED)),
        ("fabrics", "backend", "mtu", 9200),
    ),
    (
        "DES401",
        "warning",
        "servers.gpu.model",
        "no fabric carries `management`, so 8 ports of `gpu` stay without a cable",
        "Add `management` to the `carries` of a fabric, or leave it so.",
        pod(("gpu", "r0p1f2m0", 4, 1, 1), front=front()),
        ("servers", "gpu", "model", "r0p1f2m1"),
    ),
    (
        "DES403",
        "error",
        "servers.gpu.model",
        "a server has room for 2 frontend ports on `front`, and one of `gpu` (many) has more",
        "Take a server model with at most 2 frontend ports.",
        pod(("gpu", "r2p1f2m1", 4, 1, 1), front=front(), backend=backend(), oob=oob()),
        ("servers", "gpu", "model", "many"),
    ),
    (
        "DES503",
        "error",
        "fabrics.oob.leaf",
        "the network row needs 2 leaves and has room for 1",
        "Let a leaf serve fewer slots, which gives every row more leaves.",
        pod(
            ("gpu", "r8p1f0m1", 4, 1, 1),
            backend=backend(spine={"model": "large", "nos": "sonic", "count": 4}),
            oob=oob(),
        ),
        ("fabrics", "backend", "spine", "count", 10),
    ),
    (
        "DES504",
        "error",
        "fabrics.oob.pool",
        "`front-leaf-u001-32` is one switch too many: a management subnet numbers 31 switches of a fabric in unit 1",
        "Use larger switches, so that there are fewer of them.",
        pod(
            ("gpu", "r0p1f2m1", 64, 1, 1),
            slots=64,
            front=front(planned_units=1, leaf={"model": "large", "nos": "sonic", "slots": 8}),
            oob=oob(leaf={"model": "mixed", "nos": "cumulus", "slots": 8}),
        ),
        ("fabrics", "front", "leaf", "slots", 4),
    ),
    (
        "DES506",
        "warning",
        "servers.gpu.model",
        "a slot has one management port on `oob`; further management ports of `gpu` stay without a cable",
        "Cable them by hand, or take a server model of the catalogue that lists one.",
        FRONT,
        ("servers", "gpu", "model", "two-loms"),
    ),
]


@pytest.mark.parametrize(
    ("code", "severity", "path", "message", "fix", "good", "fault"),
    REFUSALS,
    ids=[f"{each[0]}-{each[2]}" for each in REFUSALS],
)
def test_the_fault_alone_is_refused(
    code: str, severity: str, path: str, message: str, fix: str, good: Document, fault: tuple[object, ...]
) -> None:
    assert not designed(good).findings
    (finding,) = designed(changed(good, *fault)).findings
    assert (finding.code, finding.severity.word, finding.path) == (code, severity, path)
    assert finding.message == message
    assert finding.fix == fix


def test_good_yaml_is_good() -> None:
    assert not design_pod(HERE / "good.yaml").findings


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_case_differs_from_its_twin_in_the_fault_only(case: Path) -> None:
    good = (HERE / "good.yaml").read_text("utf-8").splitlines()
    bad = case.read_text("utf-8").splitlines()[1:]
    difference = [line for line in difflib.ndiff(good, bad) if line[0] in "+-"]
    assert 0 < len(difference) <= 2 * MOST_CHANGED


def test_every_code_has_a_case() -> None:
    sentences = (HERE.parent / "errors").glob("*.txt")
    frozen = {code for each in sentences for code in re.findall(r"\[(DES\d+)\]", each.read_text("utf-8"))}
    elsewhere = {"DES211", "DES215", "DES406"}  # tests/design/test_growth.py, test_lossless.py
    assert frozen | {each[0] for each in REFUSALS} | elsewhere == set(CODES)


def test_runs_are_compared_with_all_others_and_not_only_with_the_next() -> None:
    """A long run covers two later ones: both are told, each with a free place."""
    document = pod(
        ("long", "r0p1f2m1", 30, 1, 1), ("a", "r0p1f2m1", 2, 1, 5), ("b", "r0p1f2m1", 2, 2, 1), front=front(), oob=oob()
    )
    refused = [finding for finding in designed(document).findings if finding.code == "DES101"]
    assert [finding.path for finding in refused] == ["servers.a.at", "servers.b.at"]
    assert all("begins at unit 4 slot 7" in finding.fix for finding in refused)


def test_a_hole_is_no_overlap() -> None:
    document = pod(("a", "r0p1f2m1", 4, 1, 1), ("b", "r0p1f2m1", 1, 1, 6), front=front(), oob=oob())
    assert not designed(document).findings
    holed = changed(document, "servers", "a", "absent", [{"unit": 1, "slot": 2}, {"unit": 1, "slot": 3}])
    assert [finding.code for finding in designed(holed).findings] == ["DES101"]


def test_a_run_that_wraps_is_not_lost_on_a_single_switch() -> None:
    """The first server stands in unit 1 and the last in unit 2, which no single switch serves."""
    single = without(oob(topology="single"), "spine")
    document = pod(("gpu", "r0p1f2m1", 4, 1, 7), front=front(), oob=single)
    assert [finding.code for finding in designed(document).findings] == ["DES505"]


def test_ports_of_equal_speed_come_from_cages_that_split_alike() -> None:
    """48 ports of 1G beside 8 cages that run slower: a block of 49 cannot be cut, and the arithmetic says so."""
    document = pod(
        ("gpu", "slow", 2, 1, 1),
        all=converged(
            rails=4,
            leaf={"model": "large", "nos": "sonic"},
            spine={"model": "mixed", "nos": "sonic"},
            link_speed={"uplink": "1G"},
        ),
    )
    assert Severity.ERROR in {finding.severity for finding in designed(document).findings}


def test_all_faults_are_told_at_once() -> None:
    document = changed(RAILS, "fabrics", "backend", "pool", "10.128.0.0/12")
    document = changed(document, "fabrics", "backend", "spine", "model", "larg")
    document = changed(document, "fabrics", "front", front(pool="127.0.0.0/8"))
    assert {finding.code for finding in designed(document).findings} == {"DES301", "DES201", "DES304"}


def test_a_misspelt_model_reads_no_entry_but_those_of_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are known from the files' own; what a model can do is read when it is asked for."""
    read: list[str] = []
    really = loader._read

    def counted(path: Path, shape: type) -> object:
        read.append(path.stem)
        return really(path, shape)

    monkeypatch.setattr(loader, "_read", counted)
    for case in ("design-switch-model", "design-server-model"):
        with pytest.raises(BlueprintError):
            design_pod(HERE.parent / "errors" / f"{case}.yaml")
    hardware = set(read) & {path.stem for path in Path(loader.__file__).parent.glob("s*/*.yaml")}
    assert hardware == {"hgx-h100", "cpu-1u", "sn5600", "sn4700", "sn2201"}
