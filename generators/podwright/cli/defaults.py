"""Every key of a blueprint that was not written, with the value that applies and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import msgspec

from podwright.design.names import LEAF, OUTSIDE, RAIL_LEAF, SERVER, SPINE
from podwright.model.blueprint import Blueprint, Layout, Reference
from podwright.model.design import Design, FabricPlan
from podwright.pipeline import Pod

LANGUAGE = "the blueprint's language"


class Default(NamedTuple):
    """An unwritten key: its dotted path, the value that applies, and who decided."""

    key: str
    value: str
    origin: str


def unwritten(pod: Pod) -> Iterator[Default]:
    """The unwritten keys, in the order of the blueprint's language."""
    decided = dict(_decisions(pod))
    for key, value in _unwritten(pod.blueprint, pod.source.data, ""):
        yield decided.get(key) or Default(key, _spelt(value), LANGUAGE)


def _unwritten(part: msgspec.Struct, written: object, path: str) -> Iterator[tuple[str, object]]:
    """Keys of `part` that `written` lacks; sections that are missing as a whole give all their keys."""
    present = written if isinstance(written, Mapping) else {}
    for name in part.__struct_fields__:
        value, key = getattr(part, name), f"{path}{name}"
        inside = present.get(name, {})
        if isinstance(value, Layout):
            if any(getattr(value, field) is None for field in value.__struct_fields__):
                yield key, value
        elif isinstance(value, Reference):
            continue  # it is written as a whole
        elif isinstance(value, msgspec.Struct):
            yield from _unwritten(value, inside, f"{key}.")
        elif isinstance(value, dict) and any(isinstance(inner, msgspec.Struct) for inner in value.values()):
            for entry, inner in value.items():
                yield from _unwritten(inner, inside[entry], f"{key}.{entry}.")
        elif name not in present:
            yield key, value


def _decisions(pod: Pod) -> Iterator[tuple[str, Default]]:
    """What the catalogue and the design decided, by key."""
    made = (
        _of_servers(pod),
        _of_fabrics(pod.blueprint, pod.design),
        _of_names(),
        _of_classes(pod.design),
        _of_stores(pod),
        _of_cluster(pod),
    )
    for default in chain.from_iterable(made):
        yield default.key, default


def _of_servers(pod: Pod) -> Iterator[Default]:
    for name, group in pod.blueprint.servers.items():
        purpose = pod.catalog.servers[group.model].purpose
        yield Default(f"servers.{name}.purpose", purpose, f"the catalogue's entry {group.model}")
        gpus = pod.catalog.servers[group.model].gpus
        workload = "training" if gpus else "none"
        yield Default(f"servers.{name}.workload", workload, "servers with GPUs train" if gpus else "they have no GPUs")


def _of_fabrics(blueprint: Blueprint, design: Design) -> Iterator[Default]:
    for plan in design.fabrics:
        path = plan.origin
        yield Default(f"{path}.leaf.slots", str(blueprint.units.slots), "all slots of a unit (units.slots)")
        yield Default(f"{path}.layout", plan.layout, "the fabric's default layout")
        yield Default(f"{path}.spine.count", str(plan.spines), "computed: see Arithmetic in `podwright design`")
        yield Default(f"{path}.rails", str(plan.rails or "none"), "the NICs that the fabric takes")
        yield Default(f"{path}.homes", str(plan.homes), "the topology")
        yield Default(f"{path}.planned_units", str(plan.planned_units), "the units in use")
        if plan.bfd_interval_ms:  # a bridged fabric has no sessions, and a size of packets of its own
            origin = "defaults.mtu" if blueprint.defaults.mtu else "the design"
            yield Default(f"{path}.mtu", str(plan.mtu), origin)
            timers = f"{{interval_ms: {plan.bfd_interval_ms}, multiplier: {plan.bfd_multiplier}}}"
            yield Default(f"{path}.bfd", timers, "defaults.bfd" if blueprint.defaults.bfd else LANGUAGE)
        else:
            yield Default(f"{path}.mtu", str(plan.mtu), "the design")
        yield from _of_speeds(plan, design)


def _of_speeds(plan: FabricPlan, design: Design) -> Iterator[Default]:
    gbps = {(port.device, port.name): port.gbps for port in design.ports}
    for role in plan.carries:
        speeds = {
            gbps[each.device, each.interface]
            for each in design.attachments
            if each.fabric == plan.name and each.role == role and (each.device, each.interface) in gbps
        }
        if speeds:
            spelt = ", ".join(f"{speed}G" for speed in sorted(speeds))
            yield Default(f"{plan.origin}.link_speed.{role}", spelt, "what NICs and leaf ports have in common")
    if plan.uplinks:
        yield Default(f"{plan.origin}.link_speed.uplink", f"{plan.uplink_gbps}G", "what leaf and spine have in common")


def _of_names() -> Iterator[Default]:
    templates = {"leaf": LEAF, "rail_leaf": RAIL_LEAF, "spine": SPINE, "server": SERVER, "outside": OUTSIDE}
    for name, template in templates.items():
        yield Default(f"names.{name}", template, LANGUAGE)


def _of_classes(design: Design) -> Iterator[Default]:
    built_in = [f"{each.name} (DSCP {each.dscp}, priority {each.priority})" for each in design.classes]
    if built_in:
        yield Default("lossless", "; ".join(built_in), "the built-in class")


def _of_stores(pod: Pod) -> Iterator[Default]:
    """Targets and bandwidth of a store follow from workloads and ports; the arithmetic is in `podwright design`."""
    for load in pod.design.store_loads:
        for verb, capacity in (("read", load.read_capacity), ("write", load.write_capacity)):
            by_workload = "by the workload of each group"
            yield Default(f"{load.origin}.targets.{verb}_mb_s", by_workload, "see Arithmetic in `podwright design`")
            yield Default(f"{load.origin}.bandwidth.{verb}_gb_s", f"{capacity:g}", "what ports and uplinks carry")


def _of_cluster(pod: Pod) -> Iterator[Default]:
    for cluster in pod.design.clusters:
        path = cluster.origin
        yield Default(f"{path}.kubeconfig", f"{{{cluster.kubeconfig_from}: {cluster.kubeconfig}}}", LANGUAGE)
        yield Default(f"{path}.context", "the kubeconfig's current context", LANGUAGE)
        yield Default(f"{path}.gpu_resource", cluster.gpu_resource, "the catalogue's entries of the workers")
        classes = [f"{each.name} ({each.value})" for each in pod.design.priority_classes]
        yield Default(f"{path}.priorities", "; ".join(classes), "the built-in classes")
    for tenant in pod.design.tenants:
        yield Default(f"{tenant.origin}.namespace", tenant.namespace, "the tenant's name")
        yield Default(f"{tenant.origin}.priorities", ", ".join(tenant.priorities), "all classes of the cluster")


def _spelt(value: object) -> str:
    match value:
        case None | () | {} | "":
            return "none"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
