"""Every code that the design can speak is described, and no description has lost its code."""

from __future__ import annotations

import re
from pathlib import Path

from podwright import design
from podwright.design.codes import CODES

SOURCES = Path(design.__file__).parent


def test_codes_in_use_are_those_described() -> None:
    used = {
        code
        for path in SOURCES.glob("*.py")
        if path.name != "codes.py"
        for code in re.findall(r'"(DES\d{3})"', path.read_text("utf-8"))
    }
    assert used == set(CODES)


def test_prose_is_complete_and_plain() -> None:
    for code, prose in CODES.items():
        assert not prose.title.endswith("."), code
        assert prose.why.endswith("."), code
        assert prose.fix.endswith("."), code
        assert not any("!" in text for text in prose), code


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)
