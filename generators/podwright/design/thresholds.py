"""Where ECN marks and PFC pauses begin in a shared buffer, in bytes.

Two sources. The DCQCN paper bounds both thresholds for a switch whose ports may all be congested at once: Zhu et al.,
"Congestion Control for Large-Scale RDMA Deployments", SIGCOMM 2015, section 4,
https://conferences.sigcomm.org/sigcomm/2015/pdf/papers/p523.pdf. Its buffer has 8 priorities.

SONiC's `dynamic_th` is the logarithm of the share of the free buffer that a queue may take (SAI_BUFFER_PROFILE_ATTR_SHARED_DYNAMIC_TH,
https://github.com/opencomputeproject/SAI/blob/master/inc/saibuffer.h), so that thresholds fall as more queues are congested
(Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", IEEE/ACM Transactions on
Networking 6(2), 1998).
"""

from __future__ import annotations

PRIORITIES = 8
"""Priorities of a port that may all be paused."""

EXPONENTS = range(-8, 9)
"""What `dynamic_th` may be. NVIDIA's SAI takes -8 and less for none of the free buffer, 7 and more for no limit:
https://github.com/Mellanox/SAI-Implementation/blob/master/mlnx_sai/src/mlnx_sai_buffer.c."""


def static_pfc_threshold(buffer_bytes: int, ports: int, flight_bytes: int, priorities: int = PRIORITIES) -> float:
    """The highest threshold at which every priority of every port can pause and still take in what is in flight.

    t_PFC <= (B - 8 n t_flight) / (8 n), with `flight_bytes` of headroom for each; negative where they alone exceed the buffer.
    """
    return unreserved(buffer_bytes, ports, flight_bytes, priorities) / (priorities * ports)


def static_ecn_threshold(pfc_threshold: float, ports: int) -> float:
    """The highest threshold of marking by which all senders into one port are marked before any input pauses.

    t_PFC > n t_ECN: the queue of an output holds what n inputs sent, so each input may hold an n-th of it.
    """
    return pfc_threshold / ports


def dynamic_pfc_threshold(
    buffer_bytes: int,
    ports: int,
    flight_bytes: int,
    beta: float,
    occupied_bytes: float = 0,
    priorities: int = PRIORITIES,
) -> float:
    """The threshold that follows the free buffer: t_PFC = beta (B - 8 n t_flight - s) / 8, with s bytes occupied."""
    return beta * (unreserved(buffer_bytes, ports, flight_bytes, priorities) - occupied_bytes) / priorities


def dynamic_ecn_threshold(
    buffer_bytes: int, ports: int, flight_bytes: int, beta: float, priorities: int = PRIORITIES
) -> float:
    """The highest threshold of marking before any input pauses: t_ECN < beta (B - 8 n t_flight) / (8 n (beta + 1))."""
    free = unreserved(buffer_bytes, ports, flight_bytes, priorities)
    return beta * free / (priorities * ports * (beta + 1))


def unreserved(buffer_bytes: int, ports: int, flight_bytes: int, priorities: int = PRIORITIES) -> int:
    """The buffer without the headroom of every priority of every port: B - 8 n t_flight."""
    return buffer_bytes - priorities * ports * flight_bytes


def alpha_of(dynamic_th: int) -> float:
    """The share of the free buffer that a queue may take, from SONiC's `dynamic_th`, one of EXPONENTS: 2 to its power."""
    return 2.0**dynamic_th


def pool_threshold(dynamic_th: int, pool_bytes: int, congested: int) -> float:
    """What each of `congested` priority groups holds when it pauses: T = alpha B / (1 + n alpha).

    In the steady state n groups hold T each and leave B - n T free, of which T is alpha times as much. The value falls from
    alpha B / (1 + alpha) for one group towards B / n for many.
    """
    alpha = alpha_of(dynamic_th)
    return alpha * pool_bytes / (1 + congested * alpha)
