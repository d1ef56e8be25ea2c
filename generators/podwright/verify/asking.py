"""Asking devices, and turning what they said into a trial."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence

from podwright.errors import PodwrightError
from podwright.model.report import Trial

Run = Callable[[str, Sequence[str]], str]
"""Runs a command on the device of that name and returns its stdout. Raises PodwrightError where it fails."""

Unasked = Mapping[str, str]
"""Device that nobody asks -> why. What it alone could tell is skipped; one that was asked and is silent fails."""

NOBODY: Unasked = {}
"""Whom to leave unasked where all devices can be asked, as in a lab."""

Facts = Mapping[str, float | int | str]


def ask_json(run: Run, device: str, argv: Sequence[str]) -> object:
    """The JSON that a command of a device prints. Raises PodwrightError where it fails or prints something else."""
    text = run(device, argv)
    try:
        return json.loads(text)
    except ValueError as problem:
        raise PodwrightError(
            f"{device} answered {' '.join(argv)} with something that is not JSON: {problem}."
        ) from problem


def judge(group: str, claim: str, complaints: Sequence[str], since: float, facts: Facts | None = None) -> Trial:
    """The trial of a claim that holds where there is nothing to complain about. `since` is time.monotonic()."""
    return Trial(
        group=group,
        claim=claim,
        outcome="failed" if complaints else "passed",
        detail=tuple(complaints),
        seconds=round(time.monotonic() - since, 3),
        facts=dict(facts or {}),
    )


def skip(group: str, claim: str, reason: str) -> Trial:
    """The trial of a claim that can't be put to the test here."""
    return Trial(group=group, claim=claim, outcome="skipped", detail=(reason,))
