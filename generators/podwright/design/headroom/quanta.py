"""How long a sender may go on after a pause frame arrived, as IEEE 802.3 bounds it, in pause quanta by speed in Mb/s."""

from __future__ import annotations

QUANTUM_BITS = 512
"""Bits; a pause quantum is the time of so many."""

QUANTA_SOURCE = "IEEE 802.3 31B.3.7, as SONiC has it"

PAUSE_QUANTA = {
    800_000: 905,
    400_000: 905,
    200_000: 453,
    100_000: 394,
    50_000: 147,
    40_000: 118,
    25_000: 80,
    10_000: 67,
    1_000: 2,
    100: 1,
}
"""SONiC's table; for 10 Gb/s the standard's own bound is 60."""
