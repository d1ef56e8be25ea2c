"""Stores: who exports what at which address, who may mount it and where, and whether it is enough for the GPUs.

Each server of a group exports files of its own, and a client has each of them in a folder named after the server, so
that a path means the same files everywhere. A filer outside has one set of files behind all its addresses, over which
servers are spread by their place.
"""

from __future__ import annotations

from collections import defaultdict
from ipaddress import IPv4Network, collapse_addresses, ip_interface, ip_network
from typing import NamedTuple

from podwright.design.addressing import host_layout, overlap
from podwright.design.claims import home_fabric
from podwright.design.draft import Draft
from podwright.design.storagesizing import Carriers, weigh
from podwright.model.blueprint import Store as Written
from podwright.model.design import Device, Export, Mount, Store

NFS_VERSION = "4.2"
ADDRESS_BITS = 32


class _Servers(NamedTuple):
    """Servers by group, in the order of the grid, and the address that each has on each fabric."""

    groups: dict[str, list[Device]]
    addresses: dict[tuple[str, str], str]

    def on(self, fabric: str, group: str) -> list[Device]:
        return [each for each in self.groups[group] if (each.name, fabric) in self.addresses]


def design_storage(draft: Draft) -> None:
    """Adds Store, Export, Mount and StoreLoad records. Refuses stores that servers cannot reach."""
    if not draft.blueprint.storage:
        return
    servers = _servers(draft)
    carriers = Carriers(draft)
    for name, written in sorted(draft.blueprint.storage.items()):
        if _is_placed(draft, servers, written) and _reachable(draft, servers, name, written):
            _record(draft, servers, name, written)
            weigh(draft, carriers, name, written)


def _servers(draft: Draft) -> _Servers:
    groups: dict[str, list[Device]] = defaultdict(list)
    for device in draft.devices:
        if device.kind == "server":
            groups[device.group].append(device)
    names = {device.name for group in groups.values() for device in group}
    addresses = {}
    for each in draft.addresses:
        if each.interface == "lo" and each.device in names and ":" not in each.address:
            addresses[each.device, each.fabric] = each.address.partition("/")[0]
    return _Servers(groups, addresses)


def _is_placed(draft: Draft, servers: _Servers, written: Written) -> bool:
    """Whether the fabric and the servers are there; where they are not, a finding has said why."""
    groups = filter(None, (written.servers, *written.mount))
    return any(plan.name == written.fabric for plan in draft.fabrics) and all(servers.groups[each] for each in groups)


def _reachable(draft: Draft, servers: _Servers, name: str, written: Written) -> bool:
    path, fabric = f"storage.{name}", written.fabric
    lacking = [
        (f"{path}.servers" if group == written.servers else f"{path}.mount.{group}", group)
        for group in filter(None, (written.servers, *written.mount))
        if not servers.on(fabric, group)
    ]
    for where, group in lacking:
        draft.refuse("DES901", where, _no_ports(draft, fabric, group), _other_fabric(draft, servers, fabric, group))
    if written.external is None or lacking:
        return not lacking
    return _leads_outside(draft, name, written)


def _no_ports(draft: Draft, fabric: str, group: str) -> str:
    """What the group's model has, against what the fabric takes: `8 compute, 2 frontend and 0 storage ports`."""
    model = draft.catalog.servers[draft.blueprint.servers[group].model]
    counts = {role: sum(nic.role == role for nic in model.nics) for role in ("compute", "frontend", "storage")}
    has = ", ".join(f"{count} {role}" for role, count in counts.items())
    takes = " and ".join(draft.blueprint.fabrics[fabric].carries)
    return f"servers of `{group}` have no address on `{fabric}`: it takes {takes} ports, and each of them has {has}"


def _other_fabric(draft: Draft, servers: _Servers, fabric: str, group: str) -> str:
    others = [f"`{each}`" for each in draft.blueprint.fabrics if each != fabric and servers.on(each, group)]
    if others:
        return f"Write {' or '.join(others)} as the `fabric` of the store, or take a server model with such ports."
    return "Take a server model with such ports."


def _leads_outside(draft: Draft, name: str, written: Written) -> bool:
    """A filer outside is reached by the default route, which servers take from their home fabric."""
    path, fabric = f"storage.{name}", written.fabric
    good = True
    if not draft.blueprint.fabrics[fabric].outside:
        good = False
        draft.refuse(
            "DES902",
            f"{path}.external",
            f"the filer is outside the pod, and `{fabric}` has no way out",
            f"Add `outside` to `{fabric}` with the router that leads to the filer.",
        )
    for number, address in enumerate(written.external.addresses if written.external else ()):
        for key in ("pool", "host_pool", "link_pool"):
            for other, spec in draft.blueprint.fabrics.items():
                text = getattr(spec, key)
                if text and overlap(ip_network(address), ip_network(text, strict=False)):
                    good = False
                    draft.refuse(
                        "DES903",
                        f"{path}.external.addresses.{number}",
                        f"{address} lies in {text}, the `{key}` of `{other}`, so servers look for it inside the pod",
                        "Write the address that the filer has outside the pod.",
                    )
    for group in written.mount:
        home = home_fabric(draft.blueprint, draft.catalog.servers[draft.blueprint.servers[group].model])
        if home != fabric:
            good = False
            draft.refuse(
                "DES904",
                f"{path}.mount.{group}",
                f"servers of `{group}` leave the pod over `{home}`, their home, and not over `{fabric}`",
                f"Write `fabric: {home}`.",
            )
    return good


def _record(draft: Draft, servers: _Servers, name: str, written: Written) -> None:
    origin = f"storage.{name}"
    draft.stores.append(
        Store(
            name=name,
            kind=written.kind,
            group=written.servers or "",
            fabric=written.fabric,
            path=written.export,
            shared=written.external is not None,
            version=NFS_VERSION,
            connections=written.connections,
            groups=tuple(sorted(written.mount)),
            origin=origin,
        )
    )
    clients = _client_prefixes(draft, servers, written) if written.servers else ()
    exports = [
        Export(store=name, server=server, address=address, path=written.export, clients=clients, origin=origin)
        for server, address in _addresses(servers, written)
    ]
    draft.exports += exports
    for group, folder in sorted(written.mount.items()):
        if written.external is None:
            draft.mounts += [_mount(export, group, "", f"{folder}/{export.server}") for export in exports]
        else:
            slots = draft.blueprint.units.slots
            for device in servers.on(written.fabric, group):
                place = (device.unit - 1) * slots + device.slot - 1
                draft.mounts.append(_mount(exports[place % len(exports)], group, device.name, folder))


def _addresses(servers: _Servers, written: Written) -> list[tuple[str, str]]:
    """(server, address) of each export; the server is empty outside the pod."""
    if written.external is not None:
        return [("", address) for address in written.external.addresses]
    serving = servers.on(written.fabric, written.servers or "")
    return [(each.name, servers.addresses[each.name, written.fabric]) for each in serving]


def _mount(export: Export, group: str, device: str, path: str) -> Mount:
    return Mount(
        store=export.store,
        group=group,
        device=device,
        server=export.server,
        address=export.address,
        export=export.path,
        path=path,
        origin=f"{export.origin}.mount.{group}",
    )


def _client_prefixes(draft: Draft, servers: _Servers, written: Written) -> tuple[str, ...]:
    """The addresses of the slots of those that mount, in as few prefixes as hold no other slot."""
    spec = draft.blueprint.fabrics[written.fabric]
    length = ADDRESS_BITS - host_layout(spec.layout, "compute" in spec.carries).below("slot")
    slots = [
        IPv4Network(f"{ip_interface(servers.addresses[device.name, written.fabric]).ip}/{length}", strict=False)
        for group in sorted(written.mount)
        for device in servers.on(written.fabric, group)
    ]
    return tuple(str(prefix) for prefix in collapse_addresses(slots))
