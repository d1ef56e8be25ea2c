"""What a stage has to say to a person: places, findings and reports."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import msgspec

Outcome = Literal["passed", "failed", "skipped"]


class Severity(IntEnum):
    """How much a finding matters. Errors stop the pipeline, the rest only inform."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Place(msgspec.Struct, frozen=True):
    """A spot in a document: `line` and `column` count from 1, `path` is the dotted key path, `text` the line itself."""

    file: str
    line: int
    column: int
    text: str = ""
    path: str = ""
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Finding(msgspec.Struct, frozen=True):
    """Something a stage has to say: what is wrong, where, how to mend it and where to read.

    `code` is stable and never reused (SRC = text and YAML, SCH = schema, DES = design, FAB/HST/... = checks).
    `fix` is one imperative sentence, `see` the page of the documentation. `path` is the dotted key path in the
    blueprint; a stage that has no document leaves `place` to whoever has.
    """

    code: str
    severity: Severity
    message: str
    place: Place | None = None
    fix: str = ""
    see: str = ""
    path: str = ""


class Trial(msgspec.Struct, frozen=True):
    """One claim that was put to the test on a fabric, and how it went.

    `claim` is a sentence that is either true or false; `detail` lists what was seen where it was false;
    `seconds` is how long the trial took, `group` the family it belongs to (sessions, reachability, ...).
    """

    group: str
    claim: str
    outcome: Outcome
    detail: tuple[str, ...] = ()
    seconds: float = 0.0
    facts: dict[str, float | int | str] = {}


class Report(msgspec.Struct, frozen=True):
    """All trials of one run against a fabric."""

    title: str
    trials: tuple[Trial, ...]

    @property
    def failed(self) -> bool:
        return any(trial.outcome == "failed" for trial in self.trials)


class Applied(msgspec.Struct, frozen=True):
    """What one run of the rendered Ansible did. `changed` counts changed tasks of each host that had any.

    `hosts` is how many the playbook is for; `untried` names those that it never came to, as where all hosts of an earlier
    play failed. `messages` are the sentences of failed tasks and unreachable hosts; `log` is the file with all that Ansible said.
    """

    hosts: int
    changed: dict[str, int]
    failed: tuple[str, ...]
    unreachable: tuple[str, ...]
    messages: tuple[str, ...]
    log: str
    seconds: float
    untried: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not self.failed and not self.unreachable and not self.untried


class ClusterApplied(msgspec.Struct, frozen=True):
    """What one run of the rendered Pulumi program did, or with `check` would do. `counts` counts resources by verb
    (created, updated, replaced, deleted, unchanged, failed); `changes` names those that are not unchanged.

    `server`, `context` and `version` are the cluster's, empty where none was asked. `messages` are sentences of the
    engine and of the cluster; `log` is the file with all that Pulumi said.
    """

    server: str
    context: str
    version: str
    check: bool
    counts: dict[str, int]
    changes: tuple[str, ...]
    failed: bool
    messages: tuple[str, ...]
    log: str
    seconds: float

    @property
    def good(self) -> bool:
        return not self.failed
