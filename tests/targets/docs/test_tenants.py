"""Both pages of a pod list its tenants with their numbers, and say nothing of them where there are none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from conformance import reference
from podwright.catalog import load as load_catalog
from podwright.pipeline import design_pod
from podwright.projection import project
from podwright.targets.docs import render

TENANTS = Path(reference.__file__).parents[1] / "targets" / "eos" / "tenants.yaml"


@lru_cache
def documents() -> dict[str, str]:
    pod = project(design_pod(TENANTS).design, load_catalog())
    return {artifact.path: artifact.text for artifact in render(pod)}


def test_the_page_lists_tenants_with_their_numbers() -> None:
    block = documents()["docs/README.md"].split("## Tenants\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in block.splitlines() if line.startswith("| `")]
    assert rows[0] == "| `backend` | `research` | 1 | 3001 | 13001 | `64900:13001` | `red`, `red2` | none | 4 |"
    assert "| 40 (10040), 41 (10041), 42 (10042), 43 (10043) | 4 |" in rows[1]
    assert rows[3].endswith("| `blue`, `blue2` | none | 6 |")
    assert len(rows) == 4


def test_the_site_has_the_same_section_and_leads_to_it() -> None:
    text = documents()["docs/index.html"]
    assert '<li><a href="#tenants">Tenants</a></li>' in text
    section = text.split('<section id="tenants"', 1)[1].split("</section>", 1)[0]
    assert section.count("<tr>") == 5
    assert section.count("<div") == section.count("</div>") == 1
    assert "<code>64900:13002</code>" in section
    assert '<th scope="col" class="n">VNI</th>' in section


def test_a_pod_without_tenants_has_no_such_section() -> None:
    plain = {artifact.path: artifact.text for artifact in render(reference.pod(reference.NAMES[0]))}
    assert "## Tenants" not in plain["docs/README.md"]
    assert "#tenants" not in plain["docs/index.html"]
