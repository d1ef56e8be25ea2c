"""Files for NetBox: columns are those of its forms, what a file refers to is made before, and names are unique.

What NetBox demands is written down here apart from the product, from its own source (release 4.x):
https://github.com/netbox-community/netbox/blob/main/netbox/dcim/forms/bulk_import.py, .../ipam/forms/bulk_import.py and
.../dcim/choices.py; the schema of device types is that of
https://github.com/netbox-community/devicetype-library/blob/master/schema/devicetype.json.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_interface, ip_network
from typing import Any

import jsonschema
import pytest
import yaml

from conformance import reference
from podwright.projection.records import PodConfig
from podwright.targets.docs.netbox import netbox
from podwright.targets.docs.netbox.forms import FORMS

every_blueprint = pytest.mark.parametrize("name", reference.NAMES)

Rows = list[dict[str, str]]

HEADERS = {
    "sites.csv": "name,slug,status",
    "manufacturers.csv": "name,slug",
    "device-roles.csv": "name,slug,color,vm_role",
    "platforms.csv": "name,slug",
    "racks.csv": "site,name,status,width,u_height",
    "devices.csv": "name,role,manufacturer,device_type,platform,serial,status,site,rack,position,face",
    "interfaces.csv": "device,name,type,speed,mtu,mgmt_only,description",
    "cables.csv": "side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,"
    "type,status,label,length,length_unit",
    "vlans.csv": "site,vid,name,status",
    "prefixes.csv": "prefix,status,vlan_site,vlan,description",
    "ip-addresses.csv": "address,status,role,device,interface",
    "primary-ip-addresses.csv": "address,status,role,device,interface,is_primary,dns_name",
    "oob-ip-addresses.csv": "address,status,device,interface,is_oob",
}
REQUIRED = {
    "sites.csv": {"name", "slug", "status"},
    "manufacturers.csv": {"name", "slug"},
    "device-roles.csv": {"name", "slug"},
    "platforms.csv": {"name", "slug"},
    "racks.csv": {"site", "name", "status", "width", "u_height"},
    "devices.csv": {"role", "manufacturer", "device_type", "status", "site"},
    "interfaces.csv": {"device", "name", "type"},
    "cables.csv": {f"side_{side}_{what}" for side in "ab" for what in ("device", "type", "name")},
    "vlans.csv": {"vid", "name", "status"},
    "prefixes.csv": {"prefix", "status"},
    "ip-addresses.csv": {"address", "status"},
    "primary-ip-addresses.csv": {"address", "status"},
    "oob-ip-addresses.csv": {"address", "status"},
}
CHOICES = {
    ("sites.csv", "status"): {"planned", "staging", "active", "decommissioning", "retired"},
    ("racks.csv", "status"): {"reserved", "available", "planned", "active", "deprecated"},
    ("racks.csv", "width"): {"10", "19", "21", "23"},
    ("devices.csv", "status"): {"offline", "active", "planned", "staged", "failed", "inventory", "decommissioning"},
    ("devices.csv", "face"): {"", "front", "rear"},
    ("interfaces.csv", "mgmt_only"): {"true", "false"},
    ("cables.csv", "status"): {"connected", "planned", "decommissioning"},
    ("cables.csv", "type"): {"cat6a", "dac-passive", "mmf-om4", "smf-os2"},
    ("cables.csv", "length_unit"): {"m"},
    ("cables.csv", "side_a_type"): {"dcim.interface"},
    ("cables.csv", "side_b_type"): {"dcim.interface"},
    ("vlans.csv", "status"): {"active", "reserved", "deprecated"},
    ("prefixes.csv", "status"): {"container", "active", "reserved", "deprecated"},
    ("ip-addresses.csv", "role"): {"", "loopback"},
    ("primary-ip-addresses.csv", "is_primary"): {"true"},
    ("oob-ip-addresses.csv", "is_oob"): {"true"},
}
INTERFACE_TYPES = {
    "virtual", "bridge", "lag", "other", "1000base-t", "10gbase-t", "1000base-x-sfp", "10gbase-x-sfpp", "25gbase-x-sfp28",
    "40gbase-x-qsfpp", "50gbase-x-sfp28", "100gbase-x-qsfp28", "100gbase-x-qsfpdd", "200gbase-x-qsfp56",
    "200gbase-x-qsfpdd", "400gbase-x-qsfpdd", "400gbase-x-osfp", "800gbase-x-osfp",
}  # fmt: skip
NOT_FOR_CABLES = {"virtual", "bridge", "lag"}
REFERENCES = [
    ("racks.csv", ("site",), "sites.csv", ("name",)),
    ("devices.csv", ("site",), "sites.csv", ("name",)),
    ("devices.csv", ("role",), "device-roles.csv", ("name",)),
    ("devices.csv", ("manufacturer",), "manufacturers.csv", ("name",)),
    ("devices.csv", ("manufacturer", "device_type"), "device types", ("manufacturer", "model")),
    ("devices.csv", ("platform",), "platforms.csv", ("name",)),
    ("devices.csv", ("site", "rack"), "racks.csv", ("site", "name")),
    ("device types", ("manufacturer",), "manufacturers.csv", ("name",)),
    ("interfaces.csv", ("device",), "devices.csv", ("name",)),
    ("cables.csv", ("side_a_device", "side_a_name"), "all interfaces", ("device", "name")),
    ("cables.csv", ("side_b_device", "side_b_name"), "all interfaces", ("device", "name")),
    ("vlans.csv", ("site",), "sites.csv", ("name",)),
    ("prefixes.csv", ("vlan_site", "vlan"), "vlans.csv", ("site", "vid")),
    ("ip-addresses.csv", ("device", "interface"), "all interfaces", ("device", "name")),
    ("primary-ip-addresses.csv", ("device", "interface"), "all interfaces", ("device", "name")),
    ("oob-ip-addresses.csv", ("device", "interface"), "all interfaces", ("device", "name")),
]
UNIQUE = [
    ("sites.csv", ("name",)), ("sites.csv", ("slug",)), ("manufacturers.csv", ("name",)), ("manufacturers.csv", ("slug",)),
    ("device-roles.csv", ("name",)), ("device-roles.csv", ("slug",)), ("platforms.csv", ("name",)),
    ("platforms.csv", ("slug",)), ("racks.csv", ("site", "name")), ("devices.csv", ("site", "name")),
    ("device types", ("manufacturer", "model")), ("device types", ("manufacturer", "slug")),
    ("all interfaces", ("device", "name")), ("vlans.csv", ("site", "vid")), ("vlans.csv", ("site", "name")),
    ("prefixes.csv", ("prefix",)), ("all addresses", ("address",)), ("primary-ip-addresses.csv", ("device",)),
    ("oob-ip-addresses.csv", ("device",)), ("cables.csv", ("side_a_device", "side_a_name")),
    ("cables.csv", ("side_b_device", "side_b_name")),
]  # fmt: skip
LONGEST = {
    ("devices.csv", "name"): 64,
    ("devices.csv", "serial"): 50,
    ("all interfaces", "name"): 64,
    ("interfaces.csv", "description"): 200,
    ("cables.csv", "label"): 100,
    ("prefixes.csv", "description"): 200,
    ("vlans.csv", "name"): 64,
    ("primary-ip-addresses.csv", "dns_name"): 255,
}
DEVICE_TYPE: dict[str, Any] = {
    "type": "object",
    "required": ["manufacturer", "model", "slug", "u_height", "is_full_depth"],
    "additionalProperties": False,
    "properties": {
        "manufacturer": {"type": "string", "maxLength": 100},
        "model": {"type": "string", "maxLength": 100},
        "slug": {"type": "string", "maxLength": 100, "pattern": "^[-a-z0-9_]+$"},
        "u_height": {"type": "number", "minimum": 0, "multipleOf": 0.5},
        "is_full_depth": {"type": "boolean"},
        "interfaces": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "type"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "maxLength": 64},
                    "type": {"enum": sorted(INTERFACE_TYPES)},
                    "mgmt_only": {"type": "boolean"},
                },
            },
        },
    },
}


def files(pod: PodConfig) -> dict[str, str]:
    return dict(netbox(pod))


def device_types(pod: PodConfig) -> list[dict[str, Any]]:
    return [yaml.safe_load(text) for name, text in netbox(pod) if name.endswith(".yaml")]


def tables(pod: PodConfig) -> dict[str, Rows]:
    """What NetBox would hold after all imports: every file, and what several of them make together."""
    made = {name: list(csv.DictReader(io.StringIO(text))) for name, text in files(pod).items() if name.endswith(".csv")}
    made["device types"] = device_types(pod)
    made["all interfaces"] = [*made["interfaces.csv"], *_brought(made)]
    made["all addresses"] = [row for name, rows in made.items() if name.endswith("addresses.csv") for row in rows]
    return made


def _brought(made: dict[str, Rows]) -> Iterator[dict[str, str]]:
    """The interfaces that NetBox makes with a device, from its type."""
    types: dict[tuple[str, str], Any] = {(each["manufacturer"], each["model"]): each for each in made["device types"]}
    for device in made["devices.csv"]:
        for each in types[device["manufacturer"], device["device_type"]].get("interfaces", []):
            yield {"device": device["name"], "name": each["name"], "type": each["type"]}


@pytest.fixture(scope="module")
def held() -> dict[str, dict[str, Rows]]:
    return {name: tables(reference.pod(name)) for name in reference.NAMES}


@every_blueprint
def test_columns_are_those_of_the_forms(name: str) -> None:
    written = {path: text.splitlines()[0] for path, text in files(reference.pod(name)).items() if path.endswith(".csv")}
    assert written == HEADERS


@every_blueprint
def test_every_required_cell_is_filled(name: str, held: dict[str, dict[str, Rows]]) -> None:
    assert set(REQUIRED) == set(HEADERS)
    for file, columns in REQUIRED.items():
        assert columns <= set(HEADERS[file].split(","))
        for row in held[name][file]:
            assert all(row[column] for column in columns), (file, row)


@every_blueprint
@pytest.mark.parametrize(("file", "column"), CHOICES)
def test_choices_are_netboxes(name: str, file: str, column: str, held: dict[str, dict[str, Rows]]) -> None:
    assert {row[column] for row in held[name][file]} <= CHOICES[file, column]


@every_blueprint
@pytest.mark.parametrize(("file", "columns", "target", "keys"), REFERENCES)
def test_a_reference_leads_to_an_earlier_file(
    name: str, file: str, columns: tuple[str, ...], target: str, keys: tuple[str, ...], held: dict[str, dict[str, Rows]]
) -> None:
    known = {tuple(row[key] for key in keys) for row in held[name][target]}
    wanted = {tuple(row[column] for column in columns) for row in held[name][file]}
    assert {each for each in wanted if each[-1]} <= known
    order = [form.file for form in FORMS]
    stands_for = {"device types": "device-types/", "all interfaces": "interfaces.csv"}
    assert order.index(stands_for.get(target, target)) < order.index(stands_for.get(file, file))


@every_blueprint
@pytest.mark.parametrize(("file", "columns"), UNIQUE)
def test_what_netbox_keeps_unique_is(
    name: str, file: str, columns: tuple[str, ...], held: dict[str, dict[str, Rows]]
) -> None:
    counts = Counter(tuple(row[column] for column in columns) for row in held[name][file])
    assert [each for each, count in counts.items() if count > 1] == []


@every_blueprint
@pytest.mark.parametrize(("file", "column"), LONGEST)
def test_no_text_is_longer_than_its_field(name: str, file: str, column: str, held: dict[str, dict[str, Rows]]) -> None:
    assert all(len(row[column]) <= LONGEST[file, column] for row in held[name][file])


@every_blueprint
def test_device_types_have_the_form_of_the_library(name: str) -> None:
    pod = reference.pod(name)
    validator = jsonschema.Draft202012Validator(DEVICE_TYPE)
    for document in device_types(pod):
        assert [error.message for error in validator.iter_errors(document)] == []
    assert len(device_types(pod)) == len({entry.model for entry in pod.entries})


@every_blueprint
def test_cables_join_two_ports_that_are_no_more_in_use(name: str, held: dict[str, dict[str, Rows]]) -> None:
    pod, made = reference.pod(name), held[name]
    types = {(row["device"], row["name"]): row["type"] for row in made["all interfaces"]}
    ends = [(row[f"side_{side}_device"], row[f"side_{side}_name"]) for row in made["cables.csv"] for side in "ab"]
    assert len(ends) == len(set(ends)) == 2 * len(pod.cables)
    assert not {types[end] for end in ends} & NOT_FOR_CABLES
    assert set(types.values()) <= INTERFACE_TYPES


@every_blueprint
def test_addresses_are_hosts_and_every_device_is_reached(name: str, held: dict[str, dict[str, Rows]]) -> None:
    pod, made = reference.pod(name), held[name]
    for row in made["all addresses"]:
        address = ip_interface(row["address"])
        if address.network.prefixlen < address.max_prefixlen - 1:
            assert address.ip not in (address.network.network_address, address.network.broadcast_address), row
    primary = {row["device"]: str(ip_interface(row["address"]).ip) for row in made["primary-ip-addresses.csv"]}
    assert primary == {entry.name: entry.address for entry in pod.entries if entry.address}
    controllers = {row["device"]: str(ip_interface(row["address"]).ip) for row in made["oob-ip-addresses.csv"]}
    assert controllers == {entry.name: entry.bmc for entry in pod.entries if entry.bmc}
    assert {row["address"] for row in made["all addresses"]} >= {
        each for entry in pod.entries for each in entry.loopbacks
    }


@every_blueprint
def test_prefixes_have_no_host_bits_and_every_vlan_has_its_own(name: str, held: dict[str, dict[str, Rows]]) -> None:
    made = held[name]
    assert all(str(ip_network(row["prefix"])) == row["prefix"] for row in made["prefixes.csv"])
    assert {row["vlan"] for row in made["prefixes.csv"]} - {""} == {row["vid"] for row in made["vlans.csv"]}
    assert all(1 <= int(row["vid"]) <= 4094 for row in made["vlans.csv"])


@every_blueprint
def test_devices_stand_where_the_design_put_them(name: str, held: dict[str, dict[str, Rows]]) -> None:
    places = {each.device: (each.rack, str(each.position), "front") for each in reference.pod(name).placements}
    heights: dict[str, Any] = {each["model"]: each["u_height"] for each in held[name]["device types"]}
    for row in held[name]["devices.csv"]:
        assert (row["rack"], row["position"], row["face"]) == places.get(row["name"], ("", "", ""))
        assert bool(heights[row["device_type"]]) == bool(row["rack"])


def test_a_switch_and_its_ports_read_like_this(held: dict[str, dict[str, Rows]]) -> None:
    made = held["hgx-h100-32"]
    (device,) = (row for row in made["devices.csv"] if row["name"] == "backend-leaf-u001-r0")
    assert device == {
        "name": "backend-leaf-u001-r0", "role": "leaf switch", "manufacturer": "NVIDIA", "device_type": "SN5600",
        "platform": "sonic", "serial": "", "status": "planned", "site": "atlas", "rack": "u001-net-01", "position": "1",
        "face": "front",
    }  # fmt: skip
    ports = {row["name"]: row for row in made["interfaces.csv"] if row["device"] == "backend-leaf-u001-r0"}
    assert ports["Ethernet0"] == {
        "device": "backend-leaf-u001-r0", "name": "Ethernet0", "type": "400gbase-x-osfp", "speed": "400000000",
        "mtu": "9000", "mgmt_only": "false", "description": "gpu-u001-s01:rail0",
    }  # fmt: skip
    assert ports["Loopback0"]["type"] == "virtual"
    assert "eth0" not in ports


def test_the_page_names_every_file_in_order() -> None:
    rendered = files(reference.pod("rag-16"))
    links = re.findall(r"\]\(([^)]+)\)", rendered["README.md"])
    assert set(links) == set(rendered) - {"README.md"}
    assert [link for link in links if link.endswith(".csv")] == [form.file for form in FORMS if form.columns]
