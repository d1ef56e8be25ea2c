"""Writes what lint reads: small folders, each of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Tables = dict[str, dict[str, Any]]

ALL_DSCPS = range(64)


def dscp_map(known: Mapping[int, int], rest: int) -> dict[str, str]:
    """Every DSCP: those `known`, and the `rest` in one class."""
    return {str(dscp): str(known.get(dscp, rest)) for dscp in ALL_DSCPS}


STOCK = dscp_map({3: 3, 4: 4, 5: 2, 8: 0, 46: 5, 48: 6}, rest=1)
"""SONiC's own map: files/build_templates/qos_config.j2 of sonic-buildimage."""


def switch(folder: Path, tables: Tables, name: str = "leaf-1") -> None:
    write(folder, f"{name}/config_db.json", json.dumps(tables, indent=4))


def write(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def port(mbps: int = 400_000, lanes: Iterable[int] = (), **fields: str) -> dict[str, str]:
    row = {"speed": str(mbps), **fields}
    return {**row, "lanes": ",".join(map(str, lanes))} if lanes else row


def mlnx_qos(priorities: Mapping[int, int], pfc: Iterable[int], trust: str = "dscp") -> str:
    """The output of `mlnx_qos -i DEV`: DSCP to priority where given, else by the upper three bits."""
    paused = set(pfc)
    rows = [
        f"\tprio:{priority} dscp:"
        + ",".join(f"{d:02d}" for d in ALL_DSCPS if priorities.get(d, d >> 3) == priority)
        + ","
        for priority in range(8)
    ]
    return "\n".join(
        [
            "DCBX mode: OS controlled",
            f"Priority trust state: {trust}",
            "dscp2prio mapping:",
            *rows,
            "PFC configuration:",
            "\tpriority    0   1   2   3   4   5   6   7",
            "\tenabled     " + "   ".join("1" if priority in paused else "0" for priority in range(8)) + "   ",
            "",
        ]
    )


def gids(rows: Iterable[tuple[str, int, str, str, int]]) -> str:
    """The output of `show_gids`: (device, index, GID, IPv4 or nothing, version)."""
    lines = ["DEV\tPORT\tINDEX\tGID\t\t\t\t\tIPv4  \t\tVER\tDEV", "---\t----\t-----\t---"]
    lines += [
        f"{device}\t1\t{index}\t{gid}\t{ip or chr(9)}\tv{version}\teth0" for device, index, gid, ip, version in rows
    ]
    return "\n".join(lines) + "\n"


def mapped(ip: str) -> str:
    """The GID of an IPv4 address, as the kernel writes it."""
    a, b, c, d = map(int, ip.split("."))
    return f"0000:0000:0000:0000:0000:ffff:{a:02x}{b:02x}:{c:02x}{d:02x}"


def addresses(nics: Mapping[str, str], mtu: int = 9000) -> str:
    """The output of `ip -j addr`: device to address with its length."""
    return json.dumps(
        [
            {
                "ifname": name,
                "mtu": mtu,
                "link_type": "ether",
                "addr_info": [
                    {
                        "family": "inet",
                        "local": each.partition("/")[0],
                        "prefixlen": int(each.partition("/")[2]),
                        "scope": "global",
                    }
                ],
            }
            for name, each in nics.items()
        ]
    )


def pci(nics: Mapping[str, str]) -> str:
    """Links of sysfs: device to PCI address."""
    return "".join(f"/sys/class/net/{name}/device:/sys/devices/pci0000:00/{each}\n" for name, each in nics.items())
