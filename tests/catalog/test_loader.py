"""The catalogue is read entry by entry, when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.catalog import Catalog, load
from podwright.catalog import loader as reading
from podwright.errors import EngineError

BROKEN = "title: [a, list]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "servers").mkdir()
    switches = tmp_path / "switches"
    switches.mkdir()
    shipped = Path(reading.__file__).parent / "switches" / "sn5600.yaml"
    (switches / "good.yaml").write_text(shipped.read_text("utf-8"), "utf-8")
    (switches / "broken.yaml").write_text(BROKEN, "utf-8")
    return tmp_path


def test_names_are_known_without_reading_an_entry(folder: Path) -> None:
    switches = load(folder).switches
    assert list(switches) == ["broken", "good"]
    assert len(switches) == 2
    assert "broken" in switches
    assert "absent" not in switches


def test_a_broken_entry_is_told_when_it_is_asked_for(folder: Path) -> None:
    switches = load(folder).switches
    assert switches["good"].title == "NVIDIA SN5600"
    with pytest.raises(EngineError, match=r"switches/broken\.yaml is not readable"):
        switches.get("broken")


@pytest.mark.parametrize("text", ["title: {", "- a list\n", "", "title: a\nunknown: 1\n"])
def test_whatever_is_wrong_with_a_file_its_name_is_told(folder: Path, text: str) -> None:
    (folder / "switches" / "broken.yaml").write_text(text, "utf-8")
    with pytest.raises(EngineError, match=r"switches/broken\.yaml"):
        dict(load(folder).switches)


def test_an_entry_is_read_once(folder: Path) -> None:
    switches = load(folder).switches
    assert switches["good"] is switches.get("good")
    assert switches.get("absent") is None
    with pytest.raises(KeyError):
        switches["absent"]


def test_all_entries_can_be_had_as_a_dictionary() -> None:
    catalog = load()
    assert list(dict(catalog.servers)) == sorted(catalog.servers)


def test_a_catalogue_can_be_made_in_memory() -> None:
    shipped = load()
    catalog = Catalog(switches={"one": shipped.switches["sn5600"]}, servers={})
    assert catalog.switches.get("one") == shipped.switches["sn5600"]
