"""SONiC's config_db.json as a switch: ports, maps, PFC, buffers, ECN, the watchdog and tunnels.

Tables: https://github.com/sonic-net/sonic-buildimage/tree/master/src/sonic-yang-models/yang-models
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from podwright.catalog import Asic, Catalog
from podwright.catalog import Switch as Model
from podwright.lint.readers.problems import Problems
from podwright.lint.readers.routing import read_routing
from podwright.lint.readers.rows import Row, Tables
from podwright.lint.records import (
    Buffered,
    Curve,
    Map,
    Overlay,
    Pool,
    Port,
    Profile,
    Queue,
    Said,
    Switch,
    Watchdog,
    Wred,
)

MAP_TABLES = {
    "dscp_to_tc_map": "DSCP_TO_TC_MAP",
    "tc_to_pg_map": "TC_TO_PRIORITY_GROUP_MAP",
    "tc_to_queue_map": "TC_TO_QUEUE_MAP",
    "pfc_to_queue_map": "MAP_PFC_PRIORITY_TO_QUEUE",
    "pfc_to_pg_map": "PFC_PRIORITY_TO_PRIORITY_GROUP_MAP",
}
GLOBAL = "global"
NULL = "NULL"
LOSSLESS_POOL = "ingress_lossless_pool"
_METRES = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)m")
_MARKS_OF = {"green": ("ecn_green", "ecn_green_yellow", "ecn_green_red", "ecn_all"),
             "yellow": ("ecn_yellow", "ecn_green_yellow", "ecn_yellow_red", "ecn_all"),
             "red": ("ecn_red", "ecn_green_red", "ecn_yellow_red", "ecn_all")}  # fmt: skip
_VOQ = re.compile(
    r"j2|jericho|qumran|q[23][acd]|dnx|ramon|arista[-_]?7(280|500|800)(cr|dr|pr|qr|r)|ixr-?7250", re.IGNORECASE
)
"""Chips with virtual output queues (Broadcom DNX), and platforms that have them. 7280R4: `q3d-a7280R4-32QFx400G-32DFx400G.config.bcm`
in https://github.com/sonic-net/sonic-buildimage/tree/master/device/arista/x86_64-arista_7280r4_32qf_32df; 7280CR3:
https://github.com/sonic-net/SONiC/issues/633; 7800R3 and IXR7250E: `broadcom_jr2` and `broadcom_j2c+` in
https://github.com/sonic-net/sonic-mgmt/blob/master/ansible/group_vars/sonic/variables.
"""
_CHIPS = {
    "spectrum-1": r"sn2010|sn2100|sn2410|sn2700|sn2740",
    "spectrum-2": r"sn3420|sn3700|sn3800",
    "spectrum-3": r"sn4280|sn4410|sn4600|sn4700|sn4800",
    "spectrum-6": r"sn6600",
    "trident-3": r"7050cx3",
    "tomahawk-3": r"z9332f",
    "tomahawk-5": r"z9864f|as9817|ds5000",
}
"""Chips by the names of platforms whose switches the catalogue has not. NVIDIA's:
https://github.com/sonic-net/sonic-buildimage/blob/master/platform/mellanox/asic_table.j2; 7050CX3 and Z9332F:
https://github.com/sonic-net/sonic-mgmt/blob/master/ansible/group_vars/sonic/variables; DS5000 (`th5_b0-generic-64x800`):
https://github.com/sonic-net/sonic-buildimage/tree/master/device/celestica/x86_64-cls_ds5000-r0; AS9817:
https://www.ipinfusion.com/technology/tomahawk-5/; Z9864F:
https://github.com/netrisai/docs/blob/main/supported-switch-hardware.rst.
"""


def is_config_db(data: object) -> bool:
    """Whether this is a configuration database: an object of tables with names in capitals."""
    return isinstance(data, dict) and any(
        table in data for table in ("DEVICE_METADATA", "PORT", "PORT_QOS_MAP", "BUFFER_PG", "DSCP_TO_TC_MAP")
    )


def read_switch(file: str, name: str, data: Mapping[str, Any], catalog: Catalog, problems: Problems) -> Switch:
    """The switch that the database configures, called as its DEVICE_METADATA has it, else `name`."""
    tables = Tables(file, data, problems)
    maps = {field: _maps(tables, table, problems) for field, table in MAP_TABLES.items()}
    taken = _taken(tables, maps)
    identity = tables.row("DEVICE_METADATA", "localhost")
    platform, hwsku = identity.text("platform"), identity.text("hwsku")
    model = _model(catalog, platform, hwsku)
    spelt = f"{platform} {hwsku} {identity.text('asic_type')}"
    asic = catalog.asics.get(model.asic) if model else _asic_of(catalog, spelt)
    return Switch(
        name=identity.text("hostname") or name,
        spot=tables.spot,
        platform=platform,
        hwsku=hwsku,
        model=model,
        asic=asic,
        voq=identity.text("switch_type") == "voq" or bool(_VOQ.search(f"{spelt} {asic.title if asic else ''}")),
        dynamic_buffers=_is_dynamic(tables),
        tells_buffers=any(table in tables for table in ("DEVICE_METADATA", "BUFFER_PG", "CABLE_LENGTH")),
        lossless_mtu=_first_number(tables, "LOSSLESS_TRAFFIC_PATTERN", "mtu"),
        small_packets=_first_number(tables, "LOSSLESS_TRAFFIC_PATTERN", "small_packet_percentage"),
        over_subscribe_ratio=_first_number(tables, "DEFAULT_LOSSLESS_BUFFER_PARAMETER", "over_subscribe_ratio"),
        poll_ms=tables.row("PFC_WD", "GLOBAL").number("POLL_INTERVAL"),
        maps=tuple(
            Said((MAP_TABLES[field], made), made.spot) for field, named in maps.items() for made in named.values()
        ),
        taken=tuple(f"{MAP_TABLES[field]} `{each.name}`" for field, each in taken.items()),
        excerpt=_is_excerpt(tables),
        ports=_ports(tables, maps, taken),
        pools={name: _pool(name, row) for name, row in tables.rows("BUFFER_POOL")},
        profiles=_profiles(tables),
        overlays=tuple(_overlays(tables)),
        breakouts={
            port: Said(row.text("brkout_mode"), row.spot.at("brkout_mode"))
            for port, row in tables.rows("BREAKOUT_CFG")
            if row.text("brkout_mode")
        },
        routing=read_routing(tables),
    )


def _model(catalog: Catalog, platform: str, hwsku: str) -> Model | None:
    """The catalogue's switch of this platform, else of this SKU, else the one whose name the SKU holds."""
    known = [(model, model.nos["sonic"]) for model in catalog.switches.values() if "sonic" in model.nos]
    by_platform = (model for model, nos in known if platform and nos.platform == platform)
    by_sku = (model for model, nos in known if hwsku and nos.hwsku == hwsku)
    spelt = re.sub("[^a-z0-9]", "", f"{hwsku} {platform}".lower())
    by_name = (
        catalog.switches[name]
        for name in sorted(catalog.switches, key=len, reverse=True)
        if re.sub("[^a-z0-9]", "", name) in spelt
    )
    return next(by_platform, None) or next(by_sku, None) or next(by_name, None)


def _asic_of(catalog: Catalog, spelt: str) -> Asic | None:
    """The chip that an unknown platform spells in its name, as SPECTRUM-3, else the one that switches of its name have."""
    plain = re.sub("[^a-z0-9]", "", spelt.lower())
    names = sorted(catalog.asics, key=len, reverse=True)
    spelt_out = (name for name in names if name.replace("-", "") in plain)
    by_platform = (name for name, platforms in _CHIPS.items() if re.search(platforms, plain))
    return catalog.asics.get(next(spelt_out, None) or next(by_platform, ""))


def _first_number(tables: Tables, table: str, field: str) -> int | None:
    return next((row.number(field) for _, row in tables.rows(table)), None)


def _ports(tables: Tables, maps: Mapping[str, Mapping[str, Map]], taken: Mapping[str, Map]) -> dict[str, Port]:
    qos = {port: row for key, row in tables.rows("PORT_QOS_MAP") for port in key.split(",")}
    groups, egress = _buffered(tables, "BUFFER_PG", _computed(tables)), _buffered(tables, "BUFFER_QUEUE", {})
    queues, unnamed = _queues(tables), _unnamed(tables)
    cables = {port: (row, row.text(port)) for _, row in tables.rows("CABLE_LENGTH") for port in row.fields}
    watchdogs = {
        port: _watchdog(row) for key, row in tables.rows("PFC_WD") if key != "GLOBAL" for port in key.split(",")
    }
    peers = {port: (row.text("name"), row.text("port")) for port, row in tables.rows("DEVICE_NEIGHBOR")}
    described = dict(tables.rows("PORT"))
    named = [*described, *(port for port in (*qos, *groups, *queues) if port not in described and port != GLOBAL)]
    return {
        name: _port(
            name,
            described.get(name) or tables.row("PORT", name),
            _with_missing(_quality(qos, name, maps, taken, tables), unnamed.get(name, ())),
            cables.get(name),
            {
                "peer": peers.get(name),
                "groups": groups.get(name, {}),
                "egress": egress.get(name, {}),
                "queues": queues.get(name, {}),
                "watchdog": watchdogs.get(name),
            },
        )
        for name in dict.fromkeys(named)
        if not name.startswith("PortChannel")
    }


def _port(
    name: str, row: Row, quality: Mapping[str, Any], cable: tuple[Row, str] | None, rest: Mapping[str, Any]
) -> Port:
    length = _METRES.fullmatch(cable[1]) if cable else None
    return Port(
        name=name,
        spot=row.spot,
        alias=row.text("alias"),
        mbps=row.number("speed"),
        lanes=row.numbers("lanes"),
        mtu=row.number("mtu"),
        metres=float(length[1]) if length else None,
        metres_spot=cable[0].spot.at(name) if cable else None,
        up=row.text("admin_status") != "down",
        **quality,
        **rest,
    )


def _quality(
    qos: Mapping[str, Row],
    port: str,
    maps: Mapping[str, Mapping[str, Map]],
    taken: Mapping[str, Map],
    tables: Tables,
) -> dict[str, Any]:
    """The maps of a port and the priorities that it pauses; what it does not say itself, the row `global` says."""
    own, common = qos.get(port), qos.get(GLOBAL)
    fields = {
        "dscp_to_tc": "dscp_to_tc_map",
        "tc_to_group": "tc_to_pg_map",
        "tc_to_queue": "tc_to_queue_map",
        "priority_to_queue": "pfc_to_queue_map",
        "priority_to_group": "pfc_to_pg_map",
    }
    found: dict[str, Any] = {}
    missing = []
    for attribute, field in fields.items():
        row = _saying(field, own, common)
        name = row.reference(field) if row else ""
        if row and name and name not in maps[field] and _is_whole(tables, MAP_TABLES[field]):
            missing.append(Said(f"{MAP_TABLES[field]} `{name}`", row.spot.at(field)))
        found[attribute] = maps[field].get(name) if name else taken.get(field)
    found["by_tag"] = _saying("dot1p_to_tc_map", own, common) is not None
    row = _saying("pfc_enable", own, common)
    found["pfc"] = Said(row.numbers("pfc_enable"), row.spot.at("pfc_enable")) if row else None
    guarding = _saying("pfcwd_sw_enable", own, common)
    found["guarded"] = guarding.numbers("pfcwd_sw_enable") if guarding else ()
    found["missing"] = tuple(missing)
    return found


def _is_whole(tables: Tables, table: str) -> bool:
    """Whether a row that is not there is missing: the file has the table, or is no excerpt."""
    return table in tables or "DEVICE_METADATA" in tables


def _is_excerpt(tables: Tables) -> bool:
    """Whether the file is cut down to what matters, and may leave out which map a port has."""
    of_ports = (key for key, _ in tables.rows("PORT_QOS_MAP") if key != GLOBAL)
    return "DEVICE_METADATA" not in tables and not any(of_ports)


def _taken(tables: Tables, maps: Mapping[str, Mapping[str, Map]]) -> dict[str, Map]:
    """The only map of a kind, by the field that would name it: every port of an excerpt that names none is taken to have it."""
    common = tables.row("PORT_QOS_MAP", GLOBAL)
    return {
        field: made
        for field, named in maps.items()
        if _is_excerpt(tables) and len(named) == 1 and field not in common.fields
        for made in named.values()
    }


def _saying(field: str, *rows: Row | None) -> Row | None:
    return next((row for row in rows if row is not None and field in row.fields), None)


def _maps(tables: Tables, table: str, problems: Problems) -> dict[str, Map]:
    found = {}
    for name, row in tables.rows(table):
        values = {}
        for key in row.fields:
            if key.isdecimal():
                value = row.number(key)
                if value is not None:
                    values[int(key)] = value
            elif key != "NULL":
                problems.wrong(
                    row.spot.at(key), f"`{key[:40]}` of map `{name}` must be a whole number", "Write a number."
                )
        found[name] = Map(name, values, row.spot)
    return found


def _pool(name: str, row: Row) -> Pool:
    return Pool(name, row.text("type"), row.number("size"), row.number("xoff"), row.spot)


def _profiles(tables: Tables) -> dict[str, Profile]:
    return {
        name: Profile(
            name,
            row.reference("pool"),
            row.number("size"),
            row.number("xoff"),
            row.number("xon"),
            row.number("dynamic_th"),
            row.number("static_th"),
            row.spot,
        )
        for name, row in tables.rows("BUFFER_PROFILE")
    }


def _computed(tables: Tables) -> dict[str, Profile]:
    """What the dynamic buffer model puts in place of NULL: a profile of its own, with the default threshold."""
    for _, row in tables.rows("DEFAULT_LOSSLESS_BUFFER_PARAMETER"):
        threshold = row.number("default_dynamic_th")
        if _is_dynamic(tables) and threshold is not None:
            spot = row.spot.at("default_dynamic_th")
            return {NULL: Profile("NULL", LOSSLESS_POOL, None, None, None, threshold, None, spot)}
    return {}


def _is_dynamic(tables: Tables) -> bool:
    return tables.row("DEVICE_METADATA", "localhost").text("buffer_model") == "dynamic"


def _buffered(tables: Tables, table: str, computed: Mapping[str, Profile]) -> dict[str, dict[int, Buffered]]:
    profiles = {**_profiles(tables), **computed}
    found: dict[str, dict[int, Buffered]] = {}
    for port, number, row in tables.of_ports(table):
        named = row.reference("profile")
        found.setdefault(port, {})[number] = Buffered(number, named, profiles.get(named), row.spot)
    return found


def _queues(tables: Tables) -> dict[str, dict[int, Queue]]:
    wred = {name: _wred(name, row) for name, row in tables.rows("WRED_PROFILE")}
    strict = {name: row.text("type").upper() == "STRICT" for name, row in tables.rows("SCHEDULER")}
    found: dict[str, dict[int, Queue]] = {}
    for port, number, row in tables.of_ports("QUEUE"):
        queue = Queue(number, wred.get(row.reference("wred_profile")), strict.get(row.reference("scheduler")), row.spot)
        found.setdefault(port, {})[number] = queue
    return found


def _unnamed(tables: Tables) -> dict[str, list[Said[str]]]:
    """Profiles and schedulers that queues of a port name and that are not there."""
    known = {table: {name for name, _ in tables.rows(table)} for table in ("WRED_PROFILE", "SCHEDULER")}
    found: dict[str, list[Said[str]]] = defaultdict(list)
    for port, _, row in tables.of_ports("QUEUE"):
        for field, table in (("wred_profile", "WRED_PROFILE"), ("scheduler", "SCHEDULER")):
            name = row.reference(field)
            if name and name not in known[table] and _is_whole(tables, table):
                found[port].append(Said(f"{table} `{name}`", row.spot.at(field)))
    return found


def _with_missing(quality: dict[str, Any], further: Iterable[Said[str]]) -> dict[str, Any]:
    return {**quality, "missing": (*quality["missing"], *further)}


def _wred(name: str, row: Row) -> Wred:
    ecn = row.text("ecn") or "ecn_none"
    curves = {
        colour: Curve(
            row.number(f"{colour}_min_threshold"),
            row.number(f"{colour}_max_threshold"),
            row.number(f"{colour}_drop_probability"),
        )
        for colour in _MARKS_OF
        if row.text(f"wred_{colour}_enable").lower() == "true" or ecn in _MARKS_OF[colour]
    }
    return Wred(name, ecn in _MARKS_OF["green"], curves, row.spot)


def _watchdog(row: Row) -> Watchdog:
    return Watchdog(row.text("action"), row.number("detection_time"), row.number("restoration_time"), row.spot)


def _overlays(tables: Tables) -> Iterator[Overlay]:
    vlans, vrfs = dict(tables.rows("VLAN")), dict(tables.rows("VRF"))
    for _, row in tables.rows("VXLAN_TUNNEL_MAP"):
        name = row.text("vlan")
        yield Overlay(row.text("vni"), "VLAN", name, name in vlans, row.spot.at("vlan"))
    by_vlan = {row.text("vni") for _, row in tables.rows("VXLAN_TUNNEL_MAP")}
    for row in vrfs.values():
        vni = row.text("vni")
        if vni and vni != "0":
            yield Overlay(vni, "VLAN", "", vni in by_vlan, row.spot.at("vni"))
    for _, row in tables.rows("VXLAN_EVPN_NVO"):
        tunnel = row.text("source_vtep")
        yield Overlay("", "tunnel", tunnel, any(tunnel == key for key, _ in tables.rows("VXLAN_TUNNEL")), row.spot)
    for _, row in tables.rows("VLAN_INTERFACE"):
        vrf = row.text("vrf_name")
        if vrf and vrf != "default":
            yield Overlay("", "VRF", vrf, vrf in vrfs, row.spot.at("vrf_name"))
