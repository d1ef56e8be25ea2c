"""The product in sentences: read, validate, design, check, project, render. What a verb does, it does by calling these."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from podwright.apply import apply, apply_cluster
from podwright.catalog import Catalog, entry_texts, join
from podwright.catalog import load as load_catalog
from podwright.check import deadlock_findings, prove_deadlocks, run_checks
from podwright.design import CI_NODES, restrict, scale
from podwright.design import design as design_blueprint
from podwright.errors import BlueprintError, LabError, UsageError
from podwright.lab import labs
from podwright.lab.ansible.overlay import overlay, plugin_folder
from podwright.lab.neighbour_table import shortages
from podwright.lab.registry import DriverName, Lab, state_folder
from podwright.lab.trials.bare import refuse_bare
from podwright.lab.trials.faults import GROUP as FAULTS
from podwright.lab.trials.suite import FAMILIES, run_trials
from podwright.lint import Linted, Options, lint
from podwright.load import BLUEPRINT_NAME, Source, read, read_from
from podwright.model.artifact import Artifact
from podwright.model.blueprint import Blueprint
from podwright.model.design import Design, TrafficClass
from podwright.model.near import likely_meant
from podwright.model.network import DeadlockProof
from podwright.model.report import Applied, ClusterApplied, Finding, Report, Severity, Trial
from podwright.network import Failure, Graph, network_of
from podwright.network.endpoints import Flow, aim_of, failure_of, flow_between
from podwright.network.tenancy import Tunnel, tunnel_of
from podwright.network.trace import Way, route
from podwright.projection import project
from podwright.projection.spelling import linux_name
from podwright.render import write
from podwright.targets import TARGETS, TWIN_TARGETS, Render
from podwright.validate import validate, with_own_entries
from podwright.verify import PASSIVE, gather, unasked

DESIGN_FILE = "design.json"
CATALOG_FOLDER = "catalog"
LAB = "lab"
PARTS = tuple(sorted((*TARGETS, "design", "containerlab", LAB)))
"""What `render --only` may name: a target, the design itself, the twin's topology, and all else of the twin."""
SCALES = {"ci": CI_NODES, "full": None}

Layer = Literal["fabric", "hosts"]
LAYERS: Mapping[Layer, str] = {"fabric": "switches:outside", "hosts": "servers"}
"""The inventory groups of each layer that Ansible configures."""

Progress = Callable[[str, int, int], None]


class Pod(NamedTuple):
    """A blueprint taken as far as its design, with everything that was found on the way; once checked, with its proofs."""

    source: Source
    blueprint: Blueprint
    catalog: Catalog
    design: Design
    findings: tuple[Finding, ...]
    proofs: tuple[DeadlockProof, ...] = ()


def read_blueprint(path: Path) -> tuple[Source, Blueprint, Catalog]:
    """A blueprint, and the catalogue that applies to it.

    Raises BlueprintError with every problem of the file, or of its own catalogue; UsageError where there is no file.
    """
    source = read(path)
    blueprint = validate(source)
    return source, blueprint, with_own_entries(blueprint, source, load_catalog())


def design_pod(path: Path) -> Pod:
    """Read, validate and design. Raises BlueprintError where the pod can't be built."""
    source, blueprint, catalog = read_blueprint(path)
    designed = design_blueprint(blueprint, catalog)
    findings = tuple(_located(finding, source) for finding in designed.findings)
    refuse(findings)
    return Pod(source, blueprint, catalog, designed.design, findings)


def check_pod(path: Path) -> Pod:
    """Design, and put every check to the design; what the checks find joins the pod's findings."""
    pod = design_pod(path)
    proofs = prove_deadlocks(pod.design)
    deadlocks = [
        finding for proof in proofs for finding in deadlock_findings(proof, f"fabrics.{proof.network}.lossless")
    ]
    found = tuple(_located(finding, pod.source) for finding in (*run_checks(pod.design), *deadlocks))
    return pod._replace(findings=in_file_order(pod.findings + found), proofs=proofs)


def pods_that_read(changed: Iterable[Path], folder: Path) -> list[Path]:
    """Every pod.yaml below `folder`, hidden folders aside, that is one of the changed files, extends one, or has one in a
    catalogue of its own.
    """
    files = {path.resolve() for path in changed}
    within = files | {parent for path in files for parent in path.parents}
    visible = [
        path
        for path in sorted(folder.rglob(BLUEPRINT_NAME))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return [path for path in visible if any(_holds(source.resolve(), files, within) for source in read_from(path))]


def _holds(source: Path, files: set[Path], within: set[Path]) -> bool:
    """Whether a file is among the files, or a folder has one of them in it."""
    return source in files or (source.is_dir() and source in within)


class Traced(NamedTuple):
    """The way of a flow over the routes of a fabric, `failure` having happened, the class that the fabric is lossless for, and the
    tunnel of its tenant.
    """

    design: Design
    fabric: str
    flow: Flow
    way: Way
    graph: Graph
    failure: Failure
    lossless: TrafficClass | None
    tunnel: Tunnel | None

    @property
    def arrives(self) -> bool:
        return not self.way.lost and not self.way.circles


def trace_flow(design: Design, source: str, target: str, failing: Sequence[str]) -> Traced:
    """Follow packets from one end to another. Raises UsageError for ends, cables and devices that there are not."""
    flow = flow_between(design, source, target)
    graph = Graph(network_of(design, flow.source.fabric))
    failure = failure_of(graph, failing)
    way = route(graph, flow.source.device, flow.ports, aim_of(graph.network, flow.target), failure)
    plan = next(each for each in design.fabrics if each.name == flow.source.fabric)
    lossless = next((each for each in design.classes if each.name == plan.lossless), None)
    return Traced(design, plan.name, flow, way, graph, failure, lossless, tunnel_of(design, flow))


def lint_folder(folder: Path, options: Options) -> Linted:
    """Put the rules of lossless traffic to configurations that others wrote, as `folder` holds them."""
    return lint(folder, load_catalog(), options)


def refuse(findings: Iterable[Finding]) -> None:
    """Raises BlueprintError with all findings where one of them is an error."""
    listed = in_file_order(findings)
    if any(finding.severity is Severity.ERROR for finding in listed):
        raise BlueprintError(listed)


def in_file_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            findings,
            key=lambda each: (
                (each.place.file, each.place.line, each.place.column, each.code)
                if each.place
                else ("", 0, 0, each.code)
            ),
        )
    )


def render_pod(pod: Pod) -> tuple[Artifact, ...]:
    """The whole output tree of a pod: its design, every target, and under `lab/` the same of its twin at ci scale."""
    twin = render_twin(twin_of(pod.design, "ci"), pod.catalog)
    return (
        *render_design(pod.design, pod.catalog, TARGETS),
        *(replace(each, path=f"lab/{each.path}", target=_target_in_lab(each)) for each in twin),
    )


def _target_in_lab(artifact: Artifact) -> str:
    """`--only containerlab` means the topology; all else of the twin's tree is `lab`."""
    return artifact.target if artifact.target == "containerlab" else LAB


def render_design(design: Design, catalog: Catalog, targets: Mapping[str, Render]) -> tuple[Artifact, ...]:
    """The design itself, the user's own catalogue entries that it names, and what each target makes of its projection."""
    projected = project(design, catalog)
    artifacts = [Artifact(path=DESIGN_FILE, text=design_json(design), target="design")]
    named = {device.model for device in design.devices} | {kind.medium for kind in design.link_classes}
    named |= {catalog.switches[model].asic for model in named if model in catalog.switches}
    artifacts += [
        Artifact(path=f"{CATALOG_FOLDER}/{path}", text=text, target="design")
        for path, text in entry_texts(catalog, named).items()
    ]
    for name, render in targets.items():
        artifacts += [replace(artifact, target=name) for artifact in render(projected)]
    return tuple(artifacts)


def twin_of(design: Design, size: str) -> Design:
    """The twin at `ci`, `full`, or about as many nodes as `size` says. Raises UsageError where it says neither."""
    if size in SCALES:
        return scale(design, SCALES[size])
    if size.isdecimal() and int(size) > 0:
        return scale(design, int(size))
    raise UsageError(f"`{size}` is not a scale", fix="Write `ci`, `full`, or a number of nodes, as `--scale 20`.")


def render_twin(twin: Design, catalog: Catalog) -> tuple[Artifact, ...]:
    """What the virtual fabric is built from and configured with."""
    return render_design(twin, catalog, TWIN_TARGETS)


def design_json(design: Design) -> str:
    """The design as JSON: equal blueprints give equal bytes on any machine."""
    return msgspec.json.format(msgspec.json.encode(design), indent=1).decode() + "\n"


def read_design(build: Path) -> Design:
    """The design of a rendered tree. Raises UsageError where `build` is not one."""
    path = build / DESIGN_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Design)
    except FileNotFoundError as problem:
        raise UsageError(
            f"{build} is not a rendered pod: it has no {DESIGN_FILE}",
            fix="Run `podwright render FILE --output DIR` first.",
        ) from problem
    except msgspec.DecodeError as problem:
        raise UsageError(f"{path} is not a design of this version: {problem}", fix="Render the pod again.") from problem


def catalog_of(build: Path) -> Catalog:
    """The catalogue that a rendered tree was made with: the shipped one, and the entries that it carries."""
    return join(load_catalog(build / CATALOG_FOLDER), load_catalog())


class LabUp(NamedTuple):
    """A lab as it came up: bare nodes, and the tree that configures them.

    `missing` is what this mode leaves out, `short` what the kernel has too little of, a sentence with the remedy each.
    """

    name: str
    nodes: int
    links: int
    missing: tuple[str, ...]
    short: tuple[str, ...]
    build: Path
    seconds: float


def lab_up(pod: Pod, *, size: str, driver: DriverName, name: str, progress: Progress) -> LabUp:
    """Bring up the pod's twin, bare, as lab `name` (the pod's name unless written)."""
    began = time.monotonic()
    name = name or pod.design.pod.name
    twin = twin_of(pod.design, size)
    labs.refuse_running(name)
    if twin.vrfs:
        tenants = ", ".join(dict.fromkeys(f"`{vrf.name}`" for vrf in twin.vrfs))
        labs.refuse_lacking(driver, ("vrf", "vxlan", "bridge"), f"tenants ({tenants})")
    build = _twin_tree(name)
    _write_twin(twin, pod.catalog, build)
    lab = labs.up(build / f"{pod.design.pod.name}.clab.yml", name=name, driver=driver, progress=progress)
    return LabUp(
        name,
        len(lab.topology.nodes),
        len(lab.topology.links),
        lab.missing,
        tuple(map(str, shortages(twin))),
        build,
        round(time.monotonic() - began, 1),
    )


def lab_shortages(name: str) -> tuple[str, ...]:
    """What the kernel has too little of for lab `name`, a sentence with the remedy each; trials may fail for it."""
    labs.running(name)
    return tuple(map(str, shortages(read_design(_twin_tree(name)))))


def lab_down(name: str) -> None:
    """Take lab `name` down, running or dead; nothing of it stays."""
    labs.down(name)
    shutil.rmtree(_twin_tree(name), ignore_errors=True)


class Reach(NamedTuple):
    """Which devices an apply changes, and how many at a time: a layer or single devices (all unless said), a batch."""

    layer: Layer | None = None
    devices: tuple[str, ...] = ()
    batch: str = ""

    def limit(self, design: Design) -> str:
        """The pattern of hosts for Ansible. Raises UsageError for a device that the design lacks."""
        known = [device.name for device in design.devices]
        for name in set(self.devices) - set(known):
            near = likely_meant(name, known)
            raise UsageError(
                f"the pod has no device `{name}`",
                fix=f"Did you mean {' or '.join(near)}?" if near else "`podwright design FILE` lists all.",
            )
        return ":".join(self.devices) or (LAYERS[self.layer] if self.layer else "")


def apply_build(build: Path, *, lab: str, reach: Reach, check: bool, progress: Progress) -> Applied:
    """Bring devices to the state rendered in `build`: those of the pod, or those of lab `lab`."""
    limit = reach.limit(read_design(build))
    if not lab:
        return apply(
            build, log=state_folder() / "apply.log", limit=limit, batch=reach.batch, check=check, progress=progress
        )
    record = labs.running(lab)
    tree = _twin_of_build(build, record)
    overlay_file = tree.parent / f"{lab}.overlay.yml"
    overlay_file.write_text(overlay(record), encoding="utf-8")
    return apply(
        tree,
        overlays=[overlay_file],
        environment={"ANSIBLE_CONNECTION_PLUGINS": str(plugin_folder())},
        log=tree.parent / f"{lab}.apply.log",
        limit=limit,
        batch=reach.batch,
        check=check,
        progress=progress,
    )


def apply_cluster_of(build: Path, *, check: bool, offline: bool, progress: Progress) -> ClusterApplied:
    """Bring the pod's cluster to the state rendered in `build`; `offline` only with `check`."""
    design = read_design(build)
    return apply_cluster(
        build, design, state=state_folder() / "pulumi", check=check, offline=offline, progress=progress
    )


def verify_build(build: Path, *, lab: str, progress: Progress) -> Report:
    """Compare running devices with the design of `build`, changing nothing.

    A lab that was configured a moment ago is given time to converge; a pod is asked once.
    """
    if lab:
        record = labs.running(lab)
        design = read_design(_twin_of_build(build, record))
        fabric = labs.fabric(lab)
        refuse_bare(design, lab, fabric)
        claims = run_trials(design, record, fabric, families=tuple(PASSIVE))
    else:
        design = read_design(build)
        run = gather(design, build, log=state_folder() / "verify.log", progress=progress)
        claims = (trial for check in PASSIVE.values() for trial in check(design, run, unasked=unasked(design)))
    return _report(f"verify {design.pod.name}", claims, progress)


def lab_test(name: str, *, faults: str, progress: Progress) -> Report:
    """Put a configured lab to the test; `faults` is `sample`, `all`, or empty for none."""
    record = labs.running(name)
    design = read_design(_twin_tree(name))
    fabric = labs.fabric(name)
    refuse_bare(design, name, fabric)
    families = [family for family in FAMILIES if family != "faults" or faults]
    claims = run_trials(
        design,
        record,
        fabric,
        families=families,
        extent="all" if faults == "all" else "sample",
        tell=lambda what: progress(what, 0, 0),
    )
    return _report(f"lab test {name}", claims, progress)


def _report(title: str, claims: Iterable[Trial], progress: Progress) -> Report:
    """What was claimed and how it went, told while it comes in."""
    trials: list[Trial] = []
    done: Counter[str] = Counter()
    for trial in claims:
        trials.append(trial)
        done[trial.group] += 1
        if trial.group != FAULTS:  # which tell of themselves before they are made
            progress(f"{trial.group}: {done[trial.group]} done, {trial.claim}", len(trials), 0)
    return Report(title=title, trials=tuple(trials))


def _twin_tree(name: str) -> Path:
    """Where the tree of a lab's twin is kept while it runs."""
    return state_folder() / "twins" / name


def _write_twin(twin: Design, catalog: Catalog, folder: Path) -> None:
    write(render_twin(twin, catalog), folder, force=True)


def _twin_of_build(build: Path, record: Lab) -> Path:
    """Render the twin of `build` with the nodes that the lab has. Raises LabError where its cabling is another."""
    design = read_design(build)
    tree = _twin_tree(record.name)
    nodes = {node.name for node in record.topology.nodes}
    twin = restrict(design, nodes)
    cables = {frozenset((str(link.a), str(link.b))) for link in record.topology.links}
    designed = {
        frozenset((f"{link.a_device}:{linux_name(link.a_port)}", f"{link.b_device}:{linux_name(link.b_port)}"))
        for link in twin.links
    }
    if {device.name for device in twin.devices} != nodes or designed != cables:
        raise LabError(
            f"lab `{record.name}` has other nodes or cables than the pod in {build}",
            fix=f"Bring it up again: `podwright lab down {record.name}`, then `podwright lab up FILE --name {record.name}`.",
        )
    _write_twin(twin, catalog_of(build), tree)
    return tree


def _located(finding: Finding, source: Source) -> Finding:
    return replace(finding, place=source.place(tuple(finding.path.split("."))))
