"""What a switch runs with, where that is not what its configuration says: buffers of APPL_DB, as `sonic-db-dump` prints it.

Since 2021 SONiC's buffer manager writes the profiles that it computes, or looks up, to APPL_DB alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from podwright.lint.readers.problems import Problems
from podwright.lint.readers.rows import Row
from podwright.lint.records import Buffered, Pool, Profile, Spot, Switch

_GROUP = re.compile(r"BUFFER_PG_TABLE:(?P<port>[\w.-]+):(?P<first>\d)(?:-(?P<last>\d))?$")
_PROFILE = re.compile(r"BUFFER_PROFILE_TABLE:(?P<name>\S+)$")
_POOL = re.compile(r"BUFFER_POOL_TABLE:(?P<name>\S+)$")
VALUE = "value"


def is_appl_db(data: object) -> bool:
    return isinstance(data, dict) and any(_GROUP.match(key) or _PROFILE.match(key) for key in data)


def with_running_buffers(switch: Switch, file: str, data: Mapping[str, Any], problems: Problems) -> Switch:
    """The switch with the priority groups, profiles and pools that it runs with in place of those configured."""
    rows = dict(_rows(file, data, problems))
    profiles = {**switch.profiles, **dict(_profiles(rows))}
    pools = {**switch.pools, **dict(_pools(rows))}
    ports = dict(switch.ports)
    for key, row in rows.items():
        found = _GROUP.match(key)
        if found and found["port"] in ports:
            port = ports[found["port"]]
            named = _referred(row, "profile")
            numbers = range(int(found["first"]), int(found["last"] or found["first"]) + 1)
            groups = {number: Buffered(number, named, profiles.get(named), row.spot) for number in numbers}
            ports[port.name] = replace(port, groups={**port.groups, **groups})
    return replace(switch, ports=ports, profiles=profiles, pools=pools, tells_buffers=True, running=True)


def _rows(file: str, data: Mapping[str, Any], problems: Problems) -> Iterator[tuple[str, Row]]:
    """Rows by their keys; the values of a dump lie one level lower."""
    for key, fields in data.items():
        if isinstance(fields, dict):
            inner = fields.get(VALUE)
            if isinstance(inner, dict):
                yield key, Row(Spot(file, (key, VALUE)), inner, problems)
            else:
                yield key, Row(Spot(file, (key,)), fields, problems)


def _referred(row: Row, field: str) -> str:
    """The row that a field names; older releases wrote it as `[BUFFER_PROFILE_TABLE:row]`."""
    return row.reference(field).rpartition(":")[2]


def _profiles(rows: Mapping[str, Row]) -> Iterator[tuple[str, Profile]]:
    for key, row in rows.items():
        if found := _PROFILE.match(key):
            yield (
                found["name"],
                Profile(
                    found["name"],
                    _referred(row, "pool"),
                    row.number("size"),
                    row.number("xoff"),
                    row.number("xon"),
                    row.number("dynamic_th"),
                    row.number("static_th"),
                    row.spot,
                ),
            )


def _pools(rows: Mapping[str, Row]) -> Iterator[tuple[str, Pool]]:
    for key, row in rows.items():
        if found := _POOL.match(key):
            name = found["name"]
            yield name, Pool(name, row.text("type"), row.number("size"), row.number("xoff"), row.spot)
