"""What an unquoted scalar means: the YAML 1.2 core schema, minus every spelling that some reader takes otherwise.

YAML 1.1 readers (Ansible's among them) and YAML 1.2 readers disagree about many plain scalars, and others come back
from a reader in another spelling. Such scalars are refused, never repaired; quotes make any of them plain text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

_BASES = {"x": 16, "o": 8, "b": 2}
_LONGEST_QUOTED = 40  # of longer scalars the sentence does not repeat the number
LARGEST_EXACT = 2**53 - 1  # beyond it a reader that keeps numbers as IEEE 754 doubles alters the last digits


class Refusal(NamedTuple):
    """Why a scalar is refused: the finding's code, how readers take it, and what to write for another meaning."""

    code: str
    reading: str
    otherwise: str = ""


_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_YES = frozenset(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"])
_NO = frozenset(["n", "N", "no", "No", "NO", "off", "Off", "OFF"])
_WORDS = _YES | _NO | _TRUTHS.keys() | {"null", "Null", "NULL"}

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)")
_EXPONENT = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)[eE][-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_BASED = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|o[0-7]+|b[01_]+)")
_UNDERSCORED = re.compile(r"[-+]?(?=[0-9._]*_)(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_UNBOUNDED = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)


def resolve(typed: str) -> str | int | float | bool | Refusal:
    """The value of a plain (unquoted) scalar, or why it is refused."""
    if not typed:
        return Refusal("SRC027", "an empty value")
    first = typed[0]
    if first.isalpha():
        return _word(typed) if typed in _WORDS else typed
    if first in "0123456789+-.":
        return _number(typed)
    if typed == "~":
        return Refusal("SRC027", "null, which is no value at all")
    if typed in ("=", "<<"):
        return Refusal("SRC029", "an instruction of YAML 1.1, not as text")
    return typed


def _word(typed: str) -> bool | Refusal:
    if typed in _TRUTHS:
        return _TRUTHS[typed]
    if typed in _YES or typed in _NO:
        meant = "true" if typed in _YES else "false"
        readers = "some" if len(typed) == 1 else "YAML 1.1"
        return Refusal("SRC020", f"{meant} by {readers} readers and as text by others", f"{meant} for the truth value")
    return Refusal("SRC027", "null, which is no value at all")


def _number(typed: str) -> str | int | float | Refusal:
    if _INTEGER.fullmatch(typed):
        return _integer(typed)
    for shape, judge in _NUMERIC:
        if shape.fullmatch(typed):
            return judge(typed)
    return typed


def _integer(typed: str) -> int | Refusal:
    if len(typed) > 17 or abs(int(typed)) > LARGEST_EXACT:
        return Refusal("SRC030", "a number too large for many readers to keep exactly")
    return int(typed)


def _decimal(typed: str) -> float | Refusal:
    value = float(typed[:_LONGEST_QUOTED])
    if repr(value) == typed:
        return value
    if len(typed) > _LONGEST_QUOTED:
        return Refusal("SRC023", "a number with fewer digits")
    return Refusal("SRC023", f"the number {value!r}, so its spelling is lost", f"{value!r} for the number")


def _exponent(typed: str) -> Refusal:
    value = float(typed.replace("_", "")[:_LONGEST_QUOTED])
    if len(typed) > _LONGEST_QUOTED or not math.isfinite(value):
        return Refusal("SRC024", "a number by some readers and as text by others")
    return _disputed("SRC024", f"{value:.17g}", "some")


def _leading_zero(typed: str) -> Refusal:
    digits = typed.replace("_", "").lstrip("+-").lstrip("0") or "0"
    if len(typed) > _LONGEST_QUOTED:
        return Refusal("SRC022", "a number without its leading zeros by some readers and as text by others")
    sign = "-" * typed.startswith("-")
    older = "text" if set(digits) & {"8", "9"} else f"the octal number {sign}{int(digits, 8)}"
    reading = f"{older} by YAML 1.1 readers and as the number {sign}{digits} by others"
    return Refusal("SRC022", reading, f"{sign}{digits} for the number")


def _based(typed: str) -> Refusal:
    body = typed.replace("_", "").lstrip("+-")
    if len(body) > _LONGEST_QUOTED:
        return Refusal("SRC022", "a number by some readers and as text by others")
    number = f"{'-' * typed.startswith('-')}{int(body[2:] or '0', _BASES[body[1]])}"
    if body[1] == "x":
        return Refusal("SRC022", f"the number {number}", f"{number} for the number")
    return _disputed("SRC022", number, "YAML 1.2" if body[1] == "o" else "YAML 1.1")


def _underscored(typed: str) -> Refusal:
    if len(typed) > _LONGEST_QUOTED:
        return Refusal("SRC025", "a number by YAML 1.1 readers and as text by others")
    return _disputed("SRC025", typed.replace("_", ""), "YAML 1.1")


def _sexagesimal(typed: str) -> str | Refusal:
    if typed.lstrip("+-").startswith("0") and "." not in typed:
        return typed  # YAML 1.1 has no base-60 whole number that begins with 0: every reader takes it as text
    if len(typed) > _LONGEST_QUOTED:
        return Refusal("SRC021", "a base-60 number by YAML 1.1 readers and as text by others")
    whole, dot, fraction = typed.replace("_", "").lstrip("+-").partition(".")
    value = 0
    for digits in whole.split(":"):
        value = value * 60 + int(digits)
    number = f"{'-' * typed.startswith('-')}{value}{dot}{fraction}"
    return Refusal("SRC021", f"the base-60 number {number} by YAML 1.1 readers and as text by others")


def _disputed(code: str, number: str, readers: str) -> Refusal:
    """The refusal of what only `readers` take as a number."""
    reading = f"the number {number} by {readers} readers and as text by others"
    return Refusal(code, reading, f"{number} for the number")


def _unbounded(typed: str) -> Refusal:
    word = "not-a-number" if typed.lower().endswith("nan") else "infinity"
    return Refusal("SRC026", f"the special number {word}")


def _date(_: str) -> Refusal:
    return Refusal("SRC028", "a date by YAML 1.1 readers and as text by others")


_NUMERIC: tuple[tuple[re.Pattern[str], Callable[[str], str | float | Refusal]], ...] = (
    (_LEADING_ZERO, _leading_zero),
    (_DECIMAL, _decimal),
    (_EXPONENT, _exponent),
    (_BASED, _based),
    (_UNDERSCORED, _underscored),
    (_SEXAGESIMAL, _sexagesimal),
    (_UNBOUNDED, _unbounded),
    (_DATE, _date),
)
