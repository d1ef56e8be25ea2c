"""The answer of `podwright headroom`: bytes, inputs, terms with their formulas, sources and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click
import msgspec

from podwright.cli.table import table
from podwright.design.headroom import Headroom, Question, Row, Tabled

_BY = {
    "spectrum": "SONiC's formula for NVIDIA Spectrum",
    "broadcom": "a fit to Broadcom's tables",
    "ieee": "the delays of IEEE 802.1Qbb",
}
_BYTES = ("xoff_bytes", "xon_bytes", "xon_offset_bytes", "size_bytes")


class Asked(NamedTuple):
    """A question, the formula's answer, and that of a table where one was given."""

    asic: str
    question: Question
    computed: Headroom
    tabled: Tabled | None

    @property
    def answer(self) -> Headroom | Tabled:
        return self.tabled or self.computed

    @property
    def source(self) -> str:
        return self.tabled.source if self.tabled else _BY[self.computed.formula]

    @property
    def notes(self) -> tuple[str, ...]:
        return (self.tabled.notes if self.tabled else ()) + self.computed.notes


def report_as_data(asked: Asked) -> dict[str, object]:
    """The answer for programs; with a table the formula's own stands beside it as `computed`."""
    inputs = msgspec.to_builtins(asked.question) | {"lanes": asked.computed.lanes}
    data: dict[str, object] = {"asic": asked.asic, "inputs": inputs, **_bytes(asked.answer), "source": asked.source}
    if asked.tabled:
        data["computed"] = _bytes(asked.computed)
        data["table"] = {
            "row": _row(asked.tabled.lookup.row),
            "longer": _row(asked.tabled.lookup.longer),
            "below": _row(asked.tabled.lookup.below),
            "need_bytes": asked.tabled.lookup.need_bytes or None,
            "placeholder": bool(asked.tabled.lookup.placeholder),
            "shorter": asked.tabled.xoff_bytes < asked.computed.xoff_bytes,
        }
    data |= {
        "formula": asked.computed.formula,
        "terms": msgspec.to_builtins(asked.computed.terms),
        "notes": list(asked.notes),
    }
    return data


def _bytes(answer: Headroom | Tabled) -> dict[str, int]:
    return {name: getattr(answer, name) for name in _BYTES}


def _row(row: Row | None) -> object:
    return msgspec.to_builtins(row) if row else None


def report_as_text(asked: Asked) -> str:
    """The answer for people."""
    question = asked.question
    heading = f"{asked.asic}, {question.mbps / 1000:g}G over {question.metres:g} m: by {asked.source}"
    sources = list(dict.fromkeys(term.source for term in asked.computed.terms))
    parts = [
        click.style(heading, bold=True) + "\n" + "\n".join(_answer(asked)),
        table("Inputs", ("input", "value"), _inputs(asked)),
        table(
            "Terms" if asked.tabled is None else "Terms of the formula",
            ("term", "value", "unit", "formula", "source"),
            (
                (term.name, _number(term.value), term.unit, term.formula, f"[{sources.index(term.source) + 1}]")
                for term in asked.computed.terms
            ),
        ),
        "\n".join(f"  [{number}] {source}" for number, source in enumerate(sources, start=1)),
    ]
    parts += [f"{click.style('note:', fg='yellow', bold=True)} {note}" for note in asked.notes]
    return "\n\n".join(parts)


def _answer(asked: Asked) -> Iterator[str]:
    for name in _BYTES:
        value, computed = getattr(asked.answer, name), getattr(asked.computed, name)
        if name == "xon_offset_bytes" and not value:
            continue
        beside = f"   the formula: {computed} B" if asked.tabled else ""
        yield f"  {name.removesuffix('_bytes').replace('_', ' '):<10}  {value:>9} B{beside}"


def _inputs(asked: Asked) -> Iterator[tuple[str, str]]:
    question = asked.question
    yield "port MTU", f"{question.port_mtu} B"
    yield "lossless MTU", f"{question.lossless_mtu} B"
    yield "small packets", f"{question.small_packets:g} %"
    yield "lanes", str(asked.computed.lanes)
    yield "response of the peer", _response(question)
    yield "gearbox", f"{question.gearbox_ns:g} ns" if question.gearbox_ns else "none"
    yield "shared headroom pool", _yes(question.shared_headroom_pool)
    yield "cells of a smallest packet rounded up", _yes(question.ceil_worst_case)
    yield "compensation for few small packets", _yes(question.compensation)
    yield "size rounded once", _yes(question.size_rounded_once)


def _response(question: Question) -> str:
    if question.peer_response_bytes is not None:
        return f"{question.peer_response_bytes} B"
    return "pause quanta of IEEE 802.3" if question.pause_quanta else "3.8 KiB"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
