"""The stage's one function."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from podwright.errors import BlueprintError
from podwright.load import KeyPath, Source
from podwright.model.blueprint import Blueprint
from podwright.model.report import Finding, Severity
from podwright.validate.rules import broken_rules
from podwright.validate.schema import Schema
from podwright.validate.shape import SEE, lost_secrets, misshapes, secret_at
from podwright.validate.sound import sound_parts

MOST_FINDINGS = 100


def validate(source: Source) -> Blueprint:
    """The blueprint that `source` holds, typed.

    Raises BlueprintError with every problem of the file in file order (findings SCH001 and on): what does not fit the
    schema, and, among the parts that do fit, what contradicts the rest of the file. Names of hardware are not looked
    up and no address is computed here; that is the design's.
    """
    schema = Schema.shipped()
    misfits = misshapes(source, schema)
    parts = sound_parts(source, [misfit.path for misfit in misfits])
    findings = [misfit.finding for misfit in misfits] + broken_rules(parts, source)
    lost = [misfit.finding for misfit in lost_secrets(source, schema)]
    if findings or lost:
        hidden = {line for misfit in misfits for line in _lines_of_a_secret(misfit.path, source, schema)}
        hidden |= {(each.place.file, each.place.line) for each in lost if each.place}
        raise BlueprintError(_first(sorted((_hushed(each, hidden) for each in findings + lost), key=_position)))
    return msgspec.convert(source.data, Blueprint)


def _lines_of_a_secret(path: KeyPath, source: Source, schema: Schema) -> Iterator[tuple[str, int]]:
    """The lines from the key of a misshapen reference to its value: the secret itself may stand there."""
    if secret := secret_at(path, schema):
        value = source.place(secret)
        for line in range(source.place(secret, key=True).line, value.line + 1):
            yield value.file, line


def _hushed(finding: Finding, hidden: set[tuple[str, int]]) -> Finding:
    """The finding without the text of its line, where that line may hold a secret."""
    if finding.place is None or (finding.place.file, finding.place.line) not in hidden:
        return finding
    return replace(finding, place=replace(finding.place, text=""))


def _position(finding: Finding) -> tuple[str, int, int]:
    return (finding.place.file, finding.place.line, finding.place.column) if finding.place else ("", 0, 0)


def _first(findings: list[Finding]) -> list[Finding]:
    """The findings, or the first of them and a note that there are more."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    note = Finding(
        "SCH000",
        Severity.NOTE,
        f"only the first {MOST_FINDINGS} problems are listed; there are more",
        fix="Mend these and run again.",
        see=SEE,
    )
    return [*findings[:MOST_FINDINGS], note]
