"""What the schema can't say of the section `storage`: who serves, over which fabric, and folders that do not meet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from podwright.load import KeyPath
from podwright.model.prose import shown
from podwright.validate.fault import Fault, Rule, strangers
from podwright.validate.shape import listed
from podwright.validate.sound import Parts

_CARRIES_FILES = frozenset({"storage", "frontend"})


def a_store_has_one_place(parts: Parts) -> Iterator[Fault]:
    """Files are on a group of the pod or on a filer outside it: exactly one of `servers` and `external`."""
    for name, store in parts.stores.items():
        if store.servers is None and store.external is None:
            yield Fault(
                "SCH061",
                ("storage", name),
                f"nobody serves the store {shown(name)}: it has neither `servers` nor `external`",
                "Add `servers` with a group of the pod, or `external: {addresses: [198.51.100.10]}` with those of your filer.",
            )
        if store.servers is not None and store.external is not None:
            yield Fault(
                "SCH062",
                ("storage", name, "external"),
                f"the store {shown(name)} is on the group {shown(store.servers)} and outside the pod at once",
                "Remove `servers` or `external`; make a second store for the other.",
            )


def stores_name_groups_of_servers(parts: Parts) -> Iterator[Fault]:
    """`servers` and the keys of `mount` name groups of the section `servers`."""
    otherwise = "Write the name of a group of the section `servers`."
    yield from strangers("SCH063", "group of servers", _groups(parts), parts.server_names, otherwise)


def _groups(parts: Parts) -> Iterator[tuple[KeyPath, str, bool]]:
    for name, store in parts.stores.items():
        if store.servers is not None:
            yield ("storage", name, "servers"), store.servers, True
        for group in store.mount:
            yield ("storage", name, "mount", group), group, False


def stores_have_a_fabric_for_files(parts: Parts) -> Iterator[Fault]:
    """`fabric` names a fabric that carries storage or frontend: servers have routed addresses there."""
    for name, store in parts.stores.items():
        path = ("storage", name, "fabric")
        if store.fabric not in parts.fabric_names:
            otherwise = "Write the name of a fabric of the section `fabrics`."
            yield from strangers("SCH064", "fabric", [(path, store.fabric, True)], parts.fabric_names, otherwise)
        elif store.fabric in parts.fabrics and not _CARRIES_FILES & set(parts.fabrics[store.fabric].carries):
            carried = " and ".join(parts.fabrics[store.fabric].carries)
            able = sorted(each for each, fabric in parts.fabrics.items() if _CARRIES_FILES & set(fabric.carries))
            yield Fault(
                "SCH065",
                path,
                f"files travel on a fabric that carries storage or frontend, and {shown(store.fabric)} carries {carried}",
                f"Write {listed(able, 'or')}." if able else "Add `storage` to the `carries` of a leaf-spine fabric.",
                value=True,
            )


def servers_do_not_mount_themselves(parts: Parts) -> Iterator[Fault]:
    """No group mounts what it exports: an NFS client that writes to its own server may wait for itself (exports(5))."""
    for name, store in parts.stores.items():
        if store.servers is not None and store.servers in store.mount:
            yield Fault(
                "SCH066",
                ("storage", name, "mount", store.servers),
                f"the group {shown(store.servers)} would mount the files that it serves, and may wait for itself for ever",
                f"Remove it; the servers have the files in `{store.export}` already.",
            )


def folders_do_not_meet(parts: Parts) -> Iterator[Fault]:
    """No two stores share a folder of a group, nor lie inside one another: one would hide the other."""
    taken: dict[str, list[tuple[str, KeyPath]]] = {}
    for name, store in parts.stores.items():
        if store.servers is not None:
            taken.setdefault(store.servers, []).append((store.export, ("storage", name, "export")))
        for group, folder in store.mount.items():
            taken.setdefault(group, []).append((folder, ("storage", name, "mount", group)))
    for group, folders in taken.items():
        for (first, _), (second, path) in pairwise(sorted(folders, key=lambda each: f"{each[0]}/")):
            if f"{second}/".startswith(f"{first}/"):
                yield Fault(
                    "SCH067",
                    path,
                    f"on servers of {shown(group)} the folder {shown(second)} lies in {shown(first)}, which is in use already"
                    if first != second
                    else f"on servers of {shown(group)} the folder {shown(second)} is used twice",
                    "Write a folder of its own.",
                    value=True,
                )


STORAGE_RULES: tuple[Rule, ...] = (
    a_store_has_one_place,
    stores_name_groups_of_servers,
    stores_have_a_fabric_for_files,
    servers_do_not_mount_themselves,
    folders_do_not_meet,
)
