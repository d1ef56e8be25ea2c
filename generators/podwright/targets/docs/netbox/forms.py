"""NetBox's import forms: which file goes into which, and the columns that each has.

Columns are names of fields of NetBox's own bulk import forms, those that a pod can fill and that releases from 4.1 on
have. Sources: https://github.com/netbox-community/netbox/blob/main/netbox/dcim/forms/bulk_import.py and
https://github.com/netbox-community/netbox/blob/main/netbox/ipam/forms/bulk_import.py (classes *ImportForm).

A cell of `is_primary` or `is_oob` that is false takes the address away from its device again
(IPAddressImportForm.save), so such addresses have files of their own in which all cells are true.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

import msgspec

Row = Mapping[str, str]


class Form(msgspec.Struct, frozen=True):
    """One import: the file for it, where NetBox's menu has it, what it makes, and its columns."""

    file: str
    menu: str
    what: str
    columns: tuple[str, ...]


SITES = Form("sites.csv", "Organization > Sites", "the pod as a site", ("name", "slug", "status"))
MANUFACTURERS = Form("manufacturers.csv", "Devices > Manufacturers", "makers of the models", ("name", "slug"))
DEVICE_TYPES = Form("device-types/", "Devices > Device Types", "models, a YAML file each", ())
DEVICE_ROLES = Form(
    "device-roles.csv", "Devices > Device Roles", "what devices are for", ("name", "slug", "color", "vm_role")
)
PLATFORMS = Form("platforms.csv", "Devices > Platforms", "operating systems", ("name", "slug"))
RACKS = Form("racks.csv", "Racks > Racks", "racks", ("site", "name", "status", "width", "u_height"))
DEVICES = Form(
    "devices.csv",
    "Devices > Devices",
    "every device with its place",
    (
        *("name", "role", "manufacturer", "device_type", "platform", "serial", "status"),
        *("site", "rack", "position", "face"),
    ),
)
INTERFACES = Form(
    "interfaces.csv",
    "Devices > Interfaces",
    "interfaces that the device types don't bring",
    ("device", "name", "type", "speed", "mtu", "mgmt_only", "description"),
)
CABLES = Form(
    "cables.csv",
    "Connections > Cables",
    "every cable",
    (
        *("side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name"),
        *("type", "status", "label", "length", "length_unit"),
    ),
)
VLANS = Form("vlans.csv", "IPAM > VLANs", "VLANs of the management network", ("site", "vid", "name", "status"))
PREFIXES = Form(
    "prefixes.csv",
    "IPAM > Prefixes",
    "pools and what is cut from them",
    ("prefix", "status", "vlan_site", "vlan", "description"),
)
ADDRESSES = Form(
    "ip-addresses.csv", "IPAM > IP Addresses", "addresses", ("address", "status", "role", "device", "interface")
)
PRIMARY = Form(
    "primary-ip-addresses.csv",
    "IPAM > IP Addresses",
    "addresses that devices are reached at",
    ("address", "status", "role", "device", "interface", "is_primary", "dns_name"),
)
OUT_OF_BAND = Form(
    "oob-ip-addresses.csv",
    "IPAM > IP Addresses",
    "addresses of baseboard controllers",
    ("address", "status", "device", "interface", "is_oob"),
)

FORMS = (
    *(SITES, MANUFACTURERS, DEVICE_TYPES, DEVICE_ROLES, PLATFORMS, RACKS, DEVICES, INTERFACES),
    *(CABLES, VLANS, PREFIXES, ADDRESSES, PRIMARY, OUT_OF_BAND),
)
"""In the order of the imports: what a file refers to is made by one before it."""


def written(form: Form, rows: Iterable[Row]) -> str:
    """The file of a form, with one header line and `\\n` line ends. Cells are what NetBox stores, and nothing else."""
    text = io.StringIO()
    writer = csv.DictWriter(text, form.columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
