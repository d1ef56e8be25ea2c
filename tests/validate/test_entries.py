"""The user's own catalogue: beside the shipped one, as strict as a blueprint, and read no further than it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.catalog import Asic, Server, Switch, entry_texts, join, load
from podwright.catalog import loader as reading
from podwright.errors import BlueprintError
from podwright.load import read
from podwright.pipeline import catalog_of, design_pod, read_blueprint, render_design, render_pod, twin_of
from podwright.render import write
from podwright.targets import TWIN_TARGETS
from podwright.validate import validate, with_own_entries
from podwright.validate.entries import OwnShelf
from podwright.validate.entry_rules import contradictions

ROOT = Path(__file__).parent.parent.parent
STARTER = ROOT / "blueprints" / "starter-4" / "pod.yaml"
SHIPPED = load()


def shipped_text(path: str) -> str:
    return (Path(reading.__file__).parent / path).read_text("utf-8")


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    """The starter with GPU servers and leaves of its own catalogue, in which one more entry is broken."""
    text = STARTER.read_text("utf-8")
    assert text.count("model: hgx-h100") == 1
    text = text.replace("model: hgx-h100", "model: acme-gpu").replace("model: sn5600", "model: acme-64")
    catalog = tmp_path / "site" / "catalog"
    for kind in ("switches", "servers"):
        (catalog / kind).mkdir(parents=True)
    (catalog / "README.md").write_text("what our vendor sells\n")
    (catalog / "servers" / "acme-gpu.yaml").write_text(shipped_text("servers/hgx-h100.yaml"))
    (catalog / "switches" / "acme-64.yaml").write_text(shipped_text("switches/sn5600.yaml"))
    (catalog / "switches" / "acme-broken.yaml").write_text("title: {\n")
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods" / "pod.yaml").write_text(text + "catalog: ../site/catalog\n")
    return tmp_path / "pods" / "pod.yaml"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=name)
        for shelf in (SHIPPED.switches, SHIPPED.servers, SHIPPED.asics)
        for name, entry in shelf.items()
    ],
)
def test_no_shipped_entry_contradicts_itself(entry: Switch | Server | Asic) -> None:
    assert contradictions(entry) == []


def test_a_pod_without_a_catalogue_has_the_shipped_one() -> None:
    source = read(STARTER)
    assert with_own_entries(validate(source), source, SHIPPED) is SHIPPED


def test_own_entries_stand_beside_the_shipped_ones(pod: Path) -> None:
    _, _, catalog = read_blueprint(pod)
    assert catalog.own == {"switches/acme-64", "switches/acme-broken", "servers/acme-gpu"}
    assert catalog.servers["acme-gpu"] == SHIPPED.servers["hgx-h100"]
    assert set(catalog.switches) == {*SHIPPED.switches, "acme-64", "acme-broken"}
    assert list(catalog.switches) == sorted(catalog.switches)
    assert len(catalog.switches) == len(SHIPPED.switches) + 2
    assert "absent" not in catalog.switches
    assert dict(catalog.cables) == dict(SHIPPED.cables)


def test_an_entry_that_nobody_names_is_not_read_until_it_is_asked_for(pod: Path) -> None:
    _, _, catalog = read_blueprint(pod)
    with pytest.raises(BlueprintError) as caught:
        catalog.switches.get("acme-broken")
    (finding,) = caught.value.findings
    assert finding.place
    assert finding.place.file.endswith("site/catalog/switches/acme-broken.yaml")


def test_the_folder_is_that_of_the_file_which_names_it(pod: Path, tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    child = tmp_path / "far" / "away" / "pod.yaml"
    child.write_text("extends: ../../pods\n")
    assert read_blueprint(child)[2].own == read_blueprint(pod)[2].own


def test_an_entry_is_no_blueprint_and_extends_nothing(pod: Path, tmp_path: Path) -> None:
    (tmp_path / "site" / "catalog" / "servers" / "acme-gpu.yaml").write_text("extends: x.yaml\ntitle: null\n")
    with pytest.raises(BlueprintError) as caught:
        read_blueprint(pod)
    assert [finding.code for finding in caught.value.findings] == ["SRC034"]


def test_the_design_is_the_one_of_equal_shipped_models(pod: Path) -> None:
    own, shipped = design_pod(pod).design, design_pod(STARTER).design
    assert own.addresses == shipped.addresses
    assert own.links == shipped.links
    assert {device.model for device in own.devices} >= {"acme-gpu", "acme-64"}


def test_a_tree_carries_the_entries_it_names_and_makes_its_twin_from_them(pod: Path, tmp_path: Path) -> None:
    designed = design_pod(pod)
    build = tmp_path / "build"
    write(render_pod(designed), build)
    carried = sorted(str(path.relative_to(build)) for path in (build / "catalog").rglob("*.yaml"))
    assert carried == ["catalog/servers/acme-gpu.yaml", "catalog/switches/acme-64.yaml"]
    (tmp_path / "site" / "catalog" / "servers" / "acme-gpu.yaml").unlink()
    twin = twin_of(designed.design, "ci")
    assert render_design(twin, catalog_of(build), TWIN_TARGETS) == render_design(twin, designed.catalog, TWIN_TARGETS)


def test_a_tree_carries_the_chip_of_a_switch_it_names(pod: Path, tmp_path: Path) -> None:
    chips = tmp_path / "site" / "catalog" / "asics"
    chips.mkdir()
    (chips / "acme-one.yaml").write_text(shipped_text("asics/spectrum-4.yaml"))
    (chips / "acme-two.yaml").write_text(shipped_text("asics/spectrum-5.yaml"))
    switch = tmp_path / "site" / "catalog" / "switches" / "acme-64.yaml"
    switch.write_text(switch.read_text("utf-8").replace("asic: spectrum-4", "asic: acme-one"))
    build = tmp_path / "build"
    write(render_pod(design_pod(pod)), build)
    assert [path.name for path in (build / "catalog" / "asics").iterdir()] == ["acme-one.yaml"]
    assert catalog_of(build).asics["acme-one"] == SHIPPED.asics["spectrum-4"]


def test_a_tree_of_shipped_models_carries_none() -> None:
    assert not any(artifact.path.startswith("catalog/") for artifact in render_pod(design_pod(STARTER)))


def test_of_two_entries_with_one_name_a_tree_takes_its_own() -> None:
    """A later version may ship a name that was the user's when the tree was rendered."""
    own = SHIPPED.servers["cpu-1u"]
    catalog = join(load(Path("absent")), SHIPPED)
    assert catalog.own == frozenset()
    joined = join(type(SHIPPED)(switches={}, servers={"hgx-h100": own}), SHIPPED)
    assert joined.servers["hgx-h100"] == own
    assert list(entry_texts(joined, ["hgx-h100", "sn5600"])) == ["servers/hgx-h100.yaml"]


SWITCH, SERVER = shipped_text("switches/sn5600.yaml"), shipped_text("servers/hgx-h100.yaml")
MORSELS = [
    "\n",
    " ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    "0",
    "-1",
    "null",
    "~",
    "on",
    '"',
    "{cage}",
    "9" * 20,
    "extends: x\n",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["switches", "servers"]),
    start=st.integers(0, len(SERVER)),
    cut=st.integers(0, 40),
    morsels=st.lists(st.sampled_from(MORSELS), max_size=4),
)
def test_whatever_an_entry_says_it_is_taken_or_its_problems_are_told(
    kind: str, start: int, cut: int, morsels: list[str], tmp_path: Path
) -> None:
    text = SWITCH if kind == "switches" else SERVER
    (tmp_path / kind).mkdir(exist_ok=True)
    (tmp_path / kind / "one.yaml").write_text(text[:start] + "".join(morsels) + text[start + cut :])
    shelf = OwnShelf(tmp_path / kind, Switch) if kind == "switches" else OwnShelf(tmp_path / kind, Server)
    told = list(shelf.problems({"one"}))
    assert told or shelf["one"].title
    assert all(finding.fix for finding in told)
