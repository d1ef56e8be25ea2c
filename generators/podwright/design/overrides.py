"""What differs for some devices from what holds for all: by operating system, by role, by device, by interface.

The narrower one decides: the pod's own value < the operating system's < the role's < the device's < the interface's.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from podwright.design.draft import Draft
from podwright.design.grid import nearest
from podwright.model.blueprint import Blueprint, DeviceOverride, Override
from podwright.model.design import Access, Device, Link

POD = "management"


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
    return bool(written.systems or written.roles or written.devices)


def layers(blueprint: Blueprint, device: Device) -> Iterator[tuple[str, Override | DeviceOverride]]:
    """The overrides that speak of a device, each with its path, the widest first."""
    written = blueprint.overrides
    for path, section, key in (
        ("overrides.systems", written.systems, device.nos),
        ("overrides.roles", written.roles, device.role),
        ("overrides.devices", written.devices, device.name),
    ):
        if key in section:
            yield f"{path}.{key}", section[key]


def record_accesses(draft: Draft) -> None:
    """Adds how each device is reached that is reached otherwise than all; refuses devices and interfaces that are not there.

    Where something else was refused before, devices may be missing for that reason, and names are not looked up.
    """
    if not draft.failed:
        _refuse_strangers(draft)
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
            elif (name, interface) not in ends:
                draft.refuse(
                    "DES110",
                    where,
                    f"`{name}` has no BGP session at `{interface}`, so there is nothing to watch",
                    "Remove the interface; `podwright explain DEVICE` lists the sessions of a device.",
                )
