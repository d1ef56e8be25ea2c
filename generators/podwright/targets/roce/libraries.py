"""Files of the libraries that send by RDMA verbs of their own.

Sources: NCCL's page of environment variables for the form of `nccl.conf` and the names in it
(https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html), RCCL's for `rccl.conf`
(https://rocm.docs.amd.com/projects/rccl/en/latest/api-reference/env-variables.html), UCX's for `ucx.conf`
(https://openucx.readthedocs.io/en/master/faq.html), NVSHMEM's for its variables
(https://docs.nvidia.com/nvshmem/api/gen/env.html). A process's own environment comes before each of these files.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.projection.host_records import CollectivesConfig
from podwright.projection.records import HostConfig

HEADER = "# Written by Podwright from the blueprint. What a job sets in its environment comes before this.\n"


def nccl(told: CollectivesConfig) -> str:
    return HEADER + "".join(f"{key}={value}\n" for key, value in _nccl(told))


def _nccl(told: CollectivesConfig) -> Iterator[tuple[str, str]]:
    if told.devices:
        # `=` asks for whole names: without it `rail1` would stand for `rail10` too.
        yield "NCCL_IB_HCA", "=" + ",".join(told.devices)
    yield "NCCL_IB_TC", str(told.traffic_byte)
    yield "NCCL_IB_FIFO_TC", str(told.traffic_byte)
    if told.library == "nccl":
        yield "NCCL_GIN_IB_TC", str(told.traffic_byte)
    yield "NCCL_IB_ROCE_VERSION_NUM", "2"
    yield "NCCL_IB_ADDR_FAMILY", "AF_INET"
    if told.addresses:
        yield "NCCL_IB_ADDR_RANGE", told.addresses
    if told.bootstrap:
        yield "NCCL_SOCKET_IFNAME", f"={told.bootstrap}"
        yield "NCCL_SOCKET_FAMILY", "AF_INET"
    yield "NCCL_IB_QPS_PER_CONNECTION", str(told.queue_pairs)
    if told.rails:
        yield "NCCL_CROSS_NIC", "0"
        yield "NCCL_PXN_DISABLE", "0"


def nvshmem(told: CollectivesConfig) -> str:
    """NVSHMEM reads no file: this one is read by login shells."""
    values = {"NVSHMEM_IB_TRAFFIC_CLASS": str(told.traffic_byte)}
    if told.devices:
        values["NVSHMEM_HCA_LIST"] = ",".join(f"{each}:1" for each in told.devices)
    return HEADER + "".join(f"export {key}={value}\n" for key, value in values.items())


def ucx(host: HostConfig) -> str:
    """UCX has one traffic class for all its devices: that of the first rail's class, or else of the server's first."""
    mark = host.collectives.traffic_byte if host.collectives else host.qos[0].traffic_byte
    return f"{HEADER}UCX_IB_TRAFFIC_CLASS={mark}\n"
