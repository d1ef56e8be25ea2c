"""Models and their ports as NetBox spells them.

Device types have the form of the community's library, whose schema is
https://github.com/netbox-community/devicetype-library/blob/master/schema/devicetype.json; interface and cable types are
the choices of https://github.com/netbox-community/netbox/blob/main/netbox/dcim/choices.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec
import yaml

from podwright.projection.records import Cable, DeviceEntry, HostConfig, ModelEntry, PodConfig, SwitchConfig

OTHER = "other"
VIRTUAL = "virtual"
BRIDGE = "bridge"
COPPER_PORT = "1000base-t"
CONTROLLER = "bmc"

CABLE_TYPES: Mapping[str, str] = {
    "dac": "dac-passive",
    "twisted-pair": "cat6a",
    "multimode": "mmf-om4",
    "singlemode": "smf-os2",
}

PORT_TYPES: Mapping[tuple[str, int], str] = {
    ("rj45", 1): COPPER_PORT,
    ("rj45", 10): "10gbase-t",
    ("sfp+", 1): "1000base-x-sfp",
    ("sfp+", 10): "10gbase-x-sfpp",
    ("sfp28", 1): "1000base-x-sfp",
    ("sfp28", 10): "10gbase-x-sfpp",
    ("sfp28", 25): "25gbase-x-sfp28",
    ("qsfp28", 25): "25gbase-x-sfp28",
    ("qsfp28", 40): "40gbase-x-qsfpp",
    ("qsfp28", 50): "50gbase-x-sfp28",
    ("qsfp28", 100): "100gbase-x-qsfp28",
    ("qsfp56", 200): "200gbase-x-qsfp56",
    ("qsfp-dd", 100): "100gbase-x-qsfpdd",
    ("qsfp-dd", 200): "200gbase-x-qsfpdd",
    ("qsfp-dd", 400): "400gbase-x-qsfpdd",
    ("qsfp56-dd", 100): "100gbase-x-qsfpdd",
    ("qsfp56-dd", 200): "200gbase-x-qsfpdd",
    ("qsfp56-dd", 400): "400gbase-x-qsfpdd",
    ("osfp", 400): "400gbase-x-osfp",
    ("osfp", 800): "800gbase-x-osfp",
}
"""By form of the cage and speed of the port in Gb/s; NetBox has no type for other pairs, which are `other`."""

KILOBITS = 1_000_000
"""In a gigabit: NetBox's unit of speed is kb/s."""


class Interface(msgspec.Struct, frozen=True):
    """An interface of a device. `gbps` and `mtu` are 0 where they don't apply."""

    device: str
    name: str
    kind: str
    management: bool = False
    gbps: int = 0
    mtu: int = 0
    description: str = ""

    @property
    def template(self) -> tuple[str, str, bool]:
        """What a device type says of it."""
        return self.name, self.kind, self.management


class Maker(msgspec.Struct, frozen=True):
    """A model as NetBox knows it: unique by manufacturer and `model`, and by manufacturer and `slug`."""

    manufacturer: str
    model: str
    slug: str
    height: int


OUTSIDE = Maker("Generic", "Router outside the pod", "generic-router-outside-the-pod", 0)
"""What stands outside is not ours and has no place in a rack, which is what no height means to NetBox."""


def slug(text: str) -> str:
    """Letters, digits and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def makers(pod: PodConfig) -> dict[str, Maker]:
    """Every model of the pod by its name in blueprints; the empty name is that of routers outside."""
    known = {model.name: _maker(model) for model in pod.models}
    return known | ({"": OUTSIDE} if any(entry.kind == "outside" for entry in pod.entries) else {})


def _maker(model: ModelEntry) -> Maker:
    manufacturer = model.vendor.title() if model.vendor.islower() else model.vendor
    title = model.title.removeprefix(f"{model.vendor} ")
    return Maker(manufacturer, title, slug(f"{manufacturer}-{model.name}"), model.rack_units)


def device_type(maker: Maker, interfaces: Iterable[tuple[str, str, bool]]) -> str:
    """A YAML file as the library's. The catalogue doesn't say how deep a model is; NetBox assumes full depth."""
    listed = [
        {"name": name, "type": kind} | ({"mgmt_only": True} if management else {})
        for name, kind, management in interfaces
    ]
    document = {
        "manufacturer": maker.manufacturer,
        "model": maker.model,
        "slug": maker.slug,
        "u_height": maker.height,
        "is_full_depth": True,
    } | ({"interfaces": listed} if listed else {})
    return "---\n" + yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def interfaces(pod: PodConfig) -> Iterator[Interface]:
    """Every interface of every device, device by device."""
    controllers = {cable.a_device: cable for cable in pod.cables if cable.a_port == CONTROLLER}
    for host in pod.hosts:
        yield from _of_host(host, controllers.get(host.name))
    forms = {(each.device, each.cage): each.form for each in pod.breakouts}
    for switch in (*pod.switches, *pod.outsides):
        yield from _of_switch(switch, forms)


def _of_host(host: HostConfig, controller: Cable | None) -> Iterator[Interface]:
    """The catalogue doesn't say in which form a NIC is built, so its type is `other`; a management port is copper."""
    for each in host.interfaces:
        copper = each.role == "management"
        yield Interface(
            device=host.name,
            name=each.name,
            kind=COPPER_PORT if copper else OTHER,
            management=copper,
            gbps=each.gbps,
            mtu=each.mtu,
            description=each.description,
        )
    if controller:
        peer = f"{controller.b_device}:{controller.b_port}"
        yield Interface(host.name, CONTROLLER, COPPER_PORT, management=True, gbps=controller.gbps, description=peer)
    if host.loopbacks:
        yield Interface(host.name, "lo", VIRTUAL)


def _of_switch(switch: SwitchConfig, forms: Mapping[tuple[str, int], str]) -> Iterator[Interface]:
    """Ports of cages in use, then what is no port; the management port unless it is one of these."""
    mtus = {each.name: each.mtu for each in switch.interfaces}
    for port in switch.ports:
        yield Interface(
            device=switch.name,
            name=port.name,
            kind=PORT_TYPES.get((forms.get((switch.name, port.cage), ""), port.gbps), OTHER),
            gbps=port.gbps,
            mtu=mtus.get(port.name, 0),
            description=port.description if port.peer_device else "",
        )
    ports = {port.name for port in switch.ports}
    others = {each.name: each for each in switch.interfaces if each.name not in ports}
    for each in others.values():
        kind = {"bridge": BRIDGE, "loopback": VIRTUAL}.get(each.kind, OTHER)
        yield Interface(switch.name, each.name, kind, mtu=each.mtu, description=each.description)
    management = switch.management.interface if switch.management else ""
    if management and management not in others and management not in ports:
        yield Interface(switch.name, management, COPPER_PORT, management=True, gbps=1)


def templates(entries: Iterable[DeviceEntry], found: Iterable[Interface]) -> dict[str, list[tuple[str, str, bool]]]:
    """By model: the interfaces that every device of it has and that no configuration changes.

    Those are NIC ports, baseboard controllers and management ports. Front-panel ports are named by how cages are split,
    so they come with the devices.
    """
    model_of = {entry.name: entry for entry in entries}
    devices = Counter(entry.model for entry in model_of.values() if entry.kind != "outside")
    counts: dict[str, Counter[tuple[str, str, bool]]] = {model: Counter() for model in devices}
    for each in found:
        entry = model_of[each.device]
        fixed = each.kind != VIRTUAL if entry.kind == "server" else each.management
        if fixed and entry.kind != "outside":
            counts[entry.model][each.template] += 1
    return {
        model: [template for template, count in counted.items() if count == devices[model]]
        for model, counted in counts.items()
    }
