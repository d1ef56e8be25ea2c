"""The framework: metadata, discovery, and silence where a required check has spoken."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from pods import backend, built, front, oob, pod, without
from podwright.check import Check, Fault, check, discovery, registry, run_checks
from podwright.check import run as runner
from podwright.design import Index
from podwright.model.report import Severity


def nothing(_: Index) -> Iterator[Fault]:
    """Looks at nothing.

    Why: To have
    two lines.

    Fix: Nothing.
    """
    yield from ()


def fault(index: Index) -> Iterator[Fault]:
    yield Fault(index.design.fabrics[0].origin, "it is there", "Take it away.")


def test_the_decorator_attaches_and_changes_nothing() -> None:
    made = check("TST001", "a rule", severity=Severity.NOTE, requires=("TST000",))(nothing)
    assert made == Check("TST001", "a rule", Severity.NOTE, ("TST000",), nothing)
    assert (made.what, made.why, made.fix) == ("Looks at nothing.", "To have two lines.", "Nothing.")


def test_codes_are_unique_and_in_order() -> None:
    assert list(registry()) == sorted(registry())
    assert all(code == each.code for code, each in registry().items())


def test_two_checks_of_one_code_are_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("twice")
    vars(module).update(first=check("TST001", "a rule")(nothing), second=check("TST001", "another rule")(fault))
    monkeypatch.setattr(discovery, "import_module", lambda _: module)
    with pytest.raises(AssertionError, match="TST001"):
        registry()


def test_a_check_is_silent_where_one_it_requires_has_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    first = check("TST002", "a rule")(fault)
    second = check("TST001", "a further rule", requires=("TST002",))(fault)
    monkeypatch.setattr(runner, "registry", lambda: {"TST001": second, "TST002": first})
    design = built(pod(("gpu", "r2p1f2m1", 2, 1, 1), backend=backend(), front=front(), oob=oob()))
    assert [finding.code for finding in run_checks(design)] == ["TST002"]
    monkeypatch.setattr(runner, "registry", lambda: {"TST001": second, "TST002": check("TST002", "a rule")(nothing)})
    assert [finding.code for finding in run_checks(design)] == ["TST001"]


def test_equal_designs_give_equal_findings() -> None:
    document = pod(("gpu", "r2p1f1m1", 2, 1, 1), backend=backend(planes=2), front=without(front(), "outside"))
    assert run_checks(built(document)) == run_checks(built(document))
    assert len(run_checks(built(document))) == len({each.code + each.path for each in run_checks(built(document))})
