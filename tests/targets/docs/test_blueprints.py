"""The page of a reference blueprint counts what its design has."""

from __future__ import annotations

import re

import pytest

from conformance import reference


@pytest.mark.parametrize("name", reference.NAMES)
def test_the_page_counts_right(name: str) -> None:
    text = (reference.BLUEPRINTS / name / "README.md").read_text(encoding="utf-8")
    pod, twin = reference.pod(name), reference.twin(name)
    assert f"{len(pod.hosts)} servers" in text
    assert f"{len(pod.switches)} switches" in text
    assert f"{len(pod.cables)} cables" in text
    assert f"{len(twin.entries)} nodes" in text
    assert "](topology.svg)" in text


@pytest.mark.parametrize("name", reference.NAMES)
def test_models_are_counted_right(name: str) -> None:
    text = (reference.BLUEPRINTS / name / "README.md").read_text(encoding="utf-8")
    written: dict[str, int] = {}
    models = {entry.model for entry in reference.pod(name).entries if entry.model}
    for count, model in re.findall(r"(\d+) ([a-z0-9-]+)", text.split("## Use it")[0]):
        if model in models:
            written[model] = written.get(model, 0) + int(count)
    assert written == {model: sum(entry.model == model for entry in reference.pod(name).entries) for model in models}
