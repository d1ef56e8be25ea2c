"""Whether a store is fast enough: what its clients' GPUs ask, what ports and uplinks carry, how long a checkpoint takes.

Bandwidth is in GB/s, 10^9 bytes a second: a port of 200 Gb/s carries 25. It is the ceiling that the network sets; drives
and daemons may be slower, and a measured value under `bandwidth` replaces that of the servers' ports.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from podwright.design.draft import Draft
from podwright.model.blueprint import Store as Written
from podwright.model.blueprint import Workload
from podwright.model.design import Sizing, StoreLoad

SUPERPOD_STORAGE = (
    "NVIDIA DGX SuperPOD H100 table 6, "
    "https://docs.nvidia.com/dgx-superpod/reference-architecture-scalable-infrastructure-h100/latest/storage-architecture.html"
)
ZERO = "ZeRO section 3.1, https://arxiv.org/abs/1910.02054"
GPUS_OF_A_UNIT = 256
"""The table speaks of a scalable unit: 32 systems of 8 GPUs."""

GB = 8
"""Gb of a GB."""


class Level(NamedTuple):
    """A column of the table: GB/s that a unit of 256 GPUs reads and writes."""

    name: str
    read: float
    write: float


# Which column a workload takes is our reading of table 5: models held in memory are read once, training data fits local
# caches in part, and an index is read all the time.
LEVELS: dict[Workload, Level] = {
    "inference": Level("good", 15, 7),
    "training": Level("better", 40, 20),
    "rag": Level("best", 125, 62),
}
DEFAULT_WORKLOAD: Workload = "training"


class Way(NamedTuple):
    """What a store can give, and what sets it."""

    gb_s: float
    limit: str
    formula: str


class Carriers:
    """Ports and uplinks by who has them, counted once."""

    def __init__(self, draft: Draft) -> None:
        gbps = {(port.device, port.name): port.gbps for port in draft.ports}
        groups = {device.name: device.group for device in draft.devices if device.kind == "server"}
        self.ports: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.leaves: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for each in draft.attachments:
            if each.mode == "bgp":
                key = groups[each.device], each.fabric
                self.ports[key].append(gbps[each.device, each.interface])
                self.leaves[key][each.device].add(each.leaf)
        self.uplinks: dict[str, int] = defaultdict(int)
        self.outside: dict[str, list[int]] = defaultdict(list)
        for link in draft.links:
            if link.use == "fabric":
                self.uplinks[link.a_device] += link.gbps
            elif link.use == "outside":
                self.outside[link.fabric].append(link.gbps)


def weigh(draft: Draft, carriers: Carriers, name: str, written: Written) -> None:
    """Adds the StoreLoad of a store, and a Sizing for each of its numbers."""
    subject = f"storage.{name}"
    read = _demand(draft, subject, written, "read")
    write = _demand(draft, subject, written, "write")
    reading = _capacity(draft, carriers, subject, written, "read")
    writing = _capacity(draft, carriers, subject, written, "write")
    size, seconds, most = _checkpoint(draft, subject, written, writing)
    draft.store_loads.append(
        StoreLoad(
            store=name,
            read_demand=read,
            read_capacity=reading.gb_s,
            read_limit=reading.limit,
            write_demand=write,
            write_capacity=writing.gb_s,
            write_limit=writing.limit,
            checkpoint_gb=size,
            checkpoint_s=seconds,
            checkpoint_most_s=most,
            origin=subject,
        )
    )


def workload_of(draft: Draft, group: str) -> Workload | None:
    """As written; servers with GPUs train, and others ask for nothing that can be known."""
    servers = draft.blueprint.servers[group]
    has_gpus = draft.catalog.servers[servers.model].gpus > 0
    return servers.workload or (DEFAULT_WORKLOAD if has_gpus else None)


def _demand(draft: Draft, subject: str, written: Written, verb: str) -> float:
    """GPUs of every group that mounts the store, times what one asks."""
    total, terms, sources = 0.0, [], set()
    target = getattr(written.targets, f"{verb}_mb_s")
    for group in sorted(written.mount):
        servers = draft.blueprint.servers[group]
        gpus = servers.count * draft.catalog.servers[servers.model].gpus
        workload = workload_of(draft, group)
        if gpus == 0 or workload is None:
            continue
        if target is not None:
            total += gpus * target / 1000
            terms.append(f"{gpus} GPUs x {target:g} MB/s")
        else:
            level = LEVELS[workload]
            total += gpus * getattr(level, verb) / GPUS_OF_A_UNIT
            terms.append(f"{gpus} GPUs x {getattr(level, verb):g} GB/s / {GPUS_OF_A_UNIT} ({workload}: {level.name})")
            sources.add(SUPERPOD_STORAGE)
    draft.sizings.append(
        Sizing(
            subject=subject,
            name=f"{verb} demand",
            value=round(total, 3),
            unit="GB/s",
            formula=" + ".join(terms) or "no GPUs",
            source="; ".join(sorted(sources)),
        )
    )
    return round(total, 3)


def _capacity(draft: Draft, carriers: Carriers, subject: str, written: Written, verb: str) -> Way:
    """The least of what servers, clients, and the links between them carry."""
    ways = [*_of_servers(carriers, written, verb), _of_clients(carriers, written), *_of_uplinks(carriers, written)]
    least = min(ways, key=lambda way: way.gb_s)
    draft.sizings.append(
        Sizing(
            subject=subject,
            name=f"{verb} capacity",
            value=round(least.gb_s, 3),
            unit="GB/s",
            formula=f"min({', '.join(f'{way.limit} {way.formula}' for way in ways)})",
            source="",
        )
    )
    return least._replace(gb_s=round(least.gb_s, 3))


def _of_servers(carriers: Carriers, written: Written, verb: str) -> list[Way]:
    """The store itself, as written or by its servers' ports; before one outside also the links that lead there."""
    known = getattr(written.bandwidth, f"{verb}_gb_s")
    ways = [Way(known, "the store", f"{known:g} as written")] if known is not None else []
    if written.servers is None:
        ways.append(_of_ports("links to routers outside", carriers.outside[written.fabric]))
    elif known is None:
        ways.append(_of_ports(f"ports of `{written.servers}`", carriers.ports[written.servers, written.fabric]))
    return ways


def _of_clients(carriers: Carriers, written: Written) -> Way:
    ports = [gbps for group in sorted(written.mount) for gbps in carriers.ports[group, written.fabric]]
    return _of_ports(f"ports of {' and '.join(f'`{group}`' for group in sorted(written.mount))}", ports)


def _of_ports(limit: str, ports: list[int]) -> Way:
    speeds = sorted(set(ports), reverse=True)
    terms = " + ".join(f"{ports.count(speed)} x {speed}" for speed in speeds) or "0"
    return Way(sum(ports) / GB, limit, f"({terms}) / {GB}" if len(speeds) > 1 else f"{terms} / {GB}")


def _of_uplinks(carriers: Carriers, written: Written) -> list[Way]:
    """What passes the spines, where clients hang on other leaves than the servers, and where those have uplinks.

    Clients read alike, so with a share of them behind the spines, so large a share of the traffic passes there.
    """
    if written.servers is None:
        return []
    near = set().union(*carriers.leaves[written.servers, written.fabric].values())
    homes = [leaves for group in written.mount for leaves in carriers.leaves[group, written.fabric].values()]
    far = [leaves for leaves in homes if not leaves & near]
    if not far:
        return []
    share = len(far) / len(homes)
    sides = {"uplinks of the servers' leaves": near, "uplinks of the clients' leaves": set().union(*far)}
    return [
        Way(total / GB / share, limit, f"{total} / {GB} / ({len(far)} of {len(homes)} clients beyond)")
        for limit, leaves in sides.items()
        for total in [sum(carriers.uplinks[leaf] for leaf in leaves)]
        if total
    ]


def _checkpoint(draft: Draft, subject: str, written: Written, writing: Way) -> tuple[float, float, float]:
    """(GB, seconds that writing takes, seconds that it may take); zeros where no checkpoint is planned."""
    plan = written.checkpoint
    if plan is None or not writing.gb_s:
        return 0.0, 0.0, 0.0
    size = round(plan.parameters_billion * plan.bytes_per_parameter, 3)
    seconds = round(size / writing.gb_s, 3)
    most = round(plan.every_minutes * 60 * plan.most_percent / 100, 3)
    rows = [
        (
            "checkpoint size",
            size,
            "GB",
            f"{plan.parameters_billion:g} x 10^9 parameters x {plan.bytes_per_parameter:g} B",
            ZERO,
        ),
        ("checkpoint time", seconds, "s", f"{size:g} GB / {writing.gb_s:g} GB/s", ""),
        ("checkpoint limit", most, "s", f"{plan.every_minutes} min x 60 x {plan.most_percent:g} %", ""),
    ]
    for name, value, unit, formula, source in rows:
        draft.sizings.append(Sizing(subject=subject, name=name, value=value, unit=unit, formula=formula, source=source))
    return size, seconds, most
