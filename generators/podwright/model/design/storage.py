"""Which files are served to whom: stores, their exports, and where groups of servers mount them."""

from __future__ import annotations

from typing import Literal

import msgspec


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """Files under one name. `group` are the servers that hold them, empty where they are outside the pod.

    Each server of a group exports files of its own. The addresses of a store outside are `shared`: all of them lead to
    the same files. `groups` mount it; `connections` is how many TCP connections a client opens to an address.
    """

    name: str
    kind: Literal["nfs"]
    group: str
    fabric: str
    path: str
    shared: bool
    version: str
    connections: int
    groups: tuple[str, ...]
    origin: str


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A path at an address. `server` is the device that serves it, empty outside the pod.

    `address` is the server's in the store's fabric, without a length. `clients` are the prefixes of the servers that may
    mount it, as few as hold exactly them; empty outside the pod, where nobody asks us.
    """

    store: str
    server: str
    address: str
    path: str
    clients: tuple[str, ...]
    origin: str


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group of servers has an export: at `path`. `device` names one server of the group, empty where all have it.

    `export` is the path at `address`. `options` of the mount are the store's.
    """

    store: str
    group: str
    device: str
    server: str
    address: str
    export: str
    path: str
    origin: str


class StoreLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What the clients of a store ask of it, and what it can give, in GB/s (10^9 bytes). The formulas are in `Sizing`.

    `checkpoint_s` is how long a checkpoint takes to write, `checkpoint_most_s` how long it may; 0 where none is planned.
    `read_limit` and `write_limit` say what sets the capacity.
    """

    store: str
    read_demand: float
    read_capacity: float
    read_limit: str
    write_demand: float
    write_capacity: float
    write_limit: str
    checkpoint_gb: float
    checkpoint_s: float
    checkpoint_most_s: float
    origin: str
