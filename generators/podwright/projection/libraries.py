"""Variables of the libraries that send by RDMA verbs of their own: decided here, for files of servers and for pods alike.

Sources: NCCL's page of environment variables (https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html), RCCL's
(https://rocm.docs.amd.com/projects/rccl/en/latest/api-reference/env-variables.html), UCX's answers
(https://openucx.readthedocs.io/en/master/faq.html), NVSHMEM's variables (https://docs.nvidia.com/nvshmem/api/gen/env.html).
Every value with its reason stands in docs/stages/hosts.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.projection.host_records import CollectivesConfig

Variable = tuple[str, str]


def library_variables(told: CollectivesConfig) -> dict[str, str]:
    """Those of all libraries, for a process that may use any of them."""
    return dict((*nccl_variables(told), *nvshmem_variables(told), *ucx_variables(told.traffic_byte)))


def nccl_variables(told: CollectivesConfig) -> Iterator[Variable]:
    """Those of NCCL, or of RCCL, which kept the names; never an index of addresses."""
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


def nvshmem_variables(told: CollectivesConfig) -> Iterator[Variable]:
    yield "NVSHMEM_IB_TRAFFIC_CLASS", str(told.traffic_byte)
    if told.devices:
        yield "NVSHMEM_HCA_LIST", ",".join(f"{each}:1" for each in told.devices)


def ucx_variables(traffic_byte: int) -> Iterator[Variable]:
    """UCX has one traffic class for all its devices."""
    yield "UCX_IB_TRAFFIC_CLASS", str(traffic_byte)
