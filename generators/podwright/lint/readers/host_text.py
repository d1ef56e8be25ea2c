"""What programs print about a host, line by line: mlnx_qos, dcb, show_gids, ibv_devinfo, ethtool, sysctl, variables.

Every reader takes a file's name and text, and gives records with the lines that they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Gid, NicQos, Said, Spot

_TRUST = re.compile(r"Priority trust (?:state|mode):\s*(\w+)")
_PRIO = re.compile(r"prio:(\d)\s+dscp:([\d,]+)")
_ENABLED = re.compile(r"enabled\s+((?:[01]\s+){7}[01])")
_DCB_PFC = re.compile(r"prio-pfc\s+((?:\d:(?:on|off)\s*)+)")
_DCB_APP = re.compile(r"dscp-prio\s+(.*)")
_CLASSES = {"CS1": 8, "CS2": 16, "CS3": 24, "CS4": 32, "CS5": 40, "CS6": 48, "CS7": 56, "EF": 46, "CS0": 0} | {
    f"AF{group}{drop}": 8 * group + 2 * drop for group in range(1, 5) for drop in range(1, 4)
}
_GID_ROW = re.compile(
    r"^(?P<device>[\w.-]+)\s+(?P<port>\d+)\s+(?P<index>\d+)\s+(?P<gid>[0-9a-fA-F:]{15,39})\s+"
    r"(?:(?P<ip>\d+\.\d+\.\d+\.\d+)\s+)?v(?P<version>[12])\b\s*(?P<netdev>\S*)"
)
_HCA = re.compile(r"hca_id:\s*(\S+)")
_RDMA_PORT = re.compile(r"\s*port:\s*(\d+)\s*$")
_ACTIVE_MTU = re.compile(r"active_mtu:\s*(\d+)")
_DEVINFO_GID = re.compile(r"GID\[\s*(\d+)\]:\s*(\S+?)(?:,\s*RoCE v([12]))?\s*$")
_VARIABLE = re.compile(r"^\s*(?:export\s+|[-*]\s+)?([A-Z][A-Z0-9_]+)\s*[=:]\s*(.*?)\s*$")
_NUMBERS = frozenset(
    f"{library}_{name}"
    for library in ("NCCL", "RCCL")
    for name in ("IB_TC", "IB_FIFO_TC", "GIN_IB_TC", "IB_GID_INDEX", "IB_DISABLE", "IB_SL", "IB_ROCE_VERSION_NUM")
)
_NUMBER = re.compile(r"\s*(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|(?P<octal>0[0-7]*)|(?P<decimal>\d+))")
_NCCL_CONF = "nccl.conf"
_SYSCTL = re.compile(r"^\s*([a-z][\w./-]*)\s*=\s*(.*?)\s*$")
_BUS = re.compile(r"^bus-info:\s*([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])", re.MULTILINE)
_IBDEV = re.compile(r"^(?:\S+\s+)?(\S+) port (\d+) (?:\([^)]*\)\s*)?==> (\S+)")

TRUSTS = ("dscp", "pcp")
"""As mlnx_qos spells them."""


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1."""
    yield from enumerate(text.splitlines(), start=1)


def is_mlnx_qos(text: str) -> bool:
    return bool(_TRUST.search(text) or _ENABLED.search(text) or _PRIO.search(text))


def read_mlnx_qos(file: str, netdev: str, text: str, problems: Problems) -> NicQos:
    """`mlnx_qos -i DEVICE`: https://docs.nvidia.com/networking/display/mlnxenv23106161lts/quality-of-service-(qos)"""
    trust, pfc = None, None
    priorities: dict[int, int] = {}
    for number, line in lines(text):
        spot = Spot(file, line=number)
        if found := _TRUST.search(line):
            trust = Said(found[1].lower(), spot)
        elif found := _PRIO.search(line):
            priorities |= {int(each): int(found[1]) for each in found[2].split(",") if each}
        elif found := _ENABLED.search(line):
            pfc = Said(tuple(place for place, bit in enumerate(found[1].split()) if bit == "1"), spot)
    if trust and trust.value not in TRUSTS:
        problems.wrong(trust.spot, f"a NIC trusts `dscp` or `pcp`, not `{trust.value[:20]}`", "Collect the file again.")
    if pfc is None:
        problems.wrong(Spot(file), "it has no `PFC configuration` with eight priorities", "Collect the whole output.")
    return NicQos(netdev=netdev, spot=Spot(file), trust=trust, priorities=priorities, pfc=pfc)


def is_dcb(text: str) -> bool:
    return bool(_DCB_PFC.search(text) or _DCB_APP.search(text))


def read_dcb(file: str, netdev: str, text: str) -> NicQos:
    """`dcb pfc show dev DEVICE` and `dcb app show dev DEVICE`, of iproute2. A DSCP in its APP table is trusted."""
    trust, pfc = None, None
    priorities: dict[int, int] = {}
    for number, line in lines(text):
        spot = Spot(file, line=number)
        if found := _DCB_PFC.search(line):
            states = (each.split(":") for each in found[1].split())
            pfc = Said(tuple(int(priority) for priority, state in states if state == "on"), spot)
        if found := _DCB_APP.search(line):
            for each in found[1].split():
                mark, _, priority = each.partition(":")
                dscp = _CLASSES.get(mark.upper(), int(mark) if mark.isdecimal() else None)
                if dscp is not None and priority.isdecimal():
                    priorities[dscp] = int(priority)
            trust = Said("dscp", spot)
    return NicQos(netdev=netdev, spot=Spot(file), trust=trust, priorities=priorities, pfc=pfc)


def is_gids(text: str) -> bool:
    return any(_GID_ROW.match(line) for _, line in lines(text))


def read_gids(file: str, text: str) -> Iterator[Gid]:
    """`show_gids`: device, port, index, GID, IPv4 address where it has one, version, network device."""
    for number, line in lines(text):
        if row := _GID_ROW.match(line):
            yield Gid(
                row["device"],
                int(row["port"]),
                int(row["index"]),
                row["ip"] or address_of(row["gid"]),
                int(row["version"]),
                row["netdev"],
                Spot(file, line=number),
            )


def address_of(gid: str) -> str:
    """The address that a GID spells: IPv4 where it is a mapped one. Text that spells none stays."""
    try:
        address = IPv6Address(gid)
    except AddressValueError:
        return gid
    return str(address.ipv4_mapped or address)


def is_devinfo(text: str) -> bool:
    return bool(_HCA.search(text))


def read_devinfo(file: str, text: str) -> tuple[tuple[Gid, ...], dict[str, Said[int]]]:
    """`ibv_devinfo -v`: GID tables, and the active MTU of each device in bytes."""
    device, port, mtus, gids = "", 1, {}, []
    for number, line in lines(text):
        spot = Spot(file, line=number)
        if found := _HCA.search(line):
            device = found[1]
        elif found := _RDMA_PORT.match(line):
            port = int(found[1])
        elif found := _ACTIVE_MTU.search(line):
            mtus[device] = Said(int(found[1]), spot)
        elif found := _DEVINFO_GID.search(line):
            gids.append(Gid(device, port, int(found[1]), address_of(found[2]), int(found[3] or 1), "", spot))
    return tuple(gids), mtus


def is_variables(text: str) -> bool:
    return any(_is_variable(line) for _, line in lines(text))


def _is_variable(line: str) -> bool:
    found = _VARIABLE.match(line)
    return bool(found and found[1].startswith(("NCCL_", "RCCL_", "UCX_", "NVSHMEM_")))


def read_variables(file: str, text: str) -> dict[str, Said[str]]:
    """`NAME=value` lines, as in nccl.conf or `env`; comments and everything else are passed over.

    Numbers of NCCL are as it reads them. A shell takes quotes away, NCCL does not where it reads nccl.conf itself: setEnvFile
    and ncclLoadParam in https://github.com/NVIDIA/nccl/blob/master/src/misc/param.cc.
    """
    found = {}
    of_nccl = file.endswith(_NCCL_CONF)
    for number, line in lines(text):
        if (variable := _VARIABLE.match(line)) and not line.lstrip().startswith("#"):
            name, value = variable[1], variable[2] if of_nccl else variable[2].strip("\"'")
            spelt = _number(value) if name in _NUMBERS else value.strip("\"'")
            if spelt is not None:
                found[name] = Said(spelt, Spot(file, line=number))
    return found


def _number(text: str) -> str | None:
    """What `strtoll(text, nullptr, 0)` makes of it: the number in front, in any of C's bases, else 0. No text is no value."""
    found = _NUMBER.match(text)
    if found is None:
        return "0" if text else None
    digits = ((found["hex"], 16), (found["octal"], 8), (found["decimal"], 10))
    value = next(int(each, base) for each, base in digits if each)
    return str(-value if found["sign"] == "-" else value)


def is_sysctl(text: str) -> bool:
    return any(re.match(r"\s*(net|kernel|vm)[./]", line) and "=" in line for _, line in lines(text))


def read_sysctl(file: str, text: str) -> dict[str, Said[str]]:
    """`sysctl -a`, or a file of sysctl.d: names with dots."""
    found = {}
    for number, line in lines(text):
        if setting := _SYSCTL.match(line):
            found[setting[1].replace("/", ".")] = Said(setting[2], Spot(file, line=number))
    return found


def is_ibdev2netdev(text: str) -> bool:
    return any(_IBDEV.match(line) for _, line in lines(text))


def read_ibdev2netdev(file: str, text: str) -> Iterator[tuple[str, str, Spot]]:
    """`ibdev2netdev`: (RDMA device, network device, place)."""
    for number, line in lines(text):
        if found := _IBDEV.match(line):
            yield found[1], found[3], Spot(file, line=number)


def is_driver(text: str) -> bool:
    return bool(_BUS.search(text))


def pci_of_driver(text: str) -> str:
    """The PCI address that `ethtool -i DEVICE` prints."""
    found = _BUS.search(text)
    return found[1] if found else ""


def is_ethtool(text: str) -> bool:
    return text.lstrip().startswith("Settings for ")


def read_ethtool(file: str, text: str) -> Iterator[tuple[str, int, Spot]]:
    """`ethtool DEVICE`, one or several after another: (network device, speed in Mb/s, place)."""
    netdev = ""
    for number, line in lines(text):
        if found := re.match(r"Settings for (\S+?):?\s*$", line):
            netdev = found[1]
        elif found := re.search(r"Speed:\s*(\d+)Mb/s", line):
            yield netdev, int(found[1]), Spot(file, line=number)


def is_topology(text: str) -> bool:
    return any(line.split()[:1] == ["GPU0"] for _, line in lines(text)) and "Legend" in text


def read_topology(text: str) -> dict[str, tuple[int, ...]]:
    """`nvidia-smi topo -m`: for each RDMA device the GPUs that are nearest to it, by the best kind of path that it has."""
    header: list[str] = []
    paths: dict[str, dict[int, str]] = {}
    names: dict[str, str] = {}
    for _, line in lines(text):
        words = line.split()
        if not header and "GPU0" in words:
            header = [word for word in words if re.fullmatch(r"(GPU|NIC)\d+|mlx5_\d+", word)]
        elif header and words and (gpu := re.fullmatch(r"GPU(\d+)", words[0])):
            for device, path in zip(header, words[1:], strict=False):
                if not device.startswith("GPU"):
                    paths.setdefault(device, {})[int(gpu[1])] = path
        elif named := re.match(r"\s*(NIC\d+):\s*(\S+)", line):
            names[named[1]] = named[2]
    return {names.get(device, device): _nearest(each) for device, each in paths.items()}


_NEAREST = ("PIX", "PXB", "PHB", "NODE", "SYS")


def _nearest(paths: dict[int, str]) -> tuple[int, ...]:
    best = min((_NEAREST.index(path) for path in paths.values() if path in _NEAREST), default=None)
    return tuple(gpu for gpu, path in paths.items() if best is not None and path == _NEAREST[best])
