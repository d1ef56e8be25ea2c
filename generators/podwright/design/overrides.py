"""What differs for some devices from what holds for all: by operating system, role, group, device and interface.

The narrower one decides: the pod's own value < the operating system's < the role's < the group's < the device's < the
interface's.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from podwright.design.draft import Draft
from podwright.design.grid import nearest
from podwright.model.blueprint import Blueprint, DeviceOverride, InterfaceOverride, Override
from podwright.model.design import Access, Description, Device, Link

POD = "management"
End = tuple[str, str]
"""A device and the name of its port."""


class Watch:
    """Whether BFD watches a session: it does unless one of its ends says otherwise."""

    def __init__(self, draft: Draft) -> None:
        self._blueprint = draft.blueprint
        self._devices = {device.name: device for device in draft.devices} if any_override(draft.blueprint) else {}

    def over(self, link: Link) -> bool:
        """Whether the session over this cable is watched."""
        ends = ((link.a_device, link.a_port), (link.b_device, link.b_port))
        return not self._devices or all(self._wanted(self._devices[device], port) for device, port in ends)

    def _wanted(self, device: Device, interface: str) -> bool:
        said = [each.watch_by_bfd for _, each in layers(self._blueprint, device)]
        own = self._blueprint.overrides.devices.get(device.name)
        if own and interface in own.interfaces:
            said.append(own.interfaces[interface].watch_by_bfd)
        return next((each for each in reversed(said) if each is not None), True)


def any_override(blueprint: Blueprint) -> bool:
    written = blueprint.overrides
    return bool(written.systems or written.roles or written.groups or written.devices)


def layers(blueprint: Blueprint, device: Device) -> Iterator[tuple[str, Override | DeviceOverride]]:
    """The overrides that speak of a device, each with its path, the widest first."""
    written = blueprint.overrides
    for path, section, key in (
        ("overrides.systems", written.systems, device.nos),
        ("overrides.roles", written.roles, device.role),
        ("overrides.groups", written.groups, device.group if device.kind == "server" else ""),
        ("overrides.devices", written.devices, device.name),
    ):
        if key in section:
            yield f"{path}.{key}", section[key]


def mtu_of_cable(blueprint: Blueprint, ends: tuple[End, End], otherwise: int) -> int:
    """The IP MTU of both ends of a cable, in bytes: what an override says at one of them, `otherwise` where none does."""
    written = [_at(blueprint, end) for end in ends] if blueprint.overrides.devices else []
    return next((each.mtu for each in written if each and each.mtu is not None), otherwise)


def _at(blueprint: Blueprint, end: End) -> InterfaceOverride | None:
    device, interface = end
    override = blueprint.overrides.devices.get(device)
    return override.interfaces.get(interface) if override else None


def record_overrides(draft: Draft) -> None:
    """Adds how each device is reached that is reached otherwise than all, and what interfaces are called; refuses what is
    said of devices, groups and interfaces that are not there, and an MTU that loses packets.

    Where something else was refused before, devices may be missing for that reason, and names are not looked up.
    """
    if not draft.failed:
        _refuse_strange_groups(draft)
        _refuse_strangers(draft)
        _refuse_mtus(draft)
    _record_descriptions(draft)
    for device in draft.devices if any_override(draft.blueprint) else ():
        access = _access(draft.blueprint, device)
        if device.kind != "outside" and (access.user_origin, access.python_origin) != (POD, POD):
            draft.accesses.append(access)


def _access(blueprint: Blueprint, device: Device) -> Access:
    pod = blueprint.management
    access = Access(device=device.name, user=pod.user, user_origin=POD, python=pod.python, python_origin=POD)
    for path, each in layers(blueprint, device):
        if each.management.user:
            access = replace(access, user=each.management.user, user_origin=f"{path}.management.user")
        if each.management.python:
            access = replace(access, python=each.management.python, python_origin=f"{path}.management.python")
    return access


def _refuse_strangers(draft: Draft) -> None:
    ends = {(each.a_device, each.a_interface) for each in draft.sessions}
    ends |= {(each.b_device, each.b_interface) for each in draft.sessions}
    known = {device.name for device in draft.devices}
    for name, override in sorted(draft.blueprint.overrides.devices.items()):
        path = f"overrides.devices.{name}"
        if name not in known:
            draft.refuse("DES108", path, f"the pod has no device `{name}`", nearest(name, known))
            continue
        ports = {port.name for port in draft.ports if port.device == name} if override.interfaces else set()
        for interface in sorted(override.interfaces):
            where = f"{path}.interfaces.{interface}"
            if interface not in ports:
                message = f"`{name}` has no interface `{interface}` in use"
                draft.refuse("DES109", where, message, nearest(interface, ports))
            elif override.interfaces[interface].watch_by_bfd is not None and (name, interface) not in ends:
                draft.refuse(
                    "DES110",
                    where,
                    f"`{name}` has no BGP session at `{interface}`, so there is nothing to watch",
                    "Remove the interface; `podwright explain DEVICE` lists the sessions of a device.",
                )


def _refuse_strange_groups(draft: Draft) -> None:
    for name in sorted(draft.blueprint.overrides.groups.keys() - draft.blueprint.servers.keys()):
        fix = nearest(name, set(draft.blueprint.servers))
        draft.refuse("DES111", f"overrides.groups.{name}", f"the pod has no group of servers `{name}`", fix)


def _refuse_mtus(draft: Draft) -> None:
    """Packets cross a fabric in one size: both ends of a cable take it, and no cable inside takes less than the others."""
    written = draft.blueprint.overrides.devices
    if not any(each.mtu is not None for device in written.values() for each in device.interfaces.values()):
        return
    fabrics = {fabric.name: fabric for fabric in draft.fabrics}
    for link in draft.links:
        said = [
            (f"overrides.devices.{device}.interfaces.{port}.mtu", override.mtu)
            for device, port in ((link.a_device, link.a_port), (link.b_device, link.b_port))
            if (override := _at(draft.blueprint, (device, port))) and override.mtu is not None
        ]
        if said:
            fabric = fabrics[link.fabric]
            inside = fabric.overhead if link.use == "fabric" else 0
            _judge_mtu(draft, link, said, fabric.mtu + inside)


def _judge_mtu(draft: Draft, link: Link, said: list[tuple[str, int]], mtu: int) -> None:
    path, least = min(said, key=lambda each: each[1])
    ends = f"`{link.a_device}` {link.a_port} and `{link.b_device}` {link.b_port}"
    if "management" in draft.blueprint.fabrics[link.fabric].carries:
        draft.refuse(
            "DES114",
            path,
            f"`{link.fabric}` is bridged, and all that is on one bridge takes packets of one size",
            f"Remove it, or write `mtu` for all of `{link.fabric}`.",
        )
    elif len({value for _, value in said}) > 1:
        draft.refuse(
            "DES112",
            path,
            f"{ends} are the ends of one cable, with an MTU of {said[0][1]} and of {said[1][1]}",
            "Write the same at both, or leave one out: a cable has one MTU.",
        )
    elif link.use != "outside" and least < mtu:
        draft.refuse(
            "DES113",
            path,
            f"{ends} are the ends of a cable inside `{link.fabric}`, where packets have up to {mtu} bytes: {least} loses them",
            f"Write {mtu} or more, or a smaller `mtu` for all of `{link.fabric}`.",
        )


def _record_descriptions(draft: Draft) -> None:
    for name, device in sorted(draft.blueprint.overrides.devices.items()):
        for interface, override in sorted(device.interfaces.items()):
            if override.description is not None:
                origin = f"overrides.devices.{name}.interfaces.{interface}.description"
                draft.descriptions.append(
                    Description(device=name, interface=interface, text=override.description, origin=origin)
                )
