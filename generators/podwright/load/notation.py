"""Numbers that people write in a notation of their trade: what they are as one plain number."""

from __future__ import annotations

import re

_DOTTED_AS = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})")
_RATIO = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?):([0-9]{1,3}(?:\.[0-9]{1,3})?)")


def meant(key: str | int, typed: str) -> str:
    """The plain number that `typed` means as the value of `key`; empty where it has no such notation.

    An AS number may come as two halves of 16 bits (asdot, RFC 5396), an oversubscription as a ratio.
    """
    if key == "asn" and (halves := _DOTTED_AS.fullmatch(typed)):
        high, low = int(halves[1]), int(halves[2])
        return str(high * 65536 + low) if max(high, low) < 65536 else ""
    if key == "oversubscription" and (ratio := _RATIO.fullmatch(typed)) and float(ratio[2]):
        return str(round(float(ratio[1]) / float(ratio[2]), 3))
    return ""
