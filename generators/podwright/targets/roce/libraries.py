"""Files of the libraries that send by RDMA verbs of their own, which hold the variables that the projection decides.

Sources: NCCL's page of environment variables for the form of `nccl.conf`
(https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html), RCCL's for `rccl.conf`
(https://rocm.docs.amd.com/projects/rccl/en/latest/api-reference/env-variables.html), UCX's for `ucx.conf`
(https://openucx.readthedocs.io/en/master/faq.html). A process's own environment comes before each of these files.
"""

from __future__ import annotations

from collections.abc import Iterable

from podwright.projection.host_records import CollectivesConfig
from podwright.projection.libraries import Variable, nccl_variables, nvshmem_variables, ucx_variables
from podwright.projection.records import HostConfig

HEADER = "# Written by Podwright from the blueprint. What a job sets in its environment comes before this.\n"


def nccl(told: CollectivesConfig) -> str:
    return _file(nccl_variables(told))


def nvshmem(told: CollectivesConfig) -> str:
    """NVSHMEM reads no file: this one is read by login shells."""
    return _file(nvshmem_variables(told), before="export ")


def ucx(host: HostConfig) -> str:
    """The mark for all of UCX's devices: that of the first rail's class, or else of the server's first."""
    return _file(ucx_variables(host.collectives.traffic_byte if host.collectives else host.qos[0].traffic_byte))


def _file(variables: Iterable[Variable], before: str = "") -> str:
    return HEADER + "".join(f"{before}{key}={value}\n" for key, value in variables)
