"""Reports of trials, and of Ansible runs, for people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import click

from podwright.cli.table import table
from podwright.model.report import Applied, ClusterApplied, Report, Trial

_SHOWN_CLAIMS = 10
_SHOWN_DETAILS = 10
_SHOWN_HOSTS = 5
_HEADINGS = ("group", "passed", "failed", "skipped", "seconds")


def report_text(report: Report, quiet: bool) -> str:
    """Groups and counts, then each claim that failed with what was seen, then those that were skipped, reason by reason."""
    failed = [trial for trial in report.trials if trial.outcome == "failed"]
    skipped = [trial for trial in report.trials if trial.outcome == "skipped"]
    parts = (
        []
        if quiet
        else [table(report.title, ("group", "passed", "failed", "skipped", "seconds"), _groups(report.trials))]
    )
    parts += [_told([trial], "red") for trial in failed]
    parts += [] if quiet else [_told(alike, "yellow") for alike in _by_detail(skipped)]
    parts += [] if quiet else [_verdict(report)]
    return "\n\n".join(parts)


def report_data(report: Report) -> dict[str, object]:
    """The JSON document of a report: every trial, and how many went which way."""
    outcomes = Counter[str](trial.outcome for trial in report.trials)
    summary = {word: outcomes[word] for word in ("passed", "failed", "skipped")}
    return {"title": report.title, "trials": report.trials, "summary": summary}


def _groups(trials: Sequence[Trial]) -> Iterator[tuple[object, ...]]:
    for group in dict.fromkeys(trial.group for trial in trials):
        of_group = [trial for trial in trials if trial.group == group]
        outcomes = Counter[str](trial.outcome for trial in of_group)
        seconds = sum(trial.seconds for trial in of_group)
        yield group, outcomes["passed"], outcomes["failed"], outcomes["skipped"], f"{seconds:.1f}"


def _by_detail(trials: Sequence[Trial]) -> Iterable[Sequence[Trial]]:
    """Trials that have the same to say, together, in the order of the first of them."""
    alike: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial in trials:
        alike[trial.detail].append(trial)
    return alike.values()


def _told(alike: Sequence[Trial], colour: str) -> str:
    """Claims that went the same way, and once what was seen."""
    claims = [f"{click.style(trial.outcome, fg=colour, bold=True)} [{trial.group}] {trial.claim}" for trial in alike]
    details = [f"  {line}" for line in alike[0].detail]
    return "\n".join([*_first(claims, _SHOWN_CLAIMS, ""), *_first(details, _SHOWN_DETAILS, "  ")])


def _first(lines: Sequence[str], limit: int, indent: str) -> list[str]:
    more = len(lines) - limit
    rest = [f"{indent}and {more} more: --format json and --junit hold them all"] if more > 0 else []
    return [*lines[:limit], *rest]


def _verdict(report: Report) -> str:
    outcomes = Counter[str](trial.outcome for trial in report.trials)
    counted = ", ".join(f"{outcomes[word]} {word}" for word in ("passed", "failed", "skipped") if outcomes[word])
    return f"{len(report.trials)} claims: {counted or 'none was tried'}"


def applied_text(applied: Applied) -> str:
    """What an Ansible run did, and on which hosts something went wrong."""
    changed = f"{sum(applied.changed.values())} changes on {len(applied.changed)} of {applied.hosts} hosts"
    lines = [f"{changed} in {applied.seconds:.0f} s"]
    lines += [click.style(message, fg="red") for message in applied.messages[:_SHOWN_DETAILS]]
    more = len(applied.messages) - _SHOWN_DETAILS
    lines += [f"and {more} more: --format json holds them all"] if more > 0 else []
    for what, hosts in (
        ("failed", applied.failed),
        ("unreachable", applied.unreachable),
        ("not tried", applied.untried),
    ):
        lines += [f"{what}: {_some(hosts)}"] if hosts else []
    lines += [] if applied.good else [f"all that Ansible said: {applied.log}"]
    return "\n".join(lines)


def _some(hosts: Sequence[str]) -> str:
    """`leaf-1`, or `45 hosts, leaf-1, leaf-2, leaf-3 and so on`."""
    if len(hosts) <= _SHOWN_HOSTS:
        return ", ".join(hosts)
    return f"{len(hosts)} hosts, {', '.join(hosts[:_SHOWN_HOSTS])} and so on"


_VERBS = ("created", "updated", "replaced", "deleted", "unchanged", "failed")
_SHOWN_CHANGES = 30


def cluster_text(applied: ClusterApplied) -> str:
    """What a Pulumi run did or would do: each change, the engine's sentences, then the counts."""
    more = len(applied.changes) - _SHOWN_CHANGES
    lines = [f"  {change}" for change in applied.changes[:_SHOWN_CHANGES]]
    lines += [f"  and {more} more: --format json names them all"] if more > 0 else []
    lines += [click.style(message, fg="red" if applied.failed else "yellow") for message in applied.messages]
    counted = ", ".join(f"{applied.counts[verb]} {verb}" for verb in _VERBS if verb in applied.counts)
    where = f" ({applied.server}, context {applied.context})" if applied.server else ""
    would = "would be: " if applied.check else ""
    lines += [f"{would}{counted or 'nothing to do'} in {applied.seconds:.0f} s{where}"]
    lines += [f"all that Pulumi said: {applied.log}"] if applied.failed else []
    return "\n".join(lines)
