"""To which device a file of a folder belongs, by where it lies: devices of one name are told apart by the folders above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count
from pathlib import PurePosixPath

_OF_SYSTEM = frozenset(("etc", "sonic", "frr", "sysctl.d", "usr", "share", "var", "proc", "sys", "tmp"))
"""Folders that every device has, as in a copy of its `/etc/sonic`: they name none."""
_CONFIG_DB = "config_db"


class Owners:
    """Names of devices. Folders of one last name are one device, unless both hold a file of one name: then they are two,
    and each is called by so much of its path as tells it apart.
    """

    def __init__(self, files: Iterable[str]) -> None:
        held: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for file in files:
            for place, within in ((device_folder(file), _within(file)), (_called(file), PurePosixPath(file).suffix)):
                held[PurePosixPath(place).name][place].add(within)
        self._names = {place: name for places in held.values() for place, name in _named(places).items()}

    def of(self, file: str) -> str:
        """The device of a file: its folder, else what its name begins with."""
        folder = device_folder(file)
        if folder:
            return self._names[folder]
        stem = PurePosixPath(file).name.partition(".")[0]
        return "switch" if stem == _CONFIG_DB else "host" if stem in ("nccl", "sysctl", "mlnx_qos") else stem

    def of_switch(self, file: str) -> str:
        """A switch's file is called as the switch, in whatever folder, or config_db.json in the folder of the switch."""
        stem = PurePosixPath(file).name.partition(".")[0]
        return self.of(file) if stem.startswith(_CONFIG_DB) else self._names[_called(file)]


def device_folder(file: str) -> str:
    """The folder of the device, without those that every device has; empty at the top."""
    parts = list(PurePosixPath(file).parent.parts)
    while parts and parts[-1] in _OF_SYSTEM:
        parts.pop()
    return "/".join(parts)


def _within(file: str) -> str:
    """The path of a file from the folder of its device on."""
    return file.removeprefix(device_folder(file)).lstrip("/")


def _called(file: str) -> str:
    """The path of a file without its endings, which is where a device of its name would lie."""
    path = PurePosixPath(file)
    return path.with_name(path.name.partition(".")[0] or path.name).as_posix()


def _named(places: dict[str, set[str]]) -> dict[str, str]:
    """The name of each place, of those with one last name."""
    alike = [file for files in places.values() for file in files]
    if len(alike) == len(set(alike)):
        return {place: PurePosixPath(place).name for place in places}
    for length in count(2):
        names = {place: "/".join(place.split("/")[-length:]) for place in places}
        if len(set(names.values())) == len(places):
            return names
    raise AssertionError("places differ, so their whole paths do")
