"""Checks of stores: whether they are fast enough for the GPUs that mount them, and whether zones let the mounts through."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.design import Store, StoreLoad, Zone

NFS_PORT = 2049


@check("STO001", "a store gives the GPUs that mount it as much as they read")
def stores_are_read_fast_enough(index: Index) -> Iterator[Fault]:
    """Compares what the GPUs of all groups that mount a store read by their workload with what the store, the ports and
    the uplinks between carry. Each store is judged as if nothing else used them; `podwright design` shows the arithmetic.

    Why: Training that waits for data leaves GPUs idle, and they cost more than the storage.

    Fix: Add servers or faster ports to the group that serves the store, write what your workload needs under `targets`, or
    what the store was measured to give under `bandwidth`.
    """
    for load in index.design.store_loads:
        yield from _too_slow(load, "read", load.read_demand, load.read_capacity, load.read_limit)


@check("STO002", "a store takes from the GPUs that mount it as much as they write")
def stores_are_written_fast_enough(index: Index) -> Iterator[Fault]:
    """Compares what the GPUs of all groups that mount a store write by their workload with what the store, the ports and
    the uplinks between carry. Each store is judged as if nothing else used them.

    Why: A checkpoint is written while training stands still, and logs and results come on top.

    Fix: Add servers or faster ports to the group that serves the store, write what your workload needs under `targets`, or
    what the store was measured to take under `bandwidth`.
    """
    for load in index.design.store_loads:
        yield from _too_slow(load, "write", load.write_demand, load.write_capacity, load.write_limit)


def _too_slow(load: StoreLoad, verb: str, demand: float, capacity: float, limit: str) -> Iterator[Fault]:
    if demand > capacity:
        yield Fault(
            load.origin,
            f"GPUs {verb} {demand:g} GB/s from `{load.store}`, and {limit} give {capacity:g} GB/s"
            if verb == "read"
            else f"GPUs write {demand:g} GB/s to `{load.store}`, and {limit} take {capacity:g} GB/s",
            f"Give the store {ceil(10 * demand / capacity) / 10:g} times the bandwidth, or write what is needed under `targets`."
            if capacity
            else "Give the store ports.",
        )


@check("STO003", "a checkpoint is written in a small part of the interval between two")
def checkpoints_are_short(index: Index) -> Iterator[Fault]:
    """Divides the size of a checkpoint (`parameters_billion` times `bytes_per_parameter`) by what the store takes, where the
    blueprint plans one, and compares it with `most_percent` of the interval.

    Why: Training waits while its state is written, so that this share of all GPU hours is lost; and a checkpoint that takes
    longer than its interval never ends.

    Fix: Write checkpoints less often, give the store more bandwidth, or write a larger `most_percent` where state is copied
    to local disks first and training goes on meanwhile.
    """
    for load in index.design.store_loads:
        if load.checkpoint_s > load.checkpoint_most_s:
            yield Fault(
                f"{load.origin}.checkpoint",
                f"a checkpoint of {load.checkpoint_gb:g} GB takes {load.checkpoint_s:g} s at {load.write_capacity:g} GB/s "
                f"({load.write_limit}), and may take {load.checkpoint_most_s:g} s",
                "Write it less often, or give the store more bandwidth.",
            )


@check("STO004", "zones let a store's clients through to its servers")
def zones_let_mounts_through(index: Index) -> Iterator[Fault]:
    """Looks, where the pod has zones, for a flow to TCP 2049 from the zone of each group that mounts a store to the zone of
    the servers that hold it, both by their addresses on the store's fabric.

    Why: The export list lets a client in, and the port of the switch drops its packets: a mount that hangs.

    Fix: Allow it in the section `security`, as `{from: compute, to: storage, service: nfs}`.
    """
    open_pairs = {
        (flow.source, flow.target)
        for flow in index.design.flows
        if flow.protocol == "tcp" and (NFS_PORT in flow.ports or not flow.ports)
    }
    for store in index.design.stores:
        for group in store.groups if store.group and index.zone else ():
            ours, theirs = (
                index.zone.get(index.zone_at.get((each, store.fabric), "")) for each in (group, store.group)
            )
            if not _let_through(ours, theirs, open_pairs):
                yield _shut(store, group, ours, theirs)


def _let_through(source: Zone | None, target: Zone | None, open_pairs: set[tuple[str, str]]) -> bool:
    if source is None or target is None:
        return False
    if source.name == target.name:
        return not source.isolated
    return (source.name, target.name) in open_pairs


def _shut(store: Store, group: str, ours: Zone | None, theirs: Zone | None) -> Fault:
    lacking = [each for each, zone in ((group, ours), (store.group, theirs)) if zone is None]
    if ours is None or theirs is None:
        return Fault(
            f"{store.origin}.mount.{group}",
            f"`{lacking[0]}` is in no zone on `{store.fabric}`, so nothing lets `{group}` through to `{store.name}` on `{store.group}`",
            "Put the group into a zone, and allow the service nfs between the two.",
        )
    return Fault(
        f"{store.origin}.mount.{group}",
        f"`{group}` mounts `{store.name}` from `{store.group}`, and no flow lets nfs from zone `{ours.name}` to `{theirs.name}`",
        f"Add `{{from: {ours.name}, to: {theirs.name}, service: nfs}}` to `security.allow`.",
    )
