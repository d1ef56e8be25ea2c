"""Reads a folder, puts every rule to it, and finds the line of each fault."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from podwright.catalog import Catalog
from podwright.check.discovery import found_in
from podwright.check.framework import Check
from podwright.check.run import faults_of
from podwright.lint import rules as package
from podwright.lint.folder import Reading, read_folder
from podwright.lint.framework import Fault
from podwright.lint.merging import merged_faults, merged_sentences
from podwright.lint.readers.json_text import JsonError, parse, places
from podwright.lint.readers.json_text import Place as JsonPlace
from podwright.lint.readers.problems import SEVERITIES
from podwright.lint.records import Options, Seen, Spot
from podwright.lint.unknown import unknown
from podwright.model.report import Finding, Place, Severity

READER_PAGE = "docs/stages/lint.md"


class Linted(NamedTuple):
    """What was found, what the files leave open, how many switches and hosts they are of, and files that hold nothing known."""

    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]
    switches: int
    hosts: int
    unread: tuple[str, ...] = ()


def rules() -> dict[str, Check[Seen, Fault]]:
    """Every rule by its code, in order of codes."""
    return found_in(package)


def lint(folder: Path, catalog: Catalog, options: Options) -> Linted:
    """Put every rule to the files of `folder`, and tell errors first. Raises UsageError where there is nothing to read."""
    reading = read_folder(folder, catalog, options)
    checks = rules()
    told = faults_of(checks, reading.seen)
    finder = _Finder(folder, reading)
    findings = [
        finder.finding(code, SEVERITIES[code], READER_PAGE, Fault(spot, message, fix))
        for code, spot, message, fix in reading.problems
    ]
    names = [switch.name for switch in reading.seen.switches] + [host.name for host in reading.seen.hosts]
    findings += [
        finder.finding(code, each.severity, each.see, fault)
        for code, each in checks.items()
        for fault in merged_faults(told[code], names)
    ]
    return Linted(
        findings=tuple(sorted(findings, key=lambda each: -each.severity)),
        unknown=tuple(merged_sentences(unknown(reading.seen), names)),
        switches=len(reading.seen.switches),
        hosts=len(reading.seen.hosts),
        unread=reading.unread,
    )


class _Finder:
    """Leads from places to lines; a JSON file is searched when the first fault lies in it."""

    def __init__(self, folder: Path, reading: Reading) -> None:
        self._folder = folder
        self._texts = reading.texts
        self._places: dict[str, dict[tuple[str, ...], JsonPlace]] = {}

    def finding(self, code: str, severity: Severity, see: str, fault: Fault) -> Finding:
        return Finding(
            code=code,
            severity=severity,
            message=fault.message,
            place=self._place(fault.spot),
            fix=fault.fix,
            see=see,
            path=spelt(fault.spot.path),
        )

    def _place(self, spot: Spot) -> Place | None:
        if not spot.file:
            return None
        file = str(self._folder / spot.file)
        found = self._found(spot)
        lines = self._texts.get(spot.file, "").splitlines()
        text = lines[found.line - 1] if 0 < found.line <= len(lines) else ""
        return Place(file, found.line, found.column, text, spelt(spot.path), found.width)

    def _found(self, spot: Spot) -> JsonPlace:
        """The line that the spot knows, else that of the longest part of its path which the file has."""
        if spot.line or not spot.path:
            return self._of_line(spot)
        if spot.file not in self._places:
            self._places[spot.file] = _places(self._texts.get(spot.file, ""))
        known = self._places[spot.file]
        parts = (spot.path[:length] for length in range(len(spot.path), 0, -1))
        return next((known[part] for part in parts if part in known), JsonPlace(1, 1, 1))

    def _of_line(self, spot: Spot) -> JsonPlace:
        lines = self._texts.get(spot.file, "").splitlines()
        text = lines[spot.line - 1] if 0 < spot.line <= len(lines) else ""
        begin = len(text) - len(text.lstrip())
        return JsonPlace(max(spot.line, 1), begin + 1, max(len(text.strip()), 1))


def _places(text: str) -> dict[tuple[str, ...], JsonPlace]:
    try:
        parse(text)
    except JsonError:
        return {}
    return places(text)


def spelt(path: tuple[str, ...]) -> str:
    """The path as jq takes it: `.BUFFER_PG["Ethernet0|3"].profile`."""
    return "".join(f".{each}" if each.isidentifier() else f'["{each}"]' for each in path)
