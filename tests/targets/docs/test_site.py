"""index.html: one file that opens from disk, says the same as the lists beside it, and reads well for everyone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from conformance import reference
from podwright.projection.records import PodConfig
from podwright.targets.docs import render
from podwright.targets.docs.site import MOST_ROWS

every_blueprint = pytest.mark.parametrize("name", reference.NAMES)
VOID = {"meta", "br", "input", "link", "img", "hr"}


class Reader(HTMLParser):
    """Collects what a page refers to and how it is built; complains where elements are not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.seen.append((tag, known))
        self.ids += [known["id"]] if "id" in known else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.words.setdefault(self.open[-1], []).append(data.strip())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [known for name, known in self.seen if name == tag]


def site(pod: PodConfig) -> str:
    return {artifact.path: artifact.text for artifact in render(pod)}["docs/index.html"]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


@every_blueprint
def test_it_is_well_formed_and_no_id_is_there_twice(name: str) -> None:
    reader = read(site(reference.pod(name)))
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))


@every_blueprint
def test_it_asks_no_network_for_anything(name: str) -> None:
    text = site(reference.pod(name))
    reader = read(text)
    assert not any(reader.all(tag) for tag in ("img", "iframe", "object", "link"))
    assert not any("src" in known for _, known in reader.seen)
    assert not re.search(r"url\(|@import", text)
    (policy,) = (
        known["content"] for known in reader.all("meta") if known.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")


@every_blueprint
def test_links_lead_to_a_section_or_to_a_file_beside_it(name: str) -> None:
    rendered = {artifact.path for artifact in render(reference.pod(name))}
    reader = read(site(reference.pod(name)))
    targets = [known["href"] for known in reader.all("a")]
    assert len(targets) > 10
    for target in targets:
        assert target[1:] in reader.ids if target.startswith("#") else f"docs/{target}" in rendered


@every_blueprint
def test_headings_step_down_one_at_a_time_and_tables_name_their_columns(name: str) -> None:
    reader = read(site(reference.pod(name)))
    levels = [int(tag[1]) for tag, _ in reader.seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(known.get("scope") in ("row", "col") for known in reader.all("th"))
    assert len(reader.all("table")) == len(reader.all("thead"))
    for picture in reader.all("svg"):
        assert picture["role"] == "img"
        assert set(picture["aria-labelledby"].split()) <= set(reader.ids)
    assert reader.all("html") == [{"lang": "en"}]


@every_blueprint
def test_every_cable_and_device_has_a_row(name: str) -> None:
    pod = reference.pod(name)
    headings = read(site(pod)).words["th"]
    assert set(headings) >= {cable.a_device for cable in pod.cables} | {entry.name for entry in pod.entries}
    assert f"{len(pod.cables)} of {len(pod.cables)} cables" in site(pod)


def test_a_table_too_long_for_a_page_is_a_link_to_its_list() -> None:
    pod = reference.pod("starter-4")
    many = replace(pod, cables=pod.cables * (MOST_ROWS // len(pod.cables) + 1))
    text = site(many)
    assert 'all of them are in <a href="cabling.csv">cabling.csv</a>' in text
    assert 'id="cables"' not in text
    assert len(text) < 2 * len(site(pod))


def test_free_text_is_text() -> None:
    pod = replace(reference.pod("starter-4"), description="</p><script>alert(1)</script> & more")
    reader = read(site(pod))
    assert len(reader.all("script")) == 1
    assert "</p><script>alert(1)</script> & more" in reader.words["p"]


def test_dark_and_light_are_the_readers_choice() -> None:
    text = site(reference.pod("starter-4"))
    assert {"name": "color-scheme", "content": "light dark"} in read(text).all("meta")
    assert text.count("@media (prefers-color-scheme: dark)") == 3
