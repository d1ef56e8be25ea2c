"""What `ip -j` prints of a host: its addresses with MTUs, and its policy routing rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Nic, Rule, Spot

_FIX = "Collect the file again with `ip -j addr` or `ip -j rule`."


def is_addresses(data: object) -> bool:
    return isinstance(data, list) and any(isinstance(each, dict) and "ifname" in each for each in data)


def read_addresses(file: str, data: list[Any], problems: Problems) -> Iterator[Nic]:
    """`ip -j addr`: every device but the loopback, with global addresses."""
    for number, each in enumerate(data):
        spot = Spot(file, (str(number),))
        if not isinstance(each, dict) or not isinstance(each.get("ifname"), str):
            if each != {}:  # which iproute2 prints for devices that it filters out
                problems.wrong(spot, "an item must be an object with `ifname`", _FIX)
            continue
        mtu, listed = each.get("mtu"), each.get("addr_info", [])
        if not isinstance(mtu, int | None) or not isinstance(listed, list):
            problems.wrong(spot, "`mtu` must be a number and `addr_info` a list", _FIX)
            continue
        if each.get("link_type") != "loopback" and each["ifname"] != "lo":
            yield Nic(netdev=each["ifname"], spot=spot, mtu=mtu, pci=_pci(each), addresses=tuple(_addresses(listed)))


def _pci(each: dict[str, Any]) -> str:
    return str(each.get("parentdev", "")) if each.get("parentbus") == "pci" else ""


def _addresses(listed: list[Any]) -> Iterator[str]:
    for address in listed:
        if isinstance(address, dict) and address.get("scope") in ("global", None) and "local" in address:
            yield f"{address['local']}/{address.get('prefixlen', 32)}"


def is_rules(data: object) -> bool:
    return isinstance(data, list) and any(isinstance(each, dict) and "priority" in each for each in data)


def read_rules(file: str, data: list[Any]) -> tuple[Rule, ...]:
    """`ip -j rule`: those with a source."""
    return tuple(
        Rule(str(each["src"]), str(each.get("table", "")), Spot(file, (str(number),)))
        for number, each in enumerate(data)
        if isinstance(each, dict) and each.get("src") not in (None, "all")
    )
