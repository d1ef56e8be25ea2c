"""Files for NetBox's bulk import: what the pod is, in the order in which NetBox can take it."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.projection.records import PodConfig
from podwright.targets.docs.netbox import forms, hardware, rows
from podwright.targets.docs.netbox.forms import Form, Row, written
from podwright.targets.docs.templates import fill


def netbox(pod: PodConfig) -> Iterator[tuple[str, str]]:
    """(name, text) of every file, README.md first."""
    makers = hardware.makers(pod)
    found = list(hardware.interfaces(pod))
    templates = hardware.templates(pod.entries, found)
    brought = {entry.name: frozenset(templates.get(entry.model, ())) for entry in pod.entries}
    held = list(rows.addresses(pod))
    tables: dict[Form, Iterator[Row]] = {
        forms.SITES: rows.site(pod),
        forms.MANUFACTURERS: rows.manufacturers(makers.values()),
        forms.DEVICE_ROLES: rows.roles(pod),
        forms.PLATFORMS: rows.platforms(pod),
        forms.RACKS: rows.racks(pod),
        forms.DEVICES: rows.devices(pod, makers),
        forms.INTERFACES: rows.interfaces(found, brought),
        forms.CABLES: rows.cables(pod),
        forms.VLANS: rows.vlans(pod),
        forms.PREFIXES: rows.prefixes(pod),
        forms.ADDRESSES: (row for row in held if "is_primary" not in row),
        forms.PRIMARY: (row for row in held if "is_primary" in row),
        forms.OUT_OF_BAND: rows.controllers(pod),
    }
    types = {f"device-types/{maker.slug}.yaml": (model, maker) for model, maker in makers.items()}
    yield "README.md", fill("netbox/readme.md.j2", pod=pod, forms=forms.FORMS, types=sorted(types))
    for name, (model, maker) in types.items():
        yield name, hardware.device_type(maker, templates.get(model, ()))
    for form, table in tables.items():
        yield form.file, written(form, table)


__all__ = ["netbox"]
