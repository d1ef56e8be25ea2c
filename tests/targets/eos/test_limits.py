"""What EOS cannot do is an error of the blueprint, found before anything is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pods_of_eos import projected, written

from podwright.catalog import load as load_catalog
from podwright.check import run_checks
from podwright.design import design
from podwright.load import read
from podwright.targets.eos import render
from podwright.validate import validate


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dynamic_threshold": -8}, "`rocev2` has dynamic_threshold -8, and EOS takes -7 to 3"),
        ({"dynamic_threshold": 4}, "`rocev2` has dynamic_threshold 4, and EOS takes -7 to 3"),
        (
            {"watchdog": {"action": "forward"}},
            "the watchdog of `rocev2` is to forward packets, and EOS has no such action",
        ),
    ],
)
def test_what_eos_cannot_do_is_refused(asked: dict[str, object], said: str, tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(yaml.safe_dump(written() | {"lossless": {"rocev2": asked}}))
    product = design(validate(read(path)), load_catalog())
    assert [each.message for each in run_checks(product.design) if each.code == "LSL014"] == [said]


@pytest.mark.parametrize(("exponent", "alpha"), [(-7, "1/128"), (0, "1"), (3, "8")])
def test_thresholds_are_fractions(exponent: int, alpha: str) -> None:
    pod = projected(written() | {"lossless": {"rocev2": {"dynamic_threshold": exponent}}})
    texts = [each.text for each in render(pod) if each.device == "backend-spine-001"]
    assert f"    ingress threshold {alpha}\n" in texts[0]


def test_an_alert_touches_no_queue() -> None:
    pod = projected(written() | {"lossless": {"rocev2": {"watchdog": {"action": "alert"}}}})
    texts = [each.text for each in render(pod) if each.device == "backend-spine-001"]
    assert "priority-flow-control pause watchdog action notify-only\n" in texts[0]
