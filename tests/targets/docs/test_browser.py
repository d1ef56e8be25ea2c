"""The page in a real browser: headless Chromium opens it from disk, in light and in dark, and its search works."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance import reference
from podwright.targets.docs import render

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCHEMES = {"light": "1", "dark": "0"}
"""Chromium's own numbers of `prefers-color-scheme`."""

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed: apt-get install chromium"),
]


class Picture(NamedTuple):
    """A screenshot: its pixels as RGB, row by row."""

    width: int
    height: int
    rows: list[bytes]

    def corner(self) -> tuple[int, ...]:
        return tuple(self.rows[2][6:9])

    def colours(self) -> int:
        return len({row[place : place + 3] for row in self.rows for place in range(0, len(row), 3)})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (text,) = (each.text for each in render(reference.pod("hgx-h100-32")) if each.path == "docs/index.html")
    (folder / "index.html").write_text(text, encoding="utf-8")
    return folder / "index.html"


def browse(page: Path, folder: Path, *options: str) -> str:
    assert BROWSER
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}",
            *options,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def photographed(page: Path, folder: Path, scheme: str) -> Picture:
    shot = folder / f"{scheme}.png"
    browse(
        page,
        folder,
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        "--window-size=1000,1000",
        f"--screenshot={shot}",
    )
    return decoded(shot.read_bytes())


def decoded(png: bytes) -> Picture:
    """The pixels of a PNG of eight bits a channel (RFC 2083), transparency dropped."""
    chunks = dict.fromkeys(("IHDR", "IDAT"), b"")
    for kind, data in _chunks(png):
        chunks[kind] = chunks.get(kind, b"") + data
    width, height = (int.from_bytes(chunks["IHDR"][at : at + 4], "big") for at in (0, 4))
    channels = {2: 3, 6: 4}[chunks["IHDR"][9]]
    data, before, rows = zlib.decompress(chunks["IDAT"]), bytes(width * channels), []
    for number in range(height):
        begin = number * (width * channels + 1)
        before = _unfiltered(data[begin], data[begin + 1 : begin + 1 + width * channels], before, channels)
        rows.append(b"".join(before[at : at + 3] for at in range(0, len(before), channels)))
    return Picture(width, height, rows)


def _chunks(png: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8].decode("ascii"), png[at + 8 : at + 8 + length]
        at += length + 12


def _unfiltered(how: int, line: bytes, above: bytes, step: int) -> bytes:
    row = bytearray(line)
    for at, value in enumerate(line):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        match how:
            case 1:
                guess = left
            case 2:
                guess = above[at]
            case 3:
                guess = (left + above[at]) // 2
            case 4:
                guess = min((left, above[at], corner), key=lambda each: abs(left + above[at] - corner - each))
            case _:
                guess = 0
        row[at] = (value + guess) % 256
    return bytes(row)


@pytest.mark.parametrize(("scheme", "ground"), [("light", (255, 255, 255)), ("dark", (13, 17, 23))])
def test_it_is_painted_in_both_schemes(page: Path, tmp_path: Path, scheme: str, ground: tuple[int, ...]) -> None:
    picture = photographed(page, tmp_path, scheme)
    assert (picture.width, picture.height) == (1000, 1000)
    assert picture.corner() == ground
    assert picture.colours() > 100
    painted = sum(row != picture.rows[2] for row in picture.rows)
    assert painted > picture.height / 2


def test_its_script_runs_and_its_search_finds_cables(page: Path, tmp_path: Path) -> None:
    asking = page.with_name("asking.html")
    script = (
        "<script>document.getElementById('words').value = 'gpu-u001-s01 rail0';"
        "document.getElementById('words').dispatchEvent(new Event('input'));</script></body>"
    )
    asking.write_text(page.read_text(encoding="utf-8").replace("</body>", script), encoding="utf-8")
    dom = browse(asking, tmp_path, "--dump-dom")
    assert re.search(r'id="shown"[^>]*>1 of 731 cables<', dom)
    rows = re.findall(r"<tr( hidden=\"\")?><th scope=\"row\">gpu-u001-s01</th><td>rail0</td>", dom)
    assert rows == [""]


def test_the_dom_has_every_cable(page: Path, tmp_path: Path) -> None:
    dom = browse(page, tmp_path, "--dump-dom")
    table = dom.split('<table id="cables">')[1].split("</table>")[0]
    assert table.count("<tr>") == 1 + len(reference.pod("hgx-h100-32").cables)
