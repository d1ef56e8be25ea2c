"""What a server's target reads of the lossless class, and of the libraries that send in it."""

from __future__ import annotations

from typing import Literal

import msgspec

from podwright.catalog.records import DpuMode

Transmission = Literal["strict", "ets"]


class LosslessNic(msgspec.Struct, frozen=True, kw_only=True):
    """A NIC port that carries a lossless class. `pci` is empty where the catalogue does not know it.

    `dpu` is the mode that its DPU is to be in, empty where it is none or is left as it is. `metres` is the length of its
    cable that the leaf at its other end has in its arithmetic; 0 where that is not known.
    """

    name: str
    pci: str
    rail: int
    metres: int
    dpu: DpuMode


class HostQos(msgspec.Struct, frozen=True, kw_only=True):
    """A lossless class on the NICs of a server, whose tables are those of the switches.

    Tables are indexed by DSCP (64 values), priority or traffic class (8 values each); `bandwidth` is per cent, and 0 where
    a traffic class is strict. `traffic_byte` is the byte of the IP header that a sender sets: the DSCP and ECT(0).
    """

    name: str
    dscp: int
    priority: int
    traffic_byte: int
    cnp_dscp: int
    cnp_priority: int
    dscp_to_priority: tuple[int, ...]
    pfc: tuple[bool, ...]
    priority_to_tc: tuple[int, ...]
    transmission: tuple[Transmission, ...]
    bandwidth: tuple[int, ...]
    nics: tuple[LosslessNic, ...]


class CollectivesConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What libraries that send between GPUs are told. `library` is the one that the GPU's vendor maintains.

    `devices` are RDMA devices in the order of rails, by the names of the design, and empty where the catalogue has no PCI
    address to name them by. `addresses` is the prefix of the addresses that they have, and `bootstrap` the interface by
    which the processes of a job find one another: it has an address of its own that all servers reach; empty where the
    server knows better (a cluster addresses its NICs). `rails` tells that equal rails meet at one leaf. `queue_pairs` is how
    many flows a connection is spread over.
    """

    library: Literal["nccl", "rccl"]
    traffic_byte: int
    devices: tuple[str, ...]
    addresses: str
    bootstrap: str
    rails: bool
    queue_pairs: int
