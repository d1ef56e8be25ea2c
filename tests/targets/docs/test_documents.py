"""The page and the lists of a pod."""

from __future__ import annotations

import csv
import io
import re

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.projection.records import PodConfig
from podwright.targets.docs import render
from podwright.targets.docs.words import cell, code, counted, listed, markdown, number

every_blueprint = pytest.mark.parametrize("name", reference.NAMES)


def documents(pod: PodConfig) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in render(pod)}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def page(pod: PodConfig) -> str:
    return documents(pod)["docs/README.md"]


@every_blueprint
def test_every_cable_is_listed_once(name: str) -> None:
    pod = reference.pod(name)
    listing = rows(documents(pod)["docs/cabling.csv"])
    ends = [end for row in listing for end in ((row["a_device"], row["a_port"]), (row["b_device"], row["b_port"]))]
    assert len(listing) == len(pod.cables)
    assert len(set(ends)) == len(ends)


def test_a_cable_reads_like_this() -> None:
    listing = rows(documents(reference.pod("hgx-h100-32"))["docs/cabling.csv"])
    (row,) = (row for row in listing if row["a_device"] == "gpu-u001-s01" and row["a_port"] == "rail0")
    assert row == {
        "a_device": "gpu-u001-s01",
        "a_port": "rail0",
        "a_rack": "u001-rack-01",
        "b_device": "backend-leaf-u001-r0",
        "b_port": "Ethernet0",
        "b_rack": "u001-net-01",
        "speed": "400G",
        "medium": "multimode",
        "metres": "15",
        "fabric": "backend",
        "use": "host",
        "label": "gpu-u001-s01:rail0 -> backend-leaf-u001-r0:Ethernet0",
    }


@every_blueprint
def test_every_device_has_its_addresses(name: str) -> None:
    pod = reference.pod(name)
    listing = {row["device"]: row for row in rows(documents(pod)["docs/addresses.csv"])}
    assert list(listing) == [entry.name for entry in pod.entries]
    for entry in pod.entries:
        assert listing[entry.name]["management"] == entry.address
        assert listing[entry.name]["loopbacks"].split() == list(entry.loopbacks)
        assert listing[entry.name]["asn"] == (str(entry.asn) if entry.asn else "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(start: str) -> None:
    pod = reference.pod("starter-4")
    first, *rest = pod.entries
    odd = replace(pod, entries=(replace(first, serial=f'{start}HYPERLINK("x")'), *rest))
    listing = rows(documents(odd)["docs/addresses.csv"])
    assert listing[0]["serial"] == f'\'{start}HYPERLINK("x")'
    assert cell("plain-text") == "plain-text"


@every_blueprint
def test_the_page_counts_what_is_there(name: str) -> None:
    pod = reference.pod(name)
    servers = sum(entry.kind == "server" for entry in pod.entries)
    assert f"{servers} servers" in page(pod)
    for fabric in pod.fabrics:
        assert f"| `{fabric.name}` |" in page(pod)
    for sizing in pod.sizings:
        assert code(sizing.formula) in page(pod)


@every_blueprint
def test_the_page_refers_to_files_that_are_rendered_with_it(name: str) -> None:
    rendered = documents(reference.pod(name))
    targets = set(re.findall(r"\]\(([^)]+)\)", rendered["docs/README.md"]))
    assert {f"docs/{target}" for target in targets} <= set(rendered)
    others = {path for path in rendered if path.startswith("docs/netbox/")} - {"docs/netbox/README.md"}
    assert {f"docs/{target}" for target in targets} == set(rendered) - others - {"docs/README.md"}


@every_blueprint
def test_every_table_of_the_page_is_whole(name: str) -> None:
    table = [line for line in page(reference.pod(name)).splitlines() if line.startswith("|")]
    cells = [len(re.findall(r"(?<!\\)\|", line)) for line in table]
    heads = [place for place, line in enumerate(table) if set(line) <= set("|-:")]
    for head, following in zip(heads, [*heads[1:], len(table) + 1], strict=True):
        assert set(cells[head - 1 : following - 1]) == {cells[head]}
    assert "\n\n\n" not in page(reference.pod(name))


def test_free_text_is_no_markup() -> None:
    pod = replace(reference.pod("starter-4"), description="# big\n\n<b>*bold*</b> [x](http://y) | `z`")
    assert "\n\\# big \\<b\\>\\*bold\\*\\</b\\> \\[x\\](http://y) \\| \\`z\\`\n" in page(pod)


def test_words() -> None:
    assert counted(1, "leaf") == "1 leaf"
    assert counted(8, "leaf") == "8 leaves"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert number(32.0) == "32"
    assert number(1.5) == "1.5"
    assert markdown("1. no list") == "1\\. no list"
    assert markdown("- no list") == "\\- no list"
    assert code("a | b ` c") == "`a \\| b ' c`"


def test_stores_are_on_both_pages() -> None:
    """Who serves a store, at which addresses, over which fabric; a pod without stores says nothing of them."""
    pod = reference.pod("starter-4")
    full, bare = (documents(each) for each in (reference.pod("hgx-h100-32"), replace(pod, stores=())))
    row = "\n| `scratch` | nfs | `10.16.1.224`, `10.16.1.228`, `10.16.1.232`, `10.16.1.236` | `front` |"
    assert row in full["docs/README.md"]
    assert '<section id="storage"' in full["docs/index.html"]
    assert "## Storage" not in bare["docs/README.md"]
    assert 'href="#storage"' not in bare["docs/index.html"]
