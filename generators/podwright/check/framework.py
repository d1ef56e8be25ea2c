"""What a check is: a function over what it looks at, with its code, its sentence and its prose.

Checks of a design look at its index; those of `podwright.lint` look at configurations that others wrote.

The docstring has three paragraphs: what the check looks at; `Why:`, what goes wrong otherwise; `Fix:`, what to do.
The page in docs/checks/ is made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import Generic, NamedTuple, TypeVar

from podwright.model.report import Severity

PAGES = "docs/checks"


class Fault(NamedTuple):
    """One place where the design falls short: a key path of the blueprint, one sentence, one imperative sentence."""

    path: str
    message: str
    fix: str


Subject = TypeVar("Subject")
Told = TypeVar("Told")


class Check(NamedTuple, Generic[Subject, Told]):
    """A check and its metadata: it looks at a subject and tells faults of one kind.

    `title` is the rule as a sentence; `requires` names codes that must be silent first.
    """

    code: str
    title: str
    severity: Severity
    requires: tuple[str, ...]
    look: Callable[[Subject], Iterator[Told]]

    @property
    def see(self) -> str:
        return f"{PAGES}/{self.code}.md"

    @property
    def what(self) -> str:
        return self._paragraphs[0]

    @property
    def why(self) -> str:
        return self._paragraphs[1].removeprefix("Why: ")

    @property
    def fix(self) -> str:
        return self._paragraphs[2].removeprefix("Fix: ")

    @property
    def _paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in cleandoc(self.look.__doc__ or "").split("\n\n")]


def check(
    code: str, title: str, *, severity: Severity = Severity.WARNING, requires: tuple[str, ...] = ()
) -> Callable[[Callable[[Subject], Iterator[Told]]], Check[Subject, Told]]:
    """Attach a code and a sentence to a function. Nothing is registered: the registry finds checks by walking."""

    def attach(function: Callable[[Subject], Iterator[Told]]) -> Check[Subject, Told]:
        return Check(code, title, severity, requires, function)

    return attach
